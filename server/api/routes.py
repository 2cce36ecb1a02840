"""The map of what phones call."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.programme import Programme, programme_for

from .access import device_of
from .blobs import get_held, take_part
from .carry import carry, drafts, get_key
from .enrol import enrol, peek
from .openapi import get_openapi
from .settled import settled
from .sync import sync


async def get_programme(request: Request) -> Response:
    """Forms, lists and rules. Nothing personal, so a phone may keep it."""
    device, account = await device_of(request)
    await request.app.state.registry.village(device.village)  # its forms may have changed since
    forms = programme_for(device.village, account.role, account.grids)
    version = f'"{forms.version}"'
    headers = {"ETag": version, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == version:
        return Response(status_code=304, headers=headers)
    return Response(_encoded(forms), media_type="application/json", headers=headers)


_texts: dict[str, bytes] = {}
MOST_TEXTS = 64


def _encoded(forms: Programme) -> bytes:
    """The programme's bytes, made once for all phones that get the same."""
    if forms.version not in _texts:
        if len(_texts) >= MOST_TEXTS:
            _texts.clear()
        _texts[forms.version] = msgspec.json.encode(forms.wire())
    return _texts[forms.version]


routes = [
    Route("/api/enrol/peek", peek, methods=["POST"]),
    Route("/api/enrol", enrol, methods=["POST"]),
    Route("/api/programme", get_programme, methods=["GET"]),
    Route("/api/sync", sync, methods=["POST"]),
    Route("/api/settled", settled, methods=["GET"]),
    Route("/api/carry", get_key, methods=["GET"]),
    Route("/api/carry", carry, methods=["POST"]),
    Route("/api/drafts", drafts, methods=["POST"]),
    Route("/api/blobs/{name}", get_held, methods=["HEAD"]),
    Route("/api/blobs/{name}", take_part, methods=["PATCH"]),
    Route("/api/openapi.json", get_openapi, methods=["GET"]),
]
