"""Taking ops in: load the working set, merge, store the write set. One transaction, a handful of statements.

`push` is a work (see server/database): it knows no driver. The village's row is locked first, so revisions are
given in commit order, and a reader that sees revision n sees everything up to n.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from server.database import Ask, Work, ask, ask_each
from sync import (
    PRESENT,
    Change,
    Digest,
    Malformed,
    Op,
    Record,
    Stamp,
    Verdict,
    canonical,
    corrected,
    must_settle,
)
from sync import verdict as verdict_of
from sync.wire import op_json, raw_json

from . import placement, rules
from . import statements as sql
from .placement import Home
from .working import Entry, apply, digests, load, rewrite, show, state_text


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An op that could not be read, kept as it came."""

    raw: Any
    problem: Malformed


@dataclass(frozen=True, slots=True)
class Batch:
    """What one device brings in one request."""

    device: str
    ops: Sequence[Op | Unreadable]
    arrival: int
    """Server clock, ms."""
    author: str
    """Name of the person, for history."""
    generation: int = 0
    first: int = 0
    """Seq of the first op; 0 lets the server number them (office, imports)."""
    offset: int | None = None
    """Server minus device clock, ms, for ops of the clock epoch `clock`."""
    clock: int = 0
    buckets: frozenset[str] | None = None
    """What the device may hold; None: everything (office, imports)."""
    role: str = ""
    """What the person may do; only looked at when `buckets` are given."""


@dataclass(slots=True)
class Pushed:
    """What became of a batch."""

    epoch: str
    head: int
    generation: int
    acked: int
    revs: list[int] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    revoked: bool = False
    applied: int = 0
    """Ops stored by this very batch; replays do not count."""
    changes: int = 0
    """Fields and events changed by this very batch."""

    def count(self, *verdicts: Verdict) -> int:
        return sum(v["verdict"] in verdicts for v in self.verdicts)


def push(village: str, batch: Batch) -> Work[Pushed]:
    """Take a batch in. Replays change nothing and are answered as before; a gap or a fork stores nothing."""
    [[epoch, head]] = yield ask(sql.LOCK_VILLAGE, v=village)
    [[generation, newest, last_at, revoked_at]] = yield ask(
        sql.DEVICE, v=village, device=batch.device
    )
    current, last = generation, newest
    if batch.first and batch.generation != generation:
        current = batch.generation
        [[found]] = yield ask(
            sql.LAST_SEQ, v=village, device=batch.device, generation=batch.generation
        )
        last = found or 0
    first = batch.first or last + 1
    answer = Pushed(epoch, head, current, last, revoked=bool(revoked_at))
    bodies = [_body(o) for o in batch.ops]
    hashes = [sha256(body).hexdigest()[:32] for body in bodies]
    old = max(0, min(last - first + 1, len(batch.ops)))
    if old:
        stored = yield ask(
            sql.OPS, v=village, device=batch.device, generation=current,
            first=first, last=first + old - 1,
        )  # fmt: skip
        known = {row[0]: row for row in stored}
        if any(known[first + i][2] != hashes[i] for i in range(old)):
            return (yield from _fork(village, batch, generation, answer))
        for i in range(old):
            answer.revs.append(known[first + i][1])
            answer.verdicts.extend(json.loads(known[first + i][3]))
    if first > last + 1 or old == len(batch.ops):
        return answer
    work = _Merge(village, batch, answer, head)
    yield from work.load(batch.ops[old:])
    for i in range(old, len(batch.ops)):
        last_at = work.take(batch.ops[i], first + i, bodies[i].decode(), hashes[i], last_at)
    yield from work.store()
    answer.acked = first + len(batch.ops) - 1
    answer.head = work.head
    yield ask(
        sql.SET_DEVICE, v=village, device=batch.device,
        new_generation=max(current, generation),
        new_seq=answer.acked if current >= generation else newest,
        new_at=last_at,
    )  # fmt: skip
    return answer


def _body(op: Op | Unreadable) -> bytes:
    return raw_json(op.raw) if isinstance(op, Unreadable) else canonical(op_json(op))


