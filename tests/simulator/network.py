"""The network of a simulated village: what becomes of every message between a phone and the server."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from .oracle import Violation
from .people import Crash, Hand
from .server import Died
from .watch import check_answer, check_groups, check_step
from .world import World

TROUBLES = (
    "lost request", "lost answer", "duplicate", "late request", "cut request", "server crash",
    "stale replay", "reordered", "overtaken",
)  # fmt: skip


async def deliver(world: World, token: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """The server gets a request and answers. Raises `Died`."""
    world.clock.now += world.random.randint(20, 3_000)
    try:
        status, answer = await world.server.post("/api/sync", body, token)
    except Died:
        world.server.restart()
        raise
    finally:
        await world.look_at_log()
    if status == 200:
        for page in answer["pages"].values():
            for row in page["rows"]:
                world.oracle.sent(row)
    world.past.append((token, body))
    return status, answer


async def exchange(world: World, hand: Hand, most_ops: int | None = None) -> bool:
    """One request of a phone and, if all goes well, its answer. True while there is more to do."""
    phone = hand.phone
    trouble = not world.quiet and world.random.random() < world.chances.trouble
    if trouble and world.random.random() < 0.2:
        hand.crashes_in = world.random.randint(0, 4)
    budget = (
        1_000_000
        if world.quiet and world.random.random() < 0.5
        else world.random.randint(200, 6_000)
    )
    most = 2_000 if world.random.random() < 0.6 else world.random.randint(world.quiet, 3)
    asked = phone.request(budget, most if most_ops is None else most_ops)
    if trouble and world.random.random() < 0.2 and world.saves_meanwhile is not None:
        await world.saves_meanwhile(world, hand)
    body = json.dumps(asked).encode()
    token = phone.disk.token
    answer = await (
        _trouble(world, hand, token, body) if trouble else _deliver_one(world, hand, token, body)
    )
    if answer is None or hand.phone is not phone:  # crashed while it waited
        return True
    await check_answer(world, hand, asked, answer)
    before = phone.disk
    more = phone.take(asked, answer)
    hand.crashes_in = None
    world.say(f"{hand.name} synced: sent {len(asked['ops'])} from {asked['generation']}/{asked['first']}, "
             f"acked {answer['acked']}, pages "
             + ", ".join(f"{b} {len(p['rows'])}r {len(p['gone'])}g to {p['cursor']}{'…' if p['more'] else ''}"
                         for b, p in answer["pages"].items()))  # fmt: skip
    await check_step(world, hand, before)
    for bucket, page in answer["pages"].items():
        if (
            not page["more"]
            and not phone.disk.wiped
            and not hand.spoilt
            and bucket in phone.disk.rows
            and bucket not in phone.disk.repair
        ):
            check_groups(world, hand, bucket)
    return more


async def _deliver_one(world: World, hand: Hand, token: str, body: bytes) -> dict[str, Any] | None:
    status, answer = await deliver(world, token, body)
    if status == 401:
        await _enrol_again(world, hand)
        return None
    if status != 200:
        raise Violation(f"{hand.name}: {status} {answer}")
    return answer


async def _trouble(world: World, hand: Hand, token: str, body: bytes) -> dict[str, Any] | None:
    """A message meets something on its way."""
    kind = world.random.choice(TROUBLES)
    faulty = world.server.database
    if kind == "lost request":
        world.fault(kind, hand.name)
        return None
    if kind == "late request":
        world.fault(kind, hand.name)
        world.late.append((token, body))
        return None
    if kind == "cut request":
        world.fault(kind, hand.name)
        status, _ = await _deliver_cut(world, token, body)
        assert status in (400, 401), status
        return None
    if kind == "server crash":
        faulty.dies_after = world.random.choice((-1, 0, 1, 3, 6, 12, 99))
        try:
            await deliver(world, token, body)
        except Died:
            world.fault(f"server crash {faulty.died}", hand.name)
            return None
        finally:
            faulty.dies_after = None
        world.fault("lost answer", hand.name)
        return None
    if kind == "duplicate":
        world.fault(kind, hand.name)
        await deliver(world, token, body)
    if kind == "stale replay" and world.past:
        await _replay(world)
    if kind == "reordered" and world.late:
        world.fault(kind, hand.name)
        await arrive_late(world)
    if kind == "overtaken":
        other = world.random.choice(world.hands)
        if other is not hand and other.active:

            async def slip() -> None:
                world.fault(kind, f"{hand.name} by {other.name}")
                await _deliver_quietly(world, other)

            faulty.between = slip
    answer = await _deliver_one(world, hand, token, body)
    faulty.between = None
    if kind == "lost answer":
        world.fault(kind, hand.name)
        return None
    return answer


async def _deliver_quietly(world: World, hand: Hand) -> None:
    """Another phone's request arrives between somebody's push and pull; its answer is lost."""
    try:
        asked = hand.phone.request()
    except Crash:
        crashed(world, hand)
        return
    await deliver(world, hand.phone.disk.token, json.dumps(asked).encode())


async def _deliver_cut(world: World, token: str, body: bytes) -> tuple[int, dict[str, Any]]:
    before = await world.state()
    answer = await world.server.post(
        "/api/sync", body[: world.random.randint(0, len(body) - 1)], token
    )
    if await world.state() != before:
        raise Violation("a cut request changed something")
    return answer


async def _replay(world: World) -> None:
    """A request that arrived long ago arrives again."""
    world.fault("stale replay")
    full = [(token, body) for token, body in world.past if b'"ops": []' not in body]
    token, body = world.random.choice(full or world.past)
    asked = json.loads(body)
    # What a new day changes by itself, the first to come sees: it is no doing of the replay's.
    await world.server.registry.renew(world.village, world.clock.now)
    before = await world.state()
    status, answer = await deliver(world, token, body)
    if status != 200:
        return
    replayed = (
        answer["generation"] == asked["generation"]
        and answer["acked"] >= asked["first"] + len(asked["ops"]) - 1
    )
    if not world.restored and replayed and not world.late and await world.state() != before:
        raise Violation(f"I2: a replay changed the register: {asked}")
    world.oracle.checked["I2"] += bool(asked["ops"])


async def arrive_late(world: World) -> None:
    token, body = world.late.pop(world.random.randrange(len(world.late)))
    with suppress(Died):
        await deliver(world, token, body)


async def _enrol_again(world: World, hand: Hand) -> None:
    """The restored server does not know this phone."""
    told = await world.new_device(hand.account)
    hand.phone.enrol_again(told["device"], told["token"], told["epoch"], told["buckets"])
    world.fault("unknown after restore", f"{hand.name} is now {told['device']}")
    hand.revoked = False


async def sync(world: World, hand: Hand, most: int = 6, most_ops: int | None = None) -> bool:
    """Exchange until there is nothing more. False when the phone gave up."""
    for _ in range(most):
        try:
            if not await exchange(world, hand, most_ops):
                return True
        except Crash:
            crashed(world, hand)
        if not world.quiet and world.random.random() < 0.1:
            return False
    return False


def crashed(world: World, hand: Hand) -> None:
    world.fault("phone crash", hand.name)
    hand.crashes_in = None
    hand.booted = world.clock.now
    hand.open.clear()
    world.hold(hand, hand.phone.disk)
