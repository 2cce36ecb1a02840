"""What a phone shows and what its next edit says: the second client on the vectors that the phone app runs too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.disk import Disk, Saved
from tests.simulator.phone import Form, Phone

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "overlay.json").read_text("utf-8")
)["cases"]
REFERENCES = ("household_id", "child_id", "parent_id", "carer_id", "helper_id")


class Classed(Phone):
    """The second client with the one thing a screen adds: records that are one are shown as one (PROTOCOL §3.7)."""

    def head(self, record: str) -> str:
        row = self.row(record)
        target = row[3].get("alias_of") if row else None
        return self.head(target) if target else record

    def open(self, record: str) -> Form:
        form = super().open(self.head(record))
        led = {k: self.head(v) for k, v in form.values.items() if k in REFERENCES}
        return replace(form, values={**form.values, **led})

    def _overlay(self) -> list[Saved]:
        """Own edits of a stub stand on the record that is shown for it; taking the stub away doesn't take that away."""
        return [
            replace(saved, changes=tuple(self._led(change) for change in saved.changes))
            for saved in super()._overlay()
        ]

    def _led(self, change: Mapping[str, Any]) -> Mapping[str, Any]:
        head = self.head(change["record"])
        if head == change["record"]:
            return change
        kept = {k: v for k, v in change["set"].items() if (k, v) != ("present", False)}
        return {**change, "record": head, "set": kept}


def kind_of(record: str) -> str:
    return record.rpartition("_")[0]


def disk_of(state: Mapping[str, Any]) -> Disk:
    """What a phone would keep after all that a case tells of it."""
    cursors = state["cursors"]
    disk = Disk("990000101201", "device", "token", "epoch", list(cursors), cursors=dict(cursors))
    disk.rows = {bucket: {row[0]: row for row in rows} for bucket, rows in state["rows"].items()}
    disk.limbo = {row[0]: (row, 0) for row in state.get("limbo", [])}
    disk.unfinished = set(state.get("more", []))
    disk.generation = state.get("generation", 1)
    for number, op in enumerate(state.get("ops", []), 1):
        rev = op.get("rev")
        changes = tuple({"type": kind_of(c["record"]), **c} for c in op["changes"])
        head = {"at": 0, "clock": 1, "contact": 0, "schema": ""}
        seq, generation = op["seq"], op.get("generation", 1)
        saved = Saved(number, generation, seq, head, changes, rev, tuple(op.get("was", ())))
        landed = op.get("landed", rev == 0 or disk.shows(saved))
        disk.saved.append(replace(saved, landed=landed))
        disk.seq, disk.number = seq, number
    return disk


def fields_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by key as the screen has them: a set as a sorted list, a list as entries by id."""
    fields: dict[str, Any] = {}
    for key, value in sorted(values.items()):
        name, _, part = key.partition("/")
        if not part:
            fields[name] = value
        elif value is True:
            fields.setdefault(name, []).append(part)
        else:
            fields.setdefault(name, {})[part] = value
    fields.pop("present", None)
    return fields


def changes_sent(phone: Phone, made: Saved) -> list[dict[str, Any]]:
    """The changes of an op as it goes over the wire, records spelled out; type and order don't matter here."""
    request = phone.request()
    sent = request["ops"][made.seq - request["first"]]["changes"]
    return [
        {k: v for k, v in change.items() if k != "type"}
        | {"record": request["ids"][change["record"]]}
        for change in sent
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_screen_and_next_edit_are_as_the_vectors_tell(case: dict[str, Any]) -> None:
    phone = Classed(disk_of(case["given"]), lambda: 0, lambda: 0)

    form = phone.open(case["open"])

    if case["shown"] is None:
        assert not form.values.get("present")
        return
    assert form.values.get("present")
    shown = {"id": form.record, "rev": form.base, "fields": fields_of(form.values)}
    expected = dict(case["shown"])
    assert form.contested == frozenset(expected.pop("contested", {}))
    pending = expected.pop("pending", False)
    on_overlay = [change for saved in phone._overlay() for change in saved.changes]
    touched = any(change["record"] == form.record for change in on_overlay)
    assert (shown, touched) == (expected, pending)
    if "edit" in case:
        phone.disk = disk_of(case.get("then", case["given"]))
        if not phone.disk.saved:  # an op that was undone has freed its number
            phone.disk.seq = phone.disk.number = 1
        made = phone.save((form, case["edit"]))
        by_base = {change["base"]: change for change in changes_sent(phone, made)}
        assert by_base == {change["base"]: change for change in case["changes"]}
