"""Taking back what was written by mistake: an entity is removed, an event, which never changes, struck through. Pure."""

from collections.abc import Sequence

from server.programme import programme
from server.programme.own import VERSION
from server.registry import Row, uuid7
from sync import PRESENT, Change, RecordId

CHILD = ("child_id", "person_id", "household_id")


def taken_back(row: Row, why: str) -> Change:
    """The change that takes a record back. An event is named by another that lives where it does and says nothing
    else, so that it reaches whoever holds the first and counts nowhere."""
    kind = programme().types[row.type]
    if kind.kind == "entity":
        return Change(RecordId(row.id), row.type, row.rev, {PRESENT: False})
    place = kind.home.partition(":")[2]
    private = kind.office_when[0] if kind.office_when else ""
    kept = {*CHILD, place, private, VERSION} & row.fields.keys() & kind.fields.keys()
    said = {name: row.fields[name] for name in kept}
    return Change(
        RecordId(uuid7()), row.type, 0,
        {PRESENT: True, **said, "corrects_id": row.id, "void_reason": why} if "void_reason" in kind.fields
        else {PRESENT: True, **said, "corrects_id": row.id},
    )  # fmt: skip


def all_taken_back(rows: Sequence[Row], why: str) -> list[list[Change]]:
    """An op for each record, those that point to others before these."""
    return [[taken_back(row, why)] for row in sorted(rows, key=lambda row: row.id, reverse=True)]
