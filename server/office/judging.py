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


def is_demo(village: str) -> bool:
    """A village of the fictional province, where demo numbers are what they should be."""
    return village.startswith("99")


def judged(
    rows: Sequence[Row], register: Register, *, demo: bool
) -> Mapping[str, Sequence[Finding]]:
    """What is odd about each of these records, empty answers left out; by id. Remembered as long as its home stays as it
    is, which most of a village do from one look to the next."""
    on = today()

    def made(_: Register, rows: Sequence[Row]) -> dict[str, Sequence[Finding]]:
        found = {
            row.id: findings(row.type, row.fields, on, demo=demo) for row in rows if row.present
        }
        return {
            row.id: tuple(it for it in found.get(row.id, ()) if it.code != "required")
            for row in rows
        }

    return register.each(("judged", on), rows, made)


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
    for odd in (*judged((row,), register, demo=demo)[row.id], *withheld(row, register)):
        name = odd.within.partition("/")[0] or odd.field
        said.setdefault(name, []).append(values.label(odd.message, language))
    return said
