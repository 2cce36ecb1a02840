"""A phone without any network: its work goes to the office in a file, its receipt comes back as a code to scan."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.server_process import ServerProcess

SURVEYOR, OTHER = "谷网格甲", "江网格甲"


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
    await phone.tap(phone.page.get_by_role("link", name="没有网络？存成文件带到村办公室"))
    async with phone.page.expect_download() as download:
        await phone.press("存成文件")
    await expect(phone.page.get_by_role("status").first).to_contain_text("文件里有 2 条")
    await phone.shoot("8-carry-out")
    file = tmp_path / "carried.json"
    await (await download.value).save_as(file)
    for _ in range(2):
        await office.page.goto(f"{office.address}/office/carry")
        await office.page.get_by_label("选文件").set_input_files(file)
        await office.page.get_by_role("button", name="收进来").click()
        await expect(office.page.get_by_role("main")).to_contain_text("收到 2 条")
        assert server.ops_stored() == already + 2
    await expect(office.page.get_by_role("img", name=f"{SURVEYOR} 的回执二维码")).to_be_visible()
    link = await office.page.get_by_label("回执链接").input_value()
    async with office.page.expect_download() as receipt:
        await office.page.get_by_role("link", name="存回执文件").click()
    assert (await receipt.value).suggested_filename.endswith("-receipt.json")
    await office.shoot("8-carry-receipt")

    assert await phone.unsent() == 2
    await strange.open_link(link)
    await expect(strange.page.get_by_text("这不是给这部手机的回执")).to_be_visible()
    # What a camera does: the app is opened anew, out of what the phone has.
    await phone.open_link("about:blank")
    await phone.open_link(link)
    await phone.unlock()
    await expect(phone.page.get_by_text("2 条已到村里的服务器")).to_be_visible(timeout=SLOW_MS)
    await phone.shoot("8-carry-back")
    assert await phone.unsent() == 0

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    assert server.ops_stored() == already + 2
