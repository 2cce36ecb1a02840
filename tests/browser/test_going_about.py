"""Going from screen to screen and back: where one was, what is told of it, and that no step leads nowhere."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.handset import WIDTH
from tests.browser.office import OfficeScreen
from tests.browser.phone import PIN, PhoneScreen
from tests.browser.server_process import until

SURVEYOR = "走门员甲"


@pytest.fixture
async def phone(office: OfficeScreen, phones: Phones) -> PhoneScreen:
    """A surveyor's small phone, in aeroplane mode."""
    if not await office.knows(SURVEYOR):
        await office.add_person(SURVEYOR, "调查员", "上坪组", "新桥组")
    phone = await phones("about")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await phone.aeroplane_mode(True)
    await phone.page.set_viewport_size({"width": WIDTH, "height": 640})
    return phone


async def open_a_home(phone: PhoneScreen) -> None:
    """Opens the first household in the list that has a child."""
    await phone.go("户")
    rows = phone.page.get_by_role("main").get_by_role("listitem")
    with_child = rows.filter(has_text=re.compile(r"孩子 \d")).get_by_role("link")
    await phone.tap(with_child.first)
    await expect(phone.page.get_by_role("heading", name="家里的人")).to_be_visible()


async def heard(phone: PhoneScreen, heading: str) -> None:
    """A screen reader reads what has the focus."""
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text(heading)
    await expect(phone.page.get_by_role("heading", level=1)).to_be_focused()


async def test_each_screen_says_its_name_when_one_comes_to_it(phone: PhoneScreen) -> None:
    for way in ("户", "同步", "我的", "今天"):
        await phone.go(way)
        await heard(phone, way)
    await phone.go("我的")
    for way in ("草稿", "手机检查", "帮助"):
        await phone.tap(phone.page.get_by_role("link", name=way, exact=True))
        await heard(phone, way)
        await phone.press("返回")
        await heard(phone, "我的")
    await phone.go("户")
    child = (await phone.children_listed())[0]
    await phone.open_found(child)
    home = await phone.page.get_by_role("heading", level=1).inner_text()
    await heard(phone, home)
    await phone.press("登记走访")
    await heard(phone, f"走访 {child}")
    await phone.choose("见到了谁", "儿童")
    await phone.press("保存")
    await phone.see_saved()
    await heard(phone, home)


async def test_back_leads_to_the_very_place_in_a_long_list(phone: PhoneScreen) -> None:
    page = phone.page
    await phone.go("户")
    last = page.get_by_role("main").get_by_role("listitem").get_by_role("link").nth(12)
    for _ in range(12):
        await page.mouse.wheel(0, 400)
        await page.wait_for_timeout(50)
    await last.scroll_into_view_if_needed()
    before: float = await page.evaluate("scrollY")
    assert before > 400
    await phone.tap(last)
    await expect(page.get_by_role("heading", name="家里的人")).to_be_visible()
    assert await page.evaluate("scrollY") == 0
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("户")

    async def there_again() -> bool:
        now: float = await page.evaluate("scrollY")
        return abs(now - before) < 2

    await until(there_again)


async def test_a_form_that_was_saved_or_left_leaves_no_step_behind(phone: PhoneScreen) -> None:
    page = phone.page
    await open_a_home(phone)
    await expect(page.get_by_role("heading", name="家里的人")).to_be_visible()
    home = page.url
    await phone.press(re.compile("^登记走访"))
    await phone.choose("见到了谁", "儿童")
    await phone.press("保存")
    await phone.see_saved()
    await expect(page).to_have_url(home)
    await phone.press("摸底")
    await expect(phone.button("保存摸底")).to_be_visible()
    await phone.press("返回")
    await expect(page).to_have_url(home)
    await phone.press("返回")
    await expect(page.get_by_role("heading", level=1)).to_have_text("户")


