"""What happens in a history, and how often: work, administration, and the faults of phones and clocks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from server.registry import lineage

from . import backups, network
from .network import crashed
from .people import KEYS, Crash, Hand
from .phone import Form
from .world import GRIDS, TEN_YEARS, World


def somebody(world: World) -> Hand:
    return world.random.choice([hand for hand in world.hands if hand.active])


def things(world: World, hand: Hand, *types: str) -> list[str]:
    """Records on the screen that this person may edit."""
    phone = hand.phone
    found = []
    for id in phone.ids():
        form = phone.open(id)
        stub = form.row is not None and "alias_of" in form.row[3]
        if form.type in types and not stub and id not in hand.spoilt and hand.keys(form.type):
            found.append(id)
    return found


def choose(world: World, found: list[str]) -> str:
    """One of the records; half of the time the one everybody is busy with."""
    hot = [id for id in found if id in world.hot]
    return world.random.choice(hot if hot and world.random.random() < 0.6 else found)


def steady_time(world: World, hand: Hand) -> None:
    """No two ops are saved at one instant of anybody's clock."""
    while hand.wall() in world.oracle.ops:
        world.clock.now += 1


def save(world: World, hand: Hand, *edits: tuple[Form, dict[str, Any]]) -> None:
    steady_time(world, hand)
    if world.random.random() < 0.03:
        hand.crashes_in = 0
    try:
        saved = hand.save(world.oracle, *edits)
    except Crash:
        crashed(world, hand)
        return
    if any(first < c["base"] <= last for c in saved.changes for first, last in world.lost):
        world.oracle.crossed.add(saved.head["at"])
    bases = [(c["record"][-4:], c["base"], c.get("prev", {})) for c in saved.changes]
    made = world.oracle.ops[saved.head["at"]]
    world.say(f"{hand.name} saves {saved.generation}/{saved.seq} (bases {bases}): {made}")


async def edit(world: World) -> None:
    """Open a record; often something else happens before it is saved."""
    await edit_by(world, somebody(world))


async def edit_by(world: World, hand: Hand) -> None:
    found = things(world, hand, "household", "child")
    if not found:
        return
    form = hand.look(world.oracle, choose(world, found))
    if world.random.random() < 0.3:
        hand.open = [form]
        world.say(f"{hand.name} opens {form.record} at {form.base}")
    else:
        await _finish(world, hand, form)


async def rivals(world: World) -> None:
    """Two people at one key: the second brings it while the first one's still waits and is then typed anew."""
    one, two = (somebody(world) for _ in range(2))
    known = [id for id in things(world, one, "child") if id in things(world, two, "child")]
    if one is two or not known:
        return
    record = choose(world, known)
    keys = [key for key in one.keys("child") if "/" not in key and key in two.keys("child")]
    key = world.random.choice(keys)
    for hand in (one, two):
        form = hand.look(world.oracle, record)
        hand.open = [f for f in hand.open if f.record != record]
        save(world, hand, (form, world.words.edits([key], form.values)))
    await network.sync(world, two, most=2)
    await network.sync(world, one, most=1, most_ops=world.random.choice((0, 0, 2_000)))
    if record in things(world, one, "child"):
        form = one.look(world.oracle, record)
        save(world, one, (form, world.words.edits([key], form.values)))


async def finish(world: World) -> None:
    """Save a form that was opened before."""
    hand = somebody(world)
    if hand.open:
        await _finish(world, hand, hand.open.pop())


async def _finish(world: World, hand: Hand, form: Form) -> None:
    keys = world.words.edits(hand.keys(form.type), form.values)
    if "present" in form.contested and world.random.random() < 0.3:
        keys["present"] = True
    hand.open = [f for f in hand.open if f.record != form.record]
    save(world, hand, (form, keys))


async def create(world: World) -> None:
    """A new household with a child, or a child in a household on the screen."""
    hand = somebody(world)
    if hand.account.role == "volunteer":
        return
    grids = hand.phone.disk.buckets[1:]
    if not grids:
        return
    house, child = world.fresh_id(), world.fresh_id()
    known = things(world, hand, "household")
    edits: list[tuple[Form, dict[str, Any]]] = []
    if known and world.random.random() < 0.5:
        house = world.random.choice(known)
    else:
        grid = world.village + world.random.choice(grids).partition(":")[2]
        edits.append(
            (
                Form(house, "household"),
                {"present": True, "grid_code": grid, "head_name": world.words.text()},
            )
        )
    edits.append(
        (Form(child, "child"), {"present": True, "household_id": house, "name": world.words.text()})
    )
    save(world, hand, *edits)


