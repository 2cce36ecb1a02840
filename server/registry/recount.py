"""Counting everything afresh: the state of every record as the fold of the whole log, every digest from the stored rows.

What is kept up step by step must equal this at any time (`zoufang doctor` and the tests ask it). It reads a whole village.
"""

from __future__ import annotations

from typing import NamedTuple

from server.database import Work, ask
from sync import Change, Digest, Op, Record, Stamp, row_digest
from sync.wire import op_from_json

from . import rules
from . import statements as sql
from .classes import ALIAS, ends, regroup
from .merging import copied, follow
from .repair import held
from .text import parsed
from .working import Entry, apply, load


class Difference(NamedTuple):
    """Something that does not add up."""

    what: str
    """`record` or `digest`."""
    name: str
    """The record's id, or the bucket."""


def recount(village: str) -> Work[list[Difference]]:
    """Everything of a village that differs from what the log and the rows say; empty when all is well."""
    found: list[Difference] = []
    folded = yield from fold(village)
    stored = {row[0]: load(row).record for row in (yield ask(sql.ALL_RECORDS, v=village))}
    for id in folded.keys() | stored.keys():
        if not _same(folded.get(id), stored.get(id)):
            found.append(Difference("record", id))
    for bucket, digest in (yield ask(sql.ALL_DIGESTS, v=village)):
        total = Digest()
        for text in (yield from held(village, bucket)).rows.values():
            total = total.plus(row_digest(text.encode()))
        if total.hex() != digest:
            found.append(Difference("digest", bucket))
    return sorted(found)


def fold(village: str) -> Work[dict[str, Record]]:
    """Every record, made anew from the ops of the log in the order of their revs."""
    made = yield from entries(village)
    return {id: entry.record for id, entry in made.items() if entry.record is not None}


def entries(village: str, before: int | None = None) -> Work[dict[str, Entry]]:
    """The same with the classes they stand in; of ops with a rev less than `before`, when one is given."""
    entries: dict[str, Entry] = {}
    rows = yield ask(sql.ALL_OPS, v=village)
    named: set[str] = set()
    """Aliases, and the records they have ever joined."""
    joined: dict[str, Entry] = {}
    aside: dict[str, dict[tuple[int, int], Op]] = {}
    for device, generation, seq, body in (yield ask(sql.EVER_ASIDE, v=village)):
        aside.setdefault(device, {})[generation, seq] = op_from_json(parsed(body))
    copies: dict[str, dict[tuple[int, int], tuple[int, int]]] = {}
    for device, generation, seq, copy_of in (yield ask(sql.ALL_COPIES, v=village)):
        copies.setdefault(device, {})[generation, seq] = copied(copy_of)
    for rev, was, device, generation, seq, at, authority, body, given in rows:
        if before is not None and rev >= before:
            break
        added = parsed(given)
        kept_aside = aside.get(device, {})
        kept_aside.pop((generation, seq), None)
        lost = tuple((old, last) for old, last in parsed(was))
        stamp = Stamp(rev, 0, at, device, generation, seq, lost)
        for change in op_from_json(parsed(body)).changes:
            entry = entries.get(change.record)
            if entry is None:
                entry = entries[change.record] = Entry(change.record, change.type)
                extra = {**change.set, **added.get(change.record, {})}
                change = Change(change.record, change.type, change.base, extra)
            elif entry.type != change.type or (
                rules.is_event(change.type)
                and not rules.is_removal(change, authority=bool(authority))
            ):
                continue
            change = follow(change, generation, kept_aside, copies.get(device, {}))
            apply(entry, change, stamp, authority=bool(authority))
            if entry.type == ALIAS:
                named |= {entry.id, *ends(change.set)}
                joined = {id: entries[id] for id in named if id in entries}
            elif entry.id in named:
                joined[entry.id] = entry
        # Whether a class was contested binds what is typed into its members afterwards.
        regroup(joined, rev)
        for entry in joined.values():
            entry.revs.clear()
    return entries


def _same(a: Record | None, b: Record | None) -> bool:
    """Whether two records hold the same maximal edits; which way they are written down does not matter."""
    if a is None or b is None or a.type != b.type:
        return False
    keys = {*a.values, *a.edits, *b.values, *b.edits}
    return all(a.maximal(key) == b.maximal(key) for key in keys)
