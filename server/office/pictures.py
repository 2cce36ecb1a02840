"""The bytes of a picture or a recording, reached through the record that names them and never by their hash alone.
Every look is noted."""

from starlette.requests import Request
from starlette.responses import Response

from server.blobs import Blobs
from server.errors import Problem
from server.forms.media import MEDIA_TYPES
from server.office.attachments import seen
from server.office.records import hidden_fields, row_of
from server.office.security import account_of, auth_of, page, registry_of
from server.programme.attachments import consents, pictured_child

POLICY = "sandbox; default-src 'none'"
"""What came from a phone is drawn and nothing else, whatever it claims to be."""


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
