"""What one device brings in one request, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync import Malformed, Op, Verdict


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An op that could not be read, kept as it came."""

    raw: Any
    problem: Malformed


@dataclass(frozen=True, slots=True)
class Batch:
    """What one device brings in one request."""

    device: str
    ops: Sequence[Op | Unreadable]
    arrival: int
    """Server clock, ms."""
    author: str
    """Name of the person, for history."""
    epoch: str = ""
    """The lineage the device believes to talk to; '' for the office and imports, which are always of the present one."""
    generation: int = 0
    first: int = 0
    """Seq of the first op; 0 lets the server number them (office, imports)."""
    offset: int | None = None
    """Server minus device clock, ms, for ops of the clock epoch `clock`."""
    clock: int = 0
    buckets: frozenset[str] | None = None
    """What the device may hold; None: everything (office, imports)."""
    ended: Mapping[str, int] = field(default_factory=dict)
    """Buckets it may hold no more -> when that ended, ms."""
    role: str = ""
    """What the person may do; only looked at when `buckets` are given."""
    authority: bool = False
    """Whether the person may settle conflicts."""
    by_hand: bool = False
    """Brought to the office, where somebody looked at who brought it; a cut-off phone's bound does not hold for it."""


@dataclass(slots=True)
class Pushed:
    """What became of a batch."""

    epoch: str
    head: int
    generation: int
    acked: int
    kept: int = 0
    """Ops up to this seq are in a backup too."""
    revs: list[int] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    revoked: bool = False
    applied: int = 0
    """Ops stored by this very batch; replays do not count."""
    changes: int = 0
    """Fields and events changed by this very batch."""
    shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the records changed by this very batch show now: id -> fields. (Not those that another one stands for.)"""

    def count(self, *verdicts: Verdict) -> int:
        return sum(v["verdict"] in verdicts for v in self.verdicts)


def said(
    seq: int, place: int, key: str | None, verdict: Verdict, reason: str | None = None
) -> dict[str, Any]:
    """A verdict as it goes over the wire. `place` is the change's position in the op, -1 for the whole op."""
    found: dict[str, Any] = {"seq": seq, "change": place, "verdict": str(verdict)}
    if key is not None:
        found["key"] = key
    if reason is not None:
        found["reason"] = reason
    return found
