"""Finding somebody on the phone, and not registering them twice."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen

SURVEYOR = "江网格甲"


async def enrolled(office: OfficeScreen, phones: Phones, name: str) -> PhoneScreen:
    phone = await phones(name)
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await phone.aeroplane_mode(True)
    return phone


async def test_the_list_follows_what_is_typed_but_not_letters_an_input_method_holds(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await enrolled(office, phones, "find")
    await phone.go("户")
    search = phone.page.get_by_role("searchbox")
    await expect(search).to_be_visible()
    status = phone.page.get_by_role("main").get_by_role("status")
    await expect(status).to_have_text(re.compile(r"\d"))
    all_of_them = await status.inner_text()
    await phone.tap(search)
    keyboard = await phone.keyboard()
    await keyboard.send(
        "Input.imeSetComposition", {"text": "zzz", "selectionStart": 3, "selectionEnd": 3}
    )
    await expect(search).to_have_value("zzz")
    await expect(status).to_have_text(all_of_them)
    await keyboard.send("Input.insertText", {"text": "江"})
    await expect(search).to_have_value("江")
    await expect(status).to_have_text(re.compile("^找到"))
    await phone.page.keyboard.type("zzz")
    await expect(status).to_have_text("找到 0 条")


async def test_whoever_is_there_already_is_shown_before_a_twin_is_made(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await enrolled(office, phones, "twin")
    await phone.find("")
    child = (await phone.children_listed())[0]
    await phone.open_found(child)
    page = phone.page
    await phone.tap(page.get_by_role("main").get_by_role("link", name=re.compile("家")).first)
    await phone.press("添加孩子")
    await phone.write("儿童姓名", child)
    note = page.get_by_text("可能已经登记过")
    await expect(note).to_be_visible()
    await phone.choose("性别", "男")
    await phone.press("下一页")
    await phone.press("保存")
    await expect(page.get_by_role("alert").filter(has=note)).to_be_visible()
    await phone.shoot("3-look-first")

    await phone.tap(page.locator(".note").get_by_role("link", name=re.compile(child)))
    await expect(page.get_by_role("heading", level=1, name=child)).to_be_visible()
    await page.go_back()
    await expect(note).to_be_visible()
    await phone.press("不是同一个，继续")
    await expect(note).to_have_count(0)
    await phone.press("保存")
    await phone.save_with_gaps()
    await phone.see_saved()
