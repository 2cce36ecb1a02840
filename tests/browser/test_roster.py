"""A village's Excel roster in through the office's page, and lists out as Excel."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from playwright.async_api import Download, Page, expect

from tests.browser.office import OfficeScreen
from tests.server.office.roster.rosters import ROSTERS

GOOD, HALF = "02-merged-headings.xlsx", "10-refused-rows.xlsx"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


MANY = 18_000
"""Rows whose reading takes some seconds."""
HEADER = "村民组,户主姓名,儿童姓名,性别,出生日期,家庭住址"
PARENTS = "父亲姓名,父亲电话,母亲姓名,母亲电话,年级"


async def preview(office: OfficeScreen, roster: str) -> None:
    """Uploads a roster and looks at what it would do."""
    await office.menu("导入")
    await office.page.get_by_label("选表").set_input_files(
        {"name": roster, "mimeType": SHEET, "buffer": ROSTERS[roster]()}
    )
    await office.page.get_by_role("button", name="看预览").click()
    await expect(office.page.get_by_role("button", name="存进去")).to_be_visible()


async def children_to_create(page: Page) -> int:
    said = await page.locator(".figure", has_text="将新建").inner_text()
    found = re.search(r"儿童\s*(\d+)", said)
    return int(found[1]) if found else 0


async def sheet_of(download: Download, folder: Path) -> Worksheet:
    file = folder / download.suggested_filename
    await download.save_as(file)
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


async def test_a_messy_roster_is_previewed_applied_and_comes_out_again_as_excel(
    office: OfficeScreen, tmp_path: Path
) -> None:
    await office.menu("儿童")
    before = await office.total()
    await preview(office, GOOD)
    fresh = await children_to_create(office.page)
    assert fresh > 0
    await office.shoot("8-preview")
    await office.menu("儿童")
    assert await office.total() == before, "a preview changes nothing"

    await preview(office, GOOD)
    await office.page.get_by_role("button", name="存进去").click()
    await expect(office.page.get_by_role("heading", level=1)).to_have_text(re.compile("儿童|完成"))
    await office.shoot("8-imported")
    await office.menu("儿童")
    assert await office.total() == before + fresh

    async with office.page.expect_download() as download:
        await office.page.get_by_text("Excel", exact=True).click()
        await office.page.get_by_role("button", name="花名册的全部列").click()
    sheet = await sheet_of(await download.value, tmp_path)
    names = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert sheet.max_row > before + fresh
    assert "石惊蛰" in names

    await preview(office, HALF)
    await office.page.get_by_role("button", name="存进去").click()
    await expect(office.page.get_by_role("heading", name="导入完成")).to_be_visible()
    await office.shoot("8-refused")
    async with office.page.expect_download() as download:
        await office.page.get_by_role("link", name=re.compile("下载不能收的 10 行")).click()
    sheet = await sheet_of(await download.value, tmp_path)
    reasons = [row[-1].value for row in sheet.iter_rows() if row[-1].value]
    assert any("已满 18 周岁" in str(reason) for reason in reasons)
    await office.menu("儿童")
    assert await office.total() == before + fresh + 1


async def test_a_choice_made_with_the_keyboard_keeps_the_focus(office: OfficeScreen) -> None:
    row = "云上组,石大叔,石谷雨,女,2016-05-07,云上组一号"
    await office.menu("导入")
    await office.page.get_by_label("选表").set_input_files(
        {"name": "云上.csv", "mimeType": "text/csv", "buffer": f"{HEADER}\n{row}".encode()}
    )
    await office.page.get_by_role("button", name="看预览").click()
    box = office.page.get_by_role("checkbox", name="没有的网格就新建")
    await box.focus()
    await office.page.keyboard.press("Space")
    await expect(office.page.get_by_text("会新建网格：云上组")).to_be_visible()

    await expect(box).to_be_focused()


async def test_a_file_that_is_no_roster_is_refused_with_a_sentence(office: OfficeScreen) -> None:
    await office.menu("导入")
    await office.page.get_by_label("选表").set_input_files(
        {"name": "花名册.xlsx", "mimeType": SHEET, "buffer": b"%PDF-1.7 not a sheet"}
    )
    await office.page.get_by_role("button", name="看预览").click()
    await expect(office.page.get_by_role("alert")).to_be_visible()
    await office.shoot("8-not-a-roster")


async def test_stop_keeps_the_focus_and_is_pressed_however_slowly_while_the_page_is_redrawn(
    office: OfficeScreen,
) -> None:
    """The last of many large tables waits for its turn and is then read: long enough for a slow press."""
    page = office.page
    for name in (f"{n}.csv" for n in "一二三四五"):
        rows = [
            f"上坪组,石大叔{n},石小满{n},女,2016-05-07,{name},石大{n},139{n:08},江大{n},138{n:08},三年级"
            for n in range(MANY)
        ]
        await office.menu("导入")
        await page.get_by_label("选表").set_input_files(
            {
                "name": name,
                "mimeType": "text/csv",
                "buffer": "\n".join([f"{HEADER},{PARENTS}", *rows]).encode(),
            }
        )
        await page.get_by_role("button", name="看预览").click()
        await page.wait_for_url("**/office/progress/*")
    stop = page.get_by_role("button", name="停下")
    await stop.focus()
    await redrawn(page)
    await expect(stop).to_be_focused()

    await stop.hover()
    await page.mouse.down()
    await page.wait_for_timeout(1_500)  # longer than between two answers
    await page.mouse.up()
    await expect(page.get_by_text("已停下，什么也没改。")).to_be_visible()
    await page.get_by_role("button", name="从这里去掉").click()
    await expect(page.get_by_text("五.csv")).to_have_count(0)


async def redrawn(page: Page) -> None:
    """Returns when the work has been drawn anew."""
    await page.evaluate("document.getElementById('work').dataset.old = '1'")
    await expect(page.locator("#work:not([data-old])")).to_have_count(1)
