"""The office's form of a record: made of the compiled programme form, read back as the keys that changed.

Pure. What a person saw when the form opened travels in the form (`seen`) beside its `base`; only what
differs from *that* is sent. So a form that was open while a phone synced changes what its owner typed and
nothing else, and an edit of the same field becomes a conflict instead of a loss.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from server.forms import Label
from server.office import values
from server.office.record_file import is_typed
from server.office.register import Register
from server.programme import Field, RecordType
from server.typed import LARGEST, day, whole

MOST_TEXT = 2000
MOST_RADIOS = 6
NOT_A_NUMBER = Label("请填数字。", "Please enter a number.")
NOT_A_DAY = Label("请写成 2014-03-12 这样的日期。", "Please write a day such as 2014-03-12.")
NOT_A_MONTH = Label("请写成 2014-03 这样的月份。", "Please write a month such as 2014-03.")


@dataclass(frozen=True)
class Option:
    name: str
    words: str


@dataclass(frozen=True)
class Input:
    """One field of the form as the template draws it."""

    name: str
    field: Any
    kind: str
    value: Any
    is_required: bool
    options: Sequence[Option] = ()
    entries: Sequence[Mapping[str, str]] = ()
    findings: Sequence[Any] = ()
    contested: bool = False
    inputmode: str = ""

    @property
    def is_group(self) -> bool:
        return self.kind in ("radio", "checks", "phones")

    @property
    def hint(self) -> Any:
        return getattr(self.field, "hint", None)


@dataclass(frozen=True)
class Posted:
    """What came back: values by field, what could not be read, and what the form was opened with."""

    values: Mapping[str, Any]
    unreadable: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    base: int = 0


def fields_of(record_type: RecordType, section: str | None, hidden: frozenset[str]) -> list[Field]:
    """The fields a person may type in one section (all sections when None)."""
    return [
        it
        for it in record_type.fields.values()
        if is_typed(it) and it.name not in hidden and section in (None, it.section)
    ]


def secrets_of(
    fields: Sequence[Field], held: Mapping[str, Any], data: FormData | None, *, may_see: bool
) -> frozenset[str]:
    """The secret fields that stay out of the form: nothing of them is in the page, and what comes back
    leaves them as they are. `data` is a posted form: who has the number in the form has asked for it, or
    typed it into an empty field. Who may not see a number does not change one either."""
    filled = {it.name for it in fields if values.is_secret(it) and held.get(it.name)}
    if data is None or not may_see:
        return frozenset(filled)
    return frozenset(name for name in filled if name not in data)


def seen_words(fields: Sequence[Field], row_fields: Mapping[str, Any]) -> str:
    """The values a form opens with, to travel in it."""
    held = {it.name: row_fields[it.name] for it in fields if it.name in row_fields}
    return json.dumps(held, ensure_ascii=False, sort_keys=True)


def posted(data: FormData, fields: Sequence[Field], new_entry: Callable[[], str]) -> Posted:
    """Read the form back. A value that cannot be read stays as typed, with its finding."""
    read: dict[str, Any] = {}
    unreadable: dict[str, Any] = {}
    seen = _object(str(data.get("seen", "")))
    for it in fields:
        if it.type == "select_multiple":
            read[it.name] = sorted({str(value) for value in data.getlist(it.name) if value})
        elif it.type == "list":
            read[it.name] = _entries(data, it.name, seen.get(it.name), new_entry)
        else:
            text = _plain(str(data.get(it.name, "")))
            value, problem = _read(it, text)
            read[it.name] = value
            if problem:
                unreadable[it.name] = problem
    return Posted(read, unreadable, seen, whole(data.get("base")) or 0)


def changes(fields: Sequence[Field], it: Posted, new_entry: Callable[[], str]) -> dict[str, Any]:
    """The keys that differ from what was seen, as one change's `set`."""
    changed: dict[str, Any] = {}
    for described in fields:
        name = described.name
        if name in it.unreadable:
            continue
        was, now = it.seen.get(name), it.values.get(name)
        if described.type == "select_multiple":
            before, after = set(was or []), set(now or [])
            changed.update({f"{name}/{element}": True for element in sorted(after - before)})
            changed.update({f"{name}/{element}": False for element in sorted(before - after)})
        elif described.type == "list":
            changed.update(_entry_changes(name, was or {}, now or {}, new_entry))
        elif (now if now != "" else None) != (was if was != "" else None):
            changed[name] = now if now != "" else None
    return changed


