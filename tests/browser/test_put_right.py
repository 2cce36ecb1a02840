"""What was noted wrongly, or has changed at the door, is put right on the phone: one op each, with undo."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen

SURVEYOR = "田网格甲"


@pytest.fixture
async def phone(office: OfficeScreen, phones: Phones) -> PhoneScreen:
    """A surveyor's phone, in aeroplane mode."""
    phone = await phones("right")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await phone.aeroplane_mode(True)
    return phone


async def households(phone: PhoneScreen) -> list[str]:
    await phone.find("")
    rows = await phone.page.get_by_role("main").get_by_role("listitem").all_inner_texts()
    return [row.split()[0] for row in rows]


async def open_household(phone: PhoneScreen, home: str) -> None:
    await phone.find(home)
    rows = phone.page.locator("a[href^='#/household/']").filter(has_text=home)
    await phone.tap(rows.first)
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text(home)


async def people(phone: PhoneScreen) -> list[str]:
    """Who lives in the household on the screen."""
    rows = phone.page.locator("ul.list").first.get_by_role("listitem")
    return [text.split()[0] for text in await rows.all_inner_texts()]


async def test_a_visit_noted_under_the_wrong_child_is_moved_by_its_author(
    phone: PhoneScreen, office: OfficeScreen
) -> None:
    page = phone.page
    wrong = await phone.visit_somebody()
    right = next(it for it in await all_children(phone) if it != wrong)
    await phone.open_found(wrong)
    await phone.tap(page.locator(".timeline").get_by_role("link").first)
    await phone.tap(page.get_by_role("link", name="记错孩子了"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("记错孩子了")
    await page.get_by_role("searchbox").fill(right)
    await phone.shoot("4-move-visit")
    await phone.tap(page.get_by_role("button", name=re.compile(right)))
    await phone.press(f"改到 {right}")
    await phone.see_saved()
    await expect(page.get_by_role("heading", level=1)).to_have_text(right)
    await expect(page.locator(".timeline li").first).to_contain_text("今天")
    assert await phone.unsent() == 2

    await phone.press("撤销")
    await expect(page.locator(".dots")).to_be_visible()
    await phone.open_found_from_form(wrong)
    await expect(page.locator(".timeline li").first).to_contain_text("今天")
    await expect(page.locator(".timeline li").first).not_to_have_class("struck")
    await phone.tap(page.locator(".timeline").get_by_role("link").first)
    await phone.tap(page.get_by_role("link", name="记错孩子了"))
    await page.get_by_role("searchbox").fill(right)
    await phone.tap(page.get_by_role("button", name=re.compile(right)))
    await phone.press(f"改到 {right}")
    await phone.see_saved()
    await phone.open_found(wrong)
    await expect(page.locator(".timeline li").first).to_have_class("struck")

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    for child, is_struck in ((right, 0), (wrong, 1)):
        await office.search_children(child)
        await office.page.locator("#list tbody").get_by_role("link", name=child).first.click()
        await expect(office.page.get_by_text(SURVEYOR).first).to_be_visible()
        await expect(office.page.get_by_text("已更正")).to_have_count(is_struck)


async def all_children(phone: PhoneScreen) -> list[str]:
    await phone.find("")
    return await phone.children_listed()


async def test_a_door_where_nobody_was_home_is_on_todays_route(phone: PhoneScreen) -> None:
    page = phone.page
    home = (await households(phone))[0]
    await open_household(phone, home)
    await phone.press("没见到人")
    await phone.press("无人在家")
    await phone.see_saved()
    await phone.go("今天")
    again = page.locator("section, ul").filter(has_text=home).filter(has_text="没见到")
    await expect(again.first).to_be_visible()
    await phone.shoot("4-again")
    await phone.press("撤销")
    await expect(page.locator(".dots")).to_be_visible()
    await phone.press("返回")
    await phone.go("今天")
    await expect(page.get_by_text("没见到人，再去一次")).to_have_count(0)


async def test_a_household_is_split_and_joined_again_each_as_one_op_with_undo(
    phone: PhoneScreen, office: OfficeScreen
) -> None:
    page = phone.page
    home = await first_with_three(phone)
    before = await people(phone)
    leaver = next(name for name in reversed(before) if f"{name}家" != home)
    await phone.tap(page.get_by_role("link", name="分户"))
    await phone.tap(page.get_by_role("checkbox", name=leaver))
    await phone.shoot("3-split")
    await phone.press("1 人另成一户")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(leaver)
    await phone.press(re.compile("填写结果"))
    await phone.choose("摸底结果", "已访")
    await phone.press("完成")
    await phone.press("保存摸底")
    await phone.save_with_gaps()
    await phone.see_saved()
    assert await phone.unsent() == 1
    assert await people(phone) == [name for name in before if name != leaver]

    await phone.press("撤销")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(leaver)
    await phone.press("保存摸底")
    await phone.see_saved()
    await open_household(phone, f"{leaver}家")
    assert await people(phone) == [leaver]

    await phone.tap(page.get_by_role("link", name="并户"))
    await page.get_by_role("searchbox").fill(home.removesuffix("家"))
    await phone.tap(page.get_by_role("button", name=re.compile(home)))
    await phone.shoot("3-join")
    await phone.press(f"并到 {home}")
    await phone.see_saved()
    await expect(page.get_by_role("heading", level=1)).to_have_text(home)
    assert sorted(await people(phone)) == sorted(before)
    assert await phone.unsent() == 2

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    assert (await phone.receipt())["需查看"] == 0


async def first_with_three(phone: PhoneScreen) -> str:
    """Opens the first household of three people or more; says whose it is."""
    for home in await households(phone):
        await open_household(phone, home)
        if len(await people(phone)) >= 3:
            return home
    raise AssertionError("no household of three")
