"""Who stands above whom: a village (twelve digits of the code), its township (nine), its county (six)."""

from server.auth import Account
from server.filing import Report
from server.programme import may

VILLAGE, TOWNSHIP, COUNTY = 12, 9, 6
DIGITS = {"supervisor": TOWNSHIP, "county": COUNTY}


def area_of(account: Account) -> str:
    """The beginning of the codes that an account answers for."""
    return account.village[: DIGITS.get(account.role, VILLAGE)]


def may_open(account: Account, village: str, report: Report) -> bool:
    """Whether an account sees a report that was sent up. A county sees what townships sent, and of villages what
    their township has accepted; a village and a township see their own, and what is below them."""
    area = area_of(account)
    if not village.startswith(area):
        return False
    return len(area) != COUNTY or len(village) == TOWNSHIP or report.state == "accepted"


def may_decide(account: Account, village: str) -> bool:
    """Whether a report goes to this account to be accepted or returned: one level up, not two."""
    above = {VILLAGE: TOWNSHIP, TOWNSHIP: COUNTY}.get(len(village), 0)
    area = area_of(account)
    return may(account.role, "review_reports") and len(area) == above and village.startswith(area)
