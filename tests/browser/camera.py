"""A camera in front of a phone: what the phone's glass showed, or codes made here, as a cheap camera sees it, in a file that Chromium takes
for its camera (a row of JPEG pictures, 30 a second, over and over)."""

from __future__ import annotations

import asyncio
import random
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import segno
from playwright.async_api import Browser, Page, Playwright

from tests.browser.handset import FLAGS

PER_SECOND = 30
Shown = Sequence[tuple[float, bytes]]
"""Pictures, each with the second from which it was on the glass; the last ends it."""

# Into the middle of a grey room go two pictures of the glass, the second as far as it has replaced the first.
_SEE = """async ([first, second, share, see]) => {
  const glass = document.createElement('canvas');
  glass.width = see.width; glass.height = see.height;
  const brush = glass.getContext('2d');
  brush.fillStyle = '#777';
  brush.fillRect(0, 0, glass.width, glass.height);
  brush.filter = `blur(${see.blur}px) contrast(${see.contrast})`;
  brush.translate(glass.width / 2, glass.height / 2);
  brush.rotate(see.turned * Math.PI / 180);
  for (const [picture, alpha] of [[first, 1], [second, share]]) {
    if (alpha === 0) continue;
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    const it = await createImageBitmap(new Blob([bytes]));
    const height = see.height * see.fills, width = height * it.width / it.height;
    brush.globalAlpha = alpha;
    brush.drawImage(it, -width / 2, -height / 2, width, height);
  }
  return glass.toDataURL('image/jpeg', 0.8).split(',')[1];
}"""


@dataclass(frozen=True)
class Sees:
    """How good a camera is, and how it is held."""

    width: int = 640
    height: int = 480
    fills: float = 1.2
    """The height of the glass, of the picture's: a phone held so that its code is seen whole is cut off above and
    below."""
    blur: float = 0.7
    """Pixels of the picture, out of focus."""
    contrast: float = 0.8
    turned: float = 3
    """Degrees."""
    pictures: int = 30
    """It really takes a second: fewer in a dark room, and each is then exposed longer."""
    missed: float = 0
    """Of its pictures show nothing: a hand before it, light on the glass."""


def frames_of(message: bytes) -> list[bytes]:
    """What each code holds, written from PROTOCOL.md §3.12 alone."""
    count = -(-len(message) // 221)
    size = -(-len(message) // count)
    head = b"ZF\x01" + sha256(message).digest()[:4]
    return [head + bytes([at, count]) + message[at * size : (at + 1) * size] for at in range(count)]


def picture(frame: bytes) -> bytes:
    """The code of a frame, PNG."""
    png = BytesIO()
    segno.make(frame, mode="byte", error="l", boost_error=False).save(
        png, kind="png", scale=8, border=4
    )
    return png.getvalue()


def shown(frames: Sequence[bytes], pace: float, *, seconds: float) -> Shown:
    """A glass with nothing but the codes on it, `pace` a second."""
    pictures = [picture(frame) for frame in frames]
    return [(n / pace, pictures[n % len(frames)]) for n in range(round(seconds * pace) + 1)]


async def film(page: Page, shown: Shown, sees: Sees, file: Path) -> None:
    """What a camera sees of `shown`. `page` is any page of a browser that may draw."""
    chance = random.Random(1)
    seen: dict[tuple[int, int, float], bytes] = {}
    began, ended = shown[0][0], shown[-1][0]
    frames: list[bytes] = []
    while (opened := began + len(frames) / PER_SECOND) < ended:
        closed = opened + 1 / sees.pictures
        first = max(n for n, (at, _) in enumerate(shown) if at <= opened)
        then = max(n for n, (at, _) in enumerate(shown) if at < closed)
        share = round((closed - shown[then][0]) * sees.pictures, 1) if then > first else 0.0
        if chance.random() < sees.missed:
            share, then = 0.0, -1
        if (first, then, share) not in seen:
            pictures = [b64encode(shown[n][1]).decode() for n in (first, then)]
            look = {**vars(sees), "fills": 0.0001} if then < 0 else vars(sees)
            jpeg = await page.evaluate(_SEE, [*pictures, share, look])
            seen[first, then, share] = b64decode(jpeg)
        frames += [seen[first, then, share]] * (PER_SECOND // sees.pictures)
    await asyncio.to_thread(file.write_bytes, b"".join(frames))


@asynccontextmanager
async def browser_with(playwright: Playwright, program: Path, film: Path) -> AsyncIterator[Browser]:
    """A browser whose camera sees this film, and may be used."""
    browser = await playwright.chromium.launch(
        executable_path=program,
        headless=True,
        args=[
            *FLAGS,
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    yield browser
    await browser.close()
