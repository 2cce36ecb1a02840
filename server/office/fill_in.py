"""Taking filled Excel templates in: upload, preview by row with findings by cell, apply all or nothing.

The page keeps the bytes by their hash; what comes back is hash, digest and what the clerk said of columns and rows.
The file is planned again and written only when that gives the plan that was shown.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import filled, roster, sheet_form, values
from server.office.downloads import attachment
from server.office.judging import is_demo
from server.office.pages import redirect, render, today
from server.office.records import hidden_fields
from server.office.register import load, text_of
from server.office.roster.cells import fold
from server.office.roster.errors import RosterRefused
from server.office.roster.refused import Part, rows_back
from server.office.roster.understand import Tell, untold
from server.office.security import account_of, auth_of, page, registry_of
from server.office.tabular import BY, WHY_BACK
from server.office.text import language_of, translate
from server.office.uploads import Uploads
from server.office.work import Work
from server.office.work.planning import forget, is_large, taken_in
from server.office.work.planning import planned as work_planned
from server.programme import RecordType, may_write, programme_of
from server.registry import short_id, uuid7
from sync import PRESENT, Change, RecordId

BY_ROSTER = ("household", "child")
"""Types that come in as a roster, which makes the whole family."""
COLUMN = "column_name"
FROM_EXCEL = "EXCEL"
MOST_ROWS_SHOWN = 300
NO_SHEET = "没有认出标题行。请用这种表的 Excel 模板，标题行不要改。"


def kind_of(request: Request) -> RecordType:
    """The type of the address. Raises `not_found`; `not_allowed` for what this role does not write."""
    account = account_of(request)
    kind = programme_of(account.village).types.get(request.path_params["type"])
    if kind is None or kind.name in BY_ROSTER:
        raise Problem("not_found")
    if not may_write(account.role, kind.name) or (kind.own is not None and kind.own.retired):
        raise Problem("not_allowed")
    return sheet_form.form_of(kind)


def _uploads(request: Request, kind: RecordType) -> Uploads:
    """Apart from the rosters, and one form's files apart from another's."""
    folder = request.app.state.settings.data / "filled" / kind.name
    return Uploads(folder, account_of(request).village)


@page("import")
async def upload(request: Request) -> Response:
    """Choose a filled template. What cannot be read is refused here, with its sentence."""
    kind = kind_of(request)
    if request.method != "POST":
        return _choose(request, kind)
    file = (await request.form()).get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise RosterRefused("roster_empty_file")
        content = await file.read(roster.MAX_BYTES + 1)
        if len(content) > roster.MAX_BYTES:
            raise RosterRefused("roster_too_large")
        if not is_large(content):
            planned = await _planned(request, kind, content, file.filename, {})
            if planned.columns is None:
                return _choose(request, kind, translate(language_of(request), NO_SHEET), 422)
    except RosterRefused as refused:
        return _choose(request, kind, refused.message(language_of(request)), refused.status)
    name = await _uploads(request, kind).put(content, file.filename)
    return redirect(request, f"/office/programme/{kind.name}/import/{name}")


@page("import")
async def preview(request: Request) -> Response:
    """What would be written; a post says what a column is or which twins are none, or applies it."""
    kind, name = kind_of(request), request.path_params["name"]
    kept = await _uploads(request, kind).get(name)
    if kept is None:
        return redirect(request, f"/office/programme/{kind.name}/import")
    content, filename = kept
    data = request.query_params if request.method != "POST" else await request.form(max_fields=2000)
    told, chosen = _told(data), frozenset(str(it) for it in data.getlist("take"))
    address = f"/office/programme/{kind.name}/import/{name}"
    key = ("filled", kind.name, name, today(), tuple(sorted(told.items())))
    problem = ""
    if request.method == "POST" and data.get("apply"):
        forget(request, key)
        digest = str(data.get("digest", ""))
        try:
            return await _apply(request, kind, name, kept, chosen, told, digest, back=address)
        except RosterRefused as refused:
            problem = refused.message(language_of(request))
    found: filled.Planned | Response
    if is_large(content):
        said = [(it, str(value)) for it, value in data.multi_items() if it.startswith("column ")]
        found = await work_planned(
            request, filename, key,
            lambda work: _planned(request, kind, content, filename, told, work.tell),
            f"{address}?{urlencode(said)}",
        )  # fmt: skip
    else:
        found = await _planned(request, kind, content, filename, told)
    if isinstance(found, Response):
        return found
    planned = found
    context: dict[str, Any] = {
        "kind": kind,
        "filename": filename,
        "planned": planned,
        "writes": len(planned.taken(chosen)),
        "chosen": chosen,
        "told": told,
        "explained": urlencode([(f"column {it}", field) for it, field in told.items()]),
        "rows": planned.rows[:MOST_ROWS_SHOWN],
        "more": len(planned.rows) - MOST_ROWS_SHOWN,
        "problem": problem,
        "path": address,
        "free": [it for it in planned.offered
                 if planned.columns and it not in planned.columns.fields.values()],
    }  # fmt: skip
    return render(request, "fill_in_preview", context, status=409 if problem else 200)


@page("import")
async def refused(request: Request) -> Response:
    """The rows that cannot be taken as the same sheet, with a last column that says why."""
    kind, language = kind_of(request), language_of(request)
    kept = await _uploads(request, kind).get(request.path_params["name"])
    if kept is None:
        raise Problem("not_found")
    planned = await _planned(request, kind, *kept, _told(request.query_params))
    if planned.columns is None:
        raise Problem("not_found")
    reasons = {it.number: _why(it, language) for it in planned.rows if it.state == "bad"}
    part = Part(planned.sheet, planned.columns.row, 1, reasons)
    workbook = await asyncio.to_thread(roster.read, *kept)
    made = await asyncio.to_thread(rows_back, workbook, [part], translate(language, WHY_BACK))
    return attachment(made, f"zoufang-{kind.name}-refused.xlsx")


def _why(row: filled.Row, language: str) -> str:
    said = (f"{it.address} {values.label(it.label, language)}".strip() for it in row.said)
    return translate(language, "；").join(said)


def _choose(request: Request, kind: RecordType, problem: str = "", status: int = 200) -> Response:
    context = {"kind": kind, "problem": problem, "words": values.label(kind, language_of(request))}
    return render(request, "fill_in", context, status=status)


async def _planned(
    request: Request,
    kind: RecordType,
    content: bytes,
    filename: str,
    told: Mapping[str, str],
    tell: Tell = untold,
) -> filled.Planned:
    account = account_of(request)
    hidden = hidden_fields(account.role, kind.name)
    pointed = {it.ref for it in kind.fields.values() if it.ref}
    types = dict.fromkeys(
        (kind.name, "grid", "household", "person", "child", COLUMN, *sorted(pointed))
    )
    register = await load(registry_of(request), account.village, *types)
    remembered = {
        text_of(it.fields, "heading"): text_of(it.fields, "field")
        for it in register.kind(COLUMN)
        if it.fields.get("form") == kind.name
    }
    workbook = await asyncio.to_thread(roster.read, content, filename)
    return await asyncio.to_thread(
        filled.plan, workbook, kind, register, today(),
        told={**remembered, **told}, hidden=hidden, demo=is_demo(account.village), tell=tell,
    )  # fmt: skip


def _told(data: FormData | QueryParams) -> dict[str, str]:
    """What the clerk says headings mean: folded heading -> field, "" for none."""
    found = {}
    for key, value in data.multi_items():
        heading = key.removeprefix("column ")
        if heading != key and isinstance(value, str):
            found[fold(heading)] = value
    return found


async def _apply(
    request: Request,
    kind: RecordType,
    name: str,
    kept: tuple[bytes, str],
    chosen: frozenset[str],
    told: Mapping[str, str],
    digest: str,
    *,
    back: str,
) -> Response:
    """Plan once more, and write it if that is the plan that was shown. Raises RosterRefused (`roster_preview_stale`)."""
    account, auth, registry = account_of(request), auth_of(request), registry_of(request)
    content, filename = kept
    uploads = _uploads(request, kind)

    async def do(work: Work) -> None:
        planned = await _planned(request, kind, content, filename, told, work.tell)
        if planned.digest != digest:
            raise RosterRefused("roster_preview_stale")
        rows = planned.taken(chosen)
        # Ahead of the rows: whatever fails after those, they are in.
        await _remember(request, kind, told)
        work.settle()
        work.leads_to, work.flash = "/office/import", "imported"
        if rows:
            device = await auth.batch_device(account.village, filename[-80:], f"{kind.name}:{name}")
            ops = [[_change(kind, row.answers, account.name)] for row in rows]
            await registry.commit(account.village, device, ops, author=account.name)
            await auth.note(account.village, account.id, "import", device, f"{kind.name} {len(rows)}")  # fmt: skip
            work.leads_to = f"/office/import/undo/{device}"
        if planned.counts.get("bad"):
            work.leads_to = back  # where those rows are, to fetch and mend
        else:
            await uploads.forget(name)

    return await taken_in(request, content, filename, back, do)


def _change(kind: RecordType, answers: Mapping[str, Any], author: str) -> Change:
    """A row as a new record. Entries get ids of their own; who is named in the sheet recorded an event."""
    said = {
        field: {short_id(): entry for entry in value.values()}
        if isinstance(value, Mapping)
        else value
        for field, value in answers.items()
        if field != BY
    }
    made = sheet_form.set_of(kind, said)
    if kind.kind == "event":
        made |= {
            "recorded_by": answers.get(BY) or author,
            "typed_by": author,
            "typed_from": FROM_EXCEL,
        }
    return Change(RecordId(uuid7()), kind.name, 0, made)


async def _remember(request: Request, kind: RecordType, told: Mapping[str, str]) -> None:
    """Keep what headings mean for the next file."""
    account, registry = account_of(request), registry_of(request)
    known = {
        text_of(it.fields, "heading"): it
        for it in await registry.rows(account.village, COLUMN)
        if it.fields.get("form") == kind.name
    }
    changes = []
    for heading, field in told.items():
        before = known.get(heading)
        if before is None and field:
            said = {PRESENT: True, "form": kind.name, "heading": heading[:100], "field": field}
            changes.append(Change(RecordId(uuid7()), COLUMN, 0, said))
        elif before is not None and before.fields.get("field") != field:
            said = {"field": field} if field else {PRESENT: False}
            changes.append(Change(RecordId(before.id), COLUMN, before.rev, said))
    if changes:
        device = await auth_of(request).office_device(account)
        await registry.commit(account.village, device, [changes], author=account.name)
