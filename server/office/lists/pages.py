"""The pages of the lists: all of them by name, one with its filters and columns, and the same as Excel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import export, values
from server.office.downloads import EVERY_ROW
from server.office.filter_words import in_words
from server.office.listing import PAGE_ROWS, Listing, Page, answer, asked, columns_of, finds
from server.office.lists.catalogue import GROUPS, KINDS
from server.office.lists.helping import helpers
from server.office.lists.kinds import Column, Desk, Kind, Line
from server.office.pages import CHINA, is_fragment, redirect, render, today
from server.office.roster import columns as roster
from server.office.roster.columns import Cell
from server.office.security import account_of, auth_of, page, registry_of
from server.office.statistics.asking import SCOPES, Asked, book_of
from server.office.statistics.book import UNKNOWN, WIDE
from server.office.text import language_of, translate
from server.office.work.writing import answer_with
from server.registry import Made

BEGINNING = "1990-01-01"
"""Lists hold what is open whenever it began."""

MOST_HELD = 4
"""Lists whose lines are kept until something changes."""

Options = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Shown:
    """A list as it was asked for: the lines in order, what the filters offer and say, and the columns."""

    kind: Kind
    desk: Desk
    listing: Listing
    page: Page[Line]
    columns: Sequence[Column]
    all_columns: Sequence[Column]
    options: Options
    said: str

    @property
    def is_public(self) -> bool:
        return all(it.is_public for it in self.columns)


@page("read_records")
async def lists(request: Request) -> Response:
    """Every list this role may see."""
    role, can = account_of(request).role, request.state.can
    groups = [(words, [it for it in kinds if it.is_open_to(role, can)]) for words, kinds in GROUPS]
    return render(request, "lists", {"groups": [it for it in groups if it[1]]})


@page("read_records")
async def one(request: Request) -> Response:
    """One list. A post carries what was searched for; everything else can stand in the address."""
    kind = kind_of(request)
    data = request.query_params if request.method == "GET" else await request.form()
    printing = request.method == "POST" and data.get("print") == "1"
    shown = await show(request, kind, data, rows=EVERY_ROW if printing else PAGE_ROWS)
    address = f"/office/lists/{kind.name}{shown.listing.query}"
    searched = bool(shown.listing.q)
    if request.method == "POST" and not searched and not printing and not is_fragment(request):
        return redirect(request, address)
    if kind.is_logged:
        await _note(request, "open_list", shown)
    headers = {"HX-Push-Url": address} if is_fragment(request) else {}
    return render(
        request,
        "list",
        {
            "kind": kind,
            "shown": shown,
            "listing": shown.listing,
            "page": shown.page,
            "printing": printing,
            "helpers": _helpers(shown.desk)
            if kind.is_assigned and request.state.can["pair"]
            else [],
        },
        headers=headers,
    )


@page("export")
async def excel(request: Request) -> Response:
    """The list with the filters, search, order and columns of its page. Noted in the audit by its name."""
    kind = kind_of(request)
    shown = await show(request, kind, await request.form(), rows=EVERY_ROW)
    await _note(request, "export", shown)
    filename = f"zoufang-{kind.name}-{shown.desk.book.on}.xlsx"
    return await answer_with(request, filename, [sheet(shown)])


def kind_of(request: Request) -> Kind:
    """The list of the address. Raises `not_found`; `not_allowed` for one that is not for this role."""
    kind = KINDS.get(request.path_params["name"])
    if kind is None:
        raise Problem("not_found")
    if not kind.is_open_to(account_of(request).role, request.state.can):
        raise Problem("not_allowed")
    return kind


async def show(request: Request, kind: Kind, data: QueryParams | FormData, *, rows: int) -> Shown:
    account, language = account_of(request), language_of(request)
    filters = [it.name for it in kind.filters] + (["scope"] if kind.is_scoped else [])
    columns = kind.columns_for(account.role)
    listing = asked(data, filters, columns)
    scope = listing.chosen.get("scope") or WIDE
    if scope not in SCOPES:
        raise Problem("bad_field", field="scope")
    desk = await _desk(request, kind, Asked(BEGINNING, today(), scope))
    held = desk.book.register.once("lists", lambda: Made(MOST_HELD))
    lines = held.once((kind.name, scope, today(), language), lambda: list(kind.lines(desk)))
    found = answer(
        listing, lines, keep=lambda it: keeps(listing, it), key=lambda it, column: it.key(column),
        sums=lambda matching: _sums(columns, matching), rows=rows,
    )  # fmt: skip
    options = offered(kind, desk, listing, lines)
    said = in_words(listing, options, language)
    chosen = [it for it in columns if it in columns_of(listing, columns)]
    return Shown(kind, desk, listing, found, chosen, columns, options, said)


async def _desk(request: Request, kind: Kind, wanted: Asked) -> Desk:
    registry, village = registry_of(request), account_of(request).village
    book = await book_of(registry, village, wanted)
    changed: dict[str, str] = {}
    if kind.asks_changed:
        types = ("child", "household", "person", "parent_link", "guardianship")
        for id, at in (await registry.last_changed(village, *types)).items():
            changed[id] = (
                datetime.fromtimestamp(at / 1000, UTC).astimezone(CHINA).date().isoformat()
            )
    return Desk(book, language_of(request), changed)


def keeps(listing: Listing, line: Line) -> bool:
    """Whether a line is among those asked for."""
    return all(
        not value or name == "scope" or value in line.marks.get(name, ())
        for name, value in listing.chosen.items()
    ) and finds(listing.q, line.names, line.pinyins, ())


def _sums(columns: Sequence[Column], lines: Sequence[Line]) -> Mapping[str, int]:
    """The sums of the columns that count something."""
    return {
        it.name: sum(n for line in lines if isinstance(n := line.cells.get(it.name), int))
        for it in columns
        if it.is_number and it.is_summed
    }


def offered(kind: Kind, desk: Desk, listing: Listing, lines: Sequence[Line]) -> Options:
    """What each filter offers: values some line is found under, and the one chosen."""
    found: dict[str, list[tuple[str, str]]] = {}
    for it in kind.filters:
        there = {value for line in lines for value in line.marks.get(it.name, ())}
        if chosen := listing.chosen[it.name]:
            there.add(chosen)
        known = [value for value in it.first if value in there]
        others = [(value, it.said(desk, value)) for value in there - set(known)]
        others.sort(
            key=lambda pair: (pair[0] == UNKNOWN, pair[0] if it.name == "grid" else pair[1])
        )
        found[it.name] = [(value, it.said(desk, value)) for value in known] + others
    if kind.is_scoped:
        found["scope"] = [(name, translate(desk.language, words)) for name, words in SCOPES.items()]
    return found


def about(shown: Shown) -> str:
    """The line over an Excel: the day, whose children count, the definition, and the filters in force."""
    language = shown.desk.language
    scope = translate(language, SCOPES[shown.desk.book.scope]) if shown.kind.is_scoped else ""
    said = [
        translate(language, "截至 %(day)s", day=shown.desk.book.on),
        translate(language, "口径：%(what)s", what=translate(language, "，").join(filter(None, [scope, translate(language, shown.kind.definition)]))),
        translate(language, "筛选：%(what)s", what=shown.said) if shown.said else translate(language, "没有筛选"),
        "" if shown.is_public else translate(language, "内部资料 注意保密"),
    ]  # fmt: skip
    return translate(language, "；").join(filter(None, said))


def sheet(shown: Shown) -> export.Sheet:
    language = shown.desk.language
    headings = [
        roster.Column(it.name, translate(language, it.words), it.width) for it in shown.columns
    ]
    lines = shown.page.rows
    rows = ([written(shown.desk, it, line) for it in shown.columns] for line in lines)
    words = translate(language, shown.kind.words)
    return export.Sheet(words, about(shown), headings, rows, len(lines))


def written(desk: Desk, column: Column, line: Line) -> Cell:
    """A cell in words."""
    value = line.cells.get(column.name)
    if column.shows == "risk" and value:
        return values.short(values.code_label("risk_level", value, desk.language))
    return value


def _helpers(desk: Desk) -> list[tuple[str, str]]:
    """Who may be given children: the helpers in office, with how many they have."""
    return [
        (it.id, f"{it.cells['name']} · {it.cells['kind'] or ''} · {it.cells['children']}/{it.cells['most']}")
        for it in sorted(helpers(desk), key=lambda it: str(it.order["name"]))
        if "left" not in it.marks["load"]
    ]  # fmt: skip


async def _note(request: Request, action: str, shown: Shown) -> None:
    account = account_of(request)
    subject = f"lists/{shown.kind.name}"
    await auth_of(request).note(account.village, account.id, action, subject, f"{shown.page.total}")
