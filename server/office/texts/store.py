"""The wording in force of each text, and the facts of the village that stand in it.

A village's own wording is kept with the templates of reports, under `text/<name>`: plain text with an empty
filename, or a .docx as it was uploaded.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import server.programme
from server.documents import Document, Fault, template_of
from server.filing import Filing, Template
from server.office.register import Register, text_of
from server.office.reports.pages import filled
from server.office.statistics.book import WIDE, left_behind
from server.programme.derive import in_force
from server.registry import Row

OUTLINES = Path(server.programme.__file__).parent / "texts"
MOST_TEXT = 20_000
"""Signs of a plain text."""
UNKNOWN = "＿＿＿＿＿＿"
"""A line to write on."""
READ = ("place", "contact", "org_role")
"""Types a text's facts are read from, besides the entities of a register."""


@dataclass(frozen=True, slots=True)
class Wording:
    """`outline` is the plain text, "" for a .docx. `own` is the village's, None when it uses what comes along."""

    outline: str
    own: Template | None

    @property
    def is_docx(self) -> bool:
        return self.own is not None and bool(self.own.filename)


def key(name: str) -> str:
    return f"text/{name}"


async def wording_of(filing: Filing, village: str, name: str) -> Wording:
    own = await filing.template(village, key(name))
    if own is None:
        return Wording((OUTLINES / f"{name}.md").read_text(encoding="utf-8"), None)
    return Wording("" if own.filename else own.content.decode(), own)


def english(name: str) -> str:
    """The English reading aid of the wording that comes along, its facts not filled in."""
    return (OUTLINES / "en" / f"{name}.md").read_text(encoding="utf-8")


async def template_bytes(wording: Wording) -> bytes:
    """The wording as a .docx with its placeholders."""
    if wording.is_docx and wording.own is not None:
        return wording.own.content
    return await asyncio.to_thread(template_of, wording.outline)


async def document_of(
    wording: Wording, values: dict[str, Any]
) -> tuple[Document | None, list[Fault]]:
    """The text with the facts in it, or what is wrong with its placeholders."""
    content = wording.own.content if wording.is_docx and wording.own else wording.outline
    return await filled(content, values)


async def clauses_of(
    filing: Filing, village: str, name: str, values: dict[str, Any]
) -> Sequence[str]:
    """The paragraphs of a text without its title, for a card; none while its wording cannot be filled."""
    document, _ = await document_of(await wording_of(filing, village, name), values)
    blocks: Sequence[Mapping[str, Any]] = document.blocks if document else ()
    return [it["text"] for it in blocks if it.get("text") and it["style"] != "Title"]


def places_of(register: Register) -> Sequence[Row]:
    return sorted(register.kind("place"), key=lambda it: (it.fields.get("kind") != "SCH", it.id))


def values_of(register: Register, village_name: str, on: str, place: str = "") -> dict[str, Any]:
    """Every placeholder of every text: what is not known is a line to write on. `place` is the id of the one
    chosen, else the first."""
    places = places_of(register)
    at = next((it for it in places if it.id == place), places[0] if places else None)
    children = left_behind(register, on, WIDE)
    ids = {it.id for it in children}
    day = date.fromisoformat(on)
    return {
        "village": village_name,
        "year": str(day.year),
        "today": f"{day.year}年{day.month}月{day.day}日",
        "place": _said(at, "name") if at else f"{village_name}留守儿童之家",
        "open_hours": _said(at, "open_hours"),
        "place_phone": _said(at, "phone"),
        "officer": _office(register, on, "DIR", "OFF"),
        "leader": _office(register, on, "HEAD"),
        "police": _police(register),
        "children": len(children),
        "both": sum(it.fields.get("left_behind_fact") == "B" for it in children),
        "elders": sum(_is_with_elders(register, it, on) for it in children),
        "paired": len(ids & {text_of(it.fields, "child_id") for it in register.adult_pairings(on)}),
        "helpers": sum(
            it.fields.get("active") != "N" and it.fields.get("helper_kind") != "K"
            for it in register.kind("helper")
        ),
        "grids": len(register.grid_names),
    }


def _said(row: Row | None, field: str) -> str:
    return (text_of(row.fields, field) if row else "") or UNKNOWN


def _office(register: Register, on: str, *roles: str) -> str:
    """Who holds one of these offices today, the first that is held."""
    for role in roles:
        for it in register.kind("org_role"):
            if it.fields.get("role") == role and in_force(it.fields, on):
                return _said(it, "name")
    return UNKNOWN


def _police(register: Register) -> str:
    found = next((it for it in register.kind("contact") if it.fields.get("kind") == "POLICE"), None)
    return f"{_said(found, 'name')} {_said(found, 'phone')}" if found else UNKNOWN


def _is_with_elders(register: Register, child: Row, on: str) -> bool:
    link = next(iter(register.guardianships(child.id, on)), None)
    return link is not None and link.fields.get("carer_kind") in ("GPP", "GPM")
