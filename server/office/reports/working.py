"""The weekly sheet and the letters to parents: working papers that name children and stay in the village."""

from typing import Any

from server.office import values
from server.office.register import text_of
from server.office.statistics.book import Book, day_of
from server.office.statistics.slots import add_days
from server.programme.due import in_force, visit_due
from server.registry import Row

MOODS = {"A": "好", "B": "一般", "C": "需要多关心"}


def weekly(book: Book) -> dict[str, Any]:
    """Who had no call in the seven days, whose visit is overdue, and what is still open."""
    week_ago = add_days(book.on, -6)
    called = {
        child
        for child, events in book.by_child("family_call").items()
        if any(it.fields.get("connected") == "Y" and day_of(it) >= week_ago for it in events)
    }
    overdue = [
        it
        for it in visit_due(
            book.children, book.register.kind("visit"), book.register.rules, book.on
        )
        if it.state == "overdue"
    ]
    return {
        "no_call": [_to_call(book, it) for it in book.children if it.id not in called],
        "overdue": sorted(
            ({**_person(book, it.subject), "due_on": it.due_on} for it in overdue),
            key=lambda it: (it["grid"], it["due_on"]),
        ),
        "follow_ups": _follow_ups(book),
    }


def _person(book: Book, child: Row) -> dict[str, str]:
    link = book.main_carer(child)
    carer = book.register.rows.get(text_of(link.fields, "carer_id")) if link else None
    return {
        "grid": book.register.grid_names.get(book.register.grid_of(child), ""),
        "name": text_of(child.fields, "name"),
        "carer": book.register.name_of(carer),
        "phone": _phone(carer),
    }


def _to_call(book: Book, child: Row) -> dict[str, str]:
    """The parent who is away, with a phone if there is one, else the carer."""
    for link in book.register.pointing("parent_link", "child_id", child.id):
        parent = book.register.rows.get(text_of(link.fields, "parent_id"))
        if link.fields.get("away") == "A" and parent is not None and _phone(parent):
            relation = values.code_label("parent_relation", link.fields.get("relation"), "zh")
            return {**_person(book, child), "whom": relation, "phone": _phone(parent)}
    person = _person(book, child)
    return {**person, "whom": person["carer"]}


def _phone(person: Row | None) -> str:
    entries = values.phones(person.fields.get("phones")) if person else []
    return str(entries[0].get("number", "")) if entries else ""


def _follow_ups(book: Book) -> list[str]:
    """Requests not closed and plans that are due, with the child's number of file."""
    closed = {
        it.fields.get("help_request_id")
        for it in book.standing("help_step")
        if it.fields.get("state") == "CLOSED"
    }
    found = []
    for it in book.standing("help_request"):
        if it.id not in closed and day_of(it) <= book.on:
            kind = values.code_label("request_kind", it.fields.get("request_kind"), "zh")
            found.append(f"{day_of(it)} 求助（{kind}）未办结：{_file_no(book, it)}")
    soon = add_days(book.on, 7)
    for it in book.register.kind("plan"):
        if it.fields.get("state") == "RUN" and text_of(it.fields, "due_on") <= soon:
            kind = values.code_label("plan_kind", it.fields.get("kind"), "zh")
            found.append(f"{text_of(it.fields, 'due_on')} 方案（{kind}）到期：{_file_no(book, it)}")
    return sorted(found)


def _file_no(book: Book, row: Row) -> str:
    child = book.register.rows.get(text_of(row.fields, "child_id"))
    return f"档案 {text_of(child.fields, 'file_no')}" if child is not None else "未写明儿童"


def letters(book: Book, grid: str = "") -> dict[str, Any]:
    """One letter a child who counts, of one grid or of all."""
    meetings = sorted(
        text_of(it.fields, "due_on")
        for it in book.register.kind("task")
        if "家长会" in text_of(it.fields, "title")
        and text_of(it.fields, "due_on") > book.on
        and it.fields.get("state") not in ("DONE", "CANCEL")
    )
    roles = [
        it
        for it in book.register.kind("org_role")
        if it.fields.get("role") in ("DIR", "OFF") and in_force(it.fields, book.on)
    ]
    contact = " ".join(
        filter(None, (text_of(roles[0].fields, "name"), text_of(roles[0].fields, "phone")))
    ) if roles else ""  # fmt: skip
    return {
        "next_meeting": meetings[0] if meetings else "",
        "contact": contact,
        "children": [
            _letter(book, it)
            for it in book.children
            if not grid or book.register.grid_of(it) == grid
        ],
    }


def _letter(book: Book, child: Row) -> dict[str, str]:
    """What a letter says of a child; of a talk that is to stay between two people and the office nothing."""
    noted = sorted(
        (
            it
            for kind in ("visit", "talk")
            for it in book.by_child(kind).get(child.id, ())
            if it.fields.get("private") != "Y"
        ),
        key=lambda it: (day_of(it), it.id),
    )
    mood = next((m for it in reversed(noted) if (m := text_of(it.fields, "mood")) in MOODS), "")
    lacks = [
        values.code_label("need_lack", it, "zh")
        for it in child.fields.get("need_lack") or ()
        if it not in ("NONE", "UNK")
    ]
    result, health = text_of(child.fields, "school_result"), text_of(child.fields, "health")
    helper = book.helper_of(child)
    return {
        "name": text_of(child.fields, "name"),
        "result": values.code_label("school_result", result, "zh")
        if result not in ("", "UNK")
        else "",
        "mood": MOODS.get(mood, ""),
        "health": values.code_label("health", health, "zh") if health not in ("", "UNK") else "",
        "wish": text_of(child.fields, "wish"),
        "needs": "、".join(lacks),
        "helper": book.register.name_of(helper),
    }
