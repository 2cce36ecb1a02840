"""A file of sealed boxes that somebody brought by hand: taken in as if the phone itself had sent it."""

from collections import Counter

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.carry import Taken, read_boxes, take_in
from server.errors import Problem
from server.office.pages import render
from server.office.security import account_of, auth_of, page, registry_of
from server.registry import now_ms

MAX_BYTES = 8_000_000


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
    results = await take_in(auth, registry_of(request), village, boxes, now_ms())
    taken = Counter(results)
    await auth.note(village, account.id, "carry", f"{taken[Taken.STORED]}/{len(results)}")
    context = {
        "stored": taken[Taken.STORED],
        "waits": taken[Taken.WAITS],
        "unopened": taken[Taken.UNOPENED] + taken[Taken.UNKNOWN],
    }
    return render(request, "carry", {"taken": context, "problem": ""})


def _refused(request: Request, problem: str) -> Response:
    return render(request, "carry", {"taken": None, "problem": problem}, status=422)
