"""`/api/carry` and `/api/drafts`: what a phone had saved or begun and cannot open or send any more, sealed to the
village's key (sync/PROTOCOL.md §3.8, §3.11)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.carry import MAGIC, drafts_in, public_key, read_boxes, take_in
from server.carry.drafts import MAGIC as DRAFTS
from server.errors import Problem
from server.registry import Registry, now_ms
from sync.wire import PROTOCOL

from .access import device_of
from .body import read_json


async def get_key(request: Request) -> Response:
    """The village's public key, for a phone that is enrolled."""
    device, _ = await device_of(request)
    registry: Registry = request.app.state.registry
    key = await public_key(registry.database, device.village, now_ms())
    return _told(device.village, key=b64encode(key).decode())


async def carry(request: Request) -> Response:
    """Boxes in, what became of each out. Who brings them is not asked: each box holds its own phone's token."""
    village, boxes = read_boxes(await read_json(request))
    registry: Registry = request.app.state.registry
    if await registry.village(village) is None:
        raise Problem("wrong_village")
    brought = await take_in(request.app.state.auth, registry, village, boxes, now_ms())
    receipts = [receipt.text for receipt in brought.receipts]
    return _told(village, results=[str(it) for it in brought.results], receipts=receipts)


async def drafts(request: Request) -> Response:
    """Boxes of drafts in, the drafts out that this phone's own person began."""
    device, account = await device_of(request)
    village, boxes = read_boxes(await read_json(request), DRAFTS)
    if village != device.village:
        raise Problem("wrong_village")
    auth, database = request.app.state.auth, request.app.state.registry.database
    found = [] if device.revoked_at else await drafts_in(auth, database, account, boxes)
    return _told(village, DRAFTS, drafts=found)


def _told(village: str, magic: str = MAGIC, **more: Any) -> Response:
    answer = {"magic": magic, "protocol": PROTOCOL, "village": village, **more}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
