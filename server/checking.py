"""What is odd about the answers a request brought: the same questions the phone asks at the door, asked again.

Nothing is refused for it. What was typed is stored; the answer names each field with its code, so that
its author sees on the spot what the office will ask about (sync/PROTOCOL.md §3.3).

An empty answer is one of these only in an event: what a file lacks is asked for at the next visit (建档), and the
phone lists it by itself. A record that was created is judged by what it was created with, and a field whose check looks at nothing else by
its own new value. Only where a check depends on other answers is the record looked at, as it now stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from server.forms import Finding
from server.forms.numbers import DEMO_AREA
from server.forms.validate import looks_around
from server.programme import findings, may_write, on_install, programme
from server.programme.attachments import consents, pictured_child, unconsented
from server.registry import Pushed, Registry, Unreadable
from sync import PRESENT, Change, Op, field_of


class _Asked(NamedTuple):
    seq: int
    place: int
    change: Change
    is_new: bool
    fields: frozenset[str]


async def odd_answers(
    registry: Registry,
    village: str,
    role: str,
    ops: Sequence[Op | Unreadable],
    first: int,
    pushed: Pushed,
) -> list[dict[str, Any]]:
    """`{"seq", "change", "key", "code", "message"}` of every odd answer among the ops that were applied."""
    asked = list(_asked(ops, first, pushed))
    if not asked:
        return []
    around = {it.change.record for it in asked if not it.is_new and _looks_around(it)}
    stands = await _standing(registry, village, around, pushed)
    today = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()  # in China
    demo = village.startswith(DEMO_AREA)
    found: list[dict[str, Any]] = []
    pictures: list[tuple[_Asked, str, Finding]] = []
    for it in asked:
        kind = it.change.type
        values = stands.get(it.change.record)
        if values is None:
            values = shown_of(it.change.set)
        only = it.fields & _writable(role, kind)
        if programme().types[kind].kind == "entity":
            only &= values.keys()
        for odd in findings(kind, values, today, demo=demo, only=only):
            if odd.code == "required" and programme().types[kind].kind == "entity":
                continue
            found.append(_told(it, odd))
        if (form := programme().form_of(kind, values)) and form.own is not None:
            child = pictured_child(kind, it.change.record, values)
            changed = (odd for odd in unconsented(form, values) if it.fields & _roots(odd))
            pictures += ((it, child, odd) for odd in changed if child)
    return found + await _withheld(registry, village, pictures)


async def _standing(
    registry: Registry, village: str, ids: Collection[str], pushed: Pushed
) -> dict[str, Mapping[str, Any]]:
    """What these records show now. The push has just made most of the rows; of a replay they have to be read."""
    made = {id: pushed.shown[id] for id in ids if id in pushed.shown}
    left = sorted(set(ids) - made.keys())
    rows = await registry.rows_by_id(village, left) if left else {}
    return made | {id: row.fields for id, row in rows.items()}


async def _withheld(
    registry: Registry, village: str, pictures: Sequence[tuple[_Asked, str, Finding]]
) -> list[dict[str, Any]]:
    """Those of pictures of children whose file says no consent, as it now stands."""
    wanted = sorted({child for _, child, _ in pictures})
    rows = await registry.rows_by_id(village, wanted) if wanted else {}
    free = {id for id, row in rows.items() if consents(row.fields, row.contested)}
    return [_told(it, odd) for it, child, odd in pictures if child not in free]


def _told(it: _Asked, odd: Finding) -> dict[str, Any]:
    key = odd.within or odd.field
    told: dict[str, Any] = {"seq": it.seq, "change": it.place, "key": key, "code": odd.code}
    return told | {"message": odd.message.wire()}


def _roots(odd: Finding) -> set[str]:
    """The field of the record that a finding is about."""
    return {odd.within.partition("/")[0] or odd.field}


def _asked(ops: Sequence[Op | Unreadable], first: int, pushed: Pushed) -> Iterable[_Asked]:
    aside = {
        (verdict["seq"], verdict["change"])
        for verdict in pushed.verdicts
        if verdict["verdict"] in ("quarantined", "malformed")
    }
    for seq, op in enumerate(ops, start=first):
        if seq > pushed.acked or isinstance(op, Unreadable) or (seq, -1) in aside:
            continue
        for place, change in enumerate(op.changes):
            kind = programme().types.get(change.type)
            if kind is None or (seq, place) in aside or change.set.get(PRESENT) is False:
                continue
            is_new = change.set.get(PRESENT) is True
            fields = _checked(change.type)
            if not is_new:
                fields &= frozenset(map(field_of, change.set))
            if fields:
                yield _Asked(seq, place, change, is_new, fields)


@cache
def _writable(role: str, type_name: str) -> frozenset[str]:
    return frozenset(it for it in _checked(type_name) if may_write(role, type_name, it))


@cache
def _checked(type_name: str) -> frozenset[str]:
    return frozenset(
        it.name for it in programme().types[type_name].fields.values() if not it.derived
    )


def _looks_around(it: _Asked) -> bool:
    return not it.fields.isdisjoint(_around(it.change.type))


@cache
def _around(type_name: str) -> frozenset[str]:
    """Fields whose new value alone does not tell whether it is odd. An edit of a set or a list names one
    element; a constraint is about all of them."""
    return frozenset(
        it["name"]
        for it in programme().types[type_name].form["fields"]
        if looks_around(it)
        or (it["type"] in ("select_multiple", "list") and (it["constraint"] or it["required"]))
    )


on_install(_writable.cache_clear)
on_install(_checked.cache_clear)
on_install(_around.cache_clear)


def shown_of(edits: Mapping[str, Any]) -> dict[str, Any]:
    """What edits by key show as fields, where nothing stood before: sets as lists, lists entry by entry."""
    shown: dict[str, Any] = {}
    for key, value in edits.items():
        name, slash, part = key.partition("/")
        if not slash:
            shown[name] = value
        elif isinstance(value, Mapping):
            shown.setdefault(name, {})[part] = value
        elif value is True:
            shown.setdefault(name, []).append(part)
    return shown
