"""Plans one household: the records to create and the empty fields to fill, as one op.

Of records that are there only empty fields are filled; what differs is listed, and written only
with `overwrite`. Sets and phones become keys of their elements (sync/PROTOCOL.md §4).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from server.office.roster.entry import Adult, Entry
from server.office.roster.identity import is_sound
from server.office.roster.known import Record, Register, text
from server.office.roster.preview import Difference, Match, PlannedChange, PlannedHousehold
from server.programme import Programme

_CHILD_DEFAULTS = ("ward_status", "lawful_basis")
"""Defaults of the form that hold for every child on a village's roster."""


_OF_BIRTH = ("birth_approximate", "birth_lunar")


def seeded_id(seed: str, name: str) -> str:
    """A record id (32 hex digits) that is the same for the same seed and name.

    Laid out as a UUID of version 8 (RFC 9562): its bits are a hash, not a time.
    """
    value = int.from_bytes(hashlib.sha256(f"{seed}|{name}".encode()).digest()[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return f"{value:032x}"


class House:
    """One household being planned. `known` is its record, `None` for a new one."""

    def __init__(
        self,
        known: Record | None,
        grid: str,
        first: Entry,
        register: Register,
        seed: str,
        base: int,
        overwrite: bool,
        programme: Programme,
        people_by_number: dict[str, str],
    ) -> None:
        self._known, self._grid, self._register = known, grid, register
        self._seed, self._base, self._overwrite = seed, base, overwrite
        self._programme = programme
        self._people_by_number = people_by_number
        self._label = text(known, "head_name") if known else first.head_name()
        self._id = known.id if known else seeded_id(seed, "household")
        self._changes: dict[str, PlannedChange] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._people: dict[str, str] = {}
        self._rows: list[str] = []
        if known is None:
            fields = {"grid_code": grid, "head_name": self._label}
            self._create(self._id, "household", fields)
        else:
            self._people = {text(p, "name"): p.id for p in register.people.get(known.id, ())}

    def add(self, entry: Entry, child: Record | None, match: Match | None) -> list[Difference]:
        """Adds a row: its child, who is `child` in the register or new, and its grown-ups.

        Returns what the row says otherwise than the register or an earlier row.
        """
        self._rows.append(entry.place)
        differs: list[Difference] = []
        filled: list[str] = []
        told = {k: v for k, v in entry.household.items() if k != "household_no"}
        if self._known is not None and told.get("head_name", self._label) != self._label:
            # Another head may mean another household: its address does not fill this one's.
            told = {"head_name": told["head_name"]}
        self._put(self._id, "household", told, filled, differs)
        if child is not None:
            child_id = child.id
            self._put(child_id, "child", entry.child, filled, differs)
        else:
            child_id = seeded_id(self._seed, f"child {entry.place}")
            defaults = {
                name: field.default
                for name, field in self._programme.types["child"].fields.items()
                if name in _CHILD_DEFAULTS and isinstance(field.default, str)
            }
            self._create(child_id, "child", {"household_id": self._id, **defaults, **entry.child})
        for parent in (entry.father, entry.mother):
            if parent is not None:
                self._put_parent(child_id, parent, filled, differs)
        self._put_carers(child_id, entry, filled, differs)
        if entry.head is not None:
            self._person(entry.head, filled, differs)
        if match is not None:
            match.filled, match.differs = filled, differs
        return differs

    def planned(self) -> PlannedHousehold:
        """The household's op; without changes when the register already says all of it."""
        return PlannedHousehold(
            self._id, self._label, self._grid, self._known is None,
            list(self._changes.values()), self._rows,
        )  # fmt: skip

    def _put_parent(
        self, child: str, adult: Adult, filled: list[str], differs: list[Difference]
    ) -> None:
        relation = adult.link["relation"]
        for link in self._register.links.get(child, ()):
            if text(link, "relation") != relation:
                continue
            person = self._register.by_id.get(text(link, "parent_id"))
            name = text(person, "name") if person is not None else ""
            if person is not None and name == adult.name:
                self._put(person.id, "person", adult.person, filled, differs)
                self._put(link.id, "parent_link", adult.link, filled, differs)
            else:
                differs.append(Difference("parent_link", "parent_id", name, adult.name))
            return
        person_id = self._person(adult, filled, differs)
        link_id = seeded_id(self._seed, f"parent_link {child} {relation}")
        fields = {"child_id": child, "parent_id": person_id, **adult.link}
        self._create(link_id, "parent_link", fields)
        filled.append("parent_link.parent_id")

    def _put_carers(
        self, child: str, entry: Entry, filled: list[str], differs: list[Difference]
    ) -> None:
        existing = self._register.guardianships.get(child, [])
        for place, adult in enumerate(entry.carers):
            same = [
                link for link in existing if self._name_of(text(link, "carer_id")) == adult.name
            ]
            if same:
                self._put(text(same[0], "carer_id"), "person", adult.person, filled, differs)
                self._put(same[0].id, "guardianship", adult.link, filled, differs)
                continue
            if existing:
                now = "、".join(self._name_of(text(link, "carer_id")) for link in existing)
                differs.append(Difference("guardianship", "carer_id", now, adult.name))
                continue
            person_id = self._person(adult, filled, differs)
            link = {"relation": "UNK", "carer_kind": "UNK", **adult.link}
            if link["relation"] in ("51", "52"):
                link.setdefault("basis", "LAW")
            main = "Y" if place == 0 else "N"
            link_id = seeded_id(self._seed, f"guardianship {child} {place}")
            fields = {"child_id": child, "carer_id": person_id, "is_main": main, **link}
            self._create(link_id, "guardianship", fields)
            filled.append("guardianship.carer_id")

    def _name_of(self, person: str) -> str:
        row = self._register.by_id.get(person)
        return text(row, "name") if row is not None else ""

    def _person(self, adult: Adult, filled: list[str], differs: list[Difference]) -> str:
        """The record of a grown-up: the same identity number anywhere, the same name in the house."""
        number = str(adult.person.get("id_number", ""))
        found = self._people_by_number.get(number, "") if is_sound(number) else ""
        if not found and number in self._register.people_by_number:
            found = self._register.people_by_number[number].id
        found = found or self._people.get(adult.name, "")
        if found:
            self._put(found, "person", adult.person, filled, differs)
            return found
        found = seeded_id(self._seed, f"person {adult.name}")
        self._create(found, "person", {"household_id": self._id, **adult.person})
        self._people[adult.name] = found
        if is_sound(number):
            self._people_by_number[number] = found
        return found

    def _create(self, record: str, type_name: str, fields: Mapping[str, Any]) -> None:
        wire = {"present": True, **self._wire(record, type_name, fields)}
        self._changes[record] = PlannedChange(record, type_name, 0, wire)
        self._shown[record] = dict(fields)

    def _put(
        self,
        record: str,
        type_name: str,
        fields: Mapping[str, Any],
        filled: list[str],
        differs: list[Difference],
    ) -> None:
        """Fills what is empty in a record, planned or in the register; lists what differs."""
        row = self._register.by_id.get(record)
        shown = self._shown.setdefault(record, dict(row.fields) if row is not None else {})
        new: dict[str, Any] = {}
        for name, value in fields.items():
            now = shown.get(name)
            if name in _OF_BIRTH and now in (None, ""):
                # How exact a birth is belongs to that birth, not to another one.
                if "birth_date" in new or shown.get("birth_date") == fields.get("birth_date"):
                    new[name] = value
            elif now in (None, "", [], {}):
                new[name] = value
            elif name == "phones":
                known = _numbers(now)
                more = [entry for entry in value if entry["number"] not in known]
                if more and (row is None or self._overwrite):
                    new[name] = more
                elif more:
                    differs.append(Difference(type_name, name, sorted(known), _told(more)))
            elif not _says(now, value):
                differs.append(Difference(type_name, name, now, value))
                if self._overwrite:
                    new[name] = value
        if not new:
            return
        shown.update(
            (name, [*_entries(shown.get(name)), *value] if name == "phones" else value)
            for name, value in new.items()
        )
        filled += [f"{type_name}.{name}" for name in new]
        base = 0 if row is None else self._base
        change = self._changes.setdefault(record, PlannedChange(record, type_name, base, {}))
        change.set.update(self._wire(record, type_name, new))

    def _wire(self, record: str, type_name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        kinds = self._programme.types[type_name].fields
        wire: dict[str, Any] = {}
        for name, value in fields.items():
            kind = kinds[name].type if name in kinds else ""
            if kind == "select_multiple":
                wire |= {f"{name}/{code}": True for code in value}
            elif kind == "list":
                for entry in value:
                    key = hashlib.sha256(f"{record}|{entry['number']}".encode()).hexdigest()[:8]
                    wire[f"{name}/{key}"] = entry
            elif kind:
                wire[name] = value
        return wire


def _entries(phones: Any) -> list[dict[str, Any]]:
    return list(phones.values()) if isinstance(phones, dict) else list(phones or [])


def _numbers(phones: Any) -> set[str]:
    return {str(entry.get("number", "")) for entry in _entries(phones)}


def _told(entries: list[dict[str, Any]]) -> list[str]:
    return [str(entry["number"]) for entry in entries]


def _says(now: Any, value: Any) -> bool:
    """Whether the register already says what the sheet says."""
    if isinstance(value, list) and isinstance(now, list):
        return set(value) <= set(now)
    return bool(now == value)
