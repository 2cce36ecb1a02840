"""Columns of the national registration form of 2016 (农村留守儿童基本情况登记表) that rosters of villages do not have.

Grandparents stand there whoever they are to the household. Of one who is the carer or a parent of the row the birth is
kept, and what kind of grandparent that carer is; the others are said to be left out.
"""

from typing import Any

from server.office.roster.cells import fold, tidy
from server.office.roster.context import Context
from server.office.roster.entry import Entry
from server.office.roster.people import answer, put_identity, read_name
from server.office.roster.relations import read_relation

KIN = {
    "grandfather": "祖父", "grandmother": "祖母", "mothers_father": "外祖父", "mothers_mother": "外祖母",
}  # fmt: skip
_UNABLE = {"父": "M", "母": "F"}
"""Who is unable at home -> the fact that the other parent is away."""


def put_grandparents(context: Context, entry: Entry) -> None:
    """After the other grown-ups are read."""
    for part, word in KIN.items():
        name, _ = read_name(context, f"{part}.name", context.value(f"{part}.name"))
        if not name:
            continue
        person: dict[str, Any] = {}
        if put_identity(context, person, part) is not None:
            context.warn("not_a_day", f"{part}.birth_date")
        relation = read_relation(word)
        assert relation is not None  # each of the four words is one
        same = [adult for _, adult in entry.adults() if adult.name == name]
        for adult in same:
            adult.person.update({k: v for k, v in person.items() if k not in adult.person})
        for carer in (it for it in entry.carers if it.name == name):
            carer.link.setdefault("relation", relation.code)
            carer.link.setdefault("carer_kind", relation.carer_kind)
            carer.person.setdefault("sex", relation.sex)
        if not same and name != entry.household.get("head_name"):
            context.warn("kin_not_kept", f"{part}.name", word=f"{word}{name}")


def put_disability(context: Context, child: dict[str, Any]) -> None:
    """残疾类别及等级 in one cell: 肢体二级."""
    value = context.value("child.disability")
    if value is None:
        return
    found = {}
    for name in ("disability_kind", "disability_grade"):
        listed = context.choices.labels("child", name)
        stems = {code: fold(label).removesuffix("残疾") for code, label in listed.items()}
        codes = [code for code, stem in stems.items() if stem and stem in fold(value)]
        if len(codes) == 1:
            found[name] = codes[0]
    if not found:
        context.not_known("child.disability", value)
        return
    child.update({name: code for name, code in found.items() if name not in child})
    child.setdefault("health", "6")


def put_capacity(context: Context, child: dict[str, Any]) -> None:
    """一方外出另一方无监护能力, and which of the two cannot care."""
    unable = answer(context, "child.one_away_unable")
    who = tidy(context.value("child.unable_parent"))[:1]
    fact = _UNABLE.get(who)
    if not (unable or fact):
        return
    if fact:
        child.setdefault("left_behind_fact", fact)
    if child.get("left_behind_fact") in (None, "F", "M"):
        child.setdefault("home_parent_capacity", "N3")
