"""An answer out of the ordinary: pointed out at the door, kept, asked about after the sync, listed in the office."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen

NAME = "摸底员丙"
SAID = "家庭人口应在 1 至 20 人之间"


async def test_an_odd_answer_is_pointed_out_kept_and_asked_about_at_both_ends(
    office: OfficeScreen, phones: Phones
) -> None:
    if not await office.knows(NAME):
        await office.add_person(NAME, "调查员", "河湾组")
    phone = await phones("odd")
    await phone.enrol((await office.invite(NAME)).link, NAME)
    await phone.find("")
    child = (await phone.children_listed())[0]
    listed = phone.page.get_by_role("listitem").get_by_role("link")
    await phone.tap(listed.filter(has_text=child).first)
    await phone.press("修改户情况")
    await phone.turn_to("人口与户籍")
    people = phone.page.get_by_role("textbox", name=re.compile("^家庭人口"))
    await phone.tap(people)
    await people.fill("99")
    await expect(phone.page.get_by_text(SAID)).to_be_visible()
    await phone.turn_to("生活状况")
    await phone.press("保存")
    await phone.save_with_gaps()
    await phone.see_saved()
    await expect(phone.page.get_by_text(SAID)).to_be_visible()
    await phone.shoot("10-odd-record")

    await phone.sync()

    await expect(phone.page.get_by_text(re.compile(f"家庭人口：{SAID}"))).to_be_visible()
    await phone.shoot("10-odd-sync")
    await office.page.goto(f"{office.address}/office/odd")
    row = office.page.get_by_role("row").filter(has_text=SAID)
    await expect(row).to_contain_text("99")
    await office.shoot("10-odd-office")
    await row.get_by_role("link", name="改", exact=True).click()
    await expect(office.page.get_by_role("textbox", name=re.compile("家庭人口"))).to_have_value(
        "99"
    )
