"""Life at the home from day to day: who is in which group and how it met, which books are out, which calls are booked,
and what it costs. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from server.office import values
from server.office.register import Register, text_of
from server.programme.due import is_day
from server.registry import Row

GROUP, MEMBER, LOAN, BOOKING = "child_group", "group_member", "loan", "call_booking"
OF_GROUP = (MEMBER, "activity", "attendance")
OF_CHILD = (GROUP, MEMBER, LOAN, BOOKING)


def signed_in(register: Register) -> Mapping[str, Sequence[Row]]:
    """Activity -> one signing-in of each child, whichever phones wrote it down: two lists are one list."""
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in register.kind("attendance"):
        if row.id not in register.corrected:
            person = text_of(row.fields, "person_id")
            found[text_of(row.fields, "activity_id")].setdefault(person, row)
    return {activity: [*people.values()] for activity, people in found.items()}


def is_in(member: Row, on: str) -> bool:
    return text_of(member.fields, "from_on") <= on <= (text_of(member.fields, "to_on") or on)


def members_of(register: Register, group: str, on: str) -> list[Row]:
    """The memberships of a group on a day, one a child."""
    found: dict[str, Row] = {}
    for it in register.kind(MEMBER):
        child = text_of(it.fields, "child_id")
        if it.fields.get("group_id") == group and is_in(it, on) and child in register.rows:
            found.setdefault(child, it)
    return list(found.values())


def signed_by_group(register: Register) -> Mapping[str, Mapping[str, int]]:
    """Group -> its meetings -> how many children signed in."""
    signed = signed_in(register)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for it in register.kind("activity"):
        if it.id not in register.corrected and (group := text_of(it.fields, "group_id")):
            found[group][it.id] = len(signed.get(it.id, ()))
    return found


def group_view(group: Row, register: Register, language: str, on: str) -> dict[str, Any]:
    """What the page of a group shows beside its file: members, former ones, meetings, and who might join."""
    members = members_of(register, group.id, on)
    inside = {text_of(it.fields, "child_id") for it in members}
    came: Counter[str] = Counter()
    meetings = signed_by_group(register).get(group.id, {})
    signed = signed_in(register)
    for meeting in meetings:
        came.update(text_of(it.fields, "person_id") for it in signed.get(meeting, ()))
    return {
        "members": sorted(
            (
                {
                    "id": it.id,
                    "rev": it.rev,
                    "child": text_of(it.fields, "child_id"),
                    "name": register.name_of(register.rows.get(text_of(it.fields, "child_id"))),
                    "role": values.code_label("group_role", it.fields.get("role") or "MEM", language),
                    "since": text_of(it.fields, "from_on"),
                    "came": came[text_of(it.fields, "child_id")],
                }
                for it in members
            ),
            key=lambda it: (it["name"], it["id"]),
        ),
        "left": len(
            {
                text_of(it.fields, "child_id")
                for it in register.kind(MEMBER)
                if it.fields.get("group_id") == group.id and "" < text_of(it.fields, "to_on") < on
            }
            - inside
        ),
        "meetings": sorted(
            (
                {
                    "id": it.id,
                    "on": text_of(it.fields, "occurred_on"),
                    "title": text_of(it.fields, "title"),
                    "signed": meetings[it.id],
                }
                for it in register.kind("activity")
                if it.id in meetings
            ),
            key=lambda it: (it["on"], it["id"]),
            reverse=True,
        ),
        "others": [
            (it.id, f"{register.name_of(it)} · {register.grid_names.get(register.grid_of(it), '')}")
            for it in sorted(
                register.kind("child"),
                key=lambda it: (register.grid_of(it), text_of(it.fields, "name_pinyin"), it.id),
            )
            if it.id not in inside and not text_of(it.fields, "ward_status").startswith("X")
        ],
    }  # fmt: skip


def loan_state(loan: Row, on: str) -> str:
    """`back`, `late` when it should have come back before a day, else `out`."""
    if loan.fields.get("returned_on"):
        return "back"
    due_on = text_of(loan.fields, "due_on")
    return "late" if is_day(due_on) and due_on < on else "out"


def booking_time(booking: Row, on: str) -> str:
    """Where a booking stands on a day: what was to be and has no result is for somebody to say."""
    if text_of(booking.fields, "state") not in ("", "BOOKED"):
        return "over"
    day = text_of(booking.fields, "on_date")
    return "today" if day == on else "past" if "" < day < on else "ahead"


def child_view(child: Row, register: Register, language: str, on: str) -> dict[str, Any]:
    """The groups a child is in, the books it has had, the newest first, and the calls it is booked for."""

    def own(type_name: str) -> Sequence[Row]:
        return register.pointing(type_name, "child_id", child.id)

    groups = [
        (it, register.rows.get(text_of(it.fields, "group_id")))
        for it in own(MEMBER)
        if is_in(it, on)
    ]
    return {
        "groups": [
            {
                "id": group.id,
                "name": register.name_of(group),
                "role": values.code_label("group_role", it.fields.get("role") or "MEM", language),
                "meets": text_of(group.fields, "meets"),
            }
            for it, group in groups
            if group is not None
        ],
        "loans": [
            {"id": it.id, "state": loan_state(it, on), "fields": it.fields}
            for it in sorted(own(LOAN), key=lambda it: text_of(it.fields, "lent_on"), reverse=True)
        ],
        "bookings": [
            {"id": it.id, "when": when, "fields": it.fields}
            for it in sorted(own(BOOKING), key=booked_at)
            if (when := booking_time(it, on)) != "over"
        ],
    }


def booked_at(booking: Row) -> tuple[str, str, str]:
    return text_of(booking.fields, "on_date"), text_of(booking.fields, "at_time"), booking.id


def fen_of(line: Row) -> int:
    """An amount in fen; nothing where none can be read."""
    try:
        return int(Decimal(text_of(line.fields, "amount_yuan") or "0") * 100)
    except InvalidOperation:
        return 0


def money(
    lines: Iterable[Row], first: str, last: str, *, activity: str = ""
) -> tuple[int, int, int]:
    """(in, out, left) in fen: what came in and went out between two days, and what was left at the end of the last. Of
    one activity when it is named."""
    found = {"IN": 0, "OUT": 0}
    left = 0
    for line in lines:
        on, way = text_of(line.fields, "on_date"), text_of(line.fields, "way")
        if way not in found or on > last or activity not in ("", line.fields.get("activity_id")):
            continue
        fen = fen_of(line)
        left += fen if way == "IN" else -fen
        if on >= first:
            found[way] += fen
    return found["IN"], found["OUT"], left
