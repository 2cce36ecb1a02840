"""Lists: what was asked for (filters, search, sort, page, columns) and the page that answers it.

Pure. What a person typed into the search box never goes into an address (addresses end up in logs and
histories), so only the other filters are written into the query.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from server.typed import whole

PAGE_ROWS = 100
MOST_QUERY = 60

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. `words` is its Chinese heading, a message of text.py."""

    name: str
    words: str
    is_number: bool = False
    is_default: bool = True


@dataclass(frozen=True)
class Listing:
    """What was asked for. `chosen` holds every filter of the page by name, "" when it is open."""

    chosen: Mapping[str, str]
    q: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 1
    columns: tuple[str, ...] = ()

    @property
    def sort_words(self) -> str:
        return f"{'-' if self.descending else ''}{self.sort}"

    @property
    def query(self) -> str:
        """The address of the same list, without what was searched for."""
        asked = [(name, value) for name, value in self.chosen.items() if value]
        if self.sort:
            asked.append(("sort", self.sort_words))
        if self.page > 1:
            asked.append(("page", str(self.page)))
        asked.extend(("column", name) for name in self.columns)
        return f"?{urlencode(asked)}" if asked else ""


@dataclass(frozen=True)
class Page(Generic[Line]):
    """One page of a list. `total` counts the lines that match, `all` those of the village."""

    rows: Sequence[Line]
    total: int
    all: int
    number: int = 1
    pages: int = 1
    sums: Mapping[str, int] = field(default_factory=dict)


def asked(
    data: FormData | QueryParams,
    filters: Sequence[str],
    columns: Sequence[Column],
    more: Sequence[Column] = (),
) -> Listing:
    """Read a list's request. Unknown columns and sorts are dropped, so an old bookmark still opens. `more`
    columns may be shown, and nothing is sorted by them."""
    known = [column.name for column in columns]
    shown = [*known, *(column.name for column in more)]
    # The sort button comes after the hidden field that keeps the last order; the later one counts.
    sort = str((data.getlist("sort") or [""])[-1])
    wanted = frozenset(data.getlist("column"))
    picked = tuple(name for name in shown if name in wanted)
    return Listing(
        chosen={name: str(data.get(name, "")) for name in filters},
        q=str(data.get("q", "")).strip()[:MOST_QUERY],
        sort=sort.lstrip("-") if sort.lstrip("-") in known else "",
        descending=sort.startswith("-"),
        page=whole(data.get("page"), least=1, most=99_999) or 1,
        columns=() if picked == defaults(columns) else picked,
    )


def defaults(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in columns if column.is_default)


def columns_of(listing: Listing, columns: Sequence[Column]) -> list[Column]:
    """The columns to show, in their own order."""
    wanted = listing.columns or defaults(columns)
    return [column for column in columns if column.name in wanted]


def answer(
    listing: Listing,
    lines: Sequence[Line],
    *,
    keep: Callable[[Line], bool],
    key: Callable[[Line, str], Any],
    sums: Callable[[Sequence[Line]], Mapping[str, int]] = lambda _: {},
    rows: int = PAGE_ROWS,
) -> Page[Line]:
    """Filter, sort and cut. Sums are over all that match, not over the page."""
    matching = [line for line in lines if keep(line)]
    if listing.sort:
        # Empty values stay at the end in both directions: a gap is never the largest or the smallest.
        filled = [line for line in matching if key(line, listing.sort) not in (None, "")]
        empty = [line for line in matching if key(line, listing.sort) in (None, "")]
        filled.sort(key=lambda line: key(line, listing.sort), reverse=listing.descending)
        ordered = filled + empty
    else:
        ordered = matching
    pages = max(1, -(-len(ordered) // rows))
    number = min(listing.page, pages)
    return Page(
        rows=ordered[(number - 1) * rows : number * rows],
        total=len(matching),
        all=len(lines),
        number=number,
        pages=pages,
        sums=sums(matching),
    )


def finds(q: str, names: Sequence[str], pinyins: Sequence[str], numbers: Sequence[str]) -> bool:
    """Whether a search meets a line: part of a name, pinyin or its initials, or part of a number.

    `谷小`, `guxiao`, `gu xiao`, `gxm` and `0003` all find what they should.
    """
    if not q:
        return True
    wanted = "".join(q.lower().split())
    if any(wanted in name.lower() for name in names if name):
        return True
    for pinyin in filter(None, pinyins):
        syllables = pinyin.lower().split()
        if "".join(syllables).startswith(wanted) or "".join(s[0] for s in syllables).startswith(
            wanted
        ):
            return True
    digits = wanted.replace("-", "")
    return digits.isdecimal() and any(
        digits in number.replace("-", "") for number in numbers if number
    )
