"""Everything of a village in one file: a workbook for each form with all its records, for whoever answers for them.

A zip of what 空白表与导出 gives form by form; identity numbers are masked unless asked for, and it is noted.
"""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import tabular, values
from server.office.pages import today
from server.office.records import hidden_fields
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.office.work.writing import Book, answer_with
from server.programme import RecordType, programme_of, projection_of


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
    books = _books(kinds, register, account.role, language, today(), whole)
    count = sum(len(register.kind(it.name)) for it in kinds)
    auth = auth_of(request)
    await auth.note(account.village, account.id, "export_all", "", f"{count}")
    if whole:
        await auth.note(account.village, account.id, "see_id_number", "export_all", f"{count}")
    filename = f"zoufang-{account.village}-{today()}.zip"
    return await answer_with(request, filename, books, "zip", action="export_all")


def _books(
    kinds: list[RecordType], register: Register, role: str, language: str, day: str, whole: bool
) -> list[Book]:
    """A workbook for each form that has records, and a list of them all."""
    made, listed = [], [translate(language, "截至 %(day)s", day=day)]
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
        made.append(Book(f"{kind.name}.xlsx", sheets))
    return [*made, Book("README.txt", text="\r\n".join(listed))]
