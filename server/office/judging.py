"""What breaks the rules of its own form about a stored record. The list of odd values and the file pages read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.forms import Finding
from server.office import values
from server.office.pages import today
from server.programme import findings
from server.registry import Row

MOST_KEPT = 200_000


def is_demo(village: str) -> bool:
    """A village of the fictional province, where demo numbers are what they should be."""
    return village.startswith("99")


_judged: dict[tuple[str, int, str, bool], Sequence[Finding]] = {}


def judged(row: Row, *, demo: bool) -> Sequence[Finding]:
    """What is odd about a record, empty answers left out. Remembered by its rev: most records of a village stay
    as they are from one look to the next."""
    key = (row.id, row.rev, today(), demo)
    if key not in _judged:
        if len(_judged) > MOST_KEPT:
            _judged.clear()
        found = findings(row.type, row.fields, today(), demo=demo) if row.present else ()
        _judged[key] = tuple(it for it in found if it.code != "required")
    return _judged[key]


def by_field(row: Row, language: str, *, demo: bool) -> Mapping[str, Sequence[str]]:
    """The words of what is odd about a record, by field."""
    said: dict[str, list[str]] = {}
    for odd in judged(row, demo=demo):
        name = odd.within.partition("/")[0] or odd.field
        said.setdefault(name, []).append(values.label(odd.message, language))
    return said
