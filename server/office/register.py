"""One village's register as the office's pages read it: rows by type and by who belongs to whom.

Pure once loaded. Knows record types by name, no page and no SQL. Everything here is computed from the
same rows, so two numbers of one page can never come from two moments.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from server.programme import FrequencyRule, RecordType, programme, programme_of
from server.programme.derive import in_force, is_taken_back, struck
from server.registry import Kept, Made, Registry, Row

T = TypeVar("T")

ENTITIES = (
    "grid",
    "household",
    "person",
    "child",
    "parent_link",
    "guardianship",
    "helper",
    "pairing",
)


def events_about(field: str, village: str) -> list[str]:
    """The types of events of a village, its own forms among them, that name a child (`child_id`) or a
    household (`household_id`)."""
    return [name for name, kind in programme_of(village).types.items() if _is_about(kind, field)]


def _is_about(kind: RecordType | None, field: str) -> bool:
    return kind is not None and kind.kind == "event" and field in kind.fields


@dataclass(frozen=True)
class Register:
    """All live rows of a village. Lists are in order of id, which is the order of creation. `rules` are the rules
    of frequency as the village has them; the tables' own where nobody says otherwise. `whole` is the register this is
    a part of, if it is one: some types of it."""

    rows: Mapping[str, Row]
    rules: Sequence[FrequencyRule] = field(default_factory=lambda: programme().rules)
    whole: "Register | None" = None

    @classmethod
    def of(cls, rows: Iterable[Row], rules: Sequence[FrequencyRule] | None = None) -> "Register":
        made = {row.id: row for row in sorted(rows, key=lambda row: row.id)}
        return cls(made) if rules is None else cls(made, rules)

    def part(self, types: Iterable[str], rules: Sequence[FrequencyRule]) -> "Register":
        """The rows of some types, under these rules. It looks up in the index of the whole."""
        rows = [row for name in dict.fromkeys(types) for row in self.kind(name)]
        made = {row.id: row for row in sorted(rows, key=lambda row: row.id)}
        return Register(made, rules, self)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What follows from these rows, worked out the first time somebody asks. `key` names it, with the day and
        the language if it depends on them."""
        made: T = self._made.once(key, make)
        return made

    def about(self, row: Row, key: Hashable, make: Callable[[], T]) -> T:
        """The same of one row and those around it. Of a row read at another moment it is worked out anew."""
        if self.rows.get(row.id) is not row:
            return make()
        known: dict[str, T] = self.once(key, dict)
        if row.id not in known:
            known[row.id] = make()
        return known[row.id]

    @cached_property
    def _made(self) -> Made:
        return Made()

    def kind(self, type_name: str) -> Sequence[Row]:
        return self._kinds.get(type_name, ())

    @cached_property
    def _kinds(self) -> Mapping[str, list[Row]]:
        kinds: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows.values():
            kinds[row.type].append(row)
        return kinds

    @cached_property
    def _pointing(self) -> Mapping[tuple[str, str, str], list[Row]]:
        """(type, field, id) -> the rows of that type whose field points at that id."""
        index: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in self.rows.values():
            for name in ("household_id", "child_id", "parent_id", "carer_id", "helper_id"):
                if target := row.fields.get(name):
                    index[row.type, name, target].append(row)
        return index

    def pointing(self, type_name: str, field: str, target: str) -> Sequence[Row]:
        if self.whole is not None:
            held = type_name in self._kinds
            return self.whole.pointing(type_name, field, target) if held else ()
        return self._pointing.get((type_name, field, target), ())

    @cached_property
    def grid_names(self) -> Mapping[str, str]:
        """Names of grids by code, in order of code."""
        named = {
            str(row.fields.get("grid_code", "")): str(row.fields.get("name", ""))
            for row in self.kind("grid")
        }
        for row in self.kind("household"):
            named.setdefault(str(row.fields.get("grid_code", "")), "")
        return {code: named[code] or code for code in sorted(named) if code}

    def household_of(self, row: Row) -> Row | None:
        if row.type == "household":
            return row
        if household := self.rows.get(str(row.fields.get("household_id", ""))):
            return household
        child = self.rows.get(str(row.fields.get("child_id", "")))
        return self.rows.get(str(child.fields.get("household_id", ""))) if child else None

    def grid_of(self, row: Row) -> str:
        household = self.household_of(row)
        return str(household.fields.get("grid_code", "")) if household else ""

    def people_of(self, household_id: str) -> list[Row]:
        """Adults and children of a household, adults first."""
        return [
            *self.pointing("person", "household_id", household_id),
            *self.pointing("child", "household_id", household_id),
        ]

    def guardianships(self, child_id: str) -> list[Row]:
        """Current carers' links of a child, the main carer's first."""
        links = [
            link
            for link in self.pointing("guardianship", "child_id", child_id)
            if not link.fields.get("valid_to")
        ]
        return sorted(links, key=lambda link: link.fields.get("is_main") != "Y")

    def pairings(self, child_id: str, on: str) -> list[Row]:
        """A child's valid pairings of a day, peers' too."""
        return [
            pairing
            for pairing in self.pointing("pairing", "child_id", child_id)
            if in_force(pairing.fields, on)
        ]

    def adult_pairings(self, on: str) -> list[Row]:
        """All valid pairings of a day with an adult: what 结对率 and the load of helpers count."""
        return [
            pairing
            for pairing in self.kind("pairing")
            if in_force(pairing.fields, on) and not self.is_peer(pairing)
        ]

    def is_peer(self, pairing: Row) -> bool:
        helper = self.rows.get(text_of(pairing.fields, "helper_id"))
        is_peer = helper is not None and helper.fields.get("helper_kind") == "K"
        return is_peer or pairing.fields.get("kind") == "PEER"

    def _events(self, field: str) -> list[str]:
        """The types of events that are there and have this field."""
        return [name for name in self._kinds if _is_about(programme().types.get(name), field)]

    def events_of_household(self, household_id: str) -> list[Row]:
        return _latest_first(
            event
            for kind in self._events("household_id")
            for event in self.pointing(kind, "household_id", household_id)
        )

    def events_of_child(self, child: Row) -> list[Row]:
        household_id = str(child.fields.get("household_id", ""))
        own = [
            event
            for kind in self._events("child_id")
            if kind != "survey"
            for event in self.pointing(kind, "child_id", child.id)
        ]
        return _latest_first([*own, *self.pointing("survey", "household_id", household_id)])

    @cached_property
    def corrected(self) -> frozenset[str]:
        """Events another event corrects or takes back: kept and shown struck through, counted nowhere."""
        return struck(row for kind in self._events("occurred_on") for row in self.kind(kind))

    def name_of(self, row: Row | None) -> str:
        """What people call a record: a person by name, a household by its head, else nothing."""
        if row is None:
            return ""
        return str(row.fields.get("name") or row.fields.get("head_name") or "")