def inputs(
    fields: Sequence[Field],
    filled: Mapping[str, Any],
    register: Register,
    language: str,
    *,
    findings: Mapping[str, Sequence[Any]] | None = None,
    relevant: Callable[[Field], bool] = lambda _: True,
    required: Callable[[Field], bool] = lambda _: False,
    choices: Callable[[Field], Sequence[Option]] | None = None,
    contested: frozenset[str] = frozenset(),
    secrets: frozenset[str] = frozenset(),
) -> list[Input]:
    """The form's fields with their values; a field that does not apply now is left out unless filled.
    Of `secrets` only the masked value is drawn."""
    drawn = []
    for it in fields:
        value = filled.get(it.name)
        if it.name in secrets:
            words = values.shown(value, it, language)
            drawn.append(
                Input(name=it.name, field=it, kind="masked", value=words, is_required=False)
            )
            continue
        if not relevant(it) and value in (None, "", [], {}):
            continue
        options = list(choices(it)) if choices else []
        known = {option.name for option in options}
        if options and isinstance(value, str) and value and value not in known:
            # A code the list no longer offers is still what the record says.
            options.append(Option(value, values.code_label(it.list, value, language)))
        drawn.append(
            Input(
                name=it.name,
                field=it,
                kind=_kind(it, options),
                value=_drawn(it, value),
                is_required=required(it),
                options=options,
                entries=_entry_lines(value) if it.type == "list" else (),
                findings=(findings or {}).get(it.name, ()),
                contested=it.name in contested,
                inputmode={"integer": "numeric", "decimal": "decimal"}.get(it.type, ""),
            )
        )
    return drawn


def _kind(it: Field, options: Sequence[Option]) -> str:
    if it.type == "select_multiple":
        return "checks"
    if it.type == "list":
        return "phones"
    if it.type == "select_one" or it.ref or options:
        return "radio" if len(options) <= MOST_RADIOS and not it.ref else "select"
    if it.type in ("date", "month", "time"):
        return it.type
    return "textarea" if "multiline" in getattr(it, "appearance", "") else "text"


def _drawn(it: Field, value: Any) -> Any:
    if it.type == "select_multiple":
        return value or []
    return "" if value is None else value if isinstance(value, str) else str(value)


def _read(it: Field, text: str) -> tuple[Any, Any]:
    """(value, finding or None) of one scalar."""
    if text == "":
        return "", None
    if it.type == "integer":
        digits = unicodedata.normalize("NFKC", text).replace(",", "")
        try:
            number = int(digits) if len(digits) <= 16 else LARGEST + 1
        except ValueError:
            return text, NOT_A_NUMBER
        return (number, None) if abs(number) <= LARGEST else (text, NOT_A_NUMBER)
    if it.type == "decimal":
        digits = unicodedata.normalize("NFKC", text)
        front, _, part = digits.lstrip("-").partition(".")
        sound = front.isdecimal() and (part.isdecimal() or not part)
        return (digits, None) if sound else (text, NOT_A_NUMBER)
    if it.type == "date":
        try:
            found = day(date.fromisoformat(text).isoformat())
        except ValueError:
            return text, NOT_A_DAY
        return (found, None) if found else (text, NOT_A_DAY)
    if it.type == "month":
        found = day(f"{text}-01")
        return (found[:7], None) if found else (text, NOT_A_MONTH)
    return text, None


def _plain(text: str) -> str:
    """Typed text as it is stored: NFC, one kind of line end, no blanks around, not endless."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()[:MOST_TEXT]


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _entries(
    data: FormData, name: str, was: Any, new_entry: Callable[[], str]
) -> dict[str, dict[str, str]]:
    """Phone entries by id; an emptied line is gone, a line without id is new."""
    held = was if isinstance(was, dict) else {}
    columns = [data.getlist(f"{name}.{part}") for part in ("id", "number", "owner", "use")]
    entries: dict[str, dict[str, str]] = {}
    for known, number, owner, use in zip(*columns, strict=False):
        digits = unicodedata.normalize("NFKC", str(number)).strip()
        if not digits:
            continue
        entry = {"number": digits}
        if _plain(str(owner)):
            entry["owner"] = _plain(str(owner))
        if use:
            entry["use"] = str(use)
        before = held.get(str(known), {})
        if isinstance(before, dict) and "replaces" in before:
            entry["replaces"] = before["replaces"]
        entries[str(known) if str(known) in held else new_entry()] = entry
    return entries


def _entry_changes(
    name: str, was: Mapping[str, Any], now: Mapping[str, Any], new_entry: Callable[[], str]
) -> dict[str, Any]:
    """Editing an entry is removing it and adding one that replaces it (PROTOCOL.md §4)."""
    changed: dict[str, Any] = {}
    for entry in was:
        if entry not in now:
            changed[f"{name}/{entry}"] = None
    for entry, content in now.items():
        if entry not in was:
            changed[f"{name}/{entry}"] = content
        elif content != was[entry]:
            changed[f"{name}/{entry}"] = None
            changed[f"{name}/{new_entry()}"] = {**content, "replaces": entry}
    return changed


def _entry_lines(value: Any) -> list[dict[str, str]]:
    """The stored entries and one empty line for a new number."""
    held = value if isinstance(value, dict) else {}
    lines = [
        {
            "id": entry,
            "number": str(held[entry].get("number", "")),
            "owner": str(held[entry].get("owner", "")),
            "use": str(held[entry].get("use", "")),
        }
        for entry in sorted(held)
        if isinstance(held[entry], dict)
    ]
    return [*lines, {"id": "", "number": "", "owner": "", "use": ""}]


def read_one(it: Field | None, text: str, language: str) -> tuple[Any, str]:
    """One typed value of a field and what is wrong with it in words, "" when nothing is."""
    if it is None:
        return _plain(text), ""
    value, finding = _read(it, _plain(text))
    return value, values.label(finding, language) if finding else ""
