"""A paper sheet as the office types it in: the questions of the compiled form in their order, read back as one event.

Pure. All questions are drawn, as they stand on paper; what does not apply stays empty. A repeat is drawn as so many
empty entries as there is room for. What is odd is said, as it would be of a phone's record; nothing is refused for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs
from starlette.datastructures import FormData

from server.forms import Context, Label, evaluate
from server.forms.evaluate import text
from server.office import edit_form
from server.office.choosing import choices_of
from server.office.edit_form import Input, Posted
from server.office.own_preview import context_of
from server.office.record_file import is_typed
from server.office.register import Register
from server.programme import Field, RecordType, findings, programme
from server.programme.own import VERSION
from server.typed import whole
from sync import PRESENT

CORRECTIONS = frozenset({"joint_with", "corrects_id", "void_reason", "followup_task_id", VERSION})
"""What a sheet that somebody filled in never says."""
NEVER_ASKED = CORRECTIONS | {"household_id"}
ROOM = 2
"""Empty entries of a repeat to begin with."""
MOST_ENTRIES = 60


@dataclass(frozen=True)
class Repeat:
    """A repeat as drawn: its entries, each with its inputs."""

    name: str
    field: Field
    entries: Sequence[Sequence[Input]]
    kind: str = "repeat"


@dataclass(frozen=True)
class Sheet:
    """What was typed. `answers` are those that are not empty, as a row holds them; `room` how many entries of a
    repeat are drawn, `places` which of them each entry of the answers is."""

    posted: Posted
    answers: Mapping[str, Any]
    room: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)


def form_of(kind: RecordType) -> RecordType:
    """The form to be typed: of an own form its newest version."""
    newest = programme().form_of(kind.name, {VERSION: kind.own.newest if kind.own else None})
    return newest or kind


def child_field(kind: RecordType) -> Field | None:
    """The question that says whom the sheet is about, where that is a child and not the household."""
    found = (it for it in kind.fields.values() if it.ref == "child" and "context" in it.appearance)
    child, home = next(found, None), kind.fields.get("household_id")
    by_household = child is not None and not child.required and home is not None and home.required
    return None if by_household else child


def is_about_household(kind: RecordType) -> bool:
    return child_field(kind) is None and "household_id" in kind.fields


def asked(kind: RecordType, hidden: frozenset[str] = frozenset()) -> list[Field]:
    """The questions of a sheet, without whom it is about."""
    about = child_field(kind)
    return [
        it
        for it in kind.fields.values()
        if is_typed(it)
        and it.name not in hidden
        and it.name not in NEVER_ASKED
        and it.name != "child_id"
        and it is not about
    ]


def empty(kind: RecordType, today: str, held: Mapping[str, Any]) -> Sheet:
    """A sheet with the form's defaults, and what is held over from the one before."""
    start: dict[str, Any] = {}
    for it in asked(kind):
        if it.default is not None:
            value = evaluate(it.default, Context(start, today))
            start[it.name] = text(value).split() if it.type == "select_multiple" else text(value)
    return Sheet(Posted({**start, **held}), {})


def again(kind: RecordType, answers: Mapping[str, Any]) -> Sheet:
    """A sheet with the answers of a record, to be put right."""
    values: dict[str, Any] = {}
    room: dict[str, int] = {}
    for it in asked(kind):
        held = answers.get(it.name)
        if it.type != "repeat":
            values[it.name] = held
        elif isinstance(held, Mapping):
            entries = [entry for _, entry in sorted(held.items()) if isinstance(entry, Mapping)]
            room[it.name] = len(entries) + 1
            for place, entry in enumerate(entries):
                values |= {f"{it.name}.{place}.{name}": said for name, said in entry.items()}
    return Sheet(Posted(values), {}, room)


def read(fields: Sequence[Field], data: FormData, new_entry: Callable[[], str]) -> Sheet:
    """The posted sheet."""
    room = {it.name: _room(it, data) for it in fields if it.type == "repeat"}
    posted = edit_form.posted(data, list(_flat(fields, room)), new_entry)
    answers = {
        it.name: posted.values[it.name]
        for it in fields
        if it.type != "repeat" and posted.values[it.name] not in ("", [], {})
    }
    places: dict[str, int] = {}
    for it in (it for it in fields if it.type == "repeat"):
        said: dict[str, Any] = {}
        for place in range(room[it.name]):
            if entry := _entry(it, place, posted.values):
                id = new_entry()
                said[id], places[id] = entry, place
        if said:
            answers[it.name] = said
    return Sheet(posted, answers, room, places)


