"""Taking boxes in: open, find whose phone it was, push as that phone's ops. Each box has its own result; one that
cannot be opened blocks nothing. Bringing a box twice changes nothing: its op is known by device, generation and seq,
and answered as before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

from msgspec.structs import replace

from server.auth import Account, Auth, Device, Scope
from server.checking import odd_answers
from server.errors import Problem
from server.programme import may
from server.registry import Batch, Registry, Unreadable
from sync import BadEnvelope, Change, Malformed, Op, wire

from .keys import opened_body, private_keys
from .message import MAX_BOXES
from .receipt import Receipt, receipt, sum_of

MAX_PACKED = 1_000_000
"""Bytes that a packed box may unfold to: as much as a request."""
_is_sum = re.compile(r"[0-9a-f]{32}").fullmatch


class Taken(StrEnum):
    """What became of a box."""

    STORED = "stored"
    """Its op is on the disk for good, applied or kept aside."""
    WAITS = "waits"
    """An earlier op of that phone is missing; bring both."""
    UNOPENED = "unopened"
    """Closed for another village's key, or damaged."""
    UNKNOWN = "unknown"
    """Opened, but of no phone that this village knows."""
    FULL = "full"
    """Of a phone that was cut off and has brought as much as may wait: only the office takes it in."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of each box, in the order brought, and what its phone is to be told."""

    results: list[Taken]
    receipts: list[Receipt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Opened:
    place: int
    """Where the box lay among those brought."""
    box: bytes
    token: str
    device: Device
    account: Account
    scope: Scope
    generation: int
    seq: int
    op: Op | Unreadable


async def take_in(
    auth: Auth,
    registry: Registry,
    village: str,
    boxes: Sequence[bytes],
    now: int,
    *,
    by_hand: bool = False,
) -> Brought:
    """`now` is the server's clock, ms; `by_hand` for what somebody brought to the office."""
    brought = Brought([Taken.UNOPENED] * len(boxes))
    results = brought.results
    opened: list[_Opened] = []
    keys = await registry.database.read(private_keys(village))
    for place, box in enumerate(boxes):
        body = opened_body(keys, box)
        if body is None:
            continue
        found = await _known(auth, village, place, box, body)
        results[place] = Taken.WAITS if found else Taken.UNKNOWN
        opened += found
    opened.sort(key=lambda it: (it.device.id, it.generation, it.seq))
    for _, of_phone in groupby(opened, key=lambda it: (it.device.id, it.generation)):
        left = list(of_phone)
        while left:
            # A seq that comes twice is a copy or another branch of a cloned phone: one after the other.
            once = {it.seq: it for it in reversed(left)}
            together = [once[seq] for seq in sorted(once)]
            became = await _push(registry, village, together, now, brought.receipts, by_hand)
            for it in once.values():
                results[it.place] = became.get(it.seq, Taken.WAITS)
            left = [it for it in left if once[it.seq] is not it]
    return brought


async def take_packed(
    auth: Auth, registry: Registry, village: str, box: bytes, now: int
) -> Brought:
    """All that a phone in use had waiting, in one box; each op has a result. Somebody brought it to the office. What the
    receipt has to name, the sum of the boxes that the phone keeps, it says itself: it would fool nobody but itself."""
    keys = await registry.database.read(private_keys(village))
    body = opened_body(keys, box, MAX_PACKED)
    if body is None:
        return Brought([Taken.UNOPENED])
    boxes = body.get("boxes") if isinstance(body, dict) else None
    opened = await _known(auth, village, 0, box, body, MAX_BOXES)
    if not opened or not isinstance(boxes, str) or not _is_sum(boxes):
        return Brought([Taken.UNKNOWN])
    receipts: list[Receipt] = []
    became = await _push(registry, village, opened, now, receipts, by_hand=True, boxes=boxes)
    return Brought([became.get(it.seq, Taken.WAITS) for it in opened], receipts)


async def _known(
    auth: Auth, village: str, place: int, box: bytes, body: Any, most: int = 1
) -> list[_Opened]:
    """The ops of a box, `most` at most; none unless the village knows whose it is."""
    try:
        asked = wire.read_request(body)
    except BadEnvelope:
        return []
    token = body.get("token")
    caller = await auth.caller(token) if isinstance(token, str) else None
    if caller is None or not isinstance(token, str) or not 1 <= len(asked.ops) <= most:
        return []
    device, account, scope = caller
    if device.id != asked.device or device.village != village or asked.village != village:
        return []
    return [
        _Opened(place, box, token, device, account, scope, asked.generation, seq, _op(raw, asked))
        for seq, raw in enumerate(asked.ops, asked.first)
    ]


def _op(raw: Any, asked: wire.Request) -> Op | Unreadable:
    try:
        return wire.read_op(raw, asked.ids)
    except Malformed as problem:
        return Unreadable(wire.with_ids(raw, asked.ids), problem)


async def _push(
    registry: Registry,
    village: str,
    opened: Sequence[_Opened],
    now: int,
    receipts: list[Receipt],
    by_hand: bool,
    boxes: str = "",
) -> dict[int, Taken]:
    """Pushes ops of one phone and generation, run by run; what became of each seq, of those that do not wait. Adds the
    receipt of each run that is stored as it was numbered; what went on in another generation its phone hears at the
    next sync. `boxes` is the sum of the boxes of `opened` where that is one run whose boxes are not here."""
    became: dict[int, Taken] = {}
    runs: list[list[_Opened]] = []
    for it in opened:
        # No longer than a message, so that phones that sync meanwhile wait no longer for it either.
        if runs and runs[-1][-1].seq + 1 == it.seq and len(runs[-1]) < MAX_BOXES:
            runs[-1].append(it)
        else:
            runs.append([it])
    for run in runs:
        first, generation, seqs = run[0].seq, run[0].generation, [it.seq for it in run]
        ops = [it.op for it in run]
        try:
            pushed = await registry.push(
                village, _batch(run[0], ops, generation, first, now, by_hand)
            )
        except Problem as problem:
            if problem.code != "cut_off_full":
                raise
            became |= dict.fromkeys(seqs, Taken.FULL)
            continue
        became |= {seq: Taken.STORED for seq in seqs if seq <= pushed.acked}
        left = [op for op, seq in zip(ops, seqs, strict=True) if seq > pushed.acked]
        if not left:
            device, token = run[0].device.id, run[0].token
            of = boxes or sum_of([it.box for it in run])
            role = run[0].account.role
            odd = await odd_answers(registry, village, role, ops, first, pushed)
            told = receipt(village, device, token, generation, first, of, pushed, odd, now)
            receipts.append(told)
        if left and pushed.generation > generation:
            # Storage that was rolled back or cloned: what differs goes on in the new generation (§3.5).
            again = [renumbered(op, generation, pushed.acked) for op in left]
            await registry.push(village, _batch(run[0], again, pushed.generation, 1, now, by_hand))
            became |= dict.fromkeys(seqs, Taken.STORED)
    return became


def _batch(
    of: _Opened,
    ops: Sequence[Op | Unreadable],
    generation: int,
    first: int,
    now: int,
    by_hand: bool,
) -> Batch:
    # Without an epoch: a box may be older than a restore, and its phone can be told nothing any more. Without an
    # offset of clocks: nobody knows what this phone's clock shows today.
    return Batch(
        device=of.device.id,
        ops=ops,
        arrival=now,
        author=of.account.name,
        generation=generation,
        first=first,
        buckets=frozenset([] if of.device.revoked_at else of.scope.buckets),
        ended=of.scope.ended,
        role=of.account.role,
        authority=may(of.account.role, "settle"),
        by_hand=by_hand,
    )


def renumbered(op: Op | Unreadable, generation: int, acked: int) -> Op | Unreadable:
    """An op as a phone renumbers it after a fork: own edits behind `acked` count from 1 again, those up to it keep
    their number and name their generation."""
    if isinstance(op, Unreadable):
        return op

    def own(prev: Mapping[Any, Any]) -> dict[Any, Any]:
        return {
            key: seq
            if isinstance(seq, tuple)
            else (seq - acked if seq > acked else (generation, seq))
            for key, seq in prev.items()
        }

    changes: tuple[Change, ...] = tuple(replace(c, prev=own(c.prev)) for c in op.changes)
    return replace(op, changes=changes)
