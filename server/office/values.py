"""How a value of the register is said to a person: labels, phones, masked numbers, percentages.

Pure: reads the programme's lists, nothing else. An unknown code is shown as it stands, because a
value nobody can name must still be seen.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from server.auth import ROLES
from server.forms.media import is_attachment
from server.office.text import translate
from server.programme import programme

UNKNOWN = "—"
ATTACHMENTS = {"image": "照片", "audio": "录音"}
"""What an attachment is called, before the first signs of its name; messages."""
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:\d\d)?", re.ASCII
)


def label(it: Any, language: str) -> str:
    """The words of anything that has a label (`Label(zh, en)`), Chinese when English is missing."""
    words = getattr(it, "label", it)
    if words is None:
        return ""
    return str((words.en if language == "en" else "") or words.zh)


@cache
def _choices(list_name: str) -> Mapping[str, Any]:
    return {choice.name: choice for choice in programme().lists.get(list_name, ())}


def code_label(list_name: str | None, value: Any, language: str) -> str:
    """The label of one code of a list."""
    if value in (None, ""):
        return UNKNOWN
    choice = _choices(list_name or "").get(str(value))
    return label(choice, language) if choice else str(value)


def short(words: str) -> str:
    """A label without what it says in brackets: `低风险（绿）` is 低风险 where colour is drawn beside it."""
    return words.partition("（")[0].partition(" (")[0]


def is_secret(field: Any) -> bool:
    """Whether a field is shown masked until somebody who may asks for the whole of it."""
    return field is not None and getattr(field, "name", "") == "id_number"


def masked(number: str) -> str:
    """An ID number with its middle hidden, as GB 35273 asks of screens: `990000********0016`."""
    return f"{number[:6]}{'*' * max(0, len(number) - 10)}{number[-4:]}" if len(number) > 10 else "*"


def shown(value: Any, field: Any, language: str, *, whole: bool = False) -> str:
    """One field's value in words. `field` is the programme's Field; None for one it does not know.
    `whole`: secrets too, for who may see them and has asked."""
    if value in (None, "", [], {}):
        return UNKNOWN
    if isinstance(value, bool):
        return translate(language, "有") if value else translate(language, "无")
    if field is None:
        plain = isinstance(value, str | int)
        return str(value) if plain else json.dumps(value, ensure_ascii=False)
    if field.type == "select_multiple" or (field.list and isinstance(value, list)):
        items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return translate(language, "、").join(
            code_label(field.list, item, language) for item in items
        )
    if field.list:
        return code_label(field.list, value, language)
    if field.type in ATTACHMENTS and is_attachment(value):
        return f"{translate(language, ATTACHMENTS[field.type])} {value[:8]}"
    if field.type == "repeat" and isinstance(value, Mapping):
        return entries_words(value, field, language)
    if isinstance(value, Mapping):
        if "number" in value:
            return phone_words(value, language)
        return translate(language, "；").join(
            phone_words(entry, language) for entry in value.values()
        )
    if is_secret(field) and not whole:
        return masked(str(value))
    instant = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    return f"{instant[1]} {instant[2]}" if instant else str(value)


def entries_words(entries: Mapping[str, Any], field: Any, language: str) -> str:
    """The entries of a repeat, each in one line."""
    return translate(language, "；").join(
        " · ".join(
            shown(entry[it.name], it, language)
            for it in field.fields
            if entry.get(it.name) not in (None, "", [])
        )
        for _, entry in sorted(entries.items())
        if isinstance(entry, Mapping)
    )


def in_brackets(words: str, more: str, language: str) -> str:
    """Words with more of them in the brackets of the language: `10000001234（本人）`."""
    return f"{words}{translate(language, '（')}{more}{translate(language, '）')}"


def phone_words(entry: Any, language: str) -> str:
    """A phone with whose it is: `10000001234（本人）`."""
    if not isinstance(entry, Mapping):
        return UNKNOWN if entry is None else str(entry)
    whose = entry.get("owner") or use_words(str(entry.get("use", "")), language)
    number = str(entry.get("number", ""))
    return in_brackets(number, whose, language) if whose else number


def use_words(use: str, language: str) -> str:
    """How a phone is used; the three codes of a phone entry."""
    words = {"self": "本人", "relay": "代接", "school": "学校"}.get(use, "")
    return translate(language, words) if words else ""


def phones(value: Any) -> list[Mapping[str, Any]]:
    """The entries of a phone list in a steady order, replaced ones included as long as they live."""
    if not isinstance(value, Mapping):
        return []
    return [value[key] for key in sorted(value) if isinstance(value[key], Mapping)]


def percent(n: int, d: int, places: int = 0) -> str:
    """`n/d` in per cent, half up; `—` when there is nothing to divide by (domain rule 3.1)."""
    if d == 0:
        return UNKNOWN
    scale = 10**places
    whole = (200 * scale * n + d) // (2 * d)
    return f"{whole // scale}.{whole % scale:0{places}d}%" if places else f"{whole}%"


def role_words(role: str, language: str) -> str:
    """A role's name in one language."""
    zh, en = ROLES.get(role, (role, role))
    return en if language == "en" else zh


def type_words(name: str, language: str) -> str:
    """A record type's name; the bare name when the programme does not have it."""
    kind = programme().types.get(name)
    return label(kind, language) if kind else name
