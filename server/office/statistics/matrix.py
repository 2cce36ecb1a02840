"""统计表: every indicator by grid, and whether it adds up. Pure.

The checks are those of the national form: the total equals the sum by age, by stage of school, by carer, by
assessment, by health and by grid, each with its unknown. A table with a check that fails is no final one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.office.register import Register
from server.office.statistics.book import UNKNOWN, Book
from server.office.statistics.indicators import COUNTED, marks_of, order_of
from server.office.statistics.marks import Figure, Measure, Table, added, table
from server.programme import programme

CHECKED = "left_behind"
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
    """Every indicator of it is counted child by child, household by household or event by event of a child: so each
    part of the homes by itself, once for as long as nothing changes in it, and the parts added up."""
    lots = book.register.by_part(("matrix", book.since, book.on, book.scope), _counted_in(book))
    grids = [*book.register.grid_names, UNKNOWN]
    rows: list[Row] = []
    for indicator in programme().indicators.values():
        if not indicator.in_matrix:
            continue
        by_grid = _summed(indicator.name, "grid", book, lots)
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
    return Matrix(grids, rows, checks(book, lots))


Lot = Mapping[tuple[str, str], Table]
"""What was counted in one part of the homes: (indicator, grouping) -> its table."""


def _counted_in(book: Book) -> Callable[[Register, str], Lot]:
    """How one part is counted: every indicator by grid, and the children by each grouping of the cross-foot."""

    def lot(whole: Register, part: str) -> Lot:
        of_part = replace(book, register=whole.under(book.register.rules), part=part)
        found = {}
        for indicator in programme().indicators.values():
            if indicator.in_matrix:
                marks, measures = (
                    marks_of(indicator.name, of_part),
                    COUNTED[indicator.name].in_matrix,
                )
                found[indicator.name, "grid"] = table(measures, marks, "grid")
                if indicator.name == CHECKED:
                    for by in CROSS_FOOT:
                        found[indicator.name, by] = table(measures, marks, by)
        return found

    return lot


def _summed(name: str, by: str, book: Book, lots: Sequence[Lot]) -> Table:
    return added([lot[name, by] for lot in lots], order_of(name, by, book.register))


def checks(book: Book, lots: Sequence[Lot]) -> list[Check]:
    """The cross-foot of the number of left-behind children: the groups as they were counted, against all of them."""
    found = []
    for by in CROSS_FOOT:
        parts = _summed(CHECKED, by, book, lots).lines
        shown = [(line.value, line.figures["count"].n) for line in parts]
        found.append(Check(by, shown, len(book.children)))
    return found
