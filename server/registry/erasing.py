"""Erasing for good: what was said about removed records is taken out of the log and the rows. The one place where
the log is rewritten.

The ops stay, with their hashes, authors and times, so that a phone which sends one again is still understood; of
what they said about these records only `KEPT` is left: that there was a record, that it was removed, and where it
lived. A recount of the whole log gives the erased records as they are stored. Copies made earlier (backups, files
somebody downloaded) are not reached from here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from server.database import Work, ask, ask_each
from sync import PRESENT

from . import placement
from . import statements as sql
from .recount import entries
from .text import parsed, text
from .working import Entry, load, rewrite, state_text

ATTACHED = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{2,5}").findall
"""Names of attachments in a text of the log (`server.forms.media`)."""


class StillPresent(Exception):
    """A record that is to be erased has not been removed, or came back. Nothing was erased."""


def erase(village: str, ids: Collection[str]) -> Work[None]:
    """Erase these records, and the attachments that only they name. Raises `StillPresent` (and changes nothing) unless each of them is removed, or stands
    merged into another of them. Reads the whole log."""
    wanted = frozenset(ids)
    stored = {row[0]: load(row) for row in (yield ask(sql.RECORDS, v=village, ids=sorted(wanted)))}
    if any(_is_shown(entry, wanted) for entry in stored.values()):
        raise StillPresent
    written = []
    named: set[str] = set()
    """Attachments that the erased records name, and in `kept` those that others name."""
    kept: set[str] = set()
    for device, generation, seq, body, given in (yield ask(sql.OP_TEXTS, v=village)):
        attached = set(ATTACHED(body))
        if not any(id in body for id in wanted):
            kept |= attached
            continue
        emptied = text(_emptied(parsed(body), wanted))
        left = set(ATTACHED(emptied))
        kept, named = kept | left, named | attached - left
        written.append(
            {
                "b_device": device, "b_generation": generation, "b_seq": seq,
                "new_body": emptied,
                "new_given": text(dict(_others(parsed(given), wanted))) if given else given,
            }
        )  # fmt: skip
    if written:
        yield ask_each(sql.SET_OP_TEXT, [{"v": village, **line} for line in written])
    made = yield from entries(village)
    rows = []
    for id, entry in stored.items():
        afresh = made[id]
        assert entry.row is not None
        rewrite(afresh, entry.row[2])
        if afresh.present != entry.present:
            raise StillPresent
        rows.append({"b_id": id, "new_row": afresh.row_text, "new_state": state_text(afresh)})
    yield ask_each(sql.SET_RECORD_TEXT, [{"v": village, **line} for line in rows])
    for forget in sql.FORGET_BLOBS:
        yield ask(forget, v=village, names=sorted(named - kept))
    for forget in sql.FORGET_LIKENESS:
        yield ask(forget, v=village, ids=sorted(wanted))


def _is_shown(entry: Entry, wanted: frozenset[str]) -> bool:
    """Whether somebody still sees the record. A stub counts as present, and goes with who stands for it."""
    is_stub = entry.alias_of not in ("", entry.id)
    return entry.alias_of not in wanted if is_stub else entry.present


def _emptied(op: Any, wanted: frozenset[str]) -> Any:
    """The body of an op without what it says about these records. What could not be read when it came goes whole."""
    if not isinstance(op, Mapping) or not isinstance(op.get("changes"), list):
        return {}
    return {**op, "changes": [_bare(change, wanted) for change in op["changes"]]}


def _bare(change: Any, wanted: frozenset[str]) -> Any:
    if not isinstance(change, Mapping) or change.get("record") not in wanted:
        return change
    said, kind = change.get("set"), change.get("type")
    kept = {PRESENT, *(placement.references(kind) if isinstance(kind, str) else ())}
    bare = {key: value for key, value in said.items() if key in kept} if said else {}
    own = {key: seq for key, seq in change.get("prev", {}).items() if key in bare}
    left = {key: value for key, value in change.items() if key not in ("set", "prev")}
    return {**left, "set": bare, **({"prev": own} if own else {})}


def _others(given: Mapping[str, Any], wanted: frozenset[str]) -> Iterator[tuple[str, Any]]:
    return ((record, fields) for record, fields in given.items() if record not in wanted)
