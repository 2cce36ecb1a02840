"""What the office reads: rows, the history of a record, what is contested, what came in tonight."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from server.database import Work, ask
from sync import PRESENT, Edit, Record, class_record, edge_of, field_of, is_contested, pick

from . import rules
from . import statements as sql
from .classes import ALIAS
from .own_forms import known
from .text import parsed
from .working import Entry, load

DAY_MS = 86_400_000


class Village(msgspec.Struct, frozen=True):
    """A village: the tenant."""

    code: str
    name: str
    epoch: str
    rev: int
    demo: bool
    created_at: int
    forms: str = ""
    """Changes with each of its own forms."""


class Row(msgspec.Struct, frozen=True):
    """A record as the office sees it."""

    id: str
    type: str
    rev: int
    bucket: str
    fields: dict[str, Any]
    """Shown values: sets as sorted lists, lists as entry id -> entry."""
    contested: dict[str, list[Any]]
    """Key -> the other values that differ."""
    present: bool = True


class HistoryEdit(msgspec.Struct, frozen=True):
    """One value somebody gave a key, and who, when, from which phone."""

    key: str
    value: Any
    base: int
    rev: int
    at: int
    """Corrected time, ms."""
    received_at: int
    device: str
    device_label: str
    author: str
    maximal: bool
    """Whether no other edit has seen and replaced it."""
    contact: int = 0
    """When that device had last heard the server, ms: `at` lies between this and `received_at`; 0 when never."""
    form: str = ""
    """The type of the event saved in the same op, such as the survey that changed the file; '' for none."""


class Origin(msgspec.Struct, frozen=True):
    """Who made a record, when, and on what: a phone, the office, or an imported list."""

    author: str
    at: int
    kind: str
    """`phone`, `office`, `import`, `demo`."""
    label: str
    """The device's name; of an import the file's."""


class Review(msgspec.Struct, frozen=True):
    """Something that waits for the office, or stands for information."""

    kind: str
    """`conflict`, or `quarantine` (then `record` is a device and `key` is generation/seq)."""
    record: str
    type: str
    key: str
    required: bool
    opened_rev: int
    opened_at: int


class Quarantined(msgspec.Struct, frozen=True):
    """An op that is kept aside: who, when, why, and what it would change."""

    device: str
    author: str
    at: int
    reason: str
    changes: list[dict[str, Any]]
    """As on the wire, with ids spelled out; empty if it cannot be read."""
    raw: str = ""
    """What came, if it cannot be read."""


class Siblings(msgspec.Struct, frozen=True):
    """A contested key: the values side by side, and what both of them replaced."""

    key: str
    policy: str
    rev: int
    """The record's rev: the base of an edit that settles it."""
    shown: Any
    base: HistoryEdit | None
    edits: list[HistoryEdit]
    """The maximal edits, oldest first."""


class Receipt(msgspec.Struct, frozen=True):
    """What one device brought and fetched since some instant, and when both ends last agreed."""

    device: str
    label: str
    kind: str
    author: str
    first_at: int
    last_at: int
    ops: int
    changes: int
    conflicts: int
    held: int
    refused: int
    rows_sent: int
    seen_at: int
    agreed_at: int
    agreed_rev: int
    silent_days: int


def row_of(text: str, bucket: str, present: bool = True) -> Row:
    id, type, rev, fields, *contested = parsed(text)
    return Row(id, type, rev, bucket, fields, contested[0] if contested else {}, bool(present))


def villages() -> Work[list[Village]]:
    return [Village(*row) for row in (yield ask(sql.VILLAGES))]


def village(code: str) -> Work[Village | None]:
    rows = yield ask(sql.VILLAGE, v=code)
    if not rows:
        return None
    found = Village(*rows[0])
    yield from known(code, found.forms)
    return found


def rows(code: str, types: Sequence[str], bucket: str | None) -> Work[list[Row]]:
    """Records of some types. Of records that are one, only the one that stands for them, and references lead there."""
    found = yield ask(sql.ROWS_OF_TYPES, v=code, types=list(types))
    stands_for = yield from stubs(code)
    shown = [row_of(*row) for row in found if bucket is None or row[1] == bucket]
    return [resolved(row, stands_for) for row in shown if row.id not in stands_for]


