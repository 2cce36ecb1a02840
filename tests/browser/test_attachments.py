"""照片: a picture taken at a door with no network, its way to the office with a cut in the middle, and what is left of it."""

from __future__ import annotations

import asyncio
import struct
from base64 import b64decode
from hashlib import sha256

from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import Phones
from tests.browser.handset import SLOW_MS
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.screen import faults, serious
from tests.browser.server_process import ServerProcess, until
from tests.browser.test_own_forms import begin, enrolled, publish
from tests.forms.sheets import sheets_of, xlsx

FORM = """
| settings |            |         |         |
|          | form_title | form_id | subject |
|          | 书桌       | desk    | child   |
| survey   |            |         |         |
|          | type       | name    | label   |
|          | text       | light   | 灯亮吗  |
|          | audio      | voice   | 说一说  |
|          | image      | photo   | 拍书桌  |
"""
WIDTH, HEIGHT = 2400, 1800
MAKE, PLACE = b"SecretCamera\0", b"N\0\0\0"
# Coarse noise: as many bytes as a real scene has, so that it comes in several parts.
SCENE = """([width, height]) => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const brush = canvas.getContext('2d');
  let seed = 7;
  for (let y = 0; y < height; y += 12) for (let x = 0; x < width; x += 12) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    brush.fillStyle = `hsl(${seed % 360} 40% ${40 + (seed >> 9) % 40}%)`;
    brush.fillRect(x, y, 12, 12);
  }
  return canvas.toDataURL('image/jpeg', 0.9).split(',')[1];
}"""
ON_DISK = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('zoufang');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const reading = opening.result.transaction('files').objectStore('files').getAllKeys();
    reading.onsuccess = () => { opening.result.close(); resolve(reading.result); };
  };
})"""


def exif() -> bytes:
    """What a camera writes: held upright (6), its make, and where it was (a GPS directory)."""
    entries, gps, make = 3, 8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 2 + 12 + 4
    head = b"II*\0" + struct.pack("<IH", 8, entries)
    about = struct.pack("<HHI", 0x010F, 2, len(MAKE)) + struct.pack("<I", make)
    turned = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    where = struct.pack("<HHII", 0x8825, 4, 1, gps)
    north = struct.pack("<HHHI", 1, 1, 2, 2) + PLACE + struct.pack("<I", 0)
    body = b"Exif\0\0" + head + about + turned + where + struct.pack("<I", 0) + north + MAKE
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


async def photograph(page: Page) -> bytes:
    """A camera's JPEG, with what cameras write beside the picture."""
    plain = b64decode(await page.evaluate(SCENE, [WIDTH, HEIGHT]))
    return plain[:2] + exif() + plain[2:]


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height as the frame header has them."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    height, width = struct.unpack(">HH", jpeg[at + 5 : at + 9])
    return width, height


def preview(phone: PhoneScreen) -> Locator:
    return phone.page.get_by_role("img", name="照片")


async def until_on_disk(phone: PhoneScreen, count: int) -> None:
    """How many pictures lie in the phone's store."""

    async def there() -> bool:
        return len(await phone.page.evaluate(ON_DISK)) == count

    await until(there)


