"""A new version of the app: whole or not at all, never under the hands of somebody who fills in a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Error, expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.server_process import ROOT, ServerProcess, until

SURVEYOR = "谷网格甲"
WORKER = ROOT / "server" / "pwa" / "sw.js"
LOOK = """() => navigator.serviceWorker.getRegistration('/app/')
  .then((it) => it.update()).then(() => true, () => false)"""
STATE = """() => navigator.serviceWorker.getRegistration('/app/')
  .then((it) => [it.active, it.waiting, it.installing].map((it) => it?.state ?? '').join(' ').trim())"""


@pytest.fixture
def worker(phone_app: None) -> Iterator[Path]:
    """The service worker's file, to be changed as a new build changes it; put back afterwards."""
    was = WORKER.read_bytes()
    yield WORKER
    WORKER.write_bytes(was)


def new_version(worker: Path, name: str, *, shell: str = "") -> None:
    text = worker.read_text("utf-8")
    changed = re.sub(r'"[0-9a-f]{12}"', f'"{name}"', text)
    assert changed != text
    worker.write_text(re.sub(r'\["/app/[a-z.]*"', f'["/app/{shell}"', changed, count=1))


async def version(phone: PhoneScreen) -> str:
    """As the phone check page tells it."""
    await phone.go("我的")
    await phone.tap(phone.page.get_by_role("link", name="手机检查", exact=True))
    row = phone.page.locator(".field").filter(has_text="程序版本")
    await expect(row).to_contain_text(re.compile("[0-9a-f]{12}"))
    return (await row.locator("dd").inner_text()).strip()


async def until_said(phone: PhoneScreen, question: str, answer: object) -> None:
    """Asks the page until its promise gives the answer; Playwright's own waiting takes any promise for a yes."""

    async def said() -> bool:
        try:
            return bool(await phone.page.evaluate(question) == answer)
        except Error:  # the page is just being replaced by a newer one
            return False

    await until(said)


async def test_an_update_waits_for_open_forms_and_unsent_work_and_comes_whole(
    office: OfficeScreen, phones: Phones, server: ServerProcess, worker: Path
) -> None:
    phone = await phones("update")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await phone.page.reload()
    await phone.unlock()
    first = await version(phone)

    new_version(worker, "b" * 12, shell="nowhere.js")
    await phone.page.evaluate(LOOK)
    await expect(phone.page.get_by_text("有新版本")).to_have_count(0)
    assert await version(phone) == first

    await phone.find("")
    child = (await phone.children_listed())[0]
    await phone.open_found(child)
    await phone.press("登记走访")
    before = await phone.drafts_on_disk()
    await phone.choose("见到了谁", "儿童")
    await phone.until_written(before)
    new_version(worker, "c" * 12)
    await phone.page.evaluate(LOOK)
    await until_said(phone, STATE, "activated installed")
    await expect(phone.page.get_by_text("有新版本")).to_have_count(0)
    await phone.aeroplane_mode(True)
    await phone.press("返回")
    await expect(phone.page.get_by_text("有新版本")).to_be_visible(timeout=SLOW_MS)

    await phone.visit_other(child)
    await expect(phone.page.get_by_text("有新版本")).to_have_count(0)
    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    await phone.tap(phone.page.get_by_text("有新版本"))
    await expect(phone.button("解锁")).to_be_visible(timeout=SLOW_MS)
    await phone.unlock()
    assert await version(phone) == "c" * 12

    await phone.aeroplane_mode(True)
    await phone.open_found(child)
    await phone.press("登记走访")
    await expect(phone.answer("见到了谁", "儿童").first).to_be_checked()
    await phone.shoot("8-updated")


async def test_the_kill_switch_takes_the_shell_away_and_leaves_what_was_saved(
    office: OfficeScreen, phones: Phones, server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await phones("reset")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await phone.aeroplane_mode(True)
    await phone.visit_somebody()
    server.stop()
    monkeypatch.setenv("ZOUFANG_RESET_PHONE_APP", "1")
    await server.start()
    await phone.poor_network(kilobits=10_000, delay_ms=0)
    already = server.ops_stored()

    await phone.aeroplane_mode(False)
    await phone.page.reload()
    await expect(phone.button("解锁")).to_be_visible()
    await until_said(phone, "() => caches.keys().then((names) => names.length)", 0)
    await phone.page.reload()
    await phone.unlock()
    await phone.sync()
    await phone.until_agreed()
    assert server.ops_stored() == already + 1
    server.stop()
    monkeypatch.delenv("ZOUFANG_RESET_PHONE_APP")
    await server.start()


async def test_screens_read_later_are_on_the_phone_from_the_first_day(
    office: OfficeScreen, phones: Phones
) -> None:
    """English and the screens seldom opened are files of their own; they open with no network."""
    phone = await phones("later")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await phone.aeroplane_mode(True)
    await phone.page.reload()
    await phone.unlock()
    await phone.go("我的")
    await phone.press("English")
    await expect(phone.page.get_by_role("heading", name="Me", exact=True)).to_be_visible()
    await phone.page.reload()
    await expect(phone.button("Unlock")).to_be_visible()
