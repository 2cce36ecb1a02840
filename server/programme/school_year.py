"""The school year: grades move up on 1 September, and whom the law no longer counts at sixteen. Pure.

A grade is a typed fact, true from the day it was written until the next 1 September. So whether a child has been
moved up is told by comparing today's grade with that of the last 31 August, not by a mark that somebody has to keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from server.programme import programme
from server.programme.derive import AWAY, age_on, in_register
from server.programme.due import birthday, is_day

LAST = frozenset({"J3", "S3"})
"""Grades after which nobody can say where a child goes."""
ENDS = frozenset({"K3", "P6"})
"""Last grades of a school; the next one is known by law, the school is not."""
FIRST_AGES = {"K": 3, "P": 6, "J": 12, "S": 15}
"""Full years on 1 September of who begins the first grade."""
FAR_OFF = 2
"""Years between age and grade that ask for a look: who repeats a year or was late to begin is one off, or two."""

Standing = Literal["to_move", "moved", "to_ask", "changed", "none"]
Fields = Mapping[str, Any]


def school_year(on: str) -> int:
    """The year in which the school year of a day began."""
    return int(on[:4]) - (on[5:] < "09-01")


def first_day(year: int) -> str:
    return f"{year}-09-01"


def moved_up(fields: Fields) -> dict[str, str] | None:
    """Grade and stage of the year after; None where nobody can say, or for whom is in no school."""
    grade, stage = str(fields.get("grade") or ""), str(fields.get("school_stage") or "")
    stages = _stages()
    if stage not in stages.get(grade, ()) or grade in LAST or grade == "UNK":
        return None
    names = [*stages]
    after = names[names.index(grade) + 1]
    return {"grade": after, "school_stage": stage if stage in stages[after] else stages[after][0]}


def _stages() -> dict[str, list[str]]:
    """The stages that have each grade, the usual one first."""
    return {it.name: it.extra["stages"].split() for it in programme().lists["grade"]}


def schooling(fields: Fields) -> dict[str, str]:
    return {name: str(fields.get(name) or "") for name in ("grade", "school_stage")}


def standing(before: Fields | None, now: Fields) -> Standing:
    """How a child stands, by its file at the end of 31 August and today. `changed`: somebody wrote another grade or
    stage since, which is left alone; `to_ask`: the last grade of a school after which everything is open."""
    if before is None or not in_school(before):
        return "none"
    if schooling(now) != schooling(before):
        return "moved" if schooling(now) == moved_up(before) else "changed"
    if str(now.get("grade")) in LAST:
        return "to_ask"
    return "to_move" if moved_up(now) else "none"


def in_school(fields: Fields) -> bool:
    """Whether grade and stage go together."""
    return str(fields.get("school_stage") or "") in _stages().get(
        str(fields.get("grade") or ""), ()
    )


def needs_new_school(before: Fields, now: Fields) -> bool:
    """Whether a child was in the last grade of its school and its file still names that school and class."""
    same = all(before.get(name) == now.get(name) for name in ("school_name", "class_name"))
    return str(before.get("grade")) in ENDS and same


def is_odd(fields: Fields, year: int) -> bool:
    """Whether age and grade lie so far apart that one of them is likely to be wrong."""
    grade = str(fields.get("grade") or "")
    age = age_on(fields.get("birth_date"), first_day(year - 1))
    if age is None or grade[:1] not in FIRST_AGES or not grade[1:].isdecimal():
        return False
    return abs(age - (FIRST_AGES[grade[0]] + int(grade[1:]) - 1)) > FAR_OFF


def sixteen_on(fields: Fields) -> str:
    """The sixteenth birthday of a child in the register whose parents are away; "" for others."""
    born = fields.get("birth_date")
    if not is_day(born) or not in_register(fields) or fields.get("left_behind_fact") not in AWAY:
        return ""
    return birthday(born, int(born[:4]) + 16)
