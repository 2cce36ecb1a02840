"""Every page: its language and title, a name for all one can operate, and room at 200 % zoom."""

from __future__ import annotations

from collections.abc import AsyncIterator

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Phones
from tests.browser.office import HEIGHT, LOGIN, PASSWORD, WIDTH, OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.screen import (
    chinese_marks,
    faults,
    flaws,
    serious,
    squeezed,
    too_small,
    too_wide,
)

SURVEYOR = "叶网格甲"
PAGES = (
    "/", "/due", "/households", "/children", "/records/new/household", "/conflicts", "/quarantine",
    "/import", "/paper", "/programme/visit/import", "/people", "/people/new", "/duplicates", "/carry", "/odd", "/forms", "/programme",
    "/programme/child/blank", "/statistics", "/statistics/carers", "/statistics/calls?by=week",
    "/statistics/files/list?measure=rate&part=rest", "/reports", "/reports/annual", "/reports/weekly",
    "/reports/annual/template", "/up", "/up/new/monthly",
    "/month", "/plans/village", "/checklists", "/lists", "/lists/coverage", "/lists/helpers?load=full",
    "/lists/missing", "/lists/reviews", "/roles", "/handover", "/texts", "/texts/work",
    "/texts/work/change", "/school-file", "/print",
)  # fmt: skip


async def office_pages(office: OfficeScreen) -> AsyncIterator[str]:
    """Opens one page of the office after the other; gives each its name."""
    for path in PAGES:
        await office.page.goto(f"{office.address}/office{path}")
        yield path
    for kind in ("households", "children"):
        await office.page.goto(f"{office.address}/office/{kind}")
        await office.page.locator("#list tbody a").first.click()
        await office.page.wait_for_url("**/records/*")
        yield f"a file from /{kind}"
    await office.page.goto(f"{office.address}/office/nowhere")
    yield "a page that is not there"


