"""表单: what the office takes, refuses, shows, publishes and retires, and what phones get of it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openpyxl import load_workbook

from server.forms.compile import compile_workbook
from server.programme import programme, programme_for, programme_of
from server.registry import uuid7
from tests.forms.sheets import TEN, form_file, xlsx
from tests.helpers import Village, create
from tests.server.office.browser import PASSWORD, Browser, assert_refused, hidden, words

SURVEY = [
    ["type", "name", "label", "required", "constraint", "constraint_message"],
    ["select_one water", "water", "水源", "yes", "", ""],
    ["integer", "people", "几人喝", "", ". < 30", "一户没有这么多人"],
]
CHOICES = [
    ["list_name", "name", "label"],
    ["water", "tap", "自来水"],
    ["water", "well", "井水"],
]


def book(
    *rows: list[str],
    survey: list[list[str]] = SURVEY,
    choices: list[list[str]] = CHOICES,
    **said: str,
) -> bytes:
    """A small form about drinking water, with more questions or other settings."""
    settings = {"form_title": "饮水", "form_id": "water", **said}
    return xlsx(
        {
            "settings": [[*settings], [*settings.values()]],
            "survey": [*survey, *rows],
            "choices": choices,
        }
    )


async def upload(office: Browser, content: bytes, name: str = "form.xlsx") -> httpx2.Response:
    await office.get("/office/forms")
    return await office.post("/office/forms", files={"file": (name, content)})


async def publish(office: Browser, form: str, *grids: str) -> httpx2.Response:
    """Publishes the draft on a form's page."""
    draft = hidden(await office.get(f"/office/forms/{form}"), "draft")
    where: dict[str, Any] = {"where": "some", "grid": list(grids)} if grids else {"where": "all"}
    data = {"publish": "1", "draft": draft, **where}
    return await office.post(f"/office/forms/{form}/publish", data)


@cache
def compiled() -> dict[str, Any]:
    return compile_workbook(book())[0]


async def water(village: Village, *grids: str) -> None:
    """The small form, published."""
    registry = village.registry
    await registry.keep_draft(
        village.code, "water", compiled(), subject="household", volunteer=False, xform="<x/>",
        filename="water.xlsx", author="方村官甲",
    )  # fmt: skip
    await registry.publish(village.code, "water", 1, grids)
    await registry.village(village.code)


def type_of(village: Village, form: str = "water") -> str:
    return f"own_{village.code}_{form}"


async def record(village: Village, household: str, **fields: Any) -> str:
    """One answered form, as a phone would send it."""
    id = uuid7()
    await village.commit(
        create(
            id, type_of(village), household_id=household,
            **{"form_version": 1, "occurred_on": "2026-11-01", **fields},
        )
    )  # fmt: skip
    return id


async def test_all_ten_forms_are_taken_shown_and_published(
    office: Browser, sqlite_village: Village
) -> None:
    assert len(TEN) == 10
    for path in TEN:
        taken = await upload(office, form_file(path), path.name)
        assert taken.status_code == 303, words(taken)
        shown = await office.get(f"/office/forms/{path.stem}")
        assert "手机上的样子" in words(shown)
        assert (await publish(office, path.stem)).status_code == 303

    await office.get("/office/forms")  # says once that the last one was published
    listed = words(await office.get("/office/forms"))
    assert listed.count("已发布") == 10
    known = programme_of(sqlite_village.code).types
    assert {type_of(sqlite_village, path.stem) for path in TEN} <= known.keys()


async def test_a_draft_reaches_no_phone_until_it_is_published(
    office: Browser, sqlite_village: Village
) -> None:
    await upload(office, book())
    await office.get("/office/forms")

    assert type_of(sqlite_village) not in programme_of(sqlite_village.code).types
    await publish(office, "water")
    await office.get("/office/forms")
    assert type_of(sqlite_village) in programme_of(sqlite_village.code).types


