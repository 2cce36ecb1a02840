"""The pages of texts: all of them, one as it reads today, as a poster, as .docx, and its wording to change."""

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.documents import MAX_BYTES, Fault
from server.errors import Problem
from server.filing import Template
from server.office.pages import redirect, render, today
from server.office.register import ENTITIES, Register, load
from server.office.reports.pages import docx_file, fault_words
from server.office.reports.store import filing_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.office.texts.catalogue import GROUPS, TEXTS, Text
from server.office.texts.store import (
    MOST_TEXT,
    READ,
    Wording,
    document_of,
    english,
    key,
    places_of,
    template_bytes,
    values_of,
    wording_of,
)
from server.registry import now_ms

PAPERS = ("a4", "a3")
LENGTHS = (420, 650)
"""Signs up to which a poster is set large, and up to which at all well readable; beyond it is set small."""


@page("read_records")
async def texts(request: Request) -> Response:
    """Every text, and whether the village has its own wording."""
    own = await filing_of(request).template_names(account_of(request).village)
    return render(request, "texts", {"groups": GROUPS, "own": own, "key": key})


@page("read_records")
async def text(request: Request) -> Response:
    """A text with the facts of today."""
    it, register = text_of_address(request), await _register(request)
    wording = await wording_of(filing_of(request), account_of(request).village, it.name)
    values = _values(request, register)
    document, faults = await document_of(wording, values)
    aid = "" if wording.own else _plain(english(it.name), values)
    context = {
        **_shown(request, it, wording),
        "places": places_of(register),
        "place": request.query_params.get("place", ""),
        "blocks": document.blocks if document else [],
        "faults": faults,
        "aid": aid.splitlines(),
    }
    return render(request, "text", context)


@page("export")
async def poster(request: Request) -> Response:
    """The same large, on A4 or A3. It hangs on a wall: it names no child. Printing is noted."""
    it, account = text_of_address(request), account_of(request)
    paper = request.query_params.get("paper", PAPERS[0])
    if paper not in PAPERS:
        raise Problem("bad_field", field="paper")
    wording = await wording_of(filing_of(request), account.village, it.name)
    values = _values(request, await _register(request))
    document, faults = await document_of(wording, values)
    if document is None:
        return _change(request, it, wording, faults, values, status=422)
    signs = sum(map(_signs, document.blocks))
    await auth_of(request).note(account.village, account.id, "print_form", key(it.name))
    context = {
        **_shown(request, it, wording),
        "title_words": it.words,
        "back": f"/office/texts/{it.name}",
        "is_masked": False,
        "paper": f"poster {paper} fit-{sum(signs > most for most in LENGTHS)}",
        "sheet_size": paper.upper(),
        "blocks": document.blocks,
        "place": request.query_params.get("place", ""),
    }
    return render(request, "poster", context)


@page("export")
async def download(request: Request) -> Response:
    """The text as a .docx with the facts of today. Noted in the audit."""
    it, account = text_of_address(request), account_of(request)
    wording = await wording_of(filing_of(request), account.village, it.name)
    form = await request.form()
    values = _values(request, await _register(request), str(form.get("place", "")))
    document, faults = await document_of(wording, values)
    if document is None:
        return _change(request, it, wording, faults, values, status=422)
    await auth_of(request).note(account.village, account.id, "export", key(it.name))
    return docx_file(document.content, f"zoufang-text-{it.name}-{today()}.docx")


@page("edit_records")
async def change(request: Request) -> Response:
    """The wording as plain text, or a .docx in its place. What cannot be filled is not kept."""
    it, account = text_of_address(request), account_of(request)
    filing = filing_of(request)
    wording = await wording_of(filing, account.village, it.name)
    values = _values(request, await _register(request))
    if request.method != "POST":
        return _change(request, it, wording, [], values)
    form = await request.form()
    if form.get("reset") == "1":
        await filing.drop_template(account.village, key(it.name))
        await auth_of(request).note(account.village, account.id, "template", key(it.name), "reset")
        return redirect(request, f"/office/texts/{it.name}", "text_reset")
    filename, content = await _sent(form)
    made = Template(key(it.name), filename, content, account.name, now_ms())
    draft = Wording("" if filename else content.decode(), made)
    document, faults = await document_of(draft, values)
    if document is None:
        return _change(request, it, wording, faults, values, draft=draft.outline, status=422)
    await filing.keep_template(account.village, made)
    await auth_of(request).note(account.village, account.id, "template", key(it.name), filename)
    return redirect(request, f"/office/texts/{it.name}", "text_kept")


@page("edit_records")
async def template(request: Request) -> Response:
    """The wording in force as a .docx with its placeholders, to edit in Word or WPS."""
    it = text_of_address(request)
    wording = await wording_of(filing_of(request), account_of(request).village, it.name)
    return docx_file(await template_bytes(wording), f"zoufang-text-{it.name}-template.docx")


async def _sent(form: FormData) -> tuple[str, bytes]:
    """What was sent: a file with its name, or a text without one. Raises `bad_field` for none or one too long."""
    file = form.get("file")
    if isinstance(file, UploadFile):
        return (file.filename or "")[:120] or "text.docx", await file.read(MAX_BYTES + 1)
    said = "\n".join(it.rstrip() for it in str(form.get("text", "")).splitlines()).strip()
    if not said or len(said) > MOST_TEXT:
        raise Problem("bad_field", field="text")
    return "", f"{said}\n".encode()


def text_of_address(request: Request) -> Text:
    found = TEXTS.get(request.path_params["name"])
    if found is None:
        raise Problem("not_found")
    return found


async def _register(request: Request) -> Register:
    return await load(registry_of(request), account_of(request).village, *ENTITIES, *READ)


def _values(request: Request, register: Register, place: str = "") -> dict[str, Any]:
    chosen = place or request.query_params.get("place", "")
    return values_of(register, request.state.village_name, today(), chosen)


def _signs(block: Mapping[str, Any]) -> int:
    """How much a paragraph or table has to say."""
    cells = [cell for row in block.get("rows") or () for cell in row]
    return sum(map(len, (block.get("text") or "", *cells)))


def _plain(outline: str, values: dict[str, Any]) -> str:
    """Our own words with the facts in them."""
    try:
        return SandboxedEnvironment().from_string(outline).render(values)
    except TemplateError:
        return outline


def _shown(request: Request, it: Text, wording: Wording) -> dict[str, Any]:
    language = language_of(request)
    return {
        "text": it,
        "own": wording.own,
        "is_docx": wording.is_docx,
        "fault_words": lambda fault: fault_words(fault, language),
    }


def _change(
    request: Request,
    it: Text,
    wording: Wording,
    faults: list[Fault],
    values: dict[str, Any],
    *,
    draft: str = "",
    status: int = 200,
) -> Response:
    context = {
        **_shown(request, it, wording),
        "outline": draft or wording.outline,
        "faults": faults,
        "values": values,
        "most": MOST_TEXT,
    }
    return render(request, "text_change", context, status=status)
