"""Editing in the office: the programme's own form, one section at a time, and new records.

A stale form is no error: what its owner typed becomes an op with the base the form was opened with,
and if somebody else changed the same field meanwhile both values stand (decision 13).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.forms import Label
from server.forms.evaluate import Context, holds
from server.forms.validate import Finding, validate
from server.office import edit_form, values
from server.office.choosing import choices_of
from server.office.judging import is_demo
from server.office.pages import redirect, render, today
from server.office.records import hidden_fields, row_of
from server.office.register import ENTITIES, Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.programme import Field, RecordType, may_write, programme
from server.registry import Row, now_ms, short_id, uuid7
from sync import Change, RecordId

REFRESH, REVEAL = "refresh", "reveal"
FROM_CONTEXT = ("household_id", "child_id")
WHOSE = Label("请选是哪个孩子。", "Please say which child.")


@page("edit_records")
async def edit(request: Request) -> Response:
    """One section of a record's form."""
    row = await row_of(request)
    account = account_of(request)
    kind = programme().types[row.type]
    section = request.path_params["section"]
    fields = _open(edit_form.fields_of(kind, section, hidden_fields(account.role, row.type)))
    if not fields or kind.kind == "event" or not may_write(account.role, row.type):
        raise Problem("not_found")
    register = await _register(request, kind)
    frame = {
        "record": row.id,
        "of": register.name_of(row) or values.label(kind, language_of(request)),
        "type": kind,
        "title": next(
            values.label(it, language_of(request)) for it in kind.sections if it.name == section
        ),
        "action": f"/office/records/{row.id}/edit/{section}",
        "back": f"/office/records/{row.id}",
    }
    may_see = bool(request.state.can["see_id_number"])
    if request.method != "POST":
        secrets = edit_form.secrets_of(fields, row.fields, None, may_see=may_see)
        opened = edit_form.Posted(row.fields, seen=row.fields, base=row.rev)
        return _form(
            request, kind, fields, opened, register, frame, whole=row.fields, row=row,
            secrets=secrets,
        )  # fmt: skip

    form = await request.form()
    secrets = edit_form.secrets_of(fields, row.fields, form, may_see=may_see)
    typed = [it for it in fields if it.name not in secrets]
    it = edit_form.posted(form, typed, short_id)
    whole = {**row.fields, **it.values}
    if REVEAL in form and may_see:
        await auth_of(request).note(account.village, account.id, "see_id_number", row.id)
        asked = {name: row.fields[name] for name in secrets}
        it = edit_form.Posted({**it.values, **asked}, it.unreadable, {**it.seen, **asked}, it.base)
        return _form(request, kind, fields, it, register, frame, whole=whole, row=row)
    changed = edit_form.changes(typed, it, short_id)
    findings = _findings(kind, typed, whole, changed, register, request)
    if _is_open(form, it, findings):
        return _form(
            request, kind, fields, it, register, frame, whole=whole, row=row, secrets=secrets,
            findings=findings if REFRESH not in form else [],
        )  # fmt: skip
    if not changed:
        return redirect(request, f"/office/records/{row.id}", "unchanged")
    return await _save(request, row.id, row.type, it.base, changed)


@page("edit_records")
async def new(request: Request) -> Response:
    """A new record of a type, about the child or household in the address; about a child chosen in the form where the
    address names none. An event is written down once: afterwards it is corrected by another, never edited."""
    account = account_of(request)
    name = request.path_params["type"]
    kind = programme().types.get(name)
    if kind is None or kind.own is not None or not may_write(account.role, name):
        raise Problem("not_found")
    register = await _register(request, kind)
    about = {key: request.query_params.get(key, "") for key in FROM_CONTEXT}
    about = {key: id for key, id in about.items() if id and key in kind.fields}
    if any(id not in register.rows for id in about.values()):
        raise Problem("no_record")
    asked = ("child_id",) if "child_id" in kind.fields and not about else ()
    fields = _open(edit_form.fields_of(kind, None, hidden_fields(account.role, name)), asked)
    language = language_of(request)
    query = "".join(f"?{key}={id}" for key, id in about.items())
    back = next(iter(about.values()), "")
    frame = {
        "record": back,
        "of": register.name_of(register.rows.get(back)),
        "type": kind,
        "title": f"＋ {values.label(kind, language)}",
        "action": f"/office/records/new/{name}{query}",
        "back": f"/office/records/{back}" if back else "/office/households",
    }
    if request.method != "POST":
        given = {it.name: request.query_params.get(it.name, "") for it in fields if it.ref}
        there = {name: id for name, id in given.items() if id in register.rows}
        start = {**_defaults(fields), **there, **about}
        opened = edit_form.Posted(start, seen={})
        return _form(request, kind, fields, opened, register, frame, whole=start, id=uuid7())

    form = await request.form()
    it = edit_form.posted(form, fields, short_id)
    known = _known(kind, {**it.values, **about}, register)
    lost = {"child_id": WHOSE} if asked and not known.get("child_id") else {}
    it = edit_form.Posted({**it.values, **known}, {**it.unreadable, **lost}, {}, 0)
    changed = {**edit_form.changes(fields, it, short_id), **known}
    findings = _findings(kind, fields, it.values, changed, register, request)
    id = str(form.get("id", ""))
    known_id = bool(re.fullmatch(r"[0-9a-f]{32}", id))
    held = await registry_of(request).row(account.village, id) if known_id else None
    if held is not None and held.type == name:  # the button was pressed twice
        return redirect(request, f"/office/records/{id}", "saved")
    if held is not None or not known_id:
        id = uuid7()
    # A record without a single word of its own would be a ghost in every list.
    if _is_open(form, it, findings) or not set(changed) - set(known):
        return _form(
            request, kind, fields, it, register, frame, whole=it.values, id=id,
            findings=findings if REFRESH not in form else [],
        )  # fmt: skip
    return await _save(request, id, name, 0, {"present": True, **changed})


