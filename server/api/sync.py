"""`POST /api/sync`: push and pull in one call (sync/PROTOCOL.md §3).

Read the envelope, push, pull from a state that contains the push, answer.
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from server.checking import odd_answers
from server.errors import Problem
from server.programme import may, programme_for
from server.registry import Batch, Pushed, Registry, Unreadable, now_ms
from server.registry.pull import Page, Pulled
from sync import BadEnvelope, Malformed, Op, Verdict, wire
from sync.wire import MAGIC, PROTOCOL

from .access import caller_of
from .body import read_json

_encode = msgspec.json.Encoder().encode
SMALL = 350
"""Bytes below which gzip costs more than it saves."""
GZIP = 31
"""zlib's word for its own window with gzip's head and tail around it."""


async def sync(request: Request) -> Response:
    device, account, scope = await caller_of(request)
    body = await read_json(request)
    try:
        asked = wire.read_request(body)
    except BadEnvelope as problem:
        raise Problem(problem.code, **problem.details) from problem
    if asked.village != device.village or asked.device != device.id:
        raise Problem("wrong_village")
    registry: Registry = request.app.state.registry
    await request.app.state.auth.note_over(device.village)
    buckets = [] if device.revoked_at else scope.buckets
    now = now_ms()
    ops = [_read(raw, asked.ids) for raw in asked.ops]
    pushed, pulled = await registry.exchange(
        device.village,
        Batch(
            device=device.id,
            ops=ops,
            arrival=now,
            author=account.name,
            epoch=asked.epoch,
            generation=asked.generation,
            first=asked.first,
            offset=now - asked.now,
            clock=asked.clock,
            buckets=frozenset(buckets),
            ended=scope.ended,
            role=account.role,
            authority=may(account.role, "settle"),
        ),
        asked.pull,
        buckets,
        asked.budget,
        asked.compare,
        asked.fetch,
    )
    # Agreement is proved when everything the device may hold was compared and nothing is under way.
    agreed = pulled.agreed and set(pulled.pages) == set(buckets) and not pushed.applied
    registry.note_sync(
        device.village,
        {
            "device": device.id, "at": now, "ops": pushed.applied, "changes": pushed.changes,
            "conflicts": pushed.count(Verdict.CONFLICT), "held": pushed.count(Verdict.HELD),
            "refused": pushed.count(Verdict.QUARANTINED, Verdict.MALFORMED),
            "rows_sent": pulled.rows, "agreed": agreed,
        },
        agreed_rev=pulled.head if agreed else None,
        # What it asks for it holds. Whether this answer arrives, and it drops what is no longer its own, the next tells.
        holds=asked.pull.keys() | pulled.pages.keys() if asked.pull or not buckets else None,
    )  # fmt: skip
    version = programme_for(device.village, account.role, account.grids).version
    found = await odd_answers(registry, device.village, account.role, ops, asked.first, pushed)
    return _answer(request, asked, pushed, pulled, buckets, now, version, found)


def _read(raw: Any, ids: Any) -> Op | Unreadable:
    try:
        return wire.read_op(raw, ids)
    except Malformed as problem:
        return Unreadable(wire.with_ids(raw, ids), problem)


def _answer(
    request: Request,
    asked: wire.Request,
    pushed: Pushed,
    pulled: Pulled,
    buckets: list[str],
    now: int,
    version: str,
    found: list[dict[str, Any]],
) -> Response:
    answer: dict[str, Any] = {
        "magic": MAGIC, "protocol": PROTOCOL, "village": asked.village, "device": asked.device,
        "generation": pushed.generation, "epoch": pushed.epoch, "now": now, "acked": pushed.acked,
        "kept": pushed.kept,
        "revs": pushed.revs, "verdicts": pushed.verdicts, "programme": version,
        "buckets": buckets, "pages": {name: _page(page) for name, page in pulled.pages.items()},
    }  # fmt: skip
    if found:
        answer["findings"] = found
    if pushed.revoked:
        answer["wipe"] = True
    encoded = _encode(answer)
    headers = {"Cache-Control": "no-store"}
    if len(encoded) > SMALL and "gzip" in request.headers.get("accept-encoding", ""):
        encoded = zlib.compress(encoded, 6, wbits=GZIP)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(encoded, media_type="application/json", headers=headers)


def _page(page: Page) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "rows": [msgspec.Raw(row.encode()) for row in page.rows],
        "gone": page.gone,
        "cursor": page.cursor,
        "more": page.more,
    }
    if page.digest is not None:
        shown["digest"] = page.digest
    if page.agrees is not None:
        shown["agrees"] = page.agrees
    if page.differ is not None:
        shown["differ"] = page.differ
    return shown
