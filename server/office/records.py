"""A record's file: household, child, or any other record; and taking back an old value."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import daily, progress, record_file, survey_change, values
from server.office.attachments import shown_of
from server.office.dues import dues_of
from server.office.judging import by_field, is_demo
from server.office.lines import child_line, household_line, missing_of
from server.office.pages import redirect, render, today
from server.office.register import ENTITIES, Register, events_about, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import may_write, programme, projection, projection_of
from server.programme.derive import age_on, has_ended
from server.programme.model import RecordType
from server.registry import Row
from server.typed import whole
from sync import Change, RecordId

GIST = (
    "result",
    "met",
    "living",
    "study",
    "mood",
    "mind",
    "safety",
    "health",
    "action",
    "needs",
    "note",
)
OWN_GIST = frozenset(
    {"text", "integer", "decimal", "range", "date", "select_one", "select_multiple"}
)
MOST_GIST = 3
BESIDE = {"child": (*daily.OF_CHILD, *progress.READ), daily.GROUP: daily.OF_GROUP}
"""What a file shows beside what points to it by its household."""
OWN_BUTTON = frozenset({"guardianship", "pairing", "survey"})
NOT_WORTH_SAYING = frozenset({"", "NONE"})


async def row_of(request: Request) -> Row:
    """The record of the address, of the account's own village and readable by its role. Raises `no_record`:
    another village's record is not told apart from none."""
    wanted = request.path_params["record"]
    account = account_of(request)
    if not re.fullmatch(r"[0-9a-f]{32}", wanted):
        raise Problem("no_record")
    row = await registry_of(request).row(account.village, wanted)
    if row is None or row.type not in programme().types:
        raise Problem("no_record")
    if not projection_of(account.role, row.type):
        raise Problem("not_allowed")
    return row


def hidden_fields(role: str, type_name: str) -> frozenset[str]:
    """The fields of a type a role does not see."""
    seen = projection(type_name, projection_of(role, type_name)) or frozenset()
    fields = programme().types[type_name].fields.values()
    return frozenset(it.name for it in fields if it.name not in seen)


@page("read_records")
async def record(request: Request) -> Response:
    """The file of one record. Who asks for one that was merged is led to the one that stands for it."""
    row = await row_of(request)
    if row.id != request.path_params["record"]:
        return redirect(request, f"/office/records/{row.id}")
    return await _file(request, row)


@page("see_id_number")
async def id_number(request: Request) -> Response:
    """The same file with whole identity numbers, for who asks. Noted; nothing of it stands in an address."""
    row, account = await row_of(request), account_of(request)
    if request.method != "POST":
        return redirect(request, f"/office/records/{row.id}")
    await auth_of(request).note(account.village, account.id, "see_id_number", row.id)
    return await _file(request, row, whole=True)


async def _file(request: Request, row: Row, *, whole: bool = False) -> Response:
    account, registry, language = account_of(request), registry_of(request), language_of(request)
    edits = (
        await registry.history(account.village, row.id) if request.state.can["read_history"] else []
    )
    kind = programme().types[row.type]
    pointed = sorted({it.ref for it in kind.fields.values() if it.ref} - set(ENTITIES))
    about = events_about("household_id", account.village)
    register = await load(
        registry,
        account.village,
        *dict.fromkeys((*ENTITIES, *about, *pointed, *BESIDE.get(row.type, ()))),
    )
    if row.id not in register.rows:
        register = Register.of([*register.rows.values(), row])
    file = record_file.view(
        row,
        edits,
        register,
        language,
        hidden=hidden_fields(account.role, row.type),
        missing=missing_of(row, today()),
        is_editable=request.state.can["edit_records"]
        and may_write(account.role, row.type)
        and programme().types[row.type].kind == "entity",
        whole=whole,
        absorbed=await registry.absorbed(account.village, row.id),
        odd=by_field(row, register, language, demo=is_demo(account.village)),
    )
    if row.type == "household":
        return render(request, "household", {"file": file, **_household(row, register, language)})
    if row.type == "child":
        if not whole:
            await auth_of(request).note(account.village, account.id, "open_file", row.id)
        made = {"makes": makes(account.role), **_child(row, register, language)}
        return render(request, "child", {"file": file, **made})
    shown = await shown_of(request, [row], register, hidden_fields(account.role, row.type))
    pictures = shown.get(row.id, {})
    found = {"file": file, "links": _links(row, register), "pictures": pictures, "row": row}
    if row.type == daily.GROUP:
        return render(
            request, "group", {**found, **daily.group_view(row, register, language, today())}
        )
    return render(request, "record", found)


def makes(role: str) -> list[RecordType]:
    """What this role may write down about a child, beside those with a button of their own."""
    return [
        kind
        for kind in programme().types.values()
        if "child_id" in kind.fields
        and kind.own is None
        and kind.name not in OWN_BUTTON
        and may_write(role, kind.name)
    ]


