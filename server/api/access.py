"""Which device is calling."""

from __future__ import annotations

from starlette.requests import Request

from server.auth import Account, Device
from server.errors import Problem


async def device_of(request: Request) -> tuple[Device, Account]:
    """The device and the person of a bearer token. Raises `unknown_device`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and 20 < len(token) < 200:
        found = await request.app.state.auth.device_by_token(token.strip())
    if found is None:
        raise Problem("unknown_device")
    return found  # type: ignore[no-any-return]


def address_of(request: Request) -> str:
    """Where a call comes from, for slowing down guesses."""
    return request.client.host if request.client else ""
