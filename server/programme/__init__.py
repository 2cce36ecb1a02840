"""The care programme as data: record types and events, code lists, frequency rules, roles.

The tables are Markdown files beside this one: `types/` (one XLSForm a record type), `blocks/` (questions
several types share), `lists/` (code lists), `rules.md`, `roles.md`. After editing one run
`python -m server.programme.build`. Knows nothing of storage or HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from server.forms import Context, Finding, validate
from server.programme.loading import ROLES, load
from server.programme.model import (
    Choice,
    Field,
    FrequencyRule,
    Programme,
    RecordType,
    Roles,
    Section,
)
from server.programme.source import SourceError

__all__ = [
    "ROLES",
    "Choice",
    "Field",
    "FrequencyRule",
    "Programme",
    "RecordType",
    "Roles",
    "Section",
    "SourceError",
    "findings",
    "may",
    "may_write",
    "programme",
    "projection",
    "projection_of",
]


@cache
def programme() -> Programme:
    """The programme, loaded once."""
    return load()


@cache
def projection(type_name: str, projection: str) -> frozenset[str] | None:
    """The stored fields of a type that a device with this projection holds; None: no such record.

    `office` everything; `surveyor` all but office-only fields; `volunteer` the fields marked ▸ (decision 20);
    `village` the public face, in the bucket every device of the village holds. Computed fields are
    in no row and therefore in no projection.
    """
    kept = {
        field.name
        for field in programme().types[type_name].fields.values()
        if not field.computed
        and (
            projection == "office"
            or (projection == "surveyor" and not field.office_only)
            or (projection == "volunteer" and field.volunteer)
            or (projection == "village" and field.village)
        )
    }
    hidden = projection == "volunteer" and not programme().roles.reads[type_name]["volunteer"]
    return frozenset(kept) if kept and not hidden else None


def may(role: str, action: str) -> bool:
    """Whether a role may do something; see the first table of roles.md."""
    return role in programme().roles.actions[action]


def projection_of(role: str, type_name: str) -> str:
    """Which projection a role reads a type in: office, surveyor, volunteer, village, or "" for none."""
    said = programme().roles.reads[type_name][role]
    return "office" if said == "all" else said


def may_write(role: str, type_name: str, field: str | None = None) -> bool:
    """Whether a role may create records of a type (no field) or edit one of their fields."""
    roles, kind = programme().roles, programme().types[type_name]
    if role not in roles.writes[type_name]:
        return False
    if field is None:
        return role != "volunteer" or kind.kind == "event"
    seen = projection(type_name, projection_of(role, type_name))
    if seen is None and kind.kind == "event":  # handed in, never given back: a mandatory report
        return not kind.fields[field].office_only and not kind.fields[field].derived
    if field not in (seen or ()) or kind.fields[field].derived:
        return False
    return role != "volunteer" or kind.kind == "event" or field in roles.volunteer_fields[type_name]


def findings(
    type_name: str,
    values: Mapping[str, Any],
    today: str,
    *,
    demo: bool = False,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """What is odd about a record's fields; nothing of it keeps the record from being kept.

    `today` is a day of Asia/Shanghai; `demo` is for villages of the fictional area 990000; `only` of these
    fields, if given."""
    form = programme().types[type_name].form
    context = Context(values, today)
    return validate(form, values, context, lists=_codes(), demo=demo, only=only)


@cache
def _codes() -> Mapping[str, Sequence[str]]:
    return {
        name: tuple(choice.name for choice in choices)
        for name, choices in programme().lists.items()
    }
