"""The village as of a day: who counts as left behind, which events stand, in which groups a child is. Pure.

Entities are as the server had accepted them by the end of the day, events those that took place in the period,
whenever they were typed in. Corrected events are out; an act that two people recorded counts once.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from server.office.dues import names_home
from server.office.lines import definitions
from server.office.register import Register, text_of
from server.office.statistics.slots import add_days
from server.programme.derive import age_on
from server.programme.due import created_on
from server.registry import Row
from server.typed import day

UNKNOWN = "UNK"
"""The group of what nobody knows: always a column of its own."""
WIDE, LEGAL = "wide", "legal"
PARENTS = frozenset({"FA", "MO"})


@dataclass(frozen=True)
class Book:
    """`register` holds the entities of the day `on` and all events; `since` begins the period of the events.
    `scope`: which definition counts, `wide` or `legal`. `before` is the register as of the day before `since`,
    for what compares two days."""

    register: Register
    since: str
    on: str
    scope: str = WIDE
    before: Register | None = None
    part: str = ""
    """Only the homes of this part (`Register.in_part`), and all that is no home's; "" for all of them."""

    @property
    def first(self) -> Register:
        return self.register if self.before is None else self.before

    @cached_property
    def children(self) -> Sequence[Row]:
        """N: the children who count, by grid and number of file."""
        return left_behind(self.register, self.on, self.scope, self.rows("child"))

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(child.id for child in self.children)

    @cached_property
    def unclear(self) -> Sequence[Row]:
        """Children of whom nobody can say whether they count: the fact, or the age of one with parents away."""
        return [
            child
            for child in self.rows("child")
            if text_of(child.fields, "ward_status") in ("", "A")
            and (
                text_of(child.fields, "left_behind_fact") in ("", "UNK", "REF")
                or (
                    text_of(child.fields, "left_behind_fact") in ("B", "F", "M")
                    and age_on(child.fields.get("birth_date"), self.on) is None
                )
            )
            and not (age_on(child.fields.get("birth_date"), self.on) or 0) >= 16
        ]

    def rows(self, type_name: str) -> Sequence[Row]:
        """The rows of a type that this book is about."""
        if self.part and names_home(type_name):
            return self.register.in_part(type_name, self.part)
        return self.register.kind(type_name)

    def events(self, type_name: str, *, since: str | None = None) -> Sequence[Row]:
        """What took place in the period (or since another day), once each."""
        first = self.since if since is None else since
        return [it for it in self.standing(type_name) if first <= day_of(it) <= self.on]

    def standing(self, type_name: str) -> Sequence[Row]:
        """All events of a type that stand: not corrected by a later one, and not the second record of one act."""
        if type_name not in self._standing:
            corrected, known = self.register.corrected, self.register.rows

            def stands(it: Row) -> bool:
                return it.type == type_name and it.id not in corrected

            self._standing[type_name] = [
                it
                for it in self.rows(type_name)
                if stands(it) and not _is_second(it, known, stands)
            ]
        return self._standing[type_name]

    @cached_property
    def _standing(self) -> dict[str, Sequence[Row]]:
        return {}

    def by_child(self, type_name: str) -> Mapping[str, Sequence[Row]]:
        """Standing events of a type by the child they are about, up to the day."""
        if type_name not in self._by_child:
            found: dict[str, list[Row]] = defaultdict(list)
            for it in self.standing(type_name):
                if day_of(it) <= self.on:
                    found[text_of(it.fields, "child_id")].append(it)
            self._by_child[type_name] = found
        return self._by_child[type_name]

    @cached_property
    def _by_child(self) -> dict[str, Mapping[str, Sequence[Row]]]:
        return {}

    # Groups of a child

    def group(self, child: Row, name: str) -> str:
        """In which group of a kind a child is; UNK when nobody knows."""
        return _GROUPS[name](self, child) or UNKNOWN

    def groups(self, child: Row) -> Mapping[str, str]:
        """In which group of every kind a child is."""

        def made(whole: Register, child: Row) -> dict[str, str]:
            book = replace(self, register=whole)
            return {name: of(book, child) or UNKNOWN for name, of in _GROUPS.items()}

        return self.register.about(child, ("groups", self.on), made)

    def main_carer(self, child: Row) -> Row | None:
        """The link to the main carer of the day."""
        links = self.register.guardianships(child.id, self.on)
        return next((link for link in links if link.fields.get("is_main") == "Y"), None)

    def pairings(self, child: Row) -> Sequence[Row]:
        """Valid pairings with an adult on the day."""
        pairs = self.register.pairings(child.id, self.on)
        return [it for it in pairs if not self.register.is_peer(it)]

    @cached_property
    def valid_pairings(self) -> Sequence[Row]:
        """Valid pairings with an adult on the day."""
        return self.register.adult_pairings(self.on)

    def helper_of(self, child: Row) -> Row | None:
        """The helper with whom a child's first valid pairing with an adult is; what pairs with nobody is passed over."""
        pairs = sorted(self.pairings(child), key=lambda it: (text_of(it.fields, "from_on"), it.id))
        found = (self.register.rows.get(text_of(it.fields, "helper_id")) for it in pairs)
        return next((helper for helper in found if helper is not None), None)

    def entered(self, child: Row) -> str:
        """From when on something is owed to a child: the file, or the month the parents left, the later of both. What
        is no month says nothing."""
        left = day(f"{text_of(child.fields, 'left_since')}-01") or ""
        return max(created_on(child.id, self.since), left)


