"""A form on paper: what is printed of each question, blank to fill in by hand or with a record's answers.

Pure: a record type and its answers in, lines out; the template draws them. Every question of the form is on the
sheet, also those of a condition, which is written beside the question: paper cannot hide what does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.office import values
from server.office.text import translate
from server.programme import RecordType, programme

MOST_BOXES = 18
"""More choices than this are a line to write on, with the codes on the last page."""
LONGEST_BOXES = 260
"""Width of all choices together that are still boxes; a Chinese sign is twice as wide as a letter."""
MOST_NAMED = 2
"""Choices a condition names; of more it only says which question decides."""
BLANK_ROWS = 6
PHONE_LINES = 2

Words = Callable[[str, Any], str]
"""The answer to a field in words: (field, value)."""


@dataclass(frozen=True)
class Box:
    words: str
    ticked: bool


@dataclass(frozen=True)
class Line:
    """One question. `kind`: boxes, text (a line), long (several lines), number, date, month, time, phones, table,
    picture (a box to glue one into)."""

    name: str
    words: str
    kind: str
    said: str = ""
    boxes: Sequence[Box] = ()
    several: bool = False
    required: bool = False
    hint: str = ""
    condition: str = ""
    lines: int = 1
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Part:
    """A section of the form."""

    words: str
    lines: Sequence[Line]
    condition: str = ""


@dataclass(frozen=True)
class CodeList:
    """A list too long for boxes, printed once at the end of a blank sheet."""

    words: str
    codes: Sequence[tuple[str, str]]


def parts_of(
    kind: RecordType,
    language: str,
    *,
    answers: Mapping[str, Any] | None = None,
    say: Words | None = None,
    hidden: frozenset[str] = frozenset(),
) -> list[Part]:
    """The sheet's sections. `answers` None: blank. `say` puts an answer into words; `hidden` fields are not this
    role's to print."""
    asked = [
        it for it in kind.form["fields"] if _is_on_paper(it, kind) and it["name"] not in hidden
    ]
    labels = {it["name"]: values.label(_Label(it["label"]), language) for it in asked}
    # What hangs on something paper does not ask (a correction's reason) is there when it was answered.
    asked = [
        it
        for it in asked
        if _read(it["relevant"]) <= labels.keys() or (answers and answers.get(it["name"]))
    ]
    lists = {it["name"]: it["list"] for it in asked}
    parts = []
    for section in kind.sections:
        own = [it for it in asked if it["section"] == section.name]
        shared = section.relevant
        is_blank = answers is None
        lines = [
            _line(
                it, language, answers, say,
                _condition(it["relevant"], labels, lists, language)
                if is_blank and it["relevant"] != shared
                else "",
            )
            for it in own
        ]  # fmt: skip
        if lines:
            told = _condition(shared, labels, lists, language) if is_blank else ""
            parts.append(Part(values.label(section, language), lines, told))
    return parts


def long_lists(kind: RecordType, language: str, hidden: frozenset[str]) -> list[CodeList]:
    """The lists of questions that have no boxes on a blank sheet."""
    found: dict[str, CodeList] = {}
    for it in kind.form["fields"]:
        name = it["list"]
        if not name or name in found or it["name"] in hidden or not _is_on_paper(it, kind):
            continue
        choices = _choices(name, language)
        if choices and not _fits_boxes(choices):
            found[name] = CodeList(values.label(_Label(it["label"]), language), choices)
    return list(found.values())


@dataclass(frozen=True)
class _Label:
    """A compiled label as `values.label` reads one."""

    of: Mapping[str, str]

    @property
    def zh(self) -> str:
        return self.of["zh"]

    @property
    def en(self) -> str:
        return self.of["en"]


def _is_on_paper(it: Mapping[str, Any], kind: RecordType) -> bool:
    """Whatever a person answers; references only where they are asked, the rest is the header's."""
    field = kind.fields.get(it["name"])
    if it["type"] in ("note", "calculate") or (field is not None and field.derived):
        return False
    return "context" not in it["appearance"].split()


def _choices(list_name: str, language: str) -> list[tuple[str, str]]:
    return [(it.name, values.label(it, language)) for it in programme().lists.get(list_name, ())]


def _fits_boxes(choices: Sequence[tuple[str, str]]) -> bool:
    return (
        len(choices) <= MOST_BOXES and sum(_width(words) for _, words in choices) <= LONGEST_BOXES
    )


def _width(words: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in words)


_KINDS = {
    "integer": "number", "decimal": "number", "range": "number", "date": "date", "month": "month",
    "time": "time", "datetime": "date", "list": "phones", "repeat": "table",
    "image": "picture",
}  # fmt: skip


