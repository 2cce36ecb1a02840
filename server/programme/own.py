"""A village's own forms: XLSForms its office uploaded, as record types beside the programme's own.

An own form is an event about a household, a child or the village. Its type is called
`own_<village>_<form>`, so that it collides neither with the programme's types nor with another
village's. Each published version stays: a record says in `form_version` which one it was written with.
Pure: compiled forms in, record types out. Who stores the forms is the registry's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from server.forms.errors import MESSAGES, Fault
from server.forms.label import Label
from server.programme.model import (
    Choice,
    Field,
    OwnForm,
    RecordType,
    Section,
    type_name,
    version_key,
)

__all__ = ["RESERVED", "SUBJECTS", "VERSION", "faults_of", "type_name", "version_key"]
VERSION = "form_version"
SUBJECTS = ("household", "child", "village")
WRITERS = frozenset({"official", "clerk", "surveyor"})
_HOMES = {
    "household": "via:household_id",
    "child": "via:child_id",
    "village": "field:grid_code",
}
_ALWAYS = ("occurred_on", "corrects_id", "recorded_by", "typed_by", "typed_from", "pile_id")
RESERVED = frozenset(
    {
        *_ALWAYS,
        VERSION,
        "household_id",
        "child_id",
        "grid_code",
        "present",
        "alias_of",
        "name_pinyin",
    }
)
"""Names every own form has anyway, or that mean something to the register."""
LONGEST_NAME = 40
APPEARANCES = frozenset({"quick", "autocomplete", "multiline", "month-year"})
TEXT_APPEARANCES = frozenset({"id-number", "phone"})
"""What we honour of an uploaded form's appearances; the others of ours mean fields that it does not have."""


def versions_of(own: OwnForm, model: RecordType, grid: Field) -> dict[int, RecordType]:
    """A record type for each version. `model` is a type of the programme that has what every own form
    has, `grid` the question for a grid."""
    return {number: _version(own, number, model, grid) for number in sorted(own.versions)}


def whole_type(own: OwnForm, versions: Mapping[int, RecordType]) -> RecordType:
    """All versions as one type: the newest, and after it what only older ones asked."""
    newest = versions[own.newest]
    fields, sections = dict(newest.fields), {it.name: it for it in newest.sections}
    for number in sorted(versions, reverse=True):
        for it in versions[number].fields.values():
            if it.name not in fields:
                fields[it.name] = it
                section = next(s for s in versions[number].sections if s.name == it.section)
                sections.setdefault(section.name, section)
    return RecordType(
        own.type_name, "event", newest.label, newest.home, None, fields, tuple(sections.values()),
        newest.form, own,
    )  # fmt: skip


def lists_of(own: OwnForm) -> dict[str, tuple[Choice, ...]]:
    """The choice lists of all versions, each under a name of its own."""
    return {
        _list(own, number, name): tuple(
            Choice(row["name"], Label(**row["label"]), dict(row["extra"])) for row in rows
        )
        for number, form in own.versions.items()
        for name, rows in form["lists"].items()
    }


def faults_of(
    form: Mapping[str, Any], rows: Mapping[str, int], before: OwnForm | None
) -> list[Fault]:
    """Why a compiled form cannot be an own form of a village. `rows` say in which row each question
    stands, `before` is what was published under its name."""
    was = {
        it["name"]: it
        for number in sorted(before.versions if before else ())
        for it in _questions(before.versions[number]["fields"] if before else ())
    }
    found: list[Fault] = []

    def fault(of: str, column: str, code: str, **values: str) -> None:
        found.append(
            Fault("survey", rows.get(of, 0), column, code, MESSAGES[code].filled(**values))
        )

    for question in _questions(form["fields"]):
        name, kind = question["name"], question["type"]
        if name in RESERVED:
            fault(name, "name", "reserved_name", name=name)
        if name != name.lower() or len(name) > LONGEST_NAME:
            fault(name, "name", "bad_own_name", name=name, most=str(LONGEST_NAME))
        if name in was and was[name]["type"] != kind:
            fault(name, "type", "other_type", name=name, was=was[name]["type"], now=kind)
    return found


