"""`/api/settled`: what the office decided where a phone's own answer stood against another one, and why."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.registry import Registry

from .access import device_of

MAGIC = "zoufang-settled"
MOST_KEYS = 20


async def settled(request: Request) -> Response:
    """`?key=<record>/<key>`, once for each. Only of keys this very phone has answered; of all others it hears nothing."""
    device, _ = await device_of(request)
    registry: Registry = request.app.state.registry
    asked = request.query_params.getlist("key")[:MOST_KEYS]
    own = []
    for subject in [] if device.revoked_at else asked:
        record, _, key = subject.partition("/")
        edits = await registry.history(device.village, record)
        if any(edit.device == device.id and edit.key == key for edit in edits):
            own.append(subject)
    entries = await request.app.state.auth.settled(device.village, own) if own else []
    newest = {
        entry.subject: entry for entry in entries
    }  # later lines take the place of earlier ones
    told = [
        {"key": subject, "at": entry.at, "reason": entry.details}
        for subject, entry in newest.items()
    ]
    return JSONResponse({"magic": MAGIC, "settled": told}, headers={"Cache-Control": "no-store"})
