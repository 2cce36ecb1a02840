"""Phones that change hands: two people on one phone, a term that ends, a PIN nobody remembers."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PIN
from tests.browser.server_process import ServerProcess

FIRST, SECOND, CUT_OFF = "谷网格甲", "田网格甲", "白网格甲"
LEAVER, FORGETFUL = "江网格甲", "林网格甲"
LATE = "叶网格甲"
OTHER_PIN = "314159"
MORE_THAN_HALF_A_REQUEST = 400_000
"""Letters."""


async def test_two_people_share_a_phone_each_behind_a_pin_of_their_own(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await phones("shared")
    page = phone.page
    await phone.enrol((await office.invite(FIRST)).link, FIRST)
    await phone.aeroplane_mode(True)
    seen = await phone.visit_somebody()
    await phone.aeroplane_mode(False)
    await page.reload()

    await phone.open_link((await office.invite(SECOND)).link)
    await page.reload()
    await expect(page.get_by_text(f"使用人：{FIRST}")).to_be_visible()
    await phone.shoot("2-another-person")
    await phone.press("给另一个人登记")
    await phone.see_name(SECOND)
    await phone.set_pin(OTHER_PIN)
    await phone.until_ready()
    await phone.begin()
    await phone.find(seen)
    await expect(page.get_by_text("找到 0 条")).to_be_visible()
    assert await phone.unsent() == 0

    await page.reload()
    await expect(page.get_by_text(SECOND, exact=True)).to_be_visible()
    await phone.shoot("2-whose-lock")
    await phone.try_pin(PIN)
    await expect(page.get_by_text("密码不对")).to_be_visible(timeout=SLOW_MS)
    await phone.press(FIRST)
    await expect(page.get_by_text(FIRST, exact=True)).to_be_visible()
    await expect(phone.button(SECOND)).to_be_visible()
    await phone.unlock()
    await phone.find(seen)
    await expect(page.get_by_role("link", name=seen).first).to_be_visible()


async def test_a_cut_off_profile_leaves_the_other_and_the_app_on_the_phone(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await phones("cut")
    page = phone.page
    await phone.enrol((await office.invite(FIRST)).link, FIRST)
    await page.reload()
    await phone.open_link((await office.invite(CUT_OFF)).link)
    await page.reload()
    await phone.press("给另一个人登记")
    await phone.see_name(CUT_OFF)
    await phone.set_pin(OTHER_PIN)
    await phone.until_ready()
    await phone.begin()
    await office.revoke(CUT_OFF)
    await phone.go("同步")
    await phone.press("现在同步")
    await expect(page.get_by_text("这部手机已停用")).to_be_visible(timeout=SLOW_MS)
    await phone.aeroplane_mode(True)
    await phone.press(FIRST)
    await phone.unlock()
    await phone.go("今天")
    await expect(page.get_by_role("heading", name="今天", exact=True)).to_be_visible()


async def test_a_term_that_ends_is_thanked_and_its_work_arrives(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await phones("term")
    page = phone.page
    await phone.enrol((await office.invite(LEAVER)).link, LEAVER)
    await phone.aeroplane_mode(True)
    await phone.visit_somebody()
    await office.switch_off(LEAVER)
    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.go("今天")
    await expect(page.get_by_role("heading", level=1)).to_have_text("谢谢您")
    await expect(page.get_by_text("保存的记录都已交到办公室")).to_be_visible()
    await phone.shoot("2-farewell")
    await phone.tap(page.get_by_role("link", name="紧急求助"))
    await expect(page.get_by_role("link", name="110")).to_be_visible()
    await phone.go("今天")
    page.once("dialog", lambda dialog: dialog.accept())
    await phone.press("清空这部手机")
    await expect(phone.button("启用这部手机")).to_be_visible()


async def test_whose_term_ended_with_more_to_send_than_may_wait_is_told_what_to_do(
    office: OfficeScreen, phones: Phones, server: ServerProcess, tmp_path: Path
) -> None:
    """The first request hears that the term is over, the second is refused."""
    phone = await phones("late")
    page = phone.page
    await phone.enrol((await office.invite(LATE)).link, LATE)
    await phone.visit_somebody()
    await phone.sync()
    await phone.until_agreed()
    await phone.aeroplane_mode(True)
    for _ in range(2):
        await phone.find("")
        await phone.open_found((await phone.children_listed())[0])
        await phone.press("登记走访")
        await phone.choose("见到了谁", "儿童")
        await phone.turn_to("问题与办法")
        await phone.write("处理办法", "a" * MORE_THAN_HALF_A_REQUEST)
        await phone.press("保存")
        await phone.save_with_gaps()
        await phone.see_saved()
    await office.switch_off(LATE)
    server.fill_aside(LATE, 9_999)

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.go("今天")
    await expect(page.get_by_role("heading", level=1)).to_have_text("谢谢您")
    await expect(page.get_by_role("main").get_by_role("status").first).to_contain_text(
        "还有 1 条没交到办公室"
    )
    await expect(page.get_by_role("main").get_by_role("status").first).to_contain_text(
        "从网上能交的都交满了"
    )
    await phone.shoot("2-farewell-refused")
    await phone.tap(page.get_by_role("link", name="没有网络？自己带到村办公室"))
    file = tmp_path / "carried.json"
    await phone.carry_out("存成文件", file)
    assert "收到 1 条" in await office.take_in(file)
    await phone.read_receipt(await office.receipt_link())
    await phone.go("今天")
    await expect(page.get_by_text("保存的记录都已交到办公室")).to_be_visible()


async def test_a_forgotten_pin_costs_nothing_that_was_saved(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    """Start anew, a code from the office, a new PIN: what the old store held arrives by itself."""
    phone = await phones("forgot")
    page = phone.page
    await phone.enrol((await office.invite(FORGETFUL)).link, FORGETFUL)
    await phone.sync()
    await phone.aeroplane_mode(True)
    child = await phone.visit_somebody()
    await page.reload()
    await phone.tap(page.get_by_text("忘了密码"))
    await phone.shoot("2-forgot-pin")
    page.once("dialog", lambda dialog: dialog.accept())
    await phone.press("清空手机，重新启用")
    await expect(page.get_by_text("1 条")).to_be_visible()
    await phone.aeroplane_mode(False)
    await phone.open_link((await office.invite(FORGETFUL)).link)
    await phone.see_name(FORGETFUL)
    await phone.set_pin(OTHER_PIN)
    await phone.until_ready()
    await phone.begin()
    await phone.sync()
    await phone.open_found(child)
    await expect(page.locator(".timeline li").first).to_contain_text("今天")
    await expect(page.locator(".timeline li").first).to_contain_text(FORGETFUL)
