"""Printouts by class: the card of two sides, the national form, and everything a class files in one go."""

import re
from typing import Any

from server.office.prints.cards import TEACHER_CARDS
from server.office.prints.registration import _unable
from server.registry import uuid7
from tests.helpers import Village, change, create
from tests.server.office.browser import Browser, words
from tests.server.office.test_printouts import LEFT, a_family

SCHOOL = {"school_name": "测试小学", "school_stage": "2", "grade": "P3", "class_name": "1班"}
THIRD, FOURTH = "测试小学|P3|1班", "测试小学|P4|1班"


async def a_class(village: Village, *names: str, grade: str = "P3") -> list[str]:
    home = await village.household(address="上坪组老槐树下")
    return [
        await village.child(
            home, name=it, head_teacher="方老师甲", teacher_phone="10000000007",
            **{**SCHOOL, "grade": grade, **LEFT},
        )
        for it in names
    ]  # fmt: skip


async def tell(village: Village, child: str, **fields: Any) -> None:
    """More about a child of the register."""
    row = next(it for it in await village.registry.rows(village.code, "child") if it.id == child)
    await village.commit(change(child, "child", row.rev, **fields))


def sides(html: str) -> list[list[str]]:
    """Of each leaf the names on its cards, "" for an empty place."""
    leaves = re.findall(r'<article class="leaf cards six">(.*?)</article>', html, re.DOTALL)
    places = [re.findall(r"<section.*?</section>|<div></div>", leaf, re.DOTALL) for leaf in leaves]
    return [
        ["".join(re.findall(r"<b>(石[^<]*)</b>", place)[:1]) for place in leaf] for leaf in places
    ]


async def test_the_back_of_a_teachers_card_lies_behind_its_front(
    office: Browser, sqlite_village: Village
) -> None:
    names = ["石立春", "石雨水", "石惊蛰", "石春分", "石清明", "石谷雨", "石立夏"]
    await a_class(sqlite_village, *names)

    page = await office.get(f"/office/print/teacher-cards?class={THIRD}")
    front, back, second, second_back = sides(page.text)

    assert len(front) == TEACHER_CARDS
    assert front == names[:6]
    # Over the long edge left and right change places, and no row leaves its height.
    assert back == ["石雨水", "石立春", "石春分", "石惊蛰", "石谷雨", "石清明"]
    assert (second, second_back) == (["石立夏", ""], ["", "石立夏"])


