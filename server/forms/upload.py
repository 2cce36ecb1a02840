"""Compiles an uploaded form in a process of its own, with bounds on memory and time.

Run as a module it is that process: a JSON request on the first line of stdin, the file's bytes after
it, JSON out on stdout. The server never loads pyxform, and a file that would eat the machine ends a
process instead.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import Any

from server.forms.errors import MESSAGES, Fault, FormError
from server.forms.label import Label
from server.workers import MB, Failed, ask, serve

MEMORY = 1024 * MB
"""Bytes of address space of the process."""
SECONDS = 30
MAX_BYTES = 4 * MB


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled form and the same form as standard XForm XML; the row of each question, and what the
    settings sheet says."""

    form: dict[str, Any]
    xform: str
    rows: dict[str, int]
    settings: dict[str, str]


def compile_upload(
    content: bytes,
    records: dict[str, list[str]] | None = None,
    *,
    geopoint: bool = False,
    seconds: float = SECONDS,
) -> Compiled:
    """Compiles an .xlsx, .xls, .csv or .md file. Blocks for up to `seconds`: call it in a thread.

    `records`: the fields of each record type the form may point to. Raises FormError alone.
    """
    if len(content) > MAX_BYTES:
        raise _refused("too_large", most=MAX_BYTES // MB)
    setting = {"records": records or {}, "geopoint": geopoint, "uploaded": True}
    try:
        answer = ask("server.forms.upload", setting, content, seconds=seconds)
    except Failed as failed:
        if failed.status is None:
            raise _refused("took_too_long", most=seconds) from failed
        raise _refused("broken_file") from failed
    if "faults" in answer:
        raise FormError(
            [Fault(**{**fault, "message": Label(**fault["message"])}) for fault in answer["faults"]]
        )
    form = answer["form"]
    return Compiled(form, answer["xform"], form.pop("rows"), form.pop("settings"))


def _refused(code: str, **values: object) -> FormError:
    return FormError([Fault("", 0, "", code, MESSAGES[code].filled(**values))])


def _answer(asked: dict[str, Any], content: bytes) -> dict[str, Any]:
    """In the process."""
    from server.forms.compile import Setting, compile_workbook

    try:
        form, xform = compile_workbook(content, Setting(**asked))
    except FormError as refusal:
        return {"faults": [asdict(fault) for fault in refusal.faults]}
    return {"form": form, "xform": xform}


if __name__ == "__main__":
    sys.exit(serve(_answer, memory=MEMORY))
