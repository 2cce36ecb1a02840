"""The first page: what to do first, the four numbers, tonight's phones, and what waits for me."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.office.lines import figures
from server.office.pages import CHINA, render, today
from server.office.register import load
from server.office.security import account_of, auth_of, page, registry_of
from server.registry import Receipt, Review


@page("use_office")
async def start(request: Request) -> Response:
    """Tonight begins at midnight in China."""
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)
    now = datetime.now(CHINA)
    midnight = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    register = await load(registry, account.village)
    receipts = await registry.receipts(account.village, midnight)
    reviews = await registry.reviews(account.village)
    accounts = await auth.accounts(account.village)
    revoked = {it.id for it in await auth.devices(account.village) if it.revoked_at}
    phones = [it for it in receipts if it.device not in revoked]
    has = {
        "has_households": bool(register.kind("household")),
        "has_people": any(it.role in ("surveyor", "volunteer") for it in accounts),
        "has_phones": bool(phones),
    }
    reads = request.state.can["read_records"]
    return render(
        request,
        "start",
        {
            "start": {
                **has,
                "is_empty": not has["has_households"],
                "steps_open": not all(has.values()) and request.state.can["manage_people"],
                "figures": figures(register, today()),
                "receipts": [_receipt(it) for it in phones],
                "needs": _needs(reviews, register.kind("helper") != () or reads, request.state.can),
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
        "look": it.conflicts + it.held + it.refused,
        "agreed_at": it.agreed_at,
        "silent_days": it.silent_days if it.seen_at else None,
    }


def _needs(reviews: list[Review], reads: bool, can: dict[str, bool]) -> list[dict[str, Any]]:
    """What waits for a person, each with the page where it is done."""
    if not (can["settle"] and reads):
        return []
    conflicts = [it for it in reviews if it.kind == "conflict"]
    required = sum(it.required for it in conflicts)
    aside = sum(it.kind == "quarantine" for it in reviews)
    needs = [
        {"count": required, "words": "处冲突要定", "href": "/office/conflicts"},
        {
            "count": len(conflicts) - required,
            "words": "处冲突知会，可不处理",
            "href": "/office/conflicts#info",
        },
    ]
    if aside:
        needs.append({"count": aside, "words": "份停用手机的上传已隔离", "href": "/office/people"})
    return [need for need in needs if need["count"]]