async def visit(world: World) -> None:
    """A visit, and what it taught about the child, in one op."""
    hand = somebody(world)
    found = things(world, hand, "child")
    if not found:
        return
    form = hand.look(world.oracle, choose(world, found))
    hand.open = [f for f in hand.open if f.record != form.record]
    house = form.values.get("household_id", "")
    made = {"present": True, "household_id": house, "child_id": form.record,
            "occurred_on": "2026-11-01", "note": world.words.text()}  # fmt: skip
    edits: list[tuple[Form, dict[str, Any]]] = [(Form(world.fresh_id(), "visit"), made)]
    if world.random.random() < 0.8:
        edits.append((form, world.words.edits(hand.keys("child"), form.values)))
    save(world, hand, *edits)


async def delete(world: World) -> None:
    hand = somebody(world)
    if hand.account.role == "volunteer":
        return
    found = things(world, hand, "household", "child")
    if found:
        form = hand.look(world.oracle, choose(world, found))
        hand.open = [f for f in hand.open if f.record != form.record]
        save(world, hand, (form, {"present": False}))


async def nonsense(world: World) -> None:
    """An op nobody can read, as a broken app might send it."""
    hand = somebody(world)
    steady_time(world, hand)
    form = Form(world.fresh_id(), "household")
    try:
        saved = hand.phone.save((form, {"Bad Key": 1}))
    except Crash:
        crashed(world, hand)
        return
    world.oracle.saved(saved.head["at"], [])
    world.fault("malformed op", hand.name)


async def sync(world: World) -> None:
    await network.sync(world, somebody(world))


async def one_message(world: World) -> None:
    """The network goes after one message."""
    hand = somebody(world)
    await network.sync(world, hand, most=1)


# The office and the administration


async def office_edit(world: World) -> None:
    """The office opens a page, or saves one that has been open for a while."""
    if world.drafts and world.random.random() < 0.6:
        record, kind, shown, rev, values = world.drafts.pop()
        keys = world.words.edits(KEYS[kind], values)
        await world.commit({record: (kind, keys)}, shown, rev)
        return
    rows = [*await world.office_rows("household"), *await world.office_rows("child")]
    if rows:
        row = world.random.choice(rows)
        world.drafts.append((row.id, row.type, world.shown_to_office(row.id), row.rev, {}))


async def settle(world: World) -> None:
    """The office settles a conflict."""
    open_now = [
        r
        for r in await world.server.registry.contested(world.village)
        if r.key != "present" and "/" not in r.key
    ]
    if not open_now:
        return
    review = world.random.choice(sorted(open_now, key=lambda r: (r.record, r.key)))
    row = await world.server.registry.row(world.village, review.record)
    if row is None or review.key in ("grid_code", "household_id", "household_no", "file_no"):
        return
    value = row.fields.get(review.key)
    world.report.acts["settled"] += 1
    await world.commit(
        {row.id: (row.type, {review.key: value})}, world.shown_to_office(row.id), row.rev
    )


async def move(world: World) -> None:
    """A household moves to another grid."""
    rows = await world.office_rows("household")
    if rows:
        row = world.random.choice(rows)
        world.moved = True
        grid = world.grid(world.random.randint(1, GRIDS))
        await world.commit(
            {row.id: ("household", {"grid_code": grid})}, world.shown_to_office(row.id), row.rev
        )


async def reassign(world: World) -> None:
    """A surveyor gets other grids."""
    hand = somebody(world)
    if hand.account.role != "surveyor":
        return
    grids = sorted(
        world.random.sample(
            [world.grid(n) for n in range(1, GRIDS + 1)], world.random.randint(0, 2)
        )
    )
    await world.server.auth.update_account(await world.account(hand), grids=grids)
    world.moved = True
    world.say(f"{hand.name} now has {grids}")


