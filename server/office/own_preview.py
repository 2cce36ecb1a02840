"""An own form as a phone shows it, page by page, answering like one: what applies, is computed and is odd is
worked out by the very trees the phone runs. Nothing of it is kept. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs
from starlette.datastructures import FormData, QueryParams

from server.forms import Context, Label, evaluate, holds
from server.forms.evaluate import text
from server.forms.media import ENDINGS
from server.forms.validate import validate
from server.office import edit_form
from server.office.edit_form import Option
from server.office.register import Register
from server.programme import Field, Programme, RecordType

CONTEXT = "context"
MOST_RECORDS = 20


@dataclass(frozen=True)
class Question:
    """One question as drawn. `kind`: note, shown, radio, checks, repeat, textarea or an input's type."""

    field: Field
    kind: str
    value: Any = ""
    is_required: bool = False
    options: tuple[Option, ...] = ()
    findings: tuple[Label, ...] = ()
    inside: tuple["Question", ...] = ()


@dataclass(frozen=True)
class Page:
    label: Label
    questions: list[Question] = field(default_factory=list)


def pages(
    kind: RecordType,
    programme: Programme,
    data: FormData | QueryParams,
    register: Register,
    language: str,
    today: str,
) -> list[Page]:
    """The pages that have a question now, for these answers (the defaults when there are none yet)."""
    answers = _answers(kind, data, today)
    context = context_of(kind, programme, answers, register, language, today)
    codes = {name: [it.name for it in choices] for name, choices in programme.lists.items()}
    found: dict[str, list[Label]] = {}
    if "answered" in data:
        for finding in validate(kind.form, answers, context, lists=codes, demo=True):
            if finding.code != "required":
                found.setdefault(finding.field, []).append(finding.message)
    made = {section.name: Page(section.label) for section in kind.sections}
    for it in kind.fields.values():
        if _is_asked(it) and holds(it.relevant, context) and it.section in made:
            question = _question(it, answers, context, programme, register, language)
            messages = tuple(found.get(it.name, ()))
            made[it.section].questions.append(replace(question, findings=messages))
    return [it for it in made.values() if it.questions]


def _is_asked(it: Field) -> bool:
    if it.derived or CONTEXT in it.appearance:
        return False
    # A calculation is shown when the form gives it words of its own.
    return it.type != "calculate" or it.label.zh not in ("", it.name)


def _answers(kind: RecordType, data: FormData | QueryParams, today: str) -> dict[str, Any]:
    if "answered" not in data:
        start: dict[str, Any] = {}
        for it in kind.fields.values():
            if it.default is not None:
                value = evaluate(it.default, Context(start, today))
                start[it.name] = text(value).split() if it.type == "select_multiple" else value
        return start
    fields = [it for it in kind.fields.values() if it.type not in ("note", "calculate", "repeat")]
    posted = edit_form.posted(data, fields, lambda: "")  # type: ignore[arg-type]
    return {name: value for name, value in posted.values.items() if value not in ("", [])}


def context_of(
    kind: RecordType,
    programme: Programme,
    answers: Mapping[str, Any],
    register: Register,
    language: str,
    today: str,
) -> Context:
    def label(list_name: str, code: str) -> str:
        said = programme.label(list_name, code)
        return said.en if language == "en" else said.zh

    def record(_type: str, id: str) -> Mapping[str, Any]:
        row = register.rows.get(id)
        return row.fields if row else {}

    values = dict(answers)
    for _ in range(2):  # a calculation that reads a later one is settled by the second pass
        for it in kind.fields.values():
            if it.calculation is not None:
                context = Context(values, today, label=label, record=record)
                values[it.name] = evaluate(it.calculation, context)
    return Context(values, today, label=label, record=record)


def _question(
    it: Field,
    answers: Mapping[str, Any],
    context: Context,
    programme: Programme,
    register: Register,
    language: str,
) -> Question:
    value = answers.get(it.name, [] if it.type == "select_multiple" else "")
    if it.type == "note":
        return Question(it, "note")
    if it.type == "repeat":
        inner = [
            _question(each, {}, context, programme, register, language)
            for each in it.fields
            if _is_asked(each)
        ]
        return Question(it, "repeat", inside=tuple(inner))
    if it.type == "calculate" or holds(it.readonly, context, otherwise=False):
        return Question(it, "shown", text(context.values.get(it.name)) or "—")
    options: list[Option] = []
    for choice in programme.lists.get(it.list or "", ()):
        beside = {**context.values, **choice.extra, "name": choice.name}
        if holds(it.choice_filter, structs.replace(context, values=beside)):
            words = choice.label.en if language == "en" else choice.label.zh
            options.append(Option(choice.name, words))
    if it.ref:
        options = [
            Option(row.id, register.name_of(row)) for row in register.kind(it.ref)[:MOST_RECORDS]
        ]
    if it.appearance == "grid":
        options = [Option(code, name) for code, name in register.grid_names.items()]
    required = holds(it.required, context, otherwise=False)
    return Question(it, _kind(it), value, required, tuple(options))


def _kind(it: Field) -> str:
    if it.type == "select_multiple":
        return "checks"
    if it.ref:
        return "select"
    if it.type == "select_one" or it.appearance == "grid":
        return "radio"
    if it.type == "acknowledge":
        return "acknowledge"
    if it.type in ("integer", "decimal", "range"):
        return "number"
    if it.type in ("date", "month", "time", *ENDINGS):
        return it.type
    return "textarea" if "multiline" in it.appearance else "text"