def _line(
    it: Mapping[str, Any],
    language: str,
    answers: Mapping[str, Any] | None,
    say: Words | None,
    condition: str,
) -> Line:
    name, kind = it["name"], _KINDS.get(it["type"], "text")
    value = answers.get(name) if answers is not None else None
    said = "" if value in (None, "", [], {}) or say is None else say(name, value)
    common: dict[str, Any] = {
        "name": name, "words": values.label(_Label(it["label"]), language), "said": said,
        "required": it["required"] not in (None, False), "condition": condition,
        "hint": values.label(_Label(it["hint"]), language) if it["hint"] and answers is None else "",
    }  # fmt: skip
    choices = _choices(it["list"], language) if it["list"] else []
    if it["type"] == "acknowledge":
        choices = [("OK", translate(language, "已确认"))]
    if choices and _fits_boxes(choices):
        picked = {str(code) for code in (value if isinstance(value, list) else [value])}
        boxes = [Box(words, code in picked) for code, words in choices]
        unknown = picked - {code for code, _ in choices} - {"None", ""}
        return Line(
            kind="boxes", boxes=boxes, several=it["type"] == "select_multiple",
            **{**common, "said": "、".join(sorted(unknown))},
        )  # fmt: skip
    if kind == "table":
        return Line(kind="table", **common, **_table(it, value, language))
    if kind == "phones":
        return Line(kind="phones", lines=PHONE_LINES, **common)
    if "multiline" in it["appearance"].split():
        return Line(kind="long", lines=3, **common)
    return Line(kind=kind, **common)


def _table(it: Mapping[str, Any], value: Any, language: str) -> dict[str, Any]:
    """A repeat: a column a question, a row an entry."""
    asked = [each for each in it.get("fields", ()) if each["type"] not in ("note", "calculate")]
    entries = list(value.values()) if isinstance(value, Mapping) else []
    rows = [
        [_cell(each, entry.get(each["name"]), language) for each in asked]
        for entry in entries
        if isinstance(entry, Mapping)
    ]
    return {
        "head": [values.label(_Label(each["label"]), language) for each in asked],
        "rows": rows or [[""] * len(asked)] * BLANK_ROWS,
    }


def _cell(it: Mapping[str, Any], value: Any, language: str) -> str:
    if value in (None, ""):
        return ""
    several = value if isinstance(value, list) else [value]
    if it["list"]:
        return translate(language, "、").join(
            values.code_label(it["list"], each, language) for each in several
        )
    return translate(language, "、").join(map(str, several))


def _condition(
    tree: Any, labels: Mapping[str, str], lists: Mapping[str, str | None], language: str
) -> str:
    """Simple conditions in words: “身体状况”是“残疾”时填. Others are left to whoever fills the sheet in."""
    if not isinstance(tree, list):
        return ""
    told = dict.fromkeys(_compared(part, labels, lists, language) for part in _conjuncts(tree))
    return translate(language, "；").join(filter(None, told))


def _read(tree: Any) -> set[str]:
    """The fields a condition reads."""
    if not isinstance(tree, list):
        return set()
    if tree[0] == "field":
        return {str(tree[1])}
    return set().union(*(_read(part) for part in tree[1:]))


def _conjuncts(tree: list[Any]) -> Iterator[list[Any]]:
    if tree[0] == "and":
        for part in tree[1:]:
            if isinstance(part, list):
                yield from _conjuncts(part)
    else:
        yield tree


def _compared(
    tree: list[Any], labels: Mapping[str, str], lists: Mapping[str, str | None], language: str
) -> str:
    match tree:
        case ["=", ["field", str(name)], ""] if name in labels:
            return translate(language, "没填“%(field)s”时填", field=labels[name])
        case ["=", ["field", str(name)], str(code)] if name in labels:
            message, codes = "“%(field)s”是“%(choice)s”时填", [code]
        case ["selected", ["field", str(name)], str(code)] if name in labels:
            message, codes = "“%(field)s”里有“%(choice)s”时填", [code]
        case ["selected", str(several), ["field", str(name)]] if name in labels:
            message, codes = "“%(field)s”是“%(choice)s”时填", several.split()
        case ["not", ["selected", ["field", str(name)], str(code)]] if name in labels:
            message, codes = "“%(field)s”不是“%(choice)s”时填", [code]
        case _:
            return ""
    if len(codes) > MOST_NAMED:
        return translate(language, "看“%(field)s”填", field=labels[name])
    between = translate(language, "”或“")
    said = between.join(values.code_label(lists.get(name), code, language) for code in codes)
    return translate(language, message, field=labels[name], choice=said)
