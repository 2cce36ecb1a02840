"""Classes of schools: who sits in one, what it is called, and everything a class teacher files of it in one go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.office import values
from server.office.prints import cards, registration
from server.office.prints.kinds import Asked
from server.office.register import text_of
from server.office.statistics.book import UNKNOWN, WIDE, Book
from server.office.statistics.indicators import value_words
from server.programme import programme
from server.registry import Row

GRADES = [it.name for it in programme().lists["grade"]]
COUNTED = {
    "sex": "性别", "age": "年龄段", "fact": "留守类型", "carer_kind": "实际照护", "assess": "监护情况",
    "health": "身体状况", "result": "学习成绩", "boarding": "是否寄宿",
}  # fmt: skip
"""What the table of a class counts its children by."""


@dataclass(frozen=True)
class SchoolClass:
    """`key` is what an address chooses it by; of a whole school it is the school's name."""

    key: str
    school: str
    grade: str
    name: str


def class_of(child: Row) -> SchoolClass | None:
    """The class a child sits in, None for one who is in no school."""
    school = text_of(child.fields, "school_name")
    if not school:
        return None
    grade, name = text_of(child.fields, "grade"), text_of(child.fields, "class_name")
    return SchoolClass(f"{school}|{grade}|{name}", school, grade, name)


def is_in(child: Row, chosen: str) -> bool:
    """Whether a child sits in the class, or the school, that was chosen; "" is every child."""
    own = class_of(child)
    return not chosen or (own is not None and chosen in (own.key, own.school))


def by_school(children: Iterable[Row]) -> Mapping[str, Sequence[SchoolClass]]:
    """School -> its classes, from the lowest grade up."""
    found = {own.key: own for it in children if (own := class_of(it)) is not None}
    schools: dict[str, list[SchoolClass]] = {}
    for own in sorted(found.values(), key=lambda it: (it.school, _grade(it), it.name)):
        schools.setdefault(own.school, []).append(own)
    return schools


def seat(child: Row) -> tuple[str, int, str, str, str]:
    """The order of a class: school, grade, class, number of file."""
    own = class_of(child) or SchoolClass("", "", "", "")
    return own.school, _grade(own), own.name, text_of(child.fields, "file_no"), child.id


def _grade(it: SchoolClass) -> int:
    return GRADES.index(it.grade) if it.grade in GRADES else len(GRADES)


def words(it: SchoolClass, language: str) -> str:
    """A class without its school: `小学三年级 2班`."""
    grade = values.code_label("grade", it.grade, language) if it.grade else ""
    return " ".join(filter(None, (grade, it.name)))


def class_set(asked: Asked) -> dict[str, Any]:
    """班级全套: the table, the index of files, the national form of each child, its contact card and its
    hand-in-hand card, a blank one for who has no friend yet."""
    paired = cards.peers(asked)["pairs"]
    with_friend = {it["child"].id for it in paired}
    alone = [it for it in asked.children if it.id not in with_friend]
    return {
        "class_words": _said(asked),
        "count": len(asked.children),
        "tables": tables(asked),
        "lines": [
            {"it": asked.line(it), "class": _class_words(it, asked.language)}
            for it in asked.children
        ],
        "forms": registration.forms(asked)["forms"],
        "cards": cards.contacts(asked)["cards"],
        "contacts": cards.contacts(asked)["contacts"],
        "pairs": [*paired, *(cards.without_friend(it, asked) for it in alone)],
    }


def tables(asked: Asked) -> list[dict[str, Any]]:
    """Of each thing counted how many children fall under what; every table adds up to the class, with its unknown."""
    book = Book(asked.register, asked.since, asked.until, WIDE)
    found = []
    for name, heading in COUNTED.items():
        counts = Counter(_group(book, child, name) for child in asked.children)
        order = sorted(counts, key=lambda it: (it == UNKNOWN, it))
        found.append(
            {
                "words": heading,
                "cells": [(_group_words(asked, name, it), counts[it]) for it in order],
            }
        )
    return found


OWN = {"result": "school_result", "boarding": "boarding"}
"""Counted by a field of the child that no figure of the village groups by: its name and its list's."""


def _group(book: Book, child: Row, name: str) -> str:
    if name in OWN:
        return text_of(child.fields, OWN[name]) or UNKNOWN
    return book.group(child, name)


def _group_words(asked: Asked, name: str, value: str) -> str:
    if name in OWN and value != UNKNOWN:
        return values.code_label(OWN[name], value, asked.language)
    return value_words("", name, value, asked.register, asked.language)


def _class_words(child: Row, language: str) -> str:
    own = class_of(child)
    return words(own, language) if own else ""


def _said(asked: Asked) -> str:
    """The class that was chosen, in words."""
    chosen = asked.chosen["class"]
    for child in asked.children:
        own = class_of(child)
        if own is not None and chosen == own.key:
            return f"{own.school} {words(own, asked.language)}"
    return chosen
