"""Which reports there are, and the template of each: the village's own, else the one that comes with the programme."""

import asyncio
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request

from server.documents import template_of
from server.filing import Filing, Template
from server.office.reports import figures, working
from server.office.security import account_of, registry_of
from server.office.statistics.asking import Asked, book_of, end_of, first_day
from server.office.statistics.book import Book
from server.office.statistics.children import term_start
from server.office.statistics.slots import add_days
from server.registry import now_ms

OUTLINES = Path(figures.__file__).parents[2] / "programme" / "reports"
SILENT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Kind:
    """`names_children`: a working paper that stays in the village. `may_go_up`: can be submitted."""

    name: str
    words: str
    about: str
    names_children: bool = False
    may_go_up: bool = False


KINDS = {
    it.name: it
    for it in (
        Kind("weekly", "本周工作单", "还没视频的孩子、逾期未访、要跟进的事", names_children=True),
        Kind("monthly", "月报", "一页：变动、走访联络、红橙对象、求助、活动、资助、数据质量", may_go_up=True),
        Kind("annual", "年度工作总结", "按上级的提纲，数字全部由系统算出，空的段落不出现", may_go_up=True),
        Kind("letter", "致家长一封信", "每个留守儿童一封，可只印一个网格", names_children=True),
    )
}  # fmt: skip


def filing_of(request: Request) -> Filing:
    return Filing(registry_of(request).database)


def starts_on(kind: str, on: str) -> str:
    """Where the period of a report begins when nobody says: the year, the month, the week."""
    if kind == "annual":
        return f"{on[:4]}-01-01"
    return f"{on[:7]}-01" if kind == "monthly" else add_days(on, -6)


async def template_for(request: Request, kind: Kind) -> tuple[bytes, Template | None]:
    """The .docx to fill, and the village's own if it is one."""
    own = await filing_of(request).template(account_of(request).village, kind.name)
    if own is not None:
        return own.content, own
    return await asyncio.to_thread(_built_in, kind.name), None


@cache
def _built_in(name: str) -> bytes:
    return template_of((OUTLINES / f"{name}.md").read_text(encoding="utf-8"))


async def values_of(
    request: Request, kind: Kind, wanted: Asked, today: str, grid: str = ""
) -> tuple[dict[str, Any], Book]:
    """Every placeholder of a report, and the book it was computed from."""
    registry, village = registry_of(request), account_of(request).village
    compares = kind.name in ("annual", "monthly")
    book = await book_of(registry, village, wanted, compares=compares)
    found = figures.common(book, request.state.village_name, "", today)
    if kind.name == "annual":
        since, until = end_of(add_days(wanted.since, -1)), end_of(wanted.on)
        updates = await registry.changes(village, "child", since, until)
        # Retention is a figure of the term, whatever the report's period.
        term = Asked(term_start(wanted.on), wanted.on, wanted.scope)
        before = await first_day(registry, village, term)
        of_term = replace(book, since=term.since, before=before)
        found |= figures.annual(book, of_term, updates=updates)
    elif kind.name == "monthly":
        contested = await registry.contested(village, required=True)
        receipts = await registry.receipts(village, now_ms())
        silent = sum(it.silent_days > SILENT_DAYS for it in receipts)
        found |= figures.monthly(book, conflicts=len(contested), silent=silent)
    elif kind.name == "weekly":
        found |= working.weekly(book)
    else:
        found |= working.letters(book, grid)
    return found, book
