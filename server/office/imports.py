"""Importing a roster: upload, preview, apply all or nothing, take the refused rows home.

The page keeps the bytes by their hash; what it sends back is hash, base, digest and the clerk's choices.
`roster.apply` plans again and refuses when the register has moved on, so the preview is what is written.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import roster
from server.office.downloads import attachment
from server.office.pages import redirect, render, today
from server.office.register import load
from server.office.roster.errors import RosterRefused
from server.office.roster.plan import SURE
from server.office.roster.preview import Decision
from server.office.roster.understand import Tell, untold
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.office.undoing import MOST_LISTED, Import, imports_of
from server.office.uploads import Uploads
from server.office.work import Work
from server.office.work.beginning import works_of
from server.office.work.planning import forget, is_large, taken_in
from server.office.work.planning import planned as work_planned
from server.programme import programme
from server.typed import whole

DECISIONS: tuple[Decision, ...] = ("leave", "fill", "create")
MOST_ROWS_SHOWN = 200
NO_CHOICES = frozenset({"csrf", "apply", "base", "digest"})
"""Fields of the preview's form that are no choices of the clerk."""
OLDEST_ROSTER = "1990-01-01"
NO_DAY = "没有这一天，或它还没到。请写表上的填报日期，比如 2026-03-01。"


def uploads_of(request: Request) -> Uploads:
    return Uploads(request.app.state.settings.data, account_of(request).village)


@page("import")
async def upload(request: Request) -> Response:
    """Choose a file. A file that cannot be read is refused here, with its sentence."""
    if request.method != "POST":
        done = (await imports_of(request))[:MOST_LISTED]
        return _choose(request, await uploads_of(request).waiting(), imports=done)
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _choose(request, [], RosterRefused("roster_empty_file"))
    content = await file.read(roster.MAX_BYTES + 1)
    try:
        if len(content) > roster.MAX_BYTES:
            raise RosterRefused("roster_too_large")
        if not is_large(content):
            await _planned(request, content, file.filename, roster.Options())
    except RosterRefused as refused:
        return _choose(request, [], refused)
    name = await uploads_of(request).put(content, file.filename)
    return redirect(request, f"/office/import/{name}")


@page("import")
async def preview(request: Request) -> Response:
    """What the import would do; a post changes the choices or applies them."""
    name = request.path_params["name"]
    kept = await uploads_of(request).get(name)
    if kept is None:
        return redirect(request, "/office/import")
    content, filename = kept
    data = await request.form() if request.method == "POST" else request.query_params
    problem = ""
    day_problem = "" if _day(data) is not None else translate(language_of(request), NO_DAY)
    if request.method == "POST" and data.get("apply") and not day_problem:
        try:
            return await _apply(request, name, content, filename, data)
        except RosterRefused as refused:
            problem = _said(request, refused)
    try:
        found = await _found(request, name, content, filename, data)
    except RosterRefused as refused:
        return _choose(request, [], refused)
    if isinstance(found, Response):
        return found
    planned = found
    language = language_of(request)
    register = await load(registry_of(request), account_of(request).village, "grid", "household")
    context: dict[str, Any] = {
        "name": name,
        "planned": planned,
        "digest": planned.digest,
        "summary": roster.summary(planned, language),
        "tables": [
            {
                "it": table,
                "rows": table.rows[:MOST_ROWS_SHOWN],
                "more": len(table.rows) - MOST_ROWS_SHOWN,
            }
            for table in roster.tables(planned, programme(), language)
        ],
        "alike": [match for match in planned.matches if match.reason not in SURE],
        "new_grids": [str(grid.set["name"]) for grid in planned.grids],
        "writes": bool(planned.changes()),
        "refused": len(planned.refused_rows()),
        "refused_rows": _refused_rows(name, planned.options),
        "grids": list(register.grid_names.items()),
        "problem": problem,
        "as_of": str(data.get("as_of", "")) if day_problem else planned.options.as_of,
        "day_problem": day_problem,
    }
    status = 409 if problem else 422 if day_problem else 200
    return render(request, "import_preview", context, status=status)


def _choose(
    request: Request,
    waiting: list[tuple[str, str]],
    refused: RosterRefused | None = None,
    imports: Sequence[Import] = (),
) -> Response:
    """The page on which a file is chosen, with what is wrong with the one just sent."""
    problem = _said(request, refused) if refused else ""
    context = {"waiting": waiting, "problem": problem, "imports": imports}
    return render(request, "import", context, status=refused.status if refused else 200)


