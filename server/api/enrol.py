"""`POST /api/enrol` and `/api/enrol/peek`: a phone becomes a person's phone (sync/PROTOCOL.md §2)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.auth import Auth
from server.errors import Problem
from server.registry import now_ms

from .access import address_of
from .body import read_json

MAGIC = "zoufang-enrol"
NO_STORE = {"Cache-Control": "no-store"}


async def peek(request: Request) -> Response:
    auth: Auth = request.app.state.auth
    code = _text(await read_json(request, at_most=10_000), "code")
    account, expires_at = await auth.peek_code(code, address=address_of(request))
    name, _ = await auth.village_name(account.village)
    return JSONResponse(
        {
            "village": {"code": account.village, "name": name},
            "account": {"name": account.name, "role": account.role},
            "expires_at": expires_at,
        },
        headers=NO_STORE,
    )


async def enrol(request: Request) -> Response:
    auth: Auth = request.app.state.auth
    body = await read_json(request, at_most=10_000)
    code, label = _text(body, "code"), _text(body, "label", "")
    enrolled = await auth.enrol(code, label, address=address_of(request))
    account = enrolled.account
    name, epoch = await auth.village_name(account.village)
    return JSONResponse(
        {
            "magic": MAGIC, "protocol": 1, "device": enrolled.device, "token": enrolled.token,
            "generation": 1, "epoch": epoch, "village": {"code": account.village, "name": name},
            "account": {
                "id": account.id, "name": account.name, "role": account.role,
                "helper_id": account.helper_id, "grids": account.grids,
            },
            "buckets": await auth.buckets(account), "now": now_ms(),
        },
        headers=NO_STORE,
    )  # fmt: skip


def _text(body: Any, name: str, default: str | None = None) -> str:
    value = body.get(name, default) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise Problem("bad_json", field=name)
    return value