def _fork(village: str, batch: Batch, generation: int, answer: Pushed) -> Work[Pushed]:
    """Same seq, other content: a cloned or rolled back phone goes on in a new generation (§3.5)."""
    answer.generation = max(generation, batch.generation) + 1
    answer.acked = 0
    answer.revs.clear()
    answer.verdicts.clear()
    yield ask(
        sql.SET_DEVICE, v=village, device=batch.device, new_generation=answer.generation,
        new_seq=0, new_at=0,
    )  # fmt: skip
    return answer


class _Merge:
    """One push under way: the working set, and what is to be written."""

    def __init__(self, village: str, batch: Batch, answer: Pushed, head: int) -> None:
        self.village = village
        self.batch = batch
        self.answer = answer
        self.head = head
        self.entries: dict[str, Entry] = {}
        self.counters: dict[str, int] = {}
        self.op_rows: list[dict[str, Any]] = []

    # Loading

    def load(self, ops: Sequence[Op | Unreadable]) -> Work[None]:
        """Everything the ops touch or refer to."""
        changes = [c for op in ops if isinstance(op, Op) for c in op.changes]
        ids = {c.record for c in changes} | {r for c in changes for r in _references(c)}
        yield from self._fetch(sql.RECORDS, ids=sorted(ids))
        grids = {c.set["grid_code"] for c in changes if isinstance(c.set.get("grid_code"), str)}
        names = sorted(
            {f"{rules.NUMBERED[c.type]}" for c in changes if c.type == "child"}
            | {f"household_no {code}" for code in grids}
        )
        if names:
            rows = yield ask(sql.COUNTERS, v=self.village, names=names)
            self.counters = dict.fromkeys(names, 0) | {row[0]: row[1] for row in rows}

    def _fetch(self, statement: Any, **listed: list[str]) -> Work[list[Entry]]:
        """Load records that are not in the working set yet, with their extra buckets."""
        if not any(listed.values()):
            return []
        rows = yield ask(statement, v=self.village, **listed)
        fresh = [load(row) for row in rows if row[0] not in self.entries]
        self.entries.update((entry.id, entry) for entry in fresh)
        shared = [row[0] for row in rows if row[7]]
        if shared:
            members = yield ask(sql.MEMBERS, v=self.village, ids=shared)
            for id, bucket, _rev, present in members:
                if self.entries[id] in fresh:
                    self.entries[id].members[bucket] = bool(present)
                    self.entries[id].was_members[bucket] = bool(present)
        return fresh

    # Merging, in memory

    def take(self, op: Op | Unreadable, seq: int, body: str, hash: str, floor: int) -> int:
        """One op: merge it or keep it aside; note it for the log. Returns its corrected time."""
        batch = self.batch
        found: list[dict[str, Any]] = []
        given: dict[str, dict[str, Any]] = {}
        rev, at = 0, floor
        if isinstance(op, Unreadable):
            found.append(_said(seq, op.problem.change, None, Verdict.MALFORMED, op.problem.reason))
        else:
            offset = batch.offset if op.clock == batch.clock else None
            at = corrected(
                op.at, offset=offset, contact=op.contact, arrival=batch.arrival, floor=floor
            )
            reason = self._refused(op)
            if reason:
                found.append(_said(seq, -1, None, Verdict.QUARANTINED, reason))
            else:
                rev = self.head = self.head + 1
                for place, change in enumerate(op.changes):
                    found += self._merge(change, place, rev, at, seq, given)
        self.answer.revs.append(rev)
        self.answer.verdicts += found
        self.answer.applied += 1
        self.op_rows.append(
            {
                "village": self.village, "device": batch.device, "generation": self.answer.generation,
                "seq": seq, "rev": rev, "at": at, "received_at": batch.arrival,
                "author": batch.author, "hash": hash, "body": body,
                "given": canonical(given).decode() if given else "{}",
                "verdicts": canonical(found).decode() if found else "[]",
            }
        )  # fmt: skip
        return at

    def _refused(self, op: Op) -> str | None:
        """Why an op has to wait for the office instead of being applied; None for most."""
        if self.answer.revoked:
            return "revoked"
        batch, buckets = self.batch, self.batch.buckets
        if buckets is None:
            return None
        made = {c.record for c in op.changes if c.record not in self.entries}
        for change in op.changes:
            entry = self.entries.get(change.record)
            creating = entry is None or entry.record is None
            if creating:
                near = [t for t in _references(change) if t in self.entries and t not in made]
                held = all(self._in_scope(self.entries[t], buckets) for t in near)
            else:
                assert entry is not None
                held = self._in_scope(entry, buckets)
            if not held:
                return "out_of_scope"
            may = rules.may_set
            if not all(may(batch.role, change.type, k, creating=creating) for k in change.set):
                return "not_allowed"
        return None

    def _in_scope(self, entry: Entry, buckets: frozenset[str]) -> bool:
        """Whether a device with these buckets holds a record."""
        if entry.home is None or entry.home.bucket in buckets:
            return True
        return any(present and b in buckets for b, present in entry.members.items())

    def _merge(
        self, change: Change, place: int, rev: int, at: int, seq: int,
        given: dict[str, dict[str, Any]],
    ) -> list[dict[str, Any]]:  # fmt: skip
        entry = self.entries.get(change.record)
        if entry is None:
            entry = self.entries[change.record] = Entry(change.record, change.type)
            extra = self._given(change)
            if extra:
                given[change.record] = extra
                change = Change(change.record, change.type, change.base, {**change.set, **extra})
        elif entry.type != change.type:
            return [_said(seq, place, None, Verdict.MALFORMED, "wrong_type")]
        elif rules.is_event(change.type) and entry.record is not None:
            return [_said(seq, place, None, Verdict.MALFORMED, "immutable")]
        base = (
            change.base if change.base < rev else 0
        )  # from the future: concurrent with everything
        stamp = Stamp(rev, base, at, self.batch.device, self.answer.generation, seq)
        apply(entry, change, stamp)
        self.answer.changes += 1 if rules.is_event(change.type) else len(change.set)
        assert entry.record is not None
        keys = [*change.set, PRESENT] if PRESENT in entry.record.edits else [*change.set]
        if not any(_may_be_contested(entry.record, key) for key in keys):
            return []
        shown = show(entry)
        verdicts = ((k, verdict_of(entry.record, k, shown, rules.policy)) for k in keys)
        return [_said(seq, place, k, v) for k, v in verdicts if v is not Verdict.APPLIED]

    def _given(self, change: Change) -> dict[str, Any]:
        """What the server adds to a record it accepts: numbers for people, and who recorded an event."""
        if rules.is_event(change.type):
            return {"recorded_by": self.batch.author}
        field_name = rules.NUMBERED.get(change.type)
        if field_name is None or change.set.get(field_name):
            return {}
        code = change.set.get("grid_code")
        name = f"household_no {code}" if change.type == "household" else field_name
        if name not in self.counters:
            return {}
        self.counters[name] += 1
        number = self.counters[name]
        return {
            field_name: f"{code}{number:03d}" if change.type == "household" else f"{number:04d}"
        }

    # Storing

    def store(self) -> Work[None]:
        """Place what was touched, rewrite its rows, and write everything back."""
        touched = [e for e in self.entries.values() if e.revs]
        for entry in touched:
            rewrite(entry, entry.revs[-1])
        for entry in touched:
            self._place(entry, set())
        moved = yield from self._move_households(touched)
        shared = yield from self._share(touched)
        changed = {e.id: e for e in (*touched, *moved, *shared)}.values()
        yield from self._write(list(changed))

    def _place(self, entry: Entry, seen: set[str]) -> Home:
        """The home of a touched record, after the homes of what it refers to."""
        if entry.id in seen:
            return entry.home or Home(placement.OFFICE, entry.id)
        seen.add(entry.id)

        def find(id: str) -> Home | None:
            other = self.entries.get(id)
            if other is None or other.record is None:
                return None
            return self._place(other, seen) if other.revs else other.home

        targets = [entry.fields.get(name) for name in placement.references(entry.type)]
        if entry.was_home is not None and targets and not any(t in self.entries for t in targets):
            return entry.was_home  # what it refers to was not loaded, so it has not moved
        entry.home = placement.home(entry.id, entry.type, entry.fields, find)
        return entry.home

    def _move_households(self, touched: list[Entry]) -> Work[list[Entry]]:
        """When a household changes its grid, everything homed with it follows."""
        roots = [
            e.id for e in touched
            if e.was_home is not None and e.home != e.was_home and e.type == "household"
        ]  # fmt: skip
        if not roots:
            return []
        yield from self._fetch(sql.RECORDS_OF_ROOTS, roots=roots)
        followers = [
            e for e in self.entries.values()
            if e.home is not None and e.home.root in roots and not e.revs
        ]  # fmt: skip
        for follower in followers:
            assert follower.home is not None
            root = self.entries[follower.home.root]
            assert root.home is not None
            follower.home = Home(root.home.bucket, follower.home.root)
            rewrite(follower, root.revs[-1])
        return followers

    def _share(self, touched: list[Entry]) -> Work[list[Entry]]:
        """Put what paired helpers need into their buckets, and take it out again."""
        known = {e.home.root for e in self.entries.values() if e.shared and e.home is not None}
        roots = {
            e.home.root for e in touched
            if e.home is not None and (e.type == "pairing" or e.home.root in known)
        }  # fmt: skip
        if not roots:
            return []
        yield from self._fetch(sql.RECORDS_OF_ROOTS, roots=sorted(roots))
        changed: list[Entry] = []
        for root in sorted(roots):
            group = {
                e.id: e for e in self.entries.values()
                if e.home is not None and e.home.root == root and e.record is not None
            }  # fmt: skip
            wanted = placement.helper_buckets(
                {id: (e.type, e.fields) for id, e in group.items() if e.present}
            )
            yield from self._fetch(sql.RECORDS, ids=sorted(set(wanted) - set(self.entries)))
            for id in {*wanted, *group}:
                entry = self.entries.get(id)
                if entry is None or entry.record is None:
                    continue
                buckets = wanted.get(id, set())
                before = dict(entry.members)
                for bucket in [*entry.members]:
                    if bucket.startswith("helper:"):
                        entry.members[bucket] = bucket in buckets
                entry.members.update(dict.fromkeys(buckets, True))
                if entry.members != before:
                    if not entry.revs:
                        rewrite(entry, self.head)
                    changed.append(entry)
        return changed

    def _write(self, changed: list[Entry]) -> Work[None]:
        here = self.village
        touches: list[dict[str, Any]] = []
        members: list[dict[str, Any]] = []
        records: list[dict[str, Any]] = []
        sums: dict[str, tuple[Digest, int]] = {}
        for entry in changed:
            assert entry.home is not None
            assert entry.row is not None
            assert entry.record is not None
            rev = entry.row[2]
            if entry.was_home is not None and entry.was_home.bucket != entry.home.bucket:
                entry.members[entry.was_home.bucket] = False
            entry.members.pop(entry.home.bucket, None)
            # Members follow every change of their record; one that has left keeps the rev at which it left.
            members += [
                {"village": here, "record": entry.id, "bucket": b, "rev": rev, "present": p}
                for b, p in entry.members.items()
                if p or entry.was_members.get(b) is not False
            ]
            touches += [
                {"village": here, "record": entry.id, "rev": r}
                for r in entry.revs
                if r != entry.born
            ]
            records.append(
                {
                    "village": here, "id": entry.id, "type": entry.type,
                    "bucket": entry.home.bucket, "root": entry.home.root, "rev": rev,
                    "born": entry.born, "present": entry.present, "shared": entry.shared,
                    "row": entry.row_text, "state": state_text(entry.record),
                }
            )  # fmt: skip
            before = digests(entry.was_row, entry.was_home, entry.was_present, entry.was_members)
            after = digests(entry.row, entry.home, entry.present, entry.members)
            for bucket in {*before, *after}:
                total, rows = sums.get(bucket, (Digest(), 0))
                if bucket in before:
                    total, rows = total.minus(before[bucket]), rows - 1
                if bucket in after:
                    total, rows = total.plus(after[bucket]), rows + 1
                sums[bucket] = (total, rows)
        yield from self._reviews(changed)
        yield from _all(
            [
                (sql.PUT_RECORD, records),
                (sql.NEW_OP, self.op_rows),
                (sql.PUT_TOUCH, touches),
                (sql.PUT_MEMBER, members),
                (
                    sql.PUT_COUNTER,
                    [{"village": here, "name": n, "value": v} for n, v in self.counters.items()],
                ),
            ]
        )
        yield from self._digests(sums)
        yield ask(sql.SET_HEAD, v=here, head=self.head)

    def _digests(self, sums: dict[str, tuple[Digest, int]]) -> Work[None]:
        if not sums:
            return
        rows = yield ask(sql.DIGESTS, v=self.village, buckets=sorted(sums))
        stored = {bucket: (Digest.from_hex(text), count) for bucket, text, count, _rev in rows}
        written = []
        for bucket, (change, count) in sums.items():
            total, held = stored.get(bucket, (Digest(), 0))
            written.append(
                {
                    "village": self.village, "bucket": bucket, "digest": total.plus(change).hex(),
                    "rows": held + count, "rev": self.head,
                }
            )  # fmt: skip
        yield ask_each(sql.PUT_DIGEST, written)

    def _reviews(self, changed: list[Entry]) -> Work[None]:
        """Open a review for each key that became contested, close those that were settled."""
        now = {e.id: _contested(e.row) for e in changed}
        before = {e.id: _contested(e.was_row) for e in changed}
        doubtful = [e for e in changed if now[e.id] or before[e.id]]
        rows: list[dict[str, Any]] = []
        if doubtful:
            found = yield ask(sql.REVIEWS_OF, v=self.village, ids=[e.id for e in doubtful])
            opened = {
                (record, key): (rev, at) for _, record, key, rev, at, closed in found if not closed
            }
            for entry in doubtful:
                assert entry.record is not None
                assert entry.row is not None
                for key in {*now[entry.id], *before[entry.id]}:
                    rev, at = opened.get((entry.id, key), (entry.row[2], self.batch.arrival))
                    rows.append(
                        {
                            "village": self.village, "kind": "conflict", "record": entry.id,
                            "key": key, "type": entry.type,
                            "required": must_settle(entry.record, key, rules.policy),
                            "opened_rev": rev, "opened_at": at,
                            "closed_rev": 0 if key in now[entry.id] else entry.row[2],
                        }
                    )  # fmt: skip
        rows += [
            {
                "village": self.village, "kind": "quarantine", "record": row["device"],
                "key": f"{row['generation']}/{row['seq']}", "type": "", "required": True,
                "opened_rev": self.head, "opened_at": self.batch.arrival, "closed_rev": 0,
            }
            for row in self.op_rows if not row["rev"]
        ]  # fmt: skip
        if rows:
            yield ask_each(sql.PUT_REVIEW, rows)


def _references(change: Change) -> Iterable[str]:
    """Records that decide where a new record lives."""
    for name in placement.references(change.type):
        target = change.set.get(name)
        if isinstance(target, str):
            yield target


def _may_be_contested(record: Record, key: str) -> bool:
    """A cheap look before the whole record is folded: most keys have one edit and no rivals."""
    edits = record.maximal(key)
    return key == PRESENT or len(edits) > 1 or (len(edits) == 1 and type(edits[0].value) is dict)


def _contested(row: list[Any] | None) -> dict[str, Any]:
    return row[4] if row is not None and len(row) > 4 else {}


def _said(
    seq: int, place: int, key: str | None, verdict: Verdict, reason: str | None = None
) -> dict[str, Any]:
    said: dict[str, Any] = {"seq": seq, "change": place, "verdict": str(verdict)}
    if key is not None:
        said["key"] = key
    if reason is not None:
        said["reason"] = reason
    return said


def _all(writes: list[tuple[Any, list[dict[str, Any]]]]) -> Work[None]:
    for statement, rows in writes:
        if rows:
            yield Ask(statement, rows)
