"""What the first page says besides the four numbers: small charts by grid, phones silent, requests open, reports due."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from server.office.lines import Tally, definitions_of, tallies
from server.office.register import Register, text_of
from server.office.reports.deadlines import Days, deadline, last_month
from server.office.statistics.charts import spark
from server.office.text import translate
from server.programme.derive import struck
from server.registry import Row

URGENT = "NOW"


def charts(register: Register, today: str, language: str) -> dict[str, Markup]:
    """One small chart for each of the four numbers: how it stands in each grid."""
    key = ("charts", today, language)
    return register.once(key, lambda: _charts(register, today, language))


def _charts(register: Register, today: str, language: str) -> dict[str, Markup]:
    households, children = tallies(register, today)
    counted = {
        "surveyed": ("各网格已摸底的户", [it for it in households if it.surveyed]),
        "wide": ("各网格的留守儿童", [it for it in children if it.wide]),
        "overdue": ("各网格逾期的走访", [it for it in children if it.overdue]),
        "files": ("各网格填齐的档案", [it for it in children if it.file]),
    }
    return {
        name: spark(translate(language, words), _by_grid(found, register))
        for name, (words, found) in counted.items()
    }


def _by_grid(found: list[Tally], register: Register) -> list[tuple[str, int]]:
    grids = Counter(it.grid_code for it in found)
    return [(name, grids[code]) for code, name in register.grid_names.items()]


def open_requests(requests: list[Row], steps: list[Row]) -> list[Row]:
    """Requests for help that stand and are not closed, the most urgent first."""
    corrected = struck([*requests, *steps])
    closed = {
        it.fields.get("help_request_id")
        for it in steps
        if it.fields.get("state") == "CLOSED" and it.id not in corrected
    }
    waiting = [it for it in requests if it.id not in corrected and it.id not in closed]
    return sorted(
        waiting,
        key=lambda it: (it.fields.get("urgency") != URGENT, text_of(it.fields, "occurred_on")),
    )


def uncovered(register: Register, today: str) -> int:
    """Left-behind children without a valid pairing to an adult."""

    def made() -> int:
        paired = {it.fields.get("child_id") for it in register.adult_pairings(today)}
        return sum(
            child.id not in paired and definitions_of(child, register, today)[0]
            for child in register.kind("child")
        )

    return register.once(("uncovered", today), made)


def report_due(
    is_sent: Callable[[str, str], bool], today: str, days: Days
) -> dict[str, Any] | None:
    """Last month's report while nobody has sent it, with the day by which it is due."""
    _, on = last_month(today)
    if is_sent("monthly", on):
        return None
    until = deadline("monthly", on, days)
    return {"until": until, "is_late": until < today, "month": on[:7]}
