"""Journey 5: the evening sync and its receipt on both ends, and a server killed in the middle of it."""

from __future__ import annotations

import re

from playwright.async_api import expect

from server.registry import Registry
from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.server_process import ServerProcess

SURVEYOR, OTHER = "江网格甲", "林网格甲"


async def visit_first(phone: PhoneScreen, count: int) -> list[str]:
    """Logs visits to so many children of the own grid, found in the list of households."""
    await phone.find("")
    names = await phone.children_listed()
    for name in names[:count]:
        await phone.open_found(name)
        await phone.press("登记走访")
        await phone.choose("见到了谁", "儿童")
        await phone.press("保存")
        await phone.see_saved()
    return names[:count]


async def test_the_evening_sync_shows_the_same_receipt_on_the_phone_and_in_the_office(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await phones("evening")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await phone.aeroplane_mode(True)
    names = await visit_first(phone, 3)
    assert await phone.unsent() == 3
    await phone.go("同步")
    await expect(phone.page.get_by_text(re.compile(f"走访 · {names[0]}"))).to_be_visible()
    await phone.shoot("5-waiting")
    await phone.press("现在同步")
    await expect(phone.page.get_by_text("连不上村里的服务器")).to_be_visible()
    await phone.shoot("5-no-network")

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    receipt = await phone.receipt()
    assert receipt["已上传"] == 3
    assert receipt["需查看"] == 0
    assert await phone.unsent() == 0
    await phone.shoot("5-receipt")

    cells = await office.tonight(SURVEYOR)
    await office.shoot("5-tonight")
    assert cells[1].split()[0] == "3"
    assert cells[3].strip() == "0"
    assert re.search(r"\d\d:\d\d", cells[5]), "the office too says when both ends agreed"


async def test_a_phone_and_a_server_killed_during_a_push_lose_nothing_and_double_nothing(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    phone = await phones("killed")
    await phone.enrol((await office.invite(OTHER)).link, OTHER)
    await phone.aeroplane_mode(True)
    already = server.ops_stored()
    visited = await visit_first(phone, 2)

    # Sent to a server that no longer reads, and both die: nothing stored, no answer.
    server.freeze()
    async with phone.page.expect_request("**/api/sync"):
        await phone.aeroplane_mode(False)
    await phone.kill_browser()
    server.kill()
    assert server.ops_stored() == already
    phone.offline = True
    await phone.switch_on(f"{server.address}/app/")
    await phone.unlock()
    await expect(phone.strip()).to_contain_text("未上传 2 条")

    # Stored, and killed in that moment: the answer is lost on the way, or half of it.
    visited += await visit_first(phone, 3)
    await server.start()
    await phone.aeroplane_mode(False)
    await server.until_stored(already + 2)
    server.kill()
    await phone.shoot("5-server-killed")

    await server.start()
    await phone.sync()
    await phone.until_agreed()
    assert await phone.unsent() == 0
    server.stop()

    registry = await Registry.open(f"sqlite:///{server.data / 'zoufang.db'}")
    (village,) = await registry.villages()
    rows = await registry.rows(village.code, "visit", "child")
    await registry.close()
    children = {row.id: row.fields["name"] for row in rows if row.type == "child"}
    stored = [
        children[row.fields["child_id"]]
        for row in rows
        if row.type == "visit"
        and row.fields.get("recorded_by") == OTHER
        and row.rev > village.rev - 5
    ]
    assert sorted(stored) == sorted(visited)
    assert server.ops_stored() == already + 5
    await server.start()
