"""Marks, measures and the tables made of them. Pure.

An indicator is a list of marks: one for a child, an event, a child's week. A measure counts the marks it picks
(`n`), of those it is a share of (`d`). Every number of a table is a measure over the marks of one group, and the list
behind the number is those marks.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from server.amounts import in_figures
from server.office.statistics.book import UNKNOWN

TOTAL = ""
"""The group of all marks."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`record` is what the list shows, `child` whom it is about. `sort` tells kinds of marks of one indicator apart,
    `hit` is the answer of a yes-or-no question, `amounts` what is added up."""

    record: str
    child: str = ""
    sort: str = ""
    hit: bool = True
    groups: Mapping[str, str] = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=dict)
    on: str = ""
    words: str = ""


Picks = Callable[[Mark], bool]


def every(_: Mark) -> bool:
    return True


def hits(mark: Mark) -> bool:
    return mark.hit


def of_sort(*sorts: str) -> Picks:
    return lambda mark: mark.sort in sorts


@dataclass(frozen=True, slots=True)
class Measure:
    """One column. `by`: what is counted of the marks picked: "marks", "persons", or an amount's name.

    `unit`: "count", "rate" (n of d), "mean" (n ÷ d to one decimal), "fen" (money), "fen_mean", "day" (the latest).
    `of` picks the marks `d` counts; None for a plain count.
    """

    name: str
    words: str
    unit: str = "count"
    picks: Picks = every
    by: str = "marks"
    of: Picks | None = None
    of_by: str = "marks"


@dataclass(frozen=True, slots=True)
class Figure:
    n: int
    d: int | None = None
    unit: str = "count"
    day: str = ""

    @property
    def text(self) -> str:
        """As it is printed: rates to one decimal, half up; `—` when there is nothing to divide by."""
        if self.unit == "day":
            return self.day or "—"
        if self.unit == "fen":
            return yuan(self.n)
        if self.d is None:
            return str(self.n)
        if self.d == 0:
            return "—"
        if self.unit == "fen_mean":
            return yuan(half_up(self.n, self.d))
        scaled = half_up((1000 if self.unit == "rate" else 10) * self.n, self.d)
        return f"{scaled // 10}.{scaled % 10}" + ("%" if self.unit == "rate" else "")

    @property
    def parts(self) -> str:
        """`n/d`, printed beside every rate."""
        if self.d is None or self.unit == "day":
            return ""
        if self.unit == "fen_mean":
            return f"{yuan(self.n)}/{self.d}"
        return f"{self.n}/{self.d}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a group and its figures, by measure."""

    value: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Table:
    """An indicator by one grouping. `total` is over all marks; `lines` every group, the unknown last."""

    by: str
    measures: Sequence[Measure]
    total: Line
    lines: Sequence[Line]
    faults: Sequence[str]
    """Names of the measures whose groups do not add up to the total. Such a table is no final one."""


def half_up(n: int, d: int) -> int:
    """n ÷ d, rounded half up, away from floating point."""
    return (2 * n + d) // (2 * d)


def yuan(fen: int) -> str:
    """Fen as yuan: without decimals when there are none."""
    return in_figures(fen).removesuffix(".00")


def count(marks: Sequence[Mark], picks: Picks, by: str) -> int:
    picked = [mark for mark in marks if picks(mark)]
    if by == "marks":
        return len(picked)
    if by == "persons":
        return len({mark.child for mark in picked if mark.child})
    if by == "records":
        return len({mark.record for mark in picked})
    return sum(mark.amounts.get(by, 0) for mark in picked)


def figure(measure: Measure, marks: Sequence[Mark]) -> Figure:
    n = count(marks, measure.picks, measure.by)
    d = None if measure.of is None else count(marks, measure.of, measure.of_by)
    day = ""
    if measure.unit == "day":
        day = max((mark.on for mark in marks if measure.picks(mark)), default="")
    return Figure(n, d, measure.unit, day)


def figures(measures: Sequence[Measure], marks: Sequence[Mark]) -> dict[str, Figure]:
    return {measure.name: figure(measure, marks) for measure in measures}


def in_group(marks: Sequence[Mark], by: str, value: str) -> list[Mark]:
    """The marks of one group; all of them for the total."""
    if value == TOTAL:
        return list(marks)
    return [mark for mark in marks if mark.groups.get(by, UNKNOWN) == value]


def table(
    measures: Sequence[Measure], marks: Sequence[Mark], by: str, order: Sequence[str] = ()
) -> Table:
    """The figures by one grouping. `order` are values that are lines even when nothing is in them; others follow,
    in their own order, and the unknown last."""
    grouped: dict[str, list[Mark]] = {}
    for mark in marks:
        grouped.setdefault(mark.groups.get(by, UNKNOWN), []).append(mark)
    values = _in_order(grouped.keys(), order) if by else []
    total = Line(TOTAL, figures(measures, marks))
    lines = [Line(value, figures(measures, grouped.get(value, ()))) for value in values]
    return Table(by, measures, total, lines, faults(measures, total, lines) if by else ())


def added(tables: Sequence[Table], order: Sequence[str]) -> Table:
    """The table of marks that were counted in several lots, no person and no record in two of them. `order` as in
    `table`."""
    first = tables[0]
    by_value: dict[str, list[Mapping[str, Figure]]] = {}
    for it in tables:
        for line in it.lines:
            by_value.setdefault(line.value, []).append(line.figures)
    values = _in_order(by_value.keys(), order) if first.by else []
    total = Line(TOTAL, _sums(first.measures, [it.total.figures for it in tables]))
    lines = [Line(value, _sums(first.measures, by_value.get(value, []))) for value in values]
    wrong = faults(first.measures, total, lines) if first.by else ()
    return Table(first.by, first.measures, total, lines, wrong)


def _sums(
    measures: Sequence[Measure], several: Sequence[Mapping[str, Figure]]
) -> dict[str, Figure]:
    found = {}
    for measure in measures:
        figures = [it[measure.name] for it in several]
        n = sum(it.n for it in figures)
        d = None if measure.of is None else sum(it.d or 0 for it in figures)
        day = max((it.day for it in figures), default="")
        found[measure.name] = Figure(n, d, measure.unit, day)
    return found


def _in_order(found: Collection[str], order: Sequence[str]) -> list[str]:
    """The values that are lines: those of `order`, the others as they sort, the unknown last."""
    values = [*order, *sorted(set(found) - set(order) - {UNKNOWN})]
    return [value for value in values if value != UNKNOWN] + [UNKNOWN]


def faults(measures: Sequence[Measure], total: Line, lines: Sequence[Line]) -> list[str]:
    """Cross-foot: the measures whose lines do not add up to the total, in numerator or denominator.

    Persons are distinct, so somebody may stand in two lines of a grouping that is not the person's own: there the sum
    may be larger, never smaller."""
    wrong = []
    for measure in measures:
        if measure.unit == "day":
            continue
        pairs = [
            (
                measure.by,
                [line.figures[measure.name].n for line in lines],
                total.figures[measure.name].n,
            )
        ]
        if measure.of is not None:
            ds = [line.figures[measure.name].d or 0 for line in lines]
            pairs.append((measure.of_by, ds, total.figures[measure.name].d or 0))
        for by, parts, whole in pairs:
            distinct = by in ("persons", "records")
            if sum(parts) < whole or (sum(parts) > whole and not distinct):
                wrong.append(measure.name)
                break
    return wrong
