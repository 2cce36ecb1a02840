"""Which buckets a record is in. Pure: from records to buckets.

Every record has one home bucket. A household lives in its grid and everything of the household with it. What a
paired helper needs is also in `helper:<id>`: the child, the household, its carers and parents, their links,
the pairings and the visits of that child (decision 8).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from server.programme import on_install
from server.programme.due import in_force

from . import rules

OFFICE = "office"
VILLAGE = "village"
VOLUNTEERS = "VOL"
"""The scope of a consent: volunteers may see the child's file."""
CHINA = timezone(timedelta(hours=8))
LINKS = {"parent_link": "parent_id", "guardianship": "carer_id"}


class Home(NamedTuple):
    """Where a record lives, and with which record it moves."""

    bucket: str
    root: str


def grid_bucket(grid_code: str) -> str:
    """Grid 99000010120103 is the bucket `grid:03`."""
    return f"grid:{grid_code[-2:]}"


def grid_of(record_type: str, fields: Mapping[str, Any]) -> str:
    """The bucket of the grid that a record names itself; '' where it names none, or lives where another does."""
    kind, name = rules.home(record_type)
    code = fields.get(name) if kind == "field" else None
    return grid_bucket(code) if isinstance(code, str) and code else ""


@lru_cache(maxsize=4096)
def references(record_type: str) -> tuple[str, ...]:
    """The fields whose records decide where a record of this type lives."""
    kind, name = rules.home(record_type)
    return (name, "household_id") if kind == "via" else ()


on_install(references.cache_clear)


def home(
    id: str, record_type: str, fields: Mapping[str, Any], find: Callable[[str], Home | None]
) -> Home:
    """The home of a record. What cannot be placed is kept for the office."""
    kind, _ = rules.home(record_type)
    private = rules.office_when(record_type)
    if private is not None and fields.get(private[0]) == private[1]:
        return Home(OFFICE, id)
    if kind == "field":
        return Home(grid_of(record_type, fields) or OFFICE, id)
    if kind == "via":
        for field in references(record_type):
            target = fields.get(field)
            found = find(target) if isinstance(target, str) else None
            if found is not None:
                return found
        return Home(OFFICE, id)
    return Home(kind, id)


def helper_buckets(
    household: Mapping[str, tuple[str, Mapping[str, Any]]], on: str
) -> dict[str, set[str]]:
    """Record -> helper buckets, for everything of one household on a day.

    `household` maps record id -> (type, fields) for the present records of one household. The answer may name
    carers and parents who live elsewhere.
    """
    of_child: dict[str, set[str]] = {}
    closed = _closed(household)
    for kind, fields in household.values():
        if (
            kind == "pairing"
            and (bucket := paired(fields, on))
            and fields["child_id"] not in closed
        ):
            of_child.setdefault(fields["child_id"], set()).add(bucket)
    wanted: dict[str, set[str]] = {id: set() for id in household}
    for id, (kind, fields) in household.items():
        child = id if kind == "child" else _child_of(kind, fields, household)
        buckets = of_child.get(child, set())
        if not buckets:
            continue
        wanted[id] |= buckets
        if kind == "child" and isinstance(fields.get("household_id"), str):
            wanted.setdefault(fields["household_id"], set()).update(buckets)
        linked = fields.get(LINKS.get(kind, ""))
        if isinstance(linked, str):
            wanted.setdefault(linked, set()).update(buckets)
    return wanted


def _closed(household: Mapping[str, tuple[str, Mapping[str, Any]]]) -> set[str]:
    """Children whose guardian refused or took back that volunteers may see the file (decision 21): the latest
    decision about volunteers counts, and where there is none what the file itself says."""
    closed = {
        id
        for id, (kind, fields) in household.items()
        if kind == "child" and fields.get("consent_status") in ("R", "X")
    }
    decisions = sorted(
        (
            str(fields.get("occurred_on", "")),
            id,
            str(fields.get("child_id")),
            fields.get("decision"),
        )
        for id, (kind, fields) in household.items()
        if kind == "consent" and VOLUNTEERS in fields.get("scope", ())
    )
    for _, _, child, decision in decisions:
        (closed.discard if decision == "YES" else closed.add)(child)
    return closed


def _child_of(
    kind: str, fields: Mapping[str, Any], household: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> str:
    """The child a record is about, itself or through the record it belongs to (a step of a help request); else ''."""
    child = fields.get(rules.child_field(kind))
    if isinstance(child, str):
        return child
    for name in references(kind):
        target = fields.get(name)
        if isinstance(target, str) and target in household:
            return _child_of(*household[target], household)
    return ""


def paired(pairing: Mapping[str, Any], on: str) -> str:
    """The bucket of a pairing's helper while it names both and is in force; '' before, after, and while it waits for
    a helper: the one it names then is the one who has gone."""
    child, helper = pairing.get("child_id"), pairing.get("helper_id")
    whole = isinstance(child, str) and isinstance(helper, str)
    return f"helper:{helper}" if whole and in_force(pairing, on) else ""


def day_of(instant: int) -> str:
    """The day in China of an instant, ms."""
    return datetime.fromtimestamp(instant / 1000, CHINA).date().isoformat()