def completed(
    kind: RecordType, answers: Mapping[str, Any], register: Register, language: str, today: str
) -> dict[str, Any]:
    """The answers with what the form computes from them, as a phone keeps them."""
    repeats = {it.name: it.fields for it in kind.fields.values() if it.type == "repeat"}
    beside: dict[str, Any] = {
        inner.name: [entry.get(inner.name, "") for entry in answers.get(name, {}).values()]
        for name, fields in repeats.items()
        for inner in fields
    }
    context = context_of(kind, programme(), {**beside, **answers}, register, language, today)
    whole = {**answers, **_computed(kind.fields.values(), context)}
    for name, fields in repeats.items():
        if name in whole:
            whole[name] = {
                entry: {**said, **_computed(fields, _inside(context, fields, said))}
                for entry, said in whole[name].items()
            }
    return whole


def odd(
    kind: RecordType,
    answers: Mapping[str, Any],
    places: Mapping[str, int],
    today: str,
    *,
    demo: bool,
) -> dict[str, list[Label]]:
    """What is odd, by the name of the input it is about; required answers that are missing too."""
    found: dict[str, list[Label]] = {}
    for it in findings(kind.name, answers, today, demo=demo):
        repeat, _, entry = it.within.partition("/")
        name = f"{repeat}.{places[entry]}.{it.field}" if entry in places else it.field
        found.setdefault(name, []).append(it.message)
    return found


def set_of(kind: RecordType, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a new record (PROTOCOL.md §4)."""
    made: dict[str, Any] = {PRESENT: True}
    for name, value in answers.items():
        described = kind.fields.get(name)
        if described is not None and described.type == "select_multiple":
            made |= {f"{name}/{element}": True for element in value}
        elif isinstance(value, Mapping):
            made |= {f"{name}/{entry}": content for entry, content in value.items()}
        else:
            made[name] = value
    return made


def inputs(
    kind: RecordType,
    fields: Sequence[Field],
    sheet: Sheet,
    register: Register,
    language: str,
    found: Mapping[str, Sequence[Any]],
) -> list[Input | Repeat]:
    """The questions as drawn, in the order of the form."""
    said = {**{name: [label] for name, label in sheet.posted.unreadable.items()}, **found}
    choose = choices_of(kind, sheet.posted.values, register, language)

    def drawn(some: Sequence[Field]) -> list[Input]:
        return edit_form.inputs(
            some, sheet.posted.values, register, language, findings=said,
            required=lambda it: it.required is True, choices=choose,
        )  # fmt: skip

    made: list[Input | Repeat] = []
    for it in fields:
        if it.type == "repeat":
            places = range(sheet.room.get(it.name, ROOM))
            made.append(Repeat(it.name, it, [drawn(_inner(it, place)) for place in places]))
        else:
            made += drawn([it])
    return made


def _flat(fields: Sequence[Field], room: Mapping[str, int]) -> Iterator[Field]:
    for it in fields:
        if it.type == "repeat":
            for place in range(room[it.name]):
                yield from _inner(it, place)
        else:
            yield it


def _inner(repeat: Field, place: int) -> list[Field]:
    """The questions of one entry, each with a name of its own on the page."""
    return [
        replace(it, name=f"{repeat.name}.{place}.{it.name}") for it in repeat.fields if is_typed(it)
    ]


def _entry(repeat: Field, place: int, values: Mapping[str, Any]) -> dict[str, Any]:
    named = ((it.name, values.get(f"{repeat.name}.{place}.{it.name}")) for it in repeat.fields)
    return {name: value for name, value in named if value not in (None, "", [], {})}


def _room(repeat: Field, data: FormData) -> int:
    """How many entries the page had, and one more when that was asked for."""
    places = [key.split(".") for key in data if key.startswith(f"{repeat.name}.")]
    numbers = (whole(it[1], most=MOST_ENTRIES) for it in places if len(it) == 3)
    had = max((it + 1 for it in numbers if it is not None), default=ROOM)
    return min(MOST_ENTRIES, had + (data.get("more") == repeat.name))


def _computed(fields: Any, context: Context) -> dict[str, str]:
    """Calculations of these fields; empty ones are none."""
    found = {
        it.name: text(evaluate(it.calculation, context))
        for it in fields
        if it.type == "calculate" and not it.derived and it.calculation is not None
    }
    return {name: value for name, value in found.items() if value}


def _inside(context: Context, fields: Sequence[Field], said: Mapping[str, Any]) -> Context:
    beside = {it.name: "" for it in fields}
    return structs.replace(context, values={**context.values, **beside, **said})