def rows_by_id(code: str, ids: Sequence[str]) -> Work[dict[str, Row]]:
    """Records by id; who asks for one that another stands for gets that other."""
    stands_for = yield from stubs(code)
    wanted = {id: stands_for.get(id, id) for id in ids}
    found = yield ask(sql.ROWS_BY_ID, v=code, ids=sorted(set(wanted.values())))
    shown = {row.id: resolved(row, stands_for) for row in (row_of(*columns) for columns in found)}
    return {id: shown[target] for id, target in wanted.items() if target in shown}


def related(code: str, household_id: str) -> Work[list[Row]]:
    """A household and everything that lives with it, or with one that it stands for."""
    stands_for = yield from stubs(code)
    head = stands_for.get(household_id, household_id)
    roots = [head, *(id for id, other in stands_for.items() if other == head)]
    found = yield ask(sql.ROWS_OF_ROOTS, v=code, roots=roots)
    shown = [row_of(*row) for row in found]
    return [resolved(row, stands_for) for row in shown if row.id not in stands_for]


def changes(code: str, type: str, since: int, until: int) -> Work[int]:
    """How often records of a type were changed after they were made."""
    [[count]] = yield ask(sql.CHANGES_OF_TYPE, v=code, of_type=type, since=since, until=until)
    return int(count)


def last_changed(code: str, types: Sequence[str]) -> Work[dict[str, int]]:
    """When each record of some types was last changed, by id: the arrival (ms) of the last op that touched it."""
    return {id: int(at) for id, at in (yield ask(sql.LAST_CHANGED, v=code, types=list(types)))}


def absorbed(code: str, id: str) -> Work[list[str]]:
    """The other records that this one stands for, eldest first."""
    stands_for = yield from stubs(code)
    return sorted(other for other, head in stands_for.items() if head == id)


def origins(code: str, ids: Sequence[str]) -> Work[dict[str, Origin]]:
    """Where records come from, each by its own id even when another stands for it."""
    return {
        id: Origin(author, at, kind or "", label or "")
        for id, author, at, kind, label in (yield ask(sql.ORIGINS, v=code, ids=sorted(set(ids))))
    }


def stubs(code: str) -> Work[dict[str, str]]:
    """Record -> the other that stands for it."""
    return {row[0]: row[1] for row in (yield ask(sql.STUBS, v=code))}


def resolved(row: Row, stands_for: Mapping[str, str]) -> Row:
    moved = {
        name: stands_for[value]
        for name, value in row.fields.items()
        if name.endswith("_id") and isinstance(value, str) and value in stands_for
    }
    return msgspec.structs.replace(row, fields=row.fields | moved) if moved else row


def history(code: str, id: str) -> Work[list[HistoryEdit]]:
    """Every edit of a record and of those it stands for, oldest first, from the log."""
    members = yield from _members(code, id)
    if not members:
        return []
    names = {entry.id for entry in members}
    touches = yield ask(sql.TOUCHES, v=code, ids=sorted(names))
    revs = sorted({entry.born for entry in members} | {rev for (rev,) in touches})
    view = _view(members)
    ops = yield ask(sql.OPS_BY_REV, v=code, revs=revs)
    edits: list[HistoryEdit] = []
    for rev, _was, device, generation, seq, at, received_at, author, body, given, label in ops:
        added, op = json.loads(given), json.loads(body)
        form = next((c["type"] for c in op["changes"] if rules.is_event(c["type"])), "")
        for change in op["changes"]:
            if change["record"] not in names:
                continue
            base = change["base"] if change["base"] < rev else 0
            dot = (device, generation, seq)
            for key, value in (change["set"] | added.get(change["record"], {})).items():
                edits.append(
                    HistoryEdit(
                        key=key, value=value, base=base, rev=rev, at=at, received_at=received_at,
                        device=device, device_label=label or device, author=author,
                        maximal=any(
                            (e.stamp.device, e.stamp.generation, e.stamp.seq) == dot
                            and e.value == value
                            for e in view.maximal(key)
                        ),
                        contact=op.get("contact", 0), form=form,
                    )
                )  # fmt: skip
    return edits


