"""When somebody went: the survey of August and the visits since, day by day.

The survey (domain.md section 5, "Aug survey of 120") adds up like this. First round, 120 doors:
102 surveyed, 11 nobody home, 4 refused, 3 empty houses. Second round, those 15 doors again: 8 of
the 11 surveyed and 3 still nobody home, 2 of the 4 agreed and 2 refused again. So 112 surveyed,
3 to be met, 2 refused, 3 empty: 115 of 120 doors are settled, and a phone has somewhere to go.

Visits follow the rule "visit by risk class" (red and orange 30 days, yellow 60, green 90). The
table `_DUE` says how many days after the as-of day each child's next visit is due: some are
overdue, some fall in this week, most are fine. Earlier visits are worked out backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.demo.calendar import AS_OF
from server.demo.house import House, Member, shuffle

FIRST_ROUND, FIRST_ROUND_DAYS = date(2026, 8, 4), 18
SECOND_ROUND = date(2026, 8, 25)
MOVES = date(2026, 9, 8)
"""First of the days on which September's changes were written down."""
FESTIVAL = date(2026, 9, 25)
"""Mid-Autumn: the visit to the 16 children of households that get public help."""

SCHOOL_STARTED = date(2026, 9, 12)

SURVEYED, NOBODY, REFUSED, EMPTY = "surveyed", "nobody", "refused", "empty"

# Childless households (grid, place) whose door stayed shut, and what the second round brought.
_SHUT = {
    **{(grid, 3): (NOBODY, SURVEYED) for grid in ("02", "04", "05")},
    **{(grid, 3): (NOBODY, NOBODY) for grid in ("01", "03", "06")},
    **{(grid, 0): (NOBODY, SURVEYED) for grid in ("01", "02", "03", "04", "05")},
    **{(grid, 1): (REFUSED, SURVEYED) for grid in ("01", "05")},
    **{(grid, 1): (REFUSED, REFUSED) for grid in ("04", "06")},
}


@dataclass(frozen=True, slots=True)
class Door:
    """One knock of the survey."""

    house: House
    day: date  # of the story, as all days here
    hour: int
    minute: int
    found: str


def doors(street: Sequence[House]) -> Iterator[Door]:
    """Both rounds of the survey, household by household."""
    for house in street:
        results = _SHUT.get((house.grid, house.place), (SURVEYED,)) if house.kind == "C" else ()
        if house.kind == "E":
            results = (EMPTY,)
        first = FIRST_ROUND + timedelta(days=(house.number - 1) * FIRST_ROUND_DAYS // 21)
        second = SECOND_ROUND + timedelta(days=int(4 * shuffle(house.label)))
        hour, minute = 8 + house.number % 10, int(60 * shuffle(house.label))
        for day, found in zip((first, second), results or (SURVEYED,), strict=False):
            yield Door(house, day, hour, minute, found)


RULE_DAYS = {"R": 30, "O": 30, "Y": 60, "G": 90}

# Days from the as-of day to the day the next visit is due, per risk class; children take them in
# turn. The second list is for children of households that were visited at Mid-Autumn.
_DUE: dict[tuple[str, bool], tuple[int, ...]] = {
    ("R", True): (3, 12),
    ("O", True): (-4, 1, 9, 16, 22),
    ("Y", False): (-9, -6, -3, -1, 0, 5, 11, 18, 24, 31, 37, 46, 52, 55),
    ("Y", True): (4, 20, 41, 50),
    ("G", False): (
        *(-90, -90, -90, -90, -90, 2, 6, 12, 17, 21, 26, 30, 33, 37, 40, 44, 47, 51, 54, 58),
        *(61, 63, 65, 68, 70, 72, 74, 76, 78, 80, 81, 83, 84, 86, 87, 88),
    ),
    ("G", True): (34, 47, 58, 66, 73, 79, 85),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One visit to one child. `kind`: code of visit_kind. `met`: whether anybody was met."""

    house: House
    child: Member
    day: date
    hour: int
    minute: int
    kind: str
    met: bool = True


def calls(street: Sequence[House]) -> Iterator[Call]:
    """Every visit to the 60 children from the survey to the day before the as-of day."""
    due = {key: iter(days) for key, days in _DUE.items()}
    surveyed = {door.house.label: door for door in doors(street) if door.found == SURVEYED}
    children = [(h, c) for h in street if h.left_behind for c in h.children]
    for house, child in sorted(children, key=lambda pair: shuffle(pair[1].label)):
        assert child.plan is not None
        door = surveyed[house.label]
        first = moved_on(house) if "new" in child.plan.words else door.day
        yield Call(house, child, first, door.hour, door.minute, "1")
        key = (child.plan.risk, "welfare" in house.words)
        yield from _since(house, child, first, next(due[key]))


def moved_on(house: House) -> date:
    """When a change of September was written down in that household."""
    return MOVES + timedelta(days=3 * int(house.grid) % 14)


def _since(house: House, child: Member, first: date, due_in: int) -> Iterator[Call]:
    """The visits after the first, so that the last one makes the next fall due in `due_in` days."""
    assert child.plan is not None
    every = RULE_DAYS[child.plan.risk]
    hour, minute = 9 + int(9 * shuffle(child.label)), int(60 * shuffle(child.label + " minute"))
    festival = "welfare" in house.words
    if festival:
        yield Call(house, child, FESTIVAL, hour, minute, "5")
    last = AS_OF + timedelta(days=due_in - every)
    day, gap = last, 0
    while day > first + timedelta(days=9):
        if not festival or abs((day - FESTIVAL).days) > 7:
            yield Call(house, child, day, hour, minute, "3" if day < SCHOOL_STARTED else "2")
        gap += 1
        day = last - timedelta(days=gap * (every - 4 - gap % 3))
    if due_in < 0 and child.plan.risk in "OY":
        # Somebody went and found the door shut: it stands in the file and does not count.
        yield Call(house, child, AS_OF - timedelta(days=2), hour, minute, "2", met=False)
