"""Two pieces of work done the same way each time: the tests look at what comes of them, the bench prints their taps and
seconds."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.phone import PhoneScreen, Stopwatch

MOST_TAPS, MOST_S = 10, 60


async def visit_with_five_answers(phone: PhoneScreen, child: str) -> Stopwatch:
    """From the child's row of the due list to the saved visit."""
    with Stopwatch(phone) as visit:
        await phone.press(f"登记走访 {child}")
        await expect(phone.page.get_by_role("heading", level=1)).to_have_text(f"走访 {child}")
        await phone.shoot("4-visit-met")
        await phone.choose("见到了谁", "儿童")
        await phone.press("下一页")
        for question in ("生活", "学习", "情绪", "安全", "身体"):
            await phone.choose(question, "好")
        await phone.shoot("4-visit-state")
        await phone.press("保存")
        await phone.see_saved()
    return visit


async def household_of_three(phone: PhoneScreen, grid: str) -> Stopwatch:
    """A new household, two adults and a child in somebody's care, saved together."""
    await phone.go("户")
    await phone.tap_chip(re.compile(f"^{grid}"))
    with Stopwatch(phone) as work:
        await phone.press("新增一户")
        await phone.press(re.compile("^填写户情况"))
        await phone.write("户主姓名", "乔大爷丙")
        await phone.write("家庭详细地址", f"{grid}村口第二家")
        await phone.turn_to("人口与户籍")
        await phone.press_times("加一", at=0, times=3)
        await phone.choose("户籍性质", "农村")
        await phone.press("完成")
        for name, sex, born in (("乔大爷丙", "男", "1957"), ("乔大娘丙", "女", "1959")):
            await phone.press("添加大人")
            await phone.write("姓名", name)
            await phone.choose("性别", sex)
            await phone.write_day("出生日期", born, "1", "1")
            await phone.choose("出生日期准确到", "只知年份")
            await phone.press("完成")
        await phone.press("添加孩子")
        await phone.write("儿童姓名", "乔小雪")
        await phone.choose("性别", "女")
        await phone.write_day("出生日期", "2016", "12", "7")
        await phone.press("完成")
        await phone.press("添加照护人 乔小雪")
        await phone.choose("实际由谁照护", "祖父母")
        await phone.choose("照护人", re.compile("乔大娘丙"))
        await phone.press("完成")
        await phone.press(re.compile("填写结果"))
        await phone.choose("摸底结果", "已访")
        await phone.press("完成")
        await phone.press("保存摸底")
        await phone.see_saved()
    return work
