"""What a roster is once it has been read: sheets of plain values, with what the values hide.

Rows and columns count from 0 here; what people see counts from 1 (`address`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Value = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range of cells, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: rows of equal length from A1 on, the cells that are computed, the merges."""

    name: str
    rows: Sequence[Sequence[Value]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    merges: tuple[Merge, ...] = ()

    def value(self, row: int, column: int) -> Value:
        """The cell's own value; `None` outside the sheet."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return None


@dataclass(frozen=True, slots=True)
class Extent:
    """What a look at a sheet's raw bytes tells before its values are read."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    declared_rows: int = 0
    row_elements: int = 0
    text: int = 0
    formulas: frozenset[tuple[int, int]] = frozenset()
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """A roster file as read. `kind` is xlsx, xls or csv, told from the content."""

    filename: str
    kind: str
    sha256: str
    sheets: tuple[Sheet, ...]


def address(row: int, column: int) -> str:
    """The name people know a cell by: (0, 0) is A1.

    >>> address(4, 27)
    'AB5'
    """
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{letters}{row + 1}"
