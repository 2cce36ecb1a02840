"""XLSForm -> the compiled form (JSON) that phones, the office and validation read.

pyxform reads the sheets, knows their aliases and checks that the form is a standard one which
also turns into XForm XML; this module walks what pyxform understood, parses every expression and
collects all faults with their row and column before it refuses.

Imported only where a form is compiled (a build step or a short-lived worker): pyxform and
elementpath together cost 20 MB and a second, which a running server does not have to pay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import md_to_dict
from pyxform.xls2xform import ConvertResult, convert

from server.forms.errors import MESSAGES, ExpressionError, Fault, FormError
from server.forms.expression import Expr, both, fields_of, parse
from server.forms.label import Label

TYPES = {
    "text": "text",
    "string": "text",
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "date": "date",
    "time": "time",
    "note": "note",
    "calculate": "calculate",
    "hidden": "calculate",
    "acknowledge": "acknowledge",
    "trigger": "acknowledge",
}
CHINESE, ENGLISH = "中文 (zh)", "English (en)"
_EXTRA = "zf:"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)

MOST_QUESTIONS = 500
MOST_CHOICES = 5_000
"""Rows of a sheet. A form at the door has some dozens; more is a mistake, and would hold up whoever opens it."""

Sheet = list[dict[str, Any]]


def compile_markdown(text: str) -> dict[str, Any]:
    """The compiled form of an XLSForm written as Markdown tables.

    `{"name", "label", "sections": [{"name", "label", "relevant"}], "fields": [field…],
    "lists": {name: [{"name", "label", "extra"}]}}`; a field has the keys of the programme's wire
    plus `extra`, our own `bind::zf:…` cells by name. Raises FormError with every fault found.
    """
    source, converted = _convert(text)
    return _Compiler(source, converted).form()


def to_xform(text: str) -> str:
    """The standard XForm XML of an XLSForm written as Markdown tables. Raises FormError."""
    xform: str = _convert(text)[1].xform
    return xform


def _convert(text: str) -> tuple[dict[str, Sheet], ConvertResult]:
    source: dict[str, Sheet] = {}
    try:
        source = md_to_dict(text)
        _check_size(source)
        return source, convert(xlsform=text, file_type=".md", validate=False)
    except PyXFormError as refusal:
        raise FormError([_pyxform_fault(str(refusal), source)]) from refusal


def _check_size(source: dict[str, Sheet]) -> None:
    for sheet, most in (("survey", MOST_QUESTIONS), ("choices", MOST_CHOICES)):
        if len(source.get(sheet, [])) > most:
            message = MESSAGES["too_many"].filled(name=str(most))
            raise FormError([Fault(sheet, most + 2, "", "too_many", message)])


# What pyxform says of the commonest faults -> our code, and the column it is in.
_SAID = (
    (r"Unknown question type '(?P<name>[^']*)'", "unknown_type", "type"),
    (r"[Ll]ist name not in choices sheet: (?P<name>\S+)", "missing_list", "type"),
    (
        r"the '(?P<column>\w+)' value .* Could not find the name '(?P<name>[^']+)'",
        "unknown_field",
        "",
    ),
    (r"the 'name' value '(?P<name>[^']+)' .* must be unique", "duplicate_name", "name"),
    (r"Question or group with no name", "missing_name", "name"),
    (r"should be a (?P<name>choices) sheet", "missing_sheet", ""),
    (r"have a sheet named '(?P<name>survey)'", "missing_sheet", ""),
)


def _pyxform_fault(said: str, source: dict[str, Sheet]) -> Fault:
    sheet = re.search(r"['\"](survey|choices|settings)['\"]", said)
    row = re.search(r"\[row : (\d+)\]", said)
    number = int(row[1]) if row else 0
    for pattern, code, where in _SAID:
        match = re.search(pattern, said, re.S)
        if not match:
            continue
        found = match.groupdict()
        if code == "unknown_type" and not number:
            number = next(
                (
                    position
                    for position, cells in enumerate(source.get("survey", []), start=2)
                    if cells.get("type") == found["name"]
                ),
                0,
            )
        message = MESSAGES[code].filled(name=found.get("name", ""))
        named = found["name"] if code == "missing_sheet" else "survey"
        return Fault(named, number, found.get("column") or where, code, message)
    column = re.search(r"the '(\w+)' value", said)
    message = MESSAGES["not_xlsform"].filled(detail=said)
    return Fault(
        sheet[1] if sheet else "survey", number, column[1] if column else "", "not_xlsform", message
    )


class _Compiler:
    """Walks one form; `faults` fills up on the way."""

    def __init__(self, source: dict[str, Sheet], converted: ConvertResult) -> None:
        self.faults: list[Fault] = []
        self.survey: dict[str, Any] = converted._pyxform
        self.rows = {
            str(row["name"]): number
            for number, row in reversed(list(enumerate(source.get("survey", []), start=2)))
            if "name" in row
        }
        self.questions = [
            (question, section, conditions)
            for question, section, conditions in _questions(self.survey)
            if question["name"] not in {"instanceID", "instanceName"}
        ]
        self.names = {question["name"] for question, _, _ in self.questions}
        self.lists_used = {
            question["name"]: question["itemset"]
            for question, _, _ in self.questions
            if "itemset" in question
        }

    def form(self) -> dict[str, Any]:
        fields, seen = [], set()
        for question, section, conditions in self.questions:
            if question["name"] in seen:
                self._fault(question["name"], "name", "duplicate_name", name=question["name"])
            seen.add(question["name"])
            if not _NAME.fullmatch(question["name"]):
                self._fault(question["name"], "name", "bad_name", name=question["name"])
            fields.append(self._field(question, section, conditions))
        self._check_circles(fields)
        form = {
            "name": self.survey["id_string"],
            "label": _label(self.survey.get("title", "")),
            "sections": self._sections(),
            "fields": fields,
            "lists": {name: [_choice(row) for row in rows] for name, rows in self._choices()},
        }
        if self.faults:
            raise FormError(sorted(self.faults, key=lambda fault: fault.row))
        return form

    def _sections(self) -> list[dict[str, Any]]:
        return [
            {
                "name": group["name"],
                "label": _label(group.get("label", group["name"])),
                "relevant": self._expression(group["name"], group.get("bind", {}), "relevant"),
            }
            for group in self.survey["children"]
            if group["type"] == "group" and group["name"] != "meta"
        ]

    def _choices(self) -> Iterator[tuple[str, Sheet]]:
        used = set(self.lists_used.values())
        return (
            (name, rows) for name, rows in self.survey.get("choices", {}).items() if name in used
        )

    def _field(
        self, question: dict[str, Any], section: str, conditions: list[Expr]
    ) -> dict[str, Any]:
        name, bind = question["name"], question.get("bind", {})
        extra = {
            key.removeprefix(_EXTRA): value for key, value in bind.items() if key.startswith(_EXTRA)
        }
        appearance = question.get("control", {}).get("appearance", "")
        kind = TYPES.get(question["type"], "")
        if not kind:
            self._fault(name, "type", "unknown_type", name=question["type"])
        if kind == "date" and "month-year" in appearance:
            kind = "month"
        kind = extra.pop("kind", kind)
        relevant = self._expression(name, bind, "relevant")
        for group, condition in conditions:
            relevant = both(self._expression(group, {"relevant": condition}, "relevant"), relevant)
        message = bind.get("jr:constraintMsg")
        return {
            "name": name,
            "type": kind,
            "list": question.get("itemset"),
            "section": section,
            "label": _label(question.get("label", name)),
            "hint": _label(question["hint"]) if "hint" in question else None,
            "required": self._expression(name, bind, "required") or False,
            "relevant": relevant,
            "constraint": self._expression(name, bind, "constraint"),
            "constraint_message": _label(message) if message else None,
            "default": self._default(name, kind, question.get("default")),
            "calculation": self._expression(name, bind, "calculate", column="calculation"),
            "choice_filter": self._expression(
                name, question, "choice_filter", also=self._columns(question.get("itemset"))
            ),
            "readonly": self._expression(name, bind, "readonly"),
            "appearance": appearance,
            "extra": extra,
        }

    def _columns(self, list_name: str | None) -> set[str]:
        rows = self.survey.get("choices", {}).get(list_name, [])
        return {column for row in rows for column in row if column != "label"}

    def _expression(
        self,
        name: str,
        cells: dict[str, Any],
        key: str,
        column: str = "",
        also: set[str] | None = None,
    ) -> Expr:
        text = cells.get(key)
        if text is None or text in {"no", "false", "false()"}:
            return None
        if text in {"yes", "true", "true()"}:
            return True
        if also:
            # A choice filter names the columns of its list bare: kind = ${helper_kind}.
            text = re.sub(
                rf"(?<![\w${{'.-])({'|'.join(sorted(also))})(?![\w}}'(-])", r"${\1}", text
            )
        try:
            tree = parse(text, self.names | (also or set()), lists=self.lists_used)
        except ExpressionError as refusal:
            self.faults.append(
                Fault(
                    "survey", self.rows.get(name, 0), column or key, refusal.code, refusal.message
                )
            )
            return None
        shadowed = fields_of(tree) & self.names & (also or set())
        for column_name in sorted(shadowed):
            self._fault(name, key, "duplicate_name", name=column_name)
        return tree

    def _default(self, name: str, kind: str, text: str | None) -> Expr:
        if text is None or text == "":
            return None
        if "${" in text or re.fullmatch(r"[a-z:-]+\(.*\)", text):
            return self._expression(name, {"default": text}, "default")
        return int(text) if kind == "integer" else text

    def _check_circles(self, fields: list[dict[str, Any]]) -> None:
        needs = {field["name"]: fields_of(field["calculation"]) for field in fields}
        for start in needs:
            reached: set[str] = set()
            ahead = list(needs[start])
            while ahead:
                name = ahead.pop()
                if name not in reached:
                    reached.add(name)
                    ahead.extend(needs.get(name, ()))
            if start in reached:
                self._fault(start, "calculation", "circular", name=start)

    def _fault(self, field: str, column: str, code: str, **values: str) -> None:
        row = self.rows.get(field, 0)
        self.faults.append(Fault("survey", row, column, code, MESSAGES[code].filled(**values)))


def _questions(
    group: dict[str, Any], section: str = "", conditions: tuple[tuple[str, str], ...] = ()
) -> Iterator[tuple[dict[str, Any], str, Any]]:
    """Every question with its section (the outermost group) and the conditions of its groups."""
    for child in group.get("children", []):
        if child["type"] != "group":
            yield child, section, conditions
        elif child["name"] != "meta":
            own = child.get("bind", {}).get("relevant")
            inner = (*conditions, (child["name"], own)) if own else conditions
            yield from _questions(child, section or child["name"], inner)


def _label(text: str | dict[str, str]) -> dict[str, str]:
    if isinstance(text, str):
        return Label(text, text).wire()
    zh = next(
        (said for language, said in text.items() if "zh" in language or "中文" in language), ""
    )
    en = next((said for language, said in text.items() if "en" in language.lower()), "")
    other = zh or en or next(iter(text.values()), "")
    return Label(zh or other, en or other).wire()


def _choice(row: dict[str, Any]) -> dict[str, Any]:
    extra = {key: str(value) for key, value in row.items() if key not in {"name", "label"}}
    return {"name": row["name"], "label": _label(row.get("label", row["name"])), "extra": extra}
