"""Two phones and one office at once: one field edited twice unseen, settled once, the same for all."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.office import CLERK, OfficeScreen
from tests.browser.phone import PhoneScreen

FIRST, SECOND = "摸底员乙", "摸底员丙"
CHILD, FAMILY = "石惊蛰", "石大爷甲家"
HIGH, LOW, MIDDLE = "高风险（红）", "低风险（绿）", "中风险（黄）"
REASON = "打电话问过监护人"


async def open_child(phone: PhoneScreen) -> None:
    await phone.open_found(CHILD)
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text(CHILD)


async def edit(phone: PhoneScreen, risk: str, section: str, field: str, text: str) -> None:
    """Edits the child's risk and one other field in one piece of work."""
    await open_child(phone)
    await phone.press("修改档案")
    await phone.turn_to(section)
    await phone.write(field, text)
    await phone.turn_to("评估与关注")
    await phone.choose("风险等级", risk)
    await phone.press("保存")
    await phone.save_with_gaps()
    await phone.see_saved()


async def shown(phone: PhoneScreen) -> str:
    """The child's file as the phone shows it, all sections open."""
    await open_child(phone)
    closed = phone.page.locator("main details:not([open]) > summary")
    while await closed.count() > 0:
        await closed.first.tap()
    return await phone.page.get_by_role("main").inner_text()


async def test_one_field_edited_twice_unseen_is_settled_once_and_shown_alike_everywhere(
    office: OfficeScreen, phones: Phones
) -> None:
    for name in (FIRST, SECOND):
        await office.add_person(name, "调查员", "上坪组")
    a, b = await phones("a"), await phones("b")
    await a.enrol((await office.invite(FIRST)).link, FIRST)
    await b.enrol((await office.invite(SECOND)).link, SECOND)
    await asyncio.gather(a.aeroplane_mode(True), b.aeroplane_mode(True))
    await edit(a, HIGH, "需要与心愿", "心愿", "想学游泳")
    await edit(b, MIDDLE, "性格与爱好", "特长", "会修自行车")

    for phone in (a, b):
        await phone.aeroplane_mode(False)
        await phone.sync()
        await phone.until_agreed()
    receipt = await b.receipt()
    assert receipt["需查看"] == 1
    await b.shoot("6-needs-a-look")
    await a.sync()
    await open_child(a)
    await a.shoot("6-child")
    for phone in (a, b):
        text = await shown(phone)
        assert "待核实" in text
        assert "想学游泳" in text
        assert "会修自行车" in text
    await a.shoot("6-contested")

    await office.menu("冲突")
    await expect(office.page.get_by_role("row").filter(has_text=CHILD)).to_have_count(1)
    await office.shoot("6-conflicts")
    await office.open_conflict(CHILD)
    page = office.page.get_by_role("main")
    await expect(page.get_by_text(FIRST)).to_be_visible()
    await expect(page.get_by_text(SECOND)).to_be_visible()
    sides = office.page.get_by_role("radiogroup", name="采用哪一个")
    await expect(sides).to_contain_text(LOW)
    await expect(sides).to_contain_text(HIGH)
    await expect(sides).to_contain_text(MIDDLE)
    assert len(re.findall(r"\d\d:\d\d", await sides.inner_text())) >= 4, "saved when, arrived when"
    await office.shoot("6-settle")
    await office.settle(MIDDLE, REASON)
    await expect(office.page.get_by_role("row").filter(has_text=CHILD)).to_have_count(0)

    for phone in (a, b):
        await phone.sync()
        await phone.until_agreed()
        text = await shown(phone)
        assert "待核实" not in text
        assert MIDDLE in text
        assert HIGH not in text
    await a.shoot("6-settled")
    for phone, answer in (
        (a, f"您填的“{HIGH}”，办公室核实为“{MIDDLE}”"),
        (b, f"办公室采用了您填的“{MIDDLE}”"),
    ):
        await phone.go("同步")
        await expect(phone.page.get_by_text(answer)).to_be_visible()
        await expect(phone.page.get_by_text(f"原因：{REASON}")).to_be_visible()
    await a.shoot("6-told")
    await office.search_children(CHILD)
    await office.page.get_by_role("link", name=CHILD, exact=True).click()
    file = office.page.get_by_role("main")
    await expect(file).to_contain_text(MIDDLE)
    await expect(file).to_contain_text(CLERK)
    await expect(file).to_contain_text("想学游泳")
    await expect(file).to_contain_text("会修自行车")
    await office.shoot("6-file")
    for name in (FIRST, SECOND):
        assert re.search(r"\d\d:\d\d", (await office.tonight(name))[5])
