"""Texts of the village: its facts stand in them, the office words them as it likes, and no child is named."""

import io
import re
from typing import Any

import pytest
from docx import Document

from server.documents.outline import build
from server.documents.worker import _fill
from server.office.register import Register
from server.office.texts.catalogue import TEXTS
from server.office.texts.store import MOST_TEXT, OUTLINES, UNKNOWN, english, values_of
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words
from tests.server.office.test_printouts import LEFT, a_family

OWN = "# 我们村的规矩\n\n一、{{ place }}每天{{ open_hours }}开门。\n二、{{ officer }}说了算。\n"


async def a_place(village: Village, name: str = "青禾之家") -> str:
    id = uuid7()
    await village.commit(
        create(id, "place", name=name, kind="SCH", open_hours="周三、周六 14:00–17:00", phone="66123"),
        create(uuid7(), "org_role", role="DIR", name="方主任甲", from_on="2025-01-01"),
        create(uuid7(), "contact", name="禾溪派出所", kind="POLICE", phone="66110"),
    )  # fmt: skip
    return id


def facts() -> dict[str, Any]:
    return values_of(Register({}), "测试村", "2026-11-29")


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_text_that_comes_along_can_be_filled_and_has_its_english_clause_by_clause(
    name: str,
) -> None:
    outline = (OUTLINES / f"{name}.md").read_text(encoding="utf-8")

    answer = _fill(build(outline), facts())

    assert "faults" not in answer
    assert answer["blocks"][0]["style"] == "Title"
    assert not any("{{" in str(it) or "{%" in str(it) for it in answer["blocks"])
    clauses = len(re.findall(r"^[一二三四五六七八九十]、", outline, re.MULTILINE))
    if name != "programme":
        assert clauses >= 6
        assert len(english(name).splitlines()) == clauses


def test_texts_and_outlines_are_the_same() -> None:
    assert {it.stem for it in OUTLINES.glob("*.md")} == set(TEXTS)
    assert {it.stem for it in OUTLINES.glob("en/*.md")} == set(TEXTS)


async def test_a_text_says_the_facts_of_the_village_and_leaves_a_line_for_what_is_not_known(
    office: Browser, sqlite_village: Village
) -> None:
    empty = words(await office.get("/office/texts/work"))
    await a_place(sqlite_village)
    known = words(await office.get("/office/texts/work"))

    assert UNKNOWN in empty
    for said in ("青禾之家工作制度", "周三、周六 14:00–17:00", "方主任甲", "66123"):
        assert said in known


async def test_the_programme_counts_the_children_and_names_none(
    office: Browser, sqlite_village: Village
) -> None:
    await a_family(sqlite_village)
    await sqlite_village.child(
        await sqlite_village.household(), **{**LEFT, "left_behind_fact": "F"}
    )

    text = words(await office.get("/office/texts/programme"))

    assert "本村有留守儿童2名，其中父母双方外出的1名" in text
    assert "石惊蛰" not in text


async def test_a_poster_is_large_on_both_papers_and_names_who_made_it_nowhere(
    office: Browser, sqlite_village: Village
) -> None:
    await a_place(sqlite_village)

    a4 = await office.get("/office/texts/duty/poster")
    a3 = await office.get("/office/texts/programme/poster?paper=a3")

    assert '<body class="poster a4 fit-0">' in a4.text
    assert '<body class="poster a3 fit-2">' in a3.text
    assert "青禾之家值班制度" in words(a4)
    for kept in ("内部资料", "打印人"):
        assert kept not in words(a4)
    assert_refused(await office.get("/office/texts/duty/poster?paper=a5"), 422, "bad_field")
    assert_refused(await office.get("/office/texts/money/poster"), 404, "not_found")
    noted = [it.subject for it in await sqlite_village.auth.audit(sqlite_village.code)]
    assert noted.count("text/duty") == 1


