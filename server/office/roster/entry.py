"""What one row of a roster says, in the register's words but not yet compared with it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Note(msgspec.Struct, frozen=True):
    """A remark on a row: a code of `text.py`, the cell it is about, what the sentence needs."""

    code: str
    cell: str = ""
    details: Mapping[str, str] = {}


class Adult(msgspec.Struct):
    """A grown-up named in a row: fields of `person`, and of the link between them and the child."""

    person: dict[str, Any] = msgspec.field(default_factory=dict)
    link: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.person.get("name", ""))


def add_phones(person: dict[str, Any], more: Sequence[dict[str, Any]]) -> None:
    """More phones of somebody, each number once."""
    known = {phone["number"] for phone in person.get("phones", ())}
    new = [phone for phone in more if phone["number"] not in known]
    if new:
        person["phones"] = [*person.get("phones", ()), *new]


class Entry(msgspec.Struct):
    """One child's row. Fields hold shown values: sets as lists, phones as a list of objects.

    `grid` is the column's own words, `hints` words about the grid found elsewhere (a heading
    between rows, the sheet's name, its titles), the nearest first. `row` counts from 1.
    """

    sheet: str
    row: int
    name: str = ""
    grid: str = ""
    hints: list[str] = []
    household: dict[str, Any] = msgspec.field(default_factory=dict)
    child: dict[str, Any] = msgspec.field(default_factory=dict)
    father: Adult | None = None
    mother: Adult | None = None
    carers: list[Adult] = msgspec.field(default_factory=list)
    head: Adult | None = None
    refused: list[Note] = msgspec.field(default_factory=list)
    warnings: list[Note] = msgspec.field(default_factory=list)

    @property
    def place(self) -> str:
        """How the row is named to people: sheet and row number."""
        return f"{self.sheet}!{self.row}"

    def head_name(self) -> str:
        """The household's head: the column, else the main carer, else the father, else the mother."""
        named = str(self.household.get("head_name", ""))
        return named or next(
            (adult.name for _, adult in sorted(self.adults(), key=_rank) if adult.name), ""
        )

    def adults(self) -> list[tuple[str, Adult]]:
        """Everybody grown-up in the row with their part in it."""
        found = [("father", self.father), ("mother", self.mother)]
        found += [("carer", carer) for carer in self.carers] + [("head", self.head)]
        return [(part, adult) for part, adult in found if adult is not None]


def _rank(pair: tuple[str, Adult]) -> int:
    return ("head", "carer", "father", "mother").index(pair[0])


class SheetFacts(msgspec.Struct):
    """What was made of one sheet as a whole."""

    name: str
    as_of: str = ""
    header_row: int = 0
    header_depth: int = 0
    columns: dict[str, int] = {}
    unknown: list[str] = []
    skipped: dict[str, int] = {}
