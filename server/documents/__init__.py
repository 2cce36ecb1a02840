"""Documents made from templates: .docx with placeholders, filled in a short-lived process with bounds.

Knows nothing of what it fills in. A template is somebody's upload: the process that reads it has a bound on memory and
time, its expressions run in a sandbox, and a file that would eat the machine ends a process instead. Outlines
(outline.py) are how our own templates are written: as text, of which a .docx is made.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.workers import MB, Failed, ask

SECONDS = 30
MAX_BYTES = 4 * MB

__all__ = ["MAX_BYTES", "Document", "DocumentError", "Fault", "fill", "fill_outline", "template_of"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template. `code`: unknown (a placeholder nobody fills), broken (its braces or words),
    file (no .docx, or one with macros or links outside), slow. `where` is the paragraph's number and text."""

    code: str
    name: str
    where: str


class DocumentError(Exception):
    """A template that cannot be used, with every fault found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{it.code} {it.name}" for it in faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Document:
    """A filled document. `blocks` are its paragraphs and tables for a page: {"style", "text"} or {"rows"}."""

    content: bytes
    blocks: Sequence[Mapping[str, Any]]


def fill(template: bytes, values: Mapping[str, Any], *, seconds: float = SECONDS) -> Document:
    """Fill a .docx template. Blocks for up to `seconds`: call it in a thread. Raises DocumentError alone."""
    if len(template) > MAX_BYTES:
        raise DocumentError([Fault("file", "", "")])
    return _document(_run("fill", template, values, seconds))


def fill_outline(outline: str, values: Mapping[str, Any], *, seconds: float = SECONDS) -> Document:
    """Fill the template an outline describes; the same in one go."""
    return _document(_run("outline", outline.encode(), values, seconds))


def template_of(outline: str, *, seconds: float = SECONDS) -> bytes:
    """The .docx template an outline describes."""
    return base64.b64decode(_run("build", outline.encode(), {}, seconds)["content"])


def _document(answer: Mapping[str, Any]) -> Document:
    return Document(base64.b64decode(answer["content"]), answer["blocks"])


def _run(what: str, content: bytes, values: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    asked = {"what": what, "values": values}
    try:
        answer: dict[str, Any] = ask("server.documents.worker", asked, content, seconds=seconds)
    except Failed as failed:
        raise DocumentError([Fault("file" if failed.status else "slow", "", "")]) from failed
    if "faults" in answer:
        raise DocumentError([Fault(**fault) for fault in answer["faults"]])
    return answer