async def test_the_office_words_a_text_itself_and_goes_back_to_the_one_that_comes_along(
    office: Browser, sqlite_village: Village
) -> None:
    await a_place(sqlite_village)
    path = "/office/texts/hours"
    assert "进门：签到" in words(await office.get(f"{path}/change"))

    kept = await office.post(f"{path}/change", {"text": OWN.replace("\n", "\r\n")})
    shown, listed = words(await office.get(path)), words(await office.get("/office/texts"))
    poster = words(await office.get(f"{path}/poster"))
    await office.post(f"{path}/change", {"reset": "1"})

    assert kept.status_code == 303
    assert "青禾之家每天周三、周六 14:00–17:00开门" in shown
    assert "本村的写法" in listed
    assert "方主任甲说了算" in poster
    assert "进门：签到" in words(await office.get(f"{path}/change"))
    assert "本村的写法" not in words(await office.get("/office/texts"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# 规矩\n{{ child_name }}要听话", "没有这个占位符：child_name"),
        ("# 规矩\n{{ place", "占位符写坏了"),
        ("# 规矩\n{{ ''.__class__.__mro__ }}", "占位符写坏了"),
    ],
)
async def test_a_wording_that_cannot_be_filled_is_not_kept_and_what_was_typed_stays(
    office: Browser, text: str, said: str
) -> None:
    await office.get("/office/texts/hours/change")

    refused = await office.post("/office/texts/hours/change", {"text": text})

    assert refused.status_code == 422
    assert said in words(refused)
    assert text.splitlines()[1].split("{{")[0] in words(refused)
    assert "本村的写法" not in words(await office.get("/office/texts"))


async def test_an_empty_or_endless_text_is_refused(office: Browser) -> None:
    await office.get("/office/texts/hours/change")

    for text in ("", "  \n ", "字" * (MOST_TEXT + 1)):
        sent = await office.post("/office/texts/hours/change", {"text": text})
        assert_refused(sent, 422, "bad_field")


async def test_a_docx_takes_the_place_of_the_text_and_comes_out_filled(
    office: Browser, sqlite_village: Village
) -> None:
    await a_place(sqlite_village)
    path = "/office/texts/study"
    await office.get(f"{path}/change")
    file = {"file": ("学习.docx", build(OWN))}

    sent = await office.post(f"{path}/change", files=file)
    out = await office.post(f"{path}/docx")
    refused = await office.post(f"{path}/change", files={"file": ("坏的.docx", b"PK nothing")})
    template = await office.get(f"{path}/template.docx")

    assert sent.status_code == 303
    told = "\n".join(it.text for it in Document(io.BytesIO(out.content)).paragraphs)
    assert "青禾之家每天" in told
    assert refused.status_code == 422
    assert "{{ place }}" in Document(io.BytesIO(template.content)).paragraphs[1].text
    assert "学习.docx" in words(await office.get(f"{path}/change"))


async def test_the_facts_are_of_the_place_that_was_chosen(
    office: Browser, sqlite_village: Village
) -> None:
    await a_place(sqlite_village)
    other = await a_place(sqlite_village, "河湾活动室")

    page = await office.get(f"/office/texts/study?place={other}")

    assert "河湾活动室学习制度" in words(page)
    assert "河湾活动室学习制度" in words(
        await office.get(f"/office/texts/study/poster?place={other}")
    )


async def test_a_caring_mothers_card_has_her_duties_as_the_village_words_them(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, child = await a_family(village)
    mother, teacher = uuid7(), uuid7()
    await village.commit(
        create(mother, "helper", name="江妈妈甲", helper_kind="M", active="Y"),
        create(teacher, "helper", name="方老师甲", helper_kind="T", active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=mother, kind="MUM", from_on="2026-09-01", state="V"),
        create(uuid7(), "pairing", child_id=child, helper_id=teacher, kind="TCH", from_on="2026-09-01", state="V"),
    )  # fmt: skip

    cards = await office.get("/office/print/pairing-cards")
    await office.get("/office/texts/mothers/change")
    await office.post("/office/texts/mothers/change", {"text": "# 职责\n一、每周来一次。"})
    changed = words(await office.get("/office/print/pairing-cards"))

    assert words(cards).count("每周和孩子谈一次心") == 1
    assert "每周来一次" in changed
    assert "每周和孩子谈一次心" not in changed


async def test_who_reads_alone_changes_nothing(office: Browser, sqlite_village: Village) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="dudao", name="何督导甲", role="supervisor", password=PASSWORD
    )
    await office.sign_in("dudao")

    assert "工作制度" in words(await office.get("/office/texts"))
    assert_refused(await office.get("/office/texts/work/change"), 403, "not_allowed")


async def test_the_english_reading_aid_stands_beside_our_own_wording_alone(office: Browser) -> None:
    english_page = {"Accept-Language": "en"}
    await office.get("/office/texts/study/change")

    before = words(await office.get("/office/texts/study", **english_page))
    await office.post("/office/texts/study/change", {"text": OWN})
    after = words(await office.get("/office/texts/study", **english_page))

    assert "Homework first" in before
    assert "Homework first" not in after
