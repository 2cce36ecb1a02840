"""The households of the village as a table."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from server.office import values
from server.office.filter_words import in_words
from server.office.lines import HOUSEHOLD_COLUMNS, SURVEYED, HouseholdLine, household_lines
from server.office.listing import PAGE_ROWS, Listing, Page, answer, asked, columns_of, finds
from server.office.more_columns import cells, more_columns
from server.office.pages import is_fragment, redirect, render, today
from server.office.register import Register, load
from server.office.security import account_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import programme

FILTERS = ("grid", "left_behind", "risk", "surveyed")


@page("read_records")
async def households(request: Request) -> Response:
    """The list. A post carries what was searched for; everything else can stand in the address."""
    data = request.query_params if request.method == "GET" else await request.form()
    language = language_of(request)
    more = more_columns("household", language)
    listing = asked(data, FILTERS, HOUSEHOLD_COLUMNS, more)
    printing = request.method == "POST" and data.get("print") == "1"
    if request.method == "POST" and not listing.q and not printing and not is_fragment(request):
        return redirect(request, f"/office/households{listing.query}")
    register = await load(registry_of(request), account_of(request).village)
    rows = len(register.rows) + 1 if printing else PAGE_ROWS
    shown = found(listing, register, language, rows=rows)
    offered = options(register, language)
    columns = columns_of(listing, [*HOUSEHOLD_COLUMNS, *more])
    ids = [line.id for line in shown.rows]
    headers = {"HX-Push-Url": f"/office/households{listing.query}"} if is_fragment(request) else {}
    return render(
        request,
        "households",
        {
            "listing": listing,
            "page": shown,
            "columns": columns,
            "all_columns": HOUSEHOLD_COLUMNS,
            "more_columns": more,
            "cells": cells("household", columns, register.rows.values(), today(), ids, language),
            "options": offered,
            "said": in_words(listing, offered, language),
            "printing": printing,
            "export_name": "households",
        },
        headers=headers,
    )


def found(
    listing: Listing, register: Register, language: str, *, rows: int = PAGE_ROWS
) -> Page[HouseholdLine]:
    """The page of households a listing asks for."""
    return answer(
        listing,
        household_lines(register, today(), language),
        keep=lambda line: keeps(listing, line),
        key=lambda line, column: line.key(column),
        sums=sums,
        rows=rows,
    )


def keeps(listing: Listing, line: HouseholdLine) -> bool:
    """Whether a household is among those asked for."""
    chosen = listing.chosen
    return (
        chosen["grid"] in ("", line.grid_code)
        and chosen["left_behind"] in ("", "yes" if line.left_behind else "no")
        and chosen["risk"] in ("", line.risk)
        and keeps_survey(chosen["surveyed"], line.result)
        and finds(
            listing.q, [line.head_name], [line.name_pinyin], [line.household_no, *line.phones]
        )
    )


def keeps_survey(wanted: str, result: str) -> bool:
    """`done`, `open`, `none` (nobody has been there), or one result's code."""
    if wanted == "done":
        return result in SURVEYED
    if wanted == "open":
        return result not in SURVEYED
    if wanted == "none":
        return not result
    return wanted in ("", result)


def sums(lines: Sequence[HouseholdLine]) -> Mapping[str, int]:
    """The totals under the number columns."""
    return {
        name: sum(getattr(line, name) or 0 for line in lines)
        for name in ("population", "away", "left_behind", "children")
    }


def options(register: Register, language: str) -> dict[str, list[tuple[str, str]]]:
    """What the filters of a list offer."""
    lists = programme().lists
    return {
        "grid": list(register.grid_names.items()),
        "risk": [(it.name, values.label(it, language)) for it in lists["risk_level"]],
        "surveyed": [
            ("done", translate(language, "已完成")),
            ("open", translate(language, "未完成")),
            ("none", translate(language, "未入户")),
            *((it.name, values.label(it, language)) for it in lists["survey_result"]),
        ],
    }
