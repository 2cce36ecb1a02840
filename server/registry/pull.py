"""Giving rows out: the current state of a device's buckets after its cursors, in pages of bytes.

Never a history: a new phone downloads live rows only, and the answer's size follows what changed. Rows of one
revision are never split between pages, so an op is seen whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.database import Work, ask

from . import rules
from . import statements as sql
from .own_forms import known
from .repair import repairs

NOTHING: Mapping[str, Sequence[str]] = {}
CHUNK = 2_000
"""Rows read at a time."""


@dataclass(slots=True)
class Page:
    """What one bucket of one answer holds (PROTOCOL.md §3.3). `rows` are JSON texts."""

    rows: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    cursor: int = 0
    more: bool = False
    digest: str | None = None
    agrees: bool | None = None
    differ: dict[str, list[list[str]]] | None = None
    """Answer to a comparison: digit -> [id, hash] of every row."""


@dataclass(slots=True)
class Pulled:
    """The pages of one answer, read at one moment."""

    head: int
    pages: dict[str, Page]

    @property
    def rows(self) -> int:
        return sum(len(page.rows) + len(page.gone) for page in self.pages.values())

    @property
    def agreed(self) -> bool:
        """Whether every bucket was complete and equal at both ends."""
        return bool(self.pages) and all(page.agrees for page in self.pages.values())


def moment(village: str) -> Work[tuple[str, int]]:
    """The epoch and the head of what is read; from here on the village's own forms are known."""
    [[_, _, epoch, head, _, _, forms]] = yield ask(sql.VILLAGE, v=village)
    yield from known(village, forms)
    return epoch, head


def pull(
    village: str,
    head: int,
    wanted: Mapping[str, tuple[int, str]],
    allowed: Sequence[str],
    budget: int,
    compare: Mapping[str, Sequence[str]] = NOTHING,
    fetch: Mapping[str, Sequence[str]] = NOTHING,
) -> Work[Pulled]:
    """Pages for the wanted buckets which the device may hold, about `budget` bytes together; and what the device
    needs to repair rows that differ. `head` is that of the `moment`."""
    buckets = [b for b in allowed if b in wanted]
    sums = yield ask(sql.DIGESTS, v=village, buckets=buckets)
    stored = {bucket: (digest, rev) for bucket, digest, _rows, rev in sums}
    answer = Pulled(head, {})
    for bucket in buckets:
        cursor, held = wanted[bucket]
        if cursor > head:  # another lineage of the database: start over, by digest
            cursor = 0
        page = answer.pages[bucket] = Page(cursor=cursor, more=True)
        if budget <= 0:
            continue
        digest, changed = stored.get(bucket, ("0" * 32, 0))
        if changed > cursor:
            budget = yield from _fill(village, bucket, page, head, budget)
        else:
            page.cursor, page.more = head, False
            page.agrees = held == digest if held else None
        if not page.more:
            page.digest = digest
    if compare or fetch:
        found = yield from repairs(village, buckets, compare, fetch)
        for bucket, (listing, rows) in found.items():
            page = answer.pages[bucket]
            if bucket in compare and stored.get(bucket, ("", 0))[1] <= wanted[bucket][0]:
                page.differ = listing
            page.rows += [row for row in rows if row not in page.rows]
    return answer


def _fill(village: str, bucket: str, page: Page, newest: int, budget: int) -> Work[int]:
    """Fill a page with what changed after its cursor; returns the budget that is left."""
    projection = rules.projection_of(bucket)
    fresh = page.cursor == 0
    head, most = page.cursor, CHUNK
    while (
        head == page.cursor
    ):  # again only if one revision alone has more rows than we read at a time
        head, found = newest, []
        for statement in (sql.HOME_ROWS, sql.MEMBER_ROWS):
            rows = yield ask(
                statement, v=village, bucket=bucket, cursor=page.cursor, head=newest, most=most
            )
            found += rows
            if len(rows) == most:  # what lies behind the last full revision waits for the next page
                head = min(head, rows[-1][2] - 1)
        most *= 4
    found = sorted((row for row in found if row[2] <= head), key=lambda row: (row[2], row[0]))
    previous = page.cursor
    for id, record_type, rev, present, text in found:
        if rev != previous and budget <= 0:
            page.cursor = previous
            return 0
        previous = rev
        shown = rules.projected_text(record_type, text, projection) if present else None
        if shown is not None:
            page.rows.append(shown)
            budget -= len(shown)
        elif not fresh:
            page.gone.append(id)
            budget -= 36
    page.cursor = head
    page.more = head < newest
    return max(budget, 1) if not page.more else 0
