"""Filled Excel templates: read back, previewed by row and cell, written once, taken back whole."""

import datetime
import io
import os
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import pytest

from server.office import tabular
from server.office.filled.cells import Unreadable, answer
from server.office.filled.columns import columns_of
from server.office.roster import read
from server.programme import programme
from server.registry import Row
from tests.helpers import Village, create
from tests.server.office.browser import PASSWORD, Browser, assert_refused, hidden, words
from tests.server.office.test_paper import counted, family, wells

TODAY = datetime.date(2026, 11, 28)


async def template(office: Browser, kind: str, *rows: dict[str, Any]) -> bytes:
    """The form's own template as the office gives it, with rows filled in under its headings."""
    answer = await office.get(f"/office/programme/{kind}/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    headings = [str(cell.value).rstrip("*") for cell in sheet[3] if cell.value]
    for number, row in enumerate(rows, start=4):
        for word, value in row.items():
            sheet.cell(number, headings.index(word) + 1, value)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def upload(office: Browser, kind: str, content: bytes, name: str = "走访.xlsx") -> str:
    path = f"/office/programme/{kind}/import"
    await office.get(path)
    answer = await office.post(path, files={"file": (name, content)})
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])


async def apply(office: Browser, path: str, **more: str | list[str]) -> httpx2.Response:
    page = await office.get(path)
    data: dict[str, Any] = {"digest": hidden(page, "digest"), "apply": "1", **more}
    return await office.post(path, data)


async def rows(village: Village, kind: str) -> list[Row]:
    return sorted(await village.registry.rows(village.code, kind), key=lambda row: row.id)


VISIT = {
    "儿童": "谷梓涵", "走访类型": "月度走访", "见到谁": "儿童、照护人",
    "日期": datetime.date(2026, 11, 18), "记录人": "江老师甲",
}  # fmt: skip


async def test_a_filled_template_becomes_records_of_who_is_named_in_it(
    office: Browser, sqlite_village: Village
) -> None:
    child = await family(sqlite_village)
    content = await template(
        office, "visit", {**VISIT, "下次走访": "2026年12月20日"}, {**VISIT, "儿童": "0013"},
    )  # fmt: skip

    path = await upload(office, "visit", content)
    page = words(await office.get(path))
    assert await rows(sqlite_village, "visit") == []
    answer = await apply(office, path)

    assert "新收 2" in page
    first, second = await rows(sqlite_village, "visit")
    assert answer.status_code == 303
    names = (
        "child_id",
        "met",
        "occurred_on",
        "next_visit_on",
        "recorded_by",
        "typed_by",
        "typed_from",
    )
    assert [first.fields[name] for name in names] == [
        child, ["C", "G"], "2026-11-18", "2026-12-20", "江老师甲", "方村官甲", "EXCEL",
    ]  # fmt: skip
    assert first.fields["household_id"] == second.fields["household_id"]


async def test_the_same_file_a_second_time_writes_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    content = await template(office, "visit", VISIT)
    await apply(office, await upload(office, "visit", content))
    again = await template(office, "visit", VISIT, {**VISIT, "儿童": "谷小满"})

    same = await upload(office, "visit", content)
    page = words(await office.get(same))
    await apply(office, same)
    await apply(office, await upload(office, "visit", again))

    assert "新收 0" in page
    assert "已经有了 1" in page
    assert "没有可以存的" in page
    assert len(await rows(sqlite_village, "visit")) == 2


