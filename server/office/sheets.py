"""Typing in a pile of paper sheets, one after the other: whom it is about, the form's questions, Enter, the next one.

A sheet becomes an event through the same merge as a phone's. It is his or hers who filled it in (`recorded_by`), and
says who typed it (`typed_by`), from what (`typed_from`) and of which pile it was (`pile_id`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.forms import Label
from server.office import sheet_form
from server.office.choosing import record_words
from server.office.finding import Subject, find, subjects_of
from server.office.judging import is_demo
from server.office.pages import redirect, render, today
from server.office.piles import count_of, counted, pile_of, recount
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.sheet_form import Sheet
from server.office.taking_back import taken_back
from server.office.text import language_of, translate
from server.programme import Field, RecordType, programme
from server.programme.derive import struck
from server.programme.own import VERSION
from server.registry import Row, short_id, uuid7
from sync import Change, RecordId

ABOUT = "about"
ABOUT_FIELDS = frozenset({"household_id", "child_id", "person_id"})
FROM_PAPER = "PAPER"
ALWAYS = ("grid", "household", "person", "child")
SEVERAL = Label(
    "请选是哪一个：按 Tab，用上下键选。", "Please say which one: press Tab, then the arrow keys."
)
NOBODY = Label(
    "没有找到。请写姓名、拼音或编号，再从找到的里面选。",
    "Not found. Write a name, its pinyin or a number, then choose from what was found.",
)
TWICE = Label(
    "这一天已经有一份（{by}记的）。确实是另一份，再存。",
    "There is one of that day already (by {by}). If this is another one, save it anyway.",
)


@dataclass(frozen=True)
class Desk:
    """What one page of typing needs: the pile, its form, the register and the questions."""

    pile: Row
    kind: RecordType
    register: Register
    fields: Sequence[Field]
    subjects: Sequence[Subject]

    @property
    def path(self) -> str:
        return f"/office/paper/{self.pile.id}"


async def _desk(request: Request) -> Desk:
    account, pile = account_of(request), await pile_of(request)
    kind = sheet_form.form_of(programme().types[text_of(pile.fields, "form")])
    fields = sheet_form.asked(kind)
    pointed = {it.ref for it in fields if it.ref}
    types = dict.fromkeys((*ALWAYS, kind.name, *sorted(pointed)))
    register = await load(registry_of(request), account.village, *types)
    return Desk(pile, kind, register, fields, subjects_of(kind, register))


@page("edit_records")
async def sheet(request: Request) -> Response:
    """An empty sheet, or the one just posted: saved, or drawn again with what is odd."""
    desk = await _desk(request)
    if request.method != "POST":
        return _opened(request, desk)
    form = await request.form(max_fields=2000)
    read = sheet_form.read(desk.fields, form, short_id)
    subject, unclear = _subject(desk, form)
    id = str(form.get("id", ""))
    if id in desk.register.rows:  # Enter was pressed twice
        return redirect(request, _next(desk, id, read))
    answers = _answers(desk, subject, read, language_of(request))
    demo = is_demo(account_of(request).village)
    found = sheet_form.odd(desk.kind, answers, read.places, today(), demo=demo)
    hidden = {*ABOUT_FIELDS, *read.posted.unreadable}
    found = {name: said for name, said in found.items() if name not in hidden}
    if unclear:
        found[ABOUT] = [unclear]
    elif twin := _twin(desk, answers):
        found[ABOUT] = [TWICE.filled(by=text_of(twin.fields, "recorded_by"))]
    is_open = bool(unclear or read.posted.unreadable) or (found and form.get("save") != "anyway")
    if is_open or "more" in form:
        more = "more" in form
        return _drawn(
            request, desk, read, found={} if more else found, subject=subject, id=id,
            q=str(form.get("q", "")), more=str(form.get("more", "")),
        )  # fmt: skip
    if not re.fullmatch(r"[0-9a-f]{32}", id):
        id = uuid7()
    await _save(request, desk, id, answers)
    return redirect(request, _next(desk, id, read))


@page("edit_records")
async def find_subject(request: Request) -> Response:
    """Whom the words typed so far could mean. A post: names stand in no address."""
    desk = await _desk(request)
    q = str((await request.form()).get("q", ""))
    context = {"found": find(desk.subjects, q), "chosen": "", "q": q}
    return render(request, "sheet_found", context)


@page("edit_records")
async def undo(request: Request) -> Response:
    """Take the last sheet back, and open it again with its answers."""
    account, desk = account_of(request), await _desk(request)
    row = desk.register.rows.get(str((await request.form()).get("record", "")))
    if row is None or row.fields.get("pile_id") != desk.pile.id or row.type != desk.kind.name:
        raise Problem("no_record")
    if row.fields.get("typed_by") != account.name:
        raise Problem("not_allowed")
    if row.id not in desk.register.corrected:
        why = translate("zh", "录入时撤销")
        device = await auth_of(request).office_device(account)
        await registry_of(request).commit(
            account.village, device, [[taken_back(row, why)]], author=account.name
        )
    return redirect(request, f"{desk.path}?again={row.id}")


@page("edit_records")
async def received(request: Request) -> Response:
    """How many sheets there are, said anew."""
    pile = await pile_of(request)
    count = count_of(await request.form())
    if count is not None:
        await recount(request, pile, count)
    return redirect(request, f"/office/paper/{pile.id}")


def _opened(request: Request, desk: Desk) -> Response:
    """An empty sheet of the day of the last one; or the one that was taken back."""
    asked = request.query_params
    before = desk.register.rows.get(asked.get("again", ""))
    if before is not None and before.fields.get("pile_id") == desk.pile.id:
        pointer = _pointer(desk.kind)
        about = text_of(before.fields, pointer)
        subject = next((it for it in desk.subjects if it.id == about), None)
        return _drawn(
            request,
            desk,
            sheet_form.again(desk.kind, before.fields),
            subject=subject,
            note="undone",
        )
    on = asked.get("on", "")
    kept = {"occurred_on": on} if re.fullmatch(r"\d{4}-\d\d-\d\d", on) else {}
    blank = sheet_form.empty(desk.kind, today(), kept)
    return _drawn(request, desk, blank, saved=desk.register.rows.get(asked.get("saved", "")))


def _drawn(
    request: Request,
    desk: Desk,
    read: Sheet,
    *,
    found: Mapping[str, Sequence[Any]] | None = None,
    subject: Subject | None = None,
    id: str = "",
    q: str = "",
    more: str = "",
    saved: Row | None = None,
    note: str = "",
) -> Response:
    language, found = language_of(request), found or {}
    pile = counted([desk.pile], desk.register.kind(desk.kind.name), language)[0]
    inputs = sheet_form.inputs(desk.kind, desk.fields, read, desk.register, language, found)
    has_findings = bool(found or read.posted.unreadable)
    context = {
        "pile": pile,
        "path": desk.path,
        "of_household": sheet_form.is_about_household(desk.kind),
        "has_subject": bool(_pointer(desk.kind)),
        "must": _must(desk.kind),
        "id": id or uuid7(),
        "q": q or (subject.name if subject else ""),
        "found": find(desk.subjects, q) if q else [subject] if subject else [],
        "chosen": subject.id if subject else "",
        "about_odd": found.get(ABOUT, ()),
        "inputs": inputs,
        "more": more,
        "has_findings": has_findings,
        "saved": _said(desk, saved, language) if saved is not None else None,
        "note": note,
    }
    return render(request, "sheet", context, status=422 if has_findings else 200)


def _said(desk: Desk, row: Row, language: str) -> dict[str, str]:
    """The sheet just saved, in words."""
    about = desk.register.rows.get(text_of(row.fields, _pointer(desk.kind)))
    words = desk.register.name_of(about) or record_words(row, desk.register, language)
    return {"id": row.id, "words": words}


def _pointer(kind: RecordType) -> str:
    """The field that names whom a sheet is about; "" for a form about nobody."""
    child = sheet_form.child_field(kind)
    return child.name if child else "household_id" if sheet_form.is_about_household(kind) else ""


def _must(kind: RecordType) -> bool:
    pointer = _pointer(kind)
    return bool(pointer) and kind.fields[pointer].required is True


def _subject(desk: Desk, form: FormData) -> tuple[Subject | None, Label | None]:
    """Whom the sheet is about, or what has to be said about it. What was chosen counts only while the words typed
    still mean it: who types fast is ahead of the list."""
    q, chosen = str(form.get("q", "")).strip(), str(form.get(ABOUT, ""))
    if not _pointer(desk.kind) or not (q or chosen):
        return None, NOBODY if _must(desk.kind) else None
    there = find(desk.subjects, q) if q else desk.subjects
    picked = next((it for it in there if it.id == chosen), None)
    if picked is None:
        picked = next((it for it in desk.subjects if it.id == chosen and it.name == q), None)
    if picked is None and len(there) == 1:
        picked = there[0]
    if picked is not None:
        return picked, None
    return None, SEVERAL if there else NOBODY


def _answers(desk: Desk, subject: Subject | None, read: Sheet, language: str) -> dict[str, Any]:
    answers: dict[str, Any] = dict(read.answers)
    if subject is not None:
        answers[_pointer(desk.kind)] = subject.id
        if subject.household and "household_id" in desk.kind.fields:
            answers["household_id"] = subject.household
    if desk.kind.own is not None:
        answers[VERSION] = desk.kind.own.newest
    return sheet_form.completed(desk.kind, answers, desk.register, language, today())


def _twin(desk: Desk, answers: Mapping[str, Any]) -> Row | None:
    """A record of the same kind, person and day that stands already: the phone may have brought it."""
    pointer = _pointer(desk.kind)
    if not pointer or not answers.get(pointer):
        return None
    same = (pointer, "occurred_on")
    gone = struck(desk.register.kind(desk.kind.name))
    return next(
        (
            row
            for row in desk.register.kind(desk.kind.name)
            if row.id not in gone and all(row.fields.get(it) == answers.get(it) for it in same)
        ),
        None,
    )


async def _save(request: Request, desk: Desk, id: str, answers: Mapping[str, Any]) -> None:
    account = account_of(request)
    said = {
        **sheet_form.set_of(desk.kind, answers),
        "recorded_by": text_of(desk.pile.fields, "filled_by"),
        "typed_by": account.name,
        "typed_from": FROM_PAPER,
        "pile_id": desk.pile.id,
    }
    device = await auth_of(request).office_device(account)
    change = Change(RecordId(id), desk.kind.name, 0, said)
    await registry_of(request).commit(account.village, device, [[change]], author=account.name)


def _next(desk: Desk, id: str, read: Sheet) -> str:
    on = read.posted.values.get("occurred_on") or ""
    return f"{desk.path}?saved={id}&on={on}"
