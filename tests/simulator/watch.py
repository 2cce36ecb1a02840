"""Looking over a phone's shoulder after every step: what it was sent, and what its screen shows."""

from __future__ import annotations

import json
from typing import Any

from .disk import Disk
from .oracle import Violation
from .people import Hand
from .world import World


async def check_answer(
    world: World, hand: Hand, asked: dict[str, Any], answer: dict[str, Any]
) -> None:
    """What may leave the server for this phone."""
    allowed = [] if hand.revoked else await world.server.auth.buckets(await world.account(hand))
    if not {*answer["pages"]} <= {*allowed} or (hand.revoked and answer["pages"]):
        raise Violation(f"I24: {hand.name} was sent {[*answer['pages']]}, may hold {allowed}")
    world.oracle.checked["I24"] += world.moved or hand.revoked
    malformed = [v for v in answer["verdicts"] if v["verdict"] == "malformed"]
    if malformed and answer["acked"] >= asked["first"] + len(asked["ops"]) - 1:
        world.oracle.checked["I4"] += 1


async def check_step(world: World, hand: Hand, before: Disk) -> None:
    """What an answer did to a phone."""
    disk = hand.phone.disk
    for bucket, cursor in before.cursors.items():
        if before.epoch == disk.epoch and disk.cursors.get(bucket, cursor) < cursor:
            raise Violation(f"I19: {hand.name}'s cursor of {bucket} went back from {cursor}")
    world.oracle.checked["I19"] += len(before.cursors)
    if not hand.spoilt:
        check_screen(world, hand)
        await check_vanished(world, hand, before)


async def check_vanished(world: World, hand: Hand, before: Disk) -> None:
    """Whatever left a bucket and the screen is in none of the phone's buckets any more."""
    disk = hand.phone.disk
    left = [rows for bucket, rows in before.rows.items() if bucket in disk.buckets]
    gone = {id for rows in left for id in rows if hand.phone.row(id) is None}
    if not gone or disk.wiped or disk.repair:
        return
    allowed = disk.buckets
    wanted = dict.fromkeys(allowed, (0, ""))
    pulled = await world.server.registry.pull(world.village, wanted, allowed, 10**9)
    there = {json.loads(row)[0] for page in pulled.pages.values() for row in page.rows}
    if gone & there:
        raise Violation(f"I25: {hand.name} lost sight of {sorted(gone & there)}")
    world.oracle.checked["I25"] += len(gone)


def check_screen(world: World, hand: Hand) -> None:
    """Nobody sees a key older than their own last edit."""
    phone, oracle = hand.phone, world.oracle
    for (record, key), edit in [*hand.last.items()]:
        form = phone.open(record)
        if key in form.pinned or form.row is None or phone.disk.row(record) is None:
            continue
        if edit in oracle.stands_for(form.row) or "alias_of" in form.row[3]:
            oracle.checked["I21"] += 1
            del hand.last[record, key]
        elif any(s.head["at"] == edit.op and s.rev == 0 for s in phone.disk.saved):
            continue  # kept aside, whatever became of it in the hand of a clone
        elif oracle.accepted(edit.op):
            raise Violation(f"I21: {hand.name} sees {key} of {record} older than {edit}: {form}")
        elif any(s.head["at"] == edit.op and s.waits for s in phone.disk.saved):
            raise Violation(f"I21: {hand.name} does not see the waiting {edit}: {form}")


def check_groups(world: World, hand: Hand, bucket: str) -> None:
    """After a complete pull a visit and what it taught are both there."""
    for row in hand.phone.disk.rows.get(bucket, {}).values():
        if row[1] == "visit":
            _check_group(world, hand, bucket, row)


def _check_group(world: World, hand: Hand, bucket: str, row: list[Any]) -> None:
    edits = world.oracle.stands_for(row)
    rows = hand.phone.disk.rows[bucket]
    for op in {e.op for e in edits}:
        for edit in world.oracle.ops[op]:
            other = rows.get(edit.record)
            if other is None or edit.record == row[0] or "alias_of" in other[3]:
                continue
            if edit not in world.oracle.stands_for(other):
                raise Violation(f"I17: {hand.name} got the visit of {edit} without it")
            world.oracle.checked["I17"] += 1