async def pairing(world: World) -> None:
    """A pairing begins or ends."""
    helpers = [h.account.helper_id for h in world.hands if h.account.helper_id]
    if not helpers:
        return
    rows = [r for r in await world.office_rows("pairing") if "to_on" not in r.fields]
    if rows and world.random.random() < 0.5:
        row = world.random.choice(rows)
        world.moved = True
        # Over at once, or on a day that some histories come to.
        last = "2026-09-10" if int(row.id[-1], 16) % 2 else "2026-09-21"
        await world.commit(
            {row.id: ("pairing", {"to_on": last})}, world.shown_to_office(row.id), row.rev
        )
    else:
        await world.pair(world.random.choice(helpers))


async def office_delete(world: World) -> None:
    """The office removes a record, or brings one back."""
    gone = sorted(
        id for id, edits in world.oracle.of.items()
        if any(e.key == "present" and e.value is False for e in edits)
    )  # fmt: skip
    rows = await world.server.registry.rows_by_id(world.village, gone)
    back = [
        r for r in rows.values() if not r.present and r.type in KEYS and "alias_of" not in r.fields
    ]
    if back and world.random.random() < 0.5:
        row = world.random.choice(sorted(back, key=lambda r: r.id))
        world.report.acts["undelete"] += 1
        await world.commit(
            {row.id: (row.type, {"present": True})}, world.shown_to_office(row.id), row.rev
        )
        return
    found = await world.office_rows("child")
    if found:
        row = world.random.choice(found)
        shown = world.shown_to_office(row.id)
        await world.commit(
            {row.id: (row.type, {"present": False})}, {"present": shown["delete"]}, row.rev
        )


async def merge(world: World) -> None:
    """Two records turn out to be one, or not to be one after all."""
    rows = await world.office_rows("alias")
    if rows and world.random.random() < 0.4:
        row = world.random.choice(rows)
        world.report.acts["un-merge"] += 1
        shown = world.shown_to_office(row.id)
        await world.commit(
            {row.id: ("alias", {"present": False})}, {"present": shown["delete"]}, row.rev
        )
        return
    found = await world.office_rows(world.random.choice(("household", "child")))
    if len(found) > 1:
        a, b = world.random.sample(found, 2)
        world.moved = True
        await world.commit({world.fresh_id(): ("alias", {"a": a.id, "b": b.id})})


async def revoke(world: World) -> None:
    """A phone is reported lost; its owner gets another one."""
    hand = somebody(world)
    if hand.revoked or len([h for h in world.hands if h.active]) > 7:
        return
    await world.server.auth.revoke(world.village, hand.phone.disk.device)
    for other in world.hands:
        other.revoked |= other.phone.disk.device == hand.phone.disk.device
    world.fault("revoked", hand.name)
    world.hands.append(await world.enrol(f"{hand.name}'", await world.account(hand)))


async def release(world: World) -> None:
    """The office lets something out of quarantine."""
    waiting = [
        r for r in await world.server.registry.reviews(world.village) if r.kind == "quarantine"
    ]
    if waiting:
        review = world.random.choice(sorted(waiting, key=lambda r: (r.record, r.key)))
        generation, seq = map(int, review.key.split("/"))
        done = await world.server.registry.release(world.village, review.record, generation, seq)
        if done is not None:
            world.say(f"office releases {review.record} {review.key}")
            world.report.acts["released"] += 1
            world.oracle.released.add((review.record, generation, seq))
        await world.look_at_log()


# Faults of phones, clocks and servers


async def clock_jump(world: World) -> None:
    hand = somebody(world)
    hand.skew += world.random.choice((-1, 1)) * world.random.choice(
        (3_000, 7_200_000, 86_400_000 * 400, TEN_YEARS)
    )
    hand.skew = max(min(hand.skew, TEN_YEARS * 2), -TEN_YEARS * 2)
    world.fault("clock jump", f"{hand.name} to {hand.skew / 86_400_000:.1f} days off")


async def restart(world: World) -> None:
    hand = somebody(world)
    hand.booted = world.clock.now
    hand.open.clear()
    world.fault("phone restart", hand.name)


async def clone(world: World) -> None:
    """The phone's storage is copied to another phone, and both are used."""
    hand = somebody(world)
    if hand.revoked or len([h for h in world.hands if h.active]) > 7:
        return
    twin = Hand(
        f"{hand.name}=",
        hand.account,
        world.clock,
        hand.skew,
        world.clock.now,
        last=dict(hand.last),
        spoilt={*hand.spoilt},
    )
    world.hold(twin, hand.phone.disk.copy())
    world.hands.append(twin)
    world.fault("clone", hand.name)


