"""Grants by grid, with the days from and to which they hold. The server decides by its own clock and China's day; what a
phone takes for today plays no part, and nothing has to be running at midnight for a grant to end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec

from server.registry.ids import now_ms
from server.registry.placement import CHINA, day_of, grid_bucket


class Grant(msgspec.Struct, frozen=True):
    """A grid somebody works in. `begins` and `ends` are its first and last day, `YYYY-MM-DD`; "": no such day is set."""

    grid: str
    begins: str = ""
    ends: str = ""

    def holds(self, day: str) -> bool:
        return self.begins <= day and (not self.ends or day <= self.ends)


def today() -> str:
    return day_of(now_ms())


def in_force(grants: Iterable[Grant], day: str) -> list[str]:
    """The grids that are granted on a day."""
    return [it.grid for it in grants if it.holds(day)]


def ended(grants: Iterable[Grant], day: str) -> dict[str, int]:
    """Bucket -> when it ended, ms, of the grants that are over on a day: the midnight after their last one."""
    return {
        grid_bucket(it.grid): _midnight_after(it.ends) for it in grants if it.ends and it.ends < day
    }


def _midnight_after(day: str) -> int:
    last = date.fromisoformat(day) + timedelta(days=1)
    return int(datetime(last.year, last.month, last.day, tzinfo=CHINA).timestamp() * 1000)


def stored(grants: Sequence[Grant]) -> str:
    """As the account keeps them: a grid's code alone where no day is set, else [code, begins, ends]."""
    return json.dumps(
        [[it.grid, it.begins, it.ends] if it.begins or it.ends else it.grid for it in grants]
    )


def read(text: str) -> list[Grant]:
    return [Grant(it) if isinstance(it, str) else Grant(*it) for it in json.loads(text)]
