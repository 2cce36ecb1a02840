"""What may be asked of the answers. Findings warn; none of them keeps a record from being saved.

Reads the compiled form only: required, relevant, constraint, type, choices, and the checks built in
by a question's appearance (`id-number`, `phone`, `phones`, `grid`). The phone asks the same at the door
(pwa/src/forms/checks.ts); tests/vectors/checks.json holds both to one answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from server.forms.evaluate import Context, holds, text, truth
from server.forms.label import Label
from server.forms.media import ENDINGS, is_attachment
from server.forms.numbers import (
    DEMO_AREA,
    id_number_facts,
    id_number_fault,
    is_area_code,
    phone_kind,
)

LONGEST_TEXT = 4_000


class Finding(msgspec.Struct, frozen=True):
    """`code`: required, type, choice, constraint, id_number, id_birth, id_sex, id_demo, phone,
    phone_short, area, too_long, photo_consent. `within`: the entry of a repeat the question stands in, `members/k3f9`."""

    field: str
    code: str
    message: Label
    within: str = ""


MESSAGES = {
    "required": Label("还没有填：{label}", "Still empty: {label}"),
    "integer": Label("请填整数", "A whole number, please"),
    "decimal": Label("请填数字", "A number, please"),
    "date": Label("请填完整的日期，如 2024-03-01", "A full date, please, such as 2024-03-01"),
    "month": Label("请填年月，如 2024-03", "Year and month, please, such as 2024-03"),
    "time": Label("请填时间，如 08:30", "A time, please, such as 08:30"),
    "datetime": Label(
        "请填日期和时间，如 2024-03-01T08:30", "A day and a time, please: 2024-03-01T08:30"
    ),
    "range": Label("数字不在范围内", "The number is out of range"),
    "list": Label("格式不对", "Not in the form of a list"),
    "image": Label("这里要一张照片", "This is to be a picture"),
    "audio": Label("这里要一段录音", "This is to be a recording"),
    "choice": Label("“{value}”不在选项中", "“{value}” is not one of the choices"),
    "constraint": Label("请核对这一项", "Please check this"),
    "too_long": Label("内容太长", "Too long"),
    "id_length": Label(
        "身份号码应为 18 位，原样保留", "An identity number has 18 characters; kept as typed"
    ),
    "id_characters": Label(
        "身份号码只能是 17 位数字加一位校验码，原样保留",
        "An identity number is 17 digits and a check digit; kept as typed",
    ),
    "id_date": Label(
        "身份号码中的出生日期不存在，原样保留",
        "The date in the number does not exist; kept as typed",
    ),
    "id_checksum": Label("身份号码校验码不对，原样保留", "The check digit is wrong; kept as typed"),
    "id_birth": Label(
        "身份号码中的出生日期是 {there}，与填写的不一致",
        "The number says born on {there}, the form does not",
    ),
    "id_sex": Label(
        "身份号码显示的性别与填写的不一致", "The number says another sex than the form"
    ),
    "id_demo": Label("这是演示号码，不能用于真实档案", "This is a demo number, not for real files"),
    "phone": Label(
        "“{value}”不像电话号码，已原样保留", "“{value}” does not look like a phone number; kept"
    ),
    "phone_short": Label(
        "“{value}”是短号，外面打不通",
        "“{value}” is a short number; it cannot be reached from outside",
    ),
    "area": Label(
        "网格编码不对：应为 12 位村代码加两位数字",
        "Not a grid code: the village's 12 digits and two more",
    ),
}
_TYPES = {
    kind: re.compile(pattern, re.ASCII)
    for kind, pattern in {
        "integer": r"-?\d{1,15}",
        "decimal": r"-?\d{1,15}(\.\d{1,9})?",
        "range": r"-?\d{1,15}(\.\d{1,9})?",
        "datetime": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*",
        "date": r"\d{4}-\d{2}-\d{2}",
        "month": r"\d{4}-\d{2}",
        "time": r"\d{2}:\d{2}(:\d{2})?",
    }.items()
}


def validate(
    form: Mapping[str, Any],
    values: Mapping[str, Any],
    context: Context,
    *,
    lists: Mapping[str, Sequence[str]] | None = None,
    demo: bool = False,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """Everything odd about the answers of one form, in the order of its questions; `only` of these, if given.

    `context.values` need not be set: the answers are put there. `lists` are the codes of each choice
    list (the form's own when left out); `demo` allows numbers of the fictional area 990000. Questions
    that do not apply are not looked at.
    """
    context = replace(context, values=values)
    codes = lists or {
        name: [choice["name"] for choice in choices]
        for name, choices in form.get("lists", {}).items()
    }
    found: list[Finding] = []
    for question in form["fields"]:
        if only is not None and question["name"] not in only:
            continue
        if question["type"] in {"note", "calculate"} or not holds(question["relevant"], context):
            continue
        if question["type"] == "repeat":
            found.extend(_of_entries(question, values, context, codes, demo))
            continue
        value = values.get(question["name"])
        if not text(value) and not isinstance(value, Mapping):
            if truth(_required(question, context)):
                message = MESSAGES["required"]
                label = question["label"]
                found.append(
                    Finding(
                        question["name"],
                        "required",
                        Label(
                            message.zh.format(label=label["zh"]),
                            message.en.format(label=label["en"]),
                        ),
                    )
                )
            continue
        found.extend(_of_answer(question, value, values, context, codes, demo))
    return found


def looks_around(question: Mapping[str, Any]) -> bool:
    """Whether what is asked of a question depends on other answers: else its own is enough to judge it."""
    checked = ("required", "relevant", "constraint")
    return (
        question["type"] == "repeat"
        or "id-number" in question["appearance"]
        or any(_reads(question[name]) for name in checked)
    )


def _reads(tree: Any) -> bool:
    return isinstance(tree, list) and (tree[0] == "field" or any(_reads(part) for part in tree))


def _of_entries(
    repeat: Mapping[str, Any],
    values: Mapping[str, Any],
    context: Context,
    codes: Mapping[str, Sequence[str]],
    demo: bool,
) -> Iterator[Finding]:
    """Each entry of a repeat is a form of its own, which also sees the answers around it."""
    entries = values.get(repeat["name"])
    for entry, answers in entries.items() if isinstance(entries, Mapping) else ():
        if isinstance(answers, Mapping):
            inside = {**values, **answers}
            for found in validate(repeat, inside, context, lists=codes, demo=demo):
                yield replace(found, within=f"{repeat['name']}/{entry}")


def _required(question: Mapping[str, Any], context: Context) -> bool:
    return holds(question["required"], context, otherwise=False)


def _of_answer(
    question: Mapping[str, Any],
    value: Any,
    values: Mapping[str, Any],
    context: Context,
    codes: Mapping[str, Sequence[str]],
    demo: bool,
) -> list[Finding]:
    name, kind = question["name"], question["type"]
    if not _fits(kind, value) or (kind == "range" and not _in_range(question, value)):
        return [Finding(name, "type", MESSAGES.get(kind, MESSAGES["list"]))]
    found: list[Finding] = []
    if kind in {"select_one", "select_multiple"} and question["list"] in codes:
        for code in value if isinstance(value, (list, tuple)) else [text(value)]:
            if code not in codes[question["list"]]:
                found.append(Finding(name, "choice", MESSAGES["choice"].filled(value=code)))
    if kind == "text" and len(text(value)) > LONGEST_TEXT:
        found.append(Finding(name, "too_long", MESSAGES["too_long"]))
    if question["constraint"] and not holds(
        question["constraint"], replace(context, current=value)
    ):
        message = question["constraint_message"]
        label = Label(**message) if message else MESSAGES["constraint"]
        found.append(Finding(name, "constraint", label))
    appearance = question["appearance"].split()
    if "id-number" in appearance:
        found.extend(_of_id_number(name, text(value), values, demo))
    if "phone" in appearance:
        found.extend(_of_phone(name, text(value), demo))
    if "phones" in appearance:
        for number in (text(entry.get("number")) for entry in value.values()):
            found.extend(_of_phone(name, number, demo) if number else ())
    if "grid" in appearance and not (is_area_code(text(value)[:12]) and len(text(value)) == 14):
        found.append(Finding(name, "area", MESSAGES["area"]))
    return found


def _in_range(question: Mapping[str, Any], value: Any) -> bool:
    limits = question.get("range")
    return not limits or float(limits["start"]) <= float(value) <= float(limits["end"])


def _fits(kind: str, value: Any) -> bool:
    if kind == "list":
        return isinstance(value, Mapping) and all(
            isinstance(each, Mapping) for each in value.values()
        )
    if kind == "select_multiple":
        return isinstance(value, (list, tuple))
    if kind in ENDINGS:
        return is_attachment(value, kind)
    if kind not in _TYPES:
        return isinstance(value, (str, int, float))
    said = text(value)
    if isinstance(value, bool) or not _TYPES[kind].fullmatch(said):
        return False
    try:
        if kind in {"date", "month"}:
            date.fromisoformat(said if kind == "date" else f"{said}-01")
        elif kind == "datetime":
            date.fromisoformat(said[:10])
    except ValueError:
        return False
    clock = said[11:] if kind == "datetime" else said
    return kind not in {"time", "datetime"} or (clock[:2] < "24" and clock[3:5] < "60")


def _of_id_number(name: str, typed: str, values: Mapping[str, Any], demo: bool) -> list[Finding]:
    fault = id_number_fault(typed)
    if fault:
        return [Finding(name, "id_number", MESSAGES[f"id_{fault}"])]
    facts = id_number_facts(typed)
    found: list[Finding] = []
    if facts and values.get("birth_date") and values["birth_date"] != facts[0]:
        found.append(Finding(name, "id_birth", MESSAGES["id_birth"].filled(there=facts[0])))
    if facts and values.get("sex") in {"1", "2"} and values["sex"] != facts[1]:
        found.append(Finding(name, "id_sex", MESSAGES["id_sex"]))
    if typed.startswith(DEMO_AREA) and not demo:
        found.append(Finding(name, "id_demo", MESSAGES["id_demo"]))
    return found


def _of_phone(name: str, typed: str, demo: bool) -> list[Finding]:
    kind = phone_kind(typed)
    if kind == "short":
        return [Finding(name, "phone_short", MESSAGES["phone_short"].filled(value=typed))]
    if not kind or (kind == "demo" and not demo):
        return [Finding(name, "phone", MESSAGES["phone"].filled(value=typed))]
    return []
