"""The register as an import sees it: who is there, and who a row looks like.

Exact: a sound identity number. Strong: name and birth (known to the month at least, and no other
sex), name in the same household, name and a carer's phone. Weak: name and year of birth; pinyin of
the name, month of birth and grid. That may be another child, so a person decides. Lunar birthdays
explain 20 to 50 days of difference, which the weak rules allow for.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from server.names import pinyin
from server.office.roster.cells import fold
from server.office.roster.entry import Entry
from server.office.roster.identity import is_sound
from server.typed import day

LUNAR_DAYS = 50


class Record(Protocol):
    """What is needed of a row of the registry."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def fields(self) -> dict[str, Any]: ...


class Register:
    """Indexes over a village's present records."""

    def __init__(self, rows: Iterable[Record]) -> None:
        self.by_id: dict[str, Record] = {}
        self._types: dict[str, list[Record]] = defaultdict(list)
        for row in rows:
            self.by_id[row.id] = row
            self._types[row.type].append(row)
        self._ids: dict[str, list[Record]] = defaultdict(list)
        self._names: dict[str, list[Record]] = defaultdict(list)
        self._sounds: dict[str, list[Record]] = defaultdict(list)
        for child in self._types["child"]:
            name = text(child, "name")
            self._names[name].append(child)
            self._sounds[pinyin(name)].append(child)
            if is_sound(text(child, "id_number")):
                self._ids[text(child, "id_number")].append(child)
        self.people_by_number = {
            text(person, "id_number"): person
            for person in self._types["person"]
            if is_sound(text(person, "id_number"))
        }
        self.links = _by_field(self._types["parent_link"], "child_id")
        self.guardianships = _by_field(self._types["guardianship"], "child_id")
        self.people = _by_field(self._types["person"], "household_id")
        self._heads = _by_field(self._types["household"], "head_name")
        self._numbers = _by_field(self._types["household"], "household_no")

    def grids(self) -> list[Record]:
        return self._types["grid"]

    def like(self, entry: Entry, grid: str) -> tuple[Record, str] | None:
        """The child a row looks like and why; reason `several` when more than one would fit."""
        rules = (
            ("id", self._by_number(entry)),
            ("name_birth", self._by_birth(entry)),
            ("name_household", self._by_household(entry, grid)),
            ("name_phone", self._by_phone(entry)),
            ("name_near", self._by_near_birth(entry)),
            ("pinyin", self._by_sound(entry, grid)),
        )
        for reason, found in rules:
            if len(found) == 1:
                return found[0], reason
            if found:
                return found[0], "several"
        return None

    def household_of(self, entry: Entry, grid: str) -> Record | None:
        """The household a row names by its number, or by head and grid (and address, if several)."""
        number = str(entry.household.get("household_no", ""))
        if number and len(self._numbers.get(number, ())) == 1:
            return self._numbers[number][0]
        found = [
            house
            for house in self._heads.get(entry.head_name(), ())
            if text(house, "grid_code") == grid
        ]
        address = fold(str(entry.household.get("address", "")))
        same = [house for house in found if address and fold(text(house, "address")) == address]
        if len(found) == 1 and (same or not address or not text(found[0], "address")):
            return found[0]
        if len(found) == 1:
            return found[0] if _close(address, fold(text(found[0], "address"))) else None
        return same[0] if len(same) == 1 else None

    def household(self, child: Record) -> Record | None:
        return self.by_id.get(text(child, "household_id"))

    def _by_number(self, entry: Entry) -> list[Record]:
        number = str(entry.child.get("id_number", ""))
        return self._ids.get(number, []) if is_sound(number) else []

    def _by_birth(self, entry: Entry) -> list[Record]:
        return [
            child
            for child in self._names.get(str(entry.child.get("name", "")), ())
            if surely_same_birth(child.fields, entry.child)
            and not other_number(child.fields, entry.child)
        ]

    def _by_near_birth(self, entry: Entry) -> list[Record]:
        birth = str(entry.child.get("birth_date", ""))
        return [
            child
            for child in self._names.get(str(entry.child.get("name", "")), ())
            if not other_number(child.fields, entry.child)
            and (_births(child.fields, entry.child) or _near(text(child, "birth_date"), birth))
        ]

    def _by_household(self, entry: Entry, grid: str) -> list[Record]:
        house = self.household_of(entry, grid)
        named = self._names.get(str(entry.child.get("name", "")), ())
        return [
            child
            for child in named
            if house is not None
            and text(child, "household_id") == house.id
            and not other_birth(child.fields, entry.child)
            and not other_number(child.fields, entry.child)
        ]

    def _by_phone(self, entry: Entry) -> list[Record]:
        told = {
            phone["number"]
            for _, adult in entry.adults()
            for phone in adult.person.get("phones", ())
        }
        return [
            child
            for child in self._names.get(str(entry.child.get("name", "")), ())
            if told & self._phones_around(child)
            and not other_birth(child.fields, entry.child)
            and not other_number(child.fields, entry.child)
        ]

    def _by_sound(self, entry: Entry, grid: str) -> list[Record]:
        birth = str(entry.child.get("birth_date", ""))
        found: list[Record] = []
        for child in self._sounds.get(pinyin(str(entry.child.get("name", ""))), ()):
            house = self.household(child)
            near = _near(text(child, "birth_date"), birth)
            if near and house is not None and text(house, "grid_code") == grid:
                found.append(child)
        return found

    def _phones_around(self, child: Record) -> set[str]:
        carers = [text(link, "carer_id") for link in self.guardianships.get(child.id, ())]
        parents = [text(link, "parent_id") for link in self.links.get(child.id, ())]
        people = [self.by_id[id] for id in (*carers, *parents) if id in self.by_id]
        return {number for person in people for number in numbers(person)}


