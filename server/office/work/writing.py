"""Files made of sheets, as a work: the rows go in small pieces to a process that writes them (`server.workers.sheets`),
and other requests are answered between any two pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from subprocess import DEVNULL, PIPE
from typing import Any, Literal

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from server.errors import Problem
from server.office.export import Sheet
from server.office.work.beginning import as_asked, begun, works_of
from server.office.work.works import AT_ONCE, Work
from server.workers import HOME, command, sheets

PIECE = 10
"""Rows between which somebody else may have a turn; they take some milliseconds."""
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}

Form = Literal["xlsx", "csv", "zip"]


@dataclass(frozen=True)
class Book:
    """A file of a zip: a workbook, or a text."""

    name: str
    sheets: Sequence[Sheet] = ()
    text: str = ""


async def answer_with(
    request: Request,
    filename: str,
    made: Sequence[Sheet | Book],
    form: Form = "xlsx",
    *,
    action: str = "export",
) -> Response:
    """The file with these sheets, or these books of a zip; of a long one the page that shows how far it is. `filename` is ours and plain ASCII, `action` what whoever fetches it must be allowed."""
    rows = sum(map(_size, made))

    async def do(work: Work) -> None:
        work.filename, work.media = filename, MEDIA[form]
        work.tell(0, rows)
        await _write(work, made, form)

    made_file = await begun(
        request,
        action,
        do,
        "导出 %(file)s",
        is_short=rows <= AT_ONCE,
        again=await as_asked(request),
        file=filename,
    )
    if isinstance(made_file, Response):
        return made_file
    return file_of(made_file, then=BackgroundTask(works_of(request).drop, made_file))


def file_of(work: Work, *, then: BackgroundTask | None = None) -> Response:
    """The file of a work that is ready, in pieces and with its length: to save, never to show."""
    return FileResponse(
        work.file,
        media_type=work.media,
        filename=work.filename,
        headers={"Cache-Control": "no-store"},
        background=then,
    )


def _size(it: Sheet | Book) -> int:
    return it.size if isinstance(it, Sheet) else sum(sheet.size for sheet in it.sheets)


async def _write(work: Work, made: Sequence[Sheet | Book], form: Form) -> None:
    """Send everything to the process and see it end. Raises `disk_full`."""
    process = await asyncio.create_subprocess_exec(
        *command(sheets.__name__, str(work.file), form), cwd=HOME, stdin=PIPE, stderr=DEVNULL
    )
    assert process.stdin is not None
    try:
        try:
            for rows, frame in frames(made):
                process.stdin.write(frame)
                await process.stdin.drain()
                await asyncio.sleep(0)  # drain alone gives nobody a turn while the pipe has room
                work.tell(work.done + rows)
            process.stdin.close()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has ended; its status says why
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status == sheets.FULL:
        raise Problem("disk_full")
    if status:
        raise RuntimeError(f"the writer of {work.filename} ended with {status}")


def frames(made: Iterable[Sheet | Book]) -> Iterator[tuple[int, bytes]]:
    """(rows in it, frame) of all there is to write."""
    for it in made:
        if isinstance(it, Sheet):
            yield from _sheet(it)
        elif it.sheets:
            yield 0, sheets.frame("book", it.name)
            for sheet in it.sheets:
                yield from _sheet(sheet)
        else:
            yield 0, sheets.frame("text", it.name, it.text)
    yield 0, sheets.frame("end")


def _sheet(sheet: Sheet) -> Iterator[tuple[int, bytes]]:
    columns = [(it.heading, it.width) for it in sheet.columns]
    yield 0, sheets.frame("sheet", sheet.title, sheet.about, columns)
    rows: Iterator[Sequence[Any]] = iter(sheet.rows)
    while piece := list(islice(rows, PIECE)):
        yield len(piece), sheets.frame("rows", piece)