def _open(fields: Sequence[Field], asked: Collection[str] = ()) -> list[Field]:
    """The fields the form asks for. Whom a record is about comes from the address, or is one of `asked`; the rest of its
    frame is the server's, and what a form does not show it does not clear."""
    return [it for it in fields if "context" not in it.appearance.split() or it.name in asked]


async def _register(request: Request, kind: RecordType) -> Register:
    """What the form's choices are taken from."""
    pointed = {it.ref for it in kind.fields.values() if it.ref}
    types = dict.fromkeys((*ENTITIES, *sorted(pointed - {kind.name})))
    return await load(registry_of(request), account_of(request).village, *types)


def _known(kind: RecordType, said: Mapping[str, Any], register: Register) -> dict[str, str]:
    """Whom a new record is about: the child and, where the type asks for it, the child's household."""
    child = register.rows.get(str(said.get("child_id") or ""))
    home = str(
        said.get("household_id") or (child.fields.get("household_id") if child else "") or ""
    )
    found = {"child_id": child.id if child and child.type == "child" else "", "household_id": home}
    return {name: id for name, id in found.items() if id and name in kind.fields}


async def _save(
    request: Request, id: str, type_name: str, base: int, changed: Mapping[str, Any]
) -> Response:
    account = account_of(request)
    device = await auth_of(request).office_device(account)
    change = Change(RecordId(id), type_name, base, changed)
    committed = await registry_of(request).commit(
        account.village, device, [[change]], author=account.name
    )
    contested = any(said["verdict"] in ("conflict", "held") for said in committed.verdicts)
    return redirect(request, f"/office/records/{id}", "saved_contested" if contested else "saved")


def _is_open(form: FormData, it: edit_form.Posted, findings: Sequence[Finding]) -> bool:
    """Whether the form stays open: it was only redrawn, a value cannot be read, or something is odd and
    the person has not said to save it anyway."""
    if REFRESH in form and "save" not in form:
        return True
    return bool(it.unreadable) or (bool(findings) and form.get("save") != "anyway")


def _findings(
    kind: RecordType,
    fields: Sequence[Field],
    whole: Mapping[str, Any],
    changed: Mapping[str, Any],
    register: Register,
    request: Request,
) -> list[Finding]:
    """What is odd about the answers just given. Empty required fields are asked for on the file page;
    they never keep the rest from being saved."""
    names = {it.name for it in fields} & {key.partition("/")[0] for key in changed}
    demo = is_demo(account_of(request).village)
    found = validate(kind.form, whole, Context(whole, today()), lists=_codes(), demo=demo)
    return [it for it in found if it.field in names and it.code != "required"]


def _codes() -> Mapping[str, Sequence[str]]:
    return {
        name: [choice.name for choice in choices] for name, choices in programme().lists.items()
    }


def _defaults(fields: Sequence[Field]) -> dict[str, Any]:
    """Plain defaults of a form; expressions of today are worked out by `_form`'s caller's day."""
    context = Context({}, today())
    found = {}
    for it in fields:
        if it.default is None:
            continue
        if isinstance(it.default, list) and it.default and it.default[0] == "today":
            found[it.name] = context.today
        elif not isinstance(it.default, list):
            found[it.name] = it.default
    return found


def _form(
    request: Request,
    kind: RecordType,
    fields: Sequence[Field],
    it: edit_form.Posted,
    register: Register,
    frame: Mapping[str, Any],
    *,
    whole: Mapping[str, Any],
    row: Row | None = None,
    id: str = "",
    findings: Sequence[Finding] = (),
    secrets: frozenset[str] = frozenset(),
) -> Response:
    language = language_of(request)
    context = Context(whole, today())
    said: dict[str, list[Label]] = {name: [label] for name, label in it.unreadable.items()}
    for finding in findings:
        said.setdefault(finding.field, []).append(finding.message)
    inputs = edit_form.inputs(
        fields,
        {**whole, **it.values},
        register,
        language,
        findings=said,
        relevant=lambda field: holds(field.relevant, context),
        required=lambda field: holds(field.required, context, otherwise=False),
        choices=choices_of(kind, whole, register, language),
        contested=frozenset(key.partition("/")[0] for key in row.contested) if row else frozenset(),
        secrets=secrets,
    )
    form = {
        **frame,
        "id": id,
        "base": it.base,
        "seen": edit_form.seen_words(
            [field for field in fields if field.name not in secrets], it.seen
        ),
        "fields": inputs,
        "findings": bool(findings),
        "watched": row is not None,
        "opened": now_ms(),
    }
    return render(request, "edit", {"form": form}, status=422 if said else 200)
