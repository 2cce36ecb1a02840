"""One village's register as the office's pages read it: rows by type and by who belongs to whom.

Pure once loaded. Knows record types by name, no page and no SQL. Everything here is computed from the
same rows, so two numbers of one page can never come from two moments.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from server.office.moments import PARTS, POINTERS, Concerns, Index, Memory, RowsOf, part_with
from server.programme import FrequencyRule, RecordType, programme, programme_of
from server.programme.derive import has_ended, in_force, is_taken_back, struck
from server.registry import Kept, Made, Registry, Row

T = TypeVar("T")

SEEN_FROM = {
    "person": (("guardianship", "carer_id"), ("parent_link", "parent_id")),
    "helper": (("pairing", "helper_id"),),
    "activity": (("attendance", "activity_id"),),
}
"""By which links a row of a type means something for homes that are not its own."""
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


class Register:
    """All live rows of a village. Lists are in order of id, which is the order of creation. `rules` are the rules
    of frequency as the village has them; the tables' own where nobody says otherwise."""

    def __init__(
        self,
        rows: Mapping[str, Row],
        rules: Sequence[FrequencyRule] | None = None,
        *,
        index: Index | None = None,
        memory: Memory | None = None,
        whole: "Register | None" = None,
    ) -> None:
        """`index` is that of these rows, `memory` what is known of them already. `whole` is the register this is a part
        of, if it is one: some types of it."""
        self.rows = rows
        self.rules = programme().rules if rules is None else rules
        self.whole = self if whole is None else whole
        self._index = Index.of(rows.values()) if index is None else index
        self._memory = Memory() if memory is None else memory
        self._made = Made()

    @classmethod
    def of(cls, rows: Iterable[Row], rules: Sequence[FrequencyRule] | None = None) -> "Register":
        return cls({row.id: row for row in sorted(rows, key=lambda row: row.id)}, rules)

    def under(self, rules: Sequence[FrequencyRule]) -> "Register":
        """The same rows under these rules."""
        return Register(self.rows, rules, index=self._index, whole=self)

    def part(self, types: Iterable[str], rules: Sequence[FrequencyRule]) -> "Register":
        """The rows of some types, under these rules. What is worked out of homes (`each`, `about`, `lasting`) it
        has of the whole."""
        kinds = {name: rows for name in types if (rows := self._index.kinds.get(name))}
        index = Index(
            kinds, {key: it for key, it in self._index.pointing.items() if key[0] in kinds}
        )
        return Register(RowsOf(self.rows, kinds), rules, index=index, whole=self)

    def after(self, rows: Mapping[str, Row], changed: Iterable[str]) -> "Register":
        """The register of the next moment, whose rows differ in the `changed` ids only."""
        ids = sorted(changed)
        gone = [self.rows[id] for id in ids if id in self.rows]
        come = [rows[id] for id in ids if id in rows]
        made = Register(rows, self.rules, index=self._index.after(gone, come))
        if any(row.type == "grid" for row in (*gone, *come)):  # whose names every line may say
            return made
        changes = [(self.rows.get(id), rows.get(id)) for id in ids]
        moved = [
            it.id for pair in changes if any(moves(*pair) for moves in _MOVES) for it in pair if it
        ]
        near = set(ids)
        for moment, mine in ((self, gone), (made, come)):
            near.update(moment._near([*mine, *(row for id in moved for row in moment._naming(id))]))
        near.update([id for home in near for it in (self, made) for id in it._home(home)])
        made._memory = self._memory.after(changes, near)
        return made

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What follows from these rows, worked out the first time somebody asks. `key` names it, with the day and
        the language if it depends on them."""
        made: T = self._made.once(key, make)
        return made

    def each(
        self,
        key: Hashable,
        rows: Sequence[Row],
        make: "Callable[[Register, Sequence[Row]], Mapping[str, T]]",
    ) -> Mapping[str, T]:
        """What follows, for each of these rows, from the rows of its home: itself, the household with all that
        names it or its children, their carers, parents and helpers, and what they came to. By id; perhaps of others beside these. A
        row read at another moment is worked out anew."""
        whole = self.whole
        others = [row for row in rows if whole.rows.get(row.id) is not row]
        ids = [row.id for row in rows] if not others else []
        known = whole._memory.each(
            key, ids, lambda missing: make(whole, [whole.rows[id] for id in missing])
        )
        return make(whole, rows) if others else known

    def of_all(
        self,
        type_name: str,
        key: Hashable,
        make: "Callable[[Register, Sequence[Row]], Mapping[str, T]]",
    ) -> list[T]:
        """The same of every row of a type, in order of id."""
        rows = self.whole.kind(type_name)
        known = self.each(key, rows, make)
        return [known[row.id] for row in rows]

    def about(self, row: Row, key: Hashable, make: "Callable[[Register, Row], T]") -> T:
        """The same of one row."""
        return self.each(key, (row,), lambda whole, rows: {it.id: make(whole, it) for it in rows})[
            row.id
        ]

    def lasting(self, key: Hashable, concerns: Concerns, make: "Callable[[Register], T]") -> T:
        """What follows from rows whose change concerns it, and from no others."""
        whole = self.whole
        return whole._memory.lasting(key, concerns, lambda: make(whole))

    def kind(self, type_name: str) -> Sequence[Row]:
        return self._index.kinds.get(type_name, ())

    def pointing(self, type_name: str, field: str, target: str) -> Sequence[Row]:
        """The rows of a type whose field points at an id."""
        return self._index.pointing.get((type_name, field), {}).get(target, ())

    def _near(self, rows: Iterable[Row]) -> Iterator[str]:
        """The homes for which these rows mean something: their own, those of all they name, and those of the
        children who are cared for, or helped, by one of them."""
        for row in rows:
            for it in (row, *self._links_to(row)):
                named = [it, *(found for id in _ids(it) if (found := self.rows.get(id)))]
                yield from (self.home_of(found) for found in named)

    def _links_to(self, row: Row) -> Iterator[Row]:
        for type_name, field in SEEN_FROM.get(row.type, ()):
            yield from self.pointing(type_name, field, row.id)

    def _naming(self, home: str) -> Iterator[Row]:
        """The rows that have a household or a child from this one: whose home is another when it moves."""
        for (_, field), rows in self._index.pointing.items():
            if field in ("household_id", "child_id"):
                yield from rows.get(home, ())

    def _home(self, home: str) -> list[str]:
        """The ids under which something is known of a home."""
        children = self.pointing("child", "household_id", home)
        return [part_with(home), *(child.id for child in children)]

    def home_of(self, row: Row) -> str:
        """The id of the household a row is counted with: its child's where it names one, whose own household may be
        another by now; the child's id or its own where there is none. A survey is of the household it names."""
        child = self.rows.get(str(row.fields.get("child_id", ""))) if row.type != "survey" else None
        household = self.household_of(child or row)
        return household.id if household else (child or row).id

    def by_part(self, key: Hashable, make: "Callable[[Register, str], T]") -> Sequence[T]:
        """What follows of each part of the homes (`in_part`), worked out again where something changed."""
        whole = self.whole
        known = whole._memory.each(
            key, PARTS, lambda missing: {part: make(whole, part) for part in missing}
        )
        return [known[part] for part in PARTS]

    def in_part(self, type_name: str, part: str) -> list[Row]:
        """The rows of a type whose home is in this part. Every row is in one part."""
        found = self.naming(type_name, part)
        return [row for row in found if part_with(self.home_of(row)) == part]

    def naming(self, type_name: str, part: str) -> list[Row]:
        """The rows of a type that name a home of this part, or a child of one."""
        if type_name == "household":
            return [self.rows[home] for home in self._homes[part]]
        found = {id: self.rows[id] for id in self._homeless(type_name)}
        for home in self._homes[part]:
            for row in self.pointing(type_name, "household_id", home):
                found[row.id] = row
            for child in self.pointing("child", "household_id", home):
                for row in self.pointing(type_name, "child_id", child.id):
                    found[row.id] = row
        return [found[id] for id in sorted(found)]

    @property
    def _homes(self) -> Mapping[str, Sequence[str]]:
        """The households of each part, by id."""

        def made(whole: Register) -> dict[str, list[str]]:
            found: dict[str, list[str]] = {part: [] for part in PARTS}
            for row in whole.kind("household"):
                found[part_with(row.id)].append(row.id)
            return found

        return self.lasting("homes", _differs("household"), made)

    def _homeless(self, type_name: str) -> Sequence[str]:
        """The rows of a type whose home is no household there is, by id."""
        moved = {name: _differs(name, *POINTERS) for name in (type_name, "child", "household")}

        def made(whole: Register) -> list[str]:
            rows = whole.rows
            return [
                it.id for it in whole.kind(type_name) if rows[whole.home_of(it)].type != "household"
            ]

        return self.lasting(
            ("homeless", type_name),
            lambda was, now: any(differs(was, now) for differs in moved.values()),
            made,
        )

    @property
    def grid_names(self) -> Mapping[str, str]:
        """Names of grids by code, in order of code."""
        return self.lasting("grids", _differs("household", "grid_code"), _grid_names)

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

    def guardianships(self, child_id: str, on: str) -> list[Row]:
        """Carers' links of a child that hold on a day, the main carer's first, of several the latest."""
        links = sorted(
            (
                link
                for link in self.pointing("guardianship", "child_id", child_id)
                if not has_ended(link.fields, on)
            ),
            key=lambda link: (text_of(link.fields, "valid_from"), link.id),
            reverse=True,
        )
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
        return [name for name in self._index.kinds if _is_about(programme().types.get(name), field)]

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

    @property
    def corrected(self) -> frozenset[str]:
        """Events another event corrects or takes back: kept and shown struck through, counted nowhere."""
        return self.lasting(
            "corrected", is_or_was(lambda it: "corrects_id" in it.fields), _corrected
        )

    def name_of(self, row: Row | None) -> str:
        """What people call a record: a person by name, a household by its head, else nothing."""
        if row is None:
            return ""
        return str(row.fields.get("name") or row.fields.get("head_name") or "")


