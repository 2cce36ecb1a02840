"""XLSForm -> the compiled form (JSON) that phones, the office and validation read.

pyxform reads the sheets, knows their aliases and checks that the form is a standard one which
also turns into XForm XML; this module walks what pyxform understood, parses every expression and
collects all faults with their row and column before it refuses.

Imported only where a form is compiled (a build step or a short-lived worker): pyxform and
elementpath together cost 20 MB and a second, which a running server does not have to pay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import md_to_dict
from pyxform.xls2xform import ConvertResult, convert

from server.forms import workbook
from server.forms.errors import MESSAGES, ExpressionError, Fault, FormError
from server.forms.expression import Expr, both, fields_of, parse
from server.forms.label import Label
from server.forms.refusals import fault_of

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
    "dateTime": "datetime",
    "note": "note",
    "calculate": "calculate",
    "hidden": "calculate",
    "acknowledge": "acknowledge",
    "trigger": "acknowledge",
    "range": "range",
    "photo": "image",
    "image": "image",
    "audio": "audio",
    "barcode": "barcode",
    "geopoint": "geopoint",
    "start": "calculate",
    "end": "calculate",
    "today": "calculate",
}
# What a device notes by itself in other tools is a calculation here.
_NOTED: dict[str, Expr] = {"start": ["once", ["now"]], "end": ["now"], "today": ["once", ["today"]]}
CHINESE, ENGLISH = "中文 (zh)", "English (en)"
_OTHER = Label("Other", "Other")
_EXTRA = "zf:"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)

MOST_QUESTIONS = 500
MOST_CHOICES = 5_000
"""Rows of a sheet. A form at the door has some dozens; more is a mistake, and would hold up whoever opens it."""

Sheet = list[dict[str, Any]]
Conditions = tuple[tuple[str, str], ...]
_FROM_FILE = re.compile(r"([\w-]+)\.(?:csv|xml|geojson)", re.ASCII)
_SPECIFY = re.compile(r"selected\(\.\./(\w+), 'other'\)")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form may use. `records`: the fields of each record type which a question may choose
    from (`select_one_from_file child.csv`) or look up; `geopoint`: whether places may be asked."""

    records: Mapping[str, Collection[str]] = field(default_factory=dict)
    geopoint: bool = False
    uploaded: bool = False
    """Somebody else's form: our own `bind::zf:…` cells mean nothing in it."""


def compile_markdown(text: str, setting: Setting | None = None) -> dict[str, Any]:
    """The compiled form of an XLSForm written as Markdown tables.

    `{"name", "label", "sections": [{"name", "label", "relevant"}], "fields": [field…],
    "lists": {name: [{"name", "label", "extra"}]}}`; a field has the keys of the programme's wire
    plus `extra`, our own `bind::zf:…` cells by name. Only where they say something: `guidance`,
    `required_message`, `range` ({"start", "end", "step"}), `ref` (a record type), and of a repeat
    `count` and `fields`. Raises FormError with every fault found.
    """
    source, converted = _convert(text, ".md")
    return _Compiler(source, converted, setting or Setting()).form()


def compile_workbook(content: bytes, setting: Setting | None = None) -> tuple[dict[str, Any], str]:
    """The compiled form and the XForm XML of an .xlsx, .xls, .csv or .md file; what it is, its bytes say.

    Beside what `compile_markdown` makes the form has `rows`, question -> its row, and `settings`, the
    cells of that sheet by header. An untrusted file belongs in `server.forms.upload`, which bounds time
    and memory. Raises FormError.
    """
    kind = workbook.kind_of(content)
    source, converted = _convert(workbook.tables_of(content) if kind == ".md" else content, kind)
    compiler = _Compiler(source, converted, setting or Setting())
    first = next(iter(source.get("settings", [])), {})
    settings = {str(key): str(cell).strip() for key, cell in first.items() if cell is not None}
    form = {**compiler.form(), "rows": compiler.rows, "settings": settings}
    return form, str(converted.xform)


def to_xform(text: str) -> str:
    """The standard XForm XML of an XLSForm written as Markdown tables. Raises FormError."""
    return str(_convert(text, ".md")[1].xform)


def _convert(content: str | bytes, kind: str) -> tuple[dict[str, Sheet], ConvertResult]:
    source: dict[str, Sheet] = {}
    try:
        if isinstance(content, bytes):
            source = workbook.sheets_of(content, kind)
        else:
            source = md_to_dict(content)
        _check_size(source)
        return source, convert(xlsform=content, file_type=kind, validate=False)
    except PyXFormError as refusal:
        raise FormError([fault_of(str(refusal), source)]) from refusal
    except (FormError, MemoryError):
        raise
    except Exception as broken:
        # pyxform meets some odd sheets with errors of its own making (KeyError, AttributeError).
        message = MESSAGES["not_xlsform"].filled(detail=type(broken).__name__)
        raise FormError([Fault("survey", 0, "", "not_xlsform", message)]) from broken


