"""A volunteer with a phone: what one does with thumbs and eyes, in the words of a person."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from types import TracebackType

from playwright.async_api import Locator, expect

from tests.browser.handset import SLOW_MS, Handset

PIN = "271828"


class PhoneScreen(Handset):
    """A phone in somebody's hand."""

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
        async with asyncio.timeout(
            SLOW_MS / 1000
        ):  # a promise that is never kept would be waited for for ever
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
        await expect(self.page.get_by_role("searchbox")).to_be_visible()
        texts = await self.page.get_by_role("main").get_by_role("listitem").all_inner_texts()
        found = [re.search(r"孩子 \d+ 名：(\S+)", text) for text in texts]
        return [name for it in found if it for name in it[1].split("、")]

    async def newest_event(self) -> str:
        """The address of the topmost record on the page of a child or household."""
        topmost = self.page.locator(".timeline a").first
        await expect(topmost).to_be_visible()
        return str(await topmost.get_attribute("href"))

    # Work.

    async def log_visit(self, child: str, *met: str) -> None:
        """From the child's row of the due list to the saved visit."""
        await self.press(f"登记走访 {child}")
        await self.choose("见到了谁", *(met or ("儿童",)))
        await self.press("保存")
        await self.see_saved()

    async def visit_somebody(self) -> str:
        """Logs a visit to the first child in the list of households; gives its name."""
        return await self.visit_other("")

    async def visit_other(self, than: str) -> str:
        """The same, to another child than that one."""
        await self.find("")
        child = next(it for it in await self.children_listed() if it != than)
        await self.open_found(child)
        await self.press("登记走访")
        await self.choose("见到了谁", "儿童")
        await self.press("保存")
        await self.see_saved()
        return child

    async def try_pin(self, pin: str) -> None:
        """Types a PIN that may be wrong."""
        await self.page.get_by_label("请输入密码").fill(pin)
        await self.press("解锁")

    async def save_with_gaps(self) -> None:
        """Where the form says what is still missing, it goes on when asked to."""
        anyway = self.button("先这样保存")
        await expect(anyway.or_(self.page.get_by_text("已存在手机里"))).to_be_visible()
        if await anyway.is_visible():
            await self.tap(anyway)

    async def see_saved(self) -> None:
        """The receipt; the form it came from goes a moment later."""
        await expect(self.page.get_by_text("已存在手机里，等待上传")).to_be_visible()
        await expect(self.page).not_to_have_url(re.compile("#/flow/"))

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

    async def carry_out(self, words: str | re.Pattern[str], file: Path) -> None:
        """Saves what waits as a file, with the button of this name on the page for that."""
        async with self.page.expect_download() as download:
            await self.press(words)
        await (await download.value).save_as(file)

    async def read_receipt(self, link: str) -> None:
        """What a camera does: the app is opened anew, out of what the phone has."""
        await self.open_link("about:blank")
        await self.open_link(link)
        await self.unlock()

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
