"""When a report is due, and how late it came. Pure.

A village's monthly report is due with the township by the fifth of the next month, the year's by 15 January; the
township's sum with the county five and ten days later. Whoever a report goes to may set another day."""

from collections.abc import Mapping
from datetime import date, datetime

from server.errors import Problem
from server.office.pages import CHINA
from server.office.statistics.slots import add_days
from server.typed import whole

Days = Mapping[str, str]
"""Kind of report -> its day: DD of the next month for the monthly one, MM-DD of the next year for the annual."""

TO_TOWNSHIP: Days = {"monthly": "05", "annual": "01-15"}
TO_COUNTY: Days = {"monthly": "10", "annual": "01-25"}
LATEST_DAY = 28
"""Every month has this day."""


def days_for(area: str, stored: Days) -> Days:
    """The days of reports that go to a township (nine digits) or a county (six)."""
    return {**(TO_COUNTY if len(area) == 6 else TO_TOWNSHIP), **stored}


def deadline(kind: str, on: str, days: Days = TO_TOWNSHIP) -> str:
    """The day by which a report of the period ending on a day should be there."""
    if kind == "annual":
        return f"{int(on[:4]) + 1}-{days[kind]}"
    year, month = int(on[:4]), int(on[5:7])
    return f"{year + month // 12}-{month % 12 + 1:02d}-{days[kind]}"


def day_of(kind: str, typed: str) -> str:
    """What somebody typed as a day, as it is kept. Raises `bad_field`."""
    try:
        if kind == "monthly" and (number := whole(typed, least=1, most=LATEST_DAY)):
            return f"{number:02d}"
        if kind == "annual":
            return date.fromisoformat(f"2001-{typed}").isoformat()[5:]
    except ValueError:
        pass
    raise Problem("bad_field", field=typed or kind)


def days_late(until: str, sent_at: int, today: str) -> int:
    """Days between the deadline and the day it was sent (ms), or today when it was not (0); 0 when in time."""
    sent = datetime.fromtimestamp(sent_at / 1000, CHINA).date() if sent_at else None
    end = sent or date.fromisoformat(today)
    return max(0, (end - date.fromisoformat(until)).days)


def last_month(today: str) -> tuple[str, str]:
    """First and last day of the month before."""
    last = add_days(f"{today[:7]}-01", -1)
    return f"{last[:7]}-01", last


def last_periods(today: str) -> list[tuple[str, str, str]]:
    """(kind, first day, last day) of what is to be sent now: last month's report, and the year's."""
    since, on = last_month(today)
    year = int(today[:4]) - (today[5:7] == "01")
    return [("monthly", since, on), ("annual", f"{year}-01-01", f"{year}-12-31")]
