"""What follows from a village's rows at a moment, and how much of it still holds at the next. Pure.

Between two moments few rows differ, and nearly all that a page works out is about one home: a child's line, when it is
due, whether its file is full. So the index is changed only where rows are, and what was worked out about other homes is
taken along. What such a result may depend on is written in `Register.each`; a result that reads more is worked out anew
at every moment (`Register.once`).
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from zlib import crc32

from server.registry import Made, Row

T = TypeVar("T")
Concerns = Callable[[Row | None, Row | None], bool]
"""Whether a result is concerned by a row that was one thing and is another; None where there is none."""

POINTERS = ("household_id", "child_id", "parent_id", "carer_id", "helper_id", "activity_id")
PARTS = tuple(f"part {number}" for number in range(64))
"""What is counted over all homes is counted in parts: a change is counted again in its own part only."""

MOST_KINDS = 128
"""Kinds of results that are known at once; some forty of them are about one type of records each."""


def part_with(home: str) -> str:
    """The part a home is in."""
    return PARTS[crc32(home.encode()) % len(PARTS)]


class Index:
    """Rows by type, and by what their fields point at; each list in order of id."""

    def __init__(
        self,
        kinds: dict[str, list[Row]] | None = None,
        pointing: dict[tuple[str, str], dict[str, list[Row]]] | None = None,
    ) -> None:
        self.kinds = kinds or {}
        self.pointing = pointing or {}
        """(type, field) -> id -> the rows of that type whose field points at that id."""

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Index:
        """The index of rows in order of id."""
        made = cls()
        for row in rows:
            made.kinds.setdefault(row.type, []).append(row)
            for name, target in _targets(row):
                by_target = made.pointing.setdefault((row.type, name), {})
                by_target.setdefault(target, []).append(row)
        return made

    def after(self, gone: Sequence[Row], come: Sequence[Row]) -> Index:
        """The index without some rows and with others. What neither touches is shared."""
        made = Index(self.kinds.copy(), self.pointing.copy())
        fresh: set[Hashable] = set()
        for row, change in [*((it, _take) for it in gone), *((it, _put) for it in come)]:
            held = made.kinds
            places: list[tuple[dict[str, list[Row]], str, Hashable]] = [(held, row.type, row.type)]
            for name, target in _targets(row):
                key = (row.type, name)
                if key not in fresh:
                    fresh.add(key)
                    made.pointing[key] = made.pointing.get(key, {}).copy()
                places.append((made.pointing[key], target, (key, target)))
            for lists, place, whose in places:
                if whose not in fresh:
                    fresh.add(whose)
                    lists[place] = [*lists.get(place, ())]
                change(lists[place], row)
        return made


def _targets(row: Row) -> list[tuple[str, str]]:
    fields = row.fields
    return [(name, target) for name in POINTERS if (target := fields.get(name))]


def _take(held: list[Row], row: Row) -> None:
    del held[bisect_left(held, row.id, key=_id)]


def _put(held: list[Row], row: Row) -> None:
    insort(held, row, key=_id)


def _id(row: Row) -> str:
    return row.id


class RowsOf(Mapping[str, Row]):
    """The rows of some types among all, by id."""

    def __init__(self, rows: Mapping[str, Row], kinds: Mapping[str, Sequence[Row]]) -> None:
        self._rows, self._kinds = rows, kinds

    def __getitem__(self, id: str) -> Row:
        row = self._rows[id]
        if row.type not in self._kinds:
            raise KeyError(id)
        return row

    def __iter__(self) -> Iterator[str]:
        return heapq.merge(*(map(_id, rows) for rows in self._kinds.values()))

    def __len__(self) -> int:
        return sum(map(len, self._kinds.values()))


class Memory:
    """What was worked out about rows one by one, and about rows of some kind. Bounded by the kinds of results."""

    def __init__(self) -> None:
        self._each, self._lasting = Made(MOST_KINDS), Made(MOST_KINDS)

    def each(
        self, key: Hashable, ids: Iterable[str], make: Callable[[list[str]], Mapping[str, T]]
    ) -> Mapping[str, T]:
        """Results by id, of these ids at least; `make` works out those that are not known."""
        known: dict[str, T] = self._each.once(key, dict)
        if missing := [id for id in ids if id not in known]:
            known.update(make(missing))
        return known

    def lasting(self, key: Hashable, concerns: Concerns, make: Callable[[], T]) -> T:
        """A result that holds until a change concerns it."""
        made: tuple[Concerns, T] = self._lasting.once(key, lambda: (concerns, make()))
        return made[1]

    def after(
        self, changes: Sequence[tuple[Row | None, Row | None]], near: Collection[str]
    ) -> Memory:
        """What still holds after these changes, by which all is forgotten that was known of the ids near them."""
        made = Memory()
        for key, known in self._each.items():
            kept = known.copy()
            for id in near:
                kept.pop(id, None)
            made._each.keep(key, kept)
        for key, held in self._lasting.items():
            if not any(held[0](was, now) for was, now in changes):
                made._lasting.keep(key, held)
        return made
