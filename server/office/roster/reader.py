"""Reads a roster file into plain sheets: .xlsx and .xls through calamine, .csv through csv.

Nothing is handed to calamine that `guard`, `parts` and `biff` have not measured: it keeps a sheet
as one rectangle, so a single value in the far corner would otherwise cost gigabytes. And it runs in
a process of its own (`server.workers.cells`), because what breaks native code can take its process along.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from server.office.roster import biff
from server.office.roster.errors import MAX_COLUMNS, MAX_ROWS, RosterRefused
from server.office.roster.guard import check
from server.office.roster.ole import Compound
from server.office.roster.parts import Parts
from server.office.roster.sheet import Extent, Merge, Sheet, Value, Workbook
from server.workers import Failed, cells, run

MAX_TEXT = 30_000_000
"""Characters shown by all cells together; a roster of 20,000 rows has about 4 million."""
PATIENCE_S = 60
"""Seconds a file may take to be read; 20,000 rows take four."""

_Cell = str | int | float | bool | None | tuple[str, str]
_SHEETS = msgspec.msgpack.Decoder(list[tuple[str, list[list[_Cell]]]])


def read(data: bytes, filename: str) -> Workbook:
    """The visible sheets of a roster. Raises `RosterRefused`; never runs or follows anything."""
    kind = check(data)
    sheets = _read_csv(data, filename) if kind == "csv" else _read_book(data, kind)
    return Workbook(filename, kind, hashlib.sha256(data).hexdigest(), tuple(sheets))


def _read_book(data: bytes, kind: str) -> list[Sheet]:
    extents = _extents(data, kind)
    rows = text = 0
    for name, extent in extents.items():
        _check_extent(name, extent)
        rows += extent.rows
        text += extent.text
        if rows > MAX_ROWS:
            raise RosterRefused("roster_too_many_rows", sheet=name, row=rows, limit=MAX_ROWS)
    if text > MAX_TEXT:
        raise RosterRefused("roster_bomb")
    sheets: list[Sheet] = []
    for name, found_cells in _cells(data):
        found = extents.get(name)
        if found is not None and found.cells:
            rows_of_values = [[_value(cell) for cell in row] for row in found_cells]
            values = _squared(rows_of_values, found.rows, found.columns)
            sheets.append(Sheet(name, values, found.formulas, _merges(found)))
    return sheets


def _merges(extent: Extent) -> tuple[Merge, ...]:
    """The merges as far as there are values: people draw them to the last row. Raises `RosterRefused` where they lie
    over each other, which no sheet program writes: they are all walked."""
    last_row, last_column = extent.rows - 1, extent.columns - 1
    drawn = (
        replace(it, bottom=min(it.bottom, last_row), right=min(it.right, last_column))
        for it in extent.merges
    )
    merges = [it for it in drawn if it.top <= it.bottom and it.left <= it.right]
    covered = sum((it.bottom - it.top + 1) * (it.right - it.left + 1) for it in merges)
    if covered > extent.rows * extent.columns:
        raise RosterRefused("roster_broken")
    return tuple(merges)


def _cells(data: bytes) -> list[tuple[str, list[list[Any]]]]:
    """The visible sheets' cells as the worker gives them."""
    try:
        return _SHEETS.decode(run(cells.__name__, data, seconds=PATIENCE_S))
    except Failed as failed:
        code = "roster_encrypted" if failed.status == cells.PASSWORD else "roster_broken"
        raise RosterRefused(code) from failed
    except msgspec.DecodeError as error:
        raise RosterRefused("roster_broken") from error


def _value(cell: Any) -> Value:
    if not isinstance(cell, tuple):
        plain: Value = cell
        return plain
    kind, said = cell
    if kind == "datetime":
        return datetime.fromisoformat(said)
    if kind == "date":
        return date.fromisoformat(said)
    if kind == "time":
        return time.fromisoformat(said)
    return timedelta(seconds=float(said))


def _squared(rows: Sequence[Sequence[Value]], height: int, width: int) -> list[list[Value]]:
    """Rows of one length, blank text as `None`, large enough for formulas without a result."""
    width = max([width, *(len(row) for row in rows)])
    squared: list[list[Value]] = [
        [*(None if value == "" else value for value in row), *[None] * (width - len(row))]
        for row in rows
    ]
    squared += [[None] * width for _ in range(height - len(squared))]
    return squared


def _extents(data: bytes, kind: str) -> dict[str, Extent]:
    if kind == "xlsx":
        return Parts(data).sheets()
    return biff.scan(Compound(data).stream("workbook", "book"))


def _check_extent(name: str, extent: Extent) -> None:
    # Borders drawn down to the last row are common and harmless: rows without a value. A sheet
    # that claims a million rows without having them was not written by Excel or WPS.
    if extent.rows > MAX_ROWS:
        raise RosterRefused("roster_too_many_rows", sheet=name, row=extent.rows, limit=MAX_ROWS)
    if extent.columns > MAX_COLUMNS:
        raise RosterRefused(
            "roster_too_many_columns", sheet=name, column=extent.columns, limit=MAX_COLUMNS
        )
    if extent.declared_rows > max(MAX_ROWS, extent.row_elements):
        raise RosterRefused("roster_declared_rows", sheet=name, declared=extent.declared_rows)


def _read_csv(data: bytes, filename: str) -> list[Sheet]:
    text = _decode(data)
    delimiter = max(",\t;；", key=lambda mark: text[:8192].count(mark))
    rows: list[Sequence[Value]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(row) > MAX_COLUMNS and any(cell.strip() for cell in row[MAX_COLUMNS:]):
                raise RosterRefused(
                    "roster_too_many_columns", sheet=filename, column=len(row), limit=MAX_COLUMNS
                )
            rows.append([cell or None for cell in row[:MAX_COLUMNS]])
            if len(rows) > MAX_ROWS:
                raise RosterRefused(
                    "roster_too_many_rows", sheet=filename, row=len(rows), limit=MAX_ROWS
                )
    except csv.Error as error:
        raise RosterRefused("roster_broken") from error
    squared = _squared(rows, 0, 0)
    stem = filename.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    return [Sheet(stem or filename or "CSV", squared)]


def _decode(data: bytes) -> str:
    # UTF-8 cannot be mistaken: GB 18030 text is almost never valid UTF-8. The other way round it
    # often is, so UTF-8 is tried first.
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterRefused("roster_encoding")
