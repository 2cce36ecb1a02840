"""统计表: every indicator by grid, and whether it adds up. Pure.

The checks are those of the national form: the total equals the sum by age, by stage of school, by carer, by
assessment, by health and by grid, each with its unknown. A table with a check that fails is no final one."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.office.statistics.book import UNKNOWN, Book
from server.office.statistics.indicators import COUNTED, marks_of, table_of
from server.office.statistics.marks import Figure, Mark, Measure
from server.programme import programme

CROSS_FOOT = ("sex", "age", "stage", "fact", "carer_kind", "assess", "health", "risk", "grid")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a measure of an indicator, by grid and in all. `is_first` of its indicator."""

    indicator: str
    measure: Measure
    cells: Sequence[Figure]
    total: Figure
    is_first: bool
    faults: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A sum that must be the total."""

    by: str
    parts: Sequence[tuple[str, int]]
    total: int

    @property
    def holds(self) -> bool:
        return sum(n for _, n in self.parts) == self.total


@dataclass(frozen=True, slots=True)
class Matrix:
    grids: Sequence[str]
    rows: Sequence[Row]
    checks: Sequence[Check]

    @property
    def is_final(self) -> bool:
        return all(check.holds for check in self.checks) and not any(r.faults for r in self.rows)


def matrix(book: Book) -> Matrix:
    grids = [*book.register.grid_names, UNKNOWN]
    rows: list[Row] = []
    counted: list[Mark] = []
    for indicator in programme().indicators.values():
        if not indicator.in_matrix:
            continue
        marks = marks_of(indicator.name, book)
        if indicator.name == "left_behind":
            counted = marks
        by_grid = table_of(indicator.name, "grid", book, marks)
        lines = {line.value: line.figures for line in by_grid.lines}
        for place, measure in enumerate(COUNTED[indicator.name].in_matrix):
            rows.append(
                Row(
                    indicator.name,
                    measure,
                    [lines[grid][measure.name] for grid in grids],
                    by_grid.total.figures[measure.name],
                    place == 0,
                    measure.name in by_grid.faults or len(lines) != len(grids),
                )
            )
    return Matrix(grids, rows, checks(book, counted))


def checks(book: Book, counted: Sequence[Mark]) -> list[Check]:
    """The cross-foot of the number of left-behind children."""
    found = []
    for by in CROSS_FOOT:
        parts = table_of("left_behind", by, book, counted).lines
        shown = [(line.value, line.figures["count"].n) for line in parts]
        found.append(Check(by, shown, len(book.children)))
    return found
