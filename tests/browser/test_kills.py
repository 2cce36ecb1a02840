"""Kills, cuts, revocations and restores while the phone holds work that is not sent: it arrives once, or is told."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from playwright.async_api import Route, expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.server_process import ROOT, ServerProcess

SURVEYORS = ("谷网格甲", "江网格甲", "林网格甲", "叶网格甲")
OTHER_GRID = "上坪组"


async def switched_on_again(phone: PhoneScreen, server: ServerProcess) -> None:
    await phone.switch_on(f"{server.address}/app/")
    await phone.unlock()


async def test_a_phone_killed_while_it_saves_has_the_draft_or_the_record_never_neither(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[0]
    phone = await phones("mid-save")
    await phone.enrol((await office.invite(name)).link, name)
    await phone.aeroplane_mode(True)
    saved = 0
    for wait_s in (0.0, 0.01, 0.04):
        await phone.find("")
        await phone.open_found((await phone.children_listed())[0])
        await phone.press("登记走访")
        before = await phone.drafts_on_disk()
        await phone.choose("见到了谁", "儿童")
        await phone.until_written(before)
        await phone.button("保存").first.evaluate("(it) => { setTimeout(() => it.click()) }")
        await asyncio.sleep(wait_s)
        await phone.kill_browser()
        await switched_on_again(phone, server)
        if await phone.unsent() == saved + 1:
            saved += 1
            continue
        await phone.go("我的")
        await phone.tap(phone.page.get_by_role("link", name="草稿", exact=True))
        await phone.tap(phone.page.get_by_role("main").get_by_role("link").first)
        await expect(phone.answer("见到了谁", "儿童").first).to_be_checked()
        await phone.press("保存")
        await phone.see_saved()
        saved += 1
    assert await phone.unsent() == saved == 3


async def test_a_phone_killed_at_any_stage_of_a_sync_sends_everything_once(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    """Stages: stored and not answered; answered and perhaps applied; at the confirmation."""
    name = SURVEYORS[1]
    phone = await phones("mid-sync")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    for stage in ("no answer", "answer", "confirmation"):
        await phone.aeroplane_mode(True)
        await phone.visit_somebody()
        reached = asyncio.Event()
        calls = 0

        async def meet(route: Route, stage: str = stage, reached: asyncio.Event = reached) -> None:
            nonlocal calls
            calls += 1
            if stage == "confirmation" and calls == 1:
                await route.continue_()
                return
            answer = await route.fetch()
            if stage == "answer":
                await route.fulfill(response=answer)
            reached.set()

        await phone.page.route("**/api/sync", meet)
        await phone.aeroplane_mode(False)
        await asyncio.wait_for(reached.wait(), SLOW_MS / 1000)
        await phone.kill_browser()
        await switched_on_again(phone, server)
    await phone.sync()
    await phone.until_agreed()
    assert await phone.unsent() == 0
    assert server.ops_stored() == already + 3


async def test_a_revoked_phone_hands_its_work_in_before_it_is_erased(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[2]
    phone = await phones("revoked")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    await phone.visit_somebody()
    await office.revoke(name)

    await phone.aeroplane_mode(False)
    await expect(phone.page.get_by_role("heading", name="这部手机已停用")).to_be_visible(
        timeout=SLOW_MS
    )
    await phone.shoot("8-revoked")
    assert server.ops_stored() == already + 1
    await office.page.goto(f"{office.address}/office/quarantine")
    await expect(office.page.get_by_role("main")).to_contain_text(name)
    await phone.page.reload()
    await expect(phone.button("启用这部手机")).to_be_visible()


async def test_work_of_a_grid_one_has_no_more_still_arrives(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[3]
    phone = await phones("moved")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    child = await phone.visit_somebody()
    await office.move_to(name, OTHER_GRID)

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    assert await phone.unsent() == 0
    assert server.ops_stored() == already + 1
    await phone.find("")
    assert child not in await phone.children_listed()


async def test_two_kilobytes_a_second_with_cuts_carry_an_evenings_work_once(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    """Cut before it arrived, and after: stored, and not answered."""
    name = SURVEYORS[0]
    phone = await phones("hillside")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    cuts = 0

    async def cut(route: Route) -> None:
        nonlocal cuts
        cuts += 1
        if cuts > 4:
            await route.continue_()
            return
        if cuts % 2 == 0:
            await route.fetch()
        await route.abort("connectionreset")

    await phone.page.route("**/api/sync", cut)
    await phone.aeroplane_mode(True)
    for _ in range(3):
        await phone.visit_somebody()
    await phone.aeroplane_mode(False)
    await phone.poor_network(kilobits=16, delay_ms=800)
    while cuts < 4:
        await phone.sync()
    await expect(phone.strip()).to_contain_text("全部已上传", timeout=60_000)
    await phone.until_agreed()
    assert server.ops_stored() == already + 3


async def test_a_sync_stopped_by_its_owner_goes_on_where_it_was(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[1]
    phone = await phones("paused")
    await phone.enrol((await office.invite(name)).link, name)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    await phone.visit_somebody()
    await phone.poor_network(kilobits=16, delay_ms=800)
    await phone.go("同步")
    await phone.aeroplane_mode(False)
    await phone.button("先停一停").click()

    await expect(phone.page.get_by_text("停在这里了")).to_be_visible(timeout=60_000)
    assert server.ops_stored() <= already + 1
    await phone.sync()
    await phone.until_agreed()
    assert server.ops_stored() == already + 1


async def test_a_server_restored_from_an_older_backup_gets_again_what_it_lost(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    name = SURVEYORS[1]
    phone = await phones("restored")
    await phone.enrol((await office.invite(name)).link, name)
    backup = server.data.parent / "before.db"
    run(server, "backup", str(backup))
    already = server.ops_stored()
    child = await phone.visit_somebody()
    await phone.sync()
    await phone.until_agreed()
    assert server.ops_stored() == already + 1
    await phone.open_found(child)
    visit = await phone.newest_event()

    server.kill()
    for file in server.data.glob("zoufang.db*"):
        file.unlink()
    run(server, "restore", str(backup))
    await server.start()
    assert server.ops_stored() == already

    await phone.sync()
    await phone.sync()
    await phone.until_agreed()
    assert server.ops_stored() == already + 1
    await phone.open_found(child)
    assert await phone.newest_event() == visit


def run(server: ServerProcess, *command: str) -> None:
    program = [sys.executable, "-m", "server", *command, "--data", str(server.data)]
    subprocess.run(program, cwd=ROOT, check=True, capture_output=True, timeout=60)
