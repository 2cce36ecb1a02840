"""A new lineage: what a restored backup needs before anybody talks to it.

Phones may have seen revisions that the backup doesn't have. Each village gets a new epoch, which
tells them so, and numbers on from beyond everything that was ever given out, so that no number
comes to mean two things.
"""

from __future__ import annotations

from sqlalchemy import bindparam, update

from server.database import Work, ask
from server.database.schema import village

from .ids import short_id
from .reads import villages

JUMP = 1_000_000
"""More revisions than a village gives out between two backups."""

SET_LINEAGE = (
    update(village)
    .where(village.c.village == bindparam("v"))
    .values(epoch=bindparam("new_epoch"), rev=bindparam("new_rev"))
)


def fork() -> Work[None]:
    for found in (yield from villages()):
        yield ask(SET_LINEAGE, v=found.code, new_epoch=short_id(), new_rev=found.rev + JUMP)
