"""空白表与导出: every form of the programme as paper, as standard XForm, as a blank Excel sheet, and its records as tables.

Who may export may do all of it, and sees no more than their role reads. What leaves with answers is noted.
"""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.forms.standard import standard
from server.office import paper, tabular, values
from server.office.downloads import attachment
from server.office.fill_in import BY_ROSTER
from server.office.pages import render, today
from server.office.record_file import words_of
from server.office.records import hidden_fields, row_of
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.office.work.writing import answer_with
from server.programme import RecordType, may_write, programme, programme_of, projection_of
from server.programme.xform import xform_of
from server.registry import Row

ALSO = {"inventory_item": ("stock",), "roster_slot": ("duty_done",)}
"""Types whose records a computed column counts."""
NAMED = ("household", "person", "child", "helper", "place", "activity", "donor", "grid", "plan")
"""Types that references point to, for their names."""


def kind_of(request: Request) -> RecordType:
    """The type of the address, if this role reads any of it. Raises `not_found` and `not_allowed`."""
    kind = programme_of(account_of(request).village).types.get(request.path_params["type"])
    if kind is None:
        raise Problem("not_found")
    if not projection_of(account_of(request).role, kind.name):
        raise Problem("not_allowed")
    return kind


@page("export")
async def forms(request: Request) -> Response:
    """What there is, with what can be had of each."""
    account, language = account_of(request), language_of(request)
    kinds = [
        it
        for it in programme_of(account.village).types.values()
        if projection_of(account.role, it.name)
    ]
    rows = await registry_of(request).rows(account.village, *(it.name for it in kinds))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.type] = counts.get(row.type, 0) + 1
    lines = [
        {
            "name": it.name,
            "words": values.label(it, language),
            "kind": it.kind,
            "fields": sum(not field.derived for field in it.fields.values()),
            "records": counts.get(it.name, 0),
            "in": _way_in(it, account.role) if request.state.can["import"] else "",
        }
        for it in kinds
    ]
    groups = [
        (words, [line for line in lines if line["kind"] == kind])
        for kind, words in (("entity", "档案"), ("event", "记录"))
    ]
    return render(request, "forms_out", {"groups": groups})


def _way_in(kind: RecordType, role: str) -> str:
    """Where a filled template of a form is taken in; "" for one this role does not write."""
    if kind.name in BY_ROSTER:
        return "/office/import"
    if not may_write(role, kind.name) or (kind.own is not None and kind.own.retired):
        return ""
    return f"/office/programme/{kind.name}/import"


@page("export")
async def blank(request: Request) -> Response:
    """An empty sheet to fill in by hand."""
    kind, language = kind_of(request), language_of(request)
    hidden = hidden_fields(account_of(request).role, kind.name)
    context = {
        "title": values.label(kind, language), "blank": True, "about": [], "signed": "", "lists":
        paper.long_lists(kind, language, hidden), "back": "/office/programme", "is_masked": False,
        "is_event": kind.kind == "event", "is_household": kind.name == "household",
        "parts": paper.parts_of(kind, language, hidden=hidden),
    }  # fmt: skip
    return render(request, "paper", context)


@page("export")
async def filled(request: Request) -> Response:
    """A record on its form. Identity numbers are masked; asked for by a post they are whole, and that is noted."""
    account, language = account_of(request), language_of(request)
    row = await row_of(request)
    whole = request.method == "POST"
    if whole and not request.state.can["see_id_number"]:
        raise Problem("not_allowed")
    kind = programme().form_of(row.type, row.fields) or programme().types[row.type]
    register = await load(registry_of(request), account.village)
    hidden = hidden_fields(account.role, row.type)

    def say(name: str, value: Any) -> str:
        return words_of(value, kind.fields.get(name), register, language, whole=whole)

    secret = any(values.is_secret(kind.fields.get(name)) for name in row.fields)
    await auth_of(request).note(account.village, account.id, "print_form", row.id)
    if whole and secret:
        await auth_of(request).note(account.village, account.id, "see_id_number", row.id)
    context = {
        "title": values.label(kind, language), "blank": False, "lists": [],
        "about": _about(row, register, language), "signed": text_of(row.fields, "recorded_by"),
        "back": f"/office/records/{row.id}", "is_event": kind.kind == "event",
        "is_masked": secret and not whole,
        "parts": paper.parts_of(kind, language, answers=row.fields, say=say, hidden=hidden),
    }  # fmt: skip
    return render(request, "paper", context)


def _about(row: Row, register: Register, language: str) -> list[tuple[str, str]]:
    """Whose sheet this is: grid, household, child, number."""
    household = register.household_of(row)
    child = row if row.type == "child" else register.rows.get(text_of(row.fields, "child_id"))
    fields = household.fields if household else {}
    grid = text_of(fields, "grid_code")
    told = [
        ("网格", register.grid_names.get(grid, grid)),
        ("户号", text_of(fields, "household_no")),
        ("户主", text_of(fields, "head_name")),
        ("儿童", register.name_of(child)),
        ("档案号", text_of(child.fields, "file_no") if child else ""),
    ]
    said = [(translate(language, words), value) for words, value in told if value]
    return said or [(translate(language, "编号"), row.id[:12])]


@page("export")
async def xform(request: Request) -> Response:
    """The form as standard XForm XML, for any tool of the field."""
    kind, village = kind_of(request), account_of(request).village
    if kind.own is not None:
        kept = await registry_of(request).xform(village, kind.own.name, kind.own.newest)
        if kept is None:
            raise Problem("not_found")
        content = await run_in_threadpool(standard, kept)
    else:
        content = await run_in_threadpool(xform_of, kind.name)
    return attachment(content, f"{kind.name}.xml", "application/xml")


@page("export")
async def template(request: Request) -> Response:
    """The form as a blank Excel sheet."""
    kind, language, account = kind_of(request), language_of(request), account_of(request)
    register = await load(registry_of(request), account.village, "grid", "household")
    hidden = hidden_fields(account.role, kind.name)
    made = await run_in_threadpool(
        lambda: tabular.template(
            kind, language, grids=list(register.grid_names.values()), hidden=hidden
        )
    )
    return attachment(made, f"zoufang-{kind.name}-template.xlsx")


@page("export")
async def data(request: Request) -> Response:
    """The records of one form, with codes and labels. Noted in the audit."""
    kind, language, account = kind_of(request), language_of(request), account_of(request)
    form = request.path_params["form"]
    whole = (await request.form()).get("whole") == "1"
    if form not in ("xlsx", "csv"):
        raise Problem("not_found")
    if whole and not request.state.can["see_id_number"]:
        raise Problem("not_allowed")
    register = await load(
        registry_of(request), account.village, *dict.fromkeys((kind.name, *NAMED, *ALSO.get(kind.name, ())))
    )  # fmt: skip
    rows = register.kind(kind.name)
    hidden = hidden_fields(account.role, kind.name)
    about = translate(language, "截至 %(day)s，共 %(n)s 条", day=today(), n=len(rows))
    sheets = await run_in_threadpool(
        lambda: tabular.data_sheets(
            kind, rows, register, language, hidden=hidden, whole=whole, about=about
        )
    )
    auth = auth_of(request)
    await auth.note(account.village, account.id, "export", kind.name, f"{len(rows)}")
    if whole and any(values.is_secret(it) for it in kind.fields.values()):
        await auth.note(account.village, account.id, "see_id_number", kind.name, f"{len(rows)}")
    name = f"zoufang-{kind.name}-{today()}.{form}"
    if form == "csv":
        return await answer_with(request, name, sheets[:1], "csv")
    return await answer_with(request, name, sheets)
