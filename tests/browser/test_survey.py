"""Journey 3: a survey at a door with no network, a browser killed in the middle of it, and twins."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen, Stopwatch
from tests.browser.scripted import household_of_three
from tests.browser.server_process import ServerProcess

NAME = "摸底员甲"
ADULT, CHILD, TWIN, TWIN_BORN = "江大婶丁", "叶寒露", "石惊蛰", ("2018", "4", "17")


@pytest.fixture
async def phone(office: OfficeScreen, phones: Phones) -> PhoneScreen:
    """A surveyor's phone for two grids, in aeroplane mode."""
    if not await office.knows(NAME):
        await office.add_person(NAME, "调查员", "上坪组", "新桥组")
    phone = await phones("survey")
    await phone.enrol((await office.invite(NAME)).link, NAME)
    await phone.aeroplane_mode(True)
    return phone


async def open_next_to_survey(phone: PhoneScreen, grid: str) -> str:
    """Chooses a grid and its next household to survey; says whose it is."""
    await phone.go("户")
    await phone.tap_chip(re.compile(f"^{grid}"))
    await phone.tap_chip(re.compile("^待摸底"))
    first = phone.page.get_by_role("main").get_by_role("listitem").get_by_role("link").first
    name = (await first.inner_text()).split()[0]
    await phone.tap(first)
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text(name)
    return name


async def test_a_survey_outlives_a_killed_browser_and_a_restart_with_no_network(
    phone: PhoneScreen, server: ServerProcess, office: OfficeScreen
) -> None:
    server.stop()
    await open_next_to_survey(phone, "上坪组")
    await phone.shoot("3-household")
    await phone.press("摸底")
    await phone.press("添加大人")
    await phone.write("姓名", ADULT)
    await phone.choose("性别", "女")
    await phone.write_day("出生日期", "1958", "3", "9")
    before = await phone.drafts_on_disk()
    await phone.choose("出生日期准确到", "只知年份")
    await phone.until_written(before)
    await phone.kill_browser()

    await phone.switch_on(f"{server.address}/app/")
    await phone.unlock()
    await phone.shoot("3-after-the-kill")
    await phone.tap(phone.page.get_by_role("link", name=re.compile("没填完")))
    await phone.tap(phone.page.get_by_role("listitem").get_by_role("link"))
    await expect(phone.page.get_by_role("textbox", name="姓名", exact=True)).to_have_value(ADULT)
    await expect(phone.page.get_by_role("textbox", name="年", exact=True)).to_have_value("1958")
    await phone.press("完成")

    await phone.press("添加孩子")
    await phone.write("儿童姓名", TWIN)
    await phone.write_day("出生日期", *TWIN_BORN)
    await expect(phone.page.get_by_text("可能已经登记过")).to_be_visible()
    await phone.page.evaluate("() => scrollTo(0, 0)")
    await phone.shoot("3-already-there")
    await phone.write("儿童姓名", CHILD)
    await phone.write_day("出生日期", "2017", "10", "8")
    await expect(phone.page.get_by_text("可能已经登记过")).to_have_count(0)
    await phone.choose("性别", "男")
    await phone.turn_to("留守情况")
    await phone.choose("留守类型", "父母双方外出")
    await phone.turn_to("依据与同意")
    await phone.shoot("3-consent")
    await phone.choose("监护人同意", "口头同意（有见证人）")
    await phone.press("完成")

    await phone.press(f"添加照护人 {CHILD}")
    await phone.choose("实际由谁照护", "祖父母")
    await phone.choose("照护人", re.compile(ADULT))
    await phone.shoot("3-carer")
    await phone.press("完成")
    await phone.press(re.compile("填写结果"))
    await phone.choose("摸底结果", "已访")
    await phone.press("完成")
    await phone.shoot("3-hub")
    await phone.press("保存摸底")
    await phone.see_saved()
    await expect(phone.page.get_by_role("link", name=re.compile(CHILD)).first).to_be_visible()
    await phone.shoot("3-saved")
    assert await phone.unsent() == 1

    await server.start()
    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    await office.search_children(CHILD)
    assert await office.total() == 1
    row = office.page.get_by_role("row").filter(has_text=CHILD)
    await expect(row).to_contain_text(ADULT)
    await office.shoot("3-child-arrived")


async def test_nobody_home_is_two_taps_and_saved(phone: PhoneScreen) -> None:
    household = await open_next_to_survey(phone, "新桥组")
    with Stopwatch(phone) as call:
        await phone.press("没见到人")
        await phone.press("无人在家")
        await phone.see_saved()
    await phone.shoot("3-nobody-home")
    assert call.taps == 2
    await phone.go("户")
    row = phone.page.get_by_role("listitem").filter(has_text=household)
    await expect(row).to_contain_text("无人在家")
    assert await phone.unsent() == 1


async def test_a_new_household_of_three_is_registered_with_no_dead_end(phone: PhoneScreen) -> None:
    work = await household_of_three(phone, "新桥组")
    print(f"a new household of three: {work.taps} taps, {work.seconds:.1f} s")
    await phone.shoot("3-new-household")
    await phone.find("qxx")
    await expect(phone.page.get_by_role("link", name=re.compile("乔小雪"))).to_be_visible()
    await phone.shoot("3-found-by-initials")
