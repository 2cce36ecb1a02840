"""Work books, plans, sheets for the wall, health sheets and awards: what they say and what they keep back."""

from typing import Any

import pytest

from server.office.prints.catalogue import PRINTOUTS
from server.office.prints.wall import masked_name, masked_phone
from server.registry import uuid7
from sync import Change
from tests.helpers import Village, create
from tests.server.office.browser import Browser, words
from tests.server.office.test_printouts import LEFT, a_family

PERIOD = "since=2026-09-01&until=2026-09-30"


def noted(kind: str, who: str, on: str, **fields: Any) -> Change:
    """An event that somebody wrote on paper and the office typed in."""
    return create(
        uuid7(), kind, typed_by="村办公室", recorded_by=who, occurred_on=on, **fields
    )  # fmt: skip


def helper(id: str, **fields: Any) -> Change:
    return create(id, "helper", name="方老师甲", helper_kind="T", active="Y", **fields)


async def test_a_work_book_has_all_that_one_person_noted_in_the_period_and_nothing_else(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await a_family(village)
    about = {"household_id": home, "child_id": child}
    teacher = uuid7()
    await village.commit(
        helper(teacher),
        create(uuid7(), "pairing", child_id=child, helper_id=teacher, kind="TCH", from_on="2026-09-01", state="V"),
        noted("visit", "方老师甲", "2026-09-05", visit_kind="2", action="修好了门锁", **about),
        noted("visit", "方老师甲", "2026-08-31", visit_kind="2", action="八月的事", **about),
        noted("visit", "石网格员乙", "2026-09-06", visit_kind="2", action="别人的事", **about),
        noted("talk", "方老师甲", "2026-09-08", party="CHI", content="想学画画", **about),
        noted("family_call", "方老师甲", "2026-09-09", with_whom="F", connected="Y", **about),
    )  # fmt: skip

    book = words(await office.get(f"/office/print/work-book?who=方老师甲&{PERIOD}"))
    everybody = words(await office.get(f"/office/print/work-book?{PERIOD}"))

    for said in (
        "修好了门锁",
        "想学画画",
        "走访 1 次",
        "谈心 1 次",
        "亲情联络 1 次",
        "涉及儿童 1 名",
    ):
        assert said in book
    assert "结对的孩子：石惊蛰" in book
    assert "八月的事" not in book
    assert "别人的事" not in book
    assert "别人的事" in everybody
    assert "方老师甲" in words(await office.get("/office/print"))


async def test_a_work_book_does_not_print_what_was_said_in_a_private_talk(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    await sqlite_village.commit(
        noted("talk", "方老师甲", "2026-09-08", household_id=home, child_id=child, party="CHI",
              private="Y", content="不想让别人知道的话", child_request="换座位", note="另记"),
    )  # fmt: skip

    book = words(await office.get(f"/office/print/work-book?{PERIOD}"))

    assert "不公开的谈话，内容不打印" in book
    for kept in ("不想让别人知道的话", "换座位", "另记"):
        assert kept not in book


async def test_a_work_book_leaves_out_what_was_corrected_and_says_how_often_nobody_was_met(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    about = {"household_id": home, "child_id": child}
    wrong = uuid7()
    given = {"typed_by": "村办公室", "recorded_by": "方老师甲", "visit_kind": "2", **about}
    await sqlite_village.commit(
        create(wrong, "visit", occurred_on="2026-09-03", action="记错的", **given),
        create(uuid7(), "visit", occurred_on="2026-09-03", corrects_id=wrong, action="改对的", **given),
        create(uuid7(), "visit", occurred_on="2026-09-04", **{"met/NONE": True}, **given),
    )  # fmt: skip

    book = words(await office.get(f"/office/print/work-book?{PERIOD}"))

    assert "走访 2 次（没见到人 1 次）" in book
    assert "改对的" in book
    assert "记错的" not in book


async def test_a_plan_prints_with_the_result_of_each_stage_and_a_closed_one_only_when_chosen(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, child = await a_family(village)
    open_plan, closed, owner = uuid7(), uuid7(), uuid7()
    common = {"child_id": child, "owner_id": owner, "from_on": "2026-09-01", "due_on": "2026-12-20"}
    await village.commit(
        helper(owner),
        create(open_plan, "plan", kind="STUDY", state="RUN", goal="数学跟上", **common),
        create(closed, "plan", kind="RETURN", state="CLOSED", goal="回到学校", outcome="已复学", **common),
        create(uuid7(), "plan_progress", child_id=child, plan_id=open_plan, stage="第一阶段",
               stage_result="PART", occurred_on="2026-10-10"),
        create(uuid7(), "plan_progress", child_id=child, plan_id=closed, stage="返校那一步",
               stage_result="DONE", occurred_on="2026-10-11"),
    )  # fmt: skip

    running = words(await office.get("/office/print/plans"))
    chosen = words(await office.get(f"/office/print/plans?plan={closed}"))

    for said in ("学习帮扶方案", "数学跟上", "第一阶段", "部分达成", "方老师甲", "监护人签字"):
        assert said in running
    assert "返校那一步" not in running
    assert "已复学" in chosen
    assert "数学跟上" not in chosen


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-W46-1", "31.12."])
async def test_a_duty_week_of_no_day_of_these_centuries_is_the_week_of_today(
    office: Browser, day: str
) -> None:
    asked = await office.get(f"/office/print/duty-week?week={day}")

    assert asked.status_code == 200
    assert words(asked) == words(await office.get("/office/print/duty-week"))


async def test_the_duty_week_has_the_slots_of_its_seven_days_and_none_of_the_next(
    office: Browser, sqlite_village: Village
) -> None:
    place, teacher, other = uuid7(), uuid7(), uuid7()
    await sqlite_village.commit(
        create(place, "place", name="留守儿童之家"),
        helper(teacher),
        create(other, "helper", name="石志愿者丙", helper_kind="V", active="Y"),
        create(uuid7(), "roster_slot", place_id=place, on_date="2026-11-09", slot="AFTER", role="TCH", helper_id=teacher),
        create(uuid7(), "roster_slot", place_id=place, on_date="2026-11-16", slot="NOON", role="VOL", helper_id=other),
    )  # fmt: skip

    week = words(await office.get("/office/print/duty-week?week=2026-11-15"))
    empty = words(await office.get("/office/print/duty-week?week=2026-06-01"))

    for said in ("留守儿童之家", "2026-11-09 — 2026-11-15", "课后", "班主任 方老师甲"):
        assert said in week
    assert "石志愿者丙" not in week
    assert "午间" not in week
    assert "这一周还没有排班" in empty
    assert "午间" in empty


async def test_the_roll_for_the_wall_gives_no_whole_name_of_a_child_or_carer_and_no_whole_number(
    office: Browser, sqlite_village: Village
) -> None:
    await a_family(sqlite_village)

    roll = words(await office.get("/office/print/wall-roll"))

    for said in ("石＊＊", "石＊＊＊", "100****0001", "2016", "共 1 名"):
        assert said in roll
    for kept in ("石惊蛰", "石奶奶甲", "10000000001", "2016-05-01", "石大叔乙"):
        assert kept not in roll


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        (masked_name("谷小满"), "谷＊＊"),
        (masked_name(""), ""),
        (masked_phone("13800001234"), "138****1234"),
        (masked_phone("66123"), "*****"),
        (masked_phone(""), ""),
    ],
)
def test_a_mask_leaves_the_ends(shown: str, kept: str) -> None:
    assert shown == kept


async def test_the_leading_group_stands_head_first_without_who_has_left_and_without_numbers(
    office: Browser, sqlite_village: Village
) -> None:
    group = {"unit": "关爱领导小组", "from_on": "2025-01-01"}
    await sqlite_village.commit(
        create(uuid7(), "org_role", role="MEM", name="谷成员乙", phone="10000000009", **group),
        create(uuid7(), "org_role", role="HEAD", name="方组长甲", duty="全面负责", **group),
        create(uuid7(), "org_role", role="VICE", name="石前任丙", to_on="2025-12-31", **group),
    )  # fmt: skip

    sheet = words(await office.get("/office/print/leaders"))

    assert sheet.index("方组长甲") < sheet.index("谷成员乙")
    assert "全面负责" in sheet
    assert "石前任丙" not in sheet
    assert "10000000009" not in sheet


async def test_a_growth_sheet_has_every_check_and_the_summary_the_last_of_the_period(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await a_family(village)
    other = await village.child(home, name="石夏至", **LEFT)
    about = {"household_id": home, "child_id": child}
    await village.commit(
        create(uuid7(), "health_check", occurred_on="2026-03-02", height_cm=128, bp_sys=99, **about),
        create(uuid7(), "health_check", occurred_on="2026-09-02", height_cm=131, vision_left="4.6",
               **{"abnormal_kinds/VISION": True}, **about),
    )  # fmt: skip

    sheets = words(await office.get("/office/print/growth"))
    blank = words(await office.get(f"/office/print/growth?child={other}"))
    summary = words(await office.get(f"/office/print/health-summary?{PERIOD}"))
    spring = words(
        await office.get("/office/print/health-summary?since=2026-03-01&until=2026-03-31")
    )

    assert "128" in sheets
    assert "131" in sheets
    assert "99/?" in sheets
    assert "石夏至" not in sheets
    assert "石夏至" in blank
    assert "应检 2 名，已检 1 名，有异常 1 名" in summary
    assert "131" in summary
    assert "没有体检的 1 名：石夏至" in summary
    assert "有异常 0 名" in spring


async def test_awards_of_the_period_are_listed_and_one_can_be_printed_as_a_certificate(
    office: Browser, sqlite_village: Village
) -> None:
    mother, child = uuid7(), uuid7()
    _, file = await a_family(sqlite_village)
    await sqlite_village.commit(
        create(mother, "award", recipient="江妈妈甲", kind="MUM", level="TOWN", occurred_on="2026-09-10"),
        create(child, "award", recipient="石惊蛰", child_id=file, kind="CHILD", level="VIL", occurred_on="2025-09-10"),
    )  # fmt: skip

    listed = words(await office.get(f"/office/print/awards?{PERIOD}"))
    both = words(await office.get("/office/print/awards?since=2025-01-01&until=2026-12-31"))
    one = words(await office.get(f"/office/print/certificates?award={child}"))

    assert "先进爱心妈妈" in listed
    assert "石惊蛰" not in listed
    assert "要先问过监护人" not in listed
    assert "要先问过监护人" in both
    assert "被评为“优秀儿童”（村级）" in one
    assert "江妈妈甲" not in one


async def test_a_help_card_says_whom_to_call_and_not_where_the_child_lives(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household(address="上坪组老槐树下")
    child = await village.child(home, name="石惊蛰", **LEFT)
    teacher = uuid7()
    await village.commit(
        helper(teacher, **{"phones/a": {"number": "10000000007"}}),
        create(uuid7(), "pairing", child_id=child, helper_id=teacher, kind="TCH", from_on="2026-09-01", state="V"),
        create(uuid7(), "contact", name="禾溪派出所", kind="POLICE", phone="66110"),
    )  # fmt: skip

    card = words(await office.get("/office/print/help-cards"))

    for said in ("石惊蛰", "报警 110", "12355", "方老师甲 10000000007", "禾溪派出所 66110"):
        assert said in card
    assert "老槐树" not in card


async def test_a_hand_in_hand_card_is_for_pairs_of_children_alone(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await a_family(village)
    friend = await village.child(home, name="谷谷雨", left_behind_fact="N")
    peer, teacher = uuid7(), uuid7()
    await village.commit(
        create(peer, "helper", name="谷谷雨", helper_kind="K", peer_id=friend, active="Y"),
        helper(teacher),
        create(uuid7(), "pairing", child_id=child, helper_id=peer, kind="PEER", goal="一起读书", from_on="2026-09-01", state="V"),
        create(uuid7(), "pairing", child_id=child, helper_id=teacher, kind="TCH", goal="常来", from_on="2026-09-01", state="V"),
    )  # fmt: skip

    cards = words(await office.get("/office/print/peer-cards"))

    for said in ("石惊蛰", "谷谷雨", "一起读书"):
        assert said in cards
    assert "方老师甲" not in cards


async def test_an_empty_book_has_lines_and_the_one_of_calls_no_column_for_what_was_said(
    office: Browser, sqlite_village: Village
) -> None:
    loans = await office.get("/office/print/loan-book")
    calls = await office.get("/office/print/call-book")

    assert loans.text.count("<tr><td>") >= 24
    assert "借出日期" in words(loans)
    assert "不记说了什么" in words(calls)
    assert "内容" not in words(calls)


async def test_every_printout_is_said_in_english_too(
    office: Browser, sqlite_village: Village
) -> None:
    await a_family(sqlite_village)
    for name in PRINTOUTS:
        sheet = words(await office.get(f"/office/print/{name}", **{"Accept-Language": "en"}))
        assert "没有可以打印的" not in sheet
        assert PRINTOUTS[name].words not in sheet


async def test_a_child_that_helps_another_is_named_on_no_wall_and_has_a_card_of_its_own_kind(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    friend = await sqlite_village.child(home, name="石夏至", **LEFT)
    peer, teacher = uuid7(), uuid7()
    pairing = {"child_id": child, "from_on": "2026-09-01", "state": "V"}
    await sqlite_village.commit(
        helper(teacher),
        create(peer, "helper", name="石夏至", helper_kind="K", peer_id=friend, active="Y"),
        create(uuid7(), "pairing", helper_id=teacher, kind="TCH", **pairing),
        create(uuid7(), "pairing", helper_id=peer, kind="PEER", **pairing),
    )

    wall = words(await office.get("/office/print/wall-roll"))
    cards = words(await office.get("/office/print/pairing-cards"))
    peers = words(await office.get("/office/print/peer-cards"))

    assert "方老师甲" in wall
    assert "石夏至" not in wall
    assert "方老师甲" in cards
    assert "石夏至" not in cards
    assert "石夏至" in peers


async def test_an_abnormal_throat_alone_is_abnormal_on_the_sheet_and_in_the_figures(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    await sqlite_village.commit(
        create(uuid7(), "health_check", household_id=home, child_id=child, occurred_on="2026-09-10",
               ent="ABN", ent_note="扁桃体肿大"),
    )  # fmt: skip

    sheet = words(await office.get(f"/office/print/health-summary?{PERIOD}"))
    rate = words(await office.get("/office/statistics/health?since=2026-09-01&by=sex"))
    items = words(await office.get("/office/statistics/abnormal?since=2026-09-01"))

    assert "已检 1 名，有异常 1 名" in sheet
    assert "合计 100.0% 1/1 100.0% 1/1 0.0% 0/1" in rate
    assert "其他 1" in items
