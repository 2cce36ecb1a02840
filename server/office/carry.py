"""A file of sealed boxes that somebody brought by hand: taken in as if the phone itself had sent it, and a receipt
for the phone to take home, as a picture, a link or a file."""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import segno
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.carry import Receipt, Taken, file_of, read_boxes, take_in
from server.errors import Problem
from server.office.pages import render
from server.office.people import origin_of
from server.office.security import account_of, auth_of, page, registry_of
from server.registry import now_ms

MAX_BYTES = 8_000_000
RECEIPT_PATH = "/app/#/carry/"
LONGEST_CODE = 800
"""Letters of a link that a cheap camera still reads as a QR code; a longer one goes as a file."""


@page("manage_phones")
async def carry(request: Request) -> Response:
    """Choose a file; a post takes it in and says what became of each record."""
    if request.method != "POST":
        return render(request, "carry", {"taken": None, "problem": ""})
    account = account_of(request)
    file = (await request.form()).get("file")
    content = await file.read(MAX_BYTES + 1) if isinstance(file, UploadFile) else b""
    try:
        if len(content) > MAX_BYTES:
            raise Problem("too_large", at_most=MAX_BYTES)
        village, boxes = read_boxes(msgspec.json.decode(content))
    except (msgspec.DecodeError, UnicodeDecodeError, Problem):
        return _refused(request, "这不是手机存出来的密封文件，请选手机上“存成文件”得到的那个。")
    if village != account.village:
        return _refused(request, "这个文件是别的村的手机存的，请带到那个村的办公室。")
    auth = auth_of(request)
    brought = await take_in(auth, registry_of(request), village, boxes, now_ms())
    taken = Counter(brought.results)
    await auth.note(village, account.id, "carry", f"{taken[Taken.STORED]}/{len(brought.results)}")
    context = {
        "stored": taken[Taken.STORED],
        "waits": taken[Taken.WAITS],
        "unopened": taken[Taken.UNOPENED] + taken[Taken.UNKNOWN],
        "receipts": await _shown(request, village, brought.receipts),
        "file": b64encode(msgspec.json.encode(file_of(village, brought.receipts))).decode(),
        "file_name": f"zoufang-{village}-receipt.json",
    }
    return render(request, "carry", {"taken": context, "problem": ""})


async def _shown(
    request: Request, village: str, receipts: Sequence[Receipt]
) -> list[dict[str, Any]]:
    """Whose phone each receipt is for, and its code to scan."""
    auth = auth_of(request)
    names = {it.id: it.name for it in await auth.accounts(village)}
    phones = {it.id: it for it in await auth.devices(village)}
    shown = []
    for receipt in receipts:
        phone = phones[receipt.device]
        link = f"{origin_of(request)}{RECEIPT_PATH}{receipt.text}"
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
                "link": link,
                "qr": Markup(picture),
            }
        )
    return shown


def _refused(request: Request, problem: str) -> Response:
    return render(request, "carry", {"taken": None, "problem": problem}, status=422)
