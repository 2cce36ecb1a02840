"""A list worked with the keyboard alone: filtered, ticked, paired after one look, and taken back."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.office import OfficeScreen
from tests.browser.screen import faults, serious

MOST_TABS = 400
ABOUT = "(it) => it === document.activeElement"


async def reach(page: Page, role: str, name: str) -> None:
    """Tabs on until the control of this role and name has the focus, and somebody sees that it has."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    for _ in range(MOST_TABS):
        if await wanted.evaluate(ABOUT):
            outline = await wanted.evaluate("(it) => getComputedStyle(it).outlineStyle")
            assert outline != "none", name
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


async def test_a_helper_is_given_to_a_child_from_the_list_by_keyboard_alone(
    office: OfficeScreen,
) -> None:
    page = office.page
    await page.goto(f"{office.address}/office/lists/coverage?paired=no")
    total = page.locator(".total-line strong")
    before = int(await total.inner_text())
    child = await page.locator("#list tbody tr a").first.inner_text()

    await reach(page, "checkbox", f"选 {child}")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("checkbox", name=f"选 {child}", exact=True)).to_be_checked()
    await reach(page, "combobox", "选中的孩子都结给")
    await page.keyboard.press("ArrowDown")
    await reach(page, "button", "先看一遍")
    await page.keyboard.press("Enter")
    confirm = page.get_by_role("button", name="结对这 1 名")
    await expect(confirm).to_be_focused()
    assert await faults(page) + await serious(page) == []
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("结对了 1 名孩子。")).to_be_visible()
    assert await faults(page) + await serious(page) == []
    beside = await page.context.new_page()
    await beside.goto(f"{office.address}/office/lists/coverage?paired=no")
    await expect(beside.locator(".total-line strong")).to_have_text(str(before - 1))
    await beside.close()

    await reach(page, "button", "撤销")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/office/lists/coverage")
    await reach(page, "combobox", "结对")
    await page.keyboard.press("ArrowDown")
    await expect(page).to_have_url(re.compile("paired=yes$"))
    await page.keyboard.press("ArrowDown")
    await expect(total).to_have_text(str(before))
    await expect(page).to_have_url(re.compile("paired=no$"))


async def test_a_row_opens_however_long_it_is_pressed_and_whenever_the_list_answers(
    office: OfficeScreen,
) -> None:
    page = office.page
    await page.goto(f"{office.address}/office/children")
    child = await page.locator("#list tbody tr a").last.inner_text()
    await office.search_children(child)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await press(page, child)
    await page.wait_for_timeout(500)
    assert asked == []  # the list was asked while it was typed
    await page.mouse.up()
    await expect(page.get_by_role("main")).to_contain_text(child)
    await expect(page.locator(".timeline").first).to_be_visible()

    await office.menu("儿童")
    first = await page.locator("#list tbody tr a").first.inner_text()
    await page.get_by_role("searchbox", name="搜索").fill(first)
    async with page.expect_response("**/office/children"):
        await press(page, first)
    await page.wait_for_timeout(100)
    await page.mouse.up()
    await expect(page.locator(".timeline").first).to_be_visible()


async def test_a_list_that_answers_while_the_mouse_is_held_shows_its_answer_when_let_go(
    office: OfficeScreen,
) -> None:
    page = office.page
    await page.goto(f"{office.address}/office/children")
    first = await page.locator("#list tbody tr a").first.inner_text()
    await page.get_by_role("searchbox", name="搜索").fill(first)
    async with page.expect_response("**/office/children"):
        await page.get_by_role("heading", level=1).hover()
        await page.mouse.down()
    await page.mouse.up()
    await expect(page.get_by_role("link", name="清除筛选")).to_be_visible()


async def press(page: Page, row: str) -> None:
    """Puts the mouse's button down on a row's link, and keeps it down."""
    await page.locator("#list tbody").get_by_role("link", name=row).first.hover()
    await page.mouse.down()
