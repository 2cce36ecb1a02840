"""What one person did, and what is planned for one child: 工作手册 and 方案, to be looked through and signed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from server.office import values
from server.office.prints.kinds import Asked, day_of
from server.office.register import Register, text_of
from server.office.text import translate
from server.programme import programme
from server.registry import Row

KINDS = ("visit", "talk", "family_call")
STATE = {
    "visit": ("living", "study", "mood", "safety", "health", "guardian_duty"),
    "talk": ("study", "life", "mood", "friends", "body", "mood_score"),
    "family_call": ("minutes",),
}
"""Per type the fields that say how the child is."""
SAID = {
    "visit": ("problem_kinds", "guidance_topic", "action", "note"),
    "talk": ("content", "child_request", "note"),
    "family_call": ("topic_light", "note"),
}
"""Per type the fields that say what was found and done."""
WITH = {"visit": "met", "talk": "party", "family_call": "with_whom"}
EMPTY_STAGES = 4
"""Lines to write on under the stages of a plan that runs."""


def authors(register: Register) -> list[str]:
    """Everybody who noted a visit, a talk or a call, by name."""
    return sorted({_author(it) for kind in KINDS for it in register.kind(kind)} - {""})


def _author(row: Row) -> str:
    return text_of(row.fields, "recorded_by")


def work_book(asked: Asked) -> dict[str, Any]:
    """A book for each person (or the chosen one): all visits, talks and calls of the period. What was said in a
    talk that is to stay between two people and the office is left out: others look through these books."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in asked.events(*KINDS):
        if asked.chosen["who"] in ("", _author(row)):
            found[_author(row)].append(row)
    if asked.chosen["who"]:
        found.setdefault(asked.chosen["who"], [])
    paired = _paired(asked)
    books = [
        {
            "who": who or values.UNKNOWN,
            "lines": [_line(it, asked) for it in rows],
            "paired": paired.get(who, []),
            "visits": sum(it.type == "visit" for it in rows),
            "nobody": sum("NONE" in (it.fields.get("met") or ()) for it in rows),
            "talks": sum(it.type == "talk" for it in rows),
            "calls": sum(it.type == "family_call" for it in rows),
            "children": len({text_of(it.fields, "child_id") for it in rows} - {""}),
        }
        for who, rows in sorted(found.items())
    ]
    return {"books": books}


def _line(row: Row, asked: Asked) -> dict[str, str]:
    kind = "visit_kind" if row.type == "visit" else "channel" if row.type == "talk" else "kind"
    is_private = row.fields.get("private") == "Y"
    return {
        "on": day_of(row),
        "child": asked.register.name_of(asked.of(row, "child_id")),
        "type": values.type_words(row.type, asked.language),
        "kind": asked.said(row, kind),
        "met": asked.said(row, WITH[row.type]),
        "state": "" if is_private else _named(row, STATE[row.type], asked),
        "said": translate(asked.language, "不公开的谈话，内容不打印")
        if is_private
        else translate(asked.language, "；").join(
            filter(None, (asked.said(row, it) for it in SAID[row.type]))
        ),
    }


def _named(row: Row, fields: Iterable[str], asked: Asked) -> str:
    """Filled fields, each with its name."""
    kinds = programme().types[row.type].fields
    return translate(asked.language, "，").join(
        f"{values.short(values.label(kinds[it], asked.language))} {said}"
        for it in fields
        if (said := asked.said(row, it))
    )


def _paired(asked: Asked) -> Mapping[str, Sequence[str]]:
    """Helper's name -> names of the children paired with that helper on the last day of the period."""
    found: dict[str, list[str]] = defaultdict(list)
    for pairing in asked.register.adult_pairings(asked.until):
        helper, child = asked.of(pairing, "helper_id"), asked.of(pairing, "child_id")
        if helper is not None and child is not None:
            found[asked.register.name_of(helper)].append(asked.register.name_of(child))
    return found


def plans(asked: Asked) -> dict[str, Any]:
    """The chosen plan, or all that are not closed, each with what came of its stages."""
    chosen, grid = asked.chosen["plan"], asked.chosen["grid"]
    rows = [
        it
        for it in asked.register.kind("plan")
        if (it.id == chosen if chosen else it.fields.get("state") != "CLOSED")
        and grid in ("", asked.register.grid_of(it))
    ]
    return {
        "plans": [_plan(it, asked) for it in rows],
        "fields": programme().types["plan"].fields,
        "stage_fields": programme().types["plan_progress"].fields,
    }


def _plan(row: Row, asked: Asked) -> dict[str, Any]:
    steps = [
        it
        for it in asked.register.kind("plan_progress")
        if it.fields.get("plan_id") == row.id and it.id not in asked.register.corrected
    ]
    steps.sort(key=lambda it: (day_of(it), it.id))
    child = asked.of(row, "child_id")
    return {
        "title": asked.said(row, "kind"),
        "child": asked.line(child) if child is not None else None,
        "owner": asked.register.name_of(asked.of(row, "owner_id")),
        "said": {name: asked.said(row, name) for name in programme().types["plan"].fields},
        "steps": [
            {"on": day_of(it), **{n: asked.said(it, n) for n in ("stage", "stage_result", "note")}}
            for it in steps
        ],
        "empty": 0 if row.fields.get("state") == "CLOSED" else EMPTY_STAGES,
    }
