"""Answers that break a rule of their form are listed with the way to put them right, and go when they are."""

import gc

from server.registry import uuid7
from tests.helpers import Village, change, create
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words

ADDRESS = "/office/odd"
WRONG = "110105194912310021"
GRID = "99001234520101"
"""A grid of a village as GB/T 10114 has it; the village of the tests has a code of none."""


async def test_a_village_without_oddities_says_so(office: Browser, sqlite_village: Village) -> None:
    await sqlite_village.commit(create(uuid7(), "household", grid_code=GRID, head_name="谷大叔甲"))

    assert "没有疑点" in words(await office.get(ADDRESS))


async def test_an_odd_answer_is_listed_until_it_is_put_right(
    office: Browser, sqlite_village: Village
) -> None:
    village, house = sqlite_village, uuid7()
    await village.commit(
        create(house, "household", grid_code=GRID, head_name="谷大叔甲", population="四五个")
    )

    listed = await office.get(ADDRESS)
    assert "谷大叔甲" in words(listed)
    assert "家庭人口 四五个 请填整数" in words(listed)
    assert f'href="/office/records/{house}/edit/members"' in listed.text

    row = await village.registry.row(village.code, house)
    assert row is not None
    await village.commit(change(house, "household", row.rev, population=4))
    assert "没有疑点" in words(await office.get(ADDRESS))


async def test_what_was_odd_about_an_answer_is_forgotten_with_the_answer(
    office: Browser, sqlite_village: Village
) -> None:
    """It must not stay in memory for ever, as long as people correct each other."""
    village = sqlite_village
    home = await village.household(population=99)
    for number in range(8):
        row = await village.registry.row(village.code, home)
        assert row is not None
        await village.commit(change(home, "household", row.rev, population=f"约{number}百人"))
        assert f"约{number}百人 请填整数" in words(await office.get(ADDRESS))

    gc.collect()
    held = [[*it] for it in gc.get_objects() if type(it) is dict]
    said_of = [key for keys in held for key in keys if type(key) is tuple and home in key]

    assert said_of == []


async def test_it_stands_on_the_file_beside_the_answer(
    office: Browser, sqlite_village: Village
) -> None:
    house = await sqlite_village.household(population=99)

    file = words(await office.get(f"/office/records/{house}"))

    assert "99 请核对" in file


async def test_an_odd_identity_number_is_listed_masked(
    office: Browser, sqlite_village: Village
) -> None:
    house = await sqlite_village.household()
    await sqlite_village.child(house, id_number=WRONG)

    listed = await office.get(ADDRESS)

    assert "校验码不对" in listed.text
    assert WRONG not in listed.text


async def test_the_list_is_filtered_by_type_and_by_what_is_odd(
    office: Browser, sqlite_village: Village
) -> None:
    house = await sqlite_village.household(population=99)
    await sqlite_village.child(house, name="谷小满", id_number=WRONG)

    children = words(await office.get(f"{ADDRESS}?type=child"))
    numbers = words(await office.get(f"{ADDRESS}?code=constraint"))

    assert "校验码不对" in children
    assert "谷大叔甲" not in children
    assert "99" in numbers
    assert "校验码不对" not in numbers


async def test_an_event_is_corrected_and_not_edited(
    office: Browser, sqlite_village: Village
) -> None:
    house = await sqlite_village.household()
    child = await sqlite_village.child(house)
    await sqlite_village.commit(
        create(
            uuid7(), "visit", household_id=house, child_id=child, occurred_on="2024-09-10",
            visit_kind="77",
        )
    )  # fmt: skip

    listed = words(await office.get(f"{ADDRESS}?type=visit"))

    assert "“77”不在选项中 另记一条更正" in listed


async def test_who_reads_no_children_sees_no_oddities(
    visitor: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="root", name="米管理甲", role="admin", password=PASSWORD
    )
    await visitor.sign_in("root")

    assert_refused(await visitor.get(ADDRESS), 403, "not_allowed")
