"""The figures P11 to P13: the phone app in a real browser, its processor slowed six times, its network made poor."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import (
    BrowserContext,
    CDPSession,
    Locator,
    Page,
    Playwright,
    async_playwright,
)

from server.auth import Account, Auth
from server.registry import Registry, uuid7
from tests import chromium
from tests.browser.handset import SLOW_MS
from tests.browser.phone import PIN, PhoneScreen

from . import servers, village
from .figures import Figure, Scale
from .in_page import BARE_APPLY, BARE_FIELD, BARE_SAVE, MARKS, READ_ALL

SLOWER = 6
PERSONS = 5_000
PULLED = 1_500
SAVES = 40
TIMES_TYPED = 2
WORDS = ("山坡", "老槐树", "lha", "swt")
KEY_S = 0.3
TOUCH_S = 0.08
SHELL = Path(__file__).resolve().parent.parent.parent / "server" / "pwa"


class Village(NamedTuple):
    """One village with so many persons in one surveyor's grid."""

    code: str
    grid: str
    account: Account


def phone(folder: Path, scale: Scale) -> Iterator[Figure]:
    """P11 to P13."""
    yield _bundle()
    yield from asyncio.run(_measured(folder, scale))


def _bundle() -> Figure:
    """P11: what the first screen needs; beside it what is read later."""
    page = (SHELL / "index.html").read_text("utf-8")
    sizes = {it.name: len(gzip.compress(it.read_bytes(), 9)) / 1000 for it in _shell_files()}
    scripts = [name for name in sizes if name in page or name in ("index.html", "sw.js")]
    first = {*scripts}
    while more := {n for s in first for n in sizes if n not in first and _imports(s, n)}:
        first |= more
    parts = " · ".join(
        f"{re.sub(r'[.][A-Z0-9]{8}', '', name)} {sizes[name]:.1f}" for name in sorted(first)
    )
    total, all_files = sum(sizes[name] for name in first), sum(sizes.values())
    return Figure(
        "P11", f"shell, kB gzip: {parts}", f"{total:.1f} kB, {all_files:.1f} with what is read later",
        "–", None, "≤ 96 kB", total <= 96,
    )  # fmt: skip


def _shell_files() -> list[Path]:
    return [it for it in SHELL.iterdir() if it.suffix in (".html", ".js", ".css", ".json")]


def _imports(script: str, name: str) -> bool:
    """Whether a file is imported at once by another, or its worker; not one that is read when it is asked for."""
    if not script.endswith(".js") or not name.endswith(".js") or script == "sw.js":
        return False
    text = (SHELL / script).read_text("utf-8")
    file = re.escape(name)
    return bool(re.search(rf"""(from|import)\s*["'][^"']*{file}["']|["']/app/{file}["']""", text))


async def _measured(folder: Path, scale: Scale) -> list[Figure]:
    data = folder / "ours"
    here = await _register(data)
    program = await asyncio.to_thread(chromium.find_or_install)
    async with async_playwright() as playwright:
        with servers.ours(data) as server:
            address = f"http://127.0.0.1:{server.port}"
            cold = [
                await _cold(playwright, program, folder / f"cold-{n}", address)
                for n in range(scale.rounds)
            ]
            screen = PhoneScreen(playwright, program, folder / "phone")
            await screen.switch_on()
            try:
                return [
                    *await _with_register(screen, folder, here, address, scale),
                    _figure("P13", "cold first load, 400 kbit/s, 400 ms, CPU 6×: usable", cold, 6_000),
                    *await _later(screen, address, scale),
                ]  # fmt: skip
            finally:
                await screen.switch_off()


def _figure(
    id: str,
    what: str,
    times: list[float],
    most_ms: float,
    floor: list[float] | None = None,
    *,
    p95: bool = False,
) -> Figure:
    """Medians, or with `p95` what one of twenty takes longer than; of the floor the same."""

    def of(found: list[float]) -> float:
        return sorted(found)[int(len(found) * 0.95)] if p95 else statistics.median(found)

    found = of(times)
    told = f"p95 {found:,.0f} ms (median {statistics.median(times):,.0f})"
    least = of(floor) if floor else None
    return Figure(
        id, what, told if p95 else f"{found:,.0f} ms",
        f"{least:,.0f} ms" if least else "–", found / least if least else None,
        f"≤ {most_ms:,.0f} ms", found <= most_ms,
    )  # fmt: skip


