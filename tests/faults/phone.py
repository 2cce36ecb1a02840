"""kill -9 of the phone's browser: while it saves, right after it said "saved", and while it sends."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from playwright.async_api import async_playwright

from server.auth import Auth
from server.registry import Registry
from tests import chromium
from tests.browser.phone import PhoneScreen
from tests.browser.server_process import ServerProcess
from tests.helpers import new_village

from .tally import Tally

CODE = "990000101208"
MOMENTS = ("while it saves", "once it said saved", "while it sends")


async def phone_kills(folder: Path, kills: int, chance: random.Random) -> Tally:
    """One phone; what it said is saved has to be on the server in the end, once."""
    data = folder / "data"
    link = await _village(data)
    server = ServerProcess(data)
    program = await asyncio.to_thread(chromium.find_or_install)
    await server.start()
    try:
        async with async_playwright() as playwright:
            phone = PhoneScreen(playwright, program, folder / "phone")
            await phone.switch_on()
            await phone.enrol(f"{server.address}{link}", "调查员s0")
            saved, tried = 0, 0
            for place in range(kills):
                moment = MOMENTS[place % len(MOMENTS)]
                tried += 1
                saved += await _visit_and_kill(phone, moment, chance)
                await phone.switch_on(f"{server.address}/app/")
                await phone.unlock()
            await phone.aeroplane_mode(False)
            await phone.sync()
            await phone.until_agreed()
            await phone.switch_off()
        stored = server.ops_stored()
    finally:
        server.kill()
    return Tally("phone's browser", kills, saved, max(0, saved - stored), max(0, stored - tried))


async def _village(data: Path) -> str:
    registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
    village = await new_village(registry, Auth(registry.database), CODE)
    for name in ("谷小满", "江小禾", "林小雨"):
        await village.child(await village.household(grid=1), name=name)
    code = await village.auth.issue_code(await village.surveyor("s0", 1))
    await registry.close()
    return f"/app/#/enrol/{code.text}"


async def _visit_and_kill(phone: PhoneScreen, moment: str, chance: random.Random) -> int:
    """How many records the phone said it had saved: one or none."""
    await phone.aeroplane_mode(True)
    await phone.find("")
    await phone.open_found(chance.choice(await phone.children_listed()))
    await phone.press("登记走访")
    met = phone.answer("见到了谁", "儿童").first
    # A draft of an earlier kill comes back as it was.
    if not await met.is_checked():
        await phone.tap(met)
    said = 0
    if moment == "while it saves":
        await phone.button("保存").first.evaluate("(it) => { setTimeout(() => it.click()) }")
        await asyncio.sleep(chance.uniform(0, 0.1))
    else:
        await phone.press("保存")
        await phone.see_saved()
        said = 1
    if moment == "while it sends":
        await phone.go("同步")
        await phone.aeroplane_mode(False)
        await asyncio.sleep(chance.uniform(0, 0.5))
    await phone.kill_browser()
    return said
