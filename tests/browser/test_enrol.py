"""Journey 2: from the office's QR to a phone that works with no network."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.handset import CHAT_APP, SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PIN
from tests.browser.server_process import ServerProcess

NAME, MOVER = "谷走访甲", "江网格甲"
# What a browser on a real phone does once it takes the app for one that is used.
OFFER = """() => {
  window.asked ??= 0;
  let isAsked = false;
  const prompt = () => {
    if (isAsked) return Promise.reject(new DOMException('Asked before', 'InvalidStateError'));
    isAsked = true;
    window.asked += 1;
    return Promise.resolve({ outcome: 'dismissed' });
  };
  dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt }));
}"""


async def test_a_new_surveyor_enrols_a_phone_and_it_works_in_aeroplane_mode(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    await office.add_person(NAME, "调查员", "上坪组")
    invitation = await office.invite(NAME)
    await expect(office.page.get_by_role("img", name="登记二维码")).to_be_visible()
    await office.shoot("2-code")

    phone = await phones("new")
    await phone.open_link(invitation.link)
    await phone.see_name(NAME)
    await expect(office.page.get_by_role("heading", level=1)).to_contain_text(NAME)
    await phone.shoot("2-is-this-you")
    await phone.poor_network(kilobits=400, delay_ms=400)
    await phone.set_pin()
    await expect(phone.page.get_by_role("progressbar")).to_be_visible(timeout=SLOW_MS)
    await phone.shoot("2-download")
    await phone.until_ready()
    await phone.shoot("2-ready")
    await office.see_enrolled()
    await office.shoot("2-enrolled")
    await phone.begin()
    await phone.shoot("2-today")

    await phone.aeroplane_mode(True)
    server.kill()
    await phone.page.reload()
    await phone.shoot("2-locked")
    await phone.unlock()
    await phone.go("户")
    await expect(phone.page.get_by_role("main").get_by_role("listitem").first).to_be_visible()
    await phone.shoot("2-households-offline")
    await server.start()


async def test_a_code_may_be_typed_in_lower_case_without_hyphens(
    office: OfficeScreen, phones: Phones
) -> None:
    invitation = await office.invite("谷网格甲")
    phone = await phones("typed")
    await phone.open_link(f"{office.address}/app/")
    await phone.press("启用这部手机")
    await phone.page.get_by_label("登记码").fill(invitation.typed.lower().replace("-", " "))
    await phone.shoot("2-typed-code")
    await phone.press("下一步")
    await phone.see_name("谷网格甲")


async def test_a_used_code_is_refused_with_a_sentence_and_a_wrong_pin_opens_nothing(
    office: OfficeScreen, phones: Phones
) -> None:
    invitation = await office.invite("谷网格甲")
    phone = await phones("first")
    await phone.enrol(invitation.link, "谷网格甲")
    second = await phones("second")
    await second.open_link(invitation.link)
    said = second.page.get_by_role("alert")
    await expect(said).to_contain_text("已用过")
    await second.shoot("2-used-code")

    await phone.page.reload()
    await phone.page.get_by_label("请输入密码").fill(PIN[::-1])
    await phone.press("解锁")
    await expect(phone.page.get_by_text("密码不对，请再试。")).to_be_visible()
    await phone.shoot("2-wrong-pin")
    await phone.unlock()
    await expect(phone.page.get_by_role("heading", name="今天", exact=True)).to_be_visible()


async def test_a_chat_apps_browser_gets_the_page_that_leads_out_of_it(
    office: OfficeScreen, phones: Phones
) -> None:
    invitation = await office.invite("谷网格甲")
    phone = await phones("chat", agent=CHAT_APP)
    await phone.open_link(invitation.link)
    await expect(phone.page.get_by_role("heading", name="请在浏览器里打开")).to_be_visible()
    await phone.press("复制链接")
    await expect(phone.button("已复制")).to_be_visible()
    assert await phone.page.evaluate("() => navigator.clipboard.readText()") == invitation.link
    await phone.shoot("2-chat-app")


async def test_a_volunteers_phone_holds_the_paired_children_and_no_survey(
    office: OfficeScreen, phones: Phones
) -> None:
    name, children = await office.volunteer()
    phone = await phones("volunteer")
    await phone.enrol((await office.invite(name)).link, name)
    await phone.aeroplane_mode(True)
    await phone.go("户")
    assert sorted(await phone.children_listed()) == sorted(children)
    await expect(phone.button("新增一户")).to_have_count(0)
    await phone.open_found(children[0])
    await expect(phone.button("登记走访")).to_be_visible()
    await expect(phone.button("添加照护人")).to_have_count(0)
    await phone.shoot("2-volunteer")


async def test_a_person_with_a_new_phone_finds_the_old_ones_work_and_is_offered_the_app_on_the_home_screen(
    office: OfficeScreen, phones: Phones
) -> None:
    old, new = await phones("old"), await phones("new-phone")
    await old.enrol((await office.invite(MOVER)).link, MOVER)
    seen = await old.visit_somebody()
    await old.sync()
    await old.until_agreed()

    await new.enrol((await office.invite(MOVER)).link, MOVER)
    await new.open_found(seen)
    await expect(
        new.page.locator(".timeline").get_by_role("link", name="走访").first
    ).to_be_visible()
    await new.go("我的")
    await expect(new.page.get_by_text("存储受保护")).to_be_visible()
    offer = new.button("装到桌面")
    for _ in range(2):  # a browser whose question was waved away may offer again
        await new.page.evaluate(OFFER)
        await new.shoot("2-home-screen")
        await new.tap(offer)
        await expect(offer).to_have_count(0)
    assert await new.page.evaluate("() => window.asked") == 2
    await new.press("English")
    await new.page.evaluate(OFFER)
    await expect(new.button("Put on the home screen")).to_be_visible()
    await new.shoot("2-home-screen-en")
