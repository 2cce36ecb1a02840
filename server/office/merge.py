"""Merging two records field by field, as a person decides it. Pure.

The alias makes two records one and settles nothing (sync/alias.py). What differs is settled by ordinary edits of
the record that stands for both, whose base is the alias: their author was shown the class. The other record keeps
what it said, so taking the alias away gives it back as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.office import values
from server.office.conflict_view import side_words
from server.office.record_file import field_of
from server.office.register import Register
from server.programme import programme
from server.registry import HistoryEdit, Row, rules

A, B = "a", "b"
HIDDEN = frozenset({"name_pinyin"})


@dataclass(frozen=True)
class FieldPair:
    """One field of both records. `kind`: `same`, `one` (only one says something), `differ` (a person picks),
    `together` (sets and lists: all of both), `contested` (one of the two is not settled in itself)."""

    name: str
    field: Any
    kind: str
    a: str
    b: str
    newer: str = ""
    """Which of the two was said later, `a` or `b`; '' when that is not known."""
    picked: str = ""


def field_pairs(
    a: Row,
    b: Row,
    histories: Mapping[str, Sequence[HistoryEdit]],
    register: Register,
    language: str,
    *,
    hidden: frozenset[str] = frozenset(),
    picks: Mapping[str, str] | None = None,
    whole: bool = False,
) -> list[FieldPair]:
    """The fields in the order of the form, those the programme does not know last."""
    known = programme().types[a.type].fields
    unknown = sorted((a.fields.keys() | b.fields.keys()) - known.keys())
    found = []
    for name in (*known, *unknown):
        left, right = a.fields.get(name), b.fields.get(name)
        if name in HIDDEN | hidden or (is_empty(left) and is_empty(right)):
            continue
        field = known.get(name)
        kind = kind_of(name, a, b)
        newer = _newer(name, histories[a.id], histories[b.id]) if kind == "differ" else ""
        found.append(
            FieldPair(
                name=name,
                field=field or name,
                kind=kind,
                a=side_words(a.type, name, left, register, language, whole=whole),
                b=side_words(a.type, name, right, register, language, whole=whole),
                newer=newer,
                picked=(picks or {}).get(name) or _proposed(name, field, left, right, newer),
            )
        )
    return found


def kind_of(name: str, a: Row, b: Row) -> str:
    """How one field of both is merged (`FieldPair.kind`)."""
    left, right = a.fields.get(name), b.fields.get(name)
    if any(field_of(key) == name for key in (*a.contested, *b.contested)):
        return "contested"
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return "same" if left == right else "together"
    if left == right:
        return "same"
    return "one" if is_empty(left) or is_empty(right) else "differ"


def missing_picks(a: Row, b: Row, picks: Mapping[str, str], hidden: frozenset[str]) -> list[str]:
    """The fields somebody still has to decide."""
    names = sorted((a.fields.keys() | b.fields.keys()) - HIDDEN - hidden)
    return [it for it in names if kind_of(it, a, b) == "differ" and picks.get(it) not in (A, B)]


def settled(a: Row, b: Row, picks: Mapping[str, str]) -> dict[str, Any]:
    """The keys that make the merged record say what was decided, and the same telephone once."""
    found: dict[str, Any] = {}
    for name in sorted((a.fields.keys() | b.fields.keys()) - HIDDEN):
        left, right = a.fields.get(name), b.fields.get(name)
        kind = kind_of(name, a, b)
        if kind == "differ":
            if picks.get(name) in (A, B):
                found[name] = left if picks[name] == A else right
        elif kind == "one":
            found[name] = right if is_empty(left) else left
        elif kind == "together" and isinstance(left or right, list):
            found |= {f"{name}/{element}": True for element in {*(left or [])} ^ {*(right or [])}}
        elif kind == "together":
            found |= _doubles(name, left or {}, right or {})
    return found


def _doubles(name: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of the second that repeat a number of the first, emptied."""
    known = {_digits(entry) for entry in left.values()} - {""}
    return {
        f"{name}/{id}": None
        for id, entry in right.items()
        if id not in left and _digits(entry) in known
    }


def _digits(entry: Any) -> str:
    number = str(entry.get("number", "")) if isinstance(entry, Mapping) else ""
    return "".join(digit for digit in number if digit.isdecimal())


def restored(merged: Sequence[HistoryEdit], own: Sequence[HistoryEdit]) -> dict[str, Any]:
    """What the record that stood for both had said itself before: for each key that the merge settled, and that
    nobody changed since. `merged` are the merge's edits, `own` the record's own history once it is apart."""
    found: dict[str, Any] = {}
    for edit in merged:
        mine = [it for it in own if it.key == edit.key]
        standing = [it for it in mine if it.maximal]
        before = [it for it in mine if it.rev < edit.rev]
        if [it.rev for it in standing] != [edit.rev]:
            continue
        was = before[-1].value if before else (False if isinstance(edit.value, bool) else None)
        if was != edit.value:
            found[edit.key] = was
    return found


def is_empty(value: Any) -> bool:
    return value in (None, "", [], {})


def _newer(name: str, a: Sequence[HistoryEdit], b: Sequence[HistoryEdit]) -> str:
    said = [
        max((it.at for it in edits if it.key == name and it.maximal), default=0) for edits in (a, b)
    ]
    if not all(said) or said[0] == said[1]:
        return ""
    return A if said[0] > said[1] else B


def _proposed(name: str, field: Any, left: Any, right: Any, newer: str) -> str:
    """What is ticked beforehand: the elder's number, the graver of two where gravity counts, else what was said later,
    else the elder record's. It is a proposal; the person sees and sends it."""
    if name in rules.NUMBERED.values():
        return A
    order = [str(code) for code in field.severity_order] if field else []
    if str(left) in order and str(right) in order:
        return A if order.index(str(left)) < order.index(str(right)) else B
    return newer or A


def label_of(field: Any, language: str) -> str:
    return field if isinstance(field, str) else values.label(field, language)
