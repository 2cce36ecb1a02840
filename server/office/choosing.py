"""What may be chosen for a field of a form: the codes of its list, grids, or the records it may point to. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.office import values
from server.office.edit_form import Option
from server.office.register import Register, text_of
from server.programme import Choice, Field, RecordType, programme
from server.programme.derive import struck
from server.registry import Row

PEOPLE = frozenset({"person", "helper", "child"})
_ACKNOWLEDGED = Option("OK", "✓")


def choices_of(
    kind: RecordType, whole: Mapping[str, Any], register: Register, language: str
) -> Callable[[Field], Sequence[Option]]:
    """Field -> its choices; none for what is written freely. `whole` are the record's answers."""
    child = register.rows.get(text_of(whole, "child_id"))
    grade = text_of(child.fields, "grade") if child else ""

    def choices(field: Field) -> Sequence[Option]:
        if field.list:
            return [
                Option(choice.name, values.label(choice, language))
                for choice in _for_grade(programme().lists.get(field.list, ()), grade)
            ]
        if field.type == "acknowledge":
            return [_ACKNOWLEDGED]
        if field.name == "grid_code" and (kind.name == "household" or "grid" in field.appearance):
            return [Option(code, name) for code, name in register.grid_names.items()]
        if field.ref in PEOPLE:
            return _people(field.ref, whole, register)
        if field.ref:
            return _records(field.ref, register, language)
        return ()

    return choices


def _for_grade(choices: Sequence[Choice], grade: str) -> Sequence[Choice]:
    """Of choices that are for some grades, those for the child's; all of them where none is."""
    own = [it for it in choices if grade in it.extra.get("grades", "").split()]
    return own or choices


def _people(type_name: str, whole: Mapping[str, Any], register: Register) -> list[Option]:
    """People to point to: those of the child's own household first, then by grid and name."""
    child = register.rows.get(text_of(whole, "child_id"))
    home = text_of(whole, "household_id") or (
        text_of(child.fields, "household_id") if child else ""
    )

    def order(row: Row) -> tuple[bool, str, str]:
        own = bool(home) and row.fields.get("household_id") == home
        return not own, register.grid_of(row), text_of(row.fields, "name_pinyin")

    def words(row: Row) -> str:
        grid = register.grid_names.get(register.grid_of(row), "")
        unit = text_of(row.fields, "unit")
        return " · ".join(filter(None, [register.name_of(row), unit or grid]))

    return [Option(row.id, words(row)) for row in sorted(register.kind(type_name), key=order)]


def _records(type_name: str, register: Register, language: str) -> list[Option]:
    """Other records to point to, the newest first; events that do not count are none."""
    rows = register.kind(type_name)
    gone = struck(rows)
    return [
        Option(row.id, record_words(row, register, language))
        for row in reversed(rows)
        if row.id not in gone
    ]


def record_words(row: Row, register: Register, language: str) -> str:
    """A record in a few words: its name or title, whom it is about, its day."""
    kind = programme().types[row.type]
    about = register.rows.get(
        text_of(row.fields, "child_id") or text_of(row.fields, "household_id")
    )
    named = register.name_of(row) or text_of(row.fields, "title") or text_of(row.fields, "goal")
    coded = next((it for it in kind.fields.values() if it.list and row.fields.get(it.name)), None)
    said = values.shown(row.fields[coded.name], coded, language) if coded and not named else ""
    day = text_of(row.fields, "occurred_on") or text_of(row.fields, "on_date")
    parts = [named or said, register.name_of(about), day]
    return " · ".join(filter(None, parts)) or row.id[:8]
