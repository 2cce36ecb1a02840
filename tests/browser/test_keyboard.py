"""The phone app by keyboard alone: every screen is reached, worked and left with Tab, Space, Enter and letters."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PIN, PhoneScreen

SURVEYOR = "叶网格甲"
# What has the focus: its words, and whether one can see that it has it.
FOCUSED = """() => {
  const it = document.activeElement;
  // A heading that a new page puts the focus on is for screen readers: nothing is worked there.
  if (!it || it === document.body || it.tabIndex < 0) return ['', true];
  const labels = [...(it.labels || [])].map((label) => label.textContent).join(' ');
  const words = it.getAttribute('aria-label') || labels || it.textContent || it.placeholder || '';
  const shown = (one) => {
    const style = one && getComputedStyle(one);
    return style && ((style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none');
  };
  const html = it.outerHTML.slice(0, 200);
  return [words.trim() || html, !!(shown(it) || shown(it.closest('label')) || shown(it.parentElement) || shown(it.nextElementSibling))];
}"""
MOST_TABS = 150


async def focus(phone: PhoneScreen, words: str) -> None:
    """Tabs on until what has the focus has these words."""
    heard: list[str] = []
    for _ in range(MOST_TABS):
        await phone.page.keyboard.press("Tab")
        said, is_seen = await phone.page.evaluate(FOCUSED)
        heard.append(said[:20])
        assert is_seen, (
            f"nobody sees that {said!r} has the focus: {await phone.page.evaluate('document.activeElement.outerHTML')}"
        )
        if words in said:
            return
    raise AssertionError(f"{words} is not reached by Tab, only {heard}")


async def press(phone: PhoneScreen, words: str, key: str = "Enter") -> None:
    await focus(phone, words)
    await phone.page.keyboard.press(key)


async def see(phone: PhoneScreen, heading: str) -> None:
    await expect(phone.page.get_by_role("heading", name=heading).first).to_be_visible()


async def test_every_phone_screen_is_worked_by_keyboard_alone(
    office: OfficeScreen, phones: Phones
) -> None:
    phone = await phones("keyboard")
    link = (await office.invite(SURVEYOR)).link
    await phone.open_link(link)
    await phone.see_name(SURVEYOR)
    await press(phone, "是我，继续")
    for label, button in (("设一个新密码", "下一步"), ("再输入一次新密码", "完成")):
        await expect(phone.page.get_by_label(label)).to_be_visible()
        await focus(phone, label)
        await phone.page.keyboard.type(PIN)
        await press(phone, button)
    await phone.until_ready()
    await press(phone, "开始")
    await see(phone, "今天")

    await press(phone, "户")
    child, other, *_ = await phone.children_listed()
    search = phone.page.get_by_role("searchbox")
    for _ in range(MOST_TABS):
        if await search.evaluate("(it) => it === document.activeElement"):
            break
        await phone.page.keyboard.press("Tab")
    await phone.page.keyboard.type(child)
    await press(phone, child)
    await press(phone, "登记走访")
    await expect(phone.answer("见到了谁", "儿童").first).to_be_visible()
    await press(phone, "儿童", "Space")
    await expect(phone.answer("见到了谁", "儿童").first).to_be_checked()
    await press(phone, "保存")
    await phone.see_saved()

    # The visit just noted goes to another child, and back; then somebody leaves the household.
    await press(phone, "月度走访")
    await press(phone, "记错孩子了")
    await see(phone, "记错孩子了")
    await focus(phone, other)
    await phone.page.keyboard.press("Enter")
    await press(phone, f"改到 {other}")
    await see(phone, other)
    await press(phone, "撤销")
    await expect(phone.page.locator(".dots")).to_be_visible()
    await press(phone, "返回")
    await press(phone, "户")
    await press(phone, child)
    await see(phone, child)
    await press(phone, "家")
    await press(phone, "分户")
    await see(phone, "分户")
    await press(phone, child, "Space")
    await press(phone, "1 人另成一户")
    await expect(phone.button("保存摸底")).to_be_visible()
    await press(phone, "返回")

    await press(phone, "同步")
    await see(phone, "同步")
    await press(phone, "我的")
    await see(phone, "我的")
    for way in ("修改密码", "草稿", "手机检查", "帮助"):
        await press(phone, way)
        await see(phone, way)
        await press(phone, "返回")
        await see(phone, "我的")
    await press(phone, "锁")
    await focus(phone, "请输入密码")
    await phone.page.keyboard.type(PIN)
    await phone.page.keyboard.press("Enter")
    await expect(phone.button("解锁")).to_have_count(0, timeout=SLOW_MS)