async def test_the_phones_own_back_turns_the_pages_of_a_form_back_before_it_leaves(
    phone: PhoneScreen,
) -> None:
    page = phone.page
    await open_a_home(phone)
    await expect(page.get_by_role("heading", name="家里的人")).to_be_visible()
    home = page.url
    await phone.press("摸底")
    await phone.press("添加大人")
    await phone.write("姓名", "江大婶己")
    await phone.press("下一页")
    await expect(page.locator(".dots")).to_have_attribute("aria-label", re.compile("^第 2 页"))
    await page.go_back()
    await expect(page.locator(".dots")).to_have_attribute("aria-label", re.compile("^第 1 页"))
    await expect(page.get_by_role("textbox", name="姓名", exact=True)).to_have_value("江大婶己")
    await page.go_back()
    await expect(phone.button("保存摸底")).to_be_visible()
    await expect(page.get_by_role("button", name="去掉 江大婶己")).to_be_visible()
    await page.go_back()
    await expect(page).to_have_url(home)
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("户")


async def test_a_form_not_yet_answered_is_there_after_a_look_at_the_numbers_to_call(
    phone: PhoneScreen,
) -> None:
    await open_a_home(phone)
    await phone.press(re.compile("^登记走访"))
    await expect(phone.answer("见到了谁", "儿童").first).to_be_visible()
    await phone.tap(phone.page.get_by_role("link", name="紧急求助"))
    await phone.press("返回")
    await expect(phone.answer("见到了谁", "儿童").first).to_be_visible()


async def test_a_new_pin_is_as_hard_to_guess_as_the_first_and_its_change_is_seen(
    phone: PhoneScreen,
) -> None:
    page = phone.page
    await phone.go("我的")
    await phone.tap(page.get_by_role("link", name="修改密码"))
    await expect(page.get_by_label("现在的密码")).to_be_focused()
    for pin in ("111111", "314159"):
        await page.get_by_label("现在的密码").fill(PIN)
        await page.get_by_label("设一个新密码").fill(pin)
        await page.get_by_label("再输入一次新密码").fill(pin)
        await phone.press("修改密码")
        if pin == "111111":
            await expect(page.get_by_text("太容易猜到，请换一个")).to_be_visible()
    said = page.get_by_role("status").filter(has_text="密码已修改")
    await expect(said).to_be_in_viewport(ratio=1)
    box = await said.bounding_box()
    assert box is not None
    assert box["height"] > 40, "also those who see can read it"


async def test_what_is_missing_is_said_where_one_looks(phone: PhoneScreen) -> None:
    page = phone.page
    await open_a_home(phone)
    await phone.press(re.compile("^登记走访"))
    await expect(phone.answer("见到了谁", "儿童").first).to_be_visible()
    await page.evaluate("scrollTo(0, 0)")
    await phone.press("保存")
    await expect(page.get_by_text("缺了这些")).to_be_visible()
    missing = page.get_by_role("alert").get_by_role("button", name="见到了谁")

    async def seen() -> bool:
        box = await missing.bounding_box()
        foot = await page.locator(".form-foot").bounding_box()
        assert box is not None
        assert foot is not None
        return box["y"] > 64 and box["y"] + box["height"] <= foot["y"]

    await until(seen)


async def test_all_doors_where_nobody_was_met_are_on_the_first_screen(phone: PhoneScreen) -> None:
    """More of them than are shown at once."""
    page = phone.page
    await phone.go("户")
    for at in range(20):
        row = page.get_by_role("main").get_by_role("listitem").get_by_role("link").nth(at)
        await row.scroll_into_view_if_needed()
        await phone.tap(row)
        await phone.press("没见到人")
        await phone.press("无人在家")
        await phone.see_saved()
        await phone.press("返回")
        await expect(page.get_by_role("heading", level=1)).to_have_text("户")
    await phone.go("今天")
    rows = page.get_by_role("listitem").filter(has_text="没见到")
    await expect(rows).to_have_count(20)
    await phone.press(re.compile("^还有"))
    assert await rows.count() > 20


async def test_with_the_keyboard_up_the_field_and_the_save_button_are_both_on_the_glass(
    phone: PhoneScreen,
) -> None:
    """The page asks to be made as small as the keyboard leaves room for; then nothing lies below it."""
    page = phone.page
    asked = await page.locator("meta[name=viewport]").get_attribute("content")
    assert "interactive-widget=resizes-content" in (asked or "")
    await open_a_home(phone)
    await phone.press("摸底")
    await phone.press("添加大人")
    await phone.turn_to("联系与现状")
    field = page.get_by_role("textbox").last
    await phone.tap(field)
    await page.set_viewport_size({"width": WIDTH, "height": 360})
    await phone.tap(
        field
    )  # browsers bring it into sight by themselves when their own keyboard comes

    async def both() -> bool:
        box, foot = await field.bounding_box(), await page.locator(".form-foot").bounding_box()
        assert box is not None
        assert foot is not None
        return box["y"] >= 0 and box["y"] + box["height"] <= foot["y"] < 360 - 40

    await until(both)
    await expect(phone.button("完成")).to_be_in_viewport(ratio=1)


