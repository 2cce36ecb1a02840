"""What breaks the rules of its own form about a stored record. The list of odd values and the file pages read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.forms import Finding
from server.office import values
from server.office.pages import today
from server.office.register import Register
from server.programme import findings, programme
from server.programme.attachments import consents, pictured_child, unconsented
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


def withheld(row: Row, register: Register) -> Sequence[Finding]:
    """The pictures of a record that nobody is shown: the child it is about has no consent to photos. Asked each
    time, as it hangs on another record."""
    kind = programme().form_of(row.type, row.fields)
    found = unconsented(kind, row.fields) if kind else []
    child = pictured_child(row.type, row.id, row.fields) if found else ""
    if not child:
        return ()
    file = register.rows.get(child)
    return () if file is not None and consents(file.fields, file.contested) else found


def no_photos(row: Row | None) -> bool:
    """Whether this is a child of whom no photo may be taken: its file does not say yes."""
    return row is not None and row.type == "child" and not consents(row.fields, row.contested)


def by_field(
    row: Row, register: Register, language: str, *, demo: bool
) -> Mapping[str, Sequence[str]]:
    """The words of what is odd about a record, by field."""
    said: dict[str, list[str]] = {}
    for odd in (*judged(row, demo=demo), *withheld(row, register)):
        name = odd.within.partition("/")[0] or odd.field
        said.setdefault(name, []).append(values.label(odd.message, language))
    return said
