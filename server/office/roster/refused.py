"""The refused rows as the same sheet: titles, headings, columns and order kept, a reason added.

Every cell is written as text, so that nothing in it can be computed; the file can be put right and
imported again.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter

from server.office.roster import text
from server.office.roster.cells import shown
from server.office.roster.preview import Preview
from server.office.roster.sheet import Sheet, Value, Workbook
from server.office.text import translate
from server.workers.sheets import new_book

_FORBIDDEN = str.maketrans("[]:*?/\\", "_______")


@dataclass(frozen=True)
class Part:
    """A sheet whose rows go back: where its headings stand (`row` from 0, `depth` rows of them), and row -> why, rows
    from 1 as people count."""

    name: str
    row: int
    depth: int
    reasons: Mapping[int, str]


def refused_sheet(workbook: Workbook, preview: Preview, lang: str = "zh") -> bytes:
    """An .xlsx with the refused rows of every sheet that has some (an empty sheet if none has)."""
    refused = preview.refused_rows()
    parts = [
        Part(
            it.name, it.header_row, it.header_depth,
            {row: translate(lang, "；").join(text.note(note, lang) for note in notes)
             for (sheet, row), notes in refused.items() if sheet == it.name},
        )
        for it in preview.sheets
    ]  # fmt: skip
    return rows_back(workbook, parts, text.word("reason_column", lang))


def rows_back(workbook: Workbook, parts: Sequence[Part], heading: str) -> bytes:
    """An .xlsx with these rows as they came, and why each goes back in a last column under `heading`."""
    output = io.BytesIO()
    with new_book(output) as book:
        formats = {
            "text": book.add_format({"num_format": "@", "border": 1, "valign": "vcenter"}),
            "head": book.add_format(
                {"num_format": "@", "border": 1, "bold": True, "align": "center",
                 "valign": "vcenter", "text_wrap": True}
            ),
            "title": book.add_format({"num_format": "@", "bold": True}),
            "reason": book.add_format({"num_format": "@", "border": 1, "font_color": "#B00020"}),
        }  # fmt: skip
        written = 0
        for part in parts:
            source = next(sheet for sheet in workbook.sheets if sheet.name == part.name)
            if part.reasons:
                written += 1
                page = book.add_worksheet(part.name.translate(_FORBIDDEN)[:31])
                head = part.row + part.depth
                _write(page, formats, source, part.row, head)
                column = max(len(row) for row in source.rows)
                page.write_string(part.row, column, heading, formats["head"])
                for place, (row, reason) in enumerate(part.reasons.items(), start=head):
                    _write_row(page, place, source.rows[row - 1], formats["text"])
                    page.write_string(place, column, reason[:32_000], formats["reason"])
                page.set_column(0, max(0, column - 1), 12)
                page.set_column(column, column, 48)
                page.freeze_panes(head, 0)
        if not written:
            book.add_worksheet()
    return output.getvalue()


def _write(
    page: "xlsxwriter.worksheet.Worksheet",
    formats: dict[str, "xlsxwriter.format.Format"],
    source: Sheet,
    header_row: int,
    head: int,
) -> None:
    merged: set[tuple[int, int]] = set()
    for merge in source.merges:
        if merge.bottom < head and (merge.bottom, merge.right) != (merge.top, merge.left):
            style = formats["title" if merge.top < header_row else "head"]
            title = _text(source.value(merge.top, merge.left))
            page.merge_range(merge.top, merge.left, merge.bottom, merge.right, title, style)
            merged |= {
                (row, column)
                for row in range(merge.top, merge.bottom + 1)
                for column in range(merge.left, merge.right + 1)
            }
    for row in range(head):
        style = formats["title" if row < header_row else "head"]
        for column, value in enumerate(source.rows[row]):
            if (row, column) not in merged and value is not None:
                page.write_string(row, column, _text(value), style)


def _write_row(
    page: "xlsxwriter.worksheet.Worksheet",
    place: int,
    values: Sequence[Value],
    style: "xlsxwriter.format.Format",
) -> None:
    for column, value in enumerate(values):
        page.write_string(place, column, _text(value), style)


def _text(value: Value) -> str:
    # write_string would refuse a text beyond Excel's own limit for a cell.
    return shown(value)[:32_000]
