"""汇总: what is below added up. A township adds the accepted reports of its villages and sends the sum to the county as
a frozen report of its own; a county adds the accepted sums of its townships. No names of people anywhere.

Nothing is added that does not add up in itself: every part must be as it was sent, its cells must give its totals,
and each cell of a township's sum must be the total of the village's report that it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.filing import Filing, Report, hash_of
from server.office.pages import redirect, render, today
from server.office.reports.deadlines import days_for, deadline
from server.office.reports.levels import COUNTY, TOWNSHIP, area_of
from server.office.reports.places import places_of
from server.office.reports.snapshot import crossed, rolled_up, shown, words_of
from server.office.reports.standing import newest_accepted, of_period
from server.office.reports.store import KINDS, Kind, filing_of
from server.office.security import account_of, auth_of, page
from server.office.statistics.asking import SCOPES
from server.office.text import language_of, translate
from server.registry import now_ms, uuid7

LONGEST_PLACE = 40


@dataclass(frozen=True, slots=True)
class Adding:
    """What is to be added in a period: `reports` with their bodies, the names of places that are `missing`, and
    `faults` in words, each of which keeps the sum from being made."""

    period: str
    periods: Sequence[str]
    reports: Sequence[Report]
    missing: Sequence[str]
    faults: Sequence[str]

    @property
    def scopes(self) -> list[str]:
        return sorted({it.scope for it in self.reports})

    @property
    def rows(self) -> list[dict[str, Any]]:
        sound = len(self.scopes) == 1 and not self.faults
        return rolled_up([it.body for it in self.reports]) if sound else []


@page("review_reports")
async def sum_up(request: Request) -> Response:
    """The sum over the places below, of the newest accepted report of each."""
    kind = _kind(str(request.query_params.get("kind", "annual")))
    account, language = account_of(request), language_of(request)
    it = await adding(request, kind, str(request.query_params.get("period", "")))
    for part in it.reports:
        where = part.village if len(part.village) > TOWNSHIP else account.village
        about = f"{account.name} · {kind.name}"
        await auth_of(request).note(where, account.id, "open_report", part.id, about)
    area, filing = area_of(account), filing_of(request)
    sent = (await filing.sums(area)) if len(area) == TOWNSHIP else []
    own = of_period(sent, kind.name, it.period)
    days = days_for(area[:COUNTY], await filing.deadlines(area[:COUNTY]))
    return render(
        request,
        "up_sum",
        {
            "kind": kind,
            "kinds": [it for it in KINDS.values() if it.may_go_up],
            "adding": it,
            "is_county": len(area) == COUNTY,
            "scopes": [SCOPES[name] for name in it.scopes],
            "rows": [table_row(row, language) for row in it.rows],
            "own": own[0] if own else None,
            "is_newer": not own or sources_of(own[0]) != [part.id for part in it.reports],
            "place": str(sent[0].body.get("place", "")) if sent else "",
            "until": deadline(kind.name, it.reports[0].on, days) if it.reports else "",
        },
    )


def table_row(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A row of a report as the pages show it."""
    return {
        "label": words_of(row, language),
        "words": row["words"],
        "cells": [None if it[0] is None else shown(row, it) for it in row["cells"]],
        "total": shown(row, row["total"]),
        "villages": row.get("villages"),
    }


def sources_of(report: Report) -> list[str]:
    """Ids of the reports that a township's sum was made of."""
    return [it["id"] for it in report.body.get("sources", ())]


