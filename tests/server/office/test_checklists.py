"""The seven haves and the four haves, computed from what is recorded."""

from server.office.pages import today
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, words


async def test_an_empty_village_has_none_of_the_seven(office: Browser) -> None:
    shown = words(await office.get("/office/checklists"))

    assert "七个有：0 / 7" in shown
    assert "还没有在册的留守儿童" in shown


async def test_each_of_the_seven_is_had_by_what_is_recorded(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await village.commit(
        create(uuid7(), "place", name="儿童之家", rules_posted="01"),
        create(uuid7(), "activity", title="手工课", activity_kind="01", occurred_on=today()),
        create(uuid7(), "activity", title="旧活动", activity_kind="01", occurred_on="2019-01-01"),
        create(uuid7(), "org_role", name="安白露", role="01", to_on="2019-01-01"),
    )

    shown = words(await office.get("/office/checklists"))

    assert "七个有：3 / 7" in shown
    assert "有活动 有 1" in shown
    assert "旧活动" not in shown
    assert "有队伍 没有 0" in shown


async def test_a_child_is_listed_until_all_four_are_there(
    office: Browser, sqlite_village: Village
) -> None:
    village, home = sqlite_village, await sqlite_village.household()
    child = await village.child(
        home, name="石惊蛰", birth_date="2017-02-11", ward_status="A", left_behind_fact="B"
    )
    teacher, carer, mother = uuid7(), uuid7(), uuid7()
    ended = uuid7()
    await village.commit(
        create(teacher, "helper", name="方立夏", helper_kind="T"),
        create(mother, "pairing", child_id=child, helper_id=teacher, kind="PAR", state="V"),
        create(ended, "pairing", child_id=child, helper_id=teacher, kind="MUM", state="E"),
    )
    shown = words(await office.get("/office/checklists"))
    assert "1 名留守儿童，1 名不全" in shown
    assert "心有人爱 1 / 1 · 身有人护 0 / 1 · 学有人教 1 / 1 · 难有人帮 1 / 1" in shown

    await village.commit(
        create(carer, "guardianship", child_id=child, carer_id=uuid7(), is_main="Y")
    )
    shown = words(await office.get("/office/checklists"))
    assert "1 名留守儿童，0 名不全" in shown
    assert "每个孩子四样都有" in shown


async def test_a_child_with_a_peer_alone_is_helped_but_neither_loved_nor_taught(
    office: Browser, sqlite_village: Village
) -> None:
    village, home = sqlite_village, await sqlite_village.household()
    child = await village.child(
        home, name="石惊蛰", birth_date="2017-02-11", ward_status="A", left_behind_fact="B"
    )
    await village.commit(
        create(uuid7(), "pairing", child_id=child, helper_id=uuid7(), kind="PEER", state="V")
    )

    shown = words(await office.get("/office/checklists"))

    assert "心有人爱 0 / 1 · 身有人护 0 / 1 · 学有人教 0 / 1 · 难有人帮 1 / 1" in shown
    assert "石惊蛰" in shown
