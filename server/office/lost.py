"""手机丢了: one press closes a phone; then what it could have held, to print, and what to do next.

Closing is never kept waiting by a question: a phone closed by mistake costs a new code, one left open costs
children's files. Whoever may not read children's files sees how many, without names."""

import re
from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.auth import Account, Device
from server.errors import Problem
from server.office.pages import redirect, render
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.programme import projection
from server.registry import Holding
from server.registry.rules import projection_of

TYPES = ("child", "household", "person")


@page("manage_phones")
async def lost(request: Request) -> Response:
    """Close a phone at once and go on to what it held. Pressed twice it stays closed."""
    account, auth = account_of(request), auth_of(request)
    device = await _device(request)
    if not device.revoked_at:
        await auth.revoke(account.village, device.id)
        await auth.note(account.village, account.id, "revoke", device.id, "手机丢了")
    await keep(request, device)
    return redirect(request, f"/office/people/devices/{device.id}/held", "lost")


async def keep(request: Request, device: Device) -> None:
    """Of a phone that was closed: keep what it could hold by now. What becomes of those children later, and what the
    phone does when it is found, changes nothing in it."""
    village = account_of(request).village
    await auth_of(request).keep_held(village, device.id, await _held(request, device))


@page("manage_phones")
async def held(request: Request) -> Response:
    """What a phone could hold: as it was when it was closed, or, of one in use, as of now."""
    auth, village = auth_of(request), account_of(request).village
    await registry_of(
        request
    ).database.settle()  # when a phone was last here is noted after its answer
    device = await _device(request)
    kept = await auth.held(village, device.id)
    at, body = kept if kept is not None else (0, await _held(request, device))
    children = body["children"]
    if children and request.state.can["read_records"]:  # their names, to be printed
        about = f"{device.label} · {len(children)}"
        await auth.note(village, account_of(request).id, "open_list", device.id, about)
    owner = await auth.account(village, device.account)
    grids = sorted(Counter(it["grid"] for it in children).items())
    return render(
        request, "held", {**body, "device": device, "owner": owner, "as_of": at, "grids": grids}
    )


async def _held(request: Request, device: Device) -> dict[str, Any]:
    """What its owner's phones may hold, and what they might until this one was last here."""
    auth, registry, village = auth_of(request), registry_of(request), account_of(request).village
    await registry.database.settle()
    device = next(it for it in await auth.devices(village) if it.id == device.id)
    owner = await auth.account(village, device.account)
    buckets = await _buckets(request, owner, device)
    found = await registry.could_hold(village, buckets, device.agreed_rev, TYPES)
    register = await load(registry, village, "grid", "household")
    # One that was never here has fetched nothing.
    there = found if device.seen_at else []
    children = [it for it in there if it.row.type == "child"]
    counts = Counter(it.row.type for it in there)
    return {
        "seen_at": device.seen_at,
        "agreed_at": device.agreed_at,
        "counts": {name: counts[name] for name in TYPES},
        "children": sorted(
            (_line(it, register) for it in children),
            key=lambda line: (line["grid"], line["household"], line["name"]),
        ),
        "has_ids": any(_shows_ids(it.bucket) for it in children),
    }


async def _device(request: Request) -> Device:
    """The phone of the address, of the own village. Raises `not_found`."""
    wanted = request.path_params["device"]
    if not re.fullmatch(r"[0-9a-f]{12}", wanted):
        raise Problem("not_found")
    devices = await auth_of(request).devices(account_of(request).village)
    found = next((it for it in devices if it.id == wanted and it.kind == "phone"), None)
    if found is None:
        raise Problem("not_found")
    return found


async def _buckets(request: Request, owner: Account | None, device: Device) -> list[str]:
    """What its owner's phones may hold now, and what this one held when it was last here: whatever was taken from the
    owner since, or in an answer that did not arrive, is on it still."""
    if owner is None:
        return []
    auth = auth_of(request)
    scope = await auth.scope(owner)
    before = await auth.last_held(device.village, device.id)
    if before is None:  # it was last here before that was kept
        before = [bucket for bucket, ended_at in scope.ended.items() if ended_at >= device.seen_at]
    return list(dict.fromkeys([*scope.buckets, *sorted(before)]))


def _line(it: Holding, register: Register) -> dict[str, Any]:
    household = register.household_of(it.row)
    return {
        "id": it.row.id,
        "name": register.name_of(it.row),
        "grid": register.grid_names.get(register.grid_of(it.row), ""),
        "household": text_of(household.fields, "household_no") if household else "",
        "head": register.name_of(household),
        "has_left": it.has_left,
    }


def _shows_ids(bucket: str) -> bool:
    return "id_number" in (projection("child", projection_of(bucket)) or ())