def is_or_was(holds: Callable[[Row], bool]) -> Concerns:
    """Concerned by every row of which something holds, before or after."""
    return lambda was, now: any(it is not None and holds(it) for it in (was, now))


def _differs(type_name: str, *names: str) -> Concerns:
    """Concerned by every row of a type that comes, goes, or has one of these fields otherwise."""

    def concerns(was: Row | None, now: Row | None) -> bool:
        if was is None or now is None:
            it = was or now
            return it is not None and it.type == type_name
        return was.type == type_name and any(
            was.fields.get(name) != now.fields.get(name) for name in names
        )

    return concerns


_MOVES = (_differs("household"), _differs("child", "household_id"))


def _grid_names(register: Register) -> dict[str, str]:
    named = {
        str(row.fields.get("grid_code", "")): str(row.fields.get("name", ""))
        for row in register.kind("grid")
    }
    for row in register.kind("household"):
        named.setdefault(str(row.fields.get("grid_code", "")), "")
    return {code: named[code] or code for code in sorted(named) if code}


def _corrected(register: Register) -> frozenset[str]:
    kinds = programme().types.items()
    dated = [name for name, kind in kinds if kind.kind == "event" and "occurred_on" in kind.fields]
    return struck(row for name in dated for row in register.kind(name))


def _ids(row: Row) -> Iterator[str]:
    """All texts in a row that may be the id of another."""
    for value in row.fields.values():
        for it in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(it, str):
                yield it


