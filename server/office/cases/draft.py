"""The parts of a child's file that a case may have, how many children share them, and the draft made of them. Pure.

Never in a case, whatever is chosen: names, numbers, days, places, ethnic group, health, disability, risk, requests for
help, reports of harm, what was said in private talks or in family calls.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

import server.programme
from server.office import values
from server.office.cases.masking import Known, masked
from server.office.register import Register, text_of
from server.office.statistics.book import WIDE, Book, day_of
from server.office.statistics.slots import days_between
from server.registry import Row

OUTLINE = Path(server.programme.__file__).parent / "reports" / "case.md"
LEAST = 5
"""So many children of the village must share what a case says of one, as in every public figure."""
ABOUT = {"stage": "stage", "sex": "sex", "age": "age", "fact": "fact", "carer": "carer_kind"}
"""Parts that say who the child is -> the grouping of the statistics they come from."""
DONE = ("contacts", "plan", "plan_words", "progress", "progress_words")
OF_PLAN = frozenset(DONE[1:])
PARTS = (*ABOUT, *DONE)
DEFAULT = ("contacts",)
"""The least that still tells something."""
ACTS = ("visit", "talk", "family_call")
READ = (*ACTS, "plan", "plan_progress", "place", "contact", "org_role", "donor", "grid")
_ENV = Environment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)


def sharing(book: Book, child: Row, parts: Collection[str]) -> int:
    """How many left-behind children of the village are the same in every part that says who the child is, and what
    kinds of plans it has."""
    own = _about(book, child, parts)
    return sum(_about(book, it, parts) == own for it in book.children)


def _about(book: Book, child: Row, parts: Collection[str]) -> tuple[str, ...]:
    groups = [book.group(child, by) for part, by in ABOUT.items() if part in parts]
    if "plan" in parts:
        plans = (it for it in book.register.kind("plan") if it.fields.get("child_id") == child.id)
        groups += sorted({text_of(it.fields, "kind") for it in plans})
    return tuple(groups)


def draft(register: Register, child: Row, parts: Collection[str], known: Known, on: str) -> str:
    """The case as Chinese text. Texts that people wrote are in it only where asked for, with what is known replaced."""
    book = Book(register, "1990-01-01", on, WIDE)
    acts = {kind: book.by_child(kind).get(child.id, ()) for kind in ACTS}
    plans = [it for it in register.kind("plan") if it.fields.get("child_id") == child.id]
    first = min((day_of(it) for them in acts.values() for it in them if day_of(it)), default=on)
    said = {
        name: _said(book, child, by) if name in parts else "" for name, by in ABOUT.items()
    }  # fmt: skip
    return _ENV.from_string(OUTLINE.read_text(encoding="utf-8")).render(
        **said,
        acts={kind: len(them) for kind, them in acts.items()} if "contacts" in parts else None,
        months=_month(first, on),
        plans=[_plan(register, it, parts, known, first) for it in plans]
        if OF_PLAN & set(parts)
        else [],
    )


def _said(book: Book, child: Row, by: str) -> str:
    """A group in words, "" for one nobody knows."""
    value = book.group(child, by)
    lists = {"stage": "school_stage", "sex": "sex", "fact": "left_behind_fact", "carer_kind": "carer_kind"}  # fmt: skip
    if value == "UNK":
        return ""
    if by == "age":
        return value.replace("-", "至") + "岁"
    return values.short(values.code_label(lists[by], value, "zh"))


def _plan(
    register: Register, plan: Row, parts: Collection[str], known: Known, first: str
) -> Mapping[str, Any]:
    words, named = "plan_words" in parts, "plan" in parts
    steps: Sequence[Row] = [
        it
        for it in register.kind("plan_progress")
        if it.fields.get("plan_id") == plan.id and it.id not in register.corrected
    ]
    return {
        "kind": values.code_label("plan_kind", plan.fields.get("kind"), "zh") if named else "",
        "state": values.code_label("plan_state", plan.fields.get("state"), "zh") if named else "",
        **{
            name: masked(text_of(plan.fields, name), known) if words else ""
            for name in ("trigger", "goal", "measures", "outcome")
        },
        "steps": [
            {
                "month": _month(first, day_of(it)),
                "result": values.code_label("stage_result", it.fields.get("stage_result"), "zh"),
                "note": masked(text_of(it.fields, "note"), known)
                if "progress_words" in parts
                else "",
            }
            for it in sorted(steps, key=lambda it: (day_of(it), it.id))
        ]
        if "progress" in parts
        else [],
    }


def _month(first: str, on: str) -> int:
    """Which month after the first act a day lies in; days themselves never stand in a case."""
    return max(1, days_between(min(first, on), on) // 30 + 1) if first and on else 1
