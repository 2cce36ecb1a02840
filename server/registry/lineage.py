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


def fork() -> Work[None]:
    """Begin a new epoch in each village, and remember which revs the old one may have given out since."""
    for found in (yield from villages()):
        yield ask(
            NEW_LINEAGE, village=found.code, epoch=found.epoch, forked_at=found.rev,
            resumed_at=found.rev + JUMP,
        )  # fmt: skip
        yield ask(SET_LINEAGE, v=found.code, new_epoch=short_id(), new_rev=found.rev + JUMP)


def keep(held: Iterable[Sequence[Any]]) -> Work[None]:
    """Note what a verified backup holds: rows of (village, device, generation, last seq) as the backup has them."""
    for code, id, generation, seq in held:
        yield ask(SET_KEPT, v=code, b_id=id, b_generation=generation, b_seq=seq)
