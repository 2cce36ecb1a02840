"""A phone without any network and with no file: its glass shows its work as codes, and the office's camera reads them
off it."""

from __future__ import annotations

import random
from pathlib import Path

from playwright.async_api import Browser, Playwright, expect

from tests.browser.camera import Sees, browser_with, film, frames_of, shown
from tests.browser.conftest import Phones
from tests.browser.handset import FLAGS, SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.screen import too_small, too_wide
from tests.browser.server_process import ServerProcess

SURVEYOR, CHATTY = "谷网格甲", "江网格甲"


async def reading(browser: Browser, office: OfficeScreen) -> OfficeScreen:
    """Another desk of the office, in a browser of its own, that begins to read with its camera."""
    desk = OfficeScreen(browser, office.address)
    await desk.open()
    await desk.log_in()
    await desk.page.goto(f"{office.address}/office/carry")
    await desk.page.get_by_role("button", name="用摄像头读").click()
    return desk


async def test_work_shown_as_codes_is_read_by_the_offices_camera_and_the_receipt_goes_back(
    office: OfficeScreen,
    phones: Phones,
    server: ServerProcess,
    playwright: Playwright,
    chromium_path: Path,
    tmp_path: Path,
) -> None:
    phone = await phones("shown")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    for _ in range(3):
        await phone.visit_somebody()

    await phone.go("同步")
    await phone.tap(phone.page.get_by_role("link", name="没有网络？自己带到村办公室"))
    await phone.tap(phone.page.get_by_role("link", name="用二维码带过去"))
    await expect(phone.page.get_by_role("img", name="二维码里有 3 条")).to_be_visible()
    await expect(phone.button("撤销")).to_have_count(0)  # what was shown is not taken back
    await phone.shoot("8-codes")
    assert await too_wide(phone.page) == []
    assert await too_small(phone.page) == []
    await phone.zoom(2)
    assert await too_wide(phone.page) == []
    await phone.zoom(1)
    glass = await phone.record(seconds=4)
    seen = tmp_path / "seen.mjpeg"
    await film(office.page, glass, Sees(), seen)

    async with browser_with(playwright, chromium_path, seen) as browser:
        desk = await reading(browser, office)
        await expect(desk.page.get_by_text("收到 3 条")).to_be_visible(timeout=SLOW_MS)
        await desk.shoot("8-codes-taken")
        link = await desk.receipt_link()
        assert desk.errors == []
        await desk.close()

    assert server.ops_stored() == already + 3
    assert await phone.unsent() == 3
    await phone.read_receipt(link)
    await expect(phone.page.get_by_text("3 条已到村里的服务器")).to_be_visible(timeout=SLOW_MS)
    assert await phone.unsent() == 0
    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    assert server.ops_stored() == already + 3


async def test_more_than_codes_can_hold_is_told_to_go_by_file(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await phones("chatty")
    await phone.enrol((await office.invite(CHATTY)).link, CHATTY)
    await phone.aeroplane_mode(True)
    await phone.find("")
    await phone.open_found((await phone.children_listed())[0])
    await phone.press("登记走访")
    await phone.choose("见到了谁", "儿童")
    await phone.turn_to("问题与办法")
    chance = random.Random(1)
    talk = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(6000))
    await phone.write("处理办法", talk)
    await phone.press("保存")
    await phone.save_with_gaps()
    await phone.see_saved()

    await phone.page.goto(f"{phone.page.url.partition('#')[0]}#/codes")
    await expect(phone.page.get_by_text("1 条内容太多，二维码装不下")).to_be_visible()
    await phone.shoot("8-codes-too-many")
    await phone.tap(phone.page.get_by_role("link", name="带到村办公室"))
    await expect(phone.button("存成文件")).to_be_visible()


async def test_codes_of_another_village_and_other_codes_are_not_taken_for_this_villages(
    office: OfficeScreen, playwright: Playwright, chromium_path: Path, tmp_path: Path
) -> None:
    strange = frames_of(b"990000101299" + random.Random(1).randbytes(500))
    link = b"https://zoufang.example/app/#/enrol/ABCD"
    seen = tmp_path / "seen.mjpeg"
    glass = shown([link, *strange], 1, seconds=len(strange) + 1)
    await film(office.page, glass, Sees(fills=0.7), seen)

    async with browser_with(playwright, chromium_path, seen) as browser:
        desk = await reading(browser, office)
        await expect(desk.page.get_by_text("1 / 3")).to_be_visible()
        await desk.shoot("8-codes-reading")
        await expect(desk.page.get_by_text("这是别的村的手机存的")).to_be_visible()
        await expect(desk.page.get_by_label("摄像头的画面")).to_be_hidden()
        assert desk.errors == []
        await desk.close()


async def test_a_camera_that_may_not_be_used_or_is_not_there_is_said(
    office: OfficeScreen, playwright: Playwright, chromium_path: Path
) -> None:
    await office.page.goto(f"{office.address}/office/carry")
    await office.page.get_by_role("button", name="用摄像头读").click()
    await expect(office.page.get_by_text("浏览器没让用摄像头")).to_be_visible()
    await office.shoot("8-codes-denied")

    without = [flag for flag in FLAGS if "fake-device" not in flag]
    browser = await playwright.chromium.launch(executable_path=chromium_path, args=without)
    desk = await reading(browser, office)
    await expect(desk.page.get_by_text("没有能用的摄像头")).to_be_visible()
    await browser.close()
