"""The first page: what to do first, the four numbers, tonight's phones, and what waits for me."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.office import evening
from server.office.backup_state import backup_state
from server.office.duplicates import open_pairs
from server.office.imports import uploads_of
from server.office.lines import figures
from server.office.month import is_late
from server.office.pages import CHINA, redirect, render, today
from server.office.piles import piles_of
from server.office.quarantine import lines_of, of_quarantine
from server.office.register import load
from server.office.reports.deadlines import days_for
from server.office.reports.levels import TOWNSHIP
from server.office.reports.store import filing_of
from server.office.rollover import is_to_be_done, turning_sixteen
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.registry import Receipt, Review

MOST_ASIDE = 3
SILENT_DAYS = 3
WALKERS = ("surveyor", "volunteer")


@page("use_office")
async def start(request: Request) -> Response:
    """Tonight begins at midnight in China."""
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)
    can = request.state.can
    if can["review_reports"] and not can["read_records"]:  # a county: reports are all its work here
        return redirect(request, "/office/up")
    now = datetime.now(CHINA)
    midnight = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    register = await load(registry, account.village)
    receipts = await registry.receipts(account.village, midnight)
    reviews = await registry.reviews(account.village)
    accounts = await auth.accounts(account.village)
    devices = await auth.devices(account.village)
    revoked = {it.id for it in devices if it.revoked_at}
    phones = [it for it in receipts if it.device not in revoked]
    has = {
        "has_households": bool(register.kind("household")),
        "has_people": any(it.role in WALKERS for it in accounts),
        "has_phones": bool(phones),
    }
    owners = {it.account for it in devices if it.kind == "phone" and not it.revoked_at}
    without_phone = sum(it.active and it.role in WALKERS and it.id not in owners for it in accounts)
    uploads = len(await uploads_of(request).waiting())
    aside = of_quarantine(reviews) if request.state.can["settle"] else []
    requests, late, uncovered = [], 0, 0
    if request.state.can["read_records"]:
        more = await load(registry, account.village, "help_step", "task")
        requests = evening.open_requests(
            [*register.kind("help_request")], [*more.kind("help_step")]
        )
        late = sum(is_late(it, today()) for it in more.kind("task"))
        uncovered = evening.uncovered(register, today())
    others = {
        "duplicates": len(await open_pairs(request)) if request.state.can["settle"] else 0,
        "requests": len(requests),
        "late": late,
        "uncovered": uncovered,
        "urgent": sum(it.fields.get("urgency") == evening.URGENT for it in requests),
        "sheets": sum(it.left for it in await piles_of(request))
        if request.state.can["edit_records"]
        else 0,
        "sixteen": sum(it.is_past for it in turning_sixteen(register, today())),
        "silent": sum(it.silent_days >= SILENT_DAYS for it in phones if it.seen_at),
    }
    return render(
        request,
        "start",
        {
            "start": {
                **has,
                "charts": evening.charts(register, today(), language_of(request)),
                "report_due": await _report_due(request),
                "new_year": request.state.can["edit_records"]
                and await is_to_be_done(request, register),
                "is_empty": not has["has_households"],
                "backup": await backup_state(request),
                "steps_open": not all(has.values()) and request.state.can["manage_people"],
                "figures": figures(register, today()),
                "receipts": [_receipt(it) for it in phones],
                "aside": len(aside),
                "aside_lines": await lines_of(request, aside[:MOST_ASIDE], register),
                "needs": _needs(reviews, without_phone, uploads, others, request.state.can),
            }
        },
    )


def _receipt(it: Receipt) -> dict[str, Any]:
    """A phone's evening as the table shows it."""
    return {
        "author": it.author,
        "label": it.label,
        "here_today": bool(it.last_at),
        "ops": it.ops,
        "changes": it.changes,
        "rows_sent": it.rows_sent,
        "look": it.conflicts + it.held,
        "refused": it.refused,
        "agreed_at": it.agreed_at,
        "silent_days": it.silent_days if it.seen_at else None,
    }


def _needs(
    reviews: list[Review],
    without_phone: int,
    uploads: int,
    others: dict[str, int],
    can: dict[str, bool],
) -> list[dict[str, Any]]:
    """What waits for a person, each with the page where it is done."""
    conflicts = [it for it in reviews if it.kind == "conflict"]
    required = sum(it.required for it in conflicts)
    requests = "/office/lists/requests?state=open"
    wanted = [
        ("read_records", others["urgent"], "件求助要立即处理", f"{requests}&urgency=NOW"),
        ("read_records", others["requests"] - others["urgent"], "件求助未办结", requests),
        (
            "read_records",
            others["uncovered"],
            "名留守儿童还没有结对",
            "/office/lists/coverage?paired=no",
        ),
        ("read_records", others["late"], "项任务过期未完成", "/office/lists/tasks?state=late"),
        ("settle", required, "处冲突要定", "/office/conflicts"),
        ("settle", len(conflicts) - required, "处冲突知会，可不处理", "/office/conflicts#info"),
        ("settle", others["duplicates"], "对疑似重复要看", "/office/duplicates"),
        (
            "edit_records",
            others["sixteen"],
            "人满 16 周岁，要改在册状态",
            "/office/rollover#sixteen",
        ),
        ("manage_phones", others["silent"], "部手机 3 天以上没有消息", "/office/people"),
        ("edit_records", others["sheets"], "张纸表收到了还没录", "/office/paper"),
        ("import", uploads, "张花名册还没导完", "/office/import"),
        ("manage_phones", without_phone, "人还没有登记手机", "/office/people"),
    ]
    return [
        {"count": count, "words": said, "href": href}
        for action, count, said, href in wanted
        if count and can[action]
    ]


async def _report_due(request: Request) -> dict[str, Any] | None:
    """The monthly report that is to go up next, for who sends reports."""
    if not request.state.can["submit_reports"]:
        return None
    area = account_of(request).village[:TOWNSHIP]
    days = days_for(area, await filing_of(request).deadlines(area))
    sent = await filing_of(request).heads(account_of(request).village)

    def is_sent(kind: str, on: str) -> bool:
        return any(
            it.kind == kind and it.on[:7] == on[:7] and it.state != "returned" for it in sent
        )

    return evening.report_due(is_sent, today(), days)
