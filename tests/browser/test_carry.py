"""A phone without any network: its work goes to the office in a file, its receipt comes back as a code to scan."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.screen import too_wide
from tests.browser.server_process import ServerProcess

SURVEYOR, OTHER, LARGE, FULL = "谷网格甲", "江网格甲", "田网格甲", "白网格甲"
PASTED = 4_300_000
"""Letters: a record that fills a file."""


async def test_work_reaches_the_office_and_its_receipt_the_phone_with_no_network_all_the_way(
    office: OfficeScreen, phones: Phones, server: ServerProcess, tmp_path: Path
) -> None:
    phone, strange = await phones("carried"), await phones("strange")
    await phone.enrol((await office.invite(SURVEYOR)).link, SURVEYOR)
    await strange.enrol((await office.invite(OTHER)).link, OTHER)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    await phone.visit_somebody()
    await phone.visit_somebody()

    await phone.go("同步")
    await phone.tap(phone.page.get_by_role("link", name="没有网络？自己带到村办公室"))
    file = tmp_path / "carried.json"
    await phone.carry_out("存成文件", file)
    await expect(phone.page.get_by_role("main").get_by_role("status").first).to_contain_text(
        "文件里有 2 条"
    )
    await phone.shoot("8-carry-out")
    for _ in range(2):
        assert "收到 2 条" in await office.take_in(file)
        assert server.ops_stored() == already + 2
    await expect(office.page.get_by_role("img", name=f"{SURVEYOR} 的回执二维码")).to_be_visible()
    link = await office.receipt_link()
    async with office.page.expect_download() as receipt:
        await office.page.get_by_role("link", name="存回执文件").click()
    assert (await receipt.value).suggested_filename.endswith("-receipt.json")
    await office.shoot("8-carry-receipt")

    assert await phone.unsent() == 2
    await strange.open_link(link)
    await expect(strange.page.get_by_text("这不是给这部手机的回执")).to_be_visible()
    await phone.read_receipt(link)
    await expect(phone.page.get_by_text("2 条已到村里的服务器")).to_be_visible(timeout=SLOW_MS)
    await phone.shoot("8-carry-back")
    assert await phone.unsent() == 0

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    assert server.ops_stored() == already + 2


async def test_work_that_no_one_file_holds_is_handed_out_file_by_file_and_taken_in_any_order(
    office: OfficeScreen, phones: Phones, server: ServerProcess, tmp_path: Path
) -> None:
    phone = await phones("much")
    await phone.enrol((await office.invite(LARGE)).link, LARGE)
    already = server.ops_stored()
    await phone.aeroplane_mode(True)
    await phone.find("")
    await phone.open_found((await phone.children_listed())[0])
    await phone.press("登记走访")
    await phone.choose("见到了谁", "儿童")
    await phone.turn_to("问题与办法")
    await phone.write("处理办法", "a" * PASTED)
    await phone.press("保存")
    await phone.save_with_gaps()
    await phone.see_saved()
    await phone.visit_somebody()

    await phone.go("同步")
    await phone.tap(phone.page.get_by_role("link", name="没有网络？自己带到村办公室"))
    said = phone.page.get_by_role("main").get_by_role("status").first
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    await phone.carry_out("存成文件", first)
    await expect(said).to_contain_text("分成 2 份，这是第 1 份。请接着取下一份")
    await phone.shoot("8-carry-first")
    await phone.zoom(2)
    assert await too_wide(phone.page) == []
    await phone.shoot("8-carry-first-200")
    await phone.zoom(1)
    await phone.carry_out("存第 2 份，共 2 份", second)
    await expect(said).to_contain_text("到此都取了")
    await expect(phone.button("存成文件")).to_be_visible()
    await phone.shoot("8-carry-second")
    assert await phone.unsent() == 2

    assert "收到 0 条" in await office.take_in(second), "it waits for the first"
    assert "收到 2 条" in await office.take_in(first)
    assert server.ops_stored() == already + 2
    await phone.page.get_by_label("粘贴回执链接").fill(await office.receipt_link())
    await phone.press("读回执")
    await expect(phone.page.get_by_text("2 条已到村里的服务器")).to_be_visible()
    assert await phone.unsent() == 0


async def test_a_cut_off_phone_that_may_send_no_more_is_told_to_come_to_the_office_and_erased_after_that(
    office: OfficeScreen, phones: Phones, server: ServerProcess, tmp_path: Path
) -> None:
    phone = await phones("full")
    await phone.enrol((await office.invite(FULL)).link, FULL)
    await phone.visit_somebody()
    await phone.sync()
    await phone.until_agreed()
    await phone.aeroplane_mode(True)
    await phone.visit_somebody()
    await office.revoke(FULL)
    server.fill_aside(FULL, 10_000)

    await phone.aeroplane_mode(False)
    await phone.sync()
    await expect(phone.page.get_by_text("从网上能交的都交满了")).to_be_visible()
    assert await phone.unsent() == 1
    await expect(phone.button("撤销")).to_have_count(0)  # what was in a request is not taken back
    await phone.shoot("8-cut-off-full")
    await phone.tap(phone.page.get_by_role("link", name="没有网络？自己带到村办公室"))
    file = tmp_path / "carried.json"
    await phone.carry_out("存成文件", file)
    assert "收到 1 条" in await office.take_in(file)

    await phone.read_receipt(await office.receipt_link())
    await expect(phone.page.get_by_role("heading", name="这部手机已停用")).to_be_visible()
    await phone.shoot("8-cut-off-received")
