"""Merging a batch in memory: what it needs is loaded first, what changed is written afterwards (storing.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from server.database import Work, ask
from sync import (
    PRESENT,
    Change,
    Op,
    Prev,
    Record,
    Stamp,
    Verdict,
    class_record,
    corrected,
    edge_of,
    field_of,
    is_contested,
)
from sync import verdict as verdict_of
from sync.wire import op_from_json

from . import placement, rules
from . import statements as sql
from .batch import Batch, Pushed, Unreadable, said
from .classes import ALIAS, ends
from .lineage import lost_numbers
from .text import parsed, text
from .working import Entry, apply, load, show


class Twin(NamedTuple):
    """An op that is merged already, and that a clone of its phone brings in another generation."""

    generation: int
    seq: int
    rev: int
    verdicts: list[dict[str, Any]]


class Merging:
    """One push under way: the working set, and the log entries to be written."""

    def __init__(self, village: str, batch: Batch, answer: Pushed, head: int) -> None:
        self.village = village
        self.batch = batch
        self.answer = answer
        self.head = head
        self.entries: dict[str, Entry] = {}
        self.counters: dict[str, int] = {}
        self.op_rows: list[dict[str, Any]] = []
        self.released: dict[str, Any] = {}
        """What the log is to hold of an op that leaves quarantine."""
        self._lineages: list[tuple[int, int]] = []
        self._aside: dict[tuple[int, int], Op] = {}
        """The device's ops that are stored and not applied, by generation and seq."""
        self._twins: dict[str, Twin] = {}
        """By hash."""
        self._copies: dict[tuple[int, int], tuple[int, int]] = {}
        """The device's ops that came again in another generation -> the ones that were merged."""
        self._classes: set[str] = set()
        self._is_helper = any(bucket.startswith("helper:") for bucket in batch.buckets or ())

    # Loading

    def load(self, ops: Sequence[Op | Unreadable]) -> Work[None]:
        """Everything the ops touch or refer to."""
        changes = [c for op in ops if isinstance(op, Op) for c in op.changes]
        ids = {c.record for c in changes}.union(*map(self._near, changes))
        yield from self.fetch(sql.RECORDS, ids=sorted(ids))
        if any(c.type == ALIAS for c in changes):
            known = (e.record for e in self.entries.values() if e.type == ALIAS)
            edges = [edge_of(alias) for alias in known if alias is not None]
            joined = {end for c in changes if c.type == ALIAS for end in ends(c.set)}
            joined |= {end for edge in edges if edge for end in (edge.a, edge.b)}
            yield from self.fetch(sql.RECORDS, ids=sorted(joined - self.entries.keys()))
            # Edges that ended still say who had been shown whom.
            yield from self.fetch(sql.RECORDS_OF_CLASSES, heads=sorted(joined))
            # Apart again, each goes home to what its own record refers to, which the class may not have shown.
            homes = {
                edit.value
                for e in self.entries.values()
                if e.record is not None
                for name in placement.references(e.type)
                for edit in e.record.maximal(name)
                if isinstance(edit.value, str)
            }
            yield from self.fetch(sql.RECORDS, ids=sorted(homes - self.entries.keys()))
        if any(isinstance(op, Op) and op.was for op in ops):
            rows = yield ask(sql.LINEAGE, v=self.village)
            self._lineages = [(forked_at, resumed_at) for forked_at, resumed_at in rows]
        if any(c.prev for c in changes):
            rows = yield ask(sql.ASIDE, v=self.village, device=self.batch.device)
            self._aside = {(row[0], row[1]): op_from_json(parsed(row[2])) for row in rows}
        grids = {c.set["grid_code"] for c in changes if isinstance(c.set.get("grid_code"), str)}
        names = sorted(
            {rules.NUMBERED[c.type] for c in changes if c.type == "child"}
            | {f"household_no {code}" for code in grids}
        )
        if names:
            rows = yield ask(sql.COUNTERS, v=self.village, names=names)
            self.counters = dict.fromkeys(names, 0) | {row[0]: row[1] for row in rows}

    def load_twins(self, hashes: Sequence[str]) -> Work[None]:
        """What a device that was cloned has brought before under other numbers."""
        rows = yield ask(
            sql.TWINS, v=self.village, device=self.batch.device, hashes=sorted({*hashes})
        )
        self._twins = {row[0]: Twin(row[1], row[2], row[3], parsed(row[4])) for row in rows}
        rows = yield ask(sql.COPIES, v=self.village, device=self.batch.device)
        for generation, seq, copy_of in rows:
            self._copies[generation, seq] = copied(copy_of)

    def fetch(self, statement: Any, **listed: list[str]) -> Work[list[Entry]]:
        """Load records that are not in the working set yet, with their extra buckets."""
        if not any(listed.values()):
            return []
        rows = yield ask(statement, v=self.village, **listed)
        fresh = {row[0]: load(row) for row in rows if row[0] not in self.entries}
        self.entries |= fresh
        shared = [row[0] for row in rows if row[7] and row[0] in fresh]
        if shared:
            members = yield ask(sql.MEMBERS, v=self.village, ids=shared)
            for id, bucket, _rev, present in members:
                fresh[id].members[bucket] = fresh[id].was_members[bucket] = bool(present)
        # What a class shows depends on all of its members and edges, so it is loaded whole, whoever asks for one.
        heads = sorted({e.alias_of for e in fresh.values()} - self._classes - {""})
        if heads:
            self._classes.update(heads)
            yield from self.fetch(sql.RECORDS_OF_CLASSES, heads=heads)
            for head in heads:
                self._see_class(head)
        return list(fresh.values())

    def _see_class(self, head: str) -> None:
        edges = [
            edge
            for e in self.entries.values()
            if e.type == ALIAS and e.record and (edge := edge_of(e.record))
        ]
        members = [
            e.record
            for e in self.entries.values()
            if e.alias_of == head and e.type != ALIAS and e.record is not None
        ]
        if head in self.entries and members:
            self.entries[head].view = class_record(members, edges)

    # Merging, in memory

    def take(self, op: Op | Unreadable, seq: int, body: str, hash: str, floor: int) -> int:
        """One op: merge it or keep it aside; note it for the log. Returns its corrected time."""
        batch = self.batch
        found: list[dict[str, Any]] = []
        given: dict[str, dict[str, Any]] = {}
        rev, at, copy_of = 0, floor, ""
        reason: str | None = None
        was: tuple[tuple[int, int], ...] = ()
        if isinstance(op, Unreadable):
            found.append(said(seq, op.problem.change, None, Verdict.MALFORMED, op.problem.reason))
        else:
            offset = batch.offset if op.clock == batch.clock else None
            at = corrected(
                op.at, offset=offset, contact=op.contact, arrival=batch.arrival, floor=floor
            )
            twin = self._twins.get(hash)
            reason = None if twin else self._refused(op)
            if twin:
                rev, copy_of = twin.rev, text([twin.generation, twin.seq])
                found += [{**verdict, "seq": seq} for verdict in twin.verdicts]
                self._copies[self.answer.generation, seq] = (twin.generation, twin.seq)
            elif reason:
                found.append(said(seq, -1, None, Verdict.QUARANTINED, reason))
                self._aside[self.answer.generation, seq] = op
            else:
                rev = self.head = self.head + 1
                was = lost_numbers(op.was, self._lineages) if op.was else ()
                stamp = Stamp(rev, 0, at, batch.device, self.answer.generation, seq, was)
                for place, change in enumerate(op.changes):
                    found += self._merge(change, place, stamp, given)
        self.answer.revs.append(rev)
        self.answer.verdicts += found
        self.answer.applied += 1
        self.op_rows.append(
            {
                "village": self.village, "device": batch.device, "generation": self.answer.generation,
                "seq": seq, "rev": rev, "was": text(was) if was else "[]", "at": at,
                "received_at": batch.arrival, "author": batch.author,
                "authority": batch.authority and not reason,  # released, it has no authority
                "copy_of": copy_of, "hash": hash, "body": body, "given": text(given) if given else "{}",
                "verdicts": text(found) if found else "[]",
            }
        )  # fmt: skip
        return at

    def release(self, op: Op, seq: int, at: int, hash: str) -> None:
        """Merge an op that the office lets out of quarantine; its log entry gets its rev."""
        given: dict[str, dict[str, Any]] = {}
        twin = self._twins.get(hash)
        if twin:
            rev = twin.rev
        else:
            rev = self.head = self.head + 1
            stamp = Stamp(rev, 0, at, self.batch.device, self.answer.generation, seq)
            for place, change in enumerate(op.changes):
                self.answer.verdicts += self._merge(change, place, stamp, given)
        self.answer.revs.append(rev)
        self.released = {
            "b_device": self.batch.device, "b_generation": self.answer.generation, "b_seq": seq,
            "new_rev": rev, "new_given": text(given),
            "new_copy_of": text([twin.generation, twin.seq]) if twin else "",
        }  # fmt: skip

    def _refused(self, op: Op) -> str | None:
        """Why an op has to wait for the office instead of being applied; None for most."""
        if self.answer.revoked:
            return "revoked"
        batch, buckets = self.batch, self.batch.buckets
        if buckets is None:
            return None
        if batch.ended:
            # Work begun before a grant was withdrawn still counts: the device had not been told.
            buckets = buckets | {b for b, ended_at in batch.ended.items() if op.contact <= ended_at}
        if not buckets:  # a term that has ended: not even what is new comes in unseen
            return "out_of_scope"
        for change in op.changes:
            entry = self.entries.get(change.record)
            near = [entry] if entry else map(self.entries.get, self._near(change))
            if not all(self._in_scope(e, buckets) for e in near if e):
                return "out_of_scope"
            if entry is None and placement.grid_of(change.type, change.set) not in {"", *buckets}:
                return "out_of_scope"
            creating = entry is None
            if not rules.may_set_all(batch.role, change.type, tuple(change.set), creating=creating):
                return "not_allowed"
            if (
                entry
                and rules.is_event(change.type)
                and rules.is_removal(change, authority=batch.authority)
            ):
                return "not_allowed"  # the office's alone, where erasing has a page of its own and an audit
        return None

    def _near(self, change: Change) -> list[str]:
        """The records by which it is told whether one may make this one. Helpers hold single children of a
        household, so of what they write about a child the child has to be theirs too."""
        near = references(change)
        if self._is_helper:
            child = change.set.get(rules.child_field(change.type))
            near += [child] if isinstance(child, str) else []
        return near

    def _in_scope(self, entry: Entry, buckets: frozenset[str]) -> bool:
        """Whether a device with these buckets holds a record."""
        if entry.home is None or entry.home.bucket in buckets:
            return True
        return any(present and b in buckets for b, present in entry.members.items())

    def _merge(
        self, change: Change, place: int, stamp: Stamp, given: dict[str, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        seq = stamp.seq
        entry = self.entries.get(change.record)
        if entry is None:
            entry = self.entries[change.record] = Entry(change.record, change.type)
            extra = self._given(change)
            if extra:
                given[change.record] = extra
                change = Change(change.record, change.type, change.base, {**change.set, **extra})
        elif entry.type != change.type:
            return [said(seq, place, None, Verdict.MALFORMED, "wrong_type")]
        elif (
            rules.is_event(change.type)
            and entry.record is not None
            and not rules.is_removal(change, authority=self.batch.authority)
        ):
            return [said(seq, place, None, Verdict.MALFORMED, "immutable")]
        change = follow(change, stamp.generation, self._aside, self._copies)
        apply(entry, change, stamp, authority=self.batch.authority)
        self.answer.changes += 1 if rules.is_event(change.type) else len(change.set)
        record = entry.record
        assert record is not None
        if not entry.alias_of and not _may_be_contested(record, change.set):
            return []
        keys = dict.fromkeys(change.set)
        if PRESENT in record.edits:
            keys[PRESENT] = None
        if entry.alias_of:
            self._see_class(entry.alias_of)
            entry = self.entries[entry.alias_of]
            record = entry.view or record
        shown = show(entry)
        verdicts = ((k, verdict_of(record, k, shown, rules.policy)) for k in keys)
        return [said(seq, place, k, v) for k, v in verdicts if v is not Verdict.APPLIED]

    def _given(self, change: Change) -> dict[str, Any]:
        """What the server adds to a record it accepts: numbers for people, and who recorded an event."""
        if rules.is_event(change.type):
            if self.batch.buckets is not None:
                # Only the office types in what others wrote; a phone that says so is not believed.
                paper = (key for key in change.set if field_of(key) in rules.FROM_PAPER)
                return {**dict.fromkeys(paper), "recorded_by": self.batch.author}
            typed = change.set.get("typed_by") == self.batch.author
            other = change.set.get("recorded_by") if typed else None  # the record is theirs
            return {"recorded_by": other or self.batch.author}
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


def follow(
    change: Change,
    generation: int,
    aside: Mapping[tuple[int, int], Op],
    copies: Mapping[tuple[int, int], tuple[int, int]],
) -> Change:
    """The change, where `prev` names an op that is not applied, with what that op would have replaced: its author
    saw through it. Where it names a copy, with what that is a copy of. `aside` and `copies` are the device's, by
    generation and seq."""
    if not (aside or copies) or not change.prev:
        return change
    prev = {
        key: own if isinstance(own, tuple) else (generation, own)
        for key, own in change.prev.items()
    }
    for key, own in prev.items():
        while own in aside:
            step = _named(aside[own], change.record, key)
            if step is None:
                break
            own = step if isinstance(step, tuple) else (own[0], step)
        prev[key] = copies.get(own, own)
    return replace(change, prev=prev)


def _named(op: Op, record: str, key: str) -> Prev | None:
    """The own edit that an op's edit of a key replaced."""
    return next((c.prev[key] for c in op.changes if c.record == record and key in c.prev), None)


def copied(copy_of: str) -> tuple[int, int]:
    """Generation and seq of the op that a log entry repeats."""
    generation, seq = parsed(copy_of)
    return generation, seq


def references(change: Change) -> list[str]:
    """Records that decide where a new record lives."""
    targets = map(change.set.get, placement.references(change.type))
    return [target for target in targets if isinstance(target, str)]


def _may_be_contested(record: Record, keys: Iterable[str]) -> bool:
    """A cheap look before the whole record is folded: most keys have one edit and no rivals."""
    if not record.edits:  # as it was created
        return dict in map(type, record.values.values())
    if PRESENT in record.edits:
        return True
    for key in keys:
        edits = record.edits.get(key, ())
        if edits and (is_contested(edits) or type(edits[0].value) is dict):
            return True
        if not edits and type(record.values.get(key)) is dict:
            return True
    return False
