"""After the quiet: everything is looked at, on the server and on every phone."""

from __future__ import annotations

import json
from typing import Any

from .oracle import Violation, text_of
from .people import Hand
from .watch import check_screen
from .world import GRIDS, World


async def judge(world: World) -> None:
    world.oracle.check_log()
    await compare_records(world)
    for hand in world.hands:
        _own_ops(world, hand)
    for hand in world.hands:
        if hand.active:
            await _phone(world, hand)
    checked = world.oracle.checked
    faults = world.report.faults
    checked["I5"] += sum(n for kind, n in faults.items() if "crash" in kind)
    checked["I33"] += len(world.hands)


async def compare_records(world: World) -> None:
    """Every record of the server against what people saw and did."""
    oracle = world.oracle
    classes = oracle.classes()
    rows = {row.id: row for row in await world.rows()}
    for id in sorted(oracle.of):
        if id not in rows:
            raise Violation(f"I1: {id} is not there")
        row = rows[id]
        head = classes.get(id, [id])[0]
        if head != id:
            if row.fields != {"alias_of": head}:
                raise Violation(f"I29: {id} should be a stub of {head}: {row}")
            oracle.checked["I29"] += 1
            continue
        if next(iter(oracle.of[id])).type == "alias":
            continue
        oracle.compare(id, row.present, row.fields, row.contested)
        world.report.conflicts += len(row.contested)
    await _placed(world)


def _own_ops(world: World, hand: Hand) -> None:
    """Everything a phone still answers for is in the log, word for word."""
    if not hand.active:
        return
    logged = {entry.body.get("at"): entry for entry in world.oracle.log.values()}
    for saved in hand.phone.disk.saved:
        entry = logged.get(saved.head["at"])
        if entry is None:
            raise Violation(f"I1 I6 I26: {hand.name}'s {saved} is not in the log")
        world.oracle.checked["I6"] += world.restored
        world.oracle.checked["I26"] += world.moved or hand.revoked
        world.oracle.checked["I1"] += 1
        told = [(c["type"], c["base"], c["set"]) for c in saved.changes]
        if entry.rev and told != [(c["type"], c["base"], c["set"]) for c in entry.body["changes"]]:
            raise Violation(f"I1: {saved} was logged as {entry.body}")


async def _phone(world: World, hand: Hand) -> None:
    disk, oracle = hand.phone.disk, world.oracle
    if any(saved.waits for saved in disk.saved):
        raise Violation(f"I33: {hand.name} has a queue: {disk.saved}")
    if hand.revoked:
        oracle.checked["I24"] += 1
        if not disk.wiped or disk.rows:
            raise Violation(f"I24: {hand.name} was not wiped")
        return
    buckets = await world.server.auth.buckets(await world.account(hand))
    if sorted(buckets) != sorted(disk.rows) or disk.limbo:
        raise Violation(
            f"I24: {hand.name} holds {sorted(disk.rows)} and {disk.limbo}, may hold {buckets}"
        )
    pulled = await world.server.registry.pull(
        world.village, dict.fromkeys(buckets, (0, "")), buckets, 10**9
    )
    for bucket, page in pulled.pages.items():
        theirs = {row[0]: row for row in map(json.loads, page.rows)}
        if theirs != disk.rows[bucket]:
            raise Violation(
                f"I18 I22 I25: {hand.name} and the server differ in {bucket}: {_difference(disk.rows[bucket], theirs)}"
            )
        if page.digest != hand.phone.digest(bucket):
            raise Violation(f"I22: {bucket} is equal, its digests are not")
        oracle.checked["I18"] += bool(theirs)
        oracle.checked["I22"] += bool(theirs)
    oracle.checked["I20"] += sum(map(len, disk.rows.values()))
    oracle.checked["I23"] += len(hand.spoilt)
    hand.spoilt.clear()
    check_screen(world, hand)


async def _placed(world: World) -> None:
    """Each household lies in the grids its maximal edits name, with its children; nowhere else."""
    oracle, buckets = world.oracle, [f"grid:{number:02d}" for number in range(1, GRIDS + 1)]
    wanted = dict.fromkeys(buckets, (0, ""))
    pulled = await world.server.registry.pull(world.village, wanted, buckets, 10**9)
    held = {b: {json.loads(row)[0] for row in page.rows} for b, page in pulled.pages.items()}
    classes = oracle.classes()
    for id, edits in oracle.of.items():
        kind = next(iter(edits)).type
        if kind not in ("household", "child") or id in classes or any(map(oracle.uncertain, edits)):
            continue
        home = id
        if kind == "child":
            homes = {e.value for e in oracle.maximal(edits).get("household_id", ())}
            [home] = homes if len(homes) == 1 else [""]
        house = oracle.maximal(oracle.current(home))
        if "grid_code" not in house or any(map(oracle.uncertain, house["grid_code"])):
            continue
        named = {f"grid:{e.value[-2:]}" for e in house["grid_code"]}
        found = {bucket for bucket in buckets if id in held[bucket]}
        if found != (named if oracle.expected(id)[0] else set()):
            raise Violation(
                f"I24 I25 I30: {kind} {id} of {home} lies in {sorted(found)}, must in {sorted(named)}"
            )
        oracle.checked["I25"] += world.moved
        oracle.checked["I30"] += home in classes


def _difference(mine: dict[str, Any], theirs: dict[str, Any]) -> str:
    wrong = sorted(id for id in {*mine, *theirs} if mine.get(id) != theirs.get(id))
    return "; ".join(f"{text_of(mine.get(id))} / {text_of(theirs.get(id))}" for id in wrong[:3])
