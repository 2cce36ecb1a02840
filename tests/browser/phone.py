"""A volunteer with a phone: what one does with thumbs and eyes, on a real browser that can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

from playwright.async_api import BrowserContext, Locator, Page, Playwright, expect

from tests import chromium
from tests.browser.screen import listen, shoot
from tests.browser.server_process import until

PIN = "271828"
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
# Opening the vault stretches the PIN on purpose; on a busy machine that takes its time.
SLOW_MS = 30_000


def processes_of(folder: Path) -> list[int]:
    """The browser processes that live on a user-data folder."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return [
        int(line.split(maxsplit=1)[0])
        for line in listed.splitlines()
        if f"--user-data-dir={folder}" in line
    ]


class PhoneScreen:
    """One phone. Its storage is a folder that outlives the browser."""

    def __init__(self, playwright: Playwright, folder: Path, agent: str = ANDROID) -> None:
        self._playwright = playwright
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
            executable_path=chromium.find(),
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
            permissions=["clipboard-read", "clipboard-write"],
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
        for pid in processes_of(self.folder):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

        async def gone() -> bool:
            return not processes_of(self.folder)

        await until(gone)
        await self._context.close()
        for left in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.folder / left).unlink(missing_ok=True)

    async def aeroplane_mode(self, on: bool) -> None:
        self.offline = on
        await self._context.set_offline(on)

    async def zoom(self, times: int) -> None:
        """As the browser's zoom does it: fewer CSS pixels across the same glass."""
        await self.page.set_viewport_size({"width": WIDTH // times, "height": HEIGHT // times})

    async def poor_network(self, *, kilobits: int, delay_ms: int) -> None:
        """A weak signal, until the browser is restarted."""
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

    async def shoot(self, name: str) -> None:
        await shoot(self.page, f"phone-{name}")

    # Thumbs.

    async def tap(self, where: Locator) -> None:
        await where.tap()
        self.taps += 1

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

    # Coming in.

    async def open_link(self, link: str) -> None:
        """What the camera does with a QR."""
        await self.page.goto(link)

    async def see_name(self, name: str) -> None:
        await expect(self.page.get_by_text("请核对，这是您吗？")).to_be_visible()
        await expect(self.page.get_by_text(name, exact=True)).to_be_visible()

    async def set_pin(self, pin: str = PIN) -> None:
        await self.press("是我，继续")
        await self.page.get_by_label("设一个新密码").fill(pin)
        await self.press("下一步")
        await self.page.get_by_label("再输入一次新密码").fill(pin)
        await self.press("完成")

    async def until_ready(self) -> None:
        """After the first download, which ends with "ready"."""
        await expect(self.page.get_by_role("heading", name="可以用了")).to_be_visible(
            timeout=SLOW_MS
        )
        await self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")

    async def begin(self) -> None:
        await self.press("开始")
        await expect(self.page.get_by_role("heading", name="今天", exact=True)).to_be_visible()

    async def enrol(self, link: str, name: str) -> None:
        """The whole way in."""
        await self.open_link(link)
        await self.see_name(name)
        await self.set_pin()
        await self.until_ready()
        await self.begin()

    async def unlock(self, pin: str = PIN) -> None:
        await self.page.get_by_label("请输入密码").fill(pin)
        await self.press("解锁")
        await expect(self.button("解锁")).to_have_count(0, timeout=SLOW_MS)

    # Going about.

    async def go(self, where: str) -> None:
        """One of 今天, 户, 同步, 我的."""
        ways = self.page.get_by_role("navigation", name="主要页面")
        await self.tap(ways.get_by_role("link", name=where, exact=True))

    async def find(self, wanted: str) -> None:
        """Types into the search box."""
        await self.go("户")
        await self.page.get_by_role("searchbox").fill(wanted)

    async def open_found_from_form(self, name: str) -> None:
        """Leaves a form by its back button, as far as the household, and opens somebody else."""
        while not await self.page.get_by_role("navigation", name="主要页面").is_visible():
            await self.press("返回")
        await self.open_found(name)

    async def open_found(self, name: str) -> None:
        await self.find(name)
        await self.tap(
            self.page.get_by_role("listitem").get_by_role("link").filter(has_text=name).first
        )

    async def children_listed(self) -> list[str]:
        """Names of the children of the households in the list."""
        texts = await self.page.get_by_role("main").get_by_role("listitem").all_inner_texts()
        found = [re.search(r"孩子 \d+ 名：(\S+)", text) for text in texts]
        return [name for it in found if it for name in it[1].split("、")]

    # Work.

    async def log_visit(self, child: str, *met: str) -> None:
        """From the child's row of the due list to the saved visit."""
        await self.press(f"登记走访 {child}")
        await self.choose("见到了谁", *(met or ("儿童",)))
        await self.press("保存")
        await self.see_saved()

    async def save_with_gaps(self) -> None:
        """Where the form says what is still missing, it goes on when asked to."""
        anyway = self.button("先这样保存")
        await expect(anyway.or_(self.page.get_by_text("已存在手机里"))).to_be_visible()
        if await anyway.is_visible():
            await self.tap(anyway)

    async def drafts_on_disk(self) -> str:
        """What lies in the drafts' drawer, sealed as it is; other bytes after each write."""
        sealed: str = await self.page.evaluate(DRAFTS)
        return sealed

    async def until_written(self, before: str) -> None:
        """Waits for a write of a draft after `before` was read."""

        async def written() -> bool:
            return await self.drafts_on_disk() != before

        await until(written)

    async def see_saved(self) -> None:
        await expect(self.page.get_by_text("已存在手机里，等待上传")).to_be_visible()

    async def sync(self) -> None:
        """Goes to 同步, taps, waits for the receipt."""
        await self.go("同步")
        await self.press("现在同步")
        await expect(self.button("现在同步")).to_be_enabled(timeout=SLOW_MS)

    async def receipt(self) -> dict[str, int]:
        """The last receipt's numbers by their words."""
        facts = self.page.locator(".receipt .fact")
        texts = await facts.all_inner_texts()
        pairs = [text.split() for text in texts]
        return {words: int(number) for number, words in pairs}

    async def until_agreed(self) -> None:
        await expect(self.page.get_by_text("手机和办公室核对一致")).to_be_visible(timeout=SLOW_MS)

    def strip(self) -> Locator:
        """The line at the foot of every screen."""
        return self.page.locator("a.strip")

    async def unsent(self) -> int:
        """What the strip at the foot says still waits."""
        text = await self.strip().inner_text()
        found = re.search(r"未上传 (\d+) 条", text)
        return int(found[1]) if found else 0


class Stopwatch:
    """Taps and seconds of a piece of work."""

    def __init__(self, phone: PhoneScreen) -> None:
        self._phone = phone

    def __enter__(self) -> Stopwatch:
        self._from = (self._phone.taps, time.monotonic())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        taps, began = self._from
        self.taps = self._phone.taps - taps
        self.seconds = time.monotonic() - began
