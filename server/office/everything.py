"""Everything of a village in one file: a workbook for each form with all its records, for whoever answers for them.

A zip of what 空白表与导出 gives form by form; identity numbers are masked unless asked for, and it is noted.
"""

import io
import zipfile
from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import export, tabular, values
from server.office.pages import today
from server.office.records import hidden_fields
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import RecordType, programme_of, projection_of

ZIP = "application/zip"


@page("export_all")
async def everything(request: Request) -> Response:
    """The zip, and a line in the audit of how many records were in it."""
    account, language = account_of(request), language_of(request)
    whole = (await request.form()).get("whole") == "1"
    if whole and not request.state.can["see_id_number"]:
        raise Problem("not_allowed")
    kinds = [
        it
        for it in programme_of(account.village).types.values()
        if projection_of(account.role, it.name)
    ]
    register = await load(registry_of(request), account.village, *(it.name for it in kinds))
    content = await run_in_threadpool(
        _zipped, kinds, register, account.role, language, today(), whole
    )
    count = sum(len(register.kind(it.name)) for it in kinds)
    auth = auth_of(request)
    await auth.note(account.village, account.id, "export_all", "", f"{count}")
    if whole:
        await auth.note(account.village, account.id, "see_id_number", "export_all", f"{count}")
    headers = {
        "Content-Disposition": f'attachment; filename="zoufang-{account.village}-{today()}.zip"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=ZIP, headers=headers)


def _zipped(
    kinds: list[RecordType], register: Register, role: str, language: str, day: str, whole: bool
) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as file:  # workbooks are packed already
        for name, content in _files(kinds, register, role, language, day, whole):
            file.writestr(name, content)
    return output.getvalue()


def _files(
    kinds: list[RecordType], register: Register, role: str, language: str, day: str, whole: bool
) -> Iterator[tuple[str, bytes]]:
    """A workbook for each form that has records, and a list of them all."""
    listed = [translate(language, "截至 %(day)s", day=day)]
    for kind in kinds:
        rows = register.kind(kind.name)
        listed.append(f"{kind.name}.xlsx  {values.label(kind, language)}  {len(rows)}")
        if not rows:
            continue
        about = translate(language, "截至 %(day)s，共 %(n)s 条", day=day, n=len(rows))
        hidden = hidden_fields(role, kind.name)
        sheets = tabular.data_sheets(
            kind, rows, register, language, hidden=hidden, whole=whole, about=about
        )
        yield f"{kind.name}.xlsx", export.workbook(sheets)
    yield "README.txt", "\r\n".join(listed).encode("utf-8-sig")
