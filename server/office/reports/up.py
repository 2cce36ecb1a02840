"""上报: a village submits, the township accepts or returns; the township's sum goes to the county the same way
(sums.py). Everybody sees who has sent and who is late.

What was submitted never changes. Reports carry no names; every look at one is noted in its village's audit. A
supervisor sees the villages of the own township, a county its townships, of reports alone: not one file more."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.filing import Filing, Report, hash_of
from server.office.downloads import attachment
from server.office.pages import CHINA, redirect, render, today
from server.office.reports.deadlines import (
    Days,
    day_of,
    days_for,
    days_late,
    deadline,
    last_periods,
)
from server.office.reports.levels import COUNTY, TOWNSHIP, VILLAGE, area_of, may_decide, may_open
from server.office.reports.package import package_of
from server.office.reports.pages import fault_words, filled
from server.office.reports.places import places_of
from server.office.reports.snapshot import body_of
from server.office.reports.standing import of_period, standings
from server.office.reports.store import KINDS, Kind, filing_of, starts_on, template_for, values_of
from server.office.reports.sums import table_row
from server.office.security import account_of, auth_of, page, registry_of
from server.office.statistics.asking import SCOPES, Asked, asked
from server.office.statistics.matrix import matrix
from server.office.text import language_of, translate
from server.registry import now_ms, uuid7

STATES = {"submitted": "待审核", "accepted": "已接受", "returned": "已退回"}
MOST_REMARKS = 500


@page("read_reports")
async def sent(request: Request) -> Response:
    """Reports sent up: a village's own with what is due next; of a township and a county what is below, who is
    late, and what is still to be sent on."""
    account, filing = account_of(request), filing_of(request)
    area = area_of(account)
    below = await (filing.sums(area) if len(area) == COUNTY else filing.heads(area))
    own = await filing.sums(area) if len(area) == TOWNSHIP else []
    at, above = await _days(filing, area), await _days(filing, area[:COUNTY])
    if len(area) == VILLAGE:
        at = await _days(filing, area[:TOWNSHIP])
    return render(
        request,
        "up",
        {
            "reports": [_line(it, below, at) for it in below],
            "sums": [_line(it, own, above) for it in own],
            "level": len(area),
            "due": _due(below, at) if len(area) == VILLAGE else [],
            "standings": []
            if len(area) == VILLAGE
            else [
                {"kind": KINDS[kind], "on": on, "until": deadline(kind, on, at), "lines": lines}
                for kind, _, on in last_periods(today())
                for places in [dict(await places_of(request, below))]
                for lines in [standings(kind, on, places, below, at, today())]
            ],
            "days": at,
            "states": STATES,
        },
    )


async def _days(filing: Filing, area: str) -> Days:
    return days_for(area, await filing.deadlines(area))


def _line(it: Report, found: list[Report], days: Days) -> dict[str, Any]:
    later = next((other for other in found if other.replaces == it.id), None)
    until = deadline(it.kind, it.on, days)
    return {
        "report": it,
        "kind": KINDS[it.kind].words,
        "deadline": until,
        # A correction is as late as what it corrects, which has a line of its own.
        "late": 0 if it.replaces else days_late(until, it.submitted_at, today()),
        "is_corrected": later is not None,
    }


def _due(found: list[Report], days: Days) -> list[dict[str, Any]]:
    """Last month's report and the year's, and whether they have been sent."""
    due = []
    for kind, first, last in last_periods(today()):
        own = [it for it in of_period(found, kind, last[:7]) if it.state != "returned"]
        until = deadline(kind, last, days)
        due.append(
            {
                "kind": KINDS[kind],
                "query": Asked(first, min(last, today()), "wide").query(),
                "period": f"{first} — {last}",
                "until": until,
                "is_sent": bool(own),
                "is_late": not own and until < today(),
            }
        )
    return due


@page("submit_reports")
async def submit(request: Request) -> Response:
    """Look once more at what goes up, then send it. What does not add up is not sent."""
    kind = _kind(request)
    data = request.query_params if request.method == "GET" else await request.form()
    wanted = asked(data, lambda on: starts_on(kind.name, on))
    replaces = await _replaced(request, str(data.get("replaces", "")))
    values, book = await values_of(request, kind, wanted, today())
    content, _ = await template_for(request, kind)
    document, faults = await filled(content, values)
    made = matrix(book)
    language = language_of(request)
    if request.method == "GET" or document is None or not made.is_final:
        status = 200 if request.method == "GET" else 409
        return render(
            request,
            "up_new",
            {
                "kind": kind,
                "asked": wanted,
                "about": wanted.about(language),
                "blocks": document.blocks if document else [],
                "faults": [fault_words(it, language) for it in faults],
                "is_final": made.is_final,
                "replaces": replaces,
                "deadline": deadline(
                    kind.name, wanted.on, await _days(filing_of(request), _area(request))
                ),
            },
            status=status,
        )
    account = account_of(request)
    body = body_of(made, book, document.blocks, today())
    report = Report(
        village=account.village, id=uuid7(), kind=kind.name, since=wanted.since, on=wanted.on,
        scope=wanted.scope, state="submitted", replaces=replaces.id if replaces else "",
        submitted_at=now_ms(), submitted_by=account.name, decided_at=0, decided_by="", remarks="",
        hash="", body=body,
    )  # fmt: skip
    await filing_of(request).submit(_hashed(report))
    await auth_of(request).note(account.village, account.id, "submit_report", report.id, kind.name)
    return redirect(request, "/office/up", "submitted")


def _area(request: Request) -> str:
    """The township that the village's reports go to."""
    return account_of(request).village[:TOWNSHIP]


