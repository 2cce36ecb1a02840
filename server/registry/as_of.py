"""The records of a village as the server held them at the end of a past day (decision 29).

Made anew from the log: only ops that had been accepted by then count, in the order of their revs, so that two who
ask for the same day get the same rows, whatever was merged since. An op that was let out of quarantine later counts
from the day it was let out. It reads the whole log; nobody asks for it on the sync path.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.database import Work, ask

from . import statements as sql
from .classes import ALIAS
from .reads import Row, resolved
from .recount import entries
from .text import parsed
from .working import rewrite


def rows_as_of(village: str, types: Sequence[str], instant: int) -> Work[list[Row]]:
    """All present records of some types as accepted up to an instant (ms), in no particular order."""
    [[first_after]] = yield ask(sql.FIRST_REV_AFTER, v=village, instant=instant)
    made = yield from entries(village, first_after)
    wanted = frozenset(types)
    stands_for = {
        it.id: it.alias_of
        for it in made.values()
        if it.type != ALIAS and it.alias_of not in ("", it.id)
    }
    found = []
    for entry in made.values():
        if entry.type not in wanted or entry.record is None or entry.id in stands_for:
            continue
        rewrite(entry, entry.record.rev)
        if entry.present:
            id, type, rev, fields, *contested = parsed(entry.row_text)
            found.append(Row(id, type, rev, "", fields, contested[0] if contested else {}))
    return [resolved(row, stands_for) for row in found]
