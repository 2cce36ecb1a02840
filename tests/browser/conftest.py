"""The demo village on a real server, a clerk's browser, and phones that can be killed.

The village is built once a run; every file of tests works on a copy of it, so tests know what is there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, async_playwright, expect

from tests import chromium
from tests.browser.handset import ANDROID, FLAGS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.server_process import ROOT, ServerProcess

# Test machines are shared and slow; whatever is waited for is waited for by its sign, not by the clock.
expect.set_options(timeout=15_000)

Phones = Callable[..., Awaitable[PhoneScreen]]


@pytest.fixture(scope="session")
def phone_app() -> None:
    """The phone app as its sources are now; `build.py` knows when there is nothing to do."""
    subprocess.run([sys.executable, ROOT / "pwa" / "build.py", "build"], check=True)


@pytest.fixture(scope="session")
async def demo_data(tmp_path_factory: pytest.TempPathFactory, phone_app: None) -> Path:
    """The data folder that `make demo` leaves behind."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    server = ServerProcess(folder, "demo")
    await server.start()
    server.stop()
    return folder


@pytest.fixture(scope="module")
async def server(
    demo_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServerProcess]:
    """The demo village, served; each file of tests has its own. A test that stops it starts it again."""
    folder = tmp_path_factory.mktemp("village") / "data"
    shutil.copytree(demo_data, folder)
    process = ServerProcess(folder)
    await process.start()
    yield process
    process.kill()


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser, looked for before any loop runs: Playwright may have to be asked for its own."""
    found = chromium.find()
    assert found is not None, "no Chromium here: python -m tests.chromium installs one"
    return found


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest.fixture(scope="session")
async def office_browser(playwright: Playwright, chromium_path: Path) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(
        executable_path=chromium_path, headless=True, args=FLAGS
    )
    yield browser
    await browser.close()


@pytest.fixture
async def office(office_browser: Browser, server: ServerProcess) -> AsyncIterator[OfficeScreen]:
    """The clerk, logged in."""
    screen = OfficeScreen(office_browser, server.address)
    await screen.open()
    await screen.log_in()
    yield screen
    await screen.close()
    assert screen.errors == []


@pytest.fixture
async def phones(
    playwright: Playwright, chromium_path: Path, tmp_path: Path
) -> AsyncIterator[Phones]:
    """Makes phones, switched on; `phones("a")`, `phones("b", agent=…)`."""
    made: list[PhoneScreen] = []

    async def make(name: str, *, agent: str = ANDROID) -> PhoneScreen:
        phone = PhoneScreen(playwright, chromium_path, tmp_path / f"phone-{name}", agent)
        await phone.switch_on()
        made.append(phone)
        return phone

    yield make
    for phone in made:
        await phone.switch_off()
    assert [error for phone in made for error in phone.errors] == []
