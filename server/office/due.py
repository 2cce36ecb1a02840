"""应访: whom to visit by when. The same rule as on the phones (`server.programme.derive`)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from server.office.conflict_view import whose_of
from server.office.dues import all_due
from server.office.filter_words import in_words
from server.office.households import options
from server.office.lines import ChildLine, child_lines
from server.office.listing import PAGE_ROWS, Listing, answer, asked
from server.office.pages import render, today
from server.office.register import ENTITIES, Register, load, text_of
from server.office.security import account_of, page, registry_of
from server.office.text import language_of
from server.programme import programme
from server.programme.due import Due, visiting
from server.registry import Row

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
MOST_OTHERS = 50
"""Lines of other rules on the page; the list of all that is due has the rest."""
STATES = ("overdue", "this_week", "later")
FILTERS = ("state", "grid", "risk")


@page("read_records")
async def due(request: Request) -> Response:
    """The list by day, overdue first. Filters are no secrets, so they stand in the address. `print`: every row."""
    register = await load(registry_of(request), account_of(request).village, *READ)
    language, query = language_of(request), request.query_params
    listing = asked(query, FILTERS, ())
    printing = query.get("print") == "1"
    owed = [line for line in child_lines(register, today(), language) if line.due is not None]
    owed.sort(key=lambda line: (line.due.due_on if line.due else "", line.grid_code, line.name))
    shown = answer(
        listing,
        owed,
        keep=lambda line: _keeps(listing, line),
        key=lambda line, column: line.key(column),
        rows=len(owed) + 1 if printing else PAGE_ROWS,
    )
    states = Counter(line.due.state for line in owed if line.due)
    offered = options(register, language)
    others = _others(register)
    return render(
        request,
        "due",
        {
            "rows": [{**_line(line), "due": line.due} for line in shown.rows],
            "page": shown,
            "sums": {**{name: states[name] for name in STATES}, "all": len(owed)},
            "chosen": listing.chosen,
            "options": offered,
            "said": in_words(listing, offered, language),
            "printing": printing,
            "others": [
                _other(it, register, language)
                for it in (others if printing else others[:MOST_OTHERS])
            ],
            "others_count": len(others),
        },
    )


def _keeps(listing: Listing, line: ChildLine) -> bool:
    chosen = listing.chosen
    return (
        line.due is not None
        and chosen["state"] in ("", line.due.state)
        and chosen["grid"] in ("", line.grid_code)
        and chosen["risk"] in ("", line.risk)
    )


def _others(register: Register) -> Sequence[Due[Row]]:
    """What is due by the other rules, overdue or within the week: the same list as on the phones."""
    visits = {rule.name for rule in visiting(register.rules)}
    return [
        it for it in all_due(register, today()) if it.rule not in visits and it.state != "later"
    ]


def _other(it: Due[Row], register: Register, language: str) -> dict[str, object]:
    rows, labels = register.whole.rows, {rule.name: rule.label for rule in register.rules}
    about = rows.get(text_of(it.subject.fields, "child_id"), it.subject)
    return {
        "id": about.id,
        "name": whose_of(about.id, register.whole, language),
        "grid_name": register.grid_names.get(register.whole.grid_of(it.subject), ""),
        "rule": labels[it.rule],
        "due_on": it.due_on,
        "state": it.state,
        "last_on": it.last_on or "",
    }


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
