"""Taps and seconds of a scripted visit and of a scripted new household, on a phone in aeroplane mode in the demo village.
The seconds are those of a machine that knows what it wants."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from playwright.async_api import async_playwright, expect

from tests import chromium
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.scripted import (
    MOST_S,
    MOST_TAPS,
    household_of_three,
    visit_with_five_answers,
)
from tests.browser.server_process import ServerProcess

from .figures import Figure, Scale

SURVEYOR, GRIDS = "摸底员乙", ("竹林组", "新桥组")


def taps(folder: Path, scale: Scale) -> Iterator[Figure]:
    """The journeys 3 and 4, once each: a tap more or less is no matter of chance."""
    yield from asyncio.run(_walked(folder))


async def _walked(folder: Path) -> list[Figure]:
    server = ServerProcess(folder / "data", "demo")
    await server.start()
    program = await asyncio.to_thread(chromium.find_or_install)
    expect.set_options(timeout=15_000)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-gpu"]
            )
            office = OfficeScreen(browser, server.address)
            await office.open()
            await office.log_in()
            await office.add_person(SURVEYOR, "调查员", *GRIDS)
            phone = PhoneScreen(playwright, program, folder / "phone")
            await phone.switch_on()
            await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
            await phone.aeroplane_mode(True)
            due = phone.page.get_by_role("listitem").filter(
                has=phone.page.get_by_text("登记走访", exact=True)
            )
            child = (await due.first.inner_text()).split()[0]
            visit = await visit_with_five_answers(phone, child)
            household = await household_of_three(phone, GRIDS[1])
            await phone.switch_off()
            await browser.close()
    finally:
        server.kill()
    return [
        Figure(
            "taps", "a visit with five answers", f"{visit.taps} taps, {visit.seconds:.1f} s", "–",
            None, f"≤ {MOST_TAPS} taps, {MOST_S} s",
            visit.taps <= MOST_TAPS and visit.seconds <= MOST_S,
        ),
        Figure(
            "taps", "a new household of three", f"{household.taps} taps, {household.seconds:.1f} s",
            "–", None, "no dead end", True,
        ),
    ]  # fmt: skip
