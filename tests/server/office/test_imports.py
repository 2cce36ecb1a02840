"""The import pages: upload, preview, apply; refused files say why and change nothing."""

import io
import re
from html import unescape

import httpx2
import openpyxl
import pytest

from tests.helpers import Village
from tests.server.office.browser import Browser, assert_refused, hidden, words

HEADER = ["村民组", "户主姓名", "儿童姓名", "性别", "出生日期", "联系电话"]


def roster(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["青禾村留守儿童花名册"])
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


GOOD: list[object] = ["上坪组", "谷大叔甲", "谷小满", "女", "2016-05-06", "10000005501"]
BAD: list[object] = ["上坪组", "石大叔甲", "", "男", "2015-03-04", ""]


async def upload(office: Browser, content: bytes, name: str = "花名册.xlsx") -> str:
    await office.get("/office/import")
    answer = await office.post("/office/import", files={"file": (name, content)})
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"]


async def test_a_roster_is_previewed_and_then_applied_whole(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    address = await upload(office, roster(GOOD))
    page = await office.get(address)
    assert "还没有存" in words(page)
    assert await village.registry.rows(village.code, "child") == []

    answer = await office.post(
        address,
        {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "apply": "1"},
    )

    assert answer.status_code in (200, 303)
    assert [c.fields["name"] for c in await village.registry.rows(village.code, "child")] == [
        "谷小满"
    ]
    assert any(e.action == "import" for e in await village.auth.audit(village.code))


async def test_a_preview_that_is_out_of_date_is_shown_again_and_writes_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    address = await upload(office, roster(GOOD))
    page = await office.get(address)

    answer = await office.post(
        address, {"base": hidden(page, "base"), "digest": "0" * 32, "apply": "1"}
    )

    assert answer.status_code == 409
    assert await village.registry.rows(village.code, "child") == []


@pytest.mark.parametrize("day", ["2026-02-30", "昨天", "9999-12-31", "0001-01-01", "2026-1-1"])
async def test_a_day_no_roster_could_be_of_is_refused_at_its_field_and_nothing_is_written(
    office: Browser, sqlite_village: Village, day: str
) -> None:
    aged: list[object] = ["上坪组", "谷大叔甲", "谷小满", "女", "0岁", "10000005501"]
    address = await upload(office, roster(aged))
    page = await office.get(address)
    typed = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "as_of": day}

    for sent in (typed, {**typed, "apply": "1"}):
        answer = await office.post(address, sent)
        assert answer.status_code == 422
        assert 'id="day-problem"' in answer.text
        assert f'name="as_of" value="{day}"' in answer.text
        assert "没有这一天，或它还没到" in words(answer)

    assert await sqlite_village.registry.rows(sqlite_village.code, "child") == []
    download = await office.get(f"{address}/refused.xlsx?as_of={day}")
    assert download.status_code == 200


def choices(page: httpx2.Response) -> dict[str, str]:
    """What the form of a preview sends: its hidden fields and what is chosen in each list."""
    named = {name: hidden(page, name) for name in ("base", "digest")}
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', page.text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        named[unescape(name)] = chosen[1] if chosen else ""
    return named


async def test_who_looks_like_somebody_is_decided_row_by_row_and_taken_in(
    office: Browser, sqlite_village: Village
) -> None:
    village, home = sqlite_village, await sqlite_village.household()
    for name in ("谷小满", "石惊蛰", "安白露"):
        await village.child(home, name=name, birth_date="2016-06-01", birth_approximate="exact")
    aged: list[list[object]] = [
        ["上坪组", f"{name[0]}大叔丙", name, "女", "2016年", ""]
        for name in ("谷小满", "石惊蛰", "安白露")
    ]
    address = await upload(office, roster(*aged))
    page = await office.get(address)
    places = [name for name in choices(page) if name.startswith("decision ")]
    assert len(places) == 3

    page = await office.post(address, {**choices(page), places[0]: "create"})
    page = await office.post(address, {**choices(page), places[1]: "create"})
    assert [choices(page)[place] for place in places] == ["create", "create", "leave"]
    answer = await office.post(address, {**choices(page), "apply": "1"})

    assert answer.status_code == 303, words(answer)
    names = [it.fields["name"] for it in await village.registry.rows(village.code, "child")]
    assert sorted(names) == ["安白露", "石惊蛰", "石惊蛰", "谷小满", "谷小满"]


async def test_the_rows_refused_by_an_import_are_those_refused_with_its_choices(
    office: Browser, sqlite_village: Village
) -> None:
    nowhere: list[object] = [None, "谷大叔甲", "谷小满", "女", "2016-05-06", "10000005501"]
    address = await upload(office, roster(nowhere, BAD))
    page = await office.get(f"{address}?grid={sqlite_village.code}01")
    sent = {**choices(page), "apply": "1"}

    done = await office.get((await office.post(address, sent)).headers["location"])
    found = re.search(r'href="([^"]+/refused.xlsx[^"]*)"', done.text)
    assert found
    answer = await office.get(unescape(found[1]))

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    text = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    assert "石大叔甲" in text
    assert "谷小满" not in text


async def test_refused_rows_come_back_as_a_sheet(office: Browser) -> None:
    address = await upload(office, roster(GOOD, BAD))

    answer = await office.get(f"{address}/refused.xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    text = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    assert "石大叔甲" in text
    assert "谷小满" not in text


async def test_what_is_no_roster_is_refused_with_a_sentence(
    office: Browser, sqlite_village: Village
) -> None:
    await office.get("/office/import")
    for content, name in (
        (b"", "empty.xlsx"),
        (b"not a workbook at all", "x.xlsx"),
        (b"%PDF-1.7", "x.pdf"),
    ):
        answer = await office.post("/office/import", files={"file": (name, content)})
        assert 400 <= answer.status_code < 500
        assert 'class="flash refused"' in answer.text
    assert await sqlite_village.registry.rows(sqlite_village.code, "child") == []


async def test_an_upload_of_another_village_is_not_there(office: Browser) -> None:
    for name in ("0" * 64, "nothing"):
        answer = await office.get(f"/office/import/{name}")
        assert answer.headers["location"] == "/office/import"
        assert_refused(await office.get(f"/office/import/{name}/refused.xlsx"), 404, "not_found")


async def test_the_blank_roster_offers_the_villages_grids(office: Browser) -> None:
    answer = await office.get("/office/template.xlsx")

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    text = {str(c.value) for s in book.worksheets for r in s.iter_rows() for c in r if c.value}
    assert "上坪组" in text


async def test_a_roster_not_finished_waits_on_the_first_page(office: Browser) -> None:
    address = await upload(office, roster(GOOD))

    assert "1 张花名册还没导完" in words(await office.get("/office/"))
    assert address in (await office.get("/office/import")).text
