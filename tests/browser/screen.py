"""What phone and office screens have in common: pictures, and questions about what is on them."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import ConsoleMessage, Page

OUTPUT = Path(__file__).resolve().parent.parent / "output"

# How browsers and htmx log that a call found nobody.
NO_NETWORK = ("Failed to load resource", "htmx:afterRequest", "htmx:sendError")
# Everything a person can operate, with what a screen reader would call it; and what should be there once.
UNNAMED = """() => {
  const named = (it) => {
    const by = (it.getAttribute('aria-labelledby') || '').split(/\\s+/).filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent || '').join('');
    const labels = [...(it.labels || [])].map((label) => label.textContent).join('');
    const within = it.matches('button, a, summary') ? it.textContent : '';
    const image = [...it.querySelectorAll('img[alt], svg[aria-label]')]
      .map((one) => one.getAttribute('alt') || one.getAttribute('aria-label') || '').join('');
    return (by || it.getAttribute('aria-label') || labels || within || image || '').trim();
  };
  return [...document.querySelectorAll('button, a[href], input, select, textarea, summary')]
    .filter((it) => it.type !== 'hidden' && it.checkVisibility() && !named(it))
    .map((it) => it.outerHTML.slice(0, 160));
}"""
HEAD = """() => ({
  lang: document.documentElement.lang,
  title: document.title,
  headings: document.querySelectorAll('h1').length,
  ids: [...document.querySelectorAll('[id]')].map((it) => it.id),
})"""
WIDER = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (it) => it && (/(auto|scroll)/.test(getComputedStyle(it).overflowX) || scrolls(it.parentElement));
  const wide = [...document.body.querySelectorAll('*')]
    .filter((it) => it.getBoundingClientRect().right > width + 1 && !scrolls(it.parentElement))
    .map((it) => it.outerHTML.slice(0, 120));
  return document.documentElement.scrollWidth > width + 1
    ? [`${document.documentElement.scrollWidth} > ${width}`, ...wide.slice(0, 3)] : [];
}"""


SMALL = """() => [...document.querySelectorAll('button, a[href], input, select, textarea, summary')]
  .filter((it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && it.type !== 'hidden')
  .map((it) => ({ it, box: (it.closest('label') || it).getBoundingClientRect() }))
  .filter(({ box }) => box.width > 1 && box.height > 1 && (box.height < 47.5 || box.width < 44))
  .map(({ it, box }) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${it.outerHTML.slice(0, 140)}`)"""
SMALL_TEXT = """() => [...document.querySelectorAll('main p, main button, main a, main label, main input, h1, h2, nav a')]
  .filter((it) => it.checkVisibility() && it.textContent.trim() && parseFloat(getComputedStyle(it).fontSize) < 15)
  .map((it) => `${getComputedStyle(it).fontSize}: ${it.outerHTML.slice(0, 120)}`)"""
# Words in a column so narrow that hardly a letter stands beside another.
SQUEEZED = """() => {
  const found = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode;
    const it = text.parentElement;
    if (text.textContent.trim().length < 4 || !it.checkVisibility() || it.closest('.unseen')) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const lines = [...range.getClientRects()].filter((box) => box.width > 0);
    const widest = Math.max(...lines.map((box) => box.width));
    if (lines.length > 2 && widest < 4 * parseFloat(getComputedStyle(it).fontSize))
      found.push(`${text.textContent.trim()} in ${lines.length} lines of ${Math.round(widest)} px`);
  }
  return found;
}"""
# Marks of Chinese writing among English words; what people typed in Chinese ends in none.
CHINESE_MARKS = """() => document.querySelector('main').innerText.split('\\n').filter((line) => /[：；，。（）]/.test(line))"""
# What can be tapped or read and lies on something else of that kind.
COVERED = """() => {
  const all = [...document.querySelectorAll('header a, header button, header h1, main a, main button, main label, main p')]
    .filter((it) => it.checkVisibility());
  const found = [];
  for (const [at, one] of all.entries())
    for (const other of all.slice(at + 1)) {
      if (one.contains(other) || one.closest('header') !== other.closest('header')) continue;
      const a = one.getBoundingClientRect();
      const b = other.getBoundingClientRect();
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
        found.push(`${one.textContent} lies on ${other.textContent}`);
    }
  return found;
}"""
AXE = Path(__file__).resolve().parent.parent.parent / "pwa/node_modules/axe-core/axe.min.js"
FLAWS = """async (impacts) => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.filter((it) => impacts.includes(it.impact))
    .flatMap((it) => it.nodes.map((node) => `axe ${it.id}: ${node.html.slice(0, 160)}`));
}"""


async def serious(page: Page, *also: str) -> list[str]:
    """What axe finds on this page that is serious or worse, or of an impact named beside these."""
    await page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = await page.evaluate(FLAWS, ["serious", "critical", *also])
    return found


async def flaws(page: Page) -> list[str]:
    """All that axe finds on this page."""
    return await serious(page, "minor", "moderate")


def listen(page: Page, errors: list[str]) -> None:
    """Collects what goes wrong inside a page: exceptions nobody caught, and what its own policy blocked.

    A call that finds no network is no error; browsers log it all the same.
    """
    page.on("pageerror", lambda error: errors.append(str(error)))

    def logged(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NO_NETWORK):
            errors.append(message.text)

    page.on("console", logged)


async def shoot(page: Page, name: str) -> None:
    """Keeps a picture of the whole page in `tests/output/`."""
    OUTPUT.mkdir(exist_ok=True)
    await page.screenshot(path=OUTPUT / f"{name}.png", animations="disabled")


async def faults(page: Page) -> list[str]:
    """What on this page a screen reader could not name, or is missing from its head."""
    head = await page.evaluate(HEAD)
    found = [f"no name: {html}" for html in await page.evaluate(UNNAMED)]
    if head["lang"] not in ("zh-CN", "en"):
        found.append(f"lang is {head['lang']!r}")
    if not head["title"].strip():
        found.append("no title")
    if head["headings"] != 1:
        found.append(f"{head['headings']} headings of the first level")
    found += [f"id {id} twice" for id in {i for i in head["ids"] if head["ids"].count(i) > 1}]
    return found


async def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways; empty when nothing does."""
    found: list[str] = await page.evaluate(WIDER)
    return found


async def chinese_marks(page: Page) -> list[str]:
    """Lines of an English page with Chinese colons, commas and the like."""
    found: list[str] = await page.evaluate(CHINESE_MARKS)
    return [f"Chinese marks: {line}" for line in found]


async def squeezed(page: Page) -> list[str]:
    """What nobody can read because it has no room, though nothing is too wide."""
    narrow: list[str] = await page.evaluate(SQUEEZED)
    covered: list[str] = await page.evaluate(COVERED)
    return narrow + covered


async def too_small(page: Page) -> list[str]:
    """What a thumb would miss, or old eyes could not read."""
    found: list[str] = await page.evaluate(SMALL)
    tiny: list[str] = await page.evaluate(SMALL_TEXT)
    return found + tiny
