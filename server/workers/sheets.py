"""Writes an Excel file, a CSV or a zip of Excel files row by row, in a process of its own: the server never holds more
than a few rows of what it exports.

The command line says the file and its form (xlsx, csv, zip). On stdin come frames: four bytes of length, then
MessagePack, one of

    ["book", name]                                  the next workbook of a zip
    ["text", name, content]                         a text file of a zip
    ["sheet", title, about, [[heading, width], …]]  the next worksheet; a CSV has one
    ["rows", [[cell, …], …]]                        rows of it; a cell is null, text or a number
    ["end"]

Every text is written as text: no formula, no link, whatever it begins with. Exit status 0: the file is whole; FULL: no
room on the disk; CUT: the frames ended too early, and what was written is to be thrown away.
"""

import csv
import errno
import io
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import xlsxwriter

from server.workers import MB, bound

MEMORY = 512 * MB
FULL, CUT = 3, 4
XLSX_ROWS = 1_048_576
"""Rows Excel holds; a longer list goes on on a further sheet."""
LONGEST = 32_767
"""Characters Excel holds in a cell; XlsxWriter would leave a longer one out."""
LONGEST_NAME = 31
"""Characters Excel holds in the name of a sheet."""
A4 = 9
HEAD = 3
"""Rows above the first of a list: title, what it is, headings."""
INJECTION = tuple("=+-@\t\r＝＋－＠")
"""First characters which a sheet program may take for a formula, the full-width ones as well."""
_FORBIDDEN = str.maketrans("[]:*?/\\", "_______")

Cell = str | int | float | None


def frame(*said: Any) -> bytes:
    """What the server sends, ready for stdin."""
    content = msgspec.msgpack.encode(said)
    return len(content).to_bytes(4, "big") + content


def new_book(output: Any, **options: Any) -> xlsxwriter.Workbook:
    """A workbook in which nothing that was typed is computed or followed."""
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(output, {**plain, **options})


class Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.about = book.add_format({"font_color": "#555555"})
        self.head = book.add_format(
            {
                "bold": True,
                "border": 1,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": "#EEF2EE",
            }
        )
        self.text = book.add_format({"num_format": "@"})
        self.number = book.add_format({"num_format": "0"})
        self.decimal = book.add_format({"num_format": "General"})


def sheet_name(title: str, taken: Iterable[str], first: int = 1) -> str:
    """A title as a sheet may have it: no sign that Excel forbids, and not a name that is taken, whatever its case.
    `first`: which of several sheets of this title it is."""
    title, used = title.translate(_FORBIDDEN), {it.lower() for it in taken}
    for number in count(first):
        ending = "" if number == 1 else f" {number}"
        name = title[: LONGEST_NAME - len(ending)].strip("'") + ending
        if name.lower() not in used:
            break
    return name


class Page:
    """A list on a worksheet: title, as-of line, frozen headings, filter; on several where one is too short."""

    def __init__(
        self, book: xlsxwriter.Workbook, styles: Styles, title: str, about: str, columns: Any
    ) -> None:
        self._book, self._styles = book, styles
        self._title, self._about, self._columns = title, about, columns
        self._number, self._row = 0, 0
        self._sheet: Any = None
        self._begin()

    def _begin(self) -> None:
        self._number += 1
        self._sheet = page = self._book.add_worksheet(self._name())
        for place, (_, width) in enumerate(self._columns):
            page.set_column(place, place, width)
        page.freeze_panes(HEAD, 0)
        page.set_landscape()
        page.set_paper(A4)
        page.repeat_rows(HEAD - 1)
        page.fit_to_pages(1, 0)
        page.write_string(0, 0, self._title, self._styles.title)
        page.write_string(1, 0, self._about, self._styles.about)
        for place, (heading, _) in enumerate(self._columns):
            page.write_string(HEAD - 1, place, heading, self._styles.head)
        self._row = HEAD

    def _name(self) -> str:
        taken = [it.get_name() for it in self._book.worksheets()]
        return sheet_name(self._title, taken, self._number)

    def write(self, cells: Sequence[Cell]) -> None:
        if self._row == XLSX_ROWS:
            self.finish()
            self._begin()
        page, styles, row = self._sheet, self._styles, self._row
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                page.write_number(row, place, cell, styles.number)
            elif isinstance(cell, float):
                page.write_number(row, place, cell, styles.decimal)
            elif cell:
                page.write_string(row, place, cell[:LONGEST], styles.text)
        self._row += 1

    def finish(self) -> None:
        if self._columns:
            self._sheet.autofilter(HEAD - 1, 0, self._row - 1, len(self._columns) - 1)


def read(stream: io.BufferedIOBase | Any) -> Iterator[list[Any]]:
    """The frames up to the end. Raises EOFError where they are cut."""
    while True:
        head = stream.read(4)
        length = int.from_bytes(head, "big")
        content = stream.read(length)
        if len(head) < 4 or len(content) < length:
            raise EOFError
        said: list[Any] = msgspec.msgpack.decode(content)
        if said[0] == "end":
            return
        yield said


def write_book(path: Path, frames: Iterator[list[Any]]) -> list[Any] | None:
    """A workbook of the frames up to the next book or text of a zip, which is answered."""
    with new_book(str(path), constant_memory=True, tmpdir=str(path.parent)) as book:
        styles = Styles(book)
        page: Page | None = None
        for said in frames:
            if said[0] == "rows":
                assert page is not None
                for cells in said[1]:
                    page.write(cells)
                continue
            if page is not None:
                page.finish()
            if said[0] != "sheet":
                return said
            page = Page(book, styles, *said[1:])
        if page is not None:
            page.finish()
    return None


def write_csv(path: Path, frames: Iterator[list[Any]]) -> None:
    """UTF-8 with a mark, RFC 4180, an apostrophe before what looks like a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        for said in frames:
            if said[0] == "sheet":
                writer.writerow([_escaped(heading) for heading, _ in said[3]])
            else:
                writer.writerows([["" if it is None else _escaped(it) for it in row] for row in said[1]])  # fmt: skip


def write_zip(path: Path, frames: Iterator[list[Any]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:  # workbooks are packed already
        said = next(frames, None)
        while said is not None:
            if said[0] == "text":
                file.writestr(said[1], said[2].encode("utf-8-sig"))
                said = next(frames, None)
            else:
                book = path.with_name("book")
                following = write_book(book, frames)
                file.write(book, said[1])
                book.unlink()
                said = following


def _escaped(cell: str | float) -> str:
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(INJECTION) else text


def main(path: str, form: str) -> int:
    bound(MEMORY)
    try:
        {"xlsx": write_book, "csv": write_csv, "zip": write_zip}[form](
            Path(path), read(sys.stdin.buffer)
        )
    except EOFError:
        return CUT
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        # XlsxWriter wraps what the system said.
        told = error.args[0] if isinstance(error.args[0], OSError) else error
        full = isinstance(told, OSError) and told.errno in (errno.ENOSPC, errno.EDQUOT)
        return FULL if full else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