def _latest_first(rows: Iterable[Row]) -> list[Row]:
    """Events by day. What only takes another back has nothing to tell: that other one is struck through."""
    return sorted(
        (row for row in rows if not is_taken_back(row.fields)),
        key=lambda row: (str(row.fields.get("occurred_on", "")), row.id),
        reverse=True,
    )


async def load(registry: Registry, village: str, *types: str) -> Register:
    """The register of a village, of these types only (all by default). While nothing changes it is the same one."""
    kept = await registry.kept(village)
    wanted = types or (*ENTITIES, *events_about("household_id", village))
    rules = programme_of(village).rules
    if kept is None:
        return Register.of(await registry.rows(village, *wanted), rules)
    made: Register = kept.made.once(wanted, lambda: whole_of(kept, village).part(wanted, rules))
    return made


async def load_under(
    registry: Registry, village: str, said: Hashable, rules: Callable[[], Sequence[FrequencyRule]]
) -> Register:
    """The register of a village with all entities and events, under rules that are asked for when its own forms are
    known; `said` is what they depend on beside those."""
    kept = await registry.kept(village)
    if kept is None:
        types = programme_of(village).types.values()
        wanted = [kind.name for kind in types if kind.kind in ("entity", "event")]
        return Register.of(await registry.rows(village, *wanted), rules())
    made: Register = kept.made.once(("under", said), lambda: whole_of(kept, village).under(rules()))
    return made


def whole_of(kept: Kept, village: str) -> Register:
    """The register of all rows that are kept; what is known of the moment before is taken along."""

    def made() -> Register:
        earlier, kept.earlier = kept.earlier, None
        before: Register | None = earlier[0].get("whole") if earlier else None
        if before is None or earlier is None:
            return Register(kept.rows, programme_of(village).rules)
        return before.after(kept.rows, earlier[1])

    whole: Register = kept.made.once("whole", made)
    return whole


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """A field as text; an emptied one is absent from a row."""
    value = fields.get(name)
    return "" if value is None else str(value)