def _questions(fields: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for it in fields:
        yield it
        yield from it.get("fields", ())


def _version(own: OwnForm, number: int, model: RecordType, grid: Field) -> RecordType:
    compiled = own.versions[number]
    label = Label(**compiled["label"])
    sections, places = _sections(compiled, label)
    first = sections[0].name if sections else "form"
    base = {it["name"]: it for it in model.form["fields"]}
    about = {"household": ["household_id"], "child": ["household_id", "child_id"]}
    around = [{**base[name], "section": first} for name in about.get(own.subject, ())]
    if own.subject == "village":
        around.append({**_grid(grid), "section": first})
    around += [{**base[name], "section": first} for name in _ALWAYS]
    around.append(_constant(number, first))
    asked: list[dict[str, Any]] = []
    for it in compiled["fields"]:  # a calculation belongs to the page it stands on
        before = asked[-1]["section"] if asked else first
        section = places.get(it["section"], it["section"]) or before
        asked.append({**_renamed(own, number, it), "section": section})
    form = {
        **compiled,
        "fields": [{**it, "extra": _extra(own, it)} for it in [*around, *asked]],
        "lists": {},
    }
    fields = {it["name"]: field_of(it) for it in form["fields"]}
    return RecordType(
        own.type_name, "event", label, _HOMES[own.subject], None, fields,
        sections or (Section(first, label),), form, own,
    )  # fmt: skip


def _sections(
    compiled: Mapping[str, Any], label: Label
) -> tuple[tuple[Section, ...], dict[str, str]]:
    """The pages. Questions outside groups that follow each other share one, called as the form is."""
    loose = {it["name"] for it in compiled["fields"] if it["section"] == it["name"]}
    made: list[Section] = []
    places: dict[str, str] = {}
    for it in compiled["sections"]:
        is_loose = it["name"] in loose
        if is_loose and made and made[-1].name in places.values() and made[-1].label == label:
            places[it["name"]] = made[-1].name
            continue
        if is_loose:
            places[it["name"]] = it["name"]
            made.append(Section(it["name"], label))
        else:
            made.append(Section(it["name"], Label(**it["label"]), it["relevant"]))
    return tuple(made), places


def _extra(own: OwnForm, question: Mapping[str, Any]) -> dict[str, str]:
    """How answers of own forms are kept: with the default policy, and as leading to a minor."""
    held = question.get("extra", {})
    flags = {"derived"} & set(held.get("flags", "").split())
    if own.volunteer:
        flags.add("volunteer")
    return {
        "policy": "latest", "privacy": "minor", "flags": " ".join(sorted(flags)),
        "ref": own.type_name if question["name"] == "corrects_id" else held.get("ref", ""),
    }  # fmt: skip


def _grid(it: Field) -> dict[str, Any]:
    return {
        **_blank("grid_code", "text"), "label": it.label.wire(), "required": True,
        "constraint": it.constraint, "appearance": "grid",
        "constraint_message": it.constraint_message and it.constraint_message.wire(),
    }  # fmt: skip


def _constant(number: int, section: str) -> dict[str, Any]:
    label = {"zh": "表单版本", "en": "Version of the form"}
    return {
        **_blank(VERSION, "integer"), "section": section, "label": label, "default": number,
        "appearance": "context",
    }  # fmt: skip


def _blank(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name, "type": kind, "list": None, "hint": None, "required": False,
        "relevant": None, "constraint": None, "constraint_message": None, "default": None,
        "calculation": None, "choice_filter": None, "readonly": None, "appearance": "", "extra": {},
    }  # fmt: skip


def _list(own: OwnForm, number: int, name: str) -> str:
    return f"{own.type_name}.{number}.{name}"


def _renamed(own: OwnForm, number: int, question: Mapping[str, Any]) -> dict[str, Any]:
    """A question whose lists are called as the programme calls them, in its formulas too."""
    mine = own.versions[number]["lists"]

    def walk(tree: Any) -> Any:
        if not isinstance(tree, list):
            return tree
        if tree and tree[0] == "choice-name" and tree[2] in mine:
            return [tree[0], walk(tree[1]), _list(own, number, tree[2])]
        return [walk(part) for part in tree]

    made = {key: walk(value) for key, value in question.items() if key != "fields"}
    honoured = APPEARANCES | (TEXT_APPEARANCES if question["type"] == "text" else set())
    made["appearance"] = " ".join(it for it in question["appearance"].split() if it in honoured)
    if question["list"]:
        made["list"] = _list(own, number, question["list"])
    if "fields" in question:
        made["fields"] = [_renamed(own, number, it) for it in question["fields"]]
    return made


def field_of(data: Mapping[str, Any]) -> Field:
    """A compiled question as a field of an own form."""
    extra = data["extra"]
    flags = extra.get("flags", "").split()
    return Field(
        name=data["name"],
        type=data["type"],
        label=Label(**data["label"]),
        section=data["section"],
        list=data["list"],
        ref=data.get("ref") or extra.get("ref") or None,
        hint=Label(**data["hint"]) if data["hint"] else None,
        required=data["required"],
        relevant=data["relevant"],
        constraint=data["constraint"],
        constraint_message=Label(**data["constraint_message"])
        if data["constraint_message"]
        else None,
        default=data["default"],
        calculation=data["calculation"],
        choice_filter=data["choice_filter"],
        readonly=data["readonly"],
        appearance=data["appearance"],
        policy=extra.get("policy", "latest"),
        privacy="minor",
        volunteer="volunteer" in flags,
        derived="derived" in flags,
        range=data.get("range"),
        count=data.get("count"),
        fields=tuple(field_of(it) for it in data.get("fields", ())),
    )
