"""What people see of a record: one value a field, and which of them are contested.

Every answer here is a function of the maximal edits alone, never of the order in which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .model import PRESENT, Edit, Policy, Record, Stamp, Verdict

Policies = Callable[[str, str], Policy]
"""(record type, field) -> policy. The caller's knowledge of its forms; unknown fields are `latest`."""

MUST_SETTLE = frozenset({"hold", "severe"})
"""Policies whose conflicts the office has to settle; the others stand for information (decision 7)."""
MOST_BOTH = 8
"""More values than this side by side, and a person has to choose."""


class Shown(NamedTuple):
    """One record as everybody sees it (PROTOCOL.md §3.3 row)."""

    present: bool
    fields: dict[str, Any]
    """By field name: a set as a sorted list, a list as entry id -> entry, emptied fields left out."""
    contested: dict[str, list[Any]]
    """By key: the other values that differ, in order of time."""


def field_of(key: str) -> str:
    """`hobby/03` belongs to the field `hobby`."""
    return key.partition("/")[0]


def show(record: Record, policies: Policies) -> Shown:
    """Fold a record's maximal edits into what is shown."""
    fields = {k: v for k, v in record.values.items() if v is not None and "/" not in k}
    contested: dict[str, list[Any]] = {}
    for key in [key for key in record.values if "/" in key]:
        _put(fields, key, record.values[key])
    for key, edits in record.edits.items():
        if key == PRESENT:
            continue
        if len(edits) == 1:
            _put(fields, key, edits[0].value)
            continue
        best = pick(edits, policies(record.type, field_of(key)), element="/" in key)
        _put(fields, key, best.value)
        others = distinct(edits, best)
        if others:
            contested[key] = others
    fields.pop(PRESENT, None)
    for name, value in fields.items():
        if type(value) is set:
            fields[name] = sorted(value)
        elif type(value) is dict:
            _flag_rivals(name, value, contested)
    present, doubted = presence(record)
    if doubted:
        contested[PRESENT] = [False]
    return Shown(present, fields, contested)


def pick(edits: Sequence[Edit], policy: Policy, *, element: bool = False) -> Edit:
    """The edit that is shown among maximal edits. An element of a set or list is in if anybody put it in."""
    if element:
        edits = [e for e in edits if e.value] or edits
    match policy.name:
        case "severe" | "hold" if policy.order:
            rank = {value: place for place, value in enumerate(policy.order)}
            return max(edits, key=lambda e: (rank.get(e.value, -1), _by_time(e)))
        case "max":
            return max(edits, key=lambda e: (*_size(e.value), _by_time(e)))
        case "min":
            return min(edits, key=lambda e: (e.value is None, *_size(e.value), _by_time(e)))
        case "immutable":
            return min(edits, key=lambda e: (e.stamp.rev, _by_time(e)))
        case _:
            return max(edits, key=_by_time)


def distinct(edits: Sequence[Edit], best: Edit) -> list[Any]:
    """The values beside the shown one that really differ, oldest first, each once."""
    others: list[Any] = []
    for edit in sorted([e for e in edits if e.value != best.value], key=_by_time):
        if edit.value not in others:
            others.append(edit.value)
    return others


def is_contested(edits: Sequence[Edit]) -> bool:
    """Whether maximal edits differ. Concurrent but equal is agreement."""
    return len(edits) > 1 and any(e.value != edits[0].value for e in edits)


def presence(record: Record) -> tuple[bool, bool]:
    """(is the record visible, is that contested)."""
    if record.values.get(PRESENT) is True:  # as it was created, like most
        return True, False
    edits = record.maximal(PRESENT)
    deletes = [e.stamp for e in edits if e.value is False]
    if not deletes:
        return True, False
    alive = any(e.value and not any(_own_earlier(e.stamp, d) for d in deletes) for e in edits)
    if record.removed is not None and not alive:
        return not record.removed, not record.removed
    unseen = alive or all(missed_something(record, delete) for delete in deletes)
    return unseen, unseen


def must_settle(record: Record, key: str, policies: Policies) -> bool:
    """Whether a contested key waits for the office, or only stands for information."""
    policy = policies(record.type, field_of(key))
    full = policy.name == "both" and len(record.maximal(key)) > MOST_BOTH
    return key == PRESENT or full or policy.name in MUST_SETTLE


def verdict(record: Record, key: str, shown: Shown, policies: Policies) -> Verdict:
    """How a key stands after a change: applied, conflict, or held for the office."""
    if key not in shown.contested:
        return Verdict.APPLIED
    return Verdict.HELD if must_settle(record, key, policies) else Verdict.CONFLICT


def missed_something(record: Record, delete: Stamp) -> bool:
    """Whether the record holds an edit the deleting person cannot have seen."""
    stamps = [e.stamp for key, edits in record.edits.items() if key != PRESENT for e in edits]
    if any(key != PRESENT for key in record.values):
        stamps.append(record.origin)
    return any(not s.is_within(delete.base) and not _own_earlier(s, delete) for s in stamps)


def _own_earlier(s: Stamp, than: Stamp) -> bool:
    return (s.device, s.generation) == (than.device, than.generation) and s.seq <= than.seq


def _put(fields: dict[str, Any], key: str, value: Any) -> None:
    """Fold one key into its field. Should somebody mix kinds: entries win over elements, these over scalars."""
    name, slash, element = key.partition("/")
    held = fields.get(name)
    if not slash:
        if value is not None and type(held) not in (set, dict):
            fields[name] = value
    elif value is True:
        if type(held) is set:
            held.add(element)
        elif type(held) is not dict:
            fields[name] = {element}
    elif type(value) is dict:
        if type(held) is dict:
            held[element] = value
        else:
            fields[name] = {element: value}


def _flag_rivals(name: str, entries: Mapping[str, Any], contested: dict[str, list[Any]]) -> None:
    """Two live entries that replace the same one: both stay, both are marked (PROTOCOL.md §4)."""
    heirs: dict[str, list[str]] = {}
    for entry_id in sorted(entries):
        entry = entries[entry_id]
        replaced = entry.get("replaces") if type(entry) is dict else None
        if isinstance(replaced, str):
            heirs.setdefault(replaced, []).append(entry_id)
    for rivals in heirs.values():
        for entry_id in rivals[1:]:
            contested[f"{name}/{entry_id}"] = [
                entries[other] for other in rivals if other != entry_id
            ]


def _by_time(edit: Edit) -> tuple[int, str, int, int]:
    s = edit.stamp
    return s.at, s.device, s.generation, s.seq


def _size(value: Any) -> tuple[int, Any]:
    """Nothing before numbers before texts, so that any two values compare."""
    if value is None:
        return -1, 0
    return (0, value) if isinstance(value, int) else (1, str(value))
