"""监护人查阅单: on paper for a guardian, everything held about one child, who may see it and who has (PIPL 45)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.auth import Account
from server.auth.model import EVERYWHERE
from server.errors import Problem
from server.office import record_file, values
from server.office.audit import ACTIONS
from server.office.pages import redirect, render, today
from server.office.records import row_of
from server.office.register import text_of
from server.office.rights.held import WITHHELD, Held, held_about
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.programme import programme_of
from server.registry import Row

MOST_LOOKS = 60
"""Lines of who has looked; older ones are counted."""


@dataclass(frozen=True)
class Sheet:
    """One record on the report: what it is, its day, and what it says, field by field."""

    words: str
    on: str
    said: Sequence[tuple[str, str]]


@page("read_history")
async def access_report(request: Request) -> Response:
    """The report of a child. It leaves the office, so it is made by a post and noted."""
    row, account, language = await row_of(request), account_of(request), language_of(request)
    if row.type != "child":
        raise Problem("no_record")
    if request.method != "POST":
        return redirect(request, f"/office/records/{row.id}")
    if not request.state.can["export"]:
        raise Problem("not_allowed")
    auth, village = auth_of(request), account.village
    held = await held_about(registry_of(request), village, row)
    looks = await auth.audit_about(village, [row.id, *held.absorbed])
    people = await auth.accounts(village)
    names = {person.id: person.name for person in people}
    await auth.note(village, account.id, "access_report", row.id)
    return render(
        request,
        "access_report",
        {
            "back": f"/office/records/{row.id}",
            "is_masked": False,
            "name": held.register.name_of(row),
            "sheets": list(sheets(held, village, language)),
            "withheld": sum(it.type in WITHHELD for it in held.rows),
            "readers": _readers(people, held, row),
            "looks": [
                {
                    "at": it.at,
                    "who": names.get(it.account, it.account),
                    "words": ACTIONS.get(it.action, it.action),
                }
                for it in reversed(looks)
            ][:MOST_LOOKS],
            "older": max(0, len(looks) - MOST_LOOKS),
        },
    )


def sheets(held: Held, village: str, language: str) -> Iterator[Sheet]:
    """The records a guardian may read, the child's own file first, then by day."""
    types = programme_of(village).types
    child, *others = held.rows
    dated = sorted(others, key=lambda it: (text_of(it.fields, "occurred_on"), it.id))
    for row in (child, *dated):
        kind = types[row.type]
        if row.type in WITHHELD:
            continue
        said = [
            (values.label(field, language), record_file.words_of(row.fields[name], field, held.register, language))
            for name, field in kind.fields.items()
            if not field.ref and row.fields.get(name) not in (None, "", [], {}) and record_file.is_on_page(field, row)
        ]  # fmt: skip
        yield Sheet(values.label(kind, language), text_of(row.fields, "occurred_on"), said)


def _readers(people: Sequence[Account], held: Held, child: Row) -> list[dict[str, object]]:
    """By role, who can open this file today: the office, the grid's surveyors, the paired helpers."""
    grid = held.register.grid_of(child)
    helpers = {text_of(it.fields, "helper_id") for it in held.register.pairings(child.id, today())}
    able: Counter[str] = Counter()
    for person in people:
        if person.active and (
            person.role in EVERYWHERE
            or person.role == "supervisor"
            or grid in person.grids
            or (person.helper_id and person.helper_id in helpers)
        ):
            able[person.role] += 1
    return [{"role": role, "count": count} for role, count in sorted(able.items())]
