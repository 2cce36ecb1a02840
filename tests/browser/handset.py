"""A phone as a thing: a real browser on a folder of its own, which can be cut off, killed and restarted."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import re
import resource
import signal
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any, Self

from playwright.async_api import (
    BrowserContext,
    CDPSession,
    Locator,
    Page,
    Playwright,
    expect,
)
from playwright.async_api import Error as PlaywrightError

from tests.browser.screen import listen, shoot
from tests.browser.server_process import until

SMALL_FILE = 16_384
UNDER_LIMITS = Path(__file__).with_name("chromium.sh")
WIDTH, HEIGHT = 390, 844
ANDROID = (
    "Mozilla/5.0 (Linux; Android 13; V2166A) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Mobile Safari/537.36"
)
CHAT_APP = f"{ANDROID} MicroMessenger/8.0.50.2701 Language/zh_CN"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
DRAFTS = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('zoufang');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const reading = opening.result.transaction('drafts').objectStore('drafts').getAll();
    reading.onsuccess = () => {
      opening.result.close();
      const show = (_, it) => it instanceof ArrayBuffer ? [...new Uint8Array(it)]
        : ArrayBuffer.isView(it) ? [...it] : it;
      resolve(JSON.stringify(reading.result, show));
    };
  };
})"""
# Which connections to the store the page has; closed behind its back they are what iOS leaves of them.
CONNECTIONS = """
const { transaction } = IDBDatabase.prototype;
window.connections = new Set();
IDBDatabase.prototype.transaction = function (...all) {
  window.connections.add(this);
  return transaction.apply(this, all);
};
"""
# Opening the vault stretches the PIN on purpose; on a busy machine that takes its time.
SLOW_MS = 30_000


