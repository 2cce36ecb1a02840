"""What an author had seen, and when an edit was made, are settled once and for ever, whatever comes later."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.registry import now_ms, uuid7
from tests.helpers import Village, change, create, op

HOUR = 3_600_000


async def values(village: Village, id: str, key: str) -> set[Any]:
    siblings = await village.registry.siblings(village.code, id, key)
    assert siblings is not None
    return {edit.value for edit in siblings.edits}


async def rev_of(village: Village, id: str) -> int:
    row = await village.registry.row(village.code, id)
    assert row is not None
    return row.rev


async def test_a_base_from_the_future_has_seen_nothing(village: Village) -> None:
    home, phone = await village.household(), await village.device()

    await village.push(phone, 1, op(change(home, "household", 10**6, head_name="石大叔甲")))
    await village.commit(change(home, "household", 10**6, head_name="安大叔甲"))

    assert await values(village, home, "head_name") == {"谷大叔甲", "石大叔甲", "安大叔甲"}


async def test_an_op_that_claims_a_rev_which_was_never_lost_counts_as_new(village: Village) -> None:
    home, phone = await village.household(), await village.device()
    claiming = replace(
        op(change(home, "household", await rev_of(village, home), head_name="石大叔甲")), was=(1,)
    )

    await village.push(phone, 1, claiming)

    assert await values(village, home, "head_name") == {"石大叔甲"}


async def test_the_time_of_an_edit_is_fixed_when_it_is_first_accepted(village: Village) -> None:
    """A retry with another clock must not date it anew: who saw it has seen it at that time."""
    home, phone = await village.household(), await village.device()
    now = now_ms()
    edit = op(change(home, "household", 99, population=4), at=now - 9 * HOUR)
    await village.push(phone, 1, edit, offset=0, arrival=now)

    await village.push(phone, 1, edit, offset=5 * HOUR, arrival=now + HOUR)
    await village.push(
        phone, 1, edit, op(change(home, "household", 99, away_count=1), at=now - 7 * HOUR),
        offset=5 * HOUR, arrival=now + HOUR,
    )  # fmt: skip

    history = await village.registry.history(village.code, home)
    assert [e.at for e in history if e.key == "population"] == [now - 9 * HOUR]
    assert [e.at for e in history if e.key == "away_count"] == [now - 2 * HOUR]


async def test_an_edit_out_of_quarantine_has_its_own_time_and_base(village: Village) -> None:
    """It replaces what its author had seen, and dates from the day it was made."""
    home, phone = await village.household(), await village.device()
    base, made_at = await rev_of(village, home), now_ms() - 9 * HOUR
    await village.auth.revoke(village.code, phone)
    await village.push(
        phone, 1, op(change(home, "household", base, head_name="石大叔甲"), at=made_at)
    )

    released = await village.registry.release(village.code, phone, 1, 1)

    history = await village.registry.history(village.code, home)
    row = await village.registry.row(village.code, home)
    assert released is not None
    assert row is not None
    assert (row.fields["head_name"], row.contested) == ("石大叔甲", {})
    assert [e.at for e in history if e.value == "石大叔甲"] == [made_at]


@pytest.mark.parametrize("in_one_push", [True, False])
async def test_who_saw_through_an_op_kept_aside_saw_what_that_op_had_replaced(
    village: Village, in_one_push: bool
) -> None:
    """Three edits of one field, one after the other; only the middle one may not be applied."""
    home, strange = await village.household(), await village.household(grid=2)
    base, far = await rev_of(village, home), await rev_of(village, strange)
    phone = await village.device()
    beyond = change(strange, "household", far, population=9)
    middle = change(home, "household", base, {"head_name": 1}, head_name="石大叔甲")
    last = change(home, "household", base, {"head_name": 2}, head_name="方大叔甲")
    ops = [
        op(change(home, "household", base, head_name="安大叔甲")),
        op(middle, beyond),
        op(last),
    ]
    scope = {"buckets": frozenset({"village", "grid:01"}), "role": "surveyor"}

    if in_one_push:
        await village.push(phone, 1, *ops, **scope)
    else:
        for seq, each in enumerate(ops, 1):
            await village.push(phone, seq, each, **scope)

    assert await values(village, home, "head_name") == {"方大叔甲"}
    assert await village.registry.release(village.code, phone, 1, 2)
    assert await values(village, home, "head_name") == {"方大叔甲"}
    assert await village.registry.recount(village.code) == []


async def test_what_was_released_is_latest_only_by_its_own_time(village: Village) -> None:
    home, phone, other = (
        await village.household(),
        await village.device(),
        await village.device("d2"),
    )
    base, now = await rev_of(village, home), now_ms()
    await village.auth.revoke(village.code, phone)
    await village.push(
        phone, 1, op(change(home, "household", base, population=4), at=now - 9 * HOUR)
    )
    await village.push(other, 1, op(change(home, "household", base, population=5), at=now - HOUR))

    await village.registry.release(village.code, phone, 1, 1)

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert (row.fields["population"], row.contested["population"]) == (5, [4])


async def test_releasing_an_edit_settles_nothing_in_the_offices_name(village: Village) -> None:
    child = await village.child(await village.household(), risk_level="G")
    base = await rev_of(village, child)
    devices = [await village.device(f"d{n}") for n in range(3)]
    await village.push(devices[0], 1, op(change(child, "child", base, risk_level="O")))
    await village.push(devices[1], 1, op(change(child, "child", base, risk_level="Y")))
    await village.auth.revoke(village.code, devices[2])
    seen = await rev_of(village, child)
    await village.push(devices[2], 1, op(change(child, "child", seen, risk_level="G")))

    await village.registry.release(village.code, devices[2], 1, 1)

    assert await values(village, child, "risk_level") == {"O", "Y", "G"}


async def test_who_was_shown_a_class_with_a_held_key_cannot_clear_it(village: Village) -> None:
    """Merging two children made their names contested on every screen; a surveyor's edit only adds to it."""
    home = await village.household()
    first, second = (
        await village.child(home, name="谷梓涵"),
        await village.child(home, name="谷子涵"),
    )
    await village.commit(create(uuid7(), "alias", a=first, b=second))
    phone, seen = await village.device(), await rev_of(village, first)

    await village.push(phone, 1, op(change(first, "child", seen, name="谷小涵")))

    assert await values(village, first, "name") == {"谷梓涵", "谷子涵", "谷小涵"}
