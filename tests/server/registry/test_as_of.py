"""The register of a past day: what the server had accepted by then, on both databases."""

from server.registry import now_ms, uuid7
from tests.helpers import Village, change, create, op

DAY = 86_400_000


async def at(village: Village, instant: int, *types: str) -> dict[str, dict[str, object]]:
    rows = await village.registry.rows_as_of(village.code, instant, *types)
    return {row.id: row.fields for row in rows}


async def test_a_record_is_shown_as_it_stood_at_the_end_of_the_day(village: Village) -> None:
    device, now = await village.device(), now_ms()
    child, household = uuid7(), await village.household()
    made = create(child, "child", household_id=household, name="谷小满", risk_level="G")

    await village.push(device, 1, op(made), arrival=now + DAY)
    await village.push(
        device, 2, op(change(child, "child", 99, risk_level="O")), arrival=now + 3 * DAY
    )

    assert child not in await at(village, now + DAY - 1, "child")
    assert (await at(village, now + 2 * DAY, "child"))[child]["risk_level"] == "G"
    assert (await at(village, now + 3 * DAY, "child"))[child]["risk_level"] == "O"


async def test_what_was_done_before_and_came_later_was_not_known_yet(village: Village) -> None:
    device, now = await village.device(), now_ms()
    household = await village.household()

    await village.push(
        device, 1,
        op(create(child := uuid7(), "child", household_id=household, name="方立夏"), at=now - 9 * DAY),
        arrival=now + DAY,
    )  # fmt: skip

    assert child not in await at(village, now, "child")
    assert child in await at(village, now + DAY, "child")


async def test_today_equals_the_rows_of_today(village: Village) -> None:
    household = await village.household()
    await village.child(household)
    removed = await village.child(household)
    await village.commit(change(removed, "child", 99, present=False))

    rows = await village.registry.rows(village.code, "child", "household", "grid")

    assert await at(village, now_ms(), "child", "household", "grid") == {
        row.id: row.fields for row in rows
    }


async def test_records_that_were_merged_later_were_two(village: Village) -> None:
    household, now = await village.household(), now_ms()
    a, b = await village.child(household), await village.child(household)
    device = await village.device()
    await village.push(
        device, 1, op(create(uuid7(), "alias", a=a, b=b)), arrival=now + DAY, authority=True
    )

    assert {a, b} <= (await at(village, now + DAY - 1, "child")).keys()
    joined = await at(village, now + DAY, "child")
    assert len({a, b} & joined.keys()) == 1


async def test_changes_are_counted_by_the_day_they_were_accepted(village: Village) -> None:
    device, now = await village.device(), now_ms()
    child = await village.child(await village.household())
    for n in (1, 2):
        edit = op(change(child, "child", 99, talent=f"跳绳{n}"))
        await village.push(device, n, edit, arrival=now + n * DAY)

    assert await village.registry.changes(village.code, "child", now, now + DAY) == 1
    assert await village.registry.changes(village.code, "child", now, now + 2 * DAY) == 2
    assert await village.registry.changes(village.code, "household", now, now + 2 * DAY) == 0


async def test_a_record_was_last_changed_when_its_last_edit_was_accepted(village: Village) -> None:
    device, now = await village.device(), now_ms()
    home = await village.household()
    touched, still = await village.child(home), await village.child(home)
    edit = op(change(touched, "child", 99, talent="跳绳"), at=now - DAY)

    await village.push(device, 1, edit, arrival=now + DAY)

    changed = await village.registry.last_changed(village.code, "child")
    assert changed.keys() == {touched, still}
    assert changed[touched] == now + DAY
    assert changed[still] < now + DAY
