"""The pages of reports: preview in the page, .docx out, and the template down, up and back to the built-in one."""

import asyncio
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.documents import MAX_BYTES, Document, DocumentError, Fault, fill, fill_outline
from server.errors import Problem
from server.filing import Template
from server.office.downloads import attachment
from server.office.pages import redirect, render, today
from server.office.reports.store import KINDS, Kind, filing_of, starts_on, template_for, values_of
from server.office.security import account_of, auth_of, page
from server.office.statistics.asking import SCOPES, Asked, asked
from server.office.text import language_of, translate
from server.registry import now_ms

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FAULTS = {
    "unknown": "没有这个占位符：%(name)s",
    "broken": "占位符写坏了：%(name)s",
    "file": "不是能用的 .docx（坏了、太大、带宏，或链接到外面的文件）",
    "slow": "模板填得太久，已停下",
}


@page("read_records")
async def reports(request: Request) -> Response:
    """Which reports there are."""
    return render(request, "reports", {"kinds": KINDS.values()})


@page("read_records")
async def report(request: Request) -> Response:
    """A report as it would be printed today, computed now."""
    kind = _kind(request)
    wanted = _asked(request.query_params, kind)
    grid = str(request.query_params.get("grid", ""))
    values, book = await values_of(request, kind, wanted, today(), grid)
    content, own = await template_for(request, kind)
    document, faults = await filled(content, values)
    if kind.names_children:
        account = account_of(request)
        await auth_of(request).note(account.village, account.id, "report", kind.name)
    return render(
        request,
        "report",
        {
            **_shown(request, kind, wanted),
            "own": own,
            "blocks": document.blocks if document else [],
            "faults": faults,
            "grid": grid,
            "grids": list(book.register.grid_names.items()),
            "placeholders": sorted(values),
            "gaps": values.get("auto_gaps", []),
        },
    )


@page("export")
async def download(request: Request) -> Response:
    """The same as a .docx. Noted in the audit."""
    kind, form = _kind(request), await request.form()
    wanted = _asked(form, kind)
    values, _ = await values_of(request, kind, wanted, today(), str(form.get("grid", "")))
    content, own = await template_for(request, kind)
    document, faults = await filled(content, values)
    if document is None:
        return render(
            request,
            "report_template",
            {**_template_page(request, kind, own), "faults": faults},
            status=422,
        )
    account = account_of(request)
    await auth_of(request).note(account.village, account.id, "export", f"report/{kind.name}")
    return docx_file(document.content, f"zoufang-{kind.name}-{wanted.on}.docx")


@page("edit_records")
async def template(request: Request) -> Response:
    """A report's template: how to change it, and an upload of one. One that cannot be filled is not kept."""
    kind = _kind(request)
    _, own = await template_for(request, kind)
    if request.method != "POST":
        values, _ = await values_of(request, kind, _asked({}, kind), today())
        context = {**_template_page(request, kind, own), "faults": [], "values": values}
        return render(request, "report_template", context)
    form = await request.form()
    account = account_of(request)
    if form.get("reset") == "1":
        await filing_of(request).drop_template(account.village, kind.name)
        await auth_of(request).note(account.village, account.id, "template", kind.name, "reset")
        return redirect(request, f"/office/reports/{kind.name}/template", "template_reset")
    file = form.get("file")
    content = await file.read(MAX_BYTES + 1) if isinstance(file, UploadFile) else b""
    wanted = _asked({}, kind)
    values, _ = await values_of(request, kind, wanted, today())
    document, faults = await filled(content, values)
    if document is None or not isinstance(file, UploadFile):
        return render(
            request, "report_template",
            {**_template_page(request, kind, own), "faults": faults}, status=422,
        )  # fmt: skip
    kept = Template(kind.name, (file.filename or "")[:120], content, account.name, now_ms())
    await filing_of(request).keep_template(account.village, kept)
    await auth_of(request).note(account.village, account.id, "template", kind.name, kept.filename)
    return redirect(request, f"/office/reports/{kind.name}/template", "template_kept")


@page("edit_records")
async def template_file(request: Request) -> Response:
    """The template in force, to edit in Word or WPS."""
    kind = _kind(request)
    content, _ = await template_for(request, kind)
    return docx_file(content, f"zoufang-{kind.name}-template.docx")


async def filled(
    content: bytes | str, values: dict[str, Any]
) -> tuple[Document | None, list[Fault]]:
    """A .docx, or the outline of one, with its values; or what is wrong with it."""
    make = fill_outline if isinstance(content, str) else fill
    try:
        return await asyncio.to_thread(make, content, values), []  # type: ignore[arg-type]
    except DocumentError as refused:
        return None, refused.faults


def fault_words(fault: Fault, language: str) -> str:
    """A fault in words, with the number and the words of the paragraph where it stands."""
    said = translate(language, FAULTS[fault.code], name=fault.name)
    if not fault.where:
        return said
    return f"{said} — {translate(language, '第 %(where)s', where=fault.where)}"


def _template_page(request: Request, kind: Kind, own: Template | None) -> dict[str, Any]:
    language = language_of(request)
    return {
        "kind": kind,
        "own": own,
        "values": {},
        "fault_words": lambda it: fault_words(it, language),
    }


def _shown(request: Request, kind: Kind, wanted: Asked) -> dict[str, Any]:
    language = language_of(request)
    return {
        "kind": kind,
        "asked": wanted,
        "about": wanted.about(language),
        "scopes": [(name, translate(language, words)) for name, words in SCOPES.items()],
        "fault_words": lambda it: fault_words(it, language),
    }


def _kind(request: Request) -> Kind:
    found = KINDS.get(request.path_params["name"])
    if found is None:
        raise Problem("not_found")
    return found


def _asked(data: Any, kind: Kind) -> Asked:
    return asked(data, lambda on: starts_on(kind.name, on))


def docx_file(content: bytes, filename: str) -> Response:
    """A .docx to save; `filename` is ours and plain ASCII."""
    return attachment(content, filename, DOCX)
