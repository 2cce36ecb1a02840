"""The care programme as data: record types and events, code lists, frequency rules, roles, indicators.

The tables are Markdown files beside this one: `types/` (one XLSForm a record type), `blocks/` (questions
several types share), `lists/` (code lists), `rules.md`, `roles.md`,
`indicators.md`. After editing one run
`python -m server.programme.build`. Knows nothing of storage or HTTP.

`programme()` is what this process knows: the tables, and the own forms of the villages it has served.
Types of own forms carry their village in their name, so looking one up needs no village; who lists
types, or sends them, or asks what is due asks `programme_of(village)`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple

from server.forms import Finding
from server.forms.judge import Judge
from server.programme import own
from server.programme.loading import ROLES, load
from server.programme.model import (
    Choice,
    Field,
    FrequencyRule,
    Indicator,
    OwnForm,
    Programme,
    RecordType,
    Roles,
    Section,
)
from server.programme.source import SourceError
from server.programme.village_rules import RuleSetting, rules_in_force

__all__ = [
    "ROLES",
    "Choice",
    "Field",
    "FrequencyRule",
    "Indicator",
    "OwnForm",
    "Programme",
    "RecordType",
    "Roles",
    "RuleSetting",
    "Section",
    "SourceError",
    "findings",
    "forms_stamp",
    "install",
    "may",
    "may_manage",
    "may_write",
    "on_install",
    "programme",
    "programme_for",
    "programme_of",
    "projection",
    "projection_of",
    "rules_as_of",
    "with_forms",
]


@cache
def _tables() -> Programme:
    return load()


class _Village(NamedTuple):
    """A village's own forms and what it said of the rules, as they were read last."""

    stamp: str
    forms: tuple[OwnForm, ...]
    settings: tuple[RuleSetting, ...]


_of_villages: dict[str, _Village] = {}
_views: dict[str, Programme] = {}
_whole: list[Programme] = []
_installing = Lock()
_forget: list[Callable[[], None]] = []


def programme() -> Programme:
    """The programme with the own forms of every village this process has served."""
    return _whole[0] if _whole else _tables()


def programme_of(village: str) -> Programme:
    """The programme of one village: the tables, its own forms, and the rules as it has them."""
    return _views.get(village) or _tables()


def programme_for(village: str, role: str, grids: Sequence[str]) -> Programme:
    """The programme a phone gets: of the own forms those that may be filled in, or read, where it works.
    Its version says all that it depends on."""
    if village not in _views:
        return _tables()
    return _of_phone(village, role == "volunteer", tuple(grids) if role == "surveyor" else None)


@cache
def _of_phone(village: str, is_volunteer: bool, grids: tuple[str, ...] | None) -> Programme:
    stamp, forms, settings = _of_villages[village]
    kept = [
        it
        for it in forms
        if (it.volunteer or not is_volunteer)
        and (grids is None or is_volunteer or {"", *grids} & {*it.reached})
    ]
    return _with(kept, f"{_tables().version} {stamp} {is_volunteer} {grids}", settings)


def rules_as_of(village: str, instant: int) -> Sequence[FrequencyRule]:
    """The rules of frequency as a village had them at an instant (ms)."""
    found = _of_villages.get(village)
    return rules_in_force(_tables().rules, found.settings if found else (), instant)


def forms_stamp(village: str) -> str:
    """Which state of a village's own forms and rules is installed; "" for none."""
    found = _of_villages.get(village)
    return found.stamp if found else ""


def install(
    village: str, stamp: str, forms: Sequence[OwnForm], settings: Sequence[RuleSetting] = ()
) -> None:
    """Make a village's own forms and rules known, in place of those known before."""
    with _installing:
        if not forms and not settings and village not in _of_villages:
            return
        if forms or settings:
            _of_villages[village] = _Village(stamp, tuple(forms), tuple(settings))
            _views[village] = _with(forms, f"{_tables().version} {stamp}", settings)
        else:
            del _of_villages[village], _views[village]
        everywhere = [it for of_one in _of_villages.values() for it in of_one.forms]
        _whole[:] = [_with(everywhere, "")]
        projection.cache_clear()
        _codes.cache_clear()
        _judges.clear()
        _of_phone.cache_clear()
        for forget in _forget:
            forget()


def on_install(forget: Callable[[], None]) -> None:
    """Have something called whenever forms were installed: what was worked out from types may be stale."""
    _forget.append(forget)


def with_forms(forms: Sequence[OwnForm]) -> Programme:
    """The tables and these forms, whether published or not."""
    return _with(forms, "")


def _with(
    forms: Sequence[OwnForm], version: str, settings: Sequence[RuleSetting] = ()
) -> Programme:
    tables = _tables()
    if not forms and not settings:
        return tables
    model, grid = tables.types["visit"], tables.types["household"].fields["grid_code"]
    types, lists = dict(tables.types), dict(tables.lists)
    versions: dict[str, RecordType] = {}
    reads, writes = dict(tables.roles.reads), dict(tables.roles.writes)
    for form in forms:
        name, made = form.type_name, own.versions_of(form, model, grid)
        types[name] = own.whole_type(form, made)
        versions |= {own.version_key(name, number): kind for number, kind in made.items()}
        lists |= own.lists_of(form)
        may_volunteer = {"volunteer"} if form.volunteer else set()
        reads[name] = {**tables.roles.reads["survey"], "volunteer": "".join(may_volunteer)}
        writes[name] = own.WRITERS | may_volunteer
    return replace(
        tables,
        version=sha256(version.encode()).hexdigest()[:12],
        types=types,
        lists=lists,
        rules=rules_in_force(tables.rules, settings),
        versions=versions,
        roles=replace(tables.roles, reads=reads, writes=writes),
    )


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


def may_manage(role: str, other: str) -> bool:
    """Whether a role may make and change accounts of another role: never of a higher one."""
    return other in programme().roles.manages.get(role, ())


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
    kind = programme().form_of(type_name, values)
    if kind is None:
        return []
    judge = _judges.get(id(kind.form))
    if judge is None:
        judge = _judges[id(kind.form)] = Judge(kind.form, _codes())
    return judge.findings(values, today, demo=demo, only=only)


_judges: dict[int, Judge] = {}
"""By the form, which its judge keeps alive."""


@cache
def _codes() -> Mapping[str, Sequence[str]]:
    return {
        name: tuple(choice.name for choice in choices)
        for name, choices in programme().lists.items()
    }
