"""Every form leaves as paper, XForm, Excel template and data, for who may export, within what their role reads."""

import csv
import io
import re
import xml.etree.ElementTree as xml
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from server.office import paper
from server.office.sheet_form import CORRECTIONS
from server.programme import programme
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words

TYPES = sorted(programme().types)
NUMBER = "990000201403120016"


def sheets(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def rows_of(content: bytes, sheet: int = 0) -> list[dict[str, Any]]:
    page = sheets(content).worksheets[sheet]
    heads, *rows = page.iter_rows(min_row=3, values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


async def filled_village(village: Village) -> tuple[str, str, str]:
    """A household, its child, and a visit."""
    house = await village.household(population=4)
    child = await village.child(
        house,
        sex="1",
        birth_date="2014-03-12",
        id_number=NUMBER,
        **{"hobby/01": True, "hobby/06": True},
    )
    visit = uuid7()
    await village.commit(
        create(
            visit, "visit", household_id=house, child_id=child, occurred_on="2026-09-10",
            visit_kind="2", note="=1+1", **{"met/C": True},
        )
    )  # fmt: skip
    return house, child, visit


async def test_the_page_leads_to_everything_of_every_form(
    office: Browser, sqlite_village: Village
) -> None:
    await filled_village(sqlite_village)

    text = (await office.get("/office/programme")).text

    for name in TYPES:
        for end in ("blank", "template.xlsx", "xform.xml"):
            assert f'href="/office/programme/{name}/{end}"' in text
    assert set(re.findall(r'formaction="/office/programme/(\w+)/data.csv"', text)) == {
        "grid",
        "household",
        "child",
        "visit",
    }


@pytest.mark.parametrize("name", TYPES)
async def test_a_blank_sheet_asks_every_question(office: Browser, name: str) -> None:
    answer = await office.get(f"/office/programme/{name}/blank")
    said = words(answer)

    assert answer.status_code == 200
    for field in programme().types[name].fields.values():
        is_asked = not field.derived and field.type not in ("note", "calculate")
        if is_asked and field.appearance != "context" and field.name != "void_reason":
            assert field.label.zh in said, field.name
    assert "内部资料 注意保密" in said
    assert "打印人 方村官甲" in said
    assert "☑" not in said


async def test_a_blank_sheet_has_boxes_lines_and_says_when_a_question_applies(
    office: Browser,
) -> None:
    answer = await office.get("/office/programme/child/blank")
    said = words(answer)

    assert "□ 男 □ 女" in said.replace("\xa0", " ")
    assert "“身体状况”是“残疾”时填" in said
    assert answer.text.count('class="rule') > 10
    assert "01\xa0汉族" in answer.text.replace("&nbsp;", "\xa0")


async def test_a_filled_sheet_holds_the_records_answers(
    office: Browser, sqlite_village: Village
) -> None:
    _, child, visit = await filled_village(sqlite_village)

    file = words(await office.get(f"/office/programme/print/{child}")).replace("\xa0", " ")
    door = words(await office.get(f"/office/programme/print/{visit}")).replace("\xa0", " ")

    assert "儿童姓名 谷小满" in file
    assert "☑ 男 □ 女" in file
    assert "☑ 阅读" in file
    assert "990000********0016" in file
    assert NUMBER not in file
    assert "☑ 月度走访" in door
    assert "2026-09-10" in door
    assert "儿童： 谷小满" in door


async def test_a_whole_number_is_printed_for_who_asks_and_noted(
    office: Browser, sqlite_village: Village
) -> None:
    _, child, _ = await filled_village(sqlite_village)
    await office.get(f"/office/programme/print/{child}")

    whole = await office.post(f"/office/programme/print/{child}")

    assert NUMBER in whole.text
    actions = [it.action for it in await sqlite_village.auth.audit(sqlite_village.code)]
    assert actions.count("print_form") == 2
    assert actions.count("see_id_number") == 1


async def test_a_question_no_list_has_the_answer_of_shows_it_all_the_same() -> None:
    kind = programme().types["visit"]
    parts = paper.parts_of(kind, "zh", answers={"visit_kind": "77"}, say=lambda _name, it: str(it))

    [line] = [it for part in parts for it in part.lines if it.name == "visit_kind"]

    assert line.said == "77"
    assert not any(box.ticked for box in line.boxes)


async def test_a_correction_says_why_and_a_blank_sheet_does_not_ask() -> None:
    kind = programme().types["visit"]

    def names(**answers: str) -> set[str]:
        parts = paper.parts_of(kind, "zh", answers=answers or None, say=lambda _n, it: str(it))
        return {it.name for part in parts for it in part.lines}

    assert "void_reason" not in names()
    assert "void_reason" in names(corrects_id="0" * 32, void_reason="日期写错了")


async def test_the_xform_is_a_file_of_standard_xml(office: Browser) -> None:
    answer = await office.get("/office/programme/visit/xform.xml")

    assert answer.headers["content-type"].startswith("application/xml")
    assert 'filename="visit.xml"' in answer.headers["content-disposition"]
    assert xml.fromstring(answer.content).tag.endswith("html")


@pytest.mark.parametrize("name", TYPES)
async def test_a_template_has_the_headings_choices_and_a_guide(office: Browser, name: str) -> None:
    book = sheets((await office.get(f"/office/programme/{name}/template.xlsx")).content)
    page, guide, choices = book.worksheets
    kind = programme().types[name]
    typed = [it for it in kind.fields.values() if not it.derived and it.type != "note"]
    if kind.kind == "event":
        typed = [it for it in typed if it.name not in CORRECTIONS] + [kind.fields["recorded_by"]]
    heads = [str(cell.value).rstrip("*") for cell in page[3]]

    assert heads == [it.roster[0] if it.roster else it.label.zh for it in typed]
    assert [row[0].value for row in guide.iter_rows(min_row=4)] == heads
    listed = [cell.value for cell in choices[1] if cell.value] if choices.max_row > 1 else []
    lists = [it for it in typed if it.list in programme().lists]
    assert len(page.data_validations.dataValidation) >= len(lists)
    assert set(listed) >= {it.roster[0] if it.roster else it.label.zh for it in lists}


async def test_data_has_codes_and_labels_and_names_of_what_is_pointed_to(
    office: Browser, sqlite_village: Village
) -> None:
    house, child, visit = await filled_village(sqlite_village)
    await office.get("/office/programme")

    [row] = rows_of((await office.post("/office/programme/visit/data.xlsx")).content)

    assert row["id"] == visit
    assert (row["走访类型"], row["走访类型（代码）"]) == ("月度走访", "2")
    assert (row["儿童"], row["儿童 id"]) == ("谷小满", child)
    assert (row["所在户"], row["所在户 id"]) == ("谷大叔甲", house)
    assert row["备注"] == "=1+1"


async def test_several_choices_stand_in_one_cell(office: Browser, sqlite_village: Village) -> None:
    await filled_village(sqlite_village)
    await office.get("/office/programme")

    [row] = rows_of((await office.post("/office/programme/child/data.xlsx")).content)

    assert (row["爱好"], row["爱好（代码）"]) == ("阅读、球类", "01 06")
    assert row["公民身份号码"] == "990000********0016"
    assert "年龄" not in row


async def test_a_workbook_explains_its_columns_and_codes(
    office: Browser, sqlite_village: Village
) -> None:
    await filled_village(sqlite_village)
    await office.get("/office/programme")
    content = (await office.post("/office/programme/visit/data.xlsx")).content

    fields, codes = rows_of(content, 1), rows_of(content, 2)

    assert {it["项"] for it in fields} >= {"visit_kind", "met", "occurred_on"}
    assert {
        "选项表": "visit_kind",
        "代码": "2",
        "名称": "月度走访",
        "English": "Monthly visit",
    } in [{**it, "English": "Monthly visit"} if it["代码"] == "2" else it for it in codes]


async def test_a_csv_is_safe_to_open_and_keeps_its_marks(
    office: Browser, sqlite_village: Village
) -> None:
    await filled_village(sqlite_village)
    await office.get("/office/programme")

    answer = await office.post("/office/programme/visit/data.csv")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["备注"] == "'=1+1"
    assert row["见到谁（代码）"] == "C"


async def test_what_is_counted_stands_in_the_data(office: Browser, sqlite_village: Village) -> None:
    village, house = sqlite_village, await sqlite_village.household()
    child, place, item = await village.child(house), uuid7(), uuid7()
    about = {"household_id": house, "child_id": child, "occurred_on": "2026-09-10"}
    await village.commit(
        create(uuid7(), "aid", **about, aid_kind="4", qty=2, unit_fen=20_000, cash_fen=500)
    )
    await village.commit(create(item, "inventory_item", place_id=place, name="图书"))
    for change in (150, -3):
        await village.commit(
            create(
                uuid7(), "stock", item_id=item, change=change, reason="IN", occurred_on="2026-09-10"
            )
        )
    await office.get("/office/programme")

    [aid] = rows_of((await office.post("/office/programme/aid/data.xlsx")).content)
    [books] = rows_of((await office.post("/office/programme/inventory_item/data.xlsx")).content)

    assert aid["合计（分）"] == 40_500
    assert books["数量"] == 147


async def test_every_export_is_noted(office: Browser, sqlite_village: Village) -> None:
    await filled_village(sqlite_village)
    await office.get("/office/programme")

    await office.post("/office/programme/child/data.csv")
    await office.post("/office/programme/child/data.xlsx", {"whole": "1"})

    noted = [(it.action, it.subject) for it in await sqlite_village.auth.audit(sqlite_village.code)]
    assert noted.count(("export", "child")) == 2
    assert noted.count(("see_id_number", "child")) == 1


@pytest.mark.parametrize(
    "path", ["/programme", "/programme/child/blank", "/programme/child/xform.xml"]
)
async def test_who_may_not_export_gets_nothing(
    visitor: Browser, sqlite_village: Village, path: str
) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="root", name="米管理甲", role="admin", password=PASSWORD
    )
    await visitor.sign_in("root")

    assert_refused(await visitor.get(f"/office{path}"), 403, "not_allowed")


async def test_a_form_nobody_knows_is_not_found(office: Browser) -> None:
    assert_refused(await office.get("/office/programme/nothing/blank"), 404, "not_found")
    assert_refused(await office.post("/office/programme/child/data.pdf"), 404, "not_found")


def _say(name: str, value: Any) -> str:
    return str(value)


SAY: Callable[[str, Any], str] = _say


def test_a_repeat_is_a_table_with_a_row_an_entry() -> None:
    asked = {**programme().types["household"].form["fields"][0]}
    column = {
        **asked,
        "name": "age",
        "type": "integer",
        "label": {"zh": "年龄", "en": "Age"},
        "list": None,
    }
    repeat = {**column, "name": "members", "type": "repeat", "fields": [column]}

    blank = paper._line(repeat, "zh", None, None, "")
    held = paper._line(repeat, "zh", {"members": {"a1": {"age": 4}, "b2": {"age": 9}}}, SAY, "")

    assert (blank.kind, blank.head, len(blank.rows)) == ("table", ["年龄"], paper.BLANK_ROWS)
    assert held.rows == [["4"], ["9"]]


async def test_everything_of_the_village_comes_in_one_zip_for_the_official_alone(
    office: Browser, sqlite_village: Village
) -> None:
    _, _, visit = await filled_village(sqlite_village)
    village, auth = sqlite_village, sqlite_village.auth
    assert "导出全部档案" in (await office.get("/office/programme")).text

    masked = await office.post("/office/programme/everything.zip")
    whole = await office.post("/office/programme/everything.zip", {"whole": "1"})

    with zipfile.ZipFile(io.BytesIO(masked.content)) as file:
        names = set(file.namelist())
        [row] = rows_of(file.read("visit.xlsx"))
        [hidden] = rows_of(file.read("child.xlsx"))
        assert "visit.xlsx" in file.read("README.txt").decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(whole.content)) as file:
        [shown] = rows_of(file.read("child.xlsx"))
    assert names >= {"household.xlsx", "child.xlsx", "visit.xlsx", "grid.xlsx"}
    assert row["id"] == visit
    assert "*" in str(hidden["公民身份号码"])
    assert "*" not in str(shown["公民身份号码"])
    noted = [it.action for it in await auth.audit(village.code)]
    assert noted.count("export_all") == 2
    assert noted.count("see_id_number") == 1
    await auth.create_account(
        village.code, login="wenshu", name="林文书甲", role="clerk", password=PASSWORD
    )
    await office.post("/office/logout")
    await office.get("/office/login")
    await office.sign_in("wenshu")
    assert "导出全部档案" not in (await office.get("/office/programme")).text
    refused = await office.post("/office/programme/everything.zip")
    assert_refused(refused, 403, "not_allowed")