def _links(row: Row, register: Register) -> list[dict[str, str]]:
    """The records this one belongs to."""
    links = []
    for pointer in ("household_id", "child_id"):
        target = register.rows.get(text_of(row.fields, pointer))
        if target is not None:
            links.append({"id": target.id, "words": register.name_of(target)})
    return links


def _household(row: Row, register: Register, language: str) -> dict[str, Any]:
    members = []
    for person in register.people_of(row.id):
        is_child = person.type == "child"
        line = child_line(person, register, today(), language, {}) if is_child else None
        members.append(
            {
                "id": person.id,
                "name": register.name_of(person),
                "sex": values.code_label("sex", person.fields.get("sex"), language),
                "age": age_on(text_of(person.fields, "birth_date"), today()),
                "is_child": is_child,
                "is_left_behind": bool(line and line.is_wide),
                "fact": line.fact if line else "",
                "risk": line.risk if line else "",
                "roles": "" if is_child else _roles(person, register, language),
                "phone": _phones(person, language),
                "contested": bool(person.contested),
            }
        )
    return {
        "household": household_line(row, register, today(), language),
        "members": members,
        "changes": survey_change.changes(row, register, language, today()),
        "events": [
            _event(event, register, language, about=True)
            for event in register.events_of_household(row.id)
        ],
    }


def _roles(person: Row, register: Register, language: str) -> str:
    """What an adult is to the children: father of one, main carer of another."""
    said = []
    for link in register.pointing("parent_link", "parent_id", person.id):
        child = register.rows.get(text_of(link.fields, "child_id"))
        relation = values.code_label("parent_relation", link.fields.get("relation"), language)
        where = values.code_label("away", link.fields.get("away"), language)
        said.append(f"{register.name_of(child)} · {relation} · {where}")
    for link in register.pointing("guardianship", "carer_id", person.id):
        child = register.rows.get(text_of(link.fields, "child_id"))
        if not has_ended(link.fields, today()):
            care = translate(language, "照护")
            said.append(f"{register.name_of(child)} · {care}")
    return translate(language, "；").join(said)


def _phones(person: Row, language: str) -> str:
    return translate(language, "、").join(
        values.phone_words(entry, language) for entry in values.phones(person.fields.get("phones"))
    )


def _child(row: Row, register: Register, language: str) -> dict[str, Any]:
    household = register.household_of(row)
    courses = progress.courses(row, register, language)
    return {
        "child": child_line(row, register, today(), language, dues_of(register, today(), [row])),
        "household": household_line(household, register, today(), language) if household else None,
        "relations": relations(row, register, language),
        "courses": courses,
        "days": progress.days_of(courses),
        "daily": daily.child_view(row, register, language, today()),
        "events": [
            _event(event, register, language, about=event.type == "survey")
            for event in register.events_of_child(row)
        ],
    }


def relations(row: Row, register: Register, language: str) -> dict[str, list[dict[str, Any]]]:
    """Carers, parents and helpers of a child with their phones, as the contact card has them."""

    def phones(person: Row | None) -> list[str]:
        entries = values.phones(person.fields.get("phones")) if person else []
        return [values.phone_words(entry, language) for entry in entries]

    carers, seen = [], set()
    for link in register.guardianships(row.id, today()):
        person = register.rows.get(text_of(link.fields, "carer_id"))
        relation = values.code_label("relation", link.fields.get("relation"), language)
        kind = values.code_label("carer_kind", link.fields.get("carer_kind"), language)
        carers.append(
            {
                "id": person.id if person else link.id,
                "name": register.name_of(person) or kind,
                "relation": relation if link.fields.get("relation") else kind,
                "is_main": link.fields.get("is_main") == "Y",
                "phones": phones(person),
                "where": "",
            }
        )
        seen.add(person.id if person else link.id)
    parents = []
    for link in register.pointing("parent_link", "child_id", row.id):
        person = register.rows.get(text_of(link.fields, "parent_id"))
        if person is None or person.id in seen:
            continue
        away = values.code_label("away", link.fields.get("away"), language)
        place = values.code_label("work_area", link.fields.get("work_area_code"), language)
        parents.append(
            {
                "id": person.id,
                "name": register.name_of(person),
                "relation": values.code_label(
                    "parent_relation", link.fields.get("relation"), language
                ),
                "is_main": False,
                "phones": phones(person),
                "where": away if place == values.UNKNOWN else f"{away} {place}",
            }
        )
    helpers = []
    for pairing in register.pointing("pairing", "child_id", row.id):
        state = text_of(pairing.fields, "state")
        if state == "E" or (text_of(pairing.fields, "to_on") or today()) < today():
            continue
        kind = values.code_label("pairing_kind", pairing.fields.get("kind"), language)
        # One that waits for a helper counts nowhere; it is shown so that somebody can fill it.
        waits = values.code_label("pairing_state", state, language) if state == "W" else ""
        helper = register.rows.get(text_of(pairing.fields, "helper_id"))
        helpers.append(
            {
                "pairing_id": pairing.id,
                "name": register.name_of(helper) or translate(language, "（不在册）"),
                "relation": " · ".join(filter(None, [kind, waits])),
                "since": text_of(pairing.fields, "from_on"),
                "phones": phones(helper),
            }
        )
    return {"carers": carers, "parents": parents, "helpers": helpers}


