"""表单: the village's own forms. Upload, look at it as a phone shows it, publish, retire.

What is uploaded is a draft until somebody publishes it; a file that cannot stand is refused with the place of
every fault, and what was published stays as it was.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.forms import Fault, FormError, Label
from server.forms.errors import MESSAGES
from server.forms.upload import MAX_BYTES, Compiled, compile_upload
from server.office import own_preview
from server.office.pages import redirect, render, today
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import OwnForm, Programme, programme, programme_of, with_forms
from server.programme.own import SUBJECTS, faults_of, type_name
from server.registry import FormVersion, KeptForm

REFERABLE = ("household", "child", "person", "helper")
"""Records a question may choose from (`select_one_from_file child.csv`) or look up."""
SUBJECT_WORDS = {"household": "户", "child": "儿童", "village": "网格"}
_SUBJECTS = {
    "": "household", "household": "household", "户": "household", "child": "child", "儿童": "child",
    "village": "village", "村": "village", "网格": "village",
}  # fmt: skip
_YES_NO = {"": False, "no": False, "否": False, "yes": True, "是": True}
_FORM_ID = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_FAULTS = 50
MOST_FORMS = 100
"""A phone gets all that are offered where it works."""


@page("manage_forms")
async def forms(request: Request) -> Response:
    """All own forms; a post uploads one."""
    if request.method == "POST":
        return await _upload(request)
    return await _list(request)


async def _list(request: Request, faults: Sequence[Fault] = (), filename: str = "") -> Response:
    account = account_of(request)
    kept = await registry_of(request).forms(account.village)
    register = await load(registry_of(request), account.village, "grid", "household")
    types = [type_name(account.village, it.name) for it in kept]
    counts = await registry_of(request).counts(account.village, *types)
    context = {
        "forms": [_line(it, register, language_of(request)) for it in kept],
        "counts": {it.name: counts.get(name, 0) for it, name in zip(kept, types, strict=True)},
        "faults": faults[:MOST_FAULTS],
        "more": max(0, len(faults) - MOST_FAULTS),
        "filename": filename,
    }
    return render(request, "own_forms", context, status=422 if faults else 200)


def _line(form: KeptForm, register: Register, language: str) -> dict[str, Any]:
    newest = (form.published or form.versions)[-1]
    return {
        "it": form,
        "title": Label(**newest.form["label"]),
        "about": translate(language, SUBJECT_WORDS[form.subject]),
        "state": _state(form),
        "newest": newest,
        "grids": [register.grid_names.get(code, code) for code in form.grids],
    }


def _state(form: KeptForm) -> str:
    if not form.published:
        return "draft"
    return "retired" if form.retired_at else "published"


async def _upload(request: Request) -> Response:
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _list(request, [_fault("", 0, "", "broken_file")])
    content = await file.read(MAX_BYTES + 1)
    filename = "".join(c for c in file.filename if c.isprintable())[-120:]
    records = {name: [*programme().types[name].fields] for name in REFERABLE}
    try:
        compiled = await asyncio.to_thread(compile_upload, content, records)
    except FormError as refused:
        return await _list(request, refused.faults, filename)
    name = compiled.settings.get("form_id", "")
    held = await registry.forms(account.village)
    kept = next((it for it in held if it.name == name), None)
    subject = _SUBJECTS.get(compiled.settings.get("subject", "").lower())
    volunteer = _YES_NO.get(compiled.settings.get("volunteer", "").lower())
    faults = _of_settings(compiled, kept)
    if kept is None and len(held) >= MOST_FORMS:
        faults.append(_fault("settings", 2, "form_id", "too_many_forms", most=MOST_FORMS))
    faults += faults_of(compiled.form, compiled.rows, _before(account.village, name))
    if faults or subject is None or volunteer is None:
        return await _list(request, faults, filename)
    number = await registry.keep_draft(
        account.village, name, compiled.form, subject=subject, volunteer=volunteer,
        xform=compiled.xform, filename=filename, author=account.name,
    )  # fmt: skip
    await auth.note(account.village, account.id, "upload_form", name, f"{name} {number}")
    return redirect(request, f"/office/forms/{name}", "form_uploaded")


def _before(village: str, name: str) -> OwnForm | None:
    kind = programme_of(village).types.get(type_name(village, name))
    return kind.own if kind else None


def _of_settings(compiled: Compiled, kept: KeptForm | None) -> list[Fault]:
    """What is wrong with the settings sheet; its first row of cells is row 2."""
    said, found = compiled.settings, []
    name = said.get("form_id", "")
    if not name:
        found.append(_fault("settings", 2, "form_id", "missing_form_id"))
    elif not _FORM_ID.fullmatch(name):
        found.append(_fault("settings", 2, "form_id", "bad_form_id", name=name, most=30))
    for column, known, shown in (
        ("subject", _SUBJECTS, "、".join(SUBJECTS)),
        ("volunteer", _YES_NO, "yes、no"),
    ):
        cell = said.get(column, "").lower()
        if cell not in known:
            found.append(_fault("settings", 2, column, "bad_setting", name=cell, known=shown))
    if kept and kept.published and not found:
        if _SUBJECTS[said.get("subject", "").lower()] != kept.subject:
            found.append(_fault("settings", 2, "subject", "fixed_setting", name=kept.subject))
        if _YES_NO[said.get("volunteer", "").lower()] != kept.volunteer:
            was = "yes" if kept.volunteer else "no"
            found.append(_fault("settings", 2, "volunteer", "fixed_setting", name=was))
    return found


def _fault(sheet: str, row: int, column: str, code: str, **values: object) -> Fault:
    return Fault(sheet, row, column, code, MESSAGES[code].filled(**values))


async def kept_form(request: Request) -> KeptForm:
    """The form of the address. Raises `not_found`."""
    name = request.path_params["form"]
    for it in await registry_of(request).forms(account_of(request).village):
        if it.name == name:
            return it
    raise Problem("not_found")


def _version_of(form: KeptForm, wanted: str) -> FormVersion:
    """A version by its number; the draft, else the newest, when none is named."""
    if not wanted:
        return form.versions[-1]
    for it in form.versions:
        if str(it.number) == wanted:
            return it
    raise Problem("not_found")


@page("manage_forms")
async def form(request: Request) -> Response:
    """One form: its versions, where it is offered, and how a phone shows it. A post answers the preview."""
    kept = await kept_form(request)
    data = request.query_params if request.method == "GET" else await request.form()
    version = _version_of(kept, str(data.get("version", "")))
    account, language = account_of(request), language_of(request)
    view, kind = _with_draft(account.village, kept, version)
    register = await load(registry_of(request), account.village)
    context = {
        "title": Label(**version.form["label"]),
        "state_of": _state(kept),
        "form": kept,
        "version": version,
        "all_grids": list(register.grid_names.items()),
        "pages": own_preview.pages(kind, view, data, register, language, today()),
    }
    return render(request, "own_form", context)


def _with_draft(village: str, kept: KeptForm, version: FormVersion) -> tuple[Programme, Any]:
    """A version as a record type, and the programme in which it would stand."""
    own = OwnForm(
        village, kept.name, kept.subject, kept.volunteer, tuple(kept.grids), ("",), False,
        {version.number: version.form},
    )  # fmt: skip
    view = with_forms([own])
    return view, view.types[own.type_name]


@page("manage_forms")
async def publish(request: Request) -> Response:
    """Publish the draft, or offer the form in other grids."""
    kept, account = await kept_form(request), account_of(request)
    data = await request.form()
    chosen = await _grids(request, data.getlist("grid"))
    if data.get("where") == "some" and not chosen:
        return redirect(request, f"/office/forms/{kept.name}", "form_without_grid")
    grids = chosen if data.get("where") == "some" else []
    where = "、".join(grids) or "*"
    if data.get("publish") == "1":
        if kept.draft is None or str(kept.draft.uploaded_at) != data.get("draft"):
            return redirect(request, f"/office/forms/{kept.name}", "form_changed")
        await registry_of(request).publish(account.village, kept.name, kept.draft.number, grids)
        details = f"{kept.name} {kept.draft.number} · {where}"
        await auth_of(request).note(account.village, account.id, "publish_form", kept.name, details)
        return redirect(request, f"/office/forms/{kept.name}", "form_published")
    if not kept.published:
        raise Problem("not_found")
    await registry_of(request).offer(account.village, kept.name, grids)
    await auth_of(request).note(
        account.village, account.id, "offer_form", kept.name, f"{kept.name} · {where}"
    )
    return redirect(request, f"/office/forms/{kept.name}", "saved")


async def _grids(request: Request, asked: Sequence[Any]) -> list[str]:
    """The grids of the village among those asked for."""
    village = account_of(request).village
    register = await load(registry_of(request), village, "grid", "household")
    return [code for code in register.grid_names if code in asked]


@page("manage_forms")
async def retire(request: Request) -> Response:
    """Offer a form nowhere any more, or again. What was recorded stays."""
    kept, account = await kept_form(request), account_of(request)
    if not kept.published:
        raise Problem("not_found")
    retired = not kept.retired_at
    await registry_of(request).offer(account.village, kept.name, kept.grids, retired=retired)
    await auth_of(request).note(
        account.village, account.id, "retire_form" if retired else "reopen_form", kept.name,
        kept.name,
    )  # fmt: skip
    flash = "form_retired" if retired else "form_reopened"
    return redirect(request, f"/office/forms/{kept.name}", flash)


@page("manage_forms")
async def discard(request: Request) -> Response:
    """Throw a draft away."""
    kept, account = await kept_form(request), account_of(request)
    if kept.draft is None:
        raise Problem("not_found")
    await registry_of(request).drop_draft(account.village, kept.name)
    await auth_of(request).note(
        account.village, account.id, "discard_form", kept.name, f"{kept.name} {kept.draft.number}"
    )
    back = f"/office/forms/{kept.name}" if kept.published else "/office/forms"
    return redirect(request, back, "form_discarded")


@page("manage_forms")
async def xform(request: Request) -> Response:
    """A version as standard XForm XML, for ODK Collect, Kobo and their kin."""
    kept = await kept_form(request)
    version = _version_of(kept, request.path_params["version"])
    text = await registry_of(request).xform(account_of(request).village, kept.name, version.number)
    headers: Mapping[str, str] = {
        "Content-Disposition": f'attachment; filename="{kept.name}-{version.number}.xml"',
        "Cache-Control": "no-store",
    }
    return Response(text, media_type="application/xml", headers=headers)
