"""Reading a request body within limits: size, gzip, JSON. Whatever is wrong has its code; nothing has changed by then."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from server.errors import Problem
from server.gzipped import unzipped
from server.typed import whole

MAX_BODY = 1_000_000
MAX_INFLATED = 8_000_000
MAX_DEPTH = 32

_decode = msgspec.json.Decoder().decode


async def read_json(request: Request, *, at_most: int = MAX_BODY) -> Any:
    """The decoded body. Raises `not_json`, `too_large`, `bad_encoding`, `bad_json`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("not_json")
    body = await read_bytes(request, at_most)
    match request.headers.get("content-encoding", "identity").strip().lower():
        case "gzip":
            body = unzipped(body, MAX_INFLATED)
        case "identity" | "":
            pass
        case _:
            raise Problem("bad_encoding")
    try:
        decoded = _decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem("bad_json") from error
    if not _shallow(decoded):
        raise Problem("bad_json", depth=MAX_DEPTH)
    return decoded


async def read_bytes(request: Request, at_most: int) -> bytes:
    """The body as it came, never more of it in memory than allowed, whatever Content-Length says. Raises `too_large`,
    `bad_json` when it was cut."""
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and whole(declared, most=at_most) is None:
        raise Problem("too_large", at_most=at_most)
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > at_most:
                raise Problem("too_large", at_most=at_most)
            parts.append(part)
    except ClientDisconnect as error:
        raise Problem("bad_json") from error
    return b"".join(parts)


def _shallow(value: Any, depth: int = MAX_DEPTH) -> bool:
    """Whether a decoded value nests no deeper than allowed; values of ops are a few levels deep."""
    level = [value]
    while level:
        if depth == 0:
            return False
        depth -= 1
        level = [
            part
            for outer in level
            if type(outer) in (dict, list)
            for part in (outer.values() if type(outer) is dict else outer)
            if type(part) in (dict, list)
        ]
    return True
