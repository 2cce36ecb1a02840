"""What most pages of the office want to know of a village, worked out before the first of them asks."""

from server.office.dues import all_due
from server.office.lines import child_lines, household_lines, tallies
from server.office.pages import today
from server.office.register import whole_of
from server.office.statistics.asking import asked
from server.office.statistics.book import Book
from server.office.statistics.matrix import matrix
from server.registry import Kept


def prepare(village: str, kept: Kept) -> None:
    """Work it out of rows that nobody has been given yet."""
    whole, on = whole_of(kept, village), today()
    child_lines(whole, on, "zh")
    household_lines(whole, on, "zh")
    tallies(whole, on)
    all_due(whole, on)
    wanted = asked({})
    matrix(Book(whole, wanted.since, wanted.on, wanted.scope))
