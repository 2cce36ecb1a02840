"""The figures P11 to P13: the phone app in a real browser, its processor slowed six times, its network made poor."""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import BrowserContext, CDPSession, Page, Playwright, async_playwright

from server.auth import Account, Auth
from server.registry import Registry, uuid7
from tests import chromium
from tests.browser.handset import SLOW_MS
from tests.browser.phone import PIN, PhoneScreen

from . import servers, village
from .figures import Figure, Scale

SLOWER = 6
PERSONS = 5_000
PULLED = 1_500
SAVES = 15
WORDS = ("山坡", "老槐树", "lha", "swt")
SHELL = Path(__file__).resolve().parent.parent.parent / "server" / "pwa"

# Marks inside the page: when the key worker answered, what a call's bytes took, and when words came to be seen.
MARKS = """
window.marks = { key: 0, calls: [], clicked: 0, typed: [], seen: {} };
const { marks } = window;
window.Worker = class extends Worker {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', () => { marks.key = performance.now(); });
  }
};
const { fetch: real } = window;
window.fetch = async (...all) => {
  const call = { path: String(all[0]), asked: performance.now(), came: 0 };
  marks.calls.push(call);
  const answer = await real(...all);
  const body = await answer.arrayBuffer();
  call.came = performance.now();
  const nothing = answer.status === 304 || answer.status === 204;
  return new Response(nothing ? null : body, answer);
};
addEventListener('click', () => { marks.clicked = performance.now(); }, true);
const afterPaint = (then) => requestAnimationFrame(() => setTimeout(then));
addEventListener('input', (event) => {
  const from = event.timeStamp;
  afterPaint(() => marks.typed.push(performance.now() - from));
}, true);
const SIGNS = {
  list: () => document.querySelector('main li a'),
  saved: () => document.body?.textContent.includes('已存在手机里'),
  pin: () => document.querySelector('input[autocomplete], input[inputmode=numeric]'),
  door: () => [...document.querySelectorAll('button')].some((it) => it.textContent.includes('启用这部手机')),
};
const look = () => {
  for (const [name, sign] of Object.entries(SIGNS)) {
    if (marks.seen[name] || !sign()) continue;
    marks.seen[name] = performance.now();
    afterPaint(() => { marks.seen[name] = performance.now(); });
  }
};
new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
"""


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
    named = {n for s in scripts for n in sizes if _imports(s, n)}
    first = sorted({*scripts, *named})
    parts = " · ".join(f"{re.sub(r'[.][A-Z0-9]{8}', '', name)} {sizes[name]:.1f}" for name in first)
    total, all_files = sum(sizes[name] for name in first), sum(sizes.values())
    return Figure(
        "P11", f"shell, kB gzip: {parts}", f"{total:.1f} kB, {all_files:.1f} with what is read later",
        "–", None, "≤ 96 kB", total <= 96,
    )  # fmt: skip


def _shell_files() -> list[Path]:
    return [it for it in SHELL.iterdir() if it.suffix in (".html", ".js", ".css", ".json")]


def _imports(script: str, name: str) -> bool:
    """Whether a file is imported at once by another, not when it is asked for."""
    if not script.endswith(".js") or not name.endswith(".js"):
        return False
    text = (SHELL / script).read_text("utf-8")
    return bool(re.search(rf"""(from|import)\s*["'][^"']*{re.escape(name)}["']""", text))


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


def _figure(id: str, what: str, times: list[float], most_ms: float, *, p95: bool = False) -> Figure:
    found = sorted(times)[int(len(times) * 0.95)] if p95 else statistics.median(times)
    told = (
        f"p95 {found:,.0f} ms (median {statistics.median(times):,.0f})"
        if p95
        else f"{found:,.0f} ms"
    )
    wanted = f"≤ {most_ms:,.0f} ms"
    return Figure(id, what, told, "–", None, wanted, found <= most_ms)


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