async def _found(
    request: Request, name: str, content: bytes, filename: str, data: FormData | QueryParams
) -> roster.Preview | Response:
    """The preview with these choices, or, of a large file, the page that shows how far it is."""
    options = _options(data)
    if not is_large(content):
        return await _planned(request, content, filename, options)
    said = [(key, str(value)) for key, value in data.multi_items() if key not in NO_CHOICES]
    return await work_planned(
        request,
        filename,
        _key(name, options),
        lambda work: _planned(request, content, filename, options, work.tell),
        f"/office/import/{name}?{urlencode(said)}",
    )


def _key(name: str, options: roster.Options) -> tuple[object, ...]:
    return ("roster", name, today(), msgspec.json.encode(options))


async def _apply(
    request: Request, name: str, content: bytes, filename: str, data: FormData | QueryParams
) -> Response:
    """All of it or nothing. What is written is noted; what was refused waits to be fetched."""
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)
    uploads, base = uploads_of(request), whole(data.get("base")) or 0
    options, day = _options(data), date.fromisoformat(today())
    forget(request, _key(name, options))

    async def do(work: Work) -> None:
        applied = await roster.apply(
            registry, auth, account.village, content, filename, day,
            base=base, digest=str(data.get("digest", "")),
            author=account.name, options=options, tell=work.tell, settle=work.settle,
        )  # fmt: skip
        count = len(applied.preview.changes())
        await auth.note(account.village, account.id, "import", applied.device, f"{count}")
        if applied.preview.refused:
            work.told, work.leads_to = applied, f"/office/import/done/{work.id}"
        else:
            await uploads.forget(name)
            work.leads_to, work.flash = "/office/children", "imported"

    return await taken_in(request, content, filename, f"/office/import/{name}", do)


@page("import")
async def done(request: Request) -> Response:
    """What an import took in, with the rows it refused to mend and send again."""
    work = works_of(request).find(account_of(request), request.path_params["work"])
    applied = work.told if work is not None else None
    if not isinstance(applied, roster.Applied):
        return redirect(request, "/office/import")
    planned = applied.preview
    return render(
        request, "import_done",
        {"refused": len(planned.refused_rows()),
         "refused_rows": _refused_rows(planned.sha256, planned.options),
         "summary": roster.summary(planned, language_of(request))},
    )  # fmt: skip


def _refused_rows(name: str, options: roster.Options) -> str:
    """Where the refused rows are fetched, as they are refused with these choices."""
    create_grids = "1" if options.create_grids else ""
    said = {"grid": options.grid, "create_grids": create_grids, "as_of": options.as_of}
    return f"/office/import/{name}/refused.xlsx?{urlencode(said)}"


@page("import")
async def refused(request: Request) -> Response:
    """The refused rows as the same sheet with a reason column."""
    kept = await uploads_of(request).get(request.path_params["name"])
    if kept is None:
        raise Problem("not_found")
    content, filename = kept
    planned = await _planned(request, content, filename, _options(request.query_params))
    sheet = roster.refused_sheet(roster.read(content, filename), planned, language_of(request))
    return attachment(sheet, "zoufang-refused.xlsx")


async def _planned(
    request: Request,
    content: bytes,
    filename: str,
    options: roster.Options,
    tell: Tell = untold,
) -> roster.Preview:
    return await roster.preview_for(
        registry_of(request),
        account_of(request).village,
        content,
        filename,
        date.fromisoformat(today()),
        options,
        tell=tell,
    )


def _options(data: FormData | QueryParams) -> roster.Options:
    """The clerk's choices as posted; anything else is as if not chosen."""
    alike = str(data.get("alike", "leave"))
    decisions: dict[str, Decision] = {}
    for key, value in data.multi_items():
        place = key.removeprefix("decision ")
        chosen = next((it for it in DECISIONS if it == value), None)
        if place != key and chosen and chosen != "leave":  # which goes without saying
            decisions[place] = chosen
    return roster.Options(
        grid=str(data.get("grid", "")),
        create_grids=data.get("create_grids") == "1",
        as_of=_day(data) or "",
        overwrite=data.get("overwrite") == "1",
        alike=next((it for it in DECISIONS if it == alike), "leave"),
        decisions=decisions,
    )


def _day(data: FormData | QueryParams) -> str | None:
    """The day ages count on, "" when the clerk left it open, None for no day a roster could be of: one that
    is not there, lies ahead, or lies before anybody kept such rosters."""
    typed = str(data.get("as_of", "")).strip()
    if not typed:
        return ""
    try:
        day = date.fromisoformat(typed).isoformat()
    except ValueError:
        return None
    return day if OLDEST_ROSTER <= day <= today() else None


def _said(request: Request, refused: RosterRefused) -> str:
    return refused.message(language_of(request))
