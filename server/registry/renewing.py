"""What a new day changes though nobody says anything: pairings begin and are over, and with them who may hold which child.

Asked once a day and village by each process, and after each start (registry.py).
"""

from __future__ import annotations

from collections.abc import Collection

from server.database import Work, ask

from . import placement
from . import statements as sql
from .batch import Batch, Pushed
from .merging import Merging
from .own_forms import known as known_forms
from .storing import share
from .text import parsed


def outdated(village: str, instant: int) -> Work[list[str]]:
    """The households with a pairing that is not where it belongs on the day of an instant, ms; some to whom nothing is
    to be done, since a guardian closed the file."""
    on = placement.day_of(instant)
    pairings: dict[str, tuple[str, str]] = {}
    wanted: dict[str, set[str]] = {}
    for id, root, row in (yield ask(sql.PAIRINGS, v=village)):
        fields = parsed(row)[3]
        if "alias_of" not in fields:
            child = str(fields.get("child_id"))
            pairings[id] = (root, child)
            wanted.setdefault(child, set()).add(placement.paired(fields, on))
    held: dict[str, set[str]] = {id: {""} for id in pairings}
    for id, bucket, _rev, present in (yield ask(sql.MEMBERS, v=village, ids=sorted(pairings))):
        if present and bucket.startswith("helper:"):
            held[id].add(bucket)
    return sorted(
        {root for id, (root, child) in pairings.items() if held[id] != wanted[child] | {""}}
    )


def renew(village: str, roots: Collection[str], instant: int) -> Work[None]:
    """Put what helpers hold of these households right. One revision for all of it; none when nothing changes."""
    [[epoch, head, forms]] = yield ask(sql.LOCK_VILLAGE, v=village)
    yield from known_forms(village, forms)
    nothing = Batch("", [], instant, "")
    yield from share(Merging(village, nothing, Pushed(epoch, head, 0, 0), head + 1), roots)
