"""What the office reads: rows, the history of a record, what is contested, what came in tonight."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from server.database import Work, ask
from sync import PRESENT, Edit, Stamp, field_of, is_contested, pick

from . import rules
from . import statements as sql
from .working import load

DAY_MS = 86_400_000


class Village(msgspec.Struct, frozen=True):
    """A village: the tenant."""

    code: str
    name: str
    epoch: str
    rev: int
    demo: bool
    created_at: int


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


def _row(text: str, bucket: str, present: bool = True) -> Row:
    id, type, rev, fields, *contested = json.loads(text)
    return Row(id, type, rev, bucket, fields, contested[0] if contested else {}, bool(present))


def villages() -> Work[list[Village]]:
    return [Village(*row) for row in (yield ask(sql.VILLAGES))]


def village(code: str) -> Work[Village | None]:
    rows = yield ask(sql.VILLAGE, v=code)
    return Village(*rows[0]) if rows else None


def rows(code: str, types: Sequence[str], bucket: str | None) -> Work[list[Row]]:
    found = yield ask(sql.ROWS_OF_TYPES, v=code, types=list(types))
    return [_row(*row) for row in found if bucket is None or row[1] == bucket]


def rows_by_id(code: str, ids: Sequence[str]) -> Work[dict[str, Row]]:
    found = yield ask(sql.ROWS_BY_ID, v=code, ids=list(ids))
    return {row.id: row for row in (_row(*columns) for columns in found)}


def related(code: str, household_id: str) -> Work[list[Row]]:
    return [_row(*row) for row in (yield ask(sql.ROWS_OF_ROOT, v=code, root=household_id))]


def history(code: str, id: str) -> Work[list[HistoryEdit]]:
    """Every edit of a record, oldest first, from the log."""
    born = yield ask(sql.RECORD_REVS, v=code, id=id)
    if not born:
        return []
    touches = yield ask(sql.TOUCHES, v=code, id=id)
    [stored] = yield ask(sql.RECORDS, v=code, ids=[id])
    record = load(stored).record
    assert record is not None
    revs = [born[0][0], *(rev for (rev,) in touches)]
    ops = yield ask(sql.OPS_BY_REV, v=code, revs=revs)
    edits: list[HistoryEdit] = []
    for rev, device, generation, seq, at, received_at, author, body, given, label in ops:
        added = json.loads(given).get(id, {})
        for change in json.loads(body)["changes"]:
            if change["record"] != id:
                continue
            base = change["base"] if change["base"] < rev else 0
            stamp = Stamp(rev, base, at, device, generation, seq)
            for key, value in (change["set"] | added).items():
                edits.append(
                    HistoryEdit(
                        key=key, value=value, base=base, rev=rev, at=at, received_at=received_at,
                        device=device, device_label=label or device, author=author,
                        maximal=any(e.stamp == stamp for e in record.maximal(key)),
                    )
                )  # fmt: skip
    return edits


def siblings(code: str, id: str, key: str) -> Work[Siblings | None]:
    """A key's maximal edits with the edit that they all replaced."""
    stored = yield ask(sql.RECORDS, v=code, ids=[id])
    if not stored:
        return None
    entry = load(stored[0])
    assert entry.record is not None
    kept: Sequence[Edit] = entry.record.maximal(key)
    if not kept:
        return None
    past = [e for e in (yield from history(code, id)) if e.key == key]
    edits = [e for e in past if e.maximal]
    seen_by_all = min(e.base for e in edits) if edits else 0
    before = [e for e in past if not e.maximal and e.rev <= seen_by_all]
    policy = rules.policy(entry.type, field_of(key))
    return Siblings(
        key=key,
        policy="hold" if key == PRESENT else policy.name,
        rev=entry.record.rev,
        shown=pick(kept, policy, element="/" in key).value if is_contested(kept) else kept[0].value,
        base=before[-1] if before else None,
        edits=edits,
    )


def reviews(code: str) -> Work[list[Review]]:
    found = yield ask(sql.REVIEWS, v=code)
    return [
        Review(kind, record, type, key, bool(required), rev, at)
        for kind, record, type, key, required, rev, at in found
    ]


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