async def test_what_is_wrong_is_said_by_cell_and_that_row_is_left_out(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    content = await template(
        office,
        "visit",
        VISIT,
        {**VISIT, "儿童": "没有的人"},
        {**VISIT, "儿童": "谷小满", "日期": "2026年2月30日"},
        {**VISIT, "儿童": "谷小满", "见到谁": "儿童、外星人"},
        {**VISIT, "儿童": None},
        {"儿童": "谷子涵", "日期": "2026.11.19"},
    )
    path = await upload(office, "visit", content)

    page = words(await office.get(path))
    await apply(office, path)

    assert "没有找到“没有的人”" in page
    assert "请写成 2014-03-12 这样的日期" in page
    assert "“外星人”不在选项里" in page
    assert "没有写是谁的" in page
    assert "还没有填：走访类型" in page, "said, and taken all the same"
    assert "不能收 4" in page
    assert [it.fields["occurred_on"] for it in await rows(sqlite_village, "visit")] == [
        "2026-11-18", "2026-11-19",
    ]  # fmt: skip


async def test_two_of_one_name_are_told_apart_by_number(
    office: Browser, sqlite_village: Village
) -> None:
    home = await sqlite_village.household(2)
    other = await sqlite_village.child(home, name="谷梓涵", file_no="0099")
    await family(sqlite_village)
    content = await template(
        office,
        "visit",
        VISIT,
        {**VISIT, "儿童": "谷梓涵 0099"},
    )
    path = await upload(office, "visit", content)

    page = words(await office.get(path))
    await apply(office, path)

    assert "有几个“谷梓涵”，请在后面写上编号" in page
    assert [it.fields["child_id"] for it in await rows(sqlite_village, "visit")] == [other]


async def test_a_row_like_a_record_there_is_left_out_unless_chosen(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    await apply(
        office,
        await upload(office, "visit", await template(office, "visit", VISIT)),
    )
    content = await template(office, "visit", {**VISIT, "备注": "下午又去了"})

    left = await upload(office, "visit", content)
    page = words(await office.get(left))
    await apply(office, left)
    before = len(await rows(sqlite_village, "visit"))
    await apply(office, await upload(office, "visit", content), take=["走访!4"])

    assert "像已有的 1" in page
    assert (before, len(await rows(sqlite_village, "visit"))) == (1, 2)


async def test_a_column_that_was_explained_is_known_the_next_time(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["青禾村十一月谈心", None, None])
    sheet.append(["孩子叫啥", "日期", "聊得怎样"])
    sheet.append(["谷梓涵", "2026/11/18", "想妈妈了"])
    file = io.BytesIO()
    book.save(file)
    path = "/office/programme/talk/import"
    await office.get(path)
    refused = await office.post(path, files={"file": ("x.xlsx", file.getvalue())})
    sheet.cell(2, 4, "和谁谈")
    sheet.cell(3, 4, "儿童")
    file = io.BytesIO()
    book.save(file)
    first = await upload(office, "talk", file.getvalue())
    told = {"column 孩子叫啥": "child_id", "column 聊得怎样": "content"}
    page = await office.get(first)
    shown = await office.post(first, {"digest": hidden(page, "digest"), **told})
    stale = await office.post(first, {"digest": hidden(page, "digest"), "apply": "1", **told})
    await office.post(first, {"digest": hidden(shown, "digest"), "apply": "1", **told})
    sheet.cell(3, 2, "2026/11/25")
    file = io.BytesIO()
    book.save(file)

    await apply(office, await upload(office, "talk", file.getvalue()))

    assert refused.status_code == 422
    assert "没有认出标题行" in words(refused)
    assert stale.status_code == 409
    assert "不认得的列" in words(page)
    assert "新收 1" in words(shown)
    talks = await rows(sqlite_village, "talk")
    assert [it.fields["content"] for it in talks] == ["想妈妈了", "想妈妈了"]
    assert len(await rows(sqlite_village, "column_name")) == 2


async def test_an_import_is_taken_back_whole_and_can_be_taken_in_again(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    content = await template(office, "visit", VISIT, {**VISIT, "儿童": "谷小满"})
    done = (await apply(office, await upload(office, "visit", content))).headers["location"]
    before = await counted(sqlite_village)

    page = words(await office.get(done))
    await office.post(done)
    gone = words(await office.get(done))
    taken_back = await counted(sqlite_village)
    await apply(office, await upload(office, "visit", content))

    assert "走访 2" in page
    assert "没有可以撤的了" in gone
    assert (before, taken_back, await counted(sqlite_village)) == (2, 0, 2)


async def test_entities_come_in_too_and_are_taken_back(
    office: Browser, sqlite_village: Village
) -> None:
    content = await template(
        office, "place",
        {"名称": "上坪留守儿童之家", "类型": "农家书屋", "面积（平方米）": 60},
        {"名称": "上坪留守儿童之家", "面积（平方米）": 61},
    )  # fmt: skip

    path = await upload(office, "place", content)
    page = words(await office.get(path))
    done = (await apply(office, path)).headers["location"]
    (place,) = await rows(sqlite_village, "place")
    await office.post(done)

    assert "像第 4 行" in page
    assert place.fields["name"] == "上坪留守儿童之家"
    assert await rows(sqlite_village, "place") == []


async def test_a_roster_is_taken_back_but_for_what_somebody_used_since(
    office: Browser, sqlite_village: Village
) -> None:
    from tests.server.office.test_imports import GOOD, roster
    from tests.server.office.test_imports import upload as upload_roster

    village = sqlite_village
    other: list[object] = ["下坪组", "石大叔甲", "石小雨", "女", "2015-03-04", "10000005502"]
    content = roster(GOOD, other)

    async def take_in() -> None:
        path = await upload_roster(office, content)
        page = await office.get(path)
        data = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "apply": "1"}
        await office.post(path, data)

    await take_in()
    children = {it.fields["name"]: it for it in await rows(village, "child")}
    visited = children["石小雨"]
    await village.commit(
        create("a" * 31 + "1", "visit", child_id=visited.id, occurred_on="2026-11-18",
               household_id=visited.fields["household_id"])
    )  # fmt: skip
    listed = await office.get("/office/import")
    undo = listed.text.partition("/office/import/undo/")[2].partition('"')[0]
    page = await office.get(f"/office/import/undo/{undo}")
    await office.post(f"/office/import/undo/{undo}")

    assert "留着" in words(page)
    assert [it.fields["name"] for it in await rows(village, "child")] == ["石小雨"]
    assert [it.fields["head_name"] for it in await rows(village, "household")] == ["石大叔甲"]

    await take_in()
    back = {it.fields["name"]: it for it in await rows(village, "child")}
    assert sorted(back) == ["石小雨", "谷小满"]
    assert not any(it.contested for it in back.values())


async def test_cells_a_roster_filled_in_are_emptied_and_what_was_changed_since_stays(
    office: Browser, sqlite_village: Village
) -> None:
    from tests.server.office.test_imports import roster
    from tests.server.office.test_imports import upload as upload_roster

    village = sqlite_village
    home = await village.household(address="")
    child = await village.child(home, name="谷小满", birth_date="2016-05-06")
    good: list[object] = ["上坪组", "谷大叔甲", "谷小满", "女", "2016-05-06", "10000005501"]
    path = await upload_roster(office, roster(good))
    page = await office.get(path)
    await office.post(
        path, {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "apply": "1"}
    )
    filled = await village.registry.row(village.code, child)
    listed = await office.get("/office/import")
    undo = listed.text.partition("/office/import/undo/")[2].partition('"')[0]

    await office.post(f"/office/import/undo/{undo}")

    after = await village.registry.row(village.code, child)
    assert filled is not None
    assert filled.fields["sex"] == "2"
    assert after is not None
    assert "sex" not in after.fields
    assert after.fields["birth_date"] == "2016-05-06"


@pytest.mark.parametrize("kind", ["child", "household", "nothing"])
async def test_families_come_in_as_rosters(office: Browser, kind: str) -> None:
    assert_refused(await office.get(f"/office/programme/{kind}/import"), 404, "not_found")
    assert "/office/programme/visit/import" in (await office.get("/office/programme")).text


async def test_a_supervisor_takes_nothing_in(office: Browser, sqlite_village: Village) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="dudao", name="何督导甲", role="supervisor", password=PASSWORD
    )
    await office.post("/office/logout")
    await office.get("/office/login")
    await office.sign_in("dudao")

    assert_refused(await office.get("/office/programme/visit/import"), 403, "not_allowed")


async def test_a_broken_file_is_refused_with_its_sentence(office: Browser) -> None:
    await office.get("/office/programme/visit/import")
    answer = await office.post(
        "/office/programme/visit/import", files={"file": ("x.xlsx", b"PK\x03\x04 nothing")}
    )

    assert answer.status_code in (400, 413, 415, 422)
    assert "另存为" in words(answer)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_column_of_every_template_is_recognised_in_both_languages(language: str) -> None:
    for kind in programme().types.values():
        book = read(tabular.template(kind, language), "x.xlsx")
        asked = tabular.collected(kind, frozenset())

        found = [columns_of(sheet, asked, {}) for sheet in book.sheets]

        best = max((it for it in found if it), key=lambda it: len(it.fields))
        assert [it.name for _, it in sorted(best.fields.items())] == [it.name for it in asked]
        assert best.unknown == {}


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("occurred_time", 0.354166667, "08:30"),
        ("occurred_time", "8点30分", "08:30"),
        ("cash_fen", "1,200", 1200),
        ("cash_fen", 1200.0, 1200),
        ("occurred_on", 20261118, "2026-11-18"),
        ("occurred_on", "二〇二六年十一月十八日", "2026-11-18"),
        ("occurred_on", 46344, "2026-11-18"),
        ("aid_kind", "火星", None),
        ("note", "  两行\n　备注 ", "两行\n备注"),
    ],
)
def test_cells_are_read_as_people_write_them(name: str, written: Any, meant: Any) -> None:
    field = programme().types["aid"].fields[name]
    if meant is None:
        with pytest.raises(Unreadable):
            answer(field, written, TODAY, lambda: "e")
        return

    assert answer(field, written, TODAY, lambda: "e") == meant


