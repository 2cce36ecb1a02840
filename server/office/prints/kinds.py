"""What a printout is, and what one is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.office import values
from server.office.lines import ChildLine, child_line
from server.office.pages import today
from server.office.register import Register, text_of
from server.programme import programme
from server.registry import Row
from server.typed import day


@dataclass(frozen=True)
class Asked:
    """One printout as asked for: the register, the left-behind children of the chosen grid (and the one chosen
    child) by grid and number of file, and what was chosen, by name of filter, "" for all."""

    register: Register
    children: Sequence[Row]
    chosen: Mapping[str, str]
    language: str
    since: str
    """The first day of the period, `YYYY-MM-DD`."""
    until: str
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of the texts that the printout has on it their clauses, by name."""

    def line(self, child: Row) -> ChildLine:
        return child_line(child, self.register, today(), self.language, {})

    def said(self, row: Row | None, field: str) -> str:
        """A field of a record in words, "" when it is empty."""
        value = row.fields.get(field) if row else None
        if row is None or value in (None, "", []):
            return ""
        return values.shown(value, programme().types[row.type].fields[field], self.language)

    def of(self, row: Row, field: str) -> Row | None:
        """The record a field points to."""
        return self.register.rows.get(text_of(row.fields, field))

    def phone(self, row: Row | None) -> str:
        """The first number of a person, "" for none."""
        phones = values.phones(row.fields.get("phones")) if row else []
        return str(phones[0].get("number", "")) if phones else ""

    def events(self, *types: str) -> list[Row]:
        """Events of the period and the grid that nobody corrected, by day."""
        grid = self.chosen.get("grid", "")
        return sorted(
            (
                it
                for kind in types
                for it in self.register.kind(kind)
                if self.since <= day_of(it) <= self.until
                and it.id not in self.register.corrected
                and grid in ("", self.register.grid_of(it))
            ),
            key=lambda it: (day_of(it), text_of(it.fields, "occurred_time"), it.id),
        )


Content = Callable[[Asked], dict[str, Any]]


@dataclass(frozen=True)
class Printout:
    """`words` and `about` are messages of text.py; `filters` are what the address may choose by; `reads` are the
    types of records it needs besides the entities of a register."""

    name: str
    words: str
    about: str
    filters: tuple[str, ...]
    content: Content
    reads: tuple[str, ...] = ()
    template: str = ""
    """Where it isn't the name."""
    paper: str = ""
    """`wide`: A4 across. `bare`: across and without the running head, for what is given away."""
    by_month: bool = False
    """The period begins with the month, not with the year."""
    texts: tuple[str, ...] = ()
    """Texts of the village whose clauses stand on it."""

    @property
    def first_day(self) -> str:
        return f"{today()[:7]}-01" if self.by_month else f"{today()[:4]}-01-01"


def day_of(row: Row) -> str:
    return text_of(row.fields, "occurred_on")


def day_or(asked: str, otherwise: str) -> str:
    """A day of the address, or another when it is none."""
    return day(asked) or otherwise
