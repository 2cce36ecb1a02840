"""Uploads that wait for the office: the list, and one of them with what it would change.

Nothing here is lost either way: what is let in merges with its own base, author and time; what is not
stays in the log.
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.auth import Device
from server.errors import Problem
from server.office import quarantine_view as view
from server.office.pages import redirect, render
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.registry import Quarantined, Review

MOST_LINES = 100
LIST = "/office/quarantine"
RELEASE, DISMISS = "release", "dismiss"


@page("settle")
async def waiting(request: Request) -> Response:
    """Everything that waits, oldest first: later work of a phone builds on its earlier work."""
    account, registry = account_of(request), registry_of(request)
    reviews = of_quarantine(await registry.reviews(account.village))
    register = await load(registry, account.village)
    context = {
        "lines": await lines_of(request, reviews[:MOST_LINES], register),
        "all": len(reviews),
    }
    return render(request, "quarantine", context)


@page("settle")
async def decide(request: Request) -> Response:
    """One upload. A link asks, a post that comes from the question decides."""
    account, registry = account_of(request), registry_of(request)
    device, generation, seq = _place(request)
    reviews = of_quarantine(await registry.reviews(account.village))
    review = next((it for it in reviews if _name(it) == (device, generation, seq)), None)
    found = await registry.quarantined(account.village, device, generation, seq)
    if review is None or found is None:
        return redirect(request, LIST, "decided_before")
    if request.method == "POST":
        form = await request.form(max_fields=10)
        left = [it for it in reviews if it is not review]
        return await _decide(request, review, found, str(form.get("do", "")), left)
    asked = request.query_params.get("do", "")
    if asked == RELEASE and found.raw:
        asked = ""
    return await _page(request, review, found, reviews, asked)


def of_quarantine(reviews: list[Review]) -> list[Review]:
    """Those of uploads kept aside, each phone's in the order in which they were saved."""
    kept = [review for review in reviews if review.kind == "quarantine"]
    first: dict[str, int] = {}
    for review in kept:
        first[review.record] = min(review.opened_at, first.get(review.record, review.opened_at))
    return sorted(kept, key=lambda it: (first[it.record], *_name(it)))


async def lines_of(
    request: Request, reviews: list[Review], register: Register
) -> list[dict[str, Any]]:
    """Uploads as lines of a list."""
    account, registry, language = account_of(request), registry_of(request), language_of(request)
    devices = {it.id: it for it in await auth_of(request).devices(account.village)}
    lines = []
    for review in reviews:
        found = await registry.quarantined(account.village, *_name(review))
        if found is None:
            continue
        rows = await registry.rows_by_id(account.village, [c["record"] for c in found.changes[:1]])
        lines.append(
            {
                **_about(review, found, devices, language),
                "gist": view.gist(found, rows, register, language),
            }
        )
    return lines


def _about(
    review: Review, found: Quarantined, devices: dict[str, Device], language: str
) -> dict[str, Any]:
    device = devices.get(review.record)
    return {
        "href": f"{LIST}/{review.record}/{review.key}",
        "who": found.author,
        "label": device.label if device else review.record,
        "revoked_at": device.revoked_at if device else 0,
        # Of what cannot be read, only when it came is known.
        "at": 0 if found.raw else found.at,
        "received_at": review.opened_at,
        "why": view.why(found, language),
    }


async def _page(
    request: Request, review: Review, found: Quarantined, reviews: list[Review], asked: str
) -> Response:
    account, registry, language = account_of(request), registry_of(request), language_of(request)
    register = await load(registry, account.village)
    named = list(dict.fromkeys(change["record"] for change in found.changes[: view.MOST_CHANGES]))
    rows = await registry.rows_by_id(account.village, named)
    histories = {id: await registry.history(account.village, id) for id in rows}
    devices = {it.id: it for it in await auth_of(request).devices(account.village)}
    place = reviews.index(review)
    after = reviews[place + 1] if place + 1 < len(reviews) else None
    context = {
        **_about(review, found, devices, language),
        "changes": view.changes_of(found, rows, histories, register, language),
        "more": max(0, len(found.changes) - view.MOST_CHANGES),
        "raw": found.raw[: view.MOST_RAW],
        "code": found.reason if found.raw else "",
        "asked": asked,
        "left": len(reviews),
        "next": f"{LIST}/{after.record}/{after.key}" if after else "",
    }
    return render(request, "quarantined", {"q": context})


async def _decide(
    request: Request, review: Review, found: Quarantined, do: str, left: list[Review]
) -> Response:
    account, registry = account_of(request), registry_of(request)
    device, generation, seq = _name(review)
    if do == RELEASE and not found.raw:
        pushed = await registry.release(account.village, device, generation, seq)
        verdicts = {said["verdict"] for said in pushed.verdicts} if pushed else set()
        flash = "released"
        if verdicts & {"conflict", "held"}:
            flash = "released_contested"
        if "malformed" in verdicts:
            flash = "released_in_part"
    elif do == DISMISS:
        await registry.dismiss(account.village, device, generation, seq)
        flash = "dismissed"
    else:
        raise Problem("bad_field", field="do")
    subject = found.changes[0]["record"] if found.changes else device
    details = f"{found.author} · {device} {review.key}"
    await auth_of(request).note(account.village, account.id, do, subject, details)
    to = f"{LIST}/{left[0].record}/{left[0].key}" if left else LIST
    return redirect(request, to, flash)


def _name(review: Review) -> tuple[str, int, int]:
    """The op a review is about: device, generation, seq."""
    generation, _, seq = review.key.partition("/")
    return review.record, int(generation), int(seq)


def _place(request: Request) -> tuple[str, int, int]:
    params = request.path_params
    numbers = [params["generation"], params["seq"]]
    if not all(re.fullmatch(r"[0-9]{1,9}", number) for number in numbers):
        raise Problem("not_found")
    return params["device"], int(numbers[0]), int(numbers[1])
