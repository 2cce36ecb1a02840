"""The engine as a state machine: people with screens of different age, one sequencer, two records that are merged and
parted. The oracle knows for each edit what its author was shown, and nothing of revs, bases and prevs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sync import (
    PRESENT,
    Change,
    Edge,
    Record,
    RecordId,
    Stamp,
    class_record,
    is_contested,
    merged,
    presence,
    watched,
)

ELDER, YOUNGER = (RecordId(digit * 32) for digit in "01")
KEYS = ("wish", "risk_level", "hobby/03")
GUARDED = "risk_level"
PEOPLE = range(4)
OFFICE = 3
"""The one who may settle guarded keys."""


def guarded(key: str) -> bool:
    return key == GUARDED


@dataclass(eq=False, frozen=True)
class Typed:
    """A value somebody gave a key, and what was on the screen."""

    record: RecordId
    key: str
    value: int | bool
    author: int
    seq: int
    base: int
    prev: int | None
    seen: frozenset[Typed]
    doubted: bool
    """The screen showed a guarded key as contested, to somebody who may not settle it."""
    row: frozenset[Typed]
    """What the record's row stood for when this edit, or the first waiting one it replaces, was begun."""

    def replaces(self) -> Iterator[Typed]:
        return (x for x in self.seen if not self.doubted or x.author == self.author)


@dataclass
class Screen:
    """What a person's phone was last told, and what it has not sent yet."""

    rev: int = 0
    taken: frozenset[Typed] = frozenset()
    contested: frozenset[tuple[RecordId, str]] = frozenset()
    one: bool = False
    waiting: list[Typed] = field(default_factory=list)
    seq: int = 0

    def pinned(self, record: RecordId) -> dict[str, Typed]:
        """Keys that show an edit of one's own that waits."""
        return {typed.key: typed for typed in self.waiting if typed.record == record}

    def row(self, record: RecordId) -> frozenset[Typed]:
        return frozenset(x for x in self.taken if self.one or x.record == record)


