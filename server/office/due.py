"""应访: whom to visit by when. The same rule as on the phones (`server.programme.derive`)."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from server.office.conflict_view import whose_of
from server.office.filter_words import in_words
from server.office.households import options
from server.office.lines import ChildLine, child_lines
from server.office.listing import Listing
from server.office.pages import render, today
from server.office.register import ENTITIES, Register, load, text_of
from server.office.security import account_of, page, registry_of
from server.office.text import language_of
from server.programme import programme
from server.programme.due import due_list, visiting

STATES = ("overdue", "this_week", "later")
READ = (
    *dict.fromkeys(
        (
            *ENTITIES,
            "survey",
            *(it for rule in programme().rules for it in (rule.subject, *rule.events)),
        )
    ),
)
"""Everything a rule may ask about."""


@page("read_records")
async def due(request: Request) -> Response:
    """The list by day, overdue first. Filters are no secrets, so they stand in the address."""
    register = await load(registry_of(request), account_of(request).village, *READ)
    language = language_of(request)
    owed = [line for line in child_lines(register, today(), language) if line.due is not None]
    owed.sort(key=lambda line: (line.due.due_on if line.due else "", line.grid_code, line.name))
    chosen = {name: request.query_params.get(name, "") for name in ("state", "grid", "risk")}
    rows = [
        {**_line(line), "due": line.due}
        for line in owed
        if line.due
        and chosen["state"] in ("", line.due.state)
        and chosen["grid"] in ("", line.grid_code)
        and chosen["risk"] in ("", line.risk)
    ]
    sums = {
        name: sum(it.due is not None and it.due.state == name for it in owed) for name in STATES
    }
    offered = options(register, language)
    return render(
        request,
        "due",
        {
            "rows": rows,
            "sums": {**sums, "all": len(owed)},
            "chosen": chosen,
            "options": offered,
            "said": in_words(Listing(chosen), offered, language),
            "others": register.once(
                ("others", today(), language), lambda: _others(register, language)
            ),
        },
    )


def _others(register: Register, language: str) -> list[dict[str, object]]:
    """What is due by the other rules, overdue or within the week: the same list as on the phones."""
    on = today()
    visits = {rule.name for rule in visiting(register.rules)}
    labels = {rule.name: rule.label for rule in register.rules}
    held = {kind: register.kind(kind) for kind in READ}
    return [
        {
            "id": about.id,
            "name": whose_of(about.id, register, language),
            "grid_name": register.grid_names.get(register.grid_of(due.subject), ""),
            "rule": labels[due.rule],
            "due_on": due.due_on,
            "state": due.state,
            "last_on": due.last_on or "",
        }
        for due in due_list(held, register.rules, programme().calendar, on)
        if due.rule not in visits and due.state != "later"
        for about in [register.rows.get(text_of(due.subject.fields, "child_id"), due.subject)]
    ]


def _line(line: ChildLine) -> dict[str, object]:
    late = 0
    if line.due:
        late = (date.fromisoformat(today()) - date.fromisoformat(line.due.due_on)).days
    return {
        "id": line.id,
        "name": line.name,
        "risk": line.risk,
        "grid_name": line.grid_name,
        "carer": line.carer,
        "carer_relation": line.carer_relation,
        "phone": line.phone,
        "helpers": line.helpers,
        "days_late": late,
    }
