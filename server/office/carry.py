"""Files of sealed boxes that somebody brought by hand, and what a phone showed to the camera: taken in as if the phone itself had sent them, and a receipt
for the phone to take home, as a picture, a link or a file. A phone with much to bring writes several; they come in any
order, so one that waits for an earlier one is kept here until that comes."""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec
import segno
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.carry import (
    MAX_FILE_BOXES,
    Receipt,
    Taken,
    file_of,
    read_boxes,
    read_packed,
    take_in,
    take_packed,
)
from server.carry.message import MAGIC
from server.errors import Problem
from server.office.pages import render
from server.office.people import origin_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.uploads import Uploads
from server.registry import now_ms

MAX_BYTES = 8_000_000
"""Of one file."""
RECEIPT_PATH = "/app/#/carry/"
LONGEST_CODE = 800
"""Letters of a link that a cheap camera still reads as a QR code; a longer one goes as a file."""


CAMERA = {"Permissions-Policy": "geolocation=(), camera=(self), microphone=()"}
"""This page alone may ask for the camera."""


@dataclass(frozen=True)
class _Held:
    """What is in a file: boxes, or what a screen's codes carried."""

    village: str
    boxes: Sequence[bytes] = field(default_factory=list)
    packed: bytes = b""


@page("manage_phones")
async def carry(request: Request) -> Response:
    """Choose files; a post takes them in and says what became of each record."""
    if request.method != "POST":
        return _answer(request, {"taken": None, "problem": ""})
    account = account_of(request)
    village, waiting = account.village, _waiting(request)
    brought = [it for it in (await request.form()).getlist("file") if isinstance(it, UploadFile)]
    try:
        files = {await _content(it): it.filename or "" for it in brought}
        if not files:
            raise Problem("bad_json")
        for name, _ in await waiting.waiting():
            if kept := await waiting.get(name):
                files.setdefault(*kept)
        read = {content: _read(content) for content in files}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, Problem):
        return _refused(request, "这不是手机存出来的密封文件，请选手机上“存成文件”得到的那个。")
    if any(held.village != village for held in read.values()):
        return _refused(request, "这是别的村的手机存的，请带到那个村的办公室。")
    auth, registry = auth_of(request), registry_of(request)
    boxes = [box for held in read.values() for box in held.boxes]
    found = await take_in(auth, registry, village, boxes, now_ms(), by_hand=True)
    of_boxes, receipts, taken = iter(found.results), found.receipts, Counter[Taken]()
    for content, held in read.items():
        became = [next(of_boxes) for _ in held.boxes]
        if held.packed:
            one = await take_packed(auth, registry, village, held.packed, now_ms())
            became += one.results
            receipts += one.receipts
        if Taken.WAITS in became:
            await waiting.put(content, files[content])
        else:
            await waiting.forget(sha256(content).hexdigest())
        taken.update(became)
    await auth.note(village, account.id, "carry", f"{taken[Taken.STORED]}/{taken.total()}")
    context = {
        "stored": taken[Taken.STORED],
        "waits": taken[Taken.WAITS],
        "unopened": taken[Taken.UNOPENED] + taken[Taken.UNKNOWN],
        "receipts": await _shown(request, village, receipts),
        "file": b64encode(msgspec.json.encode(file_of(village, receipts))).decode(),
        "file_name": f"zoufang-{village}-receipt.json",
    }
    return _answer(request, {"taken": context, "problem": ""})


def _waiting(request: Request) -> Uploads:
    """Files with records that wait for earlier ones; sealed as they are, and gone after a day."""
    return Uploads(request.app.state.settings.data / "carried", account_of(request).village)


async def _content(file: UploadFile) -> bytes:
    content = await file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Problem("too_large", at_most=MAX_BYTES)
    return content


def _read(content: bytes) -> _Held:
    body = msgspec.json.decode(content)
    if isinstance(body, dict) and "packed" in body:
        village, packed = read_packed(body)
        return _Held(village, packed=packed)
    return _Held(*read_boxes(body, MAGIC, MAX_FILE_BOXES))


async def _shown(
    request: Request, village: str, receipts: Sequence[Receipt]
) -> list[dict[str, Any]]:
    """Whose phone each receipt is for, and its code to scan. What is odd about answers is left out of a code that it
    would make too dense; the file has it."""
    auth = auth_of(request)
    names = {it.id: it.name for it in await auth.accounts(village)}
    phones = {it.id: it for it in await auth.devices(village)}
    origin, shown = origin_of(request), []
    for receipt in receipts:
        phone = phones[receipt.device]
        whole, brief = (f"{origin}{RECEIPT_PATH}{text}" for text in (receipt.text, receipt.brief))
        link = whole if len(whole) <= LONGEST_CODE else brief
        picture = ""
        if len(link) <= LONGEST_CODE:
            picture = segno.make(link, error="l").svg_inline(
                border=2, omitsize=True, svgclass="qr", lineclass=None
            )
        shown.append(
            {
                "name": names.get(phone.account, ""),
                "phone": phone.label,
                "ops": receipt.ops,
                "link": whole,
                "qr": Markup(picture),
                "left_out": receipt.findings if picture and link != whole else 0,
            }
        )
    return shown


def _refused(request: Request, problem: str) -> Response:
    return _answer(request, {"taken": None, "problem": problem}, status=422)


def _answer(request: Request, context: dict[str, Any], status: int = 200) -> Response:
    told = {**context, "village": account_of(request).village}
    return render(request, "carry", told, status=status, headers=CAMERA)
