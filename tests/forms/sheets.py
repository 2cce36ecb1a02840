"""The ten forms, and forms made on the spot, as files somebody would upload."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

TEN = sorted((Path(__file__).parent / "ten").glob("*.md"))
Sheets = Mapping[str, Sequence[Sequence[str]]]


def sheets_of(markdown: str) -> dict[str, list[list[str]]]:
    """The sheets of a form written as Markdown tables, the header first."""
    sheets: dict[str, list[list[str]]] = {}
    for line in markdown.splitlines():
        if not line.startswith("|") or set(line) <= set("|- "):
            continue
        name, *cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if name:
            sheets[name] = []
        else:
            sheets[next(reversed(sheets))].append(cells)
    return sheets


def xlsx(sheets: Sheets) -> bytes:
    """An Excel file with these sheets."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    return output.getvalue()


def form_file(path: Path) -> bytes:
    """One of the ten as an Excel file."""
    return xlsx(sheets_of(path.read_text(encoding="utf-8")))
