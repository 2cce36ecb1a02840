"""Excel out: the list as it is on the screen, or as a roster, and the blank roster to fill in."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import children, export, households, values
from server.office.filter_words import in_words
from server.office.lines import CHILD_COLUMNS, HOUSEHOLD_COLUMNS, ChildLine, HouseholdLine
from server.office.listing import Column, Listing, asked, columns_of
from server.office.more_columns import is_more, more_columns, sheet
from server.office.pages import today
from server.office.register import Register, load
from server.office.roster import columns as roster
from server.office.roster.columns import Cell
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.office.work.writing import MEDIA, answer_with

EVERY_ROW = 1_000_000
TYPE_OF = {"children": "child", "households": "household"}
WIDTHS = {
    "file_no": 20, "household_no": 19, "name": 11, "head_name": 11, "school": 22, "carer": 16,
    "helpers": 16, "address": 26, "phone": 14, "birth_date": 12, "due_on": 12, "fact": 16,
    "surveyed_on": 12,
}  # fmt: skip

Line = ChildLine | HouseholdLine


@page("export")
async def download(request: Request) -> Response:
    """A list with the filters, search and order of the page it was asked from. Noted in the audit."""
    name = request.path_params["name"]
    if name not in TYPE_OF:
        raise Problem("not_found")
    account, auth, language = account_of(request), auth_of(request), language_of(request)
    register = await load(registry_of(request), account.village)
    form = await request.form()
    listing, lines = _asked(name, form, register, language)
    whole = form.get("whole") == "1"
    if whole and not request.state.can["see_id_number"]:
        raise Problem("not_allowed")
    about = in_words(listing, households.options(register, language), language)
    make = roster_sheet if form.get("what") == "roster" else screen_sheet
    sheet = await run_in_threadpool(
        make, name, listing, lines, register, language, about=about, whole=whole
    )
    await auth.note(account.village, account.id, "export", name, f"{len(lines)}")
    if whole and any(column.key.endswith(".id_number") for column in sheet.columns):
        await auth.note(account.village, account.id, "see_id_number", name, f"{len(lines)}")
    return await answer_with(request, f"zoufang-{name}-{today()}.xlsx", [sheet])


def _asked(
    name: str, form: FormData, register: Register, language: str
) -> tuple[Listing, Sequence[Line]]:
    """What was asked for, and every line of it."""
    if name == "children":
        asked_children = asked(
            form, children.FILTERS, CHILD_COLUMNS, more_columns("child", language)
        )
        return asked_children, children.found(
            asked_children, register, language, rows=EVERY_ROW
        ).rows
    listing = asked(
        form, households.FILTERS, HOUSEHOLD_COLUMNS, more_columns("household", language)
    )
    return listing, households.found(listing, register, language, rows=EVERY_ROW).rows


def roster_sheet(
    name: str,
    listing: Listing,
    lines: Sequence[Line],
    register: Register,
    language: str,
    *,
    about: str,
    whole: bool,
) -> export.Sheet:
    """The roster with its usual columns, which the import reads back."""
    ids = [line.id for line in lines]
    rows = register.rows.values()
    return sheet(TYPE_OF[name], rows, today(), ids, language, about=about, whole=whole)


def screen_sheet(
    name: str,
    listing: Listing,
    lines: Sequence[Line],
    register: Register,
    language: str,
    *,
    about: str,
    whole: bool,
) -> export.Sheet:
    """The columns chosen on the screen, in their order there."""
    kind = TYPE_OF[name]
    own = CHILD_COLUMNS if name == "children" else HOUSEHOLD_COLUMNS
    columns = columns_of(listing, [*own, *more_columns(kind, language)])
    more = [column.name for column in columns if is_more(column)]
    plain = [column for column in columns if not is_more(column)]
    rows, ids = register.rows.values(), [line.id for line in lines]
    made = sheet(kind, rows, today(), ids, language, keys=more, about=about, whole=whole)
    headings = [
        roster.Column(it.name, translate(language, it.words), WIDTHS.get(it.name, 10))
        for it in plain
    ]
    return replace(
        made,
        columns=[*headings, *made.columns],
        rows=(
            [*(cell_of(line, it, language) for it in plain), *rest]
            for line, rest in zip(lines, made.rows, strict=True)
        ),
    )


def cell_of(line: Line, column: Column, language: str) -> Cell:
    """What the screen shows of a line, without its colours."""
    value = getattr(line, "grid_name" if column.name == "grid" else column.name, None)
    if column.name == "risk":
        value = values.short(values.code_label("risk_level", line.risk, language))
    elif column.name == "result" and isinstance(line, HouseholdLine):
        value = line.result_words
    elif isinstance(line, ChildLine):
        if column.name == "due_on":
            value = line.due.due_on if line.due else None
        elif column.name == "school":
            value = " ".join(filter(None, [line.school, line.grade_words]))
        elif column.name == "carer":
            value = " ".join(filter(None, [line.carer, line.carer_relation]))
    if value is None or value in ("", values.UNKNOWN):
        return None
    return value if isinstance(value, int) else str(value)


@page("import")
async def template(request: Request) -> Response:
    """The blank roster with the village's grids to choose from."""
    register = await load(registry_of(request), account_of(request).village, "grid", "household")
    blank = export.template(list(register.grid_names.values()), language_of(request))
    return attachment(blank, "zoufang-roster.xlsx")


def attachment(content: bytes, filename: str, media: str = MEDIA["xlsx"]) -> Response:
    """A file to save, never to show; `filename` is ours and plain ASCII."""
    return Response(
        content,
        media_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "no-store",
        },
    )