class Village(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.head = 0
        self.count = 0
        self.taken: list[tuple[Typed, Stamp]] = []
        self.records: dict[RecordId, Record | None] = {ELDER: None, YOUNGER: None}
        self.edges: list[Edge] = []
        self.screens = [Screen() for _ in PEOPLE]

    # What happens

    @rule(who=st.sampled_from(PEOPLE))
    def pull(self, who: int) -> None:
        screen = self.screens[who]
        screen.rev, screen.taken = self.head, frozenset(typed for typed, _ in self.taken)
        screen.one = self.one
        screen.contested = frozenset(
            (id, key)
            for id in self.records
            for key, left in self.maximal(self.members(id)).items()
            if len({typed.value for typed in left}) > 1
        )

    @rule(
        who=st.sampled_from(PEOPLE), id=st.sampled_from([ELDER, YOUNGER]), key=st.sampled_from(KEYS)
    )
    def type(self, who: int, id: RecordId, key: str) -> None:
        screen = self.screens[who]
        if screen.one:
            id = ELDER  # the row of the other one is a stub
        self.count += 1
        row, own = screen.row(id), screen.pinned(id).get(key)
        if own is not None:
            seen = own.seen | {own}
        else:
            seen = frozenset(x for x in row if x.key == key)
            if screen.one:  # what one has typed under the other id one knows
                seen |= {x for x in screen.waiting if x.key == key}
        doubted = (
            own.doubted
            if own
            else (id, key) in screen.contested and key == GUARDED and who != OFFICE
        )
        value = self.count % 2 == 0 if "/" in key else self.count
        self._save(who, id, key, value, seen, doubted, own)

    @precondition(lambda self: not self.edges)
    @rule(who=st.sampled_from(PEOPLE), id=st.sampled_from([ELDER, YOUNGER]), there=st.booleans())
    def remove_or_bring_back(self, who: int, id: RecordId, there: bool) -> None:
        screen = self.screens[who]
        pinned, row = screen.pinned(id), screen.row(id)
        if not (pinned or row):
            return
        own = pinned.get(PRESENT)
        if there:
            shown = own.seen | {own} if own else row
            seen = frozenset(x for x in shown if x.key == PRESENT)
        else:  # it has seen no more than the oldest edit that hides what came
            oldest = min(pinned.values(), key=lambda typed: typed.base, default=None)
            seen = oldest.row if oldest else row
            seen |= {x for x in (*row, *screen.waiting) if (x.record, x.author) == (id, who)}
        self._save(who, id, PRESENT, there, seen, False, own)

    def _save(
        self, who: int, id: RecordId, key: str, value: int | bool, seen: frozenset[Typed], doubted: bool, own: Typed | None
    ) -> None:  # fmt: skip
        screen = self.screens[who]
        screen.seq += 1
        base, row = (own.base, own.row) if own else (screen.rev, screen.row(id))
        if value is False and key == PRESENT:
            for typed in screen.pinned(id).values():
                if typed.base < base:
                    base, row = typed.base, typed.row
        prev = own.seq if own else None
        screen.waiting.append(
            Typed(id, key, value, who, screen.seq, base, prev, seen, doubted, row)
        )

    @rule(who=st.sampled_from(PEOPLE), most=st.integers(1, 4))
    def push(self, who: int, most: int) -> None:
        """Some of what waits arrives; the answer brings what there is."""
        screen = self.screens[who]
        for typed in screen.waiting[:most]:
            self.head += 1
            stamp = Stamp(self.head, typed.base, self.head, str(who), 1, typed.seq)
            self.records[typed.record] = self._taken(self.records[typed.record], typed, stamp)
            self.taken.append((typed, stamp))
            self._watch()
        screen.waiting = screen.waiting[most:]
        self.pull(who)

    @precondition(lambda self: not self.one and all(self.records.values()))
    @precondition(lambda self: not any(typed.key == PRESENT for typed in self._all()))
    @rule()
    def merge(self) -> None:
        self.head += 1
        self.edges.append(
            Edge(ELDER, YOUNGER, Stamp(self.head, self.head - 1, self.head, "office", 1, self.head))
        )
        self._watch()

    @precondition(lambda self: self.one)
    @rule()
    def part(self) -> None:
        self.head += 1
        edge = self.edges.pop()
        end = Stamp(self.head, self.head - 1, self.head, "office", 1, self.head)
        self.edges.append(Edge(edge.a, edge.b, edge.since, (end,)))
        self._watch()

    # What must be

    @property
    def one(self) -> bool:
        return any(edge.holds for edge in self.edges)

    def members(self, id: RecordId) -> list[Typed]:
        return [typed for typed, _ in self.taken if self.one or typed.record == id]

    def maximal(self, edits: Iterable[Typed]) -> dict[str, list[Typed]]:
        """Key -> the edits nobody has seen and replaced."""
        given = set(edits)
        alone = {x for y in given for x in _gone(y) if x.record == y.record}
        left = given - alone  # what was replaced in its own record does not speak for it any more
        gone = alone | {x for y in left for x in _gone(y)}
        kept: dict[str, list[Typed]] = {}
        for typed in given - gone:
            kept.setdefault(typed.key, []).append(typed)
        return kept

    @invariant()
    def what_stays_is_what_nobody_was_shown_and_replaced(self) -> None:
        for id in self.records:
            record = self._shown(id)
            expected = self.maximal(self.members(id))
            for key in KEYS:
                edits = record.maximal(key) if record else ()
                left = expected.get(key, [])
                assert sorted(e.value for e in edits) == sorted(typed.value for typed in left)
                assert is_contested(edits) == (len({typed.value for typed in left}) > 1)
            if record is not None and not self.one:
                assert presence(record)[0] == _is_there(expected)

    @invariant()
    def an_op_that_comes_again_at_once_changes_nothing(self) -> None:
        for typed, stamp in self.taken[-1:]:
            record = self.records[typed.record]
            again = self._taken(record, typed, stamp)
            assert record is not None
            assert all(again.maximal(key) == record.maximal(key) for key in (*KEYS, PRESENT))

    def _taken(self, record: Record | None, typed: Typed, stamp: Stamp) -> Record:
        prev = {} if typed.prev is None else {typed.key: typed.prev}
        change = Change(typed.record, "child", typed.base, {typed.key: typed.value}, prev)
        return merged(record, change, stamp, guarded, authority=typed.author == OFFICE)

    def _watch(self) -> None:
        """Screens show the class: its members remember whether that is contested."""
        for id, record in self.records.items():
            whole = self._shown(id)
            if record is not None and whole is not None:
                self.records[id] = watched(record, whole, guarded, self.head)

    def _shown(self, id: RecordId) -> Record | None:
        if not self.one:
            return self.records[id]
        return class_record([record for record in self.records.values() if record], self.edges)

    def _all(self) -> list[Typed]:
        return [
            *(typed for typed, _ in self.taken),
            *(typed for screen in self.screens for typed in screen.waiting),
        ]


def _is_there(kept: Mapping[str, list[Typed]]) -> bool:
    """A record is there unless everybody who is left to speak of it removed it, and one of them had seen all of it."""
    deletes = [typed for typed in kept.get(PRESENT, ()) if not typed.value]
    if not deletes or len(deletes) < len(kept[PRESENT]):
        return True
    rest = {typed for key, left in kept.items() if key != PRESENT for typed in left}
    return all(rest - delete.seen for delete in deletes)


def _gone(typed: Typed) -> Iterator[Typed]:
    if typed.key == PRESENT and not typed.value:
        return (x for x in typed.seen if x.key == PRESENT)
    return typed.replaces()


# The same walks every time, so that main stays green by itself; more of them are a change of one number away.
Village.TestCase.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, derandomize=True
)
TestVillage = Village.TestCase
