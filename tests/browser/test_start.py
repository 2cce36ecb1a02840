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
        href = str(await link.get_attribute("href"))
        if "/statistics/" in href:  # the small charts lead to a figure by grid, not to a list
            assert await link.locator("svg").count() == 1
        else:
            shown[href] = await link.inner_text()
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


async def test_a_years_plan_is_begun_and_the_figures_add_up_on_paper(office: OfficeScreen) -> None:
    page = office.page
    await office.menu("活动与计划")
    await page.get_by_role("link", name=re.compile("看一看 .* 年的")).first.click()
    await page.get_by_role("button", name=re.compile("排上这")).click()
    await expect(page.get_by_role("status")).to_contain_text("排好了")
    await office.menu("活动与计划")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("活动与计划")
    await office.shoot("9-month")

    await office.menu("统计")
    await expect(page.get_by_role("heading", level=1)).to_have_text("统计表")
    await expect(page.get_by_role("button", name="打印")).to_be_enabled()
    await office.shoot("9-statistics")
