"""Compiles an uploaded form in a process of its own, with bounds on memory and time.

Run as a module it is that process: a JSON request on the first line of stdin, the file's bytes after
it, JSON out on stdout. The server never loads pyxform, and a file that would eat the machine ends a
process instead.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from server.forms.errors import MESSAGES, Fault, FormError
from server.forms.label import Label

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space of the process."""
SECONDS = 30
MAX_BYTES = 4 * 1024 * 1024
_HERE = Path(__file__).parents[2]


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
        raise _refused("too_large", most=MAX_BYTES // 1024 // 1024)
    setting = {"records": records or {}, "geopoint": geopoint, "uploaded": True}
    asked = json.dumps(setting).encode()
    try:
        worker = subprocess.run(
            [sys.executable, "-m", "server.forms.upload"],
            input=asked + b"\n" + content,
            cwd=_HERE,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise _refused("took_too_long", most=seconds) from late
    if worker.returncode:
        raise _refused("broken_file")
    answer = json.loads(worker.stdout)
    if "faults" in answer:
        raise FormError(
            [Fault(**{**fault, "message": Label(**fault["message"])}) for fault in answer["faults"]]
        )
    form = answer["form"]
    return Compiled(form, answer["xform"], form.pop("rows"), form.pop("settings"))


def _refused(code: str, **values: object) -> FormError:
    return FormError([Fault("", 0, "", code, MESSAGES[code].filled(**values))])


def main() -> int:
    """The process: reads stdin, writes stdout; a status other than 0 says the file is broken."""
    _bound()
    from server.forms.compile import Setting, compile_workbook

    asked = json.loads(sys.stdin.buffer.readline())
    try:
        form, xform = compile_workbook(sys.stdin.buffer.read(), Setting(**asked))
        answer: dict[str, Any] = {"form": form, "xform": xform}
    except FormError as refusal:
        answer = {"faults": [asdict(fault) for fault in refusal.faults]}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    return 0


def _bound() -> None:
    try:
        import resource
    except ImportError:  # no such bounds on Windows; the limit on time still holds
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
