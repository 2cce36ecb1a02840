"""匿名案例: what a case has by default, what gives a child away, and that none goes out with such a word in it."""

import asyncio
import io
import threading
import time
from typing import Any

import pytest
from docx import Document

from server.office.cases.masking import Known, Words, known_of, masked, maybe, sure
from server.office.register import Register
from server.registry import Row, uuid7
from tests.helpers import Village, create, enrol
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words
from tests.server.office.test_printouts import LEFT, a_family

CLEAN = "# 案例\n\n我们每周去看一个孩子，请人教他写作业，一个学期以后他愿意说话了。"


async def a_case(village: Village) -> str:
    """A child among enough others, with a plan that was written with names, days and places in it."""
    home, child = await a_family(village)
    for name in ("谷小满", "方立夏", "安白露", "江谷雨"):
        await village.child(home, name=name, **LEFT)
    plan, teacher = uuid7(), uuid7()
    await village.commit(
        create(teacher, "helper", name="江老师甲", helper_kind="T", unit="禾溪镇中心学校", active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=teacher, kind="TCH", from_on="2026-09-01", state="V"),
        create(plan, "plan", child_id=child, owner_id=teacher, kind="STUDY", state="RUN", from_on="2026-09-01",
               goal="石惊蛰期末数学及格", trigger="2026年9月3日石奶奶甲打 10000000001 来说惊蛰不写作业"),
        create(uuid7(), "plan_progress", child_id=child, plan_id=plan, stage_result="PART",
               occurred_on="2026-10-10", note="江老师 到上坪组家里讲了两次"),
        create(uuid7(), "talk", child_id=child, party="CHI", occurred_on="2026-09-10", private="Y", content="怕黑"),
    )  # fmt: skip
    return child


async def test_by_default_a_case_says_what_was_done_and_nothing_of_the_child(
    office: Browser, sqlite_village: Village
) -> None:
    child = await a_case(sqlite_village)

    page = await office.get(f"/office/records/{child}/case")
    text = page.text.partition("<textarea")[2].partition("</textarea>")[0]

    assert "谈心1次" in text
    for kept in ("石", "惊蛰", "小学", "男", "祖", "外出", "学习帮扶", "怕黑", "2026", "上坪"):
        assert kept not in text
    assert "会认出人的词" not in words(page)


