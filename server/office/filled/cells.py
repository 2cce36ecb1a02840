"""A cell as the answer to a question: days, numbers, codes by their words, entries of a repeat. Pure."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from server.forms import Label
from server.office.edit_form import NOT_A_DAY, NOT_A_MONTH, NOT_A_NUMBER
from server.office.roster.cells import fold, is_blank, shown, tidy, yes_no
from server.office.roster.choices import Choices
from server.office.roster.dates import ImpossibleDay, read_day
from server.office.roster.sheet import Value
from server.programme import Field, programme

LONGEST = 2000
AHEAD = timedelta(days=3650)
"""Days may lie ahead, such as the next visit; the form says which may not."""
NOT_A_TIME = Label("请写成 08:30 这样的时间。", "Please write a time such as 08:30.")
NOT_A_CHOICE = Label("“{word}”不在选项里。", "“{word}” is not one of the choices.")


class Unreadable(ValueError):
    """What a cell says is no answer to the question; `label` says why."""

    def __init__(self, label: Label) -> None:
        super().__init__(label.zh)
        self.label = label


def answer(field: Field, value: Value, today: date, new_entry: Callable[[], str]) -> Any:
    """The answer as a row holds it, None for none. Raises `Unreadable`. References stay words (`pointing`)."""
    if value is None or not shown(value).strip():
        return None
    if field.list is None and field.type != "repeat" and is_blank(value) and field.type != "text":
        return None
    match field.type:
        case "select_one" | "select_multiple":
            return _choice(field, value)
        case "acknowledge":
            return "OK" if yes_no(value) or fold(value) == "ok" else None
        case "integer":
            return _integer(value)
        case "decimal" | "range":
            return _decimal(value)
        case "date":
            return _day(value, today, NOT_A_DAY)
        case "month":
            return _day(value, today, NOT_A_MONTH)[:7]
        case "time":
            return _time(value)
        case "datetime" if isinstance(value, datetime):
            return value.isoformat("T", "minutes")
        case "list":
            pieces = re.split(r"[、,，;；/\n]+", tidy(value))
            return {new_entry(): {"number": it.strip()} for it in pieces if it.strip()}
        case "repeat":
            return _entries(field, value, today, new_entry)
    text = "\n".join(filter(None, map(tidy, shown(value).splitlines())))
    return text[:LONGEST] or None


def _choice(field: Field, value: Value) -> Any:
    choices, name = Choices(programme()), field.list or ""
    if field.type == "select_multiple":
        found: set[str] = set()
        for piece in re.split(r"[、,，;；/\s]+", shown(value)):
            if piece:
                found.add(_code(choices, name, piece))
        return sorted(found) or None
    code = choices.of_list(name, value)
    return code if code else None if is_blank(value) else _code(choices, name, value)


def _code(choices: Choices, name: str, value: Value) -> str:
    code = choices.of_list(name, value)
    if code is None:
        raise Unreadable(NOT_A_CHOICE.filled(word=shown(value)[:20]))
    return code


def _decimal(value: Value) -> str:
    try:
        number = Decimal(fold(value).replace(",", ""))
    except InvalidOperation as error:
        raise Unreadable(NOT_A_NUMBER) from error
    if not number.is_finite() or abs(number) >= 10**15:
        raise Unreadable(NOT_A_NUMBER)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _integer(value: Value) -> int:
    text = _decimal(value)
    if "." in text:
        raise Unreadable(NOT_A_NUMBER)
    return int(text)


def _day(value: Value, today: date, said: Label) -> str:
    try:
        day = read_day(value, today + AHEAD)
    except (ImpossibleDay, OverflowError) as error:
        raise Unreadable(said) from error
    if day is None or day.precision == "year" or (day.precision == "month" and said is NOT_A_DAY):
        raise Unreadable(said)
    return day.on.isoformat()


def _time(value: Value) -> str:
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, float) and 0 <= value < 1:  # Excel counts the day's parts
        minutes = round(value * 1440)
        return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
    found = re.fullmatch(r"(\d{1,2})[:.点时](\d{1,2})?分?(?::\d\d)?", fold(value))
    if found and int(found[1]) < 24 and int(found[2] or 0) < 60:
        return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"
    raise Unreadable(NOT_A_TIME)


def _entries(
    repeat: Field, value: Value, today: date, new_entry: Callable[[], str]
) -> dict[str, Any] | None:
    """`院里，深=12；村口`: entries between semicolons, in each a question and its answer, or answers in order."""
    inner = [it for it in repeat.fields if it.type not in ("note", "calculate")]
    named = {fold(word): it for it in inner for word in (it.name, it.label.zh, it.label.en)}
    made: dict[str, Any] = {}
    for piece in re.split(r"[;；\n]+", shown(value)):
        entry: dict[str, Any] = {}
        for place, part in enumerate(re.split(r"[,，]+", piece)):
            name, equals, said = part.replace("：", "=").replace("＝", "=").partition("=")
            field = named.get(fold(name)) if equals else None
            if field is None:
                field, said = inner[min(place, len(inner) - 1)], part
            if (read := answer(field, said.strip() or None, today, new_entry)) is not None:
                entry[field.name] = read
        if entry:
            made[new_entry()] = entry
    return made or None