async def test_a_teachers_card_has_the_numbers_of_both_sides_and_can_be_printed_empty(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, child = await a_family(village)
    await tell(village, child, head_teacher="方老师甲", teacher_phone="10000000007", **SCHOOL)
    at_home = await village.child(await village.household(), name="石小雪", **LEFT)

    card = words(await office.get("/office/print/teacher-cards"))
    one = words(await office.get(f"/office/print/teacher-cards?child={at_home}"))
    blank = await office.get("/office/print/teacher-cards?style=blank")

    for said in (
        "方老师甲",
        "10000000007",
        "石奶奶甲",
        "10000000001",
        "石大叔乙",
        "小学三年级 1班",
    ):
        assert said in card
    assert "没有可以打印的" in one, "a child in no school has no class teacher"
    assert "石惊蛰" not in words(blank)
    assert len(sides(blank.text)) == 2


async def test_the_set_of_a_class_has_its_children_and_nobody_else(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await a_class(village, "石立春", "石雨水")
    await a_class(village, "谷小满", grade="P4")

    page = await office.get(f"/office/print/class-set?class={THIRD}")
    sheet, school = words(page), words(await office.get("/office/print/class-set?class=测试小学"))

    for said in ("留守儿童统计表", "档案目录", "农村留守儿童基本情况登记表", "手拉手结对登记卡"):
        assert said in sheet
    assert "共 2 名留守儿童" in sheet
    assert page.text.count('<article class="leaf"><h1 class="tight">') == 2
    assert "谷小满" not in sheet
    assert "共 3 名留守儿童" in school
    assert "没有可以打印的" in words(await office.get("/office/print/class-set"))


async def test_every_table_of_a_class_adds_up_to_the_class_with_its_unknown(
    office: Browser, sqlite_village: Village
) -> None:
    await a_class(sqlite_village, "石立春", "石雨水", "石惊蛰")

    page = await office.get(f"/office/print/class-set?class={THIRD}")
    tables = re.findall(r'<table class="entries wide counts">(.*?)</table>', page.text, re.DOTALL)

    assert len(tables) == 8
    for table in tables:
        numbers = [int(it) for it in re.findall(r"<td>(?:<b>)?(\d+)", table)]
        assert sum(numbers[:-1]) == numbers[-1] == 3
    assert "未了解" in words(page)


async def test_a_friend_stands_on_the_card_and_who_has_none_gets_one_to_fill_in(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child, _alone = await a_class(village, "石立春", "石雨水")
    friend = await village.child(await village.household(), name="谷谷雨", left_behind_fact="N")
    peer = uuid7()
    await village.commit(
        create(peer, "helper", name="谷谷雨", helper_kind="K", peer_id=friend, active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=peer, kind="PEER", from_on="2026-09-01", state="V"),
    )  # fmt: skip

    page = await office.get(f"/office/print/class-set?class={THIRD}")
    cards = re.findall(r"<section[^>]*><h2>手拉手.*?</section>", page.text, re.DOTALL)

    assert len(cards) == 2
    assert sum("谷谷雨" in it for it in cards) == 1


async def test_the_national_form_ticks_what_is_known_and_masks_the_number(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, child = await a_family(village)
    await tell(
        village, child, sex="1", id_number="990000201403120016", guardian_assess="3",
        guardian_assess_reason="31", health="2", **SCHOOL,
    )  # fmt: skip

    form = words(await office.get(f"/office/print/registration?child={child}"))

    for said in ("石惊蛰", "☑ 男 □ 女", "990000********0016", "☑ 无人监护", "☑ 小学"):
        assert said in form
    assert "父母双方同时外出 ☑ 是 □ 否" in form
    assert "有无委托其他监护人 □ 有 □ 无" in form, "who cares is not known"
    assert "体弱" in form, "what the form has no box for is written out"
    assert "990000201403120016" not in form


def test_the_other_parent_is_unable_only_where_somebody_said_so() -> None:
    assert _unable("B", "") == "N"
    assert _unable("F", "N2") == "Y"
    assert _unable("M", "Y") == "N"
    assert _unable("M", "UNK") == ""
    assert _unable("F", "") == ""


async def test_the_page_offers_each_school_with_its_classes(
    office: Browser, sqlite_village: Village
) -> None:
    await a_class(sqlite_village, "石立春")
    await a_class(sqlite_village, "谷小满", grade="P4")

    page = (await office.get("/office/print")).text

    assert '<optgroup label="测试小学">' in page
    assert page.index(f'value="{THIRD}"') < page.index(f'value="{FOURTH}"')


async def test_of_a_parent_who_died_the_national_form_has_dashes_and_no_card_a_number(
    office: Browser, sqlite_village: Village
) -> None:
    home = await sqlite_village.household()
    child = await sqlite_village.child(home, name="石惊蛰", **LEFT)
    father = uuid7()
    await sqlite_village.commit(
        create(father, "person", household_id=home, name="石大叔甲", alive="N", birth_date="1980-02-29",
               **{"phones/a": {"number": "10000000001"}}),
        create(uuid7(), "parent_link", child_id=child, parent_id=father, relation="51",
               work_address="东区工业园"),
    )  # fmt: skip

    form = words(await office.get(f"/office/print/registration?child={child}"))

    assert "父亲姓名 — 出生日期 — 务工地点 — 联系电话 — 身份号码 —" in form
    for known in ("石大叔甲", "1980-02-29", "东区工业园", "10000000001"):
        assert known not in form
    for card in ("contact-cards", "help-cards", "teacher-cards", "entrustment"):
        said = words(await office.get(f"/office/print/{card}"))
        assert "石大叔甲" not in said, card
