"""Who may hold a child is who is paired with it today: nobody before the pairing begins, after it is over, or while it
waits for a helper."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from server.registry import Batch, now_ms, uuid7
from server.registry.placement import CHINA
from tests.helpers import Village, change, create, op

DAY_MS = 86_400_000


def day(offset: int) -> str:
    """A day in China, so many days from today."""
    today: date = datetime.now(CHINA).date()
    return (today + timedelta(days=offset)).isoformat()


async def pair(village: Village, **fields: str) -> tuple[str, str, str]:
    """Child, pairing and the helper's bucket."""
    child, helper, pairing = await village.child(await village.household()), uuid7(), uuid7()
    await village.commit(
        create(helper, "helper", name="安老师", helper_kind="T", active="Y"),
        create(pairing, "pairing", child_id=child, helper_id=helper, **fields),
    )
    return child, pairing, f"helper:{helper}"


async def syncs(village: Village, bucket: str, days: int = 0) -> set[str]:
    """The records a helper's phone is sent, so many days from now."""
    device = await village.device()
    batch = Batch(device, [], now_ms() + days * DAY_MS, "安老师", buckets=frozenset([bucket]))
    _, pulled = await village.registry.exchange(
        village.code, batch, {bucket: (0, "")}, [bucket], 10**6
    )
    return {row.split('"')[1] for row in pulled.pages[bucket].rows}


async def head(village: Village) -> int:
    found = await village.registry.village(village.code)
    assert found is not None
    return found.rev


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({"from_on": day(0)}, True),
        ({"from_on": day(-9), "to_on": day(0)}, True),
        ({"from_on": day(-9), "to_on": day(9)}, True),
        ({"state": "V"}, True),
        ({"from_on": day(1)}, False),
        ({"from_on": day(-9), "to_on": day(-1)}, False),
        ({"state": "W", "from_on": day(-9)}, False),
        ({"state": "E", "from_on": day(-9)}, False),
    ],
)
async def test_only_who_is_paired_today_holds_the_child(
    village: Village, fields: dict[str, str], holds: bool
) -> None:
    child, _, bucket = await pair(village, **fields)

    assert (child in await syncs(village, bucket)) is holds


async def test_the_day_it_begins_brings_the_child_and_the_day_after_its_last_takes_it_away(
    village: Village,
) -> None:
    child, pairing, bucket = await pair(village, from_on=day(2), to_on=day(4))
    before = await head(village)

    assert await syncs(village, bucket, 1) == set()
    assert await head(village) == before, "a day that changes nothing uses no revision"
    assert {child, pairing} <= await syncs(village, bucket, 2)
    assert child in await syncs(village, bucket, 4)
    assert await syncs(village, bucket, 5) == set()

    assert await head(village) == before + 2
    assert await village.registry.recount(village.code) == []


async def test_a_pairing_that_begins_to_wait_for_a_helper_takes_the_child_from_who_has_gone(
    village: Village,
) -> None:
    child, pairing, bucket = await pair(village, from_on=day(-9))
    assert child in await syncs(village, bucket)

    await village.commit(change(pairing, "pairing", await head(village), state="W"))

    assert await syncs(village, bucket) == set()


async def test_a_helper_whose_pairing_has_not_begun_waits_for_the_office_with_what_they_write(
    village: Village,
) -> None:
    child, _, bucket = await pair(village, from_on=day(1))
    row = await village.registry.row(village.code, child)
    assert row is not None
    visit, device = uuid7(), await village.device()

    pushed = await village.push(
        device, 1,
        op(create(visit, "visit", child_id=child, household_id=row.fields["household_id"], occurred_on=day(0))),
        buckets=frozenset({bucket}), role="volunteer",
    )  # fmt: skip

    assert pushed.verdicts[0]["reason"] == "out_of_scope"


async def test_two_helpers_of_a_child_are_told_apart_by_their_own_days(village: Village) -> None:
    child, _, first = await pair(village, from_on=day(-9), to_on=day(0))
    helper = uuid7()
    await village.commit(
        create(helper, "helper", name="江老师", helper_kind="T", active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on=day(1)),
    )
    second = f"helper:{helper}"

    held = [[child in await syncs(village, it, n) for it in (first, second)] for n in (0, 1)]

    assert held == [[True, False], [False, True]]
    assert await village.registry.recount(village.code) == []


async def test_a_file_closed_by_the_guardian_stays_closed_whatever_the_day(
    village: Village,
) -> None:
    child, _, bucket = await pair(village, from_on=day(1))
    await village.commit(change(child, "child", await head(village), consent_status="R"))
    before = await head(village)

    assert await syncs(village, bucket, 1) == set()
    assert await head(village) == before
