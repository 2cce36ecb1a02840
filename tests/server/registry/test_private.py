"""What stays with the office: private talks and mandatory reports are in nobody's bucket."""

from __future__ import annotations

from server.registry import uuid7
from tests.helpers import Village, change, create, op


async def everywhere(village: Village, *buckets: str) -> set[str]:
    pulled = await village.registry.pull(
        village.code, dict.fromkeys(buckets, (0, "")), list(buckets), 10**9
    )
    return {row.split('"')[1] for page in pulled.pages.values() for row in page.rows}


async def test_a_private_talk_reaches_no_phone_and_an_open_one_those_of_its_child(
    village: Village,
) -> None:
    home, helper = await village.household(grid=1), uuid7()
    child = await village.child(home)
    await village.commit(
        create(helper, "helper", name="方小兰", helper_kind="V"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on="2026-09-01"),
    )
    open_, private = uuid7(), uuid7()
    for id, secret in ((open_, "N"), (private, "Y")):
        await village.commit(
            create(id, "talk", household_id=home, child_id=child, party="CHI", channel="1",
                   private=secret, occurred_on="2026-11-01", content="想妈妈"),
        )  # fmt: skip

    held = await everywhere(village, "village", "grid:01", "grid:02", f"helper:{helper}")
    known = {row.id for row in await village.registry.rows(village.code, "talk")}

    assert open_ in held
    assert private not in held
    assert known == {open_, private}


async def test_what_came_of_a_request_and_where_a_child_was_reach_its_helper(
    village: Village,
) -> None:
    home, helper = await village.household(grid=1), uuid7()
    child, other = await village.child(home), await village.child(home)
    await village.commit(
        create(helper, "helper", name="方小兰", helper_kind="V"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on="2026-09-01"),
    )
    steps, attended = {}, {}
    for id in (child, other):
        request = uuid7()
        await village.commit(
            create(request, "help_request", household_id=home, child_id=id, request_kind="1")
        )
        steps[id], attended[id] = uuid7(), uuid7()
        await village.commit(create(steps[id], "help_step", help_request_id=request, state="2"))
        await village.commit(create(attended[id], "attendance", household_id=home, person_id=id))

    held = await everywhere(village, f"helper:{helper}")

    assert {steps[child], attended[child]} <= held
    assert not {steps[other], attended[other]} & held


async def test_a_private_talk_stays_private_when_its_household_moves(village: Village) -> None:
    home = await village.household(grid=1)
    child, talk = await village.child(home), uuid7()
    await village.commit(
        create(talk, "talk", household_id=home, child_id=child, party="CHI", channel="1",
               private="Y", occurred_on="2026-11-01"),
    )  # fmt: skip
    row = await village.registry.row(village.code, home)
    assert row is not None

    await village.commit(change(home, "household", row.rev, grid_code=village.grid(2)))

    held = await everywhere(village, "village", "grid:01", "grid:02")
    assert child in held
    assert talk not in held


async def test_a_mandatory_report_is_taken_from_any_phone_and_given_to_none(
    village: Village,
) -> None:
    home = await village.household(grid=1)
    child, report = await village.child(home), uuid7()
    phone = await village.device()
    pushed = await village.push(
        phone, 1,
        op(create(report, "mandatory_report", household_id=home, child_id=child, circumstance="6",
                  occurred_on="2026-11-01", reported_at="09:30")),
        buckets=frozenset({"village", "grid:02"}), role="volunteer",
    )  # fmt: skip

    assert pushed.verdicts == []
    assert report not in await everywhere(village, "village", "grid:01", "grid:02")
    assert await village.registry.row(village.code, report) is not None
