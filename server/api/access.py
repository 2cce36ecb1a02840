"""Which device is calling."""

from __future__ import annotations

from starlette.requests import Request

from server.auth import Account, Device, Scope
from server.errors import Problem


async def device_of(request: Request) -> tuple[Device, Account]:
    """The device and the person of a bearer token. Raises `unknown_device`."""
    found = await request.app.state.auth.device_by_token(_token(request))
    if found is None:
        raise Problem("unknown_device")
    return found  # type: ignore[no-any-return]


async def caller_of(request: Request) -> tuple[Device, Account, Scope]:
    """The same, and what the person's phone may hold."""
    found = await request.app.state.auth.caller(_token(request))
    if found is None:
        raise Problem("unknown_device")
    return found  # type: ignore[no-any-return]


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 20 < len(token) < 200:
        raise Problem("unknown_device")
    return token.strip()


def address_of(request: Request) -> str:
    """Where a call comes from, for slowing down guesses."""
    return request.client.host if request.client else ""