async def _seen(page: Page, name: str) -> float:
    """When a sign was painted, ms since the page began."""
    await page.wait_for_function(f"() => marks.seen.{name} > 0", timeout=SLOW_MS)
    await page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => setTimeout(go, 50)))"
    )
    seen: float = await page.evaluate(f"() => marks.seen.{name}")
    return seen


async def _with_register(
    screen: PhoneScreen, folder: Path, here: Village, address: str, scale: Scale
) -> list[Figure]:
    """P12."""
    page = screen.page
    await page.add_init_script(MARKS)
    code = await _code(folder / "ours", here.account)
    await screen.enrol(f"{address}/app/#/enrol/{code}", "调查员")
    cdp = await _slow(page, SLOWER)
    unlocks = []
    for _ in range(scale.rounds):
        await page.reload()
        await page.get_by_label("请输入密码").fill(PIN)
        await page.evaluate("() => { marks.seen.list = 0; }")
        await screen.press("解锁")
        listed = await _seen(page, "list")
        unlocks.append(listed - float(await page.evaluate("() => marks.key")))
    typed = await _typed(screen)
    saves = await _saves(screen, cdp)
    applied = [await _applied(screen, folder, here, n) for n in range(scale.rounds)]
    many = f"{PERSONS:,} persons, CPU {SLOWER}×"
    return [
        _figure("P12", f"{many}: unlock to list, after the key is derived", unlocks, 1_500),
        _figure("P12", f"{many}: search, a keystroke until painted", typed, 50, p95=True),
        _figure("P12", f"{many}: save, from the tap to its receipt", saves, 80, p95=True),
        _figure("P12", f"{many}: apply {PULLED:,} pulled rows", applied, 2_000),
    ]  # fmt: skip


async def _typed(screen: PhoneScreen) -> list[float]:
    await screen.go("户")
    box = screen.page.get_by_role("searchbox")
    await screen.tap(box)
    await screen.page.evaluate("() => { marks.typed = []; }")
    for word in WORDS:
        await box.press_sequentially(word, delay=300)
        for _ in word:
            await box.press("Backspace")
            await asyncio.sleep(0.3)
    times: list[float] = await screen.page.evaluate("() => marks.typed")
    assert len(times) >= 2 * sum(map(len, WORDS))
    return times


async def _saves(screen: PhoneScreen, cdp: CDPSession) -> list[float]:
    times = []
    await screen.aeroplane_mode(True)
    for _ in range(SAVES):
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        await screen.go("今天")
        await screen.press(re.compile("^登记走访"))
        await screen.choose("见到了谁", "儿童")
        await asyncio.sleep(0.5)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await screen.page.evaluate("() => { marks.seen.saved = 0; }")
        await screen.press("保存")
        saved = await _seen(screen.page, "saved")
        times.append(saved - float(await screen.page.evaluate("() => marks.clicked")))
    await screen.aeroplane_mode(False)
    await screen.sync()
    return times


async def _applied(screen: PhoneScreen, folder: Path, here: Village, seed: int) -> float:
    """What the phone does between the last byte of an answer and its next call, until it says it is done."""
    documents = village.evening(here.grid, PULLED, random.Random(100 + seed), size=290)
    await village.store(folder / "ours", here.code, documents)
    await screen.go("同步")
    await screen.page.evaluate("() => { marks.calls = []; }")
    await screen.press("现在同步")
    await screen.page.wait_for_function(
        "() => marks.calls.some((it) => it.came) && ![...document.querySelectorAll('button')]"
        ".some((it) => it.textContent.includes('现在同步') && it.disabled)",
        timeout=4 * SLOW_MS,
    )
    ended = float(await screen.page.evaluate("() => performance.now()"))
    calls: list[dict[str, Any]] = await screen.page.evaluate("() => marks.calls")
    begun = [*(call["asked"] for call in calls[1:]), ended]
    spent: float = sum(after - call["came"] for call, after in zip(calls, begun, strict=True))
    return spent


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
