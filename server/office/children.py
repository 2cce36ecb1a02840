"""The children of the village as a table."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from server.office.filter_words import in_words
from server.office.households import keeps_survey, options
from server.office.lines import CHILD_COLUMNS, ChildLine, child_lines
from server.office.listing import PAGE_ROWS, Listing, Page, answer, asked, columns_of, finds
from server.office.more_columns import cells, more_columns
from server.office.pages import is_fragment, redirect, render, today
from server.office.register import Register, load
from server.office.security import account_of, page, registry_of
from server.office.text import language_of

FILTERS = ("grid", "left_behind", "risk", "surveyed", "file")


@page("read_records")
async def children(request: Request) -> Response:
    """The list. A post carries what was searched for; everything else can stand in the address."""
    data = request.query_params if request.method == "GET" else await request.form()
    language = language_of(request)
    more = more_columns("child", language)
    listing = asked(data, FILTERS, CHILD_COLUMNS, more)
    printing = request.method == "POST" and data.get("print") == "1"
    if request.method == "POST" and not listing.q and not printing and not is_fragment(request):
        return redirect(request, f"/office/children{listing.query}")
    register = await load(registry_of(request), account_of(request).village)
    rows = len(register.rows) + 1 if printing else PAGE_ROWS
    shown = found(listing, register, language, rows=rows)
    offered = options(register, language)
    columns = columns_of(listing, [*CHILD_COLUMNS, *more])
    ids = [line.id for line in shown.rows]
    headers = {"HX-Push-Url": f"/office/children{listing.query}"} if is_fragment(request) else {}
    return render(
        request,
        "children",
        {
            "listing": listing,
            "page": shown,
            "columns": columns,
            "all_columns": CHILD_COLUMNS,
            "more_columns": more,
            "cells": cells("child", columns, register.rows.values(), today(), ids, language),
            "options": offered,
            "said": in_words(listing, offered, language),
            "printing": printing,
            "export_name": "children",
        },
        headers=headers,
    )


def found(
    listing: Listing, register: Register, language: str, *, rows: int = PAGE_ROWS
) -> Page[ChildLine]:
    """The page of children a listing asks for."""
    return answer(
        listing,
        child_lines(register, today(), language),
        keep=lambda line: keeps(listing, line),
        key=lambda line, column: line.key(column),
        sums=sums,
        rows=rows,
    )


def keeps(listing: Listing, line: ChildLine) -> bool:
    """Whether a child is among those asked for."""
    chosen = listing.chosen
    left_behind = {"": True, "wide": line.is_wide, "legal": line.is_legal, "no": not line.is_wide}
    return (
        chosen["grid"] in ("", line.grid_code)
        and left_behind.get(chosen["left_behind"], False)
        and chosen["risk"] in ("", line.risk)
        and keeps_survey(chosen["surveyed"], line.survey_result)
        and chosen["file"] in ("", _file_state(line))
        and finds(
            listing.q,
            [line.name, line.carer, line.helpers],
            [line.name_pinyin],
            [line.file_no, *line.phones],
        )
    )


def _file_state(line: ChildLine) -> str:
    """Files are asked for of the left-behind; of another child nothing is missing and nothing complete."""
    if line.missing is None:
        return "none"
    return "open" if line.missing else "complete"


def sums(lines: Sequence[ChildLine]) -> Mapping[str, int]:
    """How many of the list are left behind, by either definition."""
    return {
        "wide": sum(line.is_wide for line in lines),
        "legal": sum(line.is_legal for line in lines),
    }
