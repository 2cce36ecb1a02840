"""录入纸表: a clerk types a pile of sheets with the keyboard alone."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.office import OfficeScreen
from tests.browser.screen import faults, serious

HELPER = "江老师甲"
AT = (
    "() => [document.activeElement.name || document.activeElement.id, document.activeElement.value]"
)


async def tab_to(page: Page, name: str, value: str | None = None) -> None:
    """Press Tab until an input of this name (and value) has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        at = await page.evaluate(AT)
        if at[0] == name and value in (None, at[1]):
            return
    raise AssertionError(f"Tab does not come to {name}")


async def find(page: Page, number: str) -> None:
    """The cursor is in the search already: type a number, wait for the one child, go on."""
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type(number)
    await expect(page.locator("#found input:checked")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#found input:checked")).to_be_focused()


async def test_three_sheets_are_typed_with_the_keyboard_alone_and_one_taken_back(
    office: OfficeScreen,
) -> None:
    page = office.page
    await office.menu("录入纸表")
    await expect(page.get_by_label("哪种表")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.type(HELPER)
    await tab_to(page, "received")
    await page.keyboard.type("3")
    assert await faults(page) == []
    await office.shoot("11-piles")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", level=1)).to_have_text("走访")
    await find(page, "0003")
    await tab_to(page, "visit_kind")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "met", "C")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator("#typed")).to_have_text("已录 1 张，收到 3 张")

    await find(page, "0004")
    await tab_to(page, "visit_kind")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "met", "C")
    await page.keyboard.press("Space")
    await tab_to(page, "note")
    await page.keyboard.type("纸上写的")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#typed")).to_have_text("已录 2 张，收到 3 张")

    # The third leaves out whom was met: it is asked once, and saved as it stands.
    await find(page, "0005")
    await tab_to(page, "visit_kind")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("还没有填：见到了谁")).to_be_visible()
    await expect(page.locator("#i-met-C")).to_be_focused()
    assert await faults(page) == []
    assert await serious(page) == []
    await office.shoot("11-sheet-odd")
    await tab_to(page, "save", "anyway")
    await page.keyboard.press("Enter")
    await expect(page.locator("#typed")).to_have_text("已录 3 张，收到 3 张")
    await expect(page.get_by_text("这一叠录完了。")).to_be_visible()
    await office.shoot("11-sheet-saved")

    await expect(page.locator("#q")).to_be_focused()
    for _ in range(12):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("() => document.activeElement.matches('.saved-sheet button')"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#typed")).to_have_text("已录 2 张，收到 3 张")
    assert not office.errors


async def test_on_paper_a_sum_stands_once_below_its_table_and_no_row_lies_on_two_pages(
    office: OfficeScreen,
) -> None:
    page = office.page
    await page.emulate_media(media="print")
    for address in ("/office/print/aid-sheet", "/office/households"):
        await page.goto(f"{office.address}{address}")
        sum_of_all, row = page.locator("tfoot"), page.locator("tbody tr:has(> td + td)").first
        assert (
            await sum_of_all.evaluate("(it) => getComputedStyle(it).display") == "table-row-group"
        )
        assert await row.evaluate("(it) => getComputedStyle(it).breakInside") == "avoid"


async def sheets(page: Page) -> int:
    """On how many sheets a page is printed."""
    printed = await page.pdf(prefer_css_page_size=True)
    return len(re.findall(rb"/Type /Page\b", printed))


async def test_a_report_begins_on_the_sheet_that_bears_its_name(office: OfficeScreen) -> None:
    page = office.page
    await page.goto(f"{office.address}/office/texts/work")
    with_name = await sheets(page)
    await page.locator("header.head").evaluate("(it) => it.remove()")

    assert with_name == await sheets(page) == 1


async def test_on_paper_what_a_page_is_called_is_one_line(office: OfficeScreen) -> None:
    page = office.page
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 1017, "height": 703})  # A4 across, without its margins
    for address in ("/office/statistics", "/office/statistics/visits", "/office/reports/monthly"):
        await page.goto(f"{office.address}{address}")
        heading = page.get_by_role("heading", level=1).first
        lines = "(it) => { const all = new Range(); all.selectNodeContents(it); return all.getClientRects().length; }"
        assert await heading.evaluate(lines) == 1, address
