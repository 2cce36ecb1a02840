"""The bytes of pictures and recordings, reached through the records that name them and never by their hash alone.
Every look is noted."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO
from zipfile import ZipFile

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.blobs import Blobs
from server.errors import Problem
from server.forms.media import MEDIA_TYPES
from server.office.attachments import seen, shown_of
from server.office.own_records import EVERY_ROW, asked_for
from server.office.pages import today
from server.office.records import hidden_fields, row_of
from server.office.security import account_of, auth_of, page, registry_of
from server.programme.attachments import consents, pictured_child

POLICY = "sandbox; default-src 'none'"
"""What came from a phone is drawn and nothing else, whatever it claims to be."""

MOST_PACKED = 200 * 1024 * 1024
"""Bytes of one archive; more is asked for with narrower filters."""
PIECE = 256 * 1024


@page("read_records")
async def picture(request: Request) -> Response:
    """One answer's bytes. Raises `no_record` also while they are still on the phone, `no_photo_consent`."""
    row, account = await row_of(request), account_of(request)
    path = request.path_params["field"]
    hidden = hidden_fields(account.role, row.type)
    found = next((it for it in seen(row, hidden) if it.path == path), None)
    if found is None:
        raise Problem("no_record")
    is_picture = found.field.type == "image"
    if is_picture and (child := pictured_child(row.type, row.id, row.fields)):
        file = await registry_of(request).row(account.village, child)
        if file is None or not consents(file.fields, file.contested):
            raise Problem("no_photo_consent")
    content = await Blobs(registry_of(request).database).content(account.village, found.name)
    if content is None:
        raise Problem("no_record")
    await auth_of(request).note(account.village, account.id, "see_picture", row.id, path)
    headers = {
        "Content-Disposition": f'{"inline" if is_picture else "attachment"}; filename="{found.name}"',
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
    }
    kind = MEDIA_TYPES[found.name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers=headers)


@page("export")
async def archive(request: Request) -> Response:
    """The pictures and recordings of a form's list, with its filters, as one file; each is called as in the Excel.
    What lacks consent or is still on a phone is not in it. Noted. Raises `too_many_pictures`."""
    found = await asked_for(request, await request.form(), rows=EVERY_ROW)
    account, blobs = account_of(request), Blobs(registry_of(request).database)
    rows = [line.row for line in found.page.rows]
    hidden = hidden_fields(account.role, found.kind.name)
    shown = await shown_of(request, rows, found.register, hidden)
    names = {
        it.name
        for fields in shown.values()
        for of_field in fields.values()
        for it in of_field
        if it.state == "here"
    }
    with ExitStack() as opened:
        packed = opened.enter_context(tempfile.TemporaryFile())
        with ZipFile(packed, "w") as file:
            for name in sorted(names):
                file.writestr(name, await blobs.content(account.village, name) or b"")
                if packed.tell() > MOST_PACKED:
                    raise Problem("too_many_pictures", at_most=MOST_PACKED // 1024 // 1024)
        await auth_of(request).note(
            account.village, account.id, "export", found.kind.name, f"{len(names)}"
        )
        sending = opened.pop_all()
    filename = f"zoufang-{request.path_params['form']}-{today()}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Content-Length": str(packed.tell()),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(
        _pieces(packed),
        media_type="application/zip",
        headers=headers,
        background=BackgroundTask(sending.close),
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
