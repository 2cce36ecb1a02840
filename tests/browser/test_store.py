"""What the phone keeps, and what it does when the phone itself fails it: another window, a wrong clock, no room, a
browser that throws data away, a wrong PIN."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PIN
from tests.browser.server_process import ServerProcess

TEN_YEARS_S = 10 * 365 * 86_400
SURVEYORS = ("谷网格甲", "江网格甲", "林网格甲", "叶网格甲")


async def test_ten_wrong_pins_erase_the_phone_and_lose_nothing_that_was_saved_or_begun(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[0]
    phone = await phones("forgotten")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    await phone.visit_somebody()
    await phone.visit_somebody()
    assert await phone.unsent() == 2
    await phone.find("")
    await phone.open_found((await phone.children_listed())[0])
    await phone.press("登记走访")
    before = await phone.drafts_on_disk()
    await phone.choose("见到了谁", "儿童")
    await phone.until_written(before)

    await phone.page.clock.install()
    await phone.page.reload()
    for _ in range(10):
        await phone.try_pin(PIN[::-1])
        said = phone.page.get_by_text(re.compile("密码不对|密码连错 10 次"))
        await expect(said).to_be_visible(timeout=SLOW_MS)
        await phone.page.clock.fast_forward(310_000)
    await expect(phone.page.get_by_text("密码连错 10 次")).to_be_visible()
    await expect(phone.page.get_by_text("还有 2 条保存过的记录")).to_be_visible()
    await phone.shoot("8-erased")
    assert server.ops_stored() == already

    async with phone.page.expect_download() as download:
        await phone.press("存成文件")
    file = await download.value
    assert file.suggested_filename.endswith("-2.json")
    await office.page.goto(f"{office.address}/office/carry")
    await office.page.get_by_label("选文件").set_input_files(await file.path())
    await office.page.get_by_role("button", name="收进来").click()
    await expect(office.page.get_by_role("main")).to_contain_text("收到 2 条")
    await office.shoot("8-carry")
    assert server.ops_stored() == already + 2
    await phone.aeroplane_mode(False)
    await expect(phone.page.get_by_text("2 条保存过的记录已交给村里的服务器")).to_be_visible()
    assert server.ops_stored() == already + 2
    await phone.enrol((await office.invite(name)).link, name)
    await phone.sync()
    await phone.until_agreed()
    await phone.go("今天")
    await phone.tap(phone.page.get_by_role("link", name="有 1 份没填完"))
    await phone.tap(phone.page.get_by_role("main").get_by_role("link").first)
    await expect(phone.answer("见到了谁", "儿童").first).to_be_checked()
    await phone.press("保存")
    await phone.see_saved()


async def test_two_windows_write_one_after_the_other_and_show_the_same(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[1]
    phone = await phones("windows")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    other = await phone.second_window()
    await other.unlock()

    await phone.visit_somebody()
    await expect(other.strip()).to_contain_text("未上传 1 条")
    await other.visit_somebody()
    await phone.visit_somebody()
    assert await phone.unsent() == 3

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    await expect(other.strip()).to_contain_text("全部已上传")
    assert server.ops_stored() == already + 3


async def test_a_clock_ten_years_back_delays_and_misplaces_nothing(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[2]
    phone = await phones("clock")
    await phone.enrol((await office.invite(name)).link, name)
    before_ms = server.newest_op_at()
    now = float(await phone.page.evaluate("() => Date.now() / 1000"))
    await phone.page.clock.install(time=now - TEN_YEARS_S)
    await phone.page.reload()
    await phone.unlock()
    already = server.ops_stored()

    await phone.visit_somebody()
    await phone.sync()
    await phone.until_agreed()

    assert server.ops_stored() == already + 1
    # Corrected into what the server knows: not before the phone's last contact.
    assert server.newest_op_at() > before_ms
    assert server.newest_op_at() > (now - 3600) * 1000


async def test_a_full_phone_says_so_and_saves_when_there_is_room_again(
    office: OfficeScreen, phones: Phones
) -> None:
    name = SURVEYORS[3]
    phone = await phones("full")
    await phone.enrol((await office.invite(name)).link, name)
    await phone.aeroplane_mode(True)
    await phone.find("")
    await phone.open_found((await phone.children_listed())[0])
    await phone.press("登记走访")
    await phone.choose("见到了谁", "儿童")

    phone.fill_up(True)
    await phone.press("保存")
    await expect(phone.page.get_by_role("alert").first).to_contain_text("没有存上")
    await phone.shoot("8-full")
    phone.errors.clear()
    assert await phone.page.get_by_text("已存在手机里").count() == 0

    phone.fill_up(False)
    await phone.press("保存")
    await phone.see_saved()
    assert await phone.unsent() == 1


async def test_a_store_thrown_away_is_noticed_and_what_the_server_has_comes_back(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[3]
    phone = await phones("evicted")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    sent = await phone.visit_somebody()
    await phone.sync()
    await phone.until_agreed()
    await phone.open_found(sent)
    visit = await phone.newest_event()
    await phone.aeroplane_mode(True)
    await phone.visit_other(sent)

    await phone.evict(office.address)
    await phone.page.reload()
    lost = phone.page.get_by_text("有 1 条还没上传")
    await expect(lost).to_be_visible()
    await phone.shoot("8-evicted")
    # Whoever looks at the next page and closes the app is told again.
    await phone.press("启用这部手机")
    await phone.page.goto(f"{server.address}/app/")
    await phone.page.reload()
    await expect(lost).to_be_visible()

    await phone.aeroplane_mode(False)
    await phone.enrol((await office.invite(name)).link, name)
    await phone.open_found(sent)
    assert await phone.newest_event() == visit
    await phone.sync()
    await phone.until_agreed()
    await phone.page.reload()
    await expect(phone.button("解锁")).to_be_visible()
    await expect(lost).to_have_count(0)
    assert server.ops_stored() == already + 1


async def test_a_connection_the_browser_dropped_is_opened_again_by_the_next_save(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[1]
    phone = await phones("dropped")
    await phone.watch_connections()
    await phone.enrol((await office.invite(name)).link, name)
    await phone.aeroplane_mode(True)
    for count in (1, 2):
        assert await phone.drop_connections() >= 1
        await phone.visit_somebody()
        assert await phone.unsent() == count
    await phone.kill_browser()
    await phone.switch_on(f"{server.address}/app/")
    await phone.unlock()
    assert await phone.unsent() == 2
