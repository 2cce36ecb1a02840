"""匿名案例: the page on which a case is chosen, read over, looked through for what gives the child away, and taken along."""

import asyncio
from collections.abc import Collection
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.documents import template_of
from server.errors import Problem
from server.office.cases import draft
from server.office.cases.masking import Found, Known, known_of, maybe, sure
from server.office.pages import render, today
from server.office.records import row_of
from server.office.register import ENTITIES, Register, load
from server.office.reports.pages import docx_file
from server.office.security import account_of, auth_of, page, registry_of
from server.office.statistics.book import WIDE, Book
from server.registry import Row

MOST_TEXT = 10_000
"""Signs of a case."""


@page("share_cases")
async def case(request: Request) -> Response:
    """A draft from the chosen parts, the least by default; a post looks a text over that somebody has edited."""
    child, register, known = await _file(request)
    asked = request.query_params
    parts = [it for it in draft.PARTS if it in asked.getlist("part")]
    if "chosen" not in asked:
        parts = list(draft.DEFAULT)
    if request.method != "POST":
        account = account_of(request)
        await auth_of(request).note(account.village, account.id, "open_file", child.id)
        text = draft.draft(register, child, parts, known, today())
        return _page(request, child, register, known, parts, text, looked=False)
    form = await request.form()
    text, parts = _text(form), _parts(form)
    return _page(request, child, register, known, parts, text, looked=True)


@page("share_cases")
async def download(request: Request) -> Response:
    """The text as a .docx, once nothing that gives somebody away is left in it and a person has said that they read
    every word. Noted in the audit, without the text."""
    child, register, known = await _file(request)
    form = await request.form()
    text, parts = _text(form), _parts(form)
    is_shared = draft.sharing(_book(register), child, parts) >= draft.LEAST
    if sure(text, known) or not is_shared or form.get("read") != "1":
        return _page(request, child, register, known, parts, text, looked=True, status=422)
    account = account_of(request)
    content = await asyncio.to_thread(template_of, text)
    await auth_of(request).note(
        account.village, account.id, "anonymised_case", child.id, " ".join(parts)
    )
    return docx_file(content, f"zoufang-case-{today()}.docx")


async def _file(request: Request) -> tuple[Row, Register, Known]:
    """The child of the address, the register, and what in it gives somebody away. Raises `no_record`."""
    row = await row_of(request)
    if row.type != "child":
        raise Problem("no_record")
    types = dict.fromkeys((*ENTITIES, *draft.READ))
    register = await load(registry_of(request), account_of(request).village, *types)
    child = register.rows.get(row.id)
    if child is None:
        raise Problem("no_record")
    name = request.state.village_name
    return child, register, await asyncio.to_thread(known_of, register, child, name)


def _text(form: FormData) -> str:
    said = "\n".join(it.rstrip() for it in str(form.get("text", "")).splitlines()).strip()
    if not said or len(said) > MOST_TEXT:
        raise Problem("bad_field", field="text")
    return said


def _parts(form: FormData) -> list[str]:
    return [it for it in draft.PARTS if it in form.getlist("part")]


def _book(register: Register) -> Book:
    return Book(register, "1990-01-01", today(), WIDE)


def _page(
    request: Request,
    child: Row,
    register: Register,
    known: Known,
    parts: Collection[str],
    text: str,
    *,
    looked: bool,
    status: int = 200,
) -> Response:
    found: list[Found] = sure(text, known)
    context: dict[str, Any] = {
        "child": child.id,
        "all_parts": draft.PARTS,
        "about": tuple(draft.ABOUT),
        "parts": parts,
        "text": text,
        "most": MOST_TEXT,
        "found": found,
        "maybe": maybe(text),
        "sharing": draft.sharing(_book(register), child, parts),
        "least": draft.LEAST,
        "looked": looked,
        "unread": status != 200 and not found,
    }
    return render(request, "case", context, status=status)
