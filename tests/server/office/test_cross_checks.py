"""What does not fit together across records is listed with what to do, and goes when it is put right."""

from typing import Any

from server.programme.joint import counted
from server.registry import now_ms, uuid7
from tests.helpers import Village, change, create, op
from tests.server.office.browser import Browser, words

ADDRESS = "/office/checks"


async def pair(village: Village, helper: str, home: str, n: int) -> list[str]:
    pairings = []
    for _ in range(n):
        child, pairing = await village.child(home), uuid7()
        await village.commit(
            create(pairing, "pairing", child_id=child, helper_id=helper, from_on="2026-09-01")
        )
        pairings.append(pairing)
    return pairings


async def test_a_village_where_all_fits_says_so(office: Browser, sqlite_village: Village) -> None:
    await sqlite_village.child(await sqlite_village.household())

    assert "都对得上" in words(await office.get(ADDRESS))


async def test_a_fourth_child_of_a_helper_is_too_many_until_one_pairing_ends(
    office: Browser, sqlite_village: Village
) -> None:
    village, home, helper = sqlite_village, await sqlite_village.household(), uuid7()
    await village.commit(create(helper, "helper", name="江老师甲", helper_kind="T"))
    pairings = await pair(village, helper, home, 3)
    assert "都对得上" in words(await office.get(ADDRESS))

    (extra,) = await pair(village, helper, home, 1)
    listed = words(await office.get(ADDRESS))
    assert "帮扶人结对超过约定人数" in listed
    assert "江老师甲" in listed

    row = await village.registry.row(village.code, extra)
    assert row is not None
    await village.commit(change(extra, "pairing", row.rev, to_on="2026-11-01"))
    assert "都对得上" in words(await office.get(ADDRESS))
    assert len(pairings) == 3


async def test_who_agreed_to_five_children_may_have_five(
    office: Browser, sqlite_village: Village
) -> None:
    village, home, helper = sqlite_village, await sqlite_village.household(), uuid7()
    await village.commit(create(helper, "helper", name="江老师甲", helper_kind="T", max_children=5))
    await pair(village, helper, home, 5)

    assert "都对得上" in words(await office.get(ADDRESS))


async def test_two_main_carers_and_one_number_for_two_households_are_found(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household(household_no="x1")
    await village.household(household_no="x1")
    child = await village.child(home)
    for name in ("谷奶奶甲", "谷姑姑甲"):
        carer = uuid7()
        await village.commit(create(carer, "person", household_id=home, name=name))
        await village.commit(
            create(uuid7(), "guardianship", child_id=child, carer_id=carer, is_main="Y",
                   valid_from="2026-01-01"),
        )  # fmt: skip

    listed = words(await office.get(ADDRESS))

    assert "同时有两个主要照护人" in listed
    assert "两户用了同一个户号" in listed


async def events(village: Village, type: str, *authors: str, **fields: Any) -> list[str]:
    """The same event written down by several people; their ids."""
    made = []
    for n, author in enumerate(authors):
        device = await village.device(f"{type}{n}")
        id = uuid7()
        await village.push(device, 1, op(create(id, type, **fields), at=now_ms()), author=author)
        made.append(id)
    return made


async def test_a_survey_typed_in_after_the_phone_brought_it_shows_until_it_is_corrected(
    office: Browser, sqlite_village: Village
) -> None:
    village, home = sqlite_village, await sqlite_village.household()
    survey = {"household_id": home, "result": "V", "occurred_on": "2026-11-10"}
    _, typed = await events(village, "survey", "谷网格甲", "安文书甲", **survey)

    listed = words(await office.get(ADDRESS))
    assert "同一户同一天有两份摸底调查" in listed
    assert "谷网格甲" in listed

    await village.commit(
        create(uuid7(), "survey", **{**survey, "result": "A", "corrects_id": typed})
    )
    assert "都对得上" in words(await office.get(ADDRESS))


async def test_one_thing_counted_twice_on_a_day_is_found(
    office: Browser, sqlite_village: Village
) -> None:
    village, item = sqlite_village, uuid7()
    await village.commit(create(item, "inventory_item", name="跳绳", place_id=uuid7()))
    count = {"item_id": item, "change": -1, "reason": "COUNT", "occurred_on": "2026-11-10"}

    await events(village, "stock", "石大叔甲", "安阿姨甲", **count)

    listed = words(await office.get(ADDRESS))
    assert "同一天盘点了两次" in listed
    assert "跳绳" in listed


async def test_a_visit_both_partners_wrote_down_counts_once_and_asks_for_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    village, home = sqlite_village, await sqlite_village.household()
    child = await village.child(home)
    visit = {"household_id": home, "child_id": child, "occurred_on": "2026-11-10"}
    await events(village, "visit", "大学生志愿者甲", "大学生志愿者乙", **visit)

    rows = await village.registry.rows(village.code, "visit")

    assert len(rows) == 2
    assert counted(row.fields for row in rows) == 1
    assert "按一次走访计数" in words(await office.get(ADDRESS))
    assert counted([visit, {**visit, "occurred_on": "2026-11-11"}, {}, {}]) == 4
