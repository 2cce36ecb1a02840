"""Journey 1: the demo village stands, and the office's first page says what to do and adds up."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.office import OfficeScreen


async def test_the_office_finds_120_households_and_four_numbers_that_add_up(
    office: OfficeScreen,
) -> None:
    page = office.page
    await expect(page.get_by_role("heading", level=1)).to_have_text("青禾村")
    await office.shoot("1-start")
    figures = page.get_by_role("region", name="四个数")
    links = figures.get_by_role("link")
    shown = {}
    for at in range(await links.count()):
        link = links.nth(at)
        shown[await link.get_attribute("href")] = await link.inner_text()
    assert len(await figures.locator(".figure").all()) == 4

    totals = {}
    for href in shown:
        await page.goto(f"{office.address}{href}")
        totals[href] = await office.total()
    assert totals["/office/households"] == 120
    for href, words in shown.items():
        if "%" not in words:
            assert totals[href] == int(re.findall(r"\d+", words)[0]), href
    households = {h: n for h, n in totals.items() if "surveyed=" in str(h)}
    assert sum(households.values()) == 120
    files = {h: n for h, n in totals.items() if "file=" in str(h)}
    assert sum(files.values()) == totals["/office/children?left_behind=wide"]
