"""Finds the heading row of a sheet under its title rows, one to three rows deep.

Every row near the top is tried as a heading of depth 1, 2 and 3; what reads as most known columns
wins. Merged cells count for all the cells they cover. A file saved as .csv has lost its merges, so
a group heading also reaches over the blank cells to its right, as long as there are headings below.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.office.roster.cells import fold
from server.office.roster.headings import Headings
from server.office.roster.sheet import Sheet, Value

SEARCHED_ROWS = 40
_DEPTHS = (1, 2, 3)
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings stand and what the columns mean. `columns`: target → column."""

    top: int
    depth: int
    columns: dict[str, int]
    unknown: tuple[str, ...]

    @property
    def first_row(self) -> int:
        """The first row under the headings."""
        return self.top + self.depth


def spread(sheet: Sheet, bottom: int) -> list[list[Value]]:
    """The rows above `bottom` with each merged range holding its value in all of its cells."""
    rows = [list(row) for row in sheet.rows[:bottom]]
    for merge in sheet.merges:
        value = sheet.value(merge.top, merge.left)
        for row in range(merge.top, min(merge.bottom + 1, len(rows))):
            for column in range(merge.left, min(merge.right + 1, len(rows[row]))):
                rows[row][column] = value
    return rows


def find_header(sheet: Sheet, headings: Headings) -> Header | None:
    """The heading row of a sheet, `None` when no row names a child and two more known columns."""
    rows = spread(sheet, SEARCHED_ROWS + _DEPTHS[-1])
    best: tuple[int, Header] | None = None
    for top in range(min(len(rows), SEARCHED_ROWS)):
        for depth in _DEPTHS:
            if top + depth > len(rows):
                break
            found = _read(rows[top : top + depth], top, headings)
            score = len(found.columns) * 4 - depth
            if "child.name" not in found.columns or len(found.columns) < _LEAST:
                continue
            if best is None or score > best[0]:
                best = score, found
    return best[1] if best else None


def _read(rows: Sequence[Sequence[Value]], top: int, headings: Headings) -> Header:
    width = max((len(row) for row in rows), default=0)
    paths = [_path(rows, column, headings) for column in range(width)]
    targets = headings.targets(paths)
    columns: dict[str, int] = {}
    unknown: list[str] = []
    for column, target in enumerate(targets):
        if target:
            columns.setdefault(target, column)
        elif paths[column]:
            unknown.append("".join(paths[column]))
    return Header(top, len(rows), columns, tuple(unknown))


def _path(rows: Sequence[Sequence[Value]], column: int, headings: Headings) -> tuple[str, ...]:
    words: list[str] = []
    for level, row in enumerate(rows):
        value = row[column]
        below = any(later[column] is not None for later in rows[level + 1 :])
        if value is None and level < len(rows) - 1 and below:
            value = _group_left(rows, level, column, headings)
        word = value if isinstance(value, str) else ""
        if word.strip() and (not words or fold(word) != fold(words[-1])):
            words.append(word)
    return tuple(words)


def _group_left(
    rows: Sequence[Sequence[Value]], level: int, column: int, headings: Headings
) -> Value:
    for left in range(column - 1, -1, -1):
        value = rows[level][left]
        if value is not None:
            return value if headings.is_group(value) and rows[level + 1][left] is not None else None
    return None


def title_rows(sheet: Sheet, header: Header) -> list[str]:
    """The texts above the headings: titles, who filled it in, and when."""
    return [str(value) for row in sheet.rows[: header.top] for value in row if value is not None]
