"""`python -m tests.carried`: how large a day's visits are as a sealed file and as codes on a screen, and how long the
office's page takes to read the codes off cameras good and bad (which are films that a real browser takes for its camera).
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from base64 import b64decode
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Playwright, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

from server.registry import now_ms, uuid7
from tests import chromium
from tests.browser.camera import Sees, browser_with, film, frames_of, shown
from tests.browser.handset import FLAGS
from tests.browser.office import OfficeScreen
from tests.browser.server_process import ServerProcess
from tests.server.api.test_carry import VECTOR, seal

VISITS = 20
SURVEYOR = "谷网格甲"
LONGEST = 30
"""Seconds after which somebody would give up."""
CODE = 0.7
"""Of the picture's height: a phone held close."""
CASES = (
    ("640×480，一切都好 · all well", 4, Sees(fills=CODE)),
    ("1280×720", 4, Sees(width=1280, height=720, fills=CODE)),
    ("虚焦 2 像素 · out of focus by 2 pixels", 4, Sees(fills=CODE, blur=2)),
    ("远，码占画面高 40% · far, 40% of the height", 4, Sees(fills=0.4)),
    ("歪 20° · turned by 20°", 4, Sees(fills=CODE, turned=20)),
    ("暗，每秒 10 幅，反差小 · dark, 10 pictures a second, faint", 4, Sees(fills=CODE, pictures=10, contrast=0.4)),
    ("一半画面看不见 · half of all pictures missed", 4, Sees(fills=CODE, missed=0.5)),
    ("虚、暗、又漏三成 · out of focus, dark and three in ten missed", 4, Sees(fills=CODE, blur=1.5, pictures=10, contrast=0.5, missed=0.3)),
    ("同上，调慢 · the same, slower", 2, Sees(fills=CODE, blur=1.5, pictures=10, contrast=0.5, missed=0.3)),
    ("一切都好，调快 · all well, faster", 8, Sees(fills=CODE)),
    ("虚焦 3 像素 · out of focus by 3 pixels", 4, Sees(fills=CODE, blur=3)),
    ("太远，25% · too far, 25%", 4, Sees(fills=0.25)),
)  # fmt: skip
NOTES = "奶奶腰疼，下雨天去村口接孩子。爸爸在外地工地，每周日晚上视频一次，孩子说想爸爸妈妈。"


def visit(chance: random.Random) -> dict[str, Any]:
    """An op as a phone sends it: every area of the form answered, half of them with a sentence."""
    chosen: dict[str, Any] = {
        name: chance.choice(("01", "02", "03"))
        for name in ("visit_kind", "living", "study", "mood", "safety", "health", "guardian_duty")
    }
    if chance.random() < 0.5:
        chosen["note"] = "".join(chance.sample(NOTES, chance.randrange(12, len(NOTES))))
    edits = {
        "present": True, "occurred_on": "2026-11-22", "met/01": True, "met/03": True, **chosen,
        "household_id": old_id(chance), "child_id": old_id(chance),
    }  # fmt: skip
    change = {"record": 0, "type": "visit", "base": 0, "set": edits}
    return {
        "at": now_ms(),
        "clock": 7,
        "contact": now_ms(),
        "schema": "3f9a1c0b",
        "changes": [change],
    }


def old_id(chance: random.Random) -> str:
    """The id of a record made some time in the last years."""
    return uuid7(now_ms() - chance.randrange(3 * 365 * 86_400_000))


def request(first: int, ids: list[str], ops: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "magic": "zoufang-sync", "protocol": 1, "village": "990000101201", "device": "0123456789ab",
        "generation": 1, "epoch": "0" * 12, "now": now_ms(), "clock": 7, "programme": "3f9a1c0b",
        "first": first, "ids": ids, "ops": ops, "pull": {}, "budget": 0, "token": "x" * 56, **more,
    }  # fmt: skip


async def enrolled(server: ServerProcess, desk: OfficeScreen) -> tuple[str, dict[str, Any], bytes]:
    """A new phone of the village, without its glass: the village, who it is, and the key to seal to."""
    code = (await desk.invite(SURVEYOR)).typed
    async with httpx2.AsyncClient(base_url=server.address) as client:
        told = (await client.post("/api/enrol", json={"code": code, "label": ""})).json()
        head = {"Authorization": f"Bearer {told['token']}"}
        key = (await client.get("/api/carry", headers=head)).json()["key"]
    own = {"village": told["village"]["code"], "device": told["device"], "token": told["token"]}
    return own["village"], own, b64decode(key)


async def seconds_to_read(
    playwright: Playwright, program: Path, server: ServerProcess, seen: Path
) -> float | None:
    """From the press of the button until all was read and is posted; None if somebody would have given up."""
    async with browser_with(playwright, program, seen) as browser:
        desk = OfficeScreen(browser, server.address)
        await desk.open()
        await desk.log_in()
        await desk.page.goto(f"{server.address}/office/carry")
        try:
            async with desk.page.expect_request(
                lambda it: it.method == "POST", timeout=LONGEST * 1000
            ) as posted:
                began = time.monotonic()
                await desk.page.get_by_role("button", name="用摄像头读").click()
            await posted.value
            took = time.monotonic() - began
            await desk.page.get_by_text(f"收到 {VISITS} 条").wait_for()
        except PlaywrightTimeout:
            took = None
        await desk.close()
    return took


async def main() -> None:
    chance = random.Random(1)
    ops = [visit(chance) for _ in range(VISITS)]
    ids = [uuid7() for _ in ops]
    key = b64decode(VECTOR["public"])
    boxes = sum(len(seal(key, request(1, [id], [op]))) for id, op in zip(ids, ops, strict=True))
    for place, op in enumerate(ops):
        op["changes"][0]["record"] = place
    program = chromium.find_or_install()
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder) / "data", "demo")
        await server.start()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
            desk = OfficeScreen(browser, server.address)
            await desk.open()
            await desk.log_in()
            village, own, key = await enrolled(server, desk)
            sealed = seal(key, request(1, ids, ops, **own, boxes="0" * 32), packed=True)
            frames = frames_of(village.encode() + b64decode(sealed))
            print(f"{VISITS} visits: {boxes:,} bytes as a file of sealed boxes")
            print(
                f"{VISITS} visits: {len(b64decode(sealed)):,} bytes packed, {len(frames)} codes\n"
            )
            print("| camera | codes a second | seconds |\n| --- | --- | --- |")
            seen = Path(folder) / "seen.mjpeg"
            for words, pace, sees in CASES:
                await film(desk.page, shown(frames, pace, seconds=24), sees, seen)
                took = await seconds_to_read(playwright, program, server, seen)
                print(
                    f"| {words} | {pace} | {'—' if took is None else f'{took:.1f}'} |", flush=True
                )
            await browser.close()
        server.stop()


if __name__ == "__main__":
    asyncio.run(main())