BAD = {
    "an unknown type": (book(["hologram", "x", "X"]), "survey", 4, "type", "可以用", "Use text"),
    "a duplicate name": (book(["text", "water", "水"]), "survey", 4, "name", "重复", "twice"),
    "a name in emoji": (book(["text", "😀", "笑"]), "survey", 4, "name", "以字母开头", "a letter first"),
    "a missing list": (book(["select_one none", "x", "X"]), "survey", 4, "type", "list_name", "list_name"),
    "a reserved name": (book(["date", "occurred_on", "日子"]), "survey", 4, "name", "my_occurred_on", "my_occurred_on"),
    "a capital": (book(["text", "Q1", "问"]), "survey", 4, "name", "小写字母", "small letters"),
    "a place": (book(["geopoint", "spot", "位置"]), "survey", 4, "type", "定位", "position"),
    "a formula of no known function": (
        book(["text", "x", "X", "", "checklist(.) > 1"]), "survey", 4, "constraint", "checklist", "checklist",
    ),
    "an expression that never ends": (
        book(["text", "x", "X", "", "regex(., '(a+)+')"]), "survey", 4, "constraint", "永远算不完", "nested repetition",
    ),
    "a group left open": (book(["begin_group", "g", "G"]), "survey", 4, "type", "end_group", "end_group"),
    "no form_id": (book(form_id=""), "settings", 2, "form_id", "water_check", "water_check"),
    "a form_id in emoji": (book(form_id="😀"), "settings", 2, "form_id", "小写字母", "small letters"),
    "an unknown subject": (book(subject="dog"), "settings", 2, "subject", "household", "household"),
    "2,000 questions": (
        book(survey=[SURVEY[0], *(["text", f"q{n}", "问"] for n in range(2_000))]), "survey", 502, "—", "500", "500",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_form_is_refused_with_its_place_in_both_languages_and_changes_nothing(
    case: str, office: Browser, sqlite_village: Village
) -> None:
    content, sheet, row, column, zh, en = BAD[case]
    await water(sqlite_village)
    before = await sqlite_village.registry.forms(sqlite_village.code)

    for language, said in (("zh", zh), ("en", en)):
        office.client.cookies.set("zf_lang", language)
        refused = await upload(office, content)
        assert refused.status_code == 422
        [line] = re.findall(r"<tr><td>(?:survey|settings)</td>.*?</tr>", refused.text)[:1]
        cells = [re.sub("<[^>]+>", "", cell) for cell in line.split("</td>")]
        assert cells[:2] == [sheet, str(row)]
        assert cells[2] in (column, "—"), cells
        assert len(cells[3]) > 5
        assert said in cells[3], cells
    assert await sqlite_village.registry.forms(sqlite_village.code) == before


async def test_a_circle_of_calculations_is_refused(office: Browser) -> None:
    survey = [
        ["type", "name", "label", "calculation"],
        ["calculate", "a", "", "${b} + 1"],
        ["calculate", "b", "", "${a} + 1"],
        ["text", "c", "问", ""],
    ]

    refused = await upload(office, book(survey=survey))

    assert refused.status_code == 422
    assert "循环" in words(refused)


async def test_no_file_and_a_file_that_is_no_form_are_refused(office: Browser) -> None:
    await office.get("/office/forms")
    assert (await office.post("/office/forms", {})).status_code == 422
    for content in (b"", b"%PDF-1.7\0", b"PK\3\4 broken"):
        refused = await upload(office, content)
        assert refused.status_code == 422
        assert "Excel" in words(refused)


async def test_the_preview_skips_computes_and_checks_like_a_phone(office: Browser) -> None:
    path = next(it for it in TEN if it.stem == "weighing")
    await upload(office, form_file(path))
    await office.get("/office/forms/weighing")

    answers = {
        "answered": "1",
        "version": "1",
        "height": "120",
        "weight": "24",
        "occurred_on": "2026-01-01",
    }
    shown = words(await office.post("/office/forms/weighing", answers))
    assert "16.7" in shown
    assert "身高在 40 到 220 厘米之间" not in shown
    odd = words(await office.post("/office/forms/weighing", answers | {"height": "900"}))
    assert "身高在 40 到 220 厘米之间" in odd


async def test_a_new_version_keeps_the_old_one_and_each_record_its_own_words(
    office: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)
    household = await sqlite_village.household()
    old = await record(sqlite_village, household, water="well", people=3)
    choices = [CHOICES[0], ["water", "tap", "自来水"], ["water", "rain", "雨水"]]
    survey = [
        SURVEY[0],
        ["select_one water", "water", "喝什么水", "yes"],
        ["text", "why", "为什么"],
    ]
    assert (await upload(office, book(survey=survey, choices=choices))).status_code == 303
    assert (await publish(office, "water")).status_code == 303
    new = await record(sqlite_village, household, water="rain", why="井干了", form_version=2)

    assert "井水" in words(await office.get(f"/office/records/{old}"))
    assert "雨水" in words(await office.get(f"/office/records/{new}"))
    wire = programme_for(sqlite_village.code, "surveyor", [sqlite_village.grid(1)]).wire()
    name = type_of(sqlite_village)
    now = {field["name"] for field in wire["types"][name]["fields"]}
    then = {field["name"] for field in wire["versions"][f"{name}@1"]["fields"]}
    assert {"why"} == now - then
    assert {"people"} == then - now
    assert "writers" not in wire["versions"][f"{name}@1"]
    listed = words(await office.get("/office/forms/water/records"))
    assert "几人喝" in listed
    assert "为什么" in listed


async def test_a_draft_that_somebody_replaced_meanwhile_is_not_published_unseen(
    office: Browser, sqlite_village: Village
) -> None:
    await upload(office, book())
    draft = hidden(await office.get("/office/forms/water"), "draft")
    await upload(office, book(["text", "more", "还有"]))

    await office.get("/office/forms/water")
    await office.post(
        "/office/forms/water/publish", {"publish": "1", "draft": draft, "where": "all"}
    )

    assert "请再看一眼" in words(await office.get("/office/forms/water"))
    [kept] = await sqlite_village.registry.forms(sqlite_village.code)
    assert kept.published == []


async def test_appearances_that_mean_fields_of_ours_mean_nothing_in_an_uploaded_form(
    office: Browser, sqlite_village: Village
) -> None:
    survey = [
        ["type", "name", "label", "appearance"],
        ["text", "hide", "藏", "context"],
        ["text", "calls", "电话", "phones"],
        ["text", "long", "长", "multiline"],
    ]
    await upload(office, book(survey=survey))
    await publish(office, "water")
    await office.get("/office/forms")
    fields = programme().types[type_of(sqlite_village)].fields
    assert [fields[name].appearance for name in ("hide", "calls", "long")] == ["", "", "multiline"]
    household = await sqlite_village.household()
    id = await record(sqlite_village, household, hide="a", calls="123", long="b")
    assert "123" in words(await office.get(f"/office/records/{id}"))
    assert (await office.get("/office/odd")).status_code == 200


async def test_a_question_of_another_kind_needs_another_name(
    office: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)

    refused = await upload(office, book(survey=[SURVEY[0], ["text", "people", "几人喝"]]))

    assert refused.status_code == 422
    assert "integer" in words(refused)


async def test_whom_a_published_form_is_about_stays(
    office: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)

    refused = await upload(office, book(subject="child"))

    assert refused.status_code == 422
    assert "household" in words(refused)


async def test_a_form_is_offered_where_it_was_published_and_read_where_it_once_was(
    office: Browser, sqlite_village: Village
) -> None:
    first, second = sqlite_village.grid(1), sqlite_village.grid(2)
    await water(sqlite_village, first)
    await office.get("/office/forms")
    name = type_of(sqlite_village)

    here = programme_for(sqlite_village.code, "surveyor", [first])
    there = programme_for(sqlite_village.code, "surveyor", [second])
    assert here.wire()["types"][name]["own"]["grids"] == [first]
    assert name not in there.types
    assert here.version != there.version
    assert name not in programme_for(sqlite_village.code, "volunteer", []).types

    await office.get("/office/forms/water")
    await office.post("/office/forms/water/publish", {"where": "some", "grid": [second]})
    await office.get("/office/forms")
    again = programme_for(sqlite_village.code, "surveyor", [first])
    assert again.wire()["types"][name]["own"]["grids"] == [second]


async def test_publishing_to_no_grid_changes_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    await upload(office, book())
    draft = hidden(await office.get("/office/forms/water"), "draft")
    await office.post(
        "/office/forms/water/publish", {"publish": "1", "draft": draft, "where": "some"}
    )

    assert "请至少选一个网格" in words(await office.get("/office/forms/water"))
    [kept] = await sqlite_village.registry.forms(sqlite_village.code)
    assert kept.published == []


async def test_a_retired_form_is_offered_no_more_and_its_records_stay(
    office: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)
    household = await sqlite_village.household()
    await record(sqlite_village, household, water="well")
    await office.get("/office/forms/water")
    await office.post("/office/forms/water/retire")

    assert "已停用" in words(await office.get("/office/forms"))
    wire = programme_for(sqlite_village.code, "official", []).wire()
    assert wire["types"][type_of(sqlite_village)]["own"]["retired"] is True
    assert "井水" in words(await office.get("/office/forms/water/records"))
    await office.post("/office/forms/water/retire")
    await office.get("/office/forms")
    wire = programme_for(sqlite_village.code, "official", []).wire()
    assert wire["types"][type_of(sqlite_village)]["own"]["retired"] is False


async def test_a_discarded_draft_leaves_what_is_published(
    office: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)
    await upload(office, book(["text", "more", "还有"]))
    await office.get("/office/forms/water")
    await office.post("/office/forms/water/discard")

    [kept] = await sqlite_village.registry.forms(sqlite_village.code)
    assert [version.number for version in kept.versions] == [1]
    await upload(office, book(form_id="other"))
    await office.get("/office/forms/other")
    await office.post("/office/forms/other/discard")
    assert len(await sqlite_village.registry.forms(sqlite_village.code)) == 1


async def test_records_stand_in_the_timeline_the_list_and_in_excel_with_words_or_codes(
    office: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)
    household = await sqlite_village.household()
    await record(sqlite_village, household, water="well", people=3)
    await record(sqlite_village, household, water="tap", people=4, occurred_on="2026-11-02")

    assert "水源 井水" in words(await office.get(f"/office/records/{household}"))
    listed = words(await office.get("/office/forms/water/records?water=well"))
    assert "共 1 条" in listed
    assert "谷大叔甲" in listed
    said = await _excel(office, {"water": "well"})
    assert said["饮水"][2][-2:] == ["水源", "几人喝"]
    assert [row[-2:] for row in said["饮水"][3:]] == [["井水", 3]]
    coded = await _excel(office, {"coded": "1", "sort": "people"})
    assert coded["饮水"][2][-2:] == ["water", "people"]
    assert [row[-2:] for row in coded["饮水"][3:]] == [["well", 3], ["tap", 4]]


async def _excel(office: Browser, data: Mapping[str, str]) -> dict[str, list[list[Any]]]:
    await office.get("/office/forms/water/records")
    answer = await office.post("/office/forms/water/records.xlsx", data)
    assert answer.status_code == 200
    found = load_workbook(io.BytesIO(answer.content))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in found.worksheets
    }


async def test_what_is_odd_about_a_record_is_said_on_its_page(
    office: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)
    id = await record(sqlite_village, await sqlite_village.household(), water="beer", people=300)

    shown = words(await office.get(f"/office/records/{id}"))

    assert "一户没有这么多人" in shown
    assert "“beer”不在选项中" in shown
    assert "300" in shown


async def test_every_change_of_a_form_is_in_the_audit(
    office: Browser, sqlite_village: Village
) -> None:
    await upload(office, book())
    await publish(office, "water")
    await office.get("/office/forms/water")
    await office.post("/office/forms/water/retire")

    entries = await sqlite_village.auth.audit(sqlite_village.code)
    assert {"upload_form", "publish_form", "retire_form"} <= {entry.action for entry in entries}


async def test_another_village_sees_nothing_of_it(office: Browser, sqlite_village: Village) -> None:
    await water(sqlite_village)
    await office.get("/office/forms")
    await sqlite_village.registry.create_village("990000101299", "邻村")
    await sqlite_village.registry.village("990000101299")

    assert programme_of("990000101299").types.keys() < programme().types.keys()
    assert (
        programme_for("990000101299", "official", []).version
        != programme_for(sqlite_village.code, "official", []).version
    )


async def test_who_may_not_manage_forms_gets_none_of_it(
    office: Browser, visitor: Browser, sqlite_village: Village
) -> None:
    await water(sqlite_village)
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="du", name="田督导甲", role="supervisor", password=PASSWORD
    )
    await office.post("/office/logout")
    await visitor.get("/office/login")
    await visitor.sign_in("du")

    for path in ("/office/forms", "/office/forms/water", "/office/forms/water/xform/1"):
        assert_refused(await visitor.get(path), 403, "not_allowed")
    assert (await visitor.get("/office/forms/water/records")).status_code == 200