def _check_size(source: dict[str, Sheet]) -> None:
    for sheet, most in (("survey", MOST_QUESTIONS), ("choices", MOST_CHOICES)):
        if len(source.get(sheet, [])) > most:
            message = MESSAGES["too_many"].filled(name=str(most))
            raise FormError([Fault(sheet, most + 2, "", "too_many", message)])


class _Compiler:
    """Walks one form; `faults` fills up on the way."""

    def __init__(
        self, source: dict[str, Sheet], converted: ConvertResult, setting: Setting
    ) -> None:
        self.setting = setting
        self.faults: list[Fault] = []
        self.survey: dict[str, Any] = converted._pyxform
        self.rows = {
            str(row["name"]): number
            for number, row in reversed(list(enumerate(source.get("survey", []), start=2)))
            if "name" in row
        }
        self.questions = [
            (question, section, conditions, repeat)
            for question, section, conditions, repeat in _questions(self.survey)
            if question["name"] not in {"instanceID", "instanceName"}
        ]
        self.names = {question["name"] for question, *_ in self.questions}
        self.lists_used = {
            question["name"]: question["itemset"]
            for question, *_ in self.questions
            if "itemset" in question and not _FROM_FILE.fullmatch(question["itemset"])
        }

    def form(self) -> dict[str, Any]:
        fields: list[dict[str, Any]] = []
        seen: set[str] = set()
        repeats: dict[str, dict[str, Any]] = {}
        for question, section, conditions, repeat in self.questions:
            name = question["name"]
            if name in seen:
                self._fault(name, "name", "duplicate_name", name=name)
            seen.add(name)
            if not _NAME.fullmatch(name):
                self._fault(name, "name", "bad_name", name=name)
            if question["type"] == "repeat":
                if repeat:
                    self._fault(name, "type", "nested_repeat", name=name)
                repeats[name] = self._repeat(question, section, conditions)
                fields.append(repeats[name])
            else:
                made = self._field(question, section, conditions, bool(repeat))
                (repeats[repeat]["fields"] if repeat else fields).append(made)
        self._check_circles([*fields, *(f for each in repeats.values() for f in each["fields"])])
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
                "relevant": self._expression(group["name"], group.get("bind", {}), "relevant")
                if group["type"] == "group"
                else None,
            }
            for group in self.survey["children"]
            if group["name"] != "meta" and group["type"] not in {"calculate", "hidden", *_NOTED}
        ]

    def _choices(self) -> Iterator[tuple[str, Sheet]]:
        used = set(self.lists_used.values())
        return (
            (name, rows) for name, rows in self.survey.get("choices", {}).items() if name in used
        )

    def _repeat(
        self, group: dict[str, Any], section: str, conditions: Conditions
    ) -> dict[str, Any]:
        name, control = group["name"], group.get("control", {})
        return {
            "name": name,
            "type": "repeat",
            "list": None,
            "section": section,
            "label": _label(group.get("label", name)),
            "hint": None,
            "required": False,
            "relevant": self._relevant(name, group.get("bind", {}), conditions),
            "constraint": None,
            "constraint_message": None,
            "default": None,
            "calculation": None,
            "choice_filter": None,
            "readonly": None,
            "appearance": control.get("appearance", ""),
            "extra": {},
            "count": self._expression(name, {"c": control.get("jr:count")}, "c", "repeat_count"),
            "fields": [],
        }

    def _relevant(self, name: str, bind: dict[str, Any], conditions: Conditions) -> Expr:
        relevant = self._expression(name, bind, "relevant")
        for group, condition in reversed(conditions):
            relevant = both(self._expression(group, {"relevant": condition}, "relevant"), relevant)
        return relevant

    def _field(
        self, question: dict[str, Any], section: str, conditions: Conditions, repeated: bool
    ) -> dict[str, Any]:
        name, bind = question["name"], question.get("bind", {})
        extra = {
            key.removeprefix(_EXTRA): value
            for key, value in bind.items()
            if key.startswith(_EXTRA) and not self.setting.uploaded
        }
        appearance = question.get("control", {}).get("appearance", "")
        kind = TYPES.get(question["type"], "")
        itemset = question.get("itemset")
        more: dict[str, Any] = {}
        also = self._columns(itemset)
        from_file = _FROM_FILE.fullmatch(itemset or "")
        if not kind or (from_file and kind != "select_one"):
            self._fault(name, "type", "unknown_type", name=question["type"])
        elif from_file:
            kind, itemset, record = "ref", None, from_file[1]
            more["ref"] = record
            also = set(self.setting.records.get(record, ()))
            if record not in self.setting.records:
                known = "、".join(sorted(self.setting.records)) or "-"
                self._fault(name, "type", "unknown_record", name=record, known=known)
        if kind == "geopoint" and not self.setting.geopoint:
            self._fault(name, "type", "geopoint_off")
        if kind == "range":
            more["range"] = self._range(name, question.get("parameters", {}))
        if question["type"] in _NOTED:
            question = {**question, "bind": {}}
        if "guidance_hint" in question:
            more["guidance"] = _label(question["guidance_hint"])
        if bind.get("jr:requiredMsg"):
            more["required_message"] = _label(bind["jr:requiredMsg"])
        if str(itemset or "").startswith("${"):
            self._fault(name, "type", "unknown_type", name=f"select_one {itemset}")
        if kind == "date" and "month-year" in appearance:
            kind = "month"
        kind = extra.pop("kind", kind)
        specify = _SPECIFY.fullmatch(str(bind.get("relevant", "")))
        if specify and question.get("label") == "Specify other.":  # pyxform's own, of or_other
            question["label"] = {"zh": "请说明", "en": "Please specify"}
            bind = {**bind, "relevant": f"selected(${{{specify[1]}}}, 'other')"}
        relevant = self._relevant(name, bind, conditions)
        message = bind.get("jr:constraintMsg")
        return {
            "name": name,
            "type": kind,
            "list": itemset,
            "section": section,
            "label": _label(question.get("label", name)),
            "hint": _label(question["hint"]) if "hint" in question else None,
            "required": self._expression(name, bind, "required") or False,
            "relevant": relevant,
            "constraint": self._expression(name, bind, "constraint"),
            "constraint_message": _label(message) if message else None,
            "default": self._default(name, kind, question.get("default")),
            "calculation": _NOTED.get(question["type"])
            or self._expression(name, bind, "calculate", column="calculation"),
            "choice_filter": self._expression(name, question, "choice_filter", also=also),
            "readonly": self._expression(name, bind, "readonly"),
            "appearance": appearance,
            "extra": extra,
            **more,
        }

    def _range(self, name: str, parameters: dict[str, str]) -> dict[str, float]:
        limits: dict[str, float] = {}
        for key, otherwise in (("start", "0"), ("end", "10"), ("step", "1")):
            said = str(parameters.get(key, otherwise))
            if not re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", said, re.ASCII):
                self._fault(name, "parameters", "bad_range")
                said = otherwise
            limits[key] = float(said) if "." in said else int(said)
        if limits["step"] <= 0 or limits["start"] >= limits["end"]:
            self._fault(name, "parameters", "bad_range")
        return limits

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
            tree = parse(
                text,
                self.names | (also or set()),
                lists=self.lists_used,
                records=self.setting.records,
            )
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
        if kind == "integer":
            if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
                self._fault(name, "default", "bad_default", name=text)
                return None
            return int(text)
        return text

    def _check_circles(self, fields: list[dict[str, Any]]) -> None:
        needs = {entry["name"]: fields_of(entry["calculation"]) for entry in fields}
        for entry in fields:
            if entry["type"] == "repeat":
                needs[entry["name"]] |= fields_of(entry["count"])
                for inner in entry["fields"]:
                    needs[inner["name"]] |= {entry["name"]} if entry["count"] else set()
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

    def _fault(self, name_of: str, column: str, code: str, **values: str) -> None:
        row = self.rows.get(name_of, 0)
        self.faults.append(Fault("survey", row, column, code, MESSAGES[code].filled(**values)))


def _questions(
    group: dict[str, Any], section: str = "", conditions: Conditions = (), repeat: str = ""
) -> Iterator[tuple[dict[str, Any], str, Conditions, str]]:
    """Every question and repeat with its section (the outermost group), the conditions of its
    groups and the repeat it stands in. A question outside groups is a section of its own."""
    for child in group.get("children", []):
        own_section = section or child["name"]
        if child["type"] == "repeat":
            yield child, own_section, conditions, repeat
            yield from _questions(child, own_section, (), child["name"])
        elif child["type"] != "group":
            asked = child["type"] not in {"calculate", "hidden", *_NOTED}
            yield child, own_section if asked else section, conditions, repeat
        elif child["name"] != "meta":
            own = child.get("bind", {}).get("relevant")
            inner = (*conditions, (child["name"], own)) if own else conditions
            yield from _questions(child, own_section, inner, repeat)


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
    label = _label(row.get("label", row["name"]))
    if row["name"] == "other" and label == _OTHER.wire():  # added by pyxform for or_other
        label = {"zh": "其他", "en": "Other"}
    return {"name": row["name"], "label": label, "extra": extra}
