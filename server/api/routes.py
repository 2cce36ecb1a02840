"""The map of what phones call."""

from __future__ import annotations

from functools import cache

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.programme import programme

from .access import device_of
from .carry import carry, get_key
from .enrol import enrol, peek
from .openapi import get_openapi
from .sync import sync


async def get_programme(request: Request) -> Response:
    """Forms, lists and rules. Nothing personal, so a phone may keep it."""
    await device_of(request)
    version = f'"{programme().version}"'
    headers = {"ETag": version, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == version:
        return Response(status_code=304, headers=headers)
    return Response(_encoded(), media_type="application/json", headers=headers)


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(programme().wire())


routes = [
    Route("/api/enrol/peek", peek, methods=["POST"]),
    Route("/api/enrol", enrol, methods=["POST"]),
    Route("/api/programme", get_programme, methods=["GET"]),
    Route("/api/sync", sync, methods=["POST"]),
    Route("/api/carry", get_key, methods=["GET"]),
    Route("/api/carry", carry, methods=["POST"]),
    Route("/api/openapi.json", get_openapi, methods=["GET"]),
]
