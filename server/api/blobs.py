"""`/api/blobs/<name>`: the bytes of pictures and recordings, in parts, after the text that names them
(sync/PROTOCOL.md §3.9). One way: nothing here gives bytes out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.blobs import MOST_PART, Blobs
from server.errors import Problem
from server.registry import now_ms
from sync.wire import PROTOCOL

from .access import caller_of, device_of
from .body import read_bytes

MAGIC = "zoufang-blob"
PART = "application/offset+octet-stream"


async def get_held(request: Request) -> Response:
    """How far an attachment has come, in headers alone."""
    device, _ = await device_of(request)
    name = request.path_params["name"]
    held = await _blobs(request).held(device.village, device.id, name)
    headers = {"Upload-Offset": str(held.offset), "Upload-Length": str(held.size)}
    return Response(headers={**headers, "Cache-Control": "no-store"})


async def take_part(request: Request) -> Response:
    device, _, scope = await caller_of(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != PART:
        raise Problem("bad_json", expected=PART)
    offset, size = _number(request, "Upload-Offset", 0), _number(request, "Upload-Length", 1)
    part = await read_bytes(request, MOST_PART)
    name, now = request.path_params["name"], now_ms()
    ended_at = None if scope.buckets else max(scope.ended.values(), default=0)
    held = await _blobs(request).take(
        device.village, device.id, name, offset, size, part, now,
        cut_off_at=device.revoked_at or ended_at,
    )  # fmt: skip
    told = {
        "magic": MAGIC, "protocol": PROTOCOL, "village": device.village, "device": device.id,
        "now": now, "name": name, "offset": held.offset, "size": held.size, "done": held.done,
    }  # fmt: skip
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _blobs(request: Request) -> Blobs:
    return Blobs(request.app.state.registry.database)


def _number(request: Request, name: str, least: int) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) >= least):
        raise Problem("bad_json", field=name)
    return int(text)
