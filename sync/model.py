"""The nouns of sync: stamp, edit, record, change, op, verdict.

Values are plain JSON. Nothing here knows forms, storage or the wire; nothing is changed in place. (Structs of
msgspec, because they are made by the million: a frozen dataclass takes seven times as long. `gc=False`: none of them
can come to hold itself, so Python need not look whether it does.)
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NewType

import msgspec

Village = NewType("Village", str)
"""12-digit area code: the tenant and its number line of revisions."""
RecordId = NewType("RecordId", str)
"""UUIDv7 as 32 lower-case hex digits."""
Key = NewType("Key", str)
"""What one edit replaces: `field`, or `field/element` for sets and lists."""

Prev = int | tuple[int, int]
"""An own edit: its seq, or (generation, seq) when it was made in an earlier generation."""

PRESENT = Key("present")
"""The pseudo-field that says a record exists."""


class Stamp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where an edit comes from and what its author had seen. One per change of an op."""

    rev: int
    base: int
    at: int
    """Corrected time, ms; fixed at first acceptance."""
    device: str
    generation: int
    seq: int
    was: tuple[tuple[int, int], ...] = ()
    """Of an op that restores had lost and its device offered again: the rev it had in each lineage that ended, and
    the last rev that lineage can have given."""

    def is_within(self, base: int) -> bool:
        """Whether a screen that stood at `base` showed this edit, or something that replaced it."""
        if self.rev <= base:
            return True
        return bool(self.was) and any(rev <= base <= last for rev, last in self.was)


class Edit(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One value somebody gave a key."""

    value: Any
    stamp: Stamp
    bound: bool = False
    """Its author was shown a guarded key contested and may not settle it: it replaces only the author's own."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """The state of one record: for every key its maximal edits.

    Most keys still hold what the record was created with. Those are kept as plain `values`, all stamped
    `origin`; only keys edited since are spelled out in `edits`. A key is in exactly one of the two.
    """

    id: RecordId
    type: str
    rev: int
    """The largest rev of any edit ever merged into the record."""
    origin: Stamp
    values: Mapping[str, Any]
    edits: Mapping[str, tuple[Edit, ...]] = {}
    contests: Mapping[str, tuple[tuple[int, int], ...]] = {}
    """Guarded keys -> when they were contested: (from rev, to rev), to 0 while it lasts."""
    removed: bool | None = None
    """Only of a class: whether its removals had seen everything of every member (alias.py)."""

    def maximal(self, key: str) -> tuple[Edit, ...]:
        """The maximal edits of a key, oldest rev first; empty if nobody ever set it."""
        if key in self.edits:
            return self.edits[key]
        if key in self.values:
            return (Edit(self.values[key], self.origin),)
        return ()

    def was_contested(self, key: str, rev: int) -> bool:
        """Whether a screen at `rev` showed a guarded key as contested."""
        return any(
            since <= rev and (not to or rev < to) for since, to in self.contests.get(key, ())
        )


class Change(msgspec.Struct, frozen=True, gc=False):
    """The edits one op makes to one record; all of them share `base`."""

    record: RecordId
    type: str
    base: int
    set: Mapping[str, Any]
    prev: Mapping[str, Prev] = {}


class Op(msgspec.Struct, frozen=True, gc=False):
    """One atomic group of changes by one device."""

    at: int
    clock: int
    contact: int
    schema: str
    changes: tuple[Change, ...]
    was: tuple[int, ...] = ()
    """Only when offered again after a restore: the revs it had in lineages that ended."""


class Verdict(StrEnum):
    """What became of a change. Every one of them is terminal."""

    APPLIED = "applied"
    CONFLICT = "conflict"
    """Applied; the key now has several values that differ."""
    HELD = "held"
    """Applied and contested; the office has to settle it."""
    QUARANTINED = "quarantined"
    """Stored, not applied; the office releases or refuses it."""
    MALFORMED = "malformed"
    """Kept as it came; cannot be read."""


class Policy(msgspec.Struct, frozen=True):
    """How one field shows when its maximal edits differ (PROTOCOL.md §5)."""

    name: str
    order: tuple[str, ...] = ()
    """For `severe`, and for `hold` where one answer wins at once: values from mildest to gravest."""


LATEST = Policy("latest")
