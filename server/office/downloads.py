"""Excel out: the list as it is on the screen, row for row, and the blank roster to fill in."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import children, export, households
from server.office.lines import CHILD_COLUMNS, HOUSEHOLD_COLUMNS
from server.office.listing import Listing, asked
from server.office.pages import today
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EVERY_ROW = 1_000_000


@page("export")
async def download(request: Request) -> Response:
    """A list with the filters, search and order of the page it was asked from. Noted in the audit."""
    name = request.path_params["name"]
    if name not in ("households", "children"):
        raise Problem("not_found")
    account, language = account_of(request), language_of(request)
    register = await load(registry_of(request), account.village)
    form = await request.form()
    rows = register.rows.values()
    if name == "children":
        listing = asked(form, children.FILTERS, CHILD_COLUMNS)
        ids = [it.id for it in children.found(listing, register, language, rows=EVERY_ROW).rows]
        about = in_words(listing, register, language)
        sheet = export.children_sheet(rows, today(), ids=ids, about=about, lang=language)
    else:
        listing = asked(form, households.FILTERS, HOUSEHOLD_COLUMNS)
        ids = [it.id for it in households.found(listing, register, language, rows=EVERY_ROW).rows]
        about = in_words(listing, register, language)
        sheet = export.households_sheet(rows, today(), ids=ids, about=about, lang=language)
    await auth_of(request).note(account.village, account.id, "export", name, f"{len(ids)}")
    return attachment(export.workbook([sheet]), f"zoufang-{name}-{today()}.xlsx")


@page("import")
async def template(request: Request) -> Response:
    """The blank roster with the village's grids to choose from."""
    register = await load(registry_of(request), account_of(request).village, "grid", "household")
    blank = export.template(list(register.grid_names.values()), language_of(request))
    return attachment(blank, "zoufang-roster.xlsx")


def in_words(listing: Listing, register: Register, language: str) -> str:
    """The filters in force, for the line under the sheet's title; "" when all rows are asked for."""
    offered = households.options(register, language)
    own = {
        "left_behind": {
            "yes": "有留守儿童", "no": "没有留守儿童" if "file" not in listing.chosen else "非留守",
            "wide": "宽口径", "legal": "法定口径",
        },
        "file": {"complete": "档案填齐", "open": "档案有缺项"},
    }  # fmt: skip
    said = []
    for name, value in listing.chosen.items():
        if not value:
            continue
        if name in offered:
            said.append(dict(offered[name]).get(value, value))
        else:
            said.append(translate(language, own[name].get(value, value)))
    if listing.q:
        said.append(translate(language, "搜索“%(q)s”", q=listing.q))
    return ("，" if language == "zh" else ", ").join(said)


def attachment(content: bytes, filename: str) -> Response:
    """A file to save, never to show; `filename` is ours and plain ASCII."""
    return Response(
        content,
        media_type=XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Cache-Control": "no-store",
        },
    )
