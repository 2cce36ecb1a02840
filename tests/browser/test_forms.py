"""Every record the programme lets somebody write is opened, saved and taken back on the phone, role by role."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.server_process import ROOT

SURVEYOR = "谷网格甲"
COMPILED: dict[str, Any] = json.loads((ROOT / "server/programme/compiled.json").read_text("utf-8"))
# Where a record that is not about one child begins.
AT_HOME = {"household", "person", "child", "survey"}
LINKS = {"parent_link": "添加父母", "guardianship": "添加照护人", "pairing": "结对帮扶人"}
VILLAGE = {"activity", "training", "duty_done"}


def writable(role: str) -> dict[str, str]:
    """Types this role may write, with their words."""
    return {
        row["type"]: COMPILED["types"][row["type"]]["form"]["label"]["zh"]
        for row in COMPILED["roles"]["records"]
        if role in row["write"].split()
    }


async def fill(phone: PhoneScreen) -> None:
    """Answers what the form says it cannot do without, however it is asked."""
    asked = ""
    for _ in range(30):
        await phone.press("保存")
        saved = phone.page.get_by_text("已存在手机里")
        missing = phone.page.locator(".missing button")
        anyway = phone.button("先这样保存")
        await expect(saved.or_(missing.first)).to_be_visible()
        if await saved.is_visible():
            return
        if await anyway.is_visible():
            await phone.tap(anyway)
            await expect(saved).to_be_visible()
            return
        asked = await missing.first.inner_text()
        await phone.tap(missing.first)
        label = phone.page.locator(".ask").filter(has_text=re.compile(rf"^{re.escape(asked)}"))
        await answer(phone, phone.page.locator(".question").filter(has=label).first)
    raise AssertionError(f"the form asks for {asked} without end")


async def answer(phone: PhoneScreen, box: Locator) -> None:
    await expect(box).to_be_visible()
    clock = box.locator("input[type=time]")
    if await clock.count():
        await clock.fill("09:30")
        return
    choice = box.locator("label.choice, .choices label").first
    if await choice.count():
        await phone.tap(choice)
        return
    typed = box.locator("textarea, input:not([type=radio]):not([type=checkbox])").first
    await typed.fill("3" if await box.locator(".stepper").count() else "走访记录")


async def undo(phone: PhoneScreen) -> None:
    """Takes the record back, and gives the draft up."""
    await phone.press("撤销")
    await expect(phone.page.locator(".dots")).to_be_visible()
    while not await phone.page.get_by_role("navigation", name="主要页面").is_visible():
        await phone.press("返回")
        await phone.page.wait_for_timeout(100)
    assert await phone.unsent() == 0
    await phone.go("我的")
    await phone.tap(phone.page.get_by_role("link", name="草稿", exact=True))
    phone.page.once("dialog", lambda dialog: dialog.accept())
    await phone.press(re.compile("^丢弃|^删除|^放弃"))
    await expect(phone.page.get_by_role("listitem")).to_have_count(0)


async def walk(phone: PhoneScreen, role: str) -> set[str]:
    """Writes one of each; says which."""
    page = phone.page
    done: set[str] = set()
    await phone.aeroplane_mode(True)
    await phone.find("")
    child = (await phone.children_listed())[0]
    for name, label in writable(role).items():
        if name in AT_HOME or name == "help_step":
            continue
        if name in VILLAGE:
            await phone.go("今天")
            await phone.tap(page.get_by_text("记其他事"))
            begin = phone.button(label)
        else:
            await phone.open_found(child)
            if name == "visit":
                begin = phone.button("登记走访")
            elif name in LINKS:
                begin = phone.button(LINKS[name])
                if role == "volunteer":
                    await expect(begin).to_have_count(0)
                    begin = phone.button(re.compile("^修改 .*父|^修改 .*母")).first
            else:
                await phone.tap(page.get_by_text("记其他事"))
                begin = phone.button(label)
        await phone.tap(begin)
        await expect(page.locator(".dots")).to_be_visible()
        if name in LINKS and role == "volunteer":
            await answer(phone, page.locator(".question").first)
        await fill(phone)
        assert await phone.unsent() == 1, name
        await undo(phone)
        done.add(name)
    return done


@pytest.mark.parametrize("role", ["surveyor", "volunteer"])
async def test_every_record_a_role_may_write_is_saved_and_taken_back(
    office: OfficeScreen, phones: Phones, role: str
) -> None:
    name = SURVEYOR if role == "surveyor" else (await office.volunteer())[0]
    phone = await phones(role)
    await phone.enrol((await office.invite(name)).link, name)
    done = await walk(phone, role)
    assert done == set(writable(role)) - AT_HOME - {"help_step"}


async def test_a_volunteer_changes_only_what_a_visit_teaches(
    office: OfficeScreen, phones: Phones
) -> None:
    name, paired = await office.volunteer()
    phone = await phones("teaches")
    await phone.enrol((await office.invite(name)).link, name)
    await phone.aeroplane_mode(True)
    await phone.open_found(paired[0])
    await phone.press("修改档案")
    await expect(phone.page.get_by_role("textbox", name="学校", exact=False).first).to_be_visible()
    await expect(phone.page.get_by_text("儿童姓名")).to_have_count(0)


async def test_danger_is_two_taps_to_the_numbers_and_is_written_down_afterwards(
    office: OfficeScreen, phones: Phones
) -> None:
    name, paired = await office.volunteer()
    phone = await phones("danger")
    page = phone.page
    await phone.enrol((await office.invite(name)).link, name)
    await phone.aeroplane_mode(True)
    await phone.open_found(paired[0])
    before = phone.taps
    await phone.tap(page.get_by_role("link", name="紧急求助"))
    calls = page.locator("a.call")
    numbers = [await call.get_attribute("href") for call in await calls.all()]
    assert numbers[:2] == ["tel:110", "tel:120"]
    await expect(calls.nth(2)).to_contain_text("派出所")
    await expect(calls.nth(3)).to_contain_text("卫生室")
    assert phone.taps + 1 - before == 2, "the second tap calls"
    await phone.shoot("4-danger-local")

    for record in ("强制报告", "求助"):
        await phone.press(record)
        await expect(page.locator(".bar-title p")).to_have_text(paired[0])
        await fill(phone)
    assert await phone.unsent() == 2
    await phone.open_found(paired[0])

    await phone.tap(page.locator(".timeline").get_by_role("link").filter(has_text="求助").first)
    await phone.tap(page.get_by_text("记其他事"))
    await phone.press("求助处理")
    await fill(phone)
    await expect(page.locator(".timeline").get_by_text("求助处理")).to_be_visible()
    assert await phone.unsent() == 3
