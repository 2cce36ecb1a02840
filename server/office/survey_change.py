"""学期对比: what a household's survey of this term found otherwise than the last one of an earlier term. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.office import values
from server.office.register import Register, text_of
from server.office.statistics.children import term_start
from server.programme import programme
from server.registry import Row

AREAS = ("study", "living", "mind", "safety", "health")
WORDS = ("informant_relation", "needs")
GRADES = "ABC"
"""From good to in need of attention."""


@dataclass(frozen=True)
class Difference:
    """One question of two surveys. `turn`: `better`, `worse`, `other`, or "" where both say the same."""

    field: str
    before: str
    after: str
    turn: str


@dataclass(frozen=True)
class Change:
    """Two surveys of a household, or of one child of it: `about` is the child's name."""

    about: str
    before: Row
    after: Row
    lines: Sequence[Difference]

    @property
    def is_same(self) -> bool:
        return not any(it.turn for it in self.lines)


def changes(household: Row, register: Register, language: str, on: str) -> list[Change]:
    """Each pair of surveys there is: the newest of this term, and the newest of the terms before it."""
    since = term_start(on)
    newest: dict[tuple[str, bool], Row] = {}
    for it in register.pointing("survey", "household_id", household.id):
        day = text_of(it.fields, "occurred_on")
        if it.fields.get("result") != "V" or it.id in register.corrected or day > on:
            continue
        key = (text_of(it.fields, "child_id"), day >= since)
        held = newest.get(key)
        if held is None or (day, it.id) > (text_of(held.fields, "occurred_on"), held.id):
            newest[key] = it
    return [
        Change(
            register.name_of(register.rows.get(child)),
            newest[child, False],
            after,
            _lines(newest[child, False], after, language),
        )
        for (child, is_now), after in sorted(newest.items(), key=lambda it: it[0])
        if is_now and (child, False) in newest
    ]


def _lines(before: Row, after: Row, language: str) -> list[Difference]:
    fields = programme().types["survey"].fields
    found = []
    for name in (*AREAS, *WORDS):
        was, now = text_of(before.fields, name), text_of(after.fields, name)
        if not was and not now:
            continue
        said = [values.shown(it, fields[name], language) if it else "—" for it in (was, now)]
        note = text_of(after.fields, f"{name}_note")
        label = values.label(fields[name], language)
        after_words = values.in_brackets(said[1], note, language) if note else said[1]
        found.append(Difference(label, said[0], after_words, _turn(name, was, now)))
    return found


def _turn(name: str, was: str, now: str) -> str:
    if was == now:
        return ""
    if name in AREAS and was in GRADES and now in GRADES and was and now:
        return "worse" if now > was else "better"
    return "other"
