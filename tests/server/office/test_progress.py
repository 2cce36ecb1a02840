"""How a child comes on, what a household's survey found otherwise than last term, aims by age, and who comes first."""

import re
from typing import Any

from server.office.pages import today
from server.office.statistics.children import term_start
from server.office.statistics.slots import add_days
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, words

LEFT_BEHIND = {"left_behind_fact": "B", "ward_status": "A", "birth_date": "2017-02-11"}
LAST_TERM, THIS_TERM = add_days(term_start(today()), -20), term_start(today())


async def child_of(village: Village, name: str = "石惊蛰", **fields: Any) -> tuple[str, str]:
    home = await village.household()
    return home, await village.child(home, name=name, **{**LEFT_BEHIND, **fields})


async def made(village: Village, type_name: str, **fields: Any) -> str:
    id = uuid7()
    await village.commit(create(id, type_name, **fields))
    return id


# Growth


async def test_two_checks_make_a_curve_and_every_value_stands_in_the_table(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await child_of(village)
    about = {"household_id": home, "child_id": child}
    for on, cm in (("2026-03-01", "120.5"), ("2026-09-01", "124"), ("2026-09-20", "tall")):
        await made(village, "health_check", **about, occurred_on=on, height_cm=cm)
    await made(village, "health_check", **about, occurred_on="2026-02-30", height_cm="122")
    wrong = await made(village, "health_check", **about, occurred_on="2026-05-01", height_cm="999")
    await made(village, "health_check", **about, corrects_id=wrong, void_reason="写错")
    await made(village, "health_check", **about, occurred_on="2026-10-01", weight_kg="25")

    page = await office.get(f"/office/records/{child}")

    [chart] = re.findall(r'<svg class="chart".*?</svg>', page.text)
    assert "<title>身高（厘米）</title>" in chart
    assert "<desc>2026-03-01 120.5 · 2026-09-01 124</desc>" in chart
    assert chart.count("<circle") == 2
    assert "项目 2026-03-01 2026-09-01 2026-10-01" in words(page)
    assert "身高（厘米） 120.5 124 — 体重（千克） — — 25" in words(page)


async def test_stages_of_a_plan_are_steps_and_results_are_told_apart_by_what_was_judged(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await child_of(village)
    for on, stage, result in (
        ("2026-09-01", "第1阶段", "MISS"), ("2026-10-01", "第2阶段", "DONE"),
        ("2026-11-01", "第3阶段", "OPEN"),
    ):  # fmt: skip
        await made(
            village, "plan_progress", child_id=child, occurred_on=on, stage=stage,
            stage_result=result,
        )  # fmt: skip
    for kind, score in (("SCHOOL", 71), ("BODY", 80), ("RISK", 3)):
        await made(
            village, "assessment", household_id=home, child_id=child, kind=kind, score=score,
            occurred_on="2026-10-08",
        )  # fmt: skip

    page = words(await office.get(f"/office/records/{child}"))

    assert "项目 2026-09-01 2026-10-01 2026-10-08" in page
    assert "得分 · 学业 — — 71 得分 · 身心 — — 80" in page
    assert "方案进展 第1阶段 未达成 第2阶段 达成 —" in page


async def test_a_child_nobody_measured_has_no_such_section(
    office: Browser, sqlite_village: Village
) -> None:
    _, child = await child_of(sqlite_village)

    assert "成长与进步" not in words(await office.get(f"/office/records/{child}"))


# Survey against survey


async def test_a_household_shows_what_its_survey_found_otherwise_than_last_term(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household()
    for on, found in (
        (add_days(LAST_TERM, -9), {"study": "C", "living": "C"}),
        (LAST_TERM, {"study": "A", "living": "C", "mind": "B", "safety": "UNK"}),
    ):
        await made(village, "survey", household_id=home, result="V", occurred_on=on, **found)
    assert "和上学期比" not in words(await office.get(f"/office/records/{home}"))

    await made(
        village, "survey", household_id=home, result="V", occurred_on=THIS_TERM,
        study="C", study_note="不写作业", living="B", mind="B", safety="A",
    )  # fmt: skip

    page = words(await office.get(f"/office/records/{home}"))
    assert f"以前 {LAST_TERM} 本学期 {THIS_TERM}" in page
    assert "学习 好 需关注（不写作业） 变差" in page
    assert "生活 需关注 一般 变好" in page
    assert "心理 一般 一般 一样" in page
    assert "安全 未了解 好 不一样" in page


async def test_a_door_nobody_opened_and_a_corrected_survey_are_no_comparison(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household()
    await made(village, "survey", household_id=home, result="V", occurred_on=LAST_TERM, study="A")
    await made(village, "survey", household_id=home, result="A", occurred_on=THIS_TERM)
    wrong = await made(
        village, "survey", household_id=home, result="V", occurred_on=THIS_TERM, study="C"
    )
    await made(village, "survey", household_id=home, corrects_id=wrong, void_reason="别家的")

    assert "和上学期比" not in words(await office.get(f"/office/records/{home}"))


# Aims by age


async def test_a_talk_and_a_plan_offer_the_aims_of_the_childs_grade(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, small = await child_of(village, grade="P2")
    _, older = await child_of(village, grade="P5")
    _, pupil = await child_of(village, grade="J1")

    for type_name in ("talk", "plan", "counselling"):
        low = words(await office.get(f"/office/records/new/{type_name}?child_id={small}"))
        high = words(await office.get(f"/office/records/new/{type_name}?child_id={older}"))
        both = words(await office.get(f"/office/records/new/{type_name}?child_id={pupil}"))
        assert "低年级：养成学习好习惯" in low
        assert "高年级" not in low
        assert "高年级：初步了解情绪调节方法" in high
        assert "低年级" not in high
        assert "低年级" in both
        assert "高年级" in both


# Three priorities


async def test_those_with_more_grounds_come_first_and_what_was_done_is_told(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, most = await child_of(
        village, "石惊蛰", school_result="E", risk_level="G",
        **{"need_lack/L1": True, "temperament/12": True},
    )  # fmt: skip
    _, grave = await child_of(village, "安白露", school_result="D", risk_level="O")
    await child_of(village, "方立夏", school_result="D", risk_level="Y")
    await child_of(village, "田小满", school_result="A", risk_level="R")
    group = await made(village, "child_group", name="晨读小组", kind="STUDY")
    await made(village, "group_member", child_id=grave, group_id=group, from_on="2026-09-01")
    outing = await made(
        village, "activity", title="游园", activity_kind="09", occurred_on=THIS_TERM
    )
    await made(village, "attendance", activity_id=outing, person_id=most, occurred_on=THIS_TERM)

    page = await office.get("/office/lists/priorities")

    names = re.findall(r">(石惊蛰|安白露|方立夏|田小满)</a>", page.text)
    assert names == ["石惊蛰", "安白露", "方立夏"]
    assert "成绩待提高 生活上缺照顾 自卑、孤僻或忧郁、父母都在外" in words(page)
    assert "应优先 合计 5 已落实 合计 2" in words(page)
    assert "方立夏" not in words(await office.get("/office/lists/priorities?served=all"))
    assert "安白露" in words(await office.get("/office/lists/priorities?served=all"))
    assert "安白露" not in words(await office.get("/office/lists/priorities?first=life"))
