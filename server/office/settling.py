"""A contested key as a person decides it: the sides, and the edits that settle it.

Pure. Four kinds of contest, one page: a scalar field; an element of a set (in or out); entries of a list
that replace the same entry (two new numbers for one old phone); a record deleted by one and edited by
another. Settling is an ordinary edit whose base covers all sides, so it replaces them and nothing else;
a side that arrives meanwhile stays and shows up again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.registry import HistoryEdit, Row, Siblings
from sync import PRESENT

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BOTH = "both"
TYPED = "typed"
JOIN = "；"


@dataclass(frozen=True)
class Side:
    """One of the values side by side. `name` is what the form sends back when it is taken."""

    name: str
    letter: str
    value: Any
    key: str
    edit: HistoryEdit | None


@dataclass(frozen=True)
class Contest:
    """What stands against what. `base_rev` is the base of the edit that settles it."""

    key: str
    kind: str
    policy: str
    base: HistoryEdit | None
    base_rev: int
    shown: Any
    sides: Sequence[Side]


def contest(
    row: Row, key: str, siblings: Siblings, history: Sequence[HistoryEdit]
) -> Contest | None:
    """The contest of a key, or None when it is settled."""
    field, _, element = key.partition("/")
    if key == PRESENT:
        return _existence(row, siblings, history)
    entries = row.fields.get(field)
    if element and isinstance(entries, dict) and len(siblings.edits) < 2:
        return _rivals(row, field, element, siblings, history)
    if key not in row.contested:
        return None
    sides: list[Side] = []
    for edit in siblings.edits:
        if all(edit.value != side.value for side in sides):
            sides.append(Side(str(edit.rev), LETTERS[len(sides)], edit.value, key, edit))
    kind = "element" if element and not isinstance(siblings.shown, dict) else "scalar"
    return Contest(key, kind, siblings.policy, siblings.base, row.rev, siblings.shown, sides)


def _existence(row: Row, siblings: Siblings, history: Sequence[HistoryEdit]) -> Contest | None:
    if PRESENT not in row.contested:
        return None
    delete = next((e for e in reversed(siblings.edits) if e.value is False), None)
    unseen = [e for e in history if delete and e.rev > delete.base and e.device != delete.device]
    kept = unseen[-1] if unseen else (history[-1] if history else None)
    sides = [Side("keep", "A", True, PRESENT, kept), Side("drop", "B", False, PRESENT, delete)]
    return Contest(PRESENT, "existence", siblings.policy, None, row.rev, True, sides)


def _rivals(
    row: Row, field: str, element: str, siblings: Siblings, history: Sequence[HistoryEdit]
) -> Contest | None:
    entries: Mapping[str, Any] = row.fields[field]
    replaced = entries.get(element, {}).get("replaces")
    if replaced is None or f"{field}/{element}" not in row.contested:
        return None
    ids = [entry for entry in sorted(entries) if entries[entry].get("replaces") == replaced]
    latest = {edit.key: edit for edit in history if edit.value is not None}
    sides = [
        Side(entry, LETTERS[n], entries[entry], f"{field}/{entry}", latest.get(f"{field}/{entry}"))
        for n, entry in enumerate(ids)
    ]
    return Contest(
        siblings.key, "rivals", siblings.policy, latest.get(f"{field}/{replaced}"), row.rev,
        entries[ids[0]], sides,
    )  # fmt: skip


def can_keep_both(it: Contest) -> bool:
    """Whether both may stand: several phones always may, and texts of a field with the policy `both`."""
    return it.kind == "rivals" or (
        it.kind == "scalar"
        and it.policy == BOTH
        and all(isinstance(side.value, str) for side in it.sides)
    )


def can_type(it: Contest) -> bool:
    """Whether another value than the sides' may be typed."""
    return it.kind in ("scalar", "rivals")


def settlement(it: Contest, take: str, typed: Any, new_entry: str) -> dict[str, Any] | None:
    """The keys and values of the edit that settles a contest; None when nothing valid was chosen.

    `new_entry` is a fresh id in case a list entry is typed.
    """
    if take == BOTH and can_keep_both(it):
        if it.kind == "rivals":
            return {side.key: _own(side.value) for side in it.sides}
        return {it.key: JOIN.join(side.value for side in it.sides)}
    if take == TYPED and can_type(it) and typed not in (None, ""):
        if it.kind == "rivals":
            field = it.key.partition("/")[0]
            emptied: dict[str, Any] = {side.key: None for side in it.sides}
            return {**emptied, f"{field}/{new_entry}": {"number": str(typed)}}
        return {it.key: typed}
    chosen = next((side for side in it.sides if side.name == take), None)
    if chosen is None:
        return None
    if it.kind == "rivals":
        return {side.key: _own(side.value) if side is chosen else None for side in it.sides}
    return {it.key: chosen.value}


def _own(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A list entry that stands for itself and no longer for the one it replaced."""
    return {name: value for name, value in entry.items() if name != "replaces"}


def value_of(row: Row, key: str) -> Any:
    """What a key of a row shows now: a scalar, True/False for a set's element, an entry or None."""
    field, slash, element = key.partition("/")
    held = row.fields.get(field)
    if not slash:
        return held
    if isinstance(held, dict):
        return held.get(element)
    return element in (held or [])