async def test_phones_are_answered_while_a_large_register_is_gone_through_for_a_case(
    office: Browser, sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names are gathered only once a phone has been answered; were it to wait for them, they would never be."""
    village = sqlite_village
    child = await a_case(village)
    phone = await enrol(office.client, village.auth, await village.surveyor("dc1", 1))
    reached, answered = threading.Event(), threading.Event()

    def held_up(*all: Any) -> Known:
        reached.set()
        assert answered.wait(30), "nobody was answered"
        return known_of(*all)

    monkeypatch.setattr("server.office.cases.pages.known_of", held_up)
    reading = asyncio.create_task(office.get(f"/office/records/{child}/case"))
    await asyncio.to_thread(reached.wait, 30)
    await phone.sync()
    answered.set()

    assert phone.agreed
    assert "谈心1次" in words(await reading)


def test_a_text_is_looked_through_in_the_time_its_own_length_takes() -> None:
    text = "我们每周去看一个孩子，请人教他写作业。" * 5
    few, many = (
        Words({f"{chr(0x4E00 + n // 900)}{chr(0x6000 + n % 900)}": "某人" for n in range(count)})
        for count in (100, 200_000)
    )

    def took(words: Words) -> float:
        begun = time.process_time()
        for _ in range(20):
            words.there(text)
        return time.process_time() - begun

    assert min(took(many) for _ in range(5)) < 10 * min(took(few) for _ in range(5))


async def test_words_that_people_wrote_come_with_everything_known_replaced(
    office: Browser, sqlite_village: Village
) -> None:
    child = await a_case(sqlite_village)

    page = await office.get(
        f"/office/records/{child}/case?chosen=1&part=plan_words&part=progress&part=progress_words"
    )
    text = page.text.partition("<textarea")[2].partition("</textarea>")[0]

    assert "目标：这个孩子期末数学及格" in text
    assert "起因：某日照护人打 （号码） 来说这个孩子不写作业" in text
    assert "第2个月：部分达成。某老师 到某地家里讲了两次" in text


GIVEN_AWAY = [
    ("石惊蛰来了", "石惊蛰"),
    ("石 惊 蛰来了", "石 惊 蛰"),
    ("惊蛰来了", "惊蛰"),
    ("奶奶石奶奶甲说", "石奶奶甲"),
    ("江老师教他", "江老师"),
    ("谷小满也在", "谷小满"),
    ("住在上坪", "上坪"),
    ("在禾溪镇上学", "禾溪镇"),
    ("测试村的孩子", "测试村"),
    ("９月３日来的", "9月3日"),
    ("九月初三来的", "九月初三"),
    ("2026年秋天", "2026年"),
    ("打１３８ 0000 1234", "138 0000 1234"),
    ("编号 0003", "0003"),
]
"""What somebody may leave in, and the word that gives the child or another away."""


async def test_what_gives_somebody_away_keeps_a_case_in(
    office: Browser, sqlite_village: Village
) -> None:
    child = await a_case(sqlite_village)
    path = f"/office/records/{child}/case"
    await office.get(path)
    for said, word in GIVEN_AWAY:
        text = f"{CLEAN}{said}。"

        looked = words(await office.post(path, {"text": text}))
        refused = await office.post(f"{path}/docx", {"text": text, "read": "1"})

        assert f"：{word}" in looked.replace("： ", "："), said
        assert "我逐字读过了" not in looked, said
        assert refused.status_code == 422, said


async def test_a_clean_case_goes_out_only_when_a_person_has_said_it_was_read_and_is_noted(
    office: Browser, sqlite_village: Village
) -> None:
    child = await a_case(sqlite_village)
    path = f"/office/records/{child}/case"
    await office.get(path)

    looked = words(await office.post(path, {"text": CLEAN, "part": ["contacts"]}))
    unread = await office.post(f"{path}/docx", {"text": CLEAN})
    sent = await office.post(f"{path}/docx", {"text": CLEAN, "read": "1", "part": ["contacts"]})

    assert "我逐字读过了" in looked
    assert unread.status_code == 422
    assert "请先逐字读完" in words(unread)
    assert "愿意说话了" in "\n".join(
        it.text for it in Document(io.BytesIO(sent.content)).paragraphs
    )
    noted = await sqlite_village.auth.audit(sqlite_village.code)
    assert [(it.subject, it.details) for it in noted if it.action == "anonymised_case"] == [
        (child, "contacts")
    ]
    assert not any("愿意说话" in f"{it.subject}{it.details}" for it in noted)


async def test_what_fewer_than_five_children_share_does_not_go_out(
    office: Browser, sqlite_village: Village
) -> None:
    child = await a_case(sqlite_village)
    path = f"/office/records/{child}/case"

    plan = words(await office.get(f"{path}?chosen=1&part=plan"))
    refused = await office.post(f"{path}/docx", {"text": CLEAN, "read": "1", "part": ["plan"]})
    fact = words(await office.get(f"{path}?chosen=1&part=fact"))

    assert "留守儿童有 1 名" in plan
    assert "不能下载" in plan
    assert refused.status_code == 422
    assert "留守儿童有 5 名" in fact
    assert "不能下载" not in fact


async def test_in_a_village_of_few_children_no_case_goes_out(
    office: Browser, sqlite_village: Village
) -> None:
    _, child = await a_family(sqlite_village)
    await office.get(f"/office/records/{child}/case")

    sent = await office.post(f"/office/records/{child}/case/docx", {"text": CLEAN, "read": "1"})

    assert sent.status_code == 422


@pytest.mark.parametrize("role", ["clerk", "supervisor"])
async def test_only_the_official_writes_cases(
    office: Browser, sqlite_village: Village, role: str
) -> None:
    child = await a_case(sqlite_village)
    await sqlite_village.auth.create_account(
        sqlite_village.code, login=role, name="何某", role=role, password=PASSWORD
    )
    await office.sign_in(role)

    assert "匿名案例" not in words(await office.get(f"/office/records/{child}"))
    assert_refused(await office.get(f"/office/records/{child}/case"), 403, "not_allowed")


async def test_a_case_is_of_a_child_and_its_text_has_bounds(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)

    assert_refused(await office.get(f"/office/records/{home}/case"), 404, "no_record")
    await office.get(f"/office/records/{child}/case")
    for text in ("", "字" * 10_001):
        sent = await office.post(f"/office/records/{child}/case", {"text": text})
        assert_refused(sent, 422, "bad_field")


async def test_a_case_leaves_braces_as_they_were_typed(
    office: Browser, sqlite_village: Village
) -> None:
    child = await a_case(sqlite_village)
    path = f"/office/records/{child}/case"
    await office.get(path)

    sent = await office.post(f"{path}/docx", {"text": f"{CLEAN}\n{{{{ x }}}}", "read": "1"})

    assert Document(io.BytesIO(sent.content)).paragraphs[-1].text == "{{ x }}"


def test_harmless_words_are_left_alone_and_places_unknown_to_the_register_are_pointed_out() -> None:
    known = known_of(Register({}), Row("c", "child", 1, "", {}, {}), "青禾村")

    assert sure("他回到村里上小学，一个学期来了12次，第2个月好多了。", known) == []
    assert maybe("他在云岭县读三年级，回到村里。") == ["他在云岭县", "三年级"]
    assert masked("青禾村的事", known) == "某地的事"
