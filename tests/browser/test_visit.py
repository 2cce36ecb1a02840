"""Journey 4: the due list, a visit in a few taps, undo, and the numbers to call in danger."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.scripted import MOST_S, MOST_TAPS, visit_with_five_answers

NAME = "走访员乙"


@pytest.fixture
async def phone(office: OfficeScreen, phones: Phones) -> PhoneScreen:
    """A phone for two grids, in aeroplane mode."""
    if not await office.knows(NAME):
        await office.add_person(NAME, "调查员", "竹林组", "新桥组")
    phone = await phones("visit")
    await phone.enrol((await office.invite(NAME)).link, NAME)
    await phone.aeroplane_mode(True)
    return phone


async def test_a_visit_with_all_five_answers_takes_at_most_ten_taps_and_can_be_undone(
    phone: PhoneScreen,
) -> None:
    rows = phone.page.get_by_role("listitem").filter(has=phone.page.get_by_text("登记走访"))
    texts = await rows.all_inner_texts()
    late = [re.search(r"已超 (\d+) 天", text) for text in texts]
    assert late[0], "the most overdue child stands first"
    days = [int(found[1]) for found in late if found]
    assert days == sorted(days, reverse=True)
    assert all(late[: len(days)]), "no child due later stands before an overdue one"
    child = texts[0].split()[0]

    visit = await visit_with_five_answers(phone, child)
    print(f"a visit with five answers: {visit.taps} taps, {visit.seconds:.1f} s")
    assert visit.taps <= MOST_TAPS
    assert visit.seconds <= MOST_S
    await phone.shoot("4-visit-saved")
    assert await phone.unsent() == 1

    await phone.press("撤销")
    await expect(phone.page.get_by_role("radio", name="好").first).to_be_checked()
    assert await phone.page.get_by_role("radio", name="好", checked=True).count() == 5
    await phone.press("保存")
    await phone.see_saved()
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text("今天")
    await expect(phone.button(f"登记走访 {child}")).to_have_count(0)
    assert await phone.unsent() == 1


async def test_a_finger_saves_where_it_is_lifted_and_not_when_it_slid_or_scrolled(
    phone: PhoneScreen,
) -> None:
    await phone.press(re.compile("^登记走访"))
    await phone.choose("见到了谁", "儿童")
    save = phone.button("保存")
    receipt = phone.page.get_by_text("已存在手机里，等待上传")
    clicks = (
        "() => { window.clicks = 0; addEventListener('click', () => { window.clicks++; }, true); }"
    )
    await phone.page.evaluate(clicks)

    await phone.slide(save, by=(-220, 0))
    await phone.slide(save, by=(0, -300))
    assert await phone.page.evaluate("() => scrollY") > 100
    await asyncio.sleep(0.5)
    await expect(receipt).to_have_count(0)
    await expect(save).to_be_visible()

    await phone.slide(save, by=(3, 2))
    await phone.see_saved()
    # What has come to lie under the finger since, such as the way back, is not pressed with it.
    assert await phone.page.evaluate("() => window.clicks") == 0
    await expect(phone.button("撤销")).to_be_visible()
    assert await phone.unsent() == 1


async def test_a_word_still_being_composed_is_saved_with_the_rest(phone: PhoneScreen) -> None:
    await phone.press(re.compile("^登记走访"))
    await phone.choose("见到了谁", "儿童")
    await phone.turn_to("问题与办法")
    note = phone.page.get_by_role("textbox", name="处理办法", exact=True)
    await phone.tap(note)
    await phone.page.keyboard.type("再来")
    keyboard = await phone.keyboard()
    composed = {"text": "看看", "selectionStart": 2, "selectionEnd": 2}
    await keyboard.send("Input.imeSetComposition", composed)
    await phone.press("保存")
    await phone.save_with_gaps()
    await phone.see_saved()

    await phone.press("撤销")
    await expect(note).to_have_value("再来看看")


async def test_danger_shows_the_numbers_to_call_with_no_network_and_while_locked(
    phone: PhoneScreen,
) -> None:
    await phone.tap(phone.page.get_by_role("link", name="紧急求助"))
    await expect(phone.page.get_by_role("link", name=re.compile("110"))).to_have_attribute(
        "href", "tel:110"
    )
    await phone.shoot("4-danger")
    await phone.page.reload()
    await expect(phone.page.get_by_role("link", name=re.compile("110"))).to_be_visible()
    await phone.press("返回")
    await expect(phone.button("解锁")).to_be_visible()
    await phone.tap(phone.page.get_by_role("link", name="紧急求助"))
    await expect(phone.page.get_by_role("link", name=re.compile("12355"))).to_be_visible()
