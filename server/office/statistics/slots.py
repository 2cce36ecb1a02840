"""Stretches of time in which something was due: weeks, months, and periods of so many days. Pure.

A stretch counts when it has ended by the day; while none has, the running one stands for all, so that a month's own
report says something before the month is over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Slot:
    """`name` is its group: 2026-11 for a month, 2026-W47 for a week, the month of its end for another. `times`: on how
    many days it was to be done by the end."""

    name: str
    first: str
    last: str
    times: int = 1


def months(since: str, on: str) -> list[Slot]:
    """The calendar months of a period. The first and the running one may be cut."""
    found, first = [], date.fromisoformat(since)
    end = date.fromisoformat(on)
    while first <= end:
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        last = after - timedelta(days=1)
        found.append(Slot(first.isoformat()[:7], first.isoformat(), last.isoformat()))
        first = after
    return _ended(found, on)


def weeks(since: str, on: str) -> list[Slot]:
    """The ISO weeks that begin in a period."""
    first = date.fromisoformat(since)
    first += timedelta(days=-first.weekday() % 7)
    found = []
    while first <= date.fromisoformat(on):
        last = first + timedelta(days=6)
        found.append(Slot(week_of(first.isoformat()), first.isoformat(), last.isoformat()))
        first += timedelta(days=7)
    return _ended(found, on)


def week_of(day: str) -> str:
    """The ISO week of a day: 2026-W47."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02d}"


def periods(entered: str, every: int, since: str, on: str) -> Iterator[Slot]:
    """Periods of `every` days from a day on that ended inside since…on."""
    first = entered
    while (last := add_days(first, every)) <= on:
        if last >= since:
            yield Slot(last[:7], add_days(first, 1), last)
        first = last


def add_days(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _ended(found: list[Slot], on: str) -> list[Slot]:
    return [it for it in found if it.last <= on] or [
        Slot(it.name, it.first, min(it.last, on)) for it in found[-1:]
    ]