async def _register(data: Path) -> Village:
    """Three of five documents are persons; each child was visited once within half a year."""
    code = village.village_code(8)
    grid = f"{code}01"
    chance = random.Random(12)
    documents = village.evening(grid, PERSONS * 5 // 3, chance, size=290)
    children = [it for it in documents if it.type == "child"]
    for child in children:
        child.set.update(
            {"ward_status": "A", "left_behind_fact": "B", "birth_date": _day(chance, 4_000)}
        )
    visits = [
        village.Document(
            uuid7(),
            "visit",
            {
                "child_id": child.id,
                "household_id": child.set["household_id"],
                "occurred_on": _day(chance, 180),
                "met/C": True,
                "note": "和爷爷奶奶住，学习跟得上，每周和父母通话",
            },
        )
        for child in children
    ]
    await village.store(data, code, documents + visits)
    registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
    account = await Auth(registry.database).create_account(
        code, login="s", name="调查员", role="surveyor", grids=[grid]
    )
    await registry.close()
    return Village(code, grid, account)


def _day(chance: random.Random, within: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=chance.randrange(1, within))).isoformat()


async def _code(data: Path, account: Account) -> str:
    registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
    code = await Auth(registry.database).issue_code(account)
    await registry.close()
    return code.text


async def _slow(page: Page, times: int) -> CDPSession:
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": times})
    return session


async def _cold(playwright: Playwright, program: Path, folder: Path, address: str) -> float:
    """From nothing to a door one can knock on, in ms."""
    screen = PhoneScreen(playwright, program, folder)
    await screen.switch_on()
    try:
        await screen.page.add_init_script(MARKS)
        await screen.poor_network(kilobits=400, delay_ms=400)
        await _slow(screen.page, SLOWER)
        await screen.page.goto(f"{address}/app/", wait_until="commit")
        return await _seen(screen.page, "door")
    finally:
        await screen.switch_off()


async def _watch(page: Page, name: str) -> None:
    await page.evaluate("(name) => marks.watch(name)", name)


async def _seen(page: Page, name: str) -> float:
    """When a sign was painted, ms since the page began. Waits inside the page: asking again and again costs time."""
    async with asyncio.timeout(4 * SLOW_MS / 1000):
        seen: float = await page.evaluate("(name) => marks.when(name)", name)
    return seen


async def _with_register(
    screen: PhoneScreen, folder: Path, here: Village, address: str, scale: Scale
) -> list[Figure]:
    """P12."""
    page = screen.page
    await page.add_init_script(MARKS)
    code = await _code(folder / "ours", here.account)
    await screen.enrol(f"{address}/app/#/enrol/{code}", "调查员")
    await _slow(page, SLOWER)
    unlocks, read = [], []
    for _ in range(scale.rounds):
        await page.reload()
        await page.get_by_label("请输入密码").fill(PIN)
        await _watch(page, "list")
        await screen.press("解锁")
        listed = await _seen(page, "list")
        unlocks.append(listed - float(await page.evaluate("() => marks.key")))
        await _watch(page, "idle")
        await _seen(page, "idle")
        read.append(float(await page.evaluate(READ_ALL)))
    typed, bare_typed = await _typed(screen)
    saves, bare_saves = await _saves(screen)
    both = [await _applied(screen, folder, here, n) for n in range(scale.rounds)]
    applied, bare_applied = map(list, zip(*both, strict=True))
    many = f"{PERSONS:,} persons, CPU {SLOWER}×"
    return [
        _figure("P12", f"{many}: unlock to list, after the key is derived", unlocks, 1_500, read),
        _figure("P12", f"{many}: search, a keystroke until painted", typed, 50, bare_typed, p95=True),
        _figure("P12", f"{many}: save, from the tap to its receipt", saves, 80, bare_saves, p95=True),
        _figure("P12", f"{many}: apply {PULLED:,} pulled rows", applied, 2_000, bare_applied),
    ]  # fmt: skip