def left_behind(
    register: Register, on: str, scope: str, children: Sequence[Row] | None = None
) -> list[Row]:
    """The children who count on a day by a definition, all or of these."""
    among = register.kind("child") if children is None else children
    both, place = definitions(register, on, among), int(scope == LEGAL)
    found = [it for it in among if both[it.id][place]]
    return sorted(
        found,
        key=lambda it: (register.grid_of(it), text_of(it.fields, "file_no"), it.id),
    )


def day_of(event: Row) -> str:
    """When it took place; "" where nothing of the calendar stands there, which is in no period."""
    return day(text_of(event.fields, "occurred_on")) or ""


def _is_second(event: Row, known: Mapping[str, Row], stands: Callable[[Row], bool]) -> bool:
    """Whether another record of the same act counts instead. Of two that name each other the elder counts."""
    other = known.get(text_of(event.fields, "joint_with"))
    if other is None or other.id == event.id or not stands(other):
        return False
    return text_of(other.fields, "joint_with") != event.id or other.id < event.id


def age_band(age: int | None) -> str:
    """The national bands: 0–5, 6–13, 14–15."""
    if age is None:
        return UNKNOWN
    return "0-5" if age < 6 else "6-13" if age < 14 else "14-15" if age < 16 else "16+"


def _coded(
    field: str, unknown: frozenset[str] = frozenset({"", "UNK"})
) -> Callable[[Book, Row], str]:
    def of(_: Book, child: Row) -> str:
        value = text_of(child.fields, field)
        return UNKNOWN if value in unknown else value

    return of


def _carer_kind(book: Book, child: Row) -> str:
    link = book.main_carer(child)
    return text_of(link.fields, "carer_kind") if link else UNKNOWN


def _helper(book: Book, child: Row) -> str:
    helper = book.helper_of(child)
    return helper.id if helper else UNKNOWN


def _helper_kind(book: Book, child: Row) -> str:
    helper = book.helper_of(child)
    return text_of(helper.fields, "helper_kind") if helper else UNKNOWN


_GROUPS: Mapping[str, Callable[[Book, Row], str]] = {
    "grid": lambda book, child: book.register.grid_of(child),
    "sex": _coded("sex", frozenset({"", "0", "9", "UNK"})),
    "age": lambda book, child: age_band(age_on(child.fields.get("birth_date"), book.on)),
    "stage": _coded("school_stage"),
    "grade": _coded("grade"),
    "school": _coded("school_name"),
    "fact": _coded("left_behind_fact"),
    "risk": _coded("risk_level"),
    "health": _coded("health"),
    "assess": _coded("guardian_assess"),
    "carer_kind": _carer_kind,
    "helper": _helper,
    "helper_kind": _helper_kind,
}

__all__ = ["LEGAL", "UNKNOWN", "WIDE", "Book", "add_days", "age_band", "day_of", "left_behind"]
