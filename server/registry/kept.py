"""The rows of a village as this process read them last, kept so that a page after no change reads none of them, and
one after a change only those of newer revisions.

The revision is read from the database every time, so several processes on one database each see what the others
wrote. What `Kept` holds is never changed: a reader keeps the moment it was given, and the next moment shares the rows
that are the same. Bounded by rows, over all villages; a village beyond the bound is read anew each time, as it was
before.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from server.database import Database, Work, ask

from . import placement
from . import statements as sql
from .ids import now_ms
from .reads import Row, Village, resolved, row_of, stubs, village

MOST_ROWS = 400_000
"""Rows kept in one process, all villages together: about a kilobyte and a half each."""
MANY = 500
"""Rows that changed at once after which a village is looked at anew: an import, not a phone."""
SAID_OF_ALL = "grid"
"""The type of the rows that mean something for all others: every line may say a grid's name."""
MOST_MADE = 32
"""Things worked out of one moment's rows that are kept beside them."""


class Made:
    """Things worked out once, by what they are; the ones longest unused are dropped."""

    def __init__(self, most: int = MOST_MADE) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Any] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._held)

    def get(self, key: Hashable) -> Any:
        """What was made for this key; None when nothing was."""
        return self._held.get(key)

    def items(self) -> list[tuple[Hashable, Any]]:
        """All that was made, the longest unused first."""
        return [*self._held.items()]

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` answered for this key the first time."""
        if key not in self._held:
            self.keep(key, make())
        self._held.move_to_end(key)
        return self._held[key]

    def keep(self, key: Hashable, made: Any) -> None:
        """Hold what was made elsewhere."""
        self._held[key] = made
        if len(self._held) > self._most:
            self._held.popitem(last=False)


class Kept:
    """The rows of a village at one revision, as `Registry.rows` gives them, on one day; in order of id."""

    def __init__(
        self,
        now: Village,
        day: str,
        stored: dict[str, Row],
        stands_for: Mapping[str, str],
        before: Kept | None = None,
        changed: frozenset[str] = frozenset(),
    ) -> None:
        """`changed`: the ids in which `stored` differs from what was stored `before`."""
        self.epoch, self.rev, self.forms, self.day = now.epoch, now.rev, now.forms, day
        self.stored = dict(sorted(stored.items())) if before is None else stored
        self.stands_for = stands_for
        self.made = Made()
        """What readers worked out of these rows. It goes with them."""
        self.rows: Mapping[str, Row] = self._resolved(before)
        self.earlier = self._earlier(before, changed)
        """What readers worked out of rows that these differ from in few, and the ids of those. Whoever takes up from
        there lets it go, or no moment would ever be forgotten. Yesterday's is of no use: most of it is as of a day."""
        self._means_all = before is not None and any(
            row.type == SAID_OF_ALL
            for id in changed
            for held in (before.stored, stored)
            if (row := held.get(id))
        )

    def _resolved(self, before: Kept | None) -> Mapping[str, Row]:
        if not self.stands_for:
            return self.stored
        same = before if before is not None and before.stands_for == self.stands_for else None
        return {
            id: same.rows[id]
            if same is not None and same.stored.get(id) is row
            else resolved(row, self.stands_for)
            for id, row in self.stored.items()
            if id not in self.stands_for
        }

    def _earlier(
        self, before: Kept | None, changed: frozenset[str]
    ) -> tuple[Made, frozenset[str]] | None:
        if before is None or (before.stands_for, before.forms, before.day) != (
            self.stands_for,
            self.forms,
            self.day,
        ):
            return None
        if before.made:
            return before.made, changed
        return before.earlier and (before.earlier[0], before.earlier[1] | changed)

    @property
    def is_much(self) -> bool:
        """Whether most of what readers want to know is to be worked out anew."""
        return self.earlier is None or len(self.earlier[1]) > MANY or self._means_all

    def is_of(self, now: Village, day: str) -> bool:
        return (self.epoch, self.rev, self.forms, self.day) == (now.epoch, now.rev, now.forms, day)


def follow(code: str, day: str, before: Kept | None) -> Work[Kept | None]:
    """The rows as they are now, on this day, reading what is newer than `before`. None of a village that does not exist
    or has more rows than may be kept."""
    now = yield from village(code)
    if now is None:
        return None
    if before is not None and before.is_of(now, day):
        return before
    if before is None or before.epoch != now.epoch or before.rev > now.rev:
        [[count]] = yield ask(sql.COUNT_RECORDS, v=code)
        if count > MOST_ROWS:
            return None
        found = [row_of(*row) for row in (yield ask(sql.ALL_ROWS, v=code))]
        return Kept(now, day, {row.id: row for row in found}, (yield from stubs(code)))
    changed = yield ask(sql.BUCKETS_SINCE, v=code, since=before.rev)
    buckets = [*(bucket for (bucket,) in changed), placement.OFFICE]
    found = [
        row_of(*row)
        for row in (yield ask(sql.ROWS_SINCE, v=code, buckets=buckets, since=before.rev))
    ]
    stored = before.stored | {row.id: row for row in found if row.present}
    for row in found:
        if not row.present:
            stored.pop(row.id, None)
    if len(stored) > MOST_ROWS:
        return None
    if any(row.id not in before.stored for row in found):
        stored = dict(sorted(stored.items()))
    changed_ids = frozenset(row.id for row in found)
    return Kept(now, day, stored, (yield from stubs(code)), before, changed_ids)


class Keeping:
    """The villages this process keeps, the one longest unused first to go."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.prepare: Callable[[str, Kept], object] | None = None
        """What is worked out of rows of which many are new, and on a new day, before anybody gets them: in a thread, so
        that a large village keeps nobody else waiting."""
        self._villages: OrderedDict[str, Kept] = OrderedDict()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, code: str) -> Kept | None:
        """The rows of a village as they are now; None when they are not kept (`follow`)."""
        async with self._turns[code]:
            before, day = self._villages.get(code), placement.day_of(now_ms())
            if before is not None:
                now = await self._database.glance(village(code))
                if now is not None and before.is_of(now, day):
                    self._villages.move_to_end(code)
                    return before
            kept = await self._database.read(follow(code, day, before))
            self._villages.pop(code, None)
            before = None  # the moment before is forgotten while much of this one is worked out
            if kept is not None and kept.is_much and self.prepare is not None:
                await asyncio.to_thread(self.prepare, code, kept)
            if kept is not None:
                self._villages[code] = kept
                self._make_room()
            return kept

    async def forget(self, code: str) -> None:
        """Let go of a village's rows: what was erased is not to stay in memory."""
        async with self._turns[code]:
            self._villages.pop(code, None)

    def _make_room(self) -> None:
        held = sum(len(kept.stored) for kept in self._villages.values())
        while held > MOST_ROWS:
            _, oldest = self._villages.popitem(last=False)
            held -= len(oldest.stored)