def _hashed(report: Report) -> Report:
    return replace(report, hash=hash_of(report))


async def _replaced(request: Request, id: str) -> Report | None:
    """The village's own report that a new one corrects."""
    if not id:
        return None
    found = await filing_of(request).report(account_of(request).village, id)
    if found is None:
        raise Problem("no_record")
    return found


@page("read_reports")
async def one(request: Request) -> Response:
    """A report as it was submitted, and what became of it. The look is noted in the audit of its village."""
    report = await _report(request)
    account, language = account_of(request), language_of(request)
    await _note(request, report, "open_report", report.kind)
    filing = filing_of(request)
    corrects = None
    if report.replaces:
        corrects = await filing.report(report.village, report.replaces)
    days = await _days(filing, report.village[: COUNTY if _is_sum(report) else TOWNSHIP])
    until = deadline(report.kind, report.on, days)
    return render(
        request,
        "up_one",
        {
            "report": report,
            "kind": KINDS[report.kind],
            "scope": SCOPES[report.scope],
            "rows": [table_row(row, language) for row in report.body["rows"]],
            "states": STATES,
            "corrects": corrects,
            "corrected_by": await _corrected_by(filing, report),
            "is_own": report.village == account.village,
            "is_sum": _is_sum(report),
            "decides": may_decide(account, report.village),
            "deadline": until,
            "late": 0 if report.replaces else days_late(until, report.submitted_at, today()),
        },
    )


def _is_sum(report: Report) -> bool:
    return len(report.village) == TOWNSHIP


async def _corrected_by(filing: Filing, report: Report) -> Report | None:
    """The report that was sent to correct this one: both stay."""
    near = await (filing.sums(report.village) if _is_sum(report) else filing.heads(report.village))
    return next((it for it in near if it.replaces == report.id), None)


async def _note(request: Request, report: Report, action: str, said: str) -> None:
    """A line in the audit of the report's village; a township's is that of the village its reader belongs to."""
    account = account_of(request)
    where = account.village if _is_sum(report) else report.village
    about = f"{account.name} · {said}"
    await auth_of(request).note(where, account.id, action, report.id, about)


@page("review_reports")
async def decide(request: Request) -> Response:
    """Accept a report, or return it with remarks. Only one that waits; remarks are asked for when it goes back."""
    report = await _report(request)
    if not may_decide(account_of(request), report.village):
        raise Problem("not_allowed")
    form, account = await request.form(), account_of(request)
    state = str(form.get("state", ""))
    remarks = str(form.get("remarks", "")).strip()[:MOST_REMARKS]
    if state not in ("accepted", "returned"):
        raise Problem("bad_field", field="state")
    if state == "returned" and not remarks:
        raise Problem("bad_field", field=translate(language_of(request), "退回的意见"))
    await filing_of(request).decide(
        report.village, report.id, state, who=account.name, remarks=remarks, now=now_ms()
    )
    await _note(request, report, "decide_report", state)
    return redirect(request, f"/office/up/{report.village}/{report.id}", f"report_{state}")


@page("read_reports")
async def package(request: Request) -> Response:
    """The report as a workbook with a page to sign. Noted as a look is."""
    report = await _report(request)
    language = language_of(request)
    village = await registry_of(request).village(report.village)
    place = village.name if village else str(report.body.get("place", report.village))
    sent_at = datetime.fromtimestamp(report.submitted_at / 1000, CHINA).strftime("%Y-%m-%d %H:%M")
    decided = f"{report.decided_by} {report.remarks}".strip()
    about = {
        "期间": f"{report.since} — {report.on}",
        "口径": translate(language, SCOPES[report.scope]),
        "谁报的": f"{report.submitted_by} {sent_at}",
        "结果": f"{translate(language, STATES[report.state])} {decided}".strip(),
        "没有报的": "、".join(report.body.get("missing", ())) or "—",
        "内容指纹": report.hash,
    }
    if not _is_sum(report):
        del about["没有报的"]
    lines = [(translate(language, name), said) for name, said in about.items()]
    await _note(request, report, "export_report", report.kind)
    made = await asyncio.to_thread(
        package_of, report, place, KINDS[report.kind].words, lines, language
    )
    return attachment(made, f"zoufang-{report.kind}-{report.village}-{report.on}.xlsx")


@page("set_deadlines")
async def set_days(request: Request) -> Response:
    """The days by which what is below sends its reports here."""
    account, filing = account_of(request), filing_of(request)
    form, area = await request.form(max_fields=10), area_of(account_of(request))
    wanted = {kind: day_of(kind, str(form.get(kind, "")).strip()) for kind in ("monthly", "annual")}
    before = await _days(filing, area)
    for kind, day in wanted.items():
        if day != before[kind]:
            await filing.set_deadline(area, kind, day, who=account.name, now=now_ms())
            about = f"{translate('zh', KINDS[kind].words)} {before[kind]} → {day}"
            await auth_of(request).note(account.village, account.id, "set_deadline", area, about)
    return redirect(request, "/office/up", "unchanged" if wanted == dict(before) else "saved")


def _kind(request: Request) -> Kind:
    found = KINDS.get(request.path_params["name"])
    if found is None or not found.may_go_up:
        raise Problem("not_found")
    return found


async def _report(request: Request) -> Report:
    """The report of the address, for who may see it. Raises `no_record`: what is out of sight is not told apart from
    what is not there."""
    village = request.path_params["village"]
    found = await filing_of(request).report(village, request.path_params["report"])
    if found is None or not may_open(account_of(request), village, found):
        raise Problem("no_record")
    return found