def _gist(kind: RecordType) -> Iterable[str]:
    """The fields that tell what an event was: of most, what was chosen, then the note."""
    if kind.name in ("survey", "visit"):
        return GIST
    if kind.own is not None:
        asked = (it for it in kind.fields.values() if it.type in OWN_GIST and not it.appearance)
        return [it.name for it in asked if it.name != "occurred_on"]
    chosen = (field.name for field in kind.fields.values() if field.list)
    return (*islice(chosen, 4), "action", "content", "note")


def _event(event: Row, register: Register, language: str, *, about: bool) -> dict[str, Any]:
    """An event as a line of a timeline."""
    kind = programme().form_of(event.type, event.fields) or programme().types[event.type]
    said: list[str] = []
    for name in _gist(kind):
        value = event.fields.get(name)
        field = kind.fields.get(name)
        if field is None or value in (None, "", []):
            continue
        if kind.own is not None and len(said) == MOST_GIST:
            break
        words = values.shown(value, field, language)
        is_text = field.type == "text"
        said.append(words if is_text else f"{values.label(field, language)} {words}")
    what = event.fields.get("visit_kind")
    words = values.label(kind, language)
    if what:
        words = values.code_label(kind.fields["visit_kind"].list, what, language)
    return {
        "id": event.id,
        "on": text_of(event.fields, "occurred_on"),
        "words": words,
        "about": register.name_of(register.rows.get(text_of(event.fields, "child_id")))
        if about
        else "",
        "gist": " · ".join(said),
        "recorded_by": text_of(event.fields, "recorded_by"),
        "is_corrected": event.id in register.corrected,
    }


def beside(row: Row, register: Register, today: str, language: str) -> dict[str, Any]:
    """What hangs on a record, for putting two of them side by side: people (carers, helpers, members) and events."""
    people: list[dict[str, str]] = []
    if row.type == "child":
        found = relations(row, register, language)
        for kind, title in (("carers", "照护"), ("parents", "父母"), ("helpers", "帮扶")):
            for it in found[kind]:
                said = translate(language, "；").join(it["phones"])
                people.append(
                    {
                        "title": translate(language, title),
                        "name": it["name"],
                        "about": " · ".join(filter(None, [it["relation"], said])),
                    }
                )
    elif row.type == "household":
        for person in register.people_of(row.id):
            age = age_on(text_of(person.fields, "birth_date"), today)
            sex = values.code_label("sex", person.fields.get("sex"), language)
            known = [sex, translate(language, "%(n)s 岁", n=age) if age is not None else ""]
            kind = values.label(programme().types[person.type], language)
            people.append(
                {
                    "title": kind,
                    "name": register.name_of(person),
                    "about": " · ".join(filter(None, known)),
                }
            )
    elif row.type == "helper":
        for pairing in register.pointing("pairing", "helper_id", row.id):
            child = register.rows.get(text_of(pairing.fields, "child_id"))
            since = text_of(pairing.fields, "from_on")
            people.append(
                {
                    "title": translate(language, "结对"),
                    "name": register.name_of(child),
                    "about": since,
                }
            )
    else:
        roles = _roles(row, register, language)
        if roles:
            people.append({"title": translate(language, "照护"), "name": "", "about": roles})
    events: list[Row] = []
    if row.type == "child":
        events = register.events_of_child(row)
    elif row.type == "household":
        events = list(register.events_of_household(row.id))
    lines = [_event(event, register, language, about=row.type == "household") for event in events]
    return {"people": people, "events": sorted(lines, key=lambda it: it["on"], reverse=True)}


@page("settle")
async def restore(request: Request) -> Response:
    """Bring an old value of a key back: an ordinary edit with what the page had shown as its base."""
    row = await row_of(request)
    account, registry = account_of(request), registry_of(request)
    form = await request.form(max_fields=10)
    key, rev = (str(form.get(name, "")) for name in ("key", "rev"))
    base = whole(form.get("base"))
    wanted = [
        edit
        for edit in await registry.history(account.village, row.id)
        if edit.key == key and str(edit.rev) == rev
    ]
    if not wanted or base is None:
        raise Problem("no_record")
    if not may_write(account.role, row.type, record_file.field_of(key)):
        raise Problem("not_allowed")
    change = Change(RecordId(row.id), row.type, base, {key: wanted[-1].value})
    device = await auth_of(request).office_device(account)
    await registry.commit(account.village, device, [[change]], author=account.name)
    await auth_of(request).note(account.village, account.id, "restore", f"{row.id}/{key}")
    return redirect(request, f"/office/records/{row.id}", "restored")