def text(row: Record, field: str) -> str:
    """A field as text, "" when it is empty."""
    value = row.fields.get(field)
    return "" if value is None else str(value)


def numbers(person: Record) -> set[str]:
    """The phone numbers of a person."""
    phones = person.fields.get("phones") or {}
    entries = phones.values() if isinstance(phones, dict) else phones
    return {str(entry.get("number", "")) for entry in entries}


def surely_same_birth(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether two births agree, both known to the month at least, and the sexes do not differ.

    Two children of one name born in the same year are common; ages alone prove nothing.
    """
    if "year" in {str(fields.get("birth_approximate")) for fields in (mine, theirs)}:
        return False
    first, second = mine.get("sex"), theirs.get("sex")
    return _births(mine, theirs) is True and (not first or not second or first == second)


def other_birth(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether two births are known and cannot be one person's: more apart than a lunar date."""
    if _births(mine, theirs) is not False:
        return False
    return not _near(str(mine["birth_date"]), str(theirs["birth_date"]))


def other_number(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether both have a sound identity number and they differ."""
    first, second = str(mine.get("id_number") or ""), str(theirs.get("id_number") or "")
    return first != second and is_sound(first) and is_sound(second)


def _births(mine: dict[str, Any], theirs: dict[str, Any]) -> bool | None:
    first, second = str(mine.get("birth_date") or ""), str(theirs.get("birth_date") or "")
    if not (first[:4].isdecimal() and second[:4].isdecimal()):
        return None  # unknown, or what a phone sent that is no day at all
    precisions = {str(fields.get("birth_approximate") or "exact") for fields in (mine, theirs)}
    if "year" in precisions:
        return abs(int(first[:4]) - int(second[:4])) <= 1
    length = 7 if "month" in precisions else 10
    return first[:length] == second[:length]


def _near(first: str, second: str) -> bool:
    if not first or not second:
        return False
    if first[:7] == second[:7]:
        return True
    if day(first) is None or day(second) is None:  # what a phone sent may be no day at all
        return False
    return abs((date.fromisoformat(first) - date.fromisoformat(second)).days) <= LUNAR_DAYS


def _close(first: str, second: str) -> bool:
    """Whether one address contains the other: 上坪组12号 and 青禾村上坪组12号."""
    return bool(first and second) and (first in second or second in first)


def _by_field(rows: Iterable[Record], field: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        if text(row, field):
            found[text(row, field)].append(row)
    return dict(found)
