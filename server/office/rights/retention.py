"""到期该删的档案: files whose time is over, and those whose guardian said no. Nothing is ever erased by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from server.office.pages import render, today
from server.office.register import Register, load, text_of
from server.office.security import account_of, page, registry_of
from server.programme.derive import age_on
from server.programme.due import is_day

ADULT = 18
"""A file has served its purpose when the child is of age."""
REFUSED = frozenset({"R", "X"})
"""consent_status: refused, taken back."""


@dataclass(frozen=True)
class Expired:
    """A file to look at. `since`: the day from which its time is over."""

    id: str
    name: str
    grid: str
    why: str
    since: str


@page("erase")
async def retention(request: Request) -> Response:
    """The list, oldest first, with the years a file is kept after a child has left the register."""
    years = request.app.state.settings.keep_years
    register = await load(registry_of(request), account_of(request).village)
    return render(
        request,
        "retention",
        {"years": years, "files": sorted(expired(register, today(), years), key=lambda it: it.since)},
    )  # fmt: skip


def expired(register: Register, day: str, years: int) -> Iterator[Expired]:
    """The files whose time is over on a day: `years` after leaving the register, or of age, or refused."""
    for child in register.kind("child"):
        fields = child.fields
        born, left = text_of(fields, "birth_date"), text_of(fields, "exit_on")
        why, since = "", ""
        age = age_on(born, day)
        if fields.get("consent_status") in REFUSED:
            why = "监护人不同意或收回了同意"
        elif age is not None and age >= ADULT:
            why, since = "已满十八周岁", later(born, ADULT)
        elif text_of(fields, "ward_status").startswith("X") and is_day(left):
            why, since = "离开名单已满期限", later(left, years)
            if since > day:
                continue
        if why:
            grid = register.grid_names.get(register.grid_of(child), "")
            yield Expired(child.id, register.name_of(child), grid, why, since)


def later(day: str, years: int) -> str:
    """The same day some years later; 29 February becomes 1 March. Days may be of a month or a year alone."""
    if len(day) < 10:
        return f"{int(day[:4]) + years:04}{day[4:]}"
    at = date.fromisoformat(day)
    try:
        return at.replace(year=at.year + years).isoformat()
    except ValueError:
        return date(at.year + years, 3, 1).isoformat()