def processes_of(folder: Path) -> list[int]:
    """The browser processes that live on a user-data folder."""
    listed = subprocess.run(
        # In full: ps cuts its lines at 80 columns where it believes in a terminal.
        ["ps", "-ww", "-eo", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [
        int(line.split(maxsplit=1)[0])
        for line in listed.splitlines()
        if f"--user-data-dir={folder}" in line
    ]


class Handset:
    """One phone. Its storage is a folder that outlives the browser."""

    def __init__(
        self, playwright: Playwright, program: Path, folder: Path, agent: str = ANDROID
    ) -> None:
        self._playwright = playwright
        self._program = program
        self.folder = folder
        self.agent = agent
        self.taps = 0
        self.offline = False
        self.errors: list[str] = []

    # The phone itself.

    async def switch_on(self, address: str = "about:blank") -> None:
        """Starts the browser with whatever its folder holds."""
        self._context: BrowserContext = await self._playwright.chromium.launch_persistent_context(
            self.folder,
            executable_path=UNDER_LIMITS,
            env={**os.environ, "CHROMIUM": str(self._program)},
            headless=True,
            args=FLAGS,
            viewport={"width": WIDTH, "height": HEIGHT},
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            user_agent=self.agent,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            offline=self.offline,
            permissions=["clipboard-read", "clipboard-write", "microphone"],
        )
        self._context.set_default_timeout(15_000)
        self.page: Page = self._context.pages[0]
        listen(self.page, self.errors)
        if address != "about:blank":
            await self.page.goto(address)

    async def switch_off(self) -> None:
        await self._context.close()

    async def kill_browser(self) -> None:
        """kill -9 of every process of this phone's browser: no farewell, no flush."""
        living = processes_of(self.folder)
        assert living
        for pid in living:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

        async def gone() -> bool:
            return not processes_of(self.folder)

        await until(gone)
        with contextlib.suppress(PlaywrightError):  # it may know already that nobody is there
            await self._context.close()
        for left in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.folder / left).unlink(missing_ok=True)

    async def aeroplane_mode(self, on: bool) -> None:
        self.offline = on
        await self._context.set_offline(on)

    async def zoom(self, times: int) -> None:
        """As the browser's zoom does it: fewer CSS pixels across the same glass."""
        await self.page.set_viewport_size({"width": WIDTH // times, "height": HEIGHT // times})

    async def letters(self, times: float) -> None:
        """As a phone does it whose owner likes large letters: they grow, the glass stays as wide."""
        await self.page.evaluate(
            "(percent) => { document.documentElement.style.fontSize = `${percent}%`; }", times * 100
        )

    async def poor_network(self, *, kilobits: int, delay_ms: int) -> None:
        """A weak signal, until the browser is restarted or aeroplane mode is touched."""
        session = await self._context.new_cdp_session(self.page)
        await session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": delay_ms,
                "downloadThroughput": kilobits * 125,
                "uploadThroughput": kilobits * 125,
            },
        )

    async def keyboard(self) -> CDPSession:
        """The keyboard below the keys: what an input method does while it composes."""
        return await self._context.new_cdp_session(self.page)

    async def second_window(self) -> Self:
        """The app once more, in another window of the same browser."""
        other = copy.copy(self)
        other.page = await self._context.new_page()
        listen(other.page, self.errors)
        await other.page.goto(self.page.url.partition("#")[0])
        return other

    def fill_up(self, on: bool) -> None:
        """A disk with no room left: what this phone's browser adds to a file that is not tiny is refused by the system.
        (Chromium's own switch for quotas is told and not heeded.)"""
        # The process that keeps the stores; the others need files for what they share in memory.
        [pid] = [
            each
            for each in processes_of(self.folder)
            if b"--type=" not in Path(f"/proc/{each}/cmdline").read_bytes()
        ]
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (SMALL_FILE if on else hard, hard))

    async def watch_connections(self) -> None:
        """From the next load of the page on, so that `drop_connections` knows them."""
        await self.page.add_init_script(CONNECTIONS)

    async def drop_connections(self) -> int:
        """Closes the store under the app, as browsers do to a page long in the background."""
        closed: int = await self.page.evaluate(
            "() => { const { size } = connections; connections.forEach((it) => it.close());"
            " connections.clear(); return size; }"
        )
        return closed

    async def evict(self, origin: str) -> None:
        """What a browser does with the data of a page it thinks nobody needs."""
        session = await self._context.new_cdp_session(self.page)
        await session.send(
            "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb"}
        )

    async def record(self, seconds: float) -> list[tuple[float, bytes]]:
        """What its glass shows meanwhile: pictures, each with the second from which it was there, the last at the end."""
        session = await self._context.new_cdp_session(self.page)
        shown: list[tuple[float, bytes]] = []

        async def seen(frame: dict[str, Any]) -> None:
            shown.append((frame["metadata"]["timestamp"], b64decode(frame["data"])))
            await session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

        session.on("Page.screencastFrame", seen)
        await session.send("Page.startScreencast", {"format": "png"})
        await asyncio.sleep(seconds)
        await session.send("Page.stopScreencast")
        await session.detach()
        return shown

    async def shoot(self, name: str) -> None:
        await shoot(self.page, f"phone-{name}")

    # Thumbs.

    async def tap(self, where: Locator) -> None:
        await where.tap()
        self.taps += 1

    async def slide(self, where: Locator, *, by: tuple[int, int]) -> None:
        """A finger laid on the middle of something, moved by so many px to the right and down, and lifted."""
        box = await where.bounding_box()
        assert box is not None
        finger = await self._context.new_cdp_session(self.page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind, part in (("touchStart", 0.0), ("touchMove", 0.5), ("touchMove", 1.0)):
            point = {"x": x + by[0] * part, "y": y + by[1] * part}
            await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def button(self, words: str | re.Pattern[str], *, within: Locator | None = None) -> Locator:
        place = within if within is not None else self.page
        return place.get_by_role("button", name=words, exact=isinstance(words, str))

    async def press(self, words: str | re.Pattern[str]) -> None:
        await self.tap(self.button(words).first)

    async def press_times(self, words: str, *, at: int, times: int) -> None:
        """A button beside one of several fields, several times."""
        for _ in range(times):
            await self.tap(self.button(words).nth(at))

    async def tap_chip(self, words: str | re.Pattern[str]) -> None:
        """Turns a filter on, unless it is on already: filters stay while one looks elsewhere."""
        chip = self.button(words)
        if await chip.get_attribute("aria-pressed") != "true":
            await self.tap(chip)

    def answer(self, question: str, answer: str | re.Pattern[str]) -> Locator:
        """One of the answers offered under a question."""
        words = re.compile(rf"^{re.escape(question)}\s*＊?$")
        box = self.page.locator(".question").filter(has=self.page.get_by_text(words))
        exact = isinstance(answer, str)
        one = box.get_by_role("radio", name=answer, exact=exact)
        return one.or_(box.get_by_role("checkbox", name=answer, exact=exact))

    async def choose(self, question: str, *answers: str | re.Pattern[str]) -> None:
        """Taps answers of one question."""
        for answer in answers:
            await self.tap(self.answer(question, answer).first)

    async def turn_to(self, section: str) -> None:
        """Goes on page by page until the form's section of this name."""
        wanted = self.page.get_by_role("heading", name=section, level=2, exact=True)
        while not await wanted.is_visible():
            at = await self.page.locator(".dots").get_attribute("aria-label")
            await self.press("下一页")
            await expect(self.page.locator(".dots")).not_to_have_attribute("aria-label", at or "")

    async def write(self, question: str, text: str) -> None:
        """Types into a field; a tap brings the keyboard up."""
        field = self.page.get_by_role("textbox", name=question, exact=True)
        await self.tap(field)
        await field.fill(text)

    async def write_day(self, question: str, year: str, month: str, day: str) -> None:
        group = self.page.get_by_role("group", name=question, exact=True)
        for unit, digits in (("年", year), ("月", month), ("日", day)):
            field = group.get_by_role("textbox", name=unit, exact=True)
            await field.fill(digits)
        self.taps += 1

    # What lies on its disk.

    async def drafts_on_disk(self) -> str:
        """What lies in the drafts' drawer, sealed as it is; other bytes after each write."""
        sealed: str = await self.page.evaluate(DRAFTS)
        return sealed

    async def until_written(self, before: str) -> None:
        """Waits for a write of a draft after `before` was read."""

        async def written() -> bool:
            return await self.drafts_on_disk() != before

        await until(written)
