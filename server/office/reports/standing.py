"""Who has sent a period's report, who is late, and whose is the newest. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.filing import Report
from server.office.reports.deadlines import Days, days_late, deadline


@dataclass(frozen=True, slots=True)
class Standing:
    """One place in one period. `report` is the newest it sent, None when it sent none."""

    village: str
    name: str
    until: str
    report: Report | None
    late: int
    """Days after the deadline that the first one came, or that none has come until today; 0 in time."""


def of_period(reports: Iterable[Report], kind: str, period: str) -> list[Report]:
    """Those of a kind whose period ends in a month `YYYY-MM`, in the order given (the newest first)."""
    return [it for it in reports if it.kind == kind and it.on[:7] == period]


def standings(
    kind: str,
    on: str,
    places: Mapping[str, str],
    reports: Sequence[Report],
    days: Days,
    today: str,
) -> list[Standing]:
    """Every place (code -> name), whether it has sent a report or not. Lateness counts by the first that was sent: a
    correction asked for later makes nobody late."""
    until = deadline(kind, on, days)
    sent = of_period(reports, kind, on[:7])
    found = []
    for code, name in sorted(places.items()):
        own = [it for it in sent if it.village == code]
        first = own[-1].submitted_at if own else 0
        found.append(
            Standing(code, name, until, own[0] if own else None, days_late(until, first, today))
        )
    return found


def newest_accepted(reports: Iterable[Report]) -> dict[str, Report]:
    """Place -> the newest accepted one of reports in the order newest first."""
    found: dict[str, Report] = {}
    for it in reports:
        if it.state == "accepted":
            found.setdefault(it.village, it)
    return found
