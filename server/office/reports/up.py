"""上报: a village submits, the township accepts or returns, and whoever stands above several villages sees the sum.

What was submitted never changes. Reports carry no names; every look at one is noted in its village's audit. A
supervisor sees the villages of the own township (nine digits of the code), of reports alone: not one file more."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.filing import Report, hash_of
from server.office.pages import redirect, render, today
from server.office.reports.deadlines import deadline, last_month
from server.office.reports.pages import fault_words, filled
from server.office.reports.snapshot import body_of, rolled_up, shown, words_of
from server.office.reports.store import KINDS, Kind, filing_of, starts_on, template_for, values_of
from server.office.security import account_of, auth_of, page
from server.office.statistics.asking import SCOPES, Asked, asked
from server.office.statistics.matrix import matrix
from server.office.text import language_of, translate
from server.registry import now_ms, uuid7

STATES = {"submitted": "待审核", "accepted": "已接受", "returned": "已退回"}
TOWNSHIP = 9
MOST_REMARKS = 500


@page("read_records")
async def sent(request: Request) -> Response:
    """Reports sent up: a village's own with what is due next; a township's those of its villages."""
    account = account_of(request)
    reviews = request.state.can["review_reports"]
    beginning = account.village[:TOWNSHIP] if reviews else account.village
    found = await filing_of(request).reports(beginning)
    return render(
        request,
        "up",
        {
            "reports": [_line(it, found) for it in found],
            "reviews": reviews,
            "due": [] if reviews else _due(found),
            "states": STATES,
        },
    )


def _line(it: Report, found: list[Report]) -> dict[str, Any]:
    later = next((other for other in found if other.replaces == it.id), None)
    return {
        "report": it,
        "kind": KINDS[it.kind].words,
        "deadline": deadline(it.kind, it.on),
        "is_corrected": later is not None,
    }


def _due(found: list[Report]) -> list[dict[str, Any]]:
    """Last month's report and the year's, and whether they have been sent."""
    since, on = last_month(today())
    year = int(today()[:4]) - (today()[5:7] == "01")
    wanted = [("monthly", since, on), ("annual", f"{year}-01-01", f"{year}-12-31")]
    due = []
    for kind, first, last in wanted:
        own = [
            it
            for it in found
            if it.kind == kind and it.on[:7] == last[:7] and it.state != "returned"
        ]
        until = deadline(kind, last)
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
    on = str(data.get("on", "") or today())
    wanted = asked(data, starts_on(kind.name, on) if len(on) == 10 else "")
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
                "deadline": deadline(kind.name, wanted.on),
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


@page("read_records")
async def one(request: Request) -> Response:
    """A report as it was submitted, and what became of it. The look is noted in the audit of its village."""
    report = await _report(request)
    account, language = account_of(request), language_of(request)
    await auth_of(request).note(
        report.village, account.id, "open_report", report.id, f"{account.name} · {report.kind}"
    )
    corrects = None
    if report.replaces:
        corrects = await filing_of(request).report(report.village, report.replaces)
    return render(
        request,
        "up_one",
        {
            "report": report,
            "kind": KINDS[report.kind],
            "scope": SCOPES[report.scope],
            "rows": [
                {
                    "label": words_of(row, language),
                    "words": row["words"],
                    "cells": [shown(row, it) for it in row["cells"]],
                    "total": shown(row, row["total"]),
                }
                for row in report.body["rows"]
            ],
            "states": STATES,
            "corrects": corrects,
            "is_own": report.village == account.village,
            "deadline": deadline(report.kind, report.on),
        },
    )


@page("review_reports")
async def decide(request: Request) -> Response:
    """Accept a report, or return it with remarks. Only one that waits; remarks are asked for when it goes back."""
    report = await _report(request)
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
    await auth_of(request).note(
        report.village, account.id, "decide_report", report.id, f"{account.name} · {state}"
    )
    return redirect(request, f"/office/up/{report.village}/{report.id}", f"report_{state}")


@page("review_reports")
async def sum_up(request: Request) -> Response:
    """汇总: the sum over the villages of the township, of the newest accepted report of each. No names."""
    account, language = account_of(request), language_of(request)
    kind = str(request.query_params.get("kind", "annual"))
    if kind not in KINDS or not KINDS[kind].may_go_up:
        raise Problem("bad_field", field="kind")
    accepted = [
        it
        for it in await filing_of(request).reports(account.village[:TOWNSHIP])
        if it.kind == kind and it.state == "accepted"
    ]
    periods = sorted({it.on[:7] for it in accepted}, reverse=True)
    period = str(request.query_params.get("period", "")) or (periods[0] if periods else "")
    newest: dict[str, Report] = {}
    for it in accepted:
        if it.on[:7] == period:
            newest.setdefault(it.village, it)
    scopes = {it.scope for it in newest.values()}
    for it in newest.values():
        await auth_of(request).note(
            it.village, account.id, "open_report", it.id, f"{account.name} · {kind}"
        )
    return render(
        request,
        "up_sum",
        {
            "kind": KINDS[kind],
            "kinds": [it for it in KINDS.values() if it.may_go_up],
            "period": period,
            "periods": periods,
            "reports": list(newest.values()),
            "scopes": [SCOPES[it] for it in sorted(scopes)],
            "rows": [
                {
                    "label": words_of(row, language),
                    "words": row["words"],
                    "total": shown(row, row["total"]),
                    "villages": row["villages"],
                }
                for row in rolled_up([it.body for it in newest.values()])
            ]
            if len(scopes) == 1
            else [],
        },
    )


def _kind(request: Request) -> Kind:
    found = KINDS.get(request.path_params["name"])
    if found is None or not found.may_go_up:
        raise Problem("not_found")
    return found


async def _report(request: Request) -> Report:
    """The report of the address: of the own village, or of one of the own township for who reviews. Raises
    `no_record`: what is out of sight is not told apart from what is not there."""
    village, account = request.path_params["village"], account_of(request)
    own = village == account.village
    near = village[:TOWNSHIP] == account.village[:TOWNSHIP]
    if not own and not (near and request.state.can["review_reports"]):
        raise Problem("no_record")
    found = await filing_of(request).report(village, request.path_params["report"])
    if found is None:
        raise Problem("no_record")
    return found
