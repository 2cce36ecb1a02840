"""The year's summary of the demo village: rendered, opened again with python-docx, and its numbers checked."""

import io

import docx
import pytest

from server.office.values import percent
from tests.server.office.browser import Browser, words
from tests.server.office.statistics.conftest import ON, Demo

ASKED = {"since": "2026-09-01", "on": ON, "scope": "wide"}
YEAR = {**ASKED, "since": "2026-08-01"}


async def document(office: Browser, name: str, asked: dict[str, str]) -> "docx.document.Document":
    await office.get(f"/office/reports/{name}")
    answer = await office.post(f"/office/reports/{name}/docx", asked)
    assert answer.status_code == 200
    return docx.Document(io.BytesIO(answer.content))


def text_of(document: "docx.document.Document") -> str:
    return "\n".join(it.text for it in document.paragraphs)


async def test_the_years_summary_says_the_figures_of_the_brief(office: Browser, demo: Demo) -> None:
    made = await document(office, "annual", YEAR)
    said = text_of(made)

    pupils_back = demo.sql(
        "SELECT sum(json_extract(row, '$[3].cash_fen')) FROM record WHERE type = 'aid'"
    )[0][0]
    for sentence in (
        "青禾村2026年关爱留守儿童工作总结",
        "全村120户452人，截至2026年11月22日留守儿童60名（宽口径），占未满16周岁人口112人的54%",
        "男33女27；0—5岁13、6—13岁40、14—15岁7；父母双方外出42名",
        "由祖辈照护33名（55%）、亲友8名（13%）、其他19名",
        "困难9名",
        "领导小组7人",
        "制度3项",
        "走访112户，入户率93%，建档率95%",
        "联系卡59张",
        "帮扶人22名（教师8、村干部党员6、爱心妈妈5、志愿者3），结对率95%，人均2.6名",
        f"61名65人次，资金{pupils_back // 100:,}元、物资折价12,200元",
        "体检47名，异常5名、已跟进4名；心理辅导35人次；讲座1场；无一例安全事故",
        "集体生日5次；设备图书150册",
        "家长会1次，培训1次42人次，委托书签订率74%",
        "方案7份，结案2份，好转2份；求助7件，办结5件，强制报告1件",
        "建档率95%（目标100%），入学率98%，巩固率100%",
        "档案有缺项3名",
        "还没有结对3名",
        "求助未办结2件",
        "体检异常未跟进1名",
    ):
        assert sentence in said, sentence
    assert "{" not in said
    assert "—%" not in said


async def test_counts_of_the_summary_equal_those_of_the_records(
    office: Browser, demo: Demo
) -> None:
    said = text_of(await document(office, "annual", YEAR))
    calls = [it for it in demo.fields("family_call") if it["connected"] == "Y"]
    visits = [
        it
        for it in demo.fields("visit")
        if it["met"] != ["NONE"] and "2026-08-01" <= it["occurred_on"] <= ON
    ]
    talks = [it for it in demo.fields("talk") if it["party"] == "CHI"]
    came = [it for it in demo.fields("attendance") if "activity_id" in it]
    days = {it["occurred_on"] for it in demo.fields("duty_done")}

    videos = sum(it["kind"] == "2" for it in calls)
    assert f"电话{len(calls) - videos}次、视频{videos}次、书信0封" in said
    assert f"家访{len(visits)}次，谈心{len(talks)}人次" in said
    assert f"开放{len(days)}天，活动10场{len(came)}人次" in said


async def test_a_section_with_nothing_in_it_is_dropped(office: Browser) -> None:
    said = text_of(
        await document(office, "annual", {**ASKED, "since": "2026-07-01", "on": "2026-07-31"})
    )

    assert "一、基本情况" in said
    for heading in (
        "（二）结对帮扶",
        "（五）资助慰问",
        "（九）个案与维权",
        "二、组织领导",
        "五、典型与表彰",
    ):
        assert heading not in said


async def test_the_preview_says_the_same_as_the_document(office: Browser) -> None:
    made = text_of(await document(office, "annual", YEAR))

    page = await office.get(f"/office/reports/annual?since=2026-08-01&on={ON}")

    for line in made.splitlines():
        assert " ".join(line.split()) in words(page)


async def test_the_monthly_report_names_no_child(office: Browser, demo: Demo) -> None:
    made = await document(office, "monthly", {**ASKED, "since": "2026-10-01", "on": "2026-10-31"})
    said = text_of(made)
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    names = {it["name"] for it in demo.fields("child")}

    assert "期初61名，新增0名，减少1名，期末60名" in said
    assert "父母返乡1名" in said
    assert not any(name in said or name in cells for name in names)
    grave = [
        it["file_no"] for it in demo.fields("child")
        if it.get("risk_level") in ("R", "O") and it.get("ward_status") == "A"
        and it.get("left_behind_fact") in ("B", "F", "M")
    ]  # fmt: skip
    assert len(grave) == 7
    assert set(grave) <= set(cells)


async def test_a_week_across_the_end_of_a_month_is_in_the_report_of_the_month_it_ends_in(
    office: Browser,
) -> None:
    async def weeks(since: str, on: str) -> list[str]:
        made = await document(office, "monthly", {**ASKED, "since": since, "on": on})
        cells = [row.cells[0].text for table in made.tables for row in table.rows]
        return [it[-3:] for it in cells if "-W" in it]

    assert await weeks("2026-10-01", "2026-10-31") == ["W40", "W41", "W42", "W43"]
    assert await weeks("2026-11-01", ON) == ["W44", "W45", "W46", "W47"]


async def test_the_weekly_sheet_lists_those_who_had_no_call(office: Browser, demo: Demo) -> None:
    made = await document(office, "weekly", {"on": ON, "since": "2026-11-16", "scope": "wide"})
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    names = {it["id"]: it["name"] for it in demo.fields("child")}
    called = {
        it["child_id"]
        for it in demo.fields("family_call")
        if it["connected"] == "Y" and it["occurred_on"] >= "2026-11-16"
    }
    left = await demo.table("left_behind", on=ON)
    assert left.total.figures["count"].n == 60
    missing = [row[0] for row in demo.sql(
        "SELECT json_extract(row, '$[0]') FROM record WHERE type = 'child' AND present "
        "AND json_extract(row, '$[3].ward_status') = 'A' "
        "AND json_extract(row, '$[3].left_behind_fact') IN ('B', 'F', 'M')"
    ) if row[0] not in called]  # fmt: skip

    assert missing
    assert {names[id] for id in missing} <= set(cells)
    assert "走访逾期" not in cells


async def test_a_letter_for_each_child_or_for_those_of_one_grid(office: Browser) -> None:
    everybody = text_of(await document(office, "letter", ASKED))
    one_grid = text_of(await document(office, "letter", {**ASKED, "grid": "99000010120106"}))

    assert everybody.count("致家长一封信") == 60
    assert one_grid.count("致家长一封信") == 8
    assert "石大叔" not in everybody


@pytest.mark.parametrize("name", ["weekly", "monthly", "annual", "letter"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_each_report_can_be_seen_in_both_languages(
    office: Browser, name: str, language: str
) -> None:
    office.client.cookies.set("zf_lang", language)

    page = await office.get(f"/office/reports/{name}?on={ON}")

    assert page.status_code == 200
    assert 'class="paper"' in page.text


def test_percentages_of_a_text_have_no_decimals() -> None:
    assert percent(185, 721) == "26%"