async def test_an_own_form_with_a_repeat_comes_in_from_a_gbk_csv(
    office: Browser, sqlite_village: Village
) -> None:
    await wells(sqlite_village)
    await family(sqlite_village)
    kind = f"own_{sqlite_village.code}_water"
    text = (
        "二组饮水\n\n所在户,日期,几人喝,水井,记录人\n"
        '谷大叔甲,2026-11-18,4,"在哪里=院里，多深=12；村口",江老师甲\n'
        "没有的户,2026-11-18,4,,\n"
    )
    household, *_ = await rows(sqlite_village, "household")
    text = text.replace("谷大叔甲", str(household.fields["household_no"]))

    path = await upload(office, kind, text.encode("gb18030"), "饮水.csv")
    page = words(await office.get(path))
    await apply(office, path)

    assert "A5 没有找到“没有的户”" in page
    (made,) = await rows(sqlite_village, kind)
    entries = sorted(made.fields["wells"].values(), key=lambda it: it["where"])
    assert entries == [{"where": "村口"}, {"where": "院里", "depth": 12}]
    assert (made.fields["people"], made.fields["litres"]) == (4, "12")
    assert made.fields["recorded_by"] == "江老师甲"


async def test_a_filled_file_nobody_came_back_for_is_gone_after_a_day(
    office: Browser, sqlite_village: Village, tmp_path: Path
) -> None:
    await family(sqlite_village)
    path = await upload(office, "visit", await template(office, "visit", VISIT))
    kept = [it for it in (tmp_path / "filled").rglob("*") if it.is_file()]
    assert len(kept) == 2

    for it in kept:
        os.utime(it, (1, 1))
    await office.get("/office/")

    assert not any(it.exists() for it in kept)
    assert (await office.get(path)).status_code == 303
