"""应访、应做: what is due in a village, by the rules the phones go by (`server.programme.due`). Pure.

A rule about a child or a household asks for nothing but what is known of that home, so what is due there is worked out
again only when something changes there.
"""

from collections.abc import Mapping, Sequence

from server.office.register import Register, is_or_was
from server.programme import programme
from server.programme.derive import Due, visit_due
from server.programme.due import due_list
from server.registry import Row

Dues = Mapping[str, Due[Row]]


def dues_of(register: Register, today: str, children: Sequence[Row] | None = None) -> Dues:
    """The visit each child is due for, by child; of several rules the earliest day."""
    if children is not None:
        return _owed(register, today, children)
    return register.whole.once(
        ("dues", today), lambda: _owed(register.whole, today, register.whole.kind("child"))
    )


def _owed(register: Register, today: str, children: Sequence[Row]) -> Dues:
    def made(whole: Register, missing: Sequence[Row]) -> dict[str, Due[Row] | None]:
        visits = {it.id: it for it in _correcting(whole, "visit")}
        for child in missing:
            visits |= {it.id: it for it in whole.pointing("visit", "child_id", child.id)}
        found: dict[str, Due[Row] | None] = {}
        for due in visit_due(missing, visits.values(), whole.rules, today):
            found.setdefault(due.subject.id, due)
        return dict.fromkeys((it.id for it in missing), None) | found

    known = register.each(("due", today), children, made)
    return {it.id: due for it in children if (due := known[it.id]) is not None}


def _correcting(register: Register, name: str) -> Sequence[Row]:
    """Events that correct another or take it back, whomever they are about."""

    def is_one(row: Row) -> bool:
        return row.type == name and bool(row.fields.get("corrects_id"))

    return register.lasting(
        ("correcting", name),
        is_or_was(is_one),
        lambda whole: [it for it in whole.kind(name) if is_one(it)],
    )


def all_due(register: Register, today: str) -> Sequence[Due[Row]]:
    """All that is due by the rules that are on, earliest day first; of one day in the order of the rules."""
    whole, rules = register.whole, register.rules
    at_home = [rule for rule in rules if names_home(rule.subject)]
    elsewhere = [rule for rule in rules if not names_home(rule.subject)]
    subjects = {rule.subject for rule in rules}
    types = subjects | {name for rule in rules for name in rule.events} | {"helper", "pairing"}

    def of_part(whole: Register, part: str) -> list[Due[Row]]:
        held = {name: _held(whole, name, part, name in subjects) for name in types}
        found = due_list(held, at_home, programme().calendar, today)
        return [it for it in found if it.subject.id not in whole.corrected]

    def made() -> list[Due[Row]]:
        found = [it for part in whole.by_part(("all due", today), of_part) for it in part]
        held = {name: whole.kind(name) for name in types}
        found += due_list(held, elsewhere, programme().calendar, today)
        place = {rule.name: number for number, rule in enumerate(rules)}
        return sorted(found, key=lambda it: (it.due_on, place[it.rule], it.subject.id))

    return whole.once(("all due", today), made)


def _held(register: Register, name: str, part: str, is_subject: bool) -> Sequence[Row]:
    """What is to be known of a part of the homes: its own subjects, and every event that could be about one of them."""
    if not names_home(name):
        return register.kind(name)
    if is_subject:
        return register.in_part(name, part)
    # A visit made before its child moved names a household that may ask for it still.
    found = {it.id: it for it in (*register.naming(name, part), *_correcting(register, name))}
    return [*found.values()]


def names_home(type_name: str) -> bool:
    """Whether the rows of a type belong to a household or a child each."""
    kind = programme().types.get(type_name)
    if kind is None or kind.kind == "event":
        return kind is not None and "child_id" in kind.fields
    return type_name == "household" or "household_id" in kind.fields or "child_id" in kind.fields