async def _typed(screen: PhoneScreen) -> tuple[list[float], list[float]]:
    """Keystrokes in the search box, and the same ones in a field that does nothing."""
    await screen.go("户")
    await screen.tap(screen.page.get_by_role("searchbox"))
    found = await _keystrokes(screen.page)
    await screen.go("同步")
    await screen.page.evaluate(BARE_FIELD)
    return found, await _keystrokes(screen.page)


async def _keystrokes(page: Page) -> list[float]:
    await page.evaluate("() => { marks.typed = []; }")
    for word in WORDS * TIMES_TYPED:
        for letter in word:
            await page.keyboard.type(letter)
            await asyncio.sleep(KEY_S)
        for _ in word:
            await page.keyboard.press("Backspace")
            await asyncio.sleep(KEY_S)
    times: list[float] = await page.evaluate("() => marks.typed.map((it) => it.ms)")
    await page.evaluate("() => { marks.typed = null; }")
    assert len(times) == 2 * TIMES_TYPED * sum(map(len, WORDS))
    return times


async def _saves(screen: PhoneScreen) -> tuple[list[float], list[float]]:
    page = screen.page
    finger = await page.context.new_cdp_session(page)
    times = []
    await screen.aeroplane_mode(True)
    for _ in range(SAVES):
        await screen.go("今天")
        await screen.press(re.compile("^登记走访"))
        await screen.choose("见到了谁", "儿童")
        await asyncio.sleep(1)
        await _watch(page, "saved")
        await _touched(finger, screen.button("保存").first)
        saved = await _seen(page, "saved")
        times.append(saved - float(await page.evaluate("() => marks.lifted")))
    bare: list[float] = await page.evaluate(BARE_SAVE, SAVES)
    await screen.aeroplane_mode(False)
    await screen.sync()
    return times, bare


async def _touched(finger: CDPSession, button: Locator) -> None:
    """A tap as a finger gives it, which rests on the glass for a moment. One of no length at all would put the time in
    which the button is drawn pressed between the tap and its click; the browser's driver also looks at the page then."""
    box = await button.bounding_box()
    assert box is not None
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await asyncio.sleep(TOUCH_S)
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def _applied(
    screen: PhoneScreen, folder: Path, here: Village, seed: int
) -> tuple[float, float]:
    """What the phone does between the last byte of an answer and its next call, until it says it is done."""
    page = screen.page
    documents = village.evening(here.grid, PULLED, random.Random(100 + seed), size=290)
    await village.store(folder / "ours", here.code, documents)
    await screen.go("同步")
    await page.evaluate("() => { marks.calls = []; marks.watch('idle'); }")
    await screen.press("现在同步")
    ended = await _seen(page, "idle")
    calls: list[dict[str, Any]] = await page.evaluate("() => marks.calls")
    answers = [json.loads(call["text"]) for call in calls if call["path"] == "/api/sync"]
    rows = sum(len(page["rows"]) for answer in answers for page in answer["pages"].values())
    assert rows >= PULLED
    begun = [*(call["asked"] for call in calls[1:]), ended]
    spent: float = sum(after - call["came"] for call, after in zip(calls, begun, strict=True))
    return spent, float(await page.evaluate(BARE_APPLY))


async def _later(screen: PhoneScreen, address: str, scale: Scale) -> list[Figure]:
    """P13: the app opened again. Its bytes come from the phone; only the worker's file is asked for anew."""
    times, sizes = [], []
    context: BrowserContext = screen.page.context
    for _ in range(scale.rounds):
        page = await context.new_page()
        await page.add_init_script(MARKS)
        await _slow(page, SLOWER)
        await page.goto(f"{address}/app/", wait_until="commit")
        times.append(await _seen(page, "pin"))
        sizes.append(
            int(
                await page.evaluate(
                    "() => [...performance.getEntriesByType('navigation'),"
                    " ...performance.getEntriesByType('resource')]"
                    ".reduce((sum, it) => sum + it.transferSize, 0)"
                )
            )
        )
        await page.close()
    median, most = statistics.median(times), max(sizes)
    return [
        Figure(
            "P13", f"later start, CPU {SLOWER}×: PIN can be typed", f"{median:,.0f} ms, {most} B",
            "–", None, "≤ 1,500 ms, 0 B", median <= 1_500 and most == 0,
        )
    ]  # fmt: skip
