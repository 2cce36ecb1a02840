"""Files of sealed boxes that somebody brought by hand: taken in as if the phone itself had sent them, and a receipt
for the phone to take home, as a picture, a link or a file. A phone with much to bring writes several; they come in any
order, so one that waits for an earlier one is kept here until that comes."""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
import segno
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.carry import MAX_FILE_BOXES, Receipt, Taken, file_of, read_boxes, take_in
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


@page("manage_phones")
async def carry(request: Request) -> Response:
    """Choose files; a post takes them in and says what became of each record."""
    if request.method != "POST":
        return render(request, "carry", {"taken": None, "problem": ""})
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
    if any(of != village for of, _ in read.values()):
        return _refused(request, "这个文件是别的村的手机存的，请带到那个村的办公室。")
    auth = auth_of(request)
    boxes = [box for _, held in read.values() for box in held]
    found = await take_in(auth, registry_of(request), village, boxes, now_ms(), by_hand=True)
    results = iter(found.results)
    for content, (_, held) in read.items():
        if Taken.WAITS in [next(results) for _ in held]:
            await waiting.put(content, files[content])
        else:
            await waiting.forget(sha256(content).hexdigest())
    taken = Counter(found.results)
    await auth.note(village, account.id, "carry", f"{taken[Taken.STORED]}/{len(found.results)}")
    context = {
        "stored": taken[Taken.STORED],
        "waits": taken[Taken.WAITS],
        "unopened": taken[Taken.UNOPENED] + taken[Taken.UNKNOWN],
        "receipts": await _shown(request, village, found.receipts),
        "file": b64encode(msgspec.json.encode(file_of(village, found.receipts))).decode(),
        "file_name": f"zoufang-{village}-receipt.json",
    }
    return render(request, "carry", {"taken": context, "problem": ""})


def _waiting(request: Request) -> Uploads:
    """Files with records that wait for earlier ones; sealed as they are, and gone after a day."""
    return Uploads(request.app.state.settings.data / "carried", account_of(request).village)


async def _content(file: UploadFile) -> bytes:
    content = await file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Problem("too_large", at_most=MAX_BYTES)
    return content


def _read(content: bytes) -> tuple[str, list[bytes]]:
    return read_boxes(msgspec.json.decode(content), MAGIC, MAX_FILE_BOXES)


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
    return render(request, "carry", {"taken": None, "problem": problem}, status=422)