async def test_a_picture_taken_offline_reaches_the_office_bit_for_bit_though_the_network_was_cut(
    office: OfficeScreen, phones: Phones, server: ServerProcess
) -> None:
    await publish(office, "desk", xlsx(sheets_of(FORM)))
    phone = await enrolled(office, phones, "camera")
    await phone.page.set_viewport_size({"width": 360, "height": 740})
    taken = await photograph(office.page)
    assert MAKE in taken
    assert len(taken) > 500_000
    await phone.aeroplane_mode(True)
    await phone.find("")
    child = (await phone.children_listed())[0]
    await phone.open_found(child)

    # Nobody has noted that the guardian agrees.
    await begin(phone, "书桌")
    camera = phone.page.locator("input[type=file][capture=environment]")
    await expect(phone.page.get_by_text("没有记下“同意拍照和使用影像”")).to_be_visible()
    await expect(camera).to_have_count(0)
    await phone.shoot("attached-1-no-consent")
    assert await serious(phone.page) == []
    await phone.press("返回")
    await phone.press("修改档案")
    await phone.turn_to("依据与同意")
    await phone.choose("同意拍照和使用影像", "是")
    await phone.press("保存")
    await phone.save_with_gaps()
    await phone.see_saved()

    # Taken, begun anew after the browser was killed, undone once, saved.
    await begin(phone, "书桌")
    await phone.write("灯亮吗", "亮")
    await phone.press("开始录音")
    await expect(phone.page.get_by_text("正在录音，1 / 60 秒")).to_be_visible()
    await phone.press("停止")
    await expect(phone.page.locator("audio")).to_be_visible()
    await until_on_disk(phone, 1)
    await phone.press("去掉录音")
    await expect(phone.page.locator("audio")).to_have_count(0)
    await until_on_disk(phone, 0)
    await phone.press("撤销")
    await expect(phone.page.locator("audio")).to_be_visible()
    await until_on_disk(phone, 1)
    await camera.set_input_files(
        {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": taken}
    )
    await expect(preview(phone)).to_be_visible()
    await phone.shoot("attached-2-taken")
    assert await faults(phone.page) == []
    assert await serious(phone.page) == []
    await until_on_disk(phone, 2)
    await phone.press("去掉照片")
    await until_on_disk(phone, 1)
    before = await phone.drafts_on_disk()
    await phone.press("撤销")
    await phone.until_written(before)
    picture, recording = sorted(await phone.page.evaluate(ON_DISK), key=lambda it: it[64:])
    await phone.kill_browser()
    await phone.switch_on(f"{server.address}/app/")
    await phone.page.set_viewport_size({"width": 360, "height": 740})
    await phone.unlock()
    await phone.page.goto(f"{server.address}/app/#/drafts")
    await phone.tap(phone.page.get_by_role("link", name="书桌").first)
    await expect(preview(phone)).to_be_visible()
    await phone.press("保存")
    await phone.see_saved()
    await expect(phone.strip()).to_contain_text("未上传 2 条、2 份照片或录音")
    await phone.press("撤销")
    await expect(preview(phone)).to_be_visible()
    await phone.press("保存")
    await phone.see_saved()

    # Sent after the text; the second part is cut, and the next exchange goes on there.
    parts: list[tuple[str, int]] = []

    was_cut, is_cut = asyncio.Event(), asyncio.Event()

    async def meet(route: Route) -> None:
        if route.request.method == "PATCH" and not is_cut.is_set():
            offset = int(await route.request.header_value("upload-offset") or -1)
            parts.append((route.request.url.rpartition("/")[2], offset))
            if offset > 0 and not was_cut.is_set():
                was_cut.set()
                await phone.shoot("attached-3-on-its-way")
                is_cut.set()
        await (route.abort("connectionreset") if is_cut.is_set() else route.continue_())

    # At first the village will have none of it: asked three times, then it is the person's to decide.
    refused = {"error": {"code": "blob_unnamed", "message": "", "details": {}}}

    async def refuse(route: Route) -> None:
        await route.fulfill(status=404, json=refused)

    await phone.go("同步")
    await expect(phone.page.get_by_text("照片和录音，")).to_be_visible()
    await phone.page.route("**/api/blobs/**", refuse)
    await phone.aeroplane_mode(False)
    stuck = phone.page.get_by_text("这 2 份村里收不了")
    await expect(phone.button("现在同步")).to_be_enabled(timeout=SLOW_MS)
    for _ in range(3):
        if not await stuck.is_visible():
            await phone.press("现在同步")
            await expect(phone.button("现在同步")).to_be_enabled(timeout=SLOW_MS)
    await expect(stuck).to_be_visible()
    await expect(phone.strip()).to_contain_text("未上传 2 份照片或录音")
    await phone.shoot("attached-2-refused")
    assert await serious(phone.page) == []
    assert len(await phone.page.evaluate(ON_DISK)) == 2
    await phone.page.unroute("**/api/blobs/**")
    await phone.page.route("**/api/blobs/**", meet)
    await phone.press("再试一次")
    await expect(phone.page.get_by_text("连不上村里的服务器")).to_be_visible(timeout=SLOW_MS)
    await expect(phone.strip()).to_contain_text("份照片或录音")
    await phone.shoot("attached-4-cut")
    cut = parts[-1]
    is_cut.clear()
    await phone.press("现在同步")
    await expect(phone.strip()).to_contain_text("全部已上传", timeout=SLOW_MS)
    assert all(parts.count(it) == 1 for it in parts if it[1] > 0 and it != cut), "nothing twice"
    assert parts[parts.index(cut) + 1] == cut, "it goes on where it was cut"
    assert len(parts) > 6
    assert len(await phone.page.evaluate(ON_DISK)) == 2, "until a backup holds their record"
    await phone.open_found(child)
    await phone.tap(phone.page.locator(".timeline a").first)
    await expect(phone.page.get_by_text("已交到村里")).to_have_count(2)
    await phone.shoot("attached-5-handed-over")

    # The office.
    record = phone.page.url.rpartition("/")[2]
    await office.page.goto(f"{office.address}/office/records/{record}")
    shown = office.page.get_by_role("img", name="拍书桌")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("(it) => it.decode().then(() => it.naturalWidth)") == 960
    answer = await office.page.request.get(f"{office.address}/office/picture/{record}/photo")
    content = await answer.body()
    assert f"{sha256(content).hexdigest()}.jpg" == picture
    assert size_of(content) == (960, 1280), "smaller, and turned as the camera was held"
    for written in (b"Exif", MAKE, PLACE * 2):
        assert written not in content
    answer = await office.page.request.get(f"{office.address}/office/picture/{record}/voice")
    assert f"{sha256(await answer.body()).hexdigest()}.webm" == recording
    await office.shoot("attached-record")
