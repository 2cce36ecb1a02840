"""From and until when somebody works in a grid: what was typed, what is wrong with it, and whose time is nearly over."""

from collections.abc import Mapping, Sequence
from datetime import date

from starlette.datastructures import FormData

from server.auth import Account, Grant
from server.programme.due import is_day

SOON_DAYS = 14
"""From so many days before its end on a grant is pointed out."""
LAST_YEAR = "2099"

NO_DAY = "起止日期请写成 2026-08-31 这样，不清楚的留空。"
BACKWARDS = "到期的日子在开始之前，请改过来。"
OVER = "到期日请写今天或以后；要马上收回，就去掉这个网格前面的勾。"


def typed(form: FormData) -> list[Grant]:
    """The grids that are ticked, with their days as they were typed."""
    return [
        Grant(code, str(form.get(f"begins {code}", "")).strip(), str(form.get(f"ends {code}", "")).strip())
        for code in map(str, form.getlist("grid"))
    ]  # fmt: skip


def missing(grants: Sequence[Grant], before: Sequence[Grant], today: str) -> str:
    """What is wrong with the days, as a message of text.py. What was over before may stay so."""
    for it in grants:
        if not all(day == "" or (is_day(day) and day[:4] <= LAST_YEAR) for day in (it.begins, it.ends)):  # fmt: skip
            return NO_DAY
        if it.ends and it.begins > it.ends:
            return BACKWARDS
        if it.ends and it.ends < today and it not in before:
            return OVER
    return ""


def changed(grants: Sequence[Grant], before: Sequence[Grant], names: Mapping[str, str]) -> list[str]:  # fmt: skip
    """The grants that are new or have other days, in words for the audit."""
    return [
        f"{names.get(it.grid, it.grid)} {it.begins or '…'} → {it.ends or '…'}"
        for it in grants
        if it not in before and (it.begins or it.ends or any(it.grid == old.grid for old in before))
    ]


def taken(grants: Sequence[Grant], before: Sequence[Grant], names: Mapping[str, str], today: str) -> list[str]:  # fmt: skip
    """The grids that are ticked no more and whose days were not over, in words for the audit."""
    left = {it.grid for it in grants}
    return [
        names.get(it.grid, it.grid)
        for it in before
        if it.grid not in left and (not it.ends or it.ends >= today)
    ]


def soon(person: Account, today: str) -> dict[str, tuple[str, int]]:
    """Grid -> (last day, days that are left after today), of the grants that end within `SOON_DAYS`."""
    found = {}
    for it in person.grants:
        if it.holds(today) and it.ends:
            left = (date.fromisoformat(it.ends) - date.fromisoformat(today)).days
            if left <= SOON_DAYS:
                found[it.grid] = (it.ends, left)
    return found
