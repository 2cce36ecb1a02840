"""Households and who lives in them: the plan's lines become people with ages and families.

Knows who exists and how they are related; what the survey asked of them is in `answers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from server.demo import plan
from server.demo.calendar import Birth, Calendar, birth, years_before
from server.demo.names import FEMALE, MALE, SURNAMES, Names, address_of
from server.demo.plan import ChildPlan, HousePlan

CHILD_AGES = {"N": (0, 5), "K": (0, 5), "P": (6, 13)}
SURNAME_STEP = 5  # from a man's surname to his wife's: never the same, coprime to twelve


@dataclass(slots=True, kw_only=True)
class Member:
    """One resident. `role`: father mother elder elder2 relative adult child."""

    label: str
    role: str
    name: str
    sex: str
    born: date
    age: int
    away: bool = False
    cohort: str = ""
    plan: ChildPlan | None = None

    @property
    def is_child(self) -> bool:
        return self.role == "child"


@dataclass(slots=True, kw_only=True)
class House:
    """One household. `kind`: as in the plan, or `W` with children not left behind, `C` without
    children, `E` locked and empty. `place` counts within the kind, `number` along the street."""

    label: str
    grid: str
    kind: str
    place: int
    surname: str
    words: frozenset[str] = frozenset()
    number: int = 0
    members: list[Member] = field(default_factory=list)

    @property
    def children(self) -> list[Member]:
        return [m for m in self.members if m.is_child]

    @property
    def adults(self) -> list[Member]:
        return [m for m in self.members if not m.is_child]

    @property
    def left_behind(self) -> bool:
        return len(self.kind) == 2

    @property
    def exit(self) -> str:
        """Code of ward_status for the household that left the register since August, or ""."""
        return plan.EXITS.get((self.grid, self.place), "") if self.kind == "W" else ""

    def one(self, role: str) -> Member | None:
        return next((m for m in self.members if m.role == role), None)

    @property
    def head(self) -> Member:
        """The oldest of those at home, or of all when nobody is."""
        adults = [m for m in self.adults if not m.away] or self.adults
        return min(adults, key=lambda m: m.born)


def houses(calendar: Calendar, names: Names) -> tuple[House, ...]:
    """All 120 households, in order of grid and house number."""
    built = _Builder(calendar, names)
    street: list[House] = []
    for grid in plan.GRIDS:
        here = list(built.grid(grid))
        for number, house in enumerate(sorted(here, key=lambda h: shuffle(h.label)), start=1):
            house.number = number
            street.append(house)
    return tuple(street)


def shuffle(label: str) -> float:
    """A number in [0, 1) that belongs to the label: even spread without a random source."""
    return int.from_bytes(sha256(label.encode()).digest()[:6]) / 2**48


class _Builder:
    def __init__(self, calendar: Calendar, names: Names) -> None:
        self.calendar = calendar
        self.names = names
        self.count = 0

    def grid(self, grid: str) -> Iterator[House]:
        for place, line in enumerate(h for h in plan.left_behind() if h.grid == grid):
            yield self.left_behind(place, line)
        for place, children in enumerate(plan.others(grid)):
            yield self.with_children(grid, place, children)
        for place in range(plan.CHILDLESS[grid]):
            yield self.childless(grid, place)

    def left_behind(self, place: int, line: HousePlan) -> House:
        house = self.house(line.grid, line.kind, place, line.words)
        both = line.kind.startswith("B")
        # Most often it is the father who is away; every fourth time the mother.
        mother_away = both or place % 4 == 3
        father_surname = self.other_surname(house.surname) if line.kind == "BM" else house.surname
        self.children(house, father_surname, line.children)
        father, mother = self.parents(house, father_surname)
        father.away, mother.away = both or not mother_away, mother_away
        if line.kind in {"BP", "BM"}:
            self.elders(house, father if line.kind == "BP" else mother, line.words)
        elif line.kind in {"BR", "BS"}:
            self.relative(house, father, line)
        elif "elder" in line.words:
            self.elders(house, father, frozenset())
        return house

    def with_children(self, grid: str, place: int, children: tuple[ChildPlan, ...]) -> House:
        house = self.house(grid, "W", place)
        self.children(house, house.surname, children)
        father, mother = self.parents(house, house.surname)
        if (grid, place) in plan.SINGLE_PARENTS:
            house.members.remove(mother)
        if house.exit == "X2":
            father.away = mother.away = True
        if (grid, place) in plan.WITH_AN_ELDER:
            self.elders(house, father, frozenset())
        if (grid, place) in plan.WITH_SOMEBODY_AWAY:
            sex = MALE if place % 2 else FEMALE
            self.adult(house, "adult", house.surname, sex, 22 + self.count % 9, away=True)
        return house

    def childless(self, grid: str, place: int) -> House:
        """An old person or a couple whose grown-up children work elsewhere; or nobody at all."""
        if (grid, place) in plan.EMPTY:
            house = self.house(grid, "E", place)
            self.adult(house, "adult", house.surname, MALE, 44 + place, away=True)
            surname = self.other_surname(house.surname)
            self.adult(house, "adult", surname, FEMALE, 42 + place, away=True)
            return house
        house = self.house(grid, "C", place)
        age = 52 + (self.count * 7) % 27
        if plan.is_carer_house(grid, place):
            age = 46 + place
        address = "老师" if (grid, place) == plan.TEACHER_HOUSE else ""
        alone = plan.widowed(grid, place)
        sex = FEMALE if alone and place % 2 else MALE
        self.adult(house, "elder", house.surname, sex, age, address=address)
        if not alone:
            self.adult(house, "elder2", self.other_surname(house.surname), FEMALE, age - 2)
        self.adult(house, "adult", house.surname, MALE, age - 23, away=True)
        if not plan.one_son(grid, place):
            sex, surname = (FEMALE, self.other_surname(house.surname))
            self.adult(house, "adult", surname, sex, max(age - 25, 19), away=True)
        return house

    # people

    def house(self, grid: str, kind: str, place: int, words: frozenset[str] = frozenset()) -> House:
        surname = SURNAMES[(self.count * 7 + int(grid)) % len(SURNAMES)]
        self.count += 1
        shape = "left" if len(kind) == 2 else "with" if kind == "W" else "without"
        return House(
            label=f"household/{grid}/{shape}/{place}",
            grid=grid,
            kind=kind,
            place=place,
            surname=surname,
            words=words,
        )

    def other_surname(self, surname: str) -> str:
        step = SURNAME_STEP if self.count % 2 else SURNAME_STEP + 2
        return SURNAMES[(SURNAMES.index(surname) + step) % len(SURNAMES)]

    def children(self, house: House, surname: str, plans: tuple[ChildPlan, ...]) -> None:
        for n, child in enumerate(plans):
            label = f"{house.label}/child/{n}"
            born = self.born(child, shuffle(label))
            house.members.append(
                Member(
                    label=label,
                    role="child",
                    name=self.names.child(surname),
                    sex=MALE if child.sex == "m" else FEMALE,
                    born=born.day,
                    age=age_on(born.day, self.calendar.as_of),
                    cohort=child.cohort if "L" in child.words else born.cohort,
                    plan=child,
                )
            )

    def born(self, child: ChildPlan, spread: float) -> Birth:
        if "L" in child.words:
            ages = (6, 6)
        elif child.cohort.startswith("J"):
            ages = (6, 13) if child.young or child.cohort == "J1" else (14, 15)
        else:
            ages = CHILD_AGES[child.cohort[0]]
        return birth(self.calendar, child.cohort, ages, spread)

    def parents(self, house: House, surname: str) -> tuple[Member, Member]:
        oldest = max(m.age for m in house.children)
        age = max(oldest + 22 + (self.count * 5) % 8, 24)
        wife = house.surname if house.kind == "BM" else self.other_surname(surname)
        father = self.adult(house, "father", surname, MALE, age)
        mother = self.adult(house, "mother", wife, FEMALE, age - self.count % 3)
        return father, mother

    def elders(self, house: House, child: Member, words: frozenset[str]) -> None:
        age = max(child.age + 21 + self.count % 6, 48)
        couple = "couple" in words
        # A grandfather or a grandmother alone, in turn; it is the mother's surname otherwise.
        if couple or self.count % 2:
            self.adult(house, "elder", house.surname, MALE, age, elder=True)
        if couple or not self.count % 2:
            role = "elder2" if couple else "elder"
            surname = self.other_surname(house.surname)
            self.adult(house, role, surname, FEMALE, age - 2, elder=True)

    def relative(self, house: House, father: Member, line: HousePlan) -> None:
        relation = next(word for word in line.words if word.isdigit())
        sex = MALE if relation in {"81", "83", "85"} else FEMALE
        if line.kind == "BS":
            age, surname = 21, house.surname
        else:
            age = father.age + (4 if relation in {"81", "90"} else -3)
            surname = (
                self.other_surname(house.surname) if relation in {"86", "88"} else father.name[0]
            )
        self.adult(house, "relative", surname, sex, age)

    def adult(
        self,
        house: House,
        role: str,
        surname: str,
        sex: str,
        age: int,
        *,
        away: bool = False,
        elder: bool = False,
        address: str = "",
    ) -> Member:
        label = f"{house.label}/{role}/{len(house.adults)}"
        # Nobody's birthday falls on the as-of day or in the two months after it.
        offset = timedelta(days=1 + int(shuffle(label) * 300))
        born = years_before(self.calendar.as_of, age) - offset
        member = Member(
            label=label,
            role=role,
            name=self.names.adult(surname, address or address_of(sex, max(age, 55 * elder))),
            sex=sex,
            born=born,
            age=age,
            away=away,
        )
        house.members.append(member)
        return member


def parents(house: House) -> list[Member]:
    return [m for m in house.adults if m.role in {"father", "mother"}]


def age_on(born: date, day: date) -> int:
    """Full years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