async def test_a_thumb_that_misses_takes_nobody_out_of_a_survey(phone: PhoneScreen) -> None:
    page = phone.page
    await open_a_home(phone)
    await phone.press("摸底")
    await phone.press("添加大人")
    await phone.write("姓名", "江大婶己")
    await phone.press("完成")
    page.once("dialog", lambda dialog: dialog.dismiss())
    await phone.press("去掉 江大婶己")
    await expect(phone.button("去掉 江大婶己")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    await phone.press("去掉 江大婶己")
    await expect(phone.button("去掉 江大婶己")).to_have_count(0)


async def test_the_results_of_a_door_where_nobody_was_met_come_into_sight(
    phone: PhoneScreen,
) -> None:
    await open_a_home(phone)
    await phone.press("没见到人")
    await expect(phone.button("无人在家")).to_be_focused()
    for result in ("无人在家", "迁走"):
        box = await phone.button(result).bounding_box()
        dock = await phone.page.locator(".dock").bounding_box()
        assert box is not None
        assert dock is not None
        assert box["y"] + box["height"] <= dock["y"]


async def test_what_comes_in_the_place_of_a_choice_has_the_focus(phone: PhoneScreen) -> None:
    """A screen reader reads what two households become before the button that does it."""
    await open_a_home(phone)
    await phone.tap(phone.page.get_by_role("link", name="并户"))
    await phone.tap(
        phone.page.get_by_role("main").get_by_role("listitem").get_by_role("button").first
    )
    sure = phone.page.get_by_role("group").filter(has_text="记为空户")
    await expect(sure).to_be_focused()


async def test_the_button_below_a_list_does_not_run_from_the_thumb(phone: PhoneScreen) -> None:
    """Rows are drawn as far as the glass goes, and the rest when somebody comes to them."""
    page = phone.page
    await phone.go("户")
    await phone.tap_chip(re.compile("^新桥组"))
    rows = page.get_by_role("main").get_by_role("listitem")
    drawn = await rows.count()
    add = await phone.button("新增一户").element_handle()
    assert add is not None
    before: float = await add.evaluate(
        "(it) => { it.scrollIntoView({ block: 'center' }); return it.getBoundingClientRect().y; }"
    )
    await expect(rows).to_have_count(20)
    assert drawn < 20
    after: float = await add.evaluate("(it) => it.getBoundingClientRect().y")
    assert abs(after - before) < 56 / 2, "half a button"


async def test_a_sign_in_names_the_child_and_offers_no_search_that_finds_nothing(
    phone: PhoneScreen,
) -> None:
    page = phone.page
    await phone.go("户")
    child = (await phone.children_listed())[0]
    await phone.open_found(child)
    await expect(page.get_by_role("heading", level=1)).to_have_text(child)
    await phone.tap(page.get_by_text("记其他事"))
    await phone.press("签到")
    await expect(page.get_by_role("heading", level=1)).to_have_text("签到")
    await expect(page.get_by_role("banner")).to_contain_text(child)
    await expect(page.get_by_text("活动室", exact=True)).to_be_visible()
    await expect(page.get_by_text("不在上面？查找别人").first).to_be_hidden()


async def test_a_thumb_that_taps_twice_begins_and_saves_once(phone: PhoneScreen) -> None:
    """Both taps before the phone has written anything."""
    page = phone.page
    twice = "(it) => { it.click(); it.click(); }"
    await open_a_home(phone)
    await phone.press("没见到人")
    await phone.button("无人在家").evaluate(twice)
    await phone.see_saved()
    assert await phone.unsent() == 1
    await phone.button(re.compile("^登记走访")).first.evaluate(twice)
    await phone.choose("见到了谁", "儿童")
    await phone.press("保存")
    await phone.see_saved()
    assert await phone.unsent() == 2
    await phone.go("今天")
    await expect(page.get_by_role("link", name=re.compile("没填完"))).to_have_count(0)
