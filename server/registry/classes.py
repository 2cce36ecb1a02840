"""Alias classes in the working set: what a class shows, and who is in it after an op (sync/alias.py).

An alias record is a record like any other, so merging and un-merging have causality, replays and a history for
free. Members keep their own state; the row of the one that stands for them shows the class, the rows of the
others are stubs that point to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from sync import Edge, class_record, edge_of, group, representative, watched

from . import rules
from .working import Entry

ALIAS = "alias"


def ends(values: Mapping[str, object]) -> list[str]:
    """The two records an alias joins, as far as they are named."""
    return [end for name in ("a", "b") if isinstance(end := values.get(name), str)]


def regroup(entries: Mapping[str, Entry], rev: int) -> list[Entry]:
    """Work out the classes anew for everything the working set touches; returns all members whose row changes.

    All members and edges of the classes concerned have to be loaded.
    """
    edges = [
        (entry, edge)
        for entry in entries.values()
        if entry.type == ALIAS and entry.record is not None and (edge := edge_of(entry.record))
    ]
    living = [edge for _, edge in edges if edge.holds and _fits(entries, edge)]
    touched = {e.id for e in entries.values() if e.revs and e.alias_of}
    touched |= {end for entry, edge in edges if entry.revs for end in (edge.a, edge.b)}
    # A class that lost an edge may fall apart: everybody who was in it is looked at again.
    former = {entries[id].alias_of for id in touched if id in entries} - {""}
    touched |= {e.id for e in entries.values() if e.alias_of in former and e.type != ALIAS}
    changed: list[Entry] = []
    done: set[str] = set()
    for start in sorted(touched & entries.keys()):
        if start in done:
            continue
        names = group(start, living)
        done |= names
        members = [e for name in sorted(names) if (e := entries.get(name)) and e.record is not None]
        _show_class(members, [edge for _, edge in edges], rev)
        changed += members
    for entry, edge in edges:
        first = entries.get(edge.a)
        head = (first.alias_of if first is not None else "") or edge.a
        if entry.alias_of != head:  # an edge is found through the class it belongs to
            entry.alias_of = head
            changed.append(entry)
    return changed


def _fits(entries: Mapping[str, Entry], edge: Edge) -> bool:
    """Aliases join records of one type only (decision 19)."""
    both = [entries.get(end) for end in (edge.a, edge.b)]
    return (
        all(e is not None and e.record is not None for e in both)
        and len({e.type for e in both if e}) == 1
    )


def _show_class(members: list[Entry], edges: Iterable[Edge], rev: int) -> None:
    alone = len(members) == 1
    head = representative(m.id for m in members)
    whole = class_record([m.record for m in members if m.record is not None], list(edges))
    for member in members:
        member.alias_of = "" if alone else head
        member.view = None if alone or member.id != head else whole
        if member.record is not None:
            guarded = partial(rules.guarded, member.type)
            member.record = watched(member.record, member.record if alone else whole, guarded, rev)
