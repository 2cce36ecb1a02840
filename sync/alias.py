"""Records that turned out to be one: alias classes.

Merging two records draws an edge between them and rewrites neither. Every op keeps the id its author saw; a class
is what hangs together by living edges, and what it shows is computed over all its members. So a late edit to
either id lands, two offices merging opposite ways agree, and taking the edge away gives both records back.

An edit of one member has seen an edit of another only if both were one class on its author's screen:

    x of record A is superseded by y of record B
        iff  x is within base(y)  and  A and B were of one class at base(y)

Merging alone therefore settles nothing: values that differ stand side by side until somebody who was shown the
class picks one (which the merging op itself may do, with ordinary edits).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from .merge import Guarded, by_arrival, remembered
from .model import PRESENT, Edit, Record, RecordId, Stamp
from .shown import is_contested, missed_something


@dataclass(frozen=True, slots=True)
class Edge:
    """Two records are one from the edit `since` on, until the first of the edits `ends`."""

    a: RecordId
    b: RecordId
    since: Stamp
    ends: tuple[Stamp, ...] = ()

    def holds_at(self, base: int) -> bool:
        """Whether a screen that stood at `base` showed the two as one."""
        return self.since.is_within(base) and not any(end.is_within(base) for end in self.ends)

    @property
    def holds(self) -> bool:
        return not self.ends


def edge_of(alias: Record) -> Edge | None:
    """The edge of an alias record (fields `a` and `b`); it ends when the record is removed."""
    ends = [alias.maximal(name) for name in ("a", "b")]
    if not all(ends):
        return None
    a, b = (edits[0].value for edits in ends)
    ended = tuple(e.stamp for e in alias.maximal(PRESENT) if e.value is False)
    return Edge(RecordId(a), RecordId(b), alias.origin, ended)


def group(start: str, edges: Iterable[Edge]) -> frozenset[str]:
    """The records that hang together with `start` by the given edges."""
    neighbours: dict[str, set[str]] = {}
    for edge in edges:
        neighbours.setdefault(edge.a, set()).add(edge.b)
        neighbours.setdefault(edge.b, set()).add(edge.a)
    found, front = {start}, [start]
    while front:
        for other in neighbours.get(front.pop(), ()):
            if other not in found:
                found.add(other)
                front.append(other)
    return frozenset(found)


def representative(members: Iterable[str]) -> str:
    """The member that stands for all: the smallest id, so the eldest, whoever merged whichever way."""
    return min(members)


def class_record(members: Sequence[Record], edges: Sequence[Edge]) -> Record:
    """The class as one record: for every key the edits that no other edit of the class has seen and replaced."""
    if len(members) == 1:
        return members[0]
    ordered = sorted(members, key=lambda record: record.id)
    classes: dict[int, Mapping[str, frozenset[str]]] = {}

    def were_one(a: str, b: str, rev: int) -> bool:
        if rev not in classes:
            alive = [edge for edge in edges if edge.holds_at(rev)]
            classes[rev] = {record.id: group(record.id, alive) for record in ordered}
        return a in classes[rev][b]

    edits: dict[str, tuple[Edit, ...]] = {}
    for key in {key for record in ordered for key in (*record.values, *record.edits)}:
        placed = [(record.id, edit) for record in ordered for edit in record.maximal(key)]
        kept = [
            x
            for a, x in placed
            if not any(
                a != b and _has_seen(y, x) and were_one(a, b, y.stamp.base) for b, y in placed
            )
        ]
        edits[key] = tuple(sorted(kept, key=by_arrival))
    head = ordered[0]
    rev = max(record.rev for record in ordered)
    removed = all(
        any(
            were_one(record.id, b, d.stamp.base) and not missed_something(record, d.stamp)
            for b, d in _removals(ordered)
        )
        for record in ordered
    )
    return Record(head.id, head.type, rev, head.origin, {}, edits, head.contests, removed)


def watched(record: Record, whole: Record, guarded: Guarded, rev: int) -> Record:
    """A member that remembers, after `rev`, whether the class is contested in its guarded keys: its screens show the
    class. Alone again (`whole` is the record itself) it remembers that this has ended."""
    contests = record.contests
    for key in {*whole.edits, *contests}:
        if guarded(key):
            contests = remembered(contests, key, is_contested(whole.maximal(key)), rev)
    return record if contests is record.contests else replace(record, contests=contests)


def _removals(records: Iterable[Record]) -> list[tuple[str, Edit]]:
    return [(r.id, e) for r in records for e in r.maximal(PRESENT) if e.value is False]


def _has_seen(y: Edit, x: Edit) -> bool:
    own = (x.stamp.device, x.stamp.generation) == (y.stamp.device, y.stamp.generation)
    if own and x.stamp.seq < y.stamp.seq:
        return True
    return x.stamp.is_within(y.stamp.base) and (own or not y.bound)