async def roll_back(world: World) -> None:
    """Remember a phone's storage, and put an older one back (a phone's own backup)."""
    hand = somebody(world)
    if hand.name in world.old_disks and world.random.random() < 0.7:
        disk, last = world.old_disks.pop(hand.name)
        if disk.device != hand.phone.disk.device:
            return
        hand.open.clear()
        hand.spoilt.clear()
        hand.last = last
        world.hold(hand, disk)
        world.fault("roll back", hand.name)
    elif not hand.spoilt:
        world.old_disks[hand.name] = (hand.phone.disk.copy(), dict(hand.last))


async def evict(world: World) -> None:
    """The browser throws everything away; the person enrols again."""
    hand = somebody(world)
    if hand.revoked:
        return
    hand.active = False
    world.fault("eviction", hand.name)
    world.hands.append(await world.enrol(f"{hand.name}°", await world.account(hand)))


async def spoil(world: World) -> None:
    """One stored row is changed, lost, or there though it should not be."""
    hand = somebody(world)
    rows = [(b, id) for b, held in hand.phone.disk.rows.items() for id in sorted(held)]
    if not rows or hand.spoilt or hand.revoked:
        return
    bucket, id = world.random.choice(rows)
    disk = hand.phone.disk.copy()
    held = disk.rows[bucket]
    kind = world.random.choice(("corrupt row", "lost row", "surplus row"))
    row = held[id]
    if kind == "corrupt row":
        held[id] = [*row[:3], {**row[3], "x_bit": "rot"}, *row[4:]]
    elif kind == "lost row":
        del held[id]
    else:
        id = world.fresh_id()
        held[id] = [id, row[1], row[2], {"x_bit": "rot"}]
    hand.spoilt.add(id)
    hand.open = [f for f in hand.open if f.record != id]
    hand.phone.disk = disk
    world.fault(kind, f"{hand.name} {bucket} {id}")


async def back_up(world: World) -> None:
    """A backup is taken, and phones are told what they may forget."""
    await world.settle()
    world.backup = await world.server.database.read(backups.take(world.village))
    world.backup_log = await world.read_log()
    await world.server.database.write(lineage.keep(backups.newest(world.backup)))
    world.say("backup")


async def restore(world: World) -> None:
    """The server's disk is lost; the last backup comes back as a new lineage."""
    if not world.backup:
        return
    await world.settle()
    world.lost.append(
        await world.server.database.write(backups.bring_back(world.village, world.backup))
    )
    world.server.restart()
    world.drafts.clear()
    world.restored = True
    lost = len(world.oracle.log) - len(world.backup_log)
    held = [s for hand in world.hands for s in hand.phone.disk.saved if hand.active]
    unsure = {s.head["at"] for s in held if s.waits}
    world.oracle.restored(world.backup_log, {s.head["at"] for s in held} - unsure)
    await world.look_at_log()
    world.fault("restore", f"{lost} ops lost")
    for hand in world.hands:
        hand.active &= not hand.phone.disk.wiped
        if hand.revoked:  # whoever restores has to look at what was revoked since
            await world.server.auth.revoke(world.village, hand.phone.disk.device)


async def server_restart(world: World) -> None:
    world.server.restart()
    world.fault("server restart")


ACTS: dict[str, tuple[int, Callable[[World], Awaitable[None]]]] = {
    "edit": (28, edit),
    "rivals": (4, rivals), "finish a form": (8, finish), "create": (5, create), "visit": (7, visit),
    "delete": (3, delete), "malformed op": (1, nonsense), "sync": (28, sync), "one message": (9, one_message),
    "office edit": (6, office_edit), "settle": (3, settle), "move": (2, move), "reassign": (2, reassign),
    "pairing": (2, pairing), "office delete": (2, office_delete), "merge": (2, merge), "revoke": (1, revoke),
    "release": (2, release), "clock jump": (3, clock_jump), "restart": (2, restart), "clone": (1, clone),
    "roll back": (3, roll_back), "evict": (1, evict), "spoil": (2, spoil), "back up": (2, back_up),
    "restore": (1, restore), "server restart": (1, server_restart),
}  # fmt: skip
