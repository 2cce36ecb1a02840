"""What was recorded with an own form: a list with filters, and the same list as Excel, with codes or in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.forms.media import ENDINGS
from server.office import export, values
from server.office.attachments import shown_of
from server.office.filter_words import in_words
from server.office.listing import Column, Listing, Page, answer, asked
from server.office.pages import render, today
from server.office.records import hidden_fields
from server.office.register import Register, load, text_of
from server.office.roster.columns import Cell
from server.office.roster.columns import Column as SheetColumn
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.office.work.writing import answer_with
from server.programme import Field, RecordType, programme, programme_of, projection_of
from server.programme.derive import struck
from server.programme.own import VERSION, type_name
from server.registry import Row

ABOUT = (
    Column("on", "日期"),
    Column("about", "谁家或哪个孩子"),
    Column("grid", "网格"),
    Column("by", "记录人"),
    Column("version", "版本", is_number=True),
)
MOST_CHOICE_FILTERS = 6
EVERY_ROW = 1_000_000
_AROUND = frozenset(
    {"household_id", "child_id", "grid_code", "occurred_on", "corrects_id", "recorded_by", VERSION}
)
AS_STORED = frozenset({"integer", "decimal", "range", *ENDINGS})
"""Question types whose answers a sheet of words has as they are: numbers, and the names of attachments."""
WIDTH, WIDE = 14, 28


@dataclass(frozen=True)
class Line:
    """One record. `said` are its answers in words, by field."""

    row: Row
    on: str
    about: str
    about_id: str
    grid_code: str
    grid: str
    by: str
    version: int
    said: Mapping[str, str]
    is_corrected: bool

    def key(self, column: str) -> str | int:
        """What the list is sorted by; numbers as numbers."""
        if column in {it.name for it in ABOUT}:
            return getattr(self, column)  # type: ignore[no-any-return]
        value = self.row.fields.get(column)
        return value if isinstance(value, int) else self.said.get(column, "")


@dataclass(frozen=True)
class Asked:
    """A list as it was asked for."""

    kind: RecordType
    fields: Sequence[Field]
    listing: Listing
    options: Mapping[str, Sequence[tuple[str, str]]]
    page: Page[Line]
    register: Register


@page("read_records")
async def records(request: Request) -> Response:
    """The list; its filters are no secrets, so they stand in the address."""
    found = await asked_for(request, request.query_params)
    language = language_of(request)
    columns = [*ABOUT, *(Column(it.name, values.label(it, language)) for it in found.fields)]
    rows = [line.row for line in found.page.rows]
    hidden = hidden_fields(account_of(request).role, found.kind.name)
    pictures = await shown_of(request, rows, found.register, hidden)
    return render(
        request,
        "own_records",
        {
            "kind": found.kind,
            "name": request.path_params["form"],
            "listing": found.listing,
            "page": found.page,
            "about": ABOUT,
            "pictures": pictures,
            "has_files": any(
                it.state == "here"
                for fields in pictures.values()
                for of_field in fields.values()
                for it in of_field
            ),
            "attachments": {it.name for it in found.fields if it.type in ENDINGS},
            "columns": columns[len(ABOUT) :],
            "choices": [
                (it.name, values.label(it, language), found.options[it.name])
                for it in found.fields
                if it.name in found.options
            ],
            "options": found.options,
            "said": in_words(found.listing, found.options, language),
        },
    )


@page("export")
async def download(request: Request) -> Response:
    """The list with the filters it was asked with; each repeat on a sheet of its own. Noted in the audit."""
    data = await request.form()
    found = await asked_for(request, data, rows=EVERY_ROW)
    account, language = account_of(request), language_of(request)
    coded = data.get("coded") == "1"
    said = in_words(found.listing, found.options, language)
    everything = translate(language, "全部记录")
    about = translate(language, "截至 %(day)s", day=today()) + " · " + (said or everything)
    sheets = sheets_of(found, language, coded=coded, about=about)
    await auth_of(request).note(
        account.village, account.id, "export", found.kind.name, f"{len(found.page.rows)}"
    )
    name = request.path_params["form"]
    return await answer_with(request, f"zoufang-{name}-{today()}.xlsx", sheets)


async def asked_for(request: Request, data: FormData | QueryParams, rows: int = 100) -> Asked:
    """The list of the address, with the filters that `data` holds. Raises `not_found`, `not_allowed`."""
    account, language, registry = account_of(request), language_of(request), registry_of(request)
    name = type_name(account.village, request.path_params["form"])
    kind = programme_of(account.village).types.get(name)
    if kind is None:
        raise Problem("not_found")
    if not projection_of(account.role, name):
        raise Problem("not_allowed")
    register = await load(registry, account.village, "grid", "household", "child", "person")
    held = await registry.rows(account.village, name)
    fields = [it for it in kind.fields.values() if it.name not in _AROUND and it.type != "note"]
    lines = lines_of(held, fields, register, language)
    chosen = [it for it in fields if it.type in ("select_one", "select_multiple")]
    options: dict[str, Sequence[tuple[str, str]]] = {
        "grid": [*register.grid_names.items()],
        "version": [(str(n), f"v{n}") for n in sorted({line.version for line in lines})],
        **{it.name: _codes(it, held, language) for it in chosen[:MOST_CHOICE_FILTERS]},
    }
    names = [*ABOUT, *(Column(it.name, it.name) for it in fields)]
    listing = asked(data, (*options, "from", "to"), names)
    if not listing.sort:
        lines.sort(key=lambda line: (line.on, line.row.id), reverse=True)
    shown = answer(
        listing,
        lines,
        keep=lambda line: _keeps(listing, line),
        key=lambda line, column: line.key(column),
        rows=rows,
    )
    return Asked(kind, fields, listing, options, shown, register)


def _keeps(listing: Listing, line: Line) -> bool:
    chosen, fields = listing.chosen, line.row.fields
    for name, wanted in chosen.items():
        if name in ("grid", "version", "from", "to") or not wanted:
            continue
        value = fields.get(name)
        if wanted != value and not (isinstance(value, list) and wanted in value):
            return False
    return (
        chosen["grid"] in ("", line.grid_code)
        and chosen["version"] in ("", str(line.version))
        and (not chosen["from"] or line.on >= chosen["from"])
        and (not chosen["to"] or line.on <= chosen["to"])
        and (
            not listing.q
            or any(listing.q in it for it in (line.about, line.by, *line.said.values()))
        )
    )


def _codes(it: Field, rows: Iterable[Row], language: str) -> list[tuple[str, str]]:
    """The choices of all versions that stand in the newest form, or in some record."""
    offered = {choice.name: choice for choice in programme().lists.get(it.list or "", ())}
    found = {code: values.label(choice, language) for code, choice in offered.items()}
    for row in rows:
        value = row.fields.get(it.name)
        for code in value if isinstance(value, list) else [value] if value else []:
            if code not in found:
                found[code] = _said(row, it, {**row.fields, it.name: code}, language)
    return list(found.items())


def lines_of(
    rows: Iterable[Row], fields: Sequence[Field], register: Register, language: str
) -> list[Line]:
    """The records in words, each in those of the version it was written with."""
    rows = list(rows)
    corrected = struck(rows)
    lines = []
    for row in rows:
        target = register.rows.get(
            text_of(row.fields, "child_id") or text_of(row.fields, "household_id")
        )
        grid = register.grid_of(target) if target else text_of(row.fields, "grid_code")
        version = row.fields.get(VERSION)
        lines.append(
            Line(
                row=row,
                on=text_of(row.fields, "occurred_on"),
                about=register.name_of(target),
                about_id=target.id if target else "",
                grid_code=grid,
                grid=register.grid_names.get(grid, grid),
                by=text_of(row.fields, "recorded_by"),
                version=version if isinstance(version, int) else 0,
                said={it.name: _said(row, it, row.fields, language, register) for it in fields},
                is_corrected=row.id in corrected,
            )
        )
    return lines


def _said(
    row: Row,
    it: Field,
    answers: Mapping[str, object],
    language: str,
    register: Register | None = None,
) -> str:
    value = answers.get(it.name)
    if value in (None, "", [], {}):
        return ""
    written = programme().form_of(row.type, row.fields)
    field = (written.fields.get(it.name) if written else None) or it
    if field.ref and register is not None:
        return register.name_of(register.rows.get(str(value))) or translate(language, "（不在册）")
    return values.shown(value, field, language)


def sheets_of(found: Asked, language: str, *, coded: bool, about: str) -> list[export.Sheet]:
    """One sheet with a row a record, and one for each repeat with a row an entry."""
    title = values.label(found.kind, language)
    plain = [it for it in found.fields if it.type != "repeat"]
    lines = found.page.rows
    around = [SheetColumn("id", translate(language, "编号"), WIDE)]
    around += [SheetColumn(it.name, translate(language, it.words), WIDTH) for it in ABOUT]

    def head(line: Line) -> list[Cell]:
        grid = line.grid_code if coded else line.grid
        return [line.row.id, line.on, line.about, grid, line.by, line.version]

    def heading(it: Field) -> SheetColumn:
        words = it.name if coded else values.label(it, language)
        return SheetColumn(it.name, words, WIDE if it.type == "text" else WIDTH)

    def cell(line: Line, it: Field) -> Cell:
        if coded or it.type in AS_STORED:
            return _code(line.row.fields.get(it.name), it)
        return line.said[it.name] or None

    made = [
        export.Sheet(
            title, about, [*around, *map(heading, plain)],
            [[*head(line), *(cell(line, it) for it in plain)] for line in lines],
        )
    ]  # fmt: skip
    for repeat in (it for it in found.fields if it.type == "repeat"):
        rows: list[Sequence[Cell]] = []
        inner = [it for it in repeat.fields if it.type != "note"]
        for line in lines:
            entries = line.row.fields.get(repeat.name)
            for place, entry in enumerate(_entries(entries), start=1):
                said = [
                    _code(entry.get(it.name), it)
                    if coded or it.type in ENDINGS
                    else _said(line.row, _written(line.row, repeat, it), entry, language) or None
                    for it in inner
                ]
                rows.append([line.row.id, line.about, place, *said])
        columns = [
            SheetColumn("id", translate(language, "编号"), WIDE),
            SheetColumn("about", translate(language, ABOUT[1].words), WIDTH),
            SheetColumn("place", translate(language, "第几条"), WIDTH),
            *map(heading, inner),
        ]
        words = repeat.name if coded else values.label(repeat, language)
        made.append(export.Sheet(words, about, columns, rows))
    return made


def _entries(value: object) -> list[Mapping[str, object]]:
    held = value if isinstance(value, Mapping) else {}
    return [held[key] for key in sorted(held) if isinstance(held[key], Mapping)]


def _written(row: Row, repeat: Field, it: Field) -> Field:
    """A question of a repeat as the record's own version asks it."""
    written = programme().form_of(row.type, row.fields)
    own = written.fields.get(repeat.name) if written else None
    return next((each for each in (own.fields if own else ()) if each.name == it.name), it)


def _code(value: object, it: Field) -> Cell:
    if value in (None, "", []):
        return None
    if isinstance(value, list):
        return " ".join(map(str, value))
    if it.type in ("decimal", "range") and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value if isinstance(value, int | float) else str(value)
