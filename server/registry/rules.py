"""What the registry asks the programme about record types: policies, homes, projections, derived fields.

Types and fields the programme does not know (a newer phone's, a village's own form) are kept and shown
with the policy `latest`; volunteers do not get them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from server.names import pinyin
from server.programme import may, may_write, on_install, programme
from server.programme import projection as _projection
from sync import LATEST, MUST_SETTLE, PRESENT, Change, Policy, canonical, field_of

DERIVED = frozenset({"name_pinyin"})
"""Fields computed from others whenever a row is written; never part of a record's state."""
NUMBERED = {"household": "household_no", "child": "file_no"}
"""Types the office knows by a number, which the server gives when it accepts the record (decision 17)."""
FROM_PAPER = frozenset({"typed_by", "typed_from", "pile_id"})
"""Fields of an event that tell of the sheet of paper it was typed in from; the office alone sets them."""
OFFICE_MADE = {"alias": "via:a", "distinct": "office"}
"""What the office says about two records `a` and `b`, and where it lives: that they are one, that they are not."""
_NAME = {"household": "head_name"}


@lru_cache(maxsize=4096)
def policy(record_type: str, field: str) -> Policy:
    """The merge policy of a field."""
    known = programme().types.get(record_type)
    if known is None or field not in known.fields:
        return LATEST
    described = known.fields[field]
    return Policy(described.policy, tuple(reversed(described.severity_order)))


@cache
def child_field(record_type: str) -> str:
    """The field that names the child a record is about; '' for none."""
    known = programme().types.get(record_type)
    named = (f.name for f in known.fields.values() if f.ref == "child") if known else iter(())
    return next(named, "")


def guarded(record_type: str, key: str) -> bool:
    """Whether only the office may settle a key once it is contested."""
    return policy(record_type, field_of(key)).name in MUST_SETTLE


@lru_cache(maxsize=4096)
def office_when(record_type: str) -> tuple[str, str] | None:
    """(field, code): a record with this answer is for the office alone."""
    kind = programme().types.get(record_type)
    return kind.office_when if kind else None


@lru_cache(maxsize=4096)
def home(record_type: str) -> tuple[str, str]:
    """(`village`, ``), (`office`, ``), (`field`, NAME) (a grid code) or (`via`, NAME) (where that record lives)."""
    known = programme().types.get(record_type)
    described = known.home if known is not None else "via:household_id"
    kind, _, name = OFFICE_MADE.get(record_type, described).partition(":")
    return kind, name


@lru_cache(maxsize=4096)
def is_event(record_type: str) -> bool:
    known = programme().types.get(record_type)
    return known is not None and known.kind == "event"


def is_removal(change: Change, *, authority: bool) -> bool:
    """Whether a change to an event takes it out of the register, and its author may do that; nothing else is ever done to
    an event."""
    return authority and dict(change.set) == {PRESENT: False}


def derived(record_type: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Derived fields of a row."""
    name = fields.get(_NAME.get(record_type, "name"))
    return {"name_pinyin": pinyin(name)} if isinstance(name, str) and name else {}


def projection_of(bucket: str) -> str:
    """What a bucket shows of its records (decision 10): `surveyor`, `volunteer` or `village`."""
    return _PROJECTIONS.get(bucket.partition(":")[0], "village")


_PROJECTIONS = {"grid": "surveyor", "helper": "volunteer"}


@lru_cache(maxsize=4096)
def hidden(record_type: str, projection: str) -> frozenset[str] | None:
    """Fields a projection leaves out; None when it leaves out the whole record."""
    known = programme().types.get(record_type)
    if known is None:
        return frozenset() if projection == "surveyor" else None
    visible = _visible(record_type, projection)
    if visible is None:
        return None
    return frozenset(f.name for f in known.fields.values() if not f.computed) - visible


@lru_cache(maxsize=4096)
def _visible(record_type: str, projection: str) -> frozenset[str] | None:
    return _projection(record_type, projection) if record_type in programme().types else None


@lru_cache(maxsize=4096)  # people fill in the same forms over and over
def may_set_all(role: str, record_type: str, keys: tuple[str, ...], *, creating: bool) -> bool:
    """Whether a role may set all these keys."""
    return all(may_set(role, record_type, key, creating=creating) for key in keys)


def may_set(role: str, record_type: str, key: str, *, creating: bool) -> bool:
    """Whether a role may set a key (programme/roles.md). What a newer phone knows and we do not is let in."""
    if record_type in OFFICE_MADE:
        return may(role, "settle")
    known = programme().types.get(record_type)
    field = key.partition("/")[0]
    if known is None or (field != PRESENT and field not in known.fields):
        return role != "volunteer"
    if field == PRESENT or (creating and known.fields[field].derived):
        return may_write(role, record_type)
    return may_write(role, record_type, field)


def can_see(record_type: str, key: str, projection: str) -> bool:
    """Whether a key is within a projection. Surveyors also carry fields this program does not know."""
    field = key.partition("/")[0]
    if projection == "surveyor":
        left_out = hidden(record_type, projection)
        return left_out is not None and field not in left_out
    visible = _visible(record_type, projection)
    return visible is not None and (field in visible or field in DERIVED)


@lru_cache(maxsize=4096)
def sees_all(record_type: str, projection: str) -> bool:
    """Whether a projection passes a type's rows unchanged, so that stored bytes can be sent as they are."""
    return projection == "surveyor" and hidden(record_type, projection) == frozenset()


def project(row: list[Any], projection: str) -> list[Any] | None:
    """A row of the wire as a projection shows it; None when it does not show the record."""
    record_type = row[1]
    if sees_all(record_type, projection):
        return row
    if hidden(record_type, projection) is None:
        return None
    if [*row[3]] == ["alias_of"]:  # a stub says nothing but who stands for it
        return row
    shown = {k: v for k, v in row[3].items() if can_see(record_type, k, projection)}
    contested = {
        k: v
        for k, v in (row[4] if len(row) > 4 else {}).items()
        if k == "present" or can_see(record_type, k, projection)
    }
    return [*row[:3], shown, contested] if contested else [*row[:3], shown]


def projected_text(record_type: str, text: str, projection: str) -> str | None:
    """The stored text of a row as a projection shows it; the very same text where it shows everything."""
    if sees_all(record_type, projection):
        return text
    row = project(json.loads(text), projection)
    return canonical(row).decode() if row is not None else None


def _forget() -> None:
    for cached in (
        policy, child_field, office_when, home, is_event, hidden, _visible, may_set_all, sees_all,
    ):  # fmt: skip
        cached.cache_clear()


on_install(_forget)
