"""When a report is due with the township: the monthly one by the fifth of the next month, the year's by 15 January."""

from server.office.statistics.slots import add_days

MONTHLY_DAY, ANNUAL_DAY = "05", "01-15"


def deadline(kind: str, on: str) -> str:
    """The day by which a report of the period ending on a day should be there."""
    if kind == "annual":
        return f"{int(on[:4]) + 1}-{ANNUAL_DAY}"
    year, month = int(on[:4]), int(on[5:7])
    return f"{year + month // 12}-{month % 12 + 1:02d}-{MONTHLY_DAY}"


def last_month(today: str) -> tuple[str, str]:
    """First and last day of the month before."""
    last = add_days(f"{today[:7]}-01", -1)
    return f"{last[:7]}-01", last