def _latest_first(rows: Iterable[Row]) -> list[Row]:
    """Events by day. What only takes another back has nothing to tell: that other one is struck through."""
    return sorted(
        (row for row in rows if not is_taken_back(row.fields)),
        key=lambda row: (str(row.fields.get("occurred_on", "")), row.id),
        reverse=True,
    )


async def load(registry: Registry, village: str, *types: str) -> Register:
    """The register of a village, of these types only (all by default). While nothing changes it is the same one."""
    return await part_of(
        registry,
        village,
        lambda: types or (*ENTITIES, *events_about("household_id", village)),
        lambda: programme_of(village).rules,
    )


async def part_of(
    registry: Registry,
    village: str,
    types: Callable[[], Sequence[str]],
    rules: Callable[[], Sequence[FrequencyRule]],
    said: Hashable = None,
) -> Register:
    """The register of some types under some rules, which are asked for when the village's own forms are known; `said`
    is what else the rules depend on."""
    kept = await registry.kept(village)
    if kept is None:
        return Register.of(await registry.rows(village, *types()), rules())
    wanted = tuple(types())
    made: Register = kept.made.once((wanted, said), lambda: _whole(kept).part(wanted, rules()))
    return made


def _whole(kept: Kept) -> Register:
    made: Register = kept.made.once("whole", lambda: Register(kept.rows))
    return made


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """A field as text; an emptied one is absent from a row."""
    value = fields.get(name)
    return "" if value is None else str(value)