async def test_every_office_page_names_all_it_offers(office: OfficeScreen) -> None:
    found = {
        name: await faults(office.page) + await serious(office.page)
        async for name in office_pages(office)
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


async def test_every_office_page_fits_at_200_percent(
    office_browser: Browser, office: OfficeScreen
) -> None:
    """Zooming to 200 % halves the window's width in CSS pixels and doubles every pixel."""
    near = OfficeScreen(office_browser, office.address, WIDTH // 2, HEIGHT // 2, scale=2)
    await near.open()
    found = {"/login": await wide_at_login(near)}
    await near.log_in(LOGIN, PASSWORD)
    async for name in office_pages(near):
        found[name] = await too_wide(near.page)
        if name in ("/", "/children"):
            await near.shoot(f"9-zoomed-{name.strip('/') or 'start'}")
    await near.close()
    assert {name: wide for name, wide in found.items() if wide} == {}


async def wide_at_login(near: OfficeScreen) -> list[str]:
    await near.page.goto(f"{near.address}/office/login")
    return await faults(near.page) + await too_wide(near.page)


async def phone_screens(phone: PhoneScreen) -> AsyncIterator[str]:
    """Walks through the phone's screens."""
    page: Page = phone.page
    for way in ("今天", "户", "同步", "我的"):
        await phone.go(way)
        yield way
    for way in ("修改密码", "草稿", "手机检查", "帮助"):
        await phone.go("我的")
        await phone.tap(page.get_by_role("link", name=way, exact=True))
        yield way
    await phone.tap(page.get_by_role("link", name="紧急求助").first)
    yield "紧急求助"
    await phone.go("户")
    await phone.find("")
    child = (await phone.children_listed())[0]
    await phone.tap(page.get_by_role("listitem").get_by_role("link").filter(has_text=child).first)
    yield "户页"
    for way in ("分户", "并户"):
        await phone.tap(page.get_by_role("link", name=way, exact=True))
        await expect(page.get_by_role("heading", level=1)).to_have_text(way)
        yield way
        await phone.press("返回")
    await phone.press("没见到人")
    yield "没见到人"
    await phone.press("摸底")
    yield "摸底"
    await phone.press("添加孩子")
    yield "孩子的表"
    await phone.write("儿童姓名", child)
    born = "2018", "4", "17"
    await phone.write_day("出生日期", *born)
    await expect(page.get_by_text("可能已经登记过")).to_be_visible()
    yield "可能已经登记过"
    await phone.open_found_from_form(child)
    yield "儿童页"
    await phone.tap(page.get_by_role("link", name="紧急求助"))
    yield "紧急求助，一个孩子"
    await phone.press("返回")
    await phone.press("登记走访")
    yield "走访的表"
    await phone.choose("见到了谁", "儿童")
    await phone.press("保存")
    await phone.see_saved()
    yield "已保存"
    await phone.tap(page.locator(".timeline").get_by_role("link").first)
    yield "一次走访"
    await phone.tap(page.get_by_role("link", name="记错孩子了"))
    await expect(page.get_by_role("searchbox")).to_be_visible()
    yield "记错孩子了"
    await page.goto(f"{page.url.partition('#')[0]}#/carry")
    await expect(phone.button("选回执文件")).to_be_visible()
    yield "带到村办公室"
    await page.goto(f"{page.url.partition('#')[0]}#/enrol")
    await expect(phone.button("给另一个人登记")).to_be_visible()
    yield "给另一个人登记"


async def with_large_letters(phone: PhoneScreen) -> list[str]:
    """What has no room when every letter is twice as large on glass that is as wide as before."""
    await phone.page.set_viewport_size({"width": 360, "height": 640})
    await phone.letters(2)
    found = await too_wide(phone.page) + await squeezed(phone.page)
    await phone.letters(1)
    await phone.zoom(1)
    return [f"large letters: {each}" for each in found]


async def wide_in_english(phone: PhoneScreen, survey: str) -> dict[str, list[str]]:
    """What is too wide at 200 % where words are longer."""
    await phone.go("我的")
    await phone.press("English")
    await expect(phone.page.get_by_role("heading", name="Me", exact=True)).to_be_visible()
    address = phone.page.url.partition("#")[0]
    found = {}
    for path in (survey, "/today", "/households", "/sync", "/me/check", "/emergency"):
        await phone.page.goto(f"{address}#{path}")
        await expect(phone.page.get_by_role("heading", level=1)).to_be_visible()
        await phone.zoom(2)
        found[f"en {path}"] = await too_wide(phone.page)
        await phone.zoom(1)
        found[f"en {path}"] += await flaws(phone.page)
        found[f"en {path}"] += await with_large_letters(phone) + await chinese_marks(phone.page)
    await phone.page.goto(f"{address}#/me")
    await phone.press("中文")
    return found


async def test_every_phone_screen_names_all_it_offers_and_fits_at_200_percent_and_with_large_letters(
    office: OfficeScreen, phones: Phones
) -> None:
    """A phone zoomed to 200 % has half the CSS pixels across."""
    phone = await phones("access")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    found: dict[str, list[str]] = {}
    async for name in phone_screens(phone):
        found[name] = await faults(phone.page) + await flaws(phone.page)
        found[name] += await too_small(phone.page)
        await phone.zoom(2)
        found[name] += await too_wide(phone.page)
        if name in ("今天", "走访的表"):
            await phone.shoot(f"9-zoomed-{name}")
        await phone.zoom(1)
        found[name] += await with_large_letters(phone)
        if name == "摸底":
            survey = phone.page.url.partition("#")[2]
    found |= await wide_in_english(phone, survey)
    await phone.page.reload()
    await expect(phone.button("解锁")).to_be_visible()
    await phone.zoom(2)
    found["解锁"] = await faults(phone.page) + await too_wide(phone.page)
    found["解锁"] += await flaws(phone.page)
    await phone.shoot("9-zoomed-解锁")
    await phone.zoom(1)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
