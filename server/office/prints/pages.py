"""打印: what can be printed and each printout. Pages say village, day, who printed, page n/N."""

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office.households import options
from server.office.lines import definitions_of
from server.office.pages import render, today
from server.office.prints import classes
from server.office.prints.catalogue import PRINTOUTS
from server.office.prints.kinds import Asked, Printout, day_or
from server.office.prints.work import authors
from server.office.register import ENTITIES, Register, load, text_of
from server.office.reports.store import filing_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.office.texts.store import READ, clauses_of, values_of
from server.registry import Row

OFFERED = ("activity", "award", "plan", "visit", "talk", "family_call")
"""Types whose records the page of printouts offers to choose by."""


@page("export")
async def printouts(request: Request) -> Response:
    """What can be printed, with what to choose by."""
    register = await load(registry_of(request), account_of(request).village, *ENTITIES, *OFFERED)
    language = language_of(request)
    children = _children(register, {})
    return render(
        request,
        "printouts",
        {
            "printouts": PRINTOUTS.values(),
            "options": options(register, language),
            "activities": _latest(register, "activity", "occurred_on")[:30],
            "awards": _latest(register, "award", "occurred_on")[:30],
            "plans": _latest(register, "plan", "from_on"),
            "children": children,
            "schools": classes.by_school(children),
            "class_words": lambda it: classes.words(it, language),
            "authors": authors(register),
            "name_of": lambda id: register.name_of(register.rows.get(str(id or ""))),
        },
    )


@page("export")
async def printout(request: Request) -> Response:
    """One printout; what was chosen stands in the address. Printing is noted."""
    it = PRINTOUTS.get(request.path_params["name"])
    if it is None:
        raise Problem("not_found")
    account = account_of(request)
    reads = (*it.reads, *(READ if it.texts else ()))
    register = await load(registry_of(request), account.village, *ENTITIES, *dict.fromkeys(reads))
    chosen = {name: request.query_params.get(name, "") for name in it.filters}
    texts = await _texts(request, it, register)
    await auth_of(request).note(account.village, account.id, "print_form", it.name)
    # A card for each child of a large village takes a while; nobody else waits for it.
    return await run_in_threadpool(_printed, request, it, register, chosen, texts)


def _printed(
    request: Request,
    it: Printout,
    register: Register,
    chosen: dict[str, str],
    texts: dict[str, Sequence[str]],
) -> Response:
    asked = Asked(
        register,
        _children(register, chosen),
        chosen,
        language_of(request),
        since=day_or(chosen.get("since", ""), it.first_day),
        until=day_or(chosen.get("until", ""), today()),
        texts=texts,
    )
    return render(
        request,
        f"print_{it.template or it.name.replace('-', '_')}",
        {
            "title_words": it.words,
            "back": "/office/print",
            "grid": register.grid_names.get(chosen.get("grid", ""), ""),
            "is_masked": False,
            "paper": it.paper,
            "since": asked.since,
            "until": asked.until,
            **it.content(asked),
        },
    )


async def _texts(request: Request, it: Printout, register: Register) -> dict[str, Sequence[str]]:
    """The clauses of the texts a printout has on it, as the village words them today."""
    if not it.texts:
        return {}
    village, filing = account_of(request).village, filing_of(request)
    facts = values_of(register, request.state.village_name, today())
    return {name: await clauses_of(filing, village, name, facts) for name in it.texts}


def _children(register: Register, chosen: dict[str, str]) -> list[Row]:
    """Left-behind children of the chosen grid or class, or the chosen one: by grid and number of file, of printouts
    that go by class in the order of the class."""
    children = [
        child
        for child in register.kind("child")
        if chosen.get("grid", "") in ("", register.grid_of(child))
        and chosen.get("child", "") in ("", child.id)
        and classes.is_in(child, chosen.get("class", ""))
        and definitions_of(child, register, today())[0]
    ]
    if "class" in chosen and "grid" not in chosen:
        return sorted(children, key=classes.seat)
    return sorted(
        children, key=lambda row: (register.grid_of(row), text_of(row.fields, "file_no"), row.id)
    )


def _latest(register: Register, kind: str, field: str) -> list[Row]:
    """Records of a type that count, the latest first."""
    rows = [it for it in register.kind(kind) if it.id not in register.corrected]
    return sorted(rows, key=lambda it: text_of(it.fields, field), reverse=True)
