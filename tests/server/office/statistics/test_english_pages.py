"""English pages of the demo carry English punctuation."""

import re
from collections.abc import Iterator
from html import unescape

from tests.server.office.browser import Browser
from tests.server.office.statistics.test_pages import office

__all__ = ["office"]

MARKS = re.compile("[：、，。；（）！？]")
HAN = re.compile("[\u3400-\u9fff]")
ID = re.compile("[0-9a-f]{12,}")
SAID = re.compile(r"""\b(?:aria-label|title|placeholder|alt)="([^"]*)"|>([^<>]+)<""")
EACH = 2
"""Pages of one kind that are read: files of different types look alike from their address."""


def texts(html: str) -> Iterator[str]:
    """What a page says, piece by piece: between two tags, or where a tag says something."""
    plain = re.sub(r"<(script|style|textarea)\b.*?</\1>", "", html, flags=re.DOTALL)
    for spoken, between in SAID.findall(plain):
        yield unescape(spoken or between).strip()


def kind(address: str) -> str:
    path, _, query = address.partition("?")
    names = sorted(part.partition("=")[0] for part in query.split("&"))
    return f"{ID.sub('*', path)}?{'&'.join(names)}"


async def english(office: Browser) -> dict[str, str]:
    """The pages one gets to by links from the first page, some of each kind, as they are in English."""
    office.client.cookies.set("zf_lang", "en")
    found: dict[str, str] = {}
    todo, seen = ["/office/"], dict[str, int]()
    for address in todo:
        seen[kind(address)] = seen.get(kind(address), 0) + 1
        if seen[kind(address)] > EACH or address in found:
            continue
        page = await office.get(address)
        if page.headers["content-type"].startswith("text/html"):
            found[address] = page.text
            links = (unescape(link) for link in re.findall(r'href="([^"#]+)', page.text))
            todo += [link for link in links if link.startswith("/office/")]
    return found


async def test_english_text_has_no_chinese_punctuation(office: Browser) -> None:
    pages = await english(office)
    wrong = {
        said: address
        for address, html in pages.items()
        for said in texts(html)
        if MARKS.search(said) and not HAN.search(said)
    }

    assert len({kind(address) for address in pages}) > 150
    assert wrong == {}
