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


async def test_a_loving_mother_loves_in_whatever_role_she_is_paired_and_who_has_nobody_is_not_guarded(
    office: Browser, sqlite_village: Village
) -> None:
    village, mother = sqlite_village, uuid7()
    child = await left_behind_child(village, "石惊蛰")
    await village.commit(
        create(mother, "helper", name="方妈妈甲", helper_kind="M"),
        create(uuid7(), "pairing", child_id=child, helper_id=mother, kind="FUND", state="V"),
        create(uuid7(), "guardianship", child_id=child, carer_kind="NONE", is_main="Y"),
    )

    shown = words(await office.get("/office/checklists"))

    assert "心有人爱 1 / 1 · 身有人护 0 / 1 · 学有人教 0 / 1 · 难有人帮 1 / 1" in shown
    assert "爱心妈妈 1 / 1" in shown


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


async def left_behind_child(village: Village, name: str) -> str:
    return await village.child(
        await village.household(), name=name, birth_date="2017-02-11", ward_status="A",
        left_behind_fact="B",
    )  # fmt: skip


async def test_the_nine_ones_are_counted_from_this_terms_records(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child, other = [await left_behind_child(village, name) for name in ("石惊蛰", "方立夏")]
    helper, lecture, trip, old = (uuid7() for _ in range(4))
    shown = words(await office.get("/office/checklists"))
    assert "一部亲情电话 没有" in shown
    assert "一帮一 0 / 2" in shown
    await village.commit(
        create(uuid7(), "place", name="儿童之家", phone="10000000001"),
        create(helper, "helper", name="安白露", helper_kind="M"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, kind="PEER", state="V"),
        create(uuid7(), "activity", title="书画展", activity_kind="08", occurred_on=today()),
        create(lecture, "activity", title="安全课", activity_kind="04", occurred_on=today()),
        create(trip, "activity", title="游园", activity_kind="09", occurred_on=today()),
        create(old, "activity", title="旧课", activity_kind="04", occurred_on="2019-01-01"),
        create(uuid7(), "attendance", activity_id=lecture, person_id=child, occurred_on=today()),
        create(uuid7(), "attendance", activity_id=old, person_id=other, occurred_on="2019-01-01"),
        create(uuid7(), "family_call", child_id=other, kind="3", occurred_on=today()),
        create(uuid7(), "family_call", child_id=child, kind="1", occurred_on=today()),
        create(uuid7(), "deed", child_id=child, kind="HOME", deed="洗碗", occurred_on=today()),
        create(uuid7(), "deed", child_id=other, kind="PUB", deed="扫街", occurred_on="2019-01-01"),
    )

    shown = words(await office.get("/office/checklists"))

    for said in (
        "一个留守儿童之家 有 儿童之家", "一部亲情电话 有 儿童之家", "一个活动平台 有 书画展",
        "一帮一 1 / 2", "爱心妈妈 1 / 2", "听过讲座 1 / 2", "参加游览 0 / 2", "写过信 1 / 2",
        "做一件有意义的事 1 / 2", "2 名孩子还缺",
    ):  # fmt: skip
        assert said in shown


async def test_the_four_stages_are_reached_one_by_one(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await left_behind_child(village, "石惊蛰")
    for change, reached in (
        (create(uuid7(), "org_role", name="安白露", role="HEAD", to_on="2019-01-01"), 0),
        (create(uuid7(), "org_role", name="安白露", role="HEAD"), 1),
        (create(uuid7(), "place", name="儿童之家"), 2),
        (create(uuid7(), "place", name="活动室", rules_posted__DUTY=True), 3),
        (create(uuid7(), "duty_done", occurred_on="2019-01-01"), 3),
        (create(uuid7(), "duty_done", occurred_on=today()), 4),
    ):
        fields = {key.replace("__", "/"): value for key, value in change.set.items()}
        await village.commit(type(change)(change.record, change.type, 0, fields))

        shown = words(await office.get("/office/checklists"))

        assert f"创、办、建、管：{reached} / 4" in shown


async def test_a_session_needs_three_persons_in_three_roles(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    place, one, two, three = (uuid7() for _ in range(4))

    slots = [create(place, "place", name="儿童之家")]
    for role, helper in (("CADRE", one), ("TCH", two), ("TUTOR", three)):
        for on, time, person in (
            (today(), "DAY", {"helper_id": helper}),
            (today(), "AM", {"helper_id": one}),
            (today(), "EVE", {} if role == "TCH" else {"helper_id": helper}),
            ("2019-01-01", "DAY", {}),
        ):
            known = {"place_id": place, "on_date": on, "slot": time, "role": role}
            slots.append(create(uuid7(), "roster_slot", **known, **person))
    await village.commit(*slots)

    shown = words(await office.get("/office/checklists"))

    assert "每期三人：3 班里 2 班不足" in shown
    assert "早 儿童之家 1 一人兼两样" in shown
    assert "晚 儿童之家 2 班主任" in shown
