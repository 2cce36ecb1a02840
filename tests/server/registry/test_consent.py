"""A guardian who takes consent back closes the file to volunteers at once; nothing they wrote is lost."""

from __future__ import annotations

import pytest

from server.registry import uuid7
from tests.helpers import Village, change, create, op


async def paired(village: Village) -> tuple[str, str, str]:
    """A household, its child, and the bucket of the helper paired with it."""
    home, helper = await village.household(grid=1), uuid7()
    child = await village.child(home)
    await village.commit(
        create(helper, "helper", name="方小兰", helper_kind="V"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on="2026-09-01"),
    )
    return home, child, f"helper:{helper}"


async def decide(village: Village, home: str, child: str, decision: str, on: str) -> None:
    await village.commit(
        create(uuid7(), "consent", household_id=home, child_id=child, version="2026",
               decision=decision, form="PAPER", occurred_on=on, **{"scope/VOL": True}),
    )  # fmt: skip


async def seen(village: Village, bucket: str) -> set[str]:
    pulled = await village.registry.pull(village.code, {bucket: (0, "")}, [bucket], 10**9)
    return {row.split('"')[1] for page in pulled.pages.values() for row in page.rows}


async def test_consent_taken_back_closes_the_file_to_the_helper_and_given_again_opens_it(
    village: Village,
) -> None:
    home, child, bucket = await paired(village)
    assert child in await seen(village, bucket)

    await decide(village, home, child, "BACK", "2026-11-02")
    assert await seen(village, bucket) == set()

    await decide(village, home, child, "YES", "2026-11-03")
    assert {home, child} <= await seen(village, bucket)


@pytest.mark.parametrize("status", ["R", "X"])
async def test_a_file_that_says_refused_is_closed_too(village: Village, status: str) -> None:
    _, child, bucket = await paired(village)
    row = await village.registry.row(village.code, child)
    assert row is not None

    await village.commit(change(child, "child", row.rev, consent_status=status))

    assert await seen(village, bucket) == set()


async def test_what_a_phone_wrote_before_it_heard_waits_for_the_office(village: Village) -> None:
    home, child, bucket = await paired(village)
    row = await village.registry.row(village.code, child)
    assert row is not None
    phone, visit = await village.device(), uuid7()
    await decide(village, home, child, "BACK", "2026-11-02")

    pushed = await village.push(
        phone, 1,
        op(create(visit, "visit", household_id=home, child_id=child, met__CHI=True,
                  occurred_on="2026-11-02")),
        buckets=frozenset({"village", bucket}), role="volunteer",
    )  # fmt: skip

    assert [v["verdict"] for v in pushed.verdicts] == ["quarantined"]
    assert await village.registry.row(village.code, visit) is None
    assert await village.registry.quarantined(village.code, phone, 1, 1) is not None


async def test_a_sibling_who_may_be_seen_opens_no_way_to_write_about_the_other(
    village: Village,
) -> None:
    home, child, bucket = await paired(village)
    other, visit = await village.child(home), uuid7()
    phone = await village.device()

    pushed = await village.push(
        phone, 1,
        op(create(visit, "visit", household_id=home, child_id=other, occurred_on="2026-11-02")),
        buckets=frozenset({"village", bucket}), role="volunteer",
    )  # fmt: skip

    assert [v["reason"] for v in pushed.verdicts] == ["out_of_scope"]
    assert child != other
