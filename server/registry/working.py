"""The working set of one push: records as loaded, as merged, and the difference to write back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from sync import (
    PRESENT,
    Change,
    Digest,
    Edit,
    Record,
    RecordId,
    Shown,
    Stamp,
    created,
    merged,
    row_digest,
)
from sync import show as _show
from sync.wire import State, read_state, write_state
from sync.wire import row as wire_row

from . import rules
from .placement import Home
from .text import encoded, parsed, text


class Entry(msgspec.Struct, eq=False):
    """One record in the working set. `was_*` is what the database holds."""

    id: str
    type: str
    record: Record | None = None
    home: Home | None = None
    present: bool = False
    born: int = 0
    members: dict[str, bool] = {}
    """Extra buckets (not the home): bucket -> present."""
    row: list[Any] | None = None
    was_row: list[Any] | None = None
    was_text: str = ""
    was_home: Home | None = None
    was_present: bool = False
    was_members: dict[str, bool] = {}
    revs: list[int] = []
    """Revs of this push that touched it."""
    row_text: str = ""
    alias_of: str = ""
    """The id that stands for its class; '' when it is alone."""
    view: Record | None = None
    """What its row shows when it stands for a class; else its own record."""
    folded: tuple[Record, Shown] | None = None
    """What `show` last answered, and for which record."""

    @property
    def shared(self) -> bool:
        return bool(self.members)

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.row[3] if self.row is not None else {}


def load(stored: Sequence[Any]) -> Entry:
    """An entry from the columns of `statements.RECORDS`."""
    id, type, bucket, root, rev, born, present, _shared, alias_of, row_text, state = stored
    row = parsed(row_text)
    home = Home(bucket, root)
    kept = read_state(state)
    whole = not alias_of or type == "alias"
    values = unfold(row[3], kept.edits) if whole else kept.values
    record = kept.record(RecordId(id), type, rev, values)
    return Entry(
        id, type, record, home, bool(present), born,
        row=row, was_row=row, was_home=home, was_present=bool(present), row_text=row_text, was_text=row_text, alias_of=alias_of,
    )  # fmt: skip


def unfold(fields: Mapping[str, Any], edited: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that still hold what the record was created with: the row's fields, less what was edited since."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if type(value) is list:
            for element in value:
                if (key := f"{name}/{element}") not in edited:
                    values[key] = True
        elif type(value) is dict:
            for entry, content in value.items():
                if (key := f"{name}/{entry}") not in edited:
                    values[key] = content
        elif name not in edited and name not in rules.DERIVED:
            values[name] = value
    if PRESENT not in edited:
        values[PRESENT] = True
    return values


def state_text(entry: Entry) -> str:
    """What is stored beside the row: without the values, where the row has them already."""
    record = entry.record
    assert record is not None
    whole = not entry.alias_of or entry.type == "alias"
    values = {} if whole else record.values
    return write_state(State(record.origin, values, record.edits, record.contests)).decode()


def apply(entry: Entry, change: Change, stamp: Stamp, *, authority: bool) -> None:
    """Merge one change, stamped with its own base. Values that say nothing are not kept for a new record."""
    # A base from the future cannot have been seen: concurrent with everything.
    first_rev = min(stamp.rev, *(rev for rev, _ in stamp.was)) if stamp.was else stamp.rev
    stamp = replace(stamp, base=change.base if change.base < first_rev else 0)
    if entry.record is None:
        said = {k: v for k, v in change.set.items() if v is not None and v is not False}
        said[PRESENT] = True
        entry.born = stamp.rev
        entry.record = created(Change(change.record, change.type, change.base, said), stamp)
        if (
            change.set.get(PRESENT) is False
        ):  # its creation is late, or was lost and will be offered again
            values = {k: v for k, v in entry.record.values.items() if k != PRESENT}
            gone: dict[str, tuple[Edit, ...]] = {PRESENT: (Edit(False, stamp),)}
            entry.record = replace(entry.record, values=values, edits=gone)
    else:
        guarded = partial(rules.guarded, entry.type)
        entry.record = merged(entry.record, change, stamp, guarded, authority=authority)
    entry.revs.append(stamp.rev)


def show(entry: Entry) -> Shown:
    """What the record shows now."""
    assert entry.record is not None
    record = entry.view or entry.record
    if entry.folded is None or entry.folded[0] is not record:
        entry.folded = record, _show(record, rules.policy)
    return entry.folded[1]


def rewrite(entry: Entry, rev: int) -> None:
    """Make the row anew at `rev`: what the record shows, or a stub pointing to who stands for it."""
    assert entry.record is not None
    if entry.alias_of not in ("", entry.id) and entry.type != "alias":
        entry.present = True
        entry.row = [entry.id, entry.type, rev, {"alias_of": entry.alias_of}]
        entry.row_text = text(entry.row)
        return
    shown = show(entry)
    shown.fields.update(rules.derived(entry.type, shown.fields))
    entry.present = shown.present
    entry.row = wire_row(entry.record, shown.fields, shown.contested)
    entry.row[2] = rev
    entry.row_text = text(entry.row)


def digests(
    row: list[Any] | None,
    stored: str,
    home: Home | None,
    present: bool,
    members: Mapping[str, bool],
) -> dict[str, Digest]:
    """What a row, with its stored text, adds to the digest of each bucket it is in."""
    if row is None or home is None or not present:
        return {}
    buckets = [home.bucket]
    if members:
        buckets += [b for b, held in members.items() if held and b != home.bucket]
    added: dict[str, Digest] = {}
    for bucket in buckets:
        if bucket == "office":
            continue
        projection = rules.projection_of(bucket)
        if rules.sees_all(row[1], projection):
            added[bucket] = row_digest(stored.encode())
        elif (projected := rules.project(row, projection)) is not None:
            added[bucket] = row_digest(encoded(projected))
    return added
