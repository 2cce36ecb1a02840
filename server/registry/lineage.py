"""A new lineage: what a restored backup needs before anybody talks to it.

Phones may have seen revisions that the backup doesn't have. Each village gets a new epoch, which
tells them so, and numbers on from beyond everything that was ever given out, so that no number
comes to mean two things.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, update

from server.database import Work, ask
from server.database.schema import device, lineage, village
from server.database.statement import insert_new

from .ids import short_id
from .reads import villages

JUMP = 1_000_000
"""More revisions than a village gives out between two backups."""

SET_LINEAGE = (
    update(village)
    .where(village.c.village == bindparam("v"))
    .values(epoch=bindparam("new_epoch"), rev=bindparam("new_rev"))
)
NEW_LINEAGE = insert_new(lineage)

SET_KEPT = (
    update(device)
    .where(device.c.village == bindparam("v"), device.c.id == bindparam("b_id"))
    .values(kept_generation=bindparam("b_generation"), kept_seq=bindparam("b_seq"))
)
"""Phones may forget what a backup holds (PROTOCOL.md §3.6)."""


HELD = "SELECT village, id, generation, last_seq FROM device"
"""What a backup holds of each device, asked of the backup itself."""


def fork(now: int) -> Work[None]:
    """Begin a new epoch in each village, and remember which revs the old one may have given out since."""
    for found in (yield from villages()):
        yield from begin(found.code, found.epoch, found.rev, now)


def begin(village: str, epoch: str, rev: int, now: int) -> Work[int]:
    """A village's next lineage; returns where it goes on. One backup may be restored twice, and the second time it
    knows nothing of the first: numbers go on from the instant `now` (ms), which no lineage has reached."""
    resumed = max(rev + JUMP, now)
    yield ask(NEW_LINEAGE, village=village, epoch=epoch, forked_at=rev, resumed_at=resumed)
    yield ask(SET_LINEAGE, v=village, new_epoch=short_id(), new_rev=resumed)
    return resumed


def lost_numbers(
    revs: Sequence[int], lineages: Iterable[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """`Stamp.was` of an op that is offered again with the revs it says it had: those that a lineage can have given
    after its fork, each with the last rev of that lineage. `lineages` are (forked_at, resumed_at)."""
    ends = sorted({*(resumed_at for _, resumed_at in lineages), *(rev - 1 for rev in revs)})
    return tuple(
        (rev, next(end for end in ends if end >= rev))
        for rev in sorted({*revs})
        if any(forked_at < rev <= resumed_at for forked_at, resumed_at in lineages)
    )


def keep(held: Iterable[Sequence[Any]]) -> Work[None]:
    """Note what a verified backup holds: rows of (village, device, generation, last seq) as the backup has them."""
    for code, id, generation, seq in held:
        yield ask(SET_KEPT, v=code, b_id=id, b_generation=generation, b_seq=seq)