def siblings(code: str, id: str, key: str) -> Work[Siblings | None]:
    """A key's maximal edits with the edit that they all replaced."""
    members = yield from _members(code, id)
    if not members:
        return None
    view = _view(members)
    kept: Sequence[Edit] = view.maximal(key)
    if not kept:
        return None
    past = [e for e in (yield from history(code, id)) if e.key == key]
    edits = [e for e in past if e.maximal]
    seen_by_all = min(e.base for e in edits) if edits else 0
    before = [e for e in past if not e.maximal and e.rev <= seen_by_all]
    policy = rules.policy(view.type, field_of(key))
    best = pick(kept, policy, element="/" in key) if is_contested(kept) else kept[0]
    return Siblings(
        key=key,
        policy="hold" if key == PRESENT else policy.name,
        rev=max(entry.row[2] for entry in members if entry.row is not None),
        shown=best.value,
        base=before[-1] if before else None,
        edits=edits,
    )


def _members(code: str, id: str) -> Work[list[Entry]]:
    """A record, or all records of its class and the aliases that join them."""
    found = [load(row) for row in (yield ask(sql.RECORDS, v=code, ids=[id]))]
    if found and found[0].alias_of and found[0].type != ALIAS:
        rows = yield ask(sql.RECORDS_OF_CLASSES, v=code, heads=[found[0].alias_of])
        found = [load(row) for row in rows]
    return [e for e in found if e.record is not None and (len(found) == 1 or e.type != ALIAS)] + [
        e for e in found if len(found) > 1 and e.type == ALIAS
    ]


def _view(entries: Sequence[Entry]) -> Record:
    if len(entries) == 1:
        assert entries[0].record is not None
        return entries[0].record
    edges = [edge for e in entries if e.type == ALIAS and e.record and (edge := edge_of(e.record))]
    return class_record([e.record for e in entries if e.type != ALIAS and e.record], edges)


def reviews(code: str) -> Work[list[Review]]:
    found = yield ask(sql.REVIEWS, v=code)
    return [
        Review(kind, record, type, key, bool(required), rev, at)
        for kind, record, type, key, required, rev, at in found
    ]


def quarantined(code: str, device: str, generation: int, seq: int) -> Work[Quarantined | None]:
    found = yield ask(sql.QUARANTINED_OP, v=code, device=device, generation=generation, seq=seq)
    if not found:
        return None
    body, at, author, verdicts, _ = found[0]
    op = json.loads(body)
    readable = isinstance(op, dict) and not any(
        v["verdict"] == "malformed" for v in json.loads(verdicts)
    )
    reason = json.loads(verdicts)[0].get("reason", "")
    changes, raw = (op["changes"], "") if readable else ([], body)
    return Quarantined(device, author, at, reason, changes, raw)


def dismiss(code: str, device: str, generation: int, seq: int) -> Work[None]:
    [[_, _, _, head, *_]] = yield ask(sql.VILLAGE, v=code)
    yield ask(
        sql.CLOSE_REVIEW, v=code, of_kind="quarantine", of=device, of_key=f"{generation}/{seq}",
        at_rev=head,
    )  # fmt: skip


def receipts(code: str, since: int, now: int) -> Work[list[Receipt]]:
    """One per phone that is enrolled; those that were silent since then have zeros."""
    sums = {row[0]: row[1:] for row in (yield ask(sql.RECEIPTS, v=code, since=since))}
    found: list[Receipt] = []
    for id, label, kind, seen_at, agreed_at, agreed_rev, author in (yield ask(sql.DEVICES, v=code)):
        if kind != "phone":
            continue
        first_at, last_at, ops, changes, conflicts, held, refused, rows_sent = (
            int(n) for n in sums.get(id, (0,) * 8)
        )
        silent = (now - seen_at) // DAY_MS if seen_at else 0
        found.append(
            Receipt(
                id,
                label,
                kind,
                author or "",
                first_at,
                last_at,
                ops,
                changes,
                conflicts,
                held,
                refused,
                rows_sent,
                seen_at,
                agreed_at,
                agreed_rev,
                silent,
            )
        )
    return sorted(found, key=lambda r: (-r.last_at, r.label))