@page("submit_sums")
async def submit(request: Request) -> Response:
    """Send the township's sum to the county, frozen as it is now. A second one of a period corrects the first; the
    same again is not sent, unless the county returned it."""
    form, account = await request.form(max_fields=10), account_of(request)
    kind, place = _kind(str(form.get("kind", ""))), str(form.get("place", "")).strip()
    it = await adding(request, kind, str(form.get("period", "")))
    if not place or len(place) > LONGEST_PLACE:
        raise Problem("bad_field", field=translate(language_of(request), "乡镇名称"))
    if not it.rows:
        raise Problem("not_final")
    area, filing = area_of(account), filing_of(request)
    own = of_period(await filing.sums(area), kind.name, it.period)
    made_of = [part.id for part in it.reports]
    if own and own[0].state != "returned" and sources_of(own[0]) == made_of:
        return redirect(request, f"/office/up/{area}/{own[0].id}", "unchanged")
    report = Report(
        village=area, id=uuid7(), kind=kind.name, since=min(part.since for part in it.reports),
        on=max(part.on for part in it.reports), scope=it.scopes[0], state="submitted",
        replaces=own[0].id if own else "", submitted_at=now_ms(), submitted_by=account.name,
        decided_at=0, decided_by="", remarks="", hash="", body=_body(it, place),
    )  # fmt: skip
    await filing.submit(replace(report, hash=hash_of(report)))
    await auth_of(request).note(
        account.village, account.id, "submit_report", report.id, f"{area} · {kind.name}"
    )
    return redirect(request, f"/office/up/{area}/{report.id}", "submitted")


def _body(it: Adding, place: str) -> dict[str, Any]:
    return {
        "place": place,
        "grids": [part.village_name for part in it.reports],
        "rows": it.rows,
        "text": [],
        "made_on": today(),
        "sources": [
            {"village": part.village, "id": part.id, "hash": part.hash, "name": part.village_name}
            for part in it.reports
        ],
        "missing": list(it.missing),
    }


async def adding(request: Request, kind: Kind, period: str) -> Adding:
    """What is added in a period, or in the newest that has an accepted report."""
    area, filing = area_of(account_of(request)), filing_of(request)
    is_county = len(area) == COUNTY
    found = await (filing.sums(area) if is_county else filing.heads(area))
    accepted = [it for it in found if it.kind == kind.name and it.state == "accepted"]
    periods = sorted({it.on[:7] for it in accepted}, reverse=True)
    period = period or (periods[0] if periods else "")
    newest = newest_accepted(of_period(accepted, kind.name, period))
    parts = [it for _, it in sorted(newest.items())]
    if not is_county:
        parts = [
            replace(whole, village_name=it.village_name)
            for it in parts
            if (whole := await filing.report(it.village, it.id)) is not None
        ]
    language = language_of(request)
    faults = [words for it in parts for words in await _faults(filing, it, language)]
    missing = [name for code, name in await places_of(request, found) if code not in newest]
    return Adding(period, periods, parts, missing, faults)


async def _faults(filing: Filing, it: Report, language: str) -> list[str]:
    """What keeps a report from being added."""
    if not it.is_whole:
        return [translate(language, "%(name)s：和报的时候不一样了", name=it.village_name)]
    found = [
        translate(
            language, "%(name)s：“%(row)s”各项相加不等于合计",
            name=it.village_name, row=words_of(row, language),
        )
        for row in crossed(it.body)
    ]  # fmt: skip
    for place, source in enumerate(it.body.get("sources", ())):
        below = await filing.report(source["village"], source["id"])
        if below is None or below.hash != source["hash"] or not _is_told(it, place, below):
            said = "%(name)s：%(village)s的数和村里报的不一样"
            found.append(translate(language, said, name=it.village_name, village=source["name"]))
    return found


def _is_told(it: Report, place: int, below: Report) -> bool:
    """Whether a place's column of a sum is what that place itself reported."""
    totals = {(row["indicator"], row["measure"]): row["total"] for row in below.body["rows"]}
    cells = {(row["indicator"], row["measure"]): row["cells"][place] for row in it.body["rows"]}
    told = {key: cell for key, cell in cells.items() if cell[0] is not None}
    return below.is_whole and told == totals


def _kind(name: str) -> Kind:
    if name not in KINDS or not KINDS[name].may_go_up:
        raise Problem("bad_field", field="kind")
    return KINDS[name]
