"""What a phone keeps, and the two things it computes of it: digests, and what the rows already tell of its own ops.

Written from sync/PROTOCOL.md alone, as phone.py.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

Row = list[Any]


@dataclass(frozen=True)
class Saved:
    """An op as it was saved. `number` names it on this phone for ever; `prev` in its changes are such numbers."""

    number: int
    generation: int
    seq: int
    head: Mapping[str, Any]
    changes: tuple[Mapping[str, Any], ...]
    rev: int | None = None
    """None: waits to be sent. 0: stored, not applied."""
    was: tuple[int, ...] = ()
    """The revs it had in lineages that ended with a restore of the server (§3.6)."""
    landed: bool = False
    """The confirmed rows contain it, or tell that it was replaced: its overlay is gone."""

    @property
    def waits(self) -> bool:
        return self.rev is None


@dataclass
class Disk:
    """Everything a phone keeps."""

    village: str
    device: str
    token: str
    epoch: str
    buckets: list[str]
    generation: int = 1
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    limbo: dict[str, tuple[Row, int]] = field(default_factory=dict)
    """Rows that left a bucket, until every bucket is past that point: a moved record never vanishes."""
    saved: list[Saved] = field(default_factory=list)
    names: dict[int, tuple[int, int]] = field(default_factory=dict)
    """(generation, seq) of forgotten ops by number."""
    repair: dict[str, list[str] | None] = field(default_factory=dict)
    """Bucket -> ids to fetch, or None when it has yet to be compared (§3.4)."""
    unfinished: set[str] = field(default_factory=set)
    """Buckets of which more pages are to come."""
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    horizon: int = 0
    """The last rev of the lineage before a restore that this phone heard of."""
    seq: int = 0
    number: int = 0
    contact: int = 0
    clock: int = 0
    drift: int = 0
    mismatches: int = 0
    wiped: bool = False

    def copy(self) -> Disk:
        return replace(
            self, buckets=[*self.buckets], rows={b: {**rows} for b, rows in self.rows.items()},
            cursors={**self.cursors}, limbo={**self.limbo}, saved=[*self.saved], names={**self.names},
            repair={**self.repair}, unfinished={*self.unfinished}, verdicts=[*self.verdicts],
        )  # fmt: skip

    def reached(self, rev: int) -> bool:
        return all(self.cursors.get(bucket, 0) >= rev for bucket in self.buckets)

    def row(self, record: str) -> Row | None:
        """The newest confirmed row of a record, whichever bucket brought it."""
        found = [rows[record] for rows in self.rows.values() if record in rows]
        return max(found, key=lambda row: (row[2], len(row[3])), default=None)

    def still_shows(self, saved: Saved) -> bool:
        """Whether the rows of the old lineage still contain an op that the server lost."""
        rows = [self.row(change["record"]) for change in saved.changes]
        return bool(saved.was) and all(
            row and saved.was[-1] <= row[2] <= self.horizon for row in rows
        )

    def shows(self, saved: Saved) -> bool:
        """Whether the rows tell what became of an acked op. (A row changed since lies behind later pages.)"""
        rows = [self.row(change["record"]) for change in saved.changes]
        return saved.rev is not None and (
            all(row and row[2] >= saved.rev for row in rows)
            or (not self.unfinished and not self.repair and self.reached(saved.rev))
        )

    def sweep(self) -> None:
        """Overlays go when all buckets have reached their op; rows in limbo when nothing needs them any more."""
        self.saved = [
            replace(s, landed=True) if not s.landed and self.shows(s) else s for s in self.saved
        ]
        needed = {c["record"] for s in self.saved if s.waits or not s.landed for c in s.changes}
        self.limbo = {
            id: (row, rev)
            for id, (row, rev) in self.limbo.items()
            if id in needed or (rev and not self.reached(rev))
        }

    def renumber(self, old: int, new: int) -> None:
        """What waits in the old generation goes on in the new one, from 1 (§3.5)."""
        seq = 0
        for place, saved in enumerate(self.saved):
            if saved.waits and saved.generation == old:
                seq += 1
                self.saved[place] = replace(saved, generation=new, seq=seq)
        self.generation, self.seq = new, seq

    def offer_again(self) -> None:
        """After a restore everything this phone still has waits again, with the revs it had (§3.6)."""
        self.horizon = max(self.cursors.values(), default=0)
        self.saved = [
            s
            if s.waits
            else replace(s, rev=None, was=(*s.was, s.rev) if s.rev else s.was, landed=False)
            for s in self.saved
        ]

    def forget(self, generation: int, kept: int) -> None:
        """Let go of what a backup of the server holds, but for its name: an open form may still refer to it."""
        done = [
            s for s in self.saved
            if s.landed and not s.waits and s.generation == generation and s.seq <= kept
        ]  # fmt: skip
        self.names |= {s.number: (s.generation, s.seq) for s in done}
        self.saved = [s for s in self.saved if s.number not in self.names]


def hash_of(row: Row) -> bytes:
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(unicodedata.normalize("NFC", text).encode()).digest()


def head_of(row: Row | None) -> str:
    return hash_of(row)[:4].hex() if row else ""


def digest_of(rows: Iterable[Row]) -> str:
    lanes = [0, 0, 0, 0]
    for row in rows:
        summand = hash_of(row)
        lanes = [
            (n + int.from_bytes(summand[4 * i : 4 * i + 4])) % 2**32 for i, n in enumerate(lanes)
        ]
    return "".join(f"{lane:08x}" for lane in lanes)
