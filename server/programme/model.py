"""The nouns of the programme: record types, their fields, choices, rules of frequency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from server.forms.label import Label
from server.forms.validate import MESSAGES

Expr = Any  # see server.forms.expression

POLICIES = frozenset({"latest", "union", "both", "hold", "severe", "max", "min", "immutable"})
PREFIX = "own_"
MOST_OLDER = 20
"""Versions of an own form that a phone is sent beside the newest."""
"""What the names of a village's own forms begin with."""
PRIVACY = frozenset({"public", "internal", "minor"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One code of a list. `extra`: facts about the code, such as the sex a relation implies."""

    name: str
    label: Label
    extra: Mapping[str, str]


# Columns of choices for printouts alone. The official word for a child in focus is none for a screen.
PRINT_ONLY = frozenset({"official", "gbt2261"})


def _on_screen(choice: Choice) -> dict[str, str]:
    return {column: cell for column, cell in choice.extra.items() if column not in PRINT_ONLY}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record type.

    `derived`: never sent by a phone or an office page. Such a field is put into rows by the server,
    or, when it is also `computed`, worked out on reading (server.programme.derive) and in no row.
    `required` is what 建档 asks for (the R of the information model); it may be an expression.
    `roster` are headers under which the field is found in Excel files; the first is our own heading.
    """

    name: str
    type: str
    label: Label
    section: str
    list: str | None = None
    ref: str | None = None
    hint: Label | None = None
    required: Expr = False
    relevant: Expr = None
    constraint: Expr = None
    constraint_message: Label | None = None
    default: Expr = None
    calculation: Expr = None
    choice_filter: Expr = None
    readonly: Expr = None
    appearance: str = ""
    policy: str = "latest"
    severity_order: tuple[str, ...] = ()
    review_on: tuple[str, ...] = ()
    privacy: str = "internal"
    volunteer: bool = False
    village: bool = False
    office_only: bool = False
    derived: bool = False
    computed: bool = False
    search: str = ""
    roster: tuple[str, ...] = ()
    card: bool = False
    range: Mapping[str, float] | None = None
    count: Expr = None
    fields: tuple[Field, ...] = ()
    """Of a repeat: how many entries it has, and its questions."""

    def wire(self) -> dict[str, Any]:
        """What a phone is told of the field."""
        return {
            "name": self.name,
            "type": self.type,
            "list": self.list,
            "section": self.section,
            "label": self.label.wire(),
            "hint": self.hint and self.hint.wire(),
            "required": self.required,
            "relevant": self.relevant,
            "constraint": self.constraint,
            "constraint_message": self.constraint_message and self.constraint_message.wire(),
            "default": self.default,
            "calculation": self.calculation,
            "choice_filter": self.choice_filter,
            "readonly": self.readonly,
            "appearance": self.appearance,
            "policy": self.policy,
            "volunteer": self.volunteer,
            "office_only": self.office_only,
            "derived": self.derived,
            "computed": self.computed,
            "search": self.search,
            "card": self.card,
            "ref": self.ref,
            **({"range": dict(self.range)} if self.range else {}),
            **(
                {"count": self.count, "fields": [each.wire() for each in self.fields]}
                if self.fields
                else {}
            ),
        }


@dataclass(frozen=True, slots=True)
class Section:
    """A group of questions that make one screen on a phone."""

    name: str
    label: Label
    relevant: Expr = None

    def wire(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label.wire(), "relevant": self.relevant}


@dataclass(frozen=True, slots=True)
class OwnForm:
    """A form a village has published. `versions` are compiled forms by number, the oldest first;
    `grids` are the codes of the grids it is offered in, none for all; `reached` are those it ever was, ""
    for all: records of it may be there to be read. A retired one is offered nowhere."""

    village: str
    name: str
    subject: str
    volunteer: bool
    grids: tuple[str, ...]
    reached: tuple[str, ...]
    retired: bool
    versions: Mapping[int, Mapping[str, Any]] = field(repr=False)

    @property
    def type_name(self) -> str:
        return type_name(self.village, self.name)

    def wire(self) -> dict[str, Any]:
        """What a phone is told beside the questions: where the form is offered."""
        return {
            "version": self.newest,
            "subject": self.subject,
            "grids": list(self.grids),
            "retired": self.retired,
        }

    @property
    def newest(self) -> int:
        return max(self.versions)


def type_name(village: str, name: str) -> str:
    return f"{PREFIX}{village}_{name}"


def version_key(type_name: str, version: int) -> str:
    """Where the programme keeps one version of an own form."""
    return f"{type_name}@{version}"


@dataclass(frozen=True, slots=True)
class RecordType:
    """`home` says in which bucket a record lives: `village`, `office`, `field:grid_code` (the grid's two last
    digits), or `via:child_id` (where the record named there lives)."""

    name: str
    kind: Literal["entity", "event"]
    label: Label
    home: str
    office_when: tuple[str, str] | None
    """(field, code): records with this answer are for the office alone, wherever the others live."""
    fields: Mapping[str, Field]
    sections: Sequence[Section]
    form: Mapping[str, Any] = field(repr=False)
    own: OwnForm | None = field(default=None, repr=False)
    """Of a village's own form: what was published of it."""

    def wire(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "label": self.label.wire(),
            "home": self.home,
            "sections": [section.wire() for section in self.sections],
            "fields": [entry.wire() for entry in self.fields.values()],
        }


@dataclass(frozen=True, slots=True)
class FrequencyRule:
    """How often one of `events` is due for `subject`, by the subject's field `by`; see rules.md for the words.

    `every_days` maps the field's values to days; "" is for no value and for one not named. `bounds` says for
    the same values between which days a village may choose, `always` that it may not turn the rule off.
    `times`: how often in a season. `helpers`: kinds of helper the child has to be paired with, "*" any; none for
    every subject. `source`: the line of a source document.
    """

    name: str
    on: bool
    events: Sequence[str]
    subject: str
    by: str
    every_days: Mapping[str, int]
    start: str
    times: int
    helpers: Sequence[str]
    label: Label
    counts_if: Expr
    applies_if: Expr
    always: bool
    bounds: Mapping[str, tuple[int, int]]
    source: str

    def wire(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "on": self.on,
            "events": list(self.events),
            "subject": self.subject,
            "by": self.by,
            "every_days": dict(self.every_days),
            "start": self.start,
            "times": self.times,
            "helpers": list(self.helpers),
            "label": self.label.wire(),
            "counts_if": self.counts_if,
            "applies_if": self.applies_if,
        }


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure the office keeps; see indicators.md. `formula` is its 口径. `target` in per cent, None for none."""

    name: str
    label: Label
    formula: Label
    groups: tuple[str, ...]
    in_matrix: bool
    target: int | None


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival, or the beginning of a term, with its days (`YYYY-MM-DD`) in the years of the calendar."""

    name: str
    label: Label
    days: Sequence[str]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Festivals in order of the table; `seasons` are their times by name, (first day, last day) in order."""

    festivals: Sequence[Festival]
    seasons: Mapping[str, Sequence[tuple[str, str]]]

    def wire(self) -> dict[str, Any]:
        return {
            "festivals": [
                {"name": it.name, "label": it.label.wire(), "days": list(it.days)}
                for it in self.festivals
            ],
            "seasons": {name: [[*each] for each in times] for name, times in self.seasons.items()},
        }


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    """A year's plan: its tasks are (month, words), in order; see plans.md."""

    name: str
    label: Label
    tasks: Sequence[tuple[int, Label]]


@dataclass(frozen=True, slots=True)
class Roles:
    """Who may do what; see roles.md. `reads` maps type and role to a projection or ""."""

    actions: Mapping[str, frozenset[str]]
    action_labels: Mapping[str, Label]
    reads: Mapping[str, Mapping[str, str]]
    writes: Mapping[str, frozenset[str]]
    volunteer_fields: Mapping[str, frozenset[str]]
    manages: Mapping[str, frozenset[str]]
    """Role -> the roles whose accounts it may make and change; the others manage nobody."""


@dataclass(frozen=True, slots=True)
class Programme:
    version: str
    types: Mapping[str, RecordType]
    lists: Mapping[str, Sequence[Choice]]
    rules: Sequence[FrequencyRule]
    calendar: Calendar
    plans: Mapping[str, PlanTemplate]
    roles: Roles
    indicators: Mapping[str, Indicator]
    versions: Mapping[str, RecordType] = field(default_factory=dict)
    """Every version of the villages' own forms, by `version_key`; `types` has each form as a whole."""

    def form_of(self, type_name: str, fields: Mapping[str, Any]) -> RecordType | None:
        """The form a record was written with: of an own form the version it names."""
        version = self.versions.get(f"{type_name}@{fields.get('form_version')}")
        return version or self.types.get(type_name)

    def wire(self) -> dict[str, Any]:
        """What a phone gets: `GET /api/programme`. Lists no form uses stay at home. The extra
        columns of a choice stand beside its name, where choice filters read them."""
        return {
            "version": self.version,
            "types": {
                name: (kind if kind.own is None else self._newest(kind)).wire()
                | {"writers": sorted(self.roles.writes[name])}
                | self._volunteer_edits(name)
                | ({"own": kind.own.wire()} if kind.own else {})
                for name, kind in self.types.items()
            },
            # Of own forms, what came before the newest: for drafts begun in it, and to read its records.
            **({"versions": self._older()} if self.versions else {}),
            "lists": {
                name: [
                    {**_on_screen(choice), "name": choice.name, "label": choice.label.wire()}
                    for choice in self.lists[name]
                ]
                for name in sorted(self.lists_used())
            },
            "rules": [rule.wire() for rule in self.rules],
            "calendar": self.calendar.wire(),
            # What both ends say of odd answers: words that need not be in the phone app itself.
            "messages": {code: message.wire() for code, message in MESSAGES.items()},
        }

    def _volunteer_edits(self, name: str) -> dict[str, list[str]]:
        fields = self.roles.volunteer_fields.get(name)
        return {"volunteer_edits": sorted(fields)} if fields else {}

    def _older(self) -> dict[str, Any]:
        return {key: kind.wire() for key, kind in self.versions.items() if _is_older(kind, key)}

    def _newest(self, kind: RecordType) -> RecordType:
        assert kind.own is not None
        return self.versions[version_key(kind.name, kind.own.newest)]

    def lists_used(self) -> set[str]:
        return {
            entry.list
            for kind in (*self.types.values(), *self.versions.values())
            for field in kind.fields.values()
            for entry in (field, *field.fields)
            if entry.list
        }

    def label(self, list_name: str, code: str) -> Label:
        """A code's words; the code itself when the list does not have it."""
        for choice in self.lists.get(list_name, ()):
            if choice.name == code:
                return choice.label
        return Label(code, code)


def _is_older(kind: RecordType, key: str) -> bool:
    """Whether a phone may still need this version beside the newest: for a draft, or to read a record."""
    assert kind.own is not None
    older = sorted(kind.own.versions)[:-1][-MOST_OLDER:]
    return key in {version_key(kind.name, number) for number in older}