def test_the_ten_are_named_by_their_form_id() -> None:
    for path in TEN:
        assert f" {path.stem} " in Path(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("title", ["家访/谈心", "选项", "填写说明", "[饮水]?", "'", "长" * 40])
async def test_an_own_form_of_any_title_has_an_excel_template(
    office: Browser, sqlite_village: Village, title: str
) -> None:
    await upload(office, book(form_title=title))
    await publish(office, "water")

    template = await office.get(f"/office/programme/{type_of(sqlite_village)}/template.xlsx")

    sheets = load_workbook(io.BytesIO(template.content)).worksheets
    assert sheets[0]["A1"].value == title
    assert [it.title for it in sheets[1:]] == ["填写说明", "选项"]


async def test_an_own_form_leaves_like_every_other(
    office: Browser, sqlite_village: Village
) -> None:
    await upload(office, book())
    await publish(office, "water")
    await office.get("/office/forms")
    kind = type_of(sqlite_village)
    house = await sqlite_village.household()
    record = uuid7()
    await sqlite_village.commit(
        create(
            record, kind, household_id=house, occurred_on="2026-09-10", form_version=1,
            water="well", people=99,
        )
    )  # fmt: skip

    listed = words(await office.get("/office/programme"))
    blank = words(await office.get(f"/office/programme/{kind}/blank")).replace("\xa0", " ")
    filled = words(await office.get(f"/office/programme/print/{record}")).replace("\xa0", " ")
    xform = await office.get(f"/office/programme/{kind}/xform.xml")
    template = await office.get(f"/office/programme/{kind}/template.xlsx")
    await office.get("/office/programme")
    data = await office.post(f"/office/programme/{kind}/data.csv")
    odd = words(await office.get("/office/odd"))

    assert "饮水" in listed
    assert "□ 自来水 □ 井水" in blank
    assert "□ 自来水 ☑ 井水" in filled
    assert b"<h:html" in xform.content
    assert "水源*" in [
        it.value for it in load_workbook(io.BytesIO(template.content)).worksheets[0][3]
    ]
    assert "井水,well,99" in data.text
    assert "一户没有这么多人" in odd
