"""A clerk at the village's PC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.screen import listen, shoot

LOGIN, PASSWORD, CLERK = "office", "qinghe-demo", "安文书甲"
WIDTH, HEIGHT = 1366, 768


@dataclass(frozen=True)
class Invitation:
    """What the page of a code shows."""

    link: str
    typed: str


class OfficeScreen:
    """One browser window of the office."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        width: int = WIDTH,
        height: int = HEIGHT,
        scale: int = 1,
    ) -> None:
        self._browser = browser
        self.address = address
        self._size = ViewportSize(width=width, height=height)
        self._scale = scale
        self.errors: list[str] = []

    async def open(self) -> None:
        self._context = await self._browser.new_context(
            viewport=self._size,
            device_scale_factor=self._scale,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        self._context.set_default_timeout(15_000)
        self.page: Page = await self._context.new_page()
        listen(self.page, self.errors)

    async def close(self) -> None:
        await self._context.close()

    async def shoot(self, name: str) -> None:
        await shoot(self.page, f"office-{name}")

    async def log_in(self, login: str = LOGIN, password: str = PASSWORD) -> None:
        await self.page.goto(f"{self.address}/")
        await self.page.get_by_label("登录名").fill(login)
        await self.page.get_by_label("密码").fill(password)
        await self.page.get_by_role("button", name="登录").click()
        await expect(self.page.get_by_role("button", name="退出")).to_be_visible()

    async def menu(self, words: str) -> None:
        menu = self.page.get_by_role("navigation", name="主菜单")
        link = menu.get_by_role("link", name=re.compile(rf"^{words}(\s*\d+)?$"))
        address = await link.get_attribute("href")
        await link.click()
        await self.page.wait_for_url(f"{self.address}{address}")

    # People and phones.

    async def add_person(self, name: str, role: str, *grids: str, helper: str = "") -> None:
        await self.menu("人员与设备")
        await self.page.get_by_role("link", name="添加人员").click()
        await self.page.get_by_label("姓名").fill(name)
        await self.page.get_by_role("radio", name=role, exact=True).check()
        for grid in grids:
            await self.page.get_by_role("checkbox", name=grid, exact=True).check()
        if helper:
            wanted = self.page.get_by_label("是哪位帮扶人")
            option = wanted.get_by_role("option").filter(has_text=helper).first
            await wanted.select_option(value=await option.get_attribute("value"))
        await self.page.get_by_role("button", name="添加", exact=True).click()
        await expect(self.page.get_by_role("heading", name="人员与设备")).to_be_visible()

    async def knows(self, name: str) -> bool:
        """Whether there is a person of that name."""
        await self.menu("人员与设备")
        return await self.person(name).count() > 0

    def person(self, name: str) -> Locator:
        return self.page.get_by_role("row").filter(has=self.page.get_by_text(name, exact=True))

    async def volunteer(self) -> tuple[str, list[str]]:
        """A volunteer of the village, and the names of the children paired with this person."""
        await self.menu("人员与设备")
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("cell", name="志愿者"))
        name = (await row.first.get_by_role("cell").first.locator("strong").inner_text()).strip()
        await self.menu("儿童")
        paired = self.page.locator("#list tbody tr", has=self.page.get_by_text(name))
        return name, await paired.locator("td a").all_inner_texts()

    async def invite(self, name: str) -> Invitation:
        """Makes a code for a person; its page stays open."""
        await self.menu("人员与设备")
        await self.person(name).get_by_role("button", name="发登记码").click()
        await expect(self.page.get_by_role("heading", name=f"登记 {name} 的手机")).to_be_visible()
        link = await self.page.locator("a[href*='#/enrol/']").get_attribute("href")
        return Invitation(link or "", await self.page.locator(".typed-code").inner_text())

    async def revoke(self, name: str) -> None:
        """Cuts the phone of a person off."""
        await self.menu("人员与设备")
        await self.page.get_by_role("link", name=name, exact=True).click()
        await self.page.get_by_role("link", name="停用", exact=True).first.click()
        await self.page.get_by_role("button", name="停用这台手机").click()
        await expect(self.page.get_by_role("button", name="停用这台手机")).to_have_count(0)

    async def switch_off(self, name: str) -> None:
        """Ends a person's term: the account, with all it may hold."""
        await self.menu("人员与设备")
        await self.page.get_by_role("link", name=name, exact=True).click()
        await self.page.get_by_role("button", name="停用账号").click()
        await expect(self.page.get_by_role("button", name="重新启用")).to_be_visible()

    async def move_to(self, name: str, *grids: str) -> None:
        """Gives a person other grids."""
        await self.menu("人员与设备")
        await self.page.get_by_role("link", name=name, exact=True).click()
        boxes = self.page.get_by_role("group", name="负责的网格").get_by_role("checkbox")
        for box in await boxes.all():
            await box.uncheck()
        for grid in grids:
            await self.page.get_by_role("checkbox", name=grid, exact=True).check()
        await self.page.get_by_role("button", name="存", exact=True).click()
        await expect(self.page.get_by_role("status").filter(has_text="已存")).to_be_visible()

    async def see_enrolled(self) -> None:
        await expect(self.page.get_by_text("登记好了")).to_be_visible()

    # Work carried by hand.

    async def take_in(self, file: Path) -> str:
        """What somebody brought in a file; what the office says became of it."""
        await self.page.goto(f"{self.address}/office/carry")
        await self.page.get_by_label("选文件").set_input_files(file)
        await self.page.get_by_role("button", name="收进来").click()
        await expect(self.page.get_by_role("main")).to_contain_text("收到")
        return await self.page.get_by_role("main").inner_text()

    async def receipt_link(self) -> str:
        """Of what was taken in: what is behind the code."""
        return await self.page.get_by_label("回执链接").first.input_value()

    # Tables.

    async def total(self) -> int:
        """The number over a list."""
        return int(await self.page.locator("#list .total-line strong").first.inner_text())

    async def figure(self, title: str) -> Locator:
        return self.page.locator(".figure").filter(has=self.page.get_by_role("heading", name=title))

    async def tonight(self, name: str) -> list[str]:
        """The cells of a person's phone in tonight's table."""
        await self.page.goto(f"{self.address}/office/")
        table = self.page.get_by_role("region", name="今晚的手机")
        row = table.get_by_role("row").filter(has_text=name)
        return await row.get_by_role("cell").all_inner_texts()

    async def search_children(self, wanted: str) -> None:
        await self.menu("儿童")
        await self.page.get_by_role("searchbox", name="搜索").fill(wanted)
        await expect(self.page.get_by_role("link", name="清除筛选")).to_be_visible()

    # Conflicts.

    async def open_conflict(self, whose: str) -> None:
        await self.menu("冲突")
        row = self.page.get_by_role("row").filter(has_text=whose)
        await row.get_by_role("link", name="处理").click()
        await expect(self.page.get_by_role("radiogroup", name="采用哪一个")).to_be_visible()

    async def settle(self, said: str, reason: str) -> None:
        """Takes one of the sides."""
        sides = self.page.get_by_role("radiogroup", name="采用哪一个")
        await sides.get_by_role("radio", name=said).check()
        await self.page.get_by_label("为什么这样定").fill(reason)
        await self.page.get_by_role("button", name=re.compile("^定下来")).click()
