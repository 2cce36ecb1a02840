"""The tables as Excel: the same cells as on the page, with the day, the 口径 and the formula above them."""

from collections.abc import Sequence

from server.office.export import Sheet
from server.office.roster.columns import Cell, Column
from server.office.statistics.marks import Figure


def sheet(title: str, about: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Sheet:
    columns = [Column(f"c{n}", heading, 26 if n == 0 else 14) for n, heading in enumerate(headings)]
    return Sheet(title, about, columns, rows)


def cell(figure: Figure) -> Cell:
    """A count as a number; a rate with what it is made of, because a percentage alone cannot be checked."""
    if figure.unit == "count" and figure.d is None:
        return figure.n
    return f"{figure.text}（{figure.parts}）" if figure.parts else figure.text
