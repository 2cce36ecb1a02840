"""The 22 people who look after children beyond their families, and who looks after whom.

Loads: ten helpers with three children, eleven with two, one with five (above the limit of
three, so that the office has something to see): 57 of 60 children.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.demo.house import House, Member
from server.demo.names import FEMALE, MALE, SURNAMES, Names

TEACHER, MOTHER, CADRE, PARTY, STUDENT = "T", "M", "C", "P", "V"

# kind, number of children, grid where they live, account
_PLAN = """
T 5 01
T 3 01
M 2 01
C 2 01
T 3 02
M 3 02
P 2 02
V 2 02 zhiyuan1
T 3 03
C 3 03
V 3 03 zhiyuan2
T 3 04
T 2 04
C 2 04
M 2 04
T 3 05
C 2 05
P 2 05
V 2 05 zhiyuan3
M 3 06
T 3 06
M 2 06
"""

_ADDRESS = {TEACHER: "老师", MOTHER: "妈妈", CADRE: "干部", PARTY: "党员", STUDENT: "同学"}
_UNIT = {
    TEACHER: "禾溪镇中心学校",
    MOTHER: "青禾村妇联",
    CADRE: "青禾村村委会",
    PARTY: "青禾村党支部",
    STUDENT: "云岭师范学院志愿服务队",
}
PAIRING_KIND = {TEACHER: "结对教师", MOTHER: "爱心妈妈", CADRE: "代理家长", PARTY: "代理家长"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    label: str
    kind: str
    name: str
    sex: str
    age: int
    unit: str
    grid: str
    login: str
    children: tuple[Member, ...]


def helpers(street: Sequence[House], names: Names) -> tuple[Helper, ...]:
    """Every helper with the children paired with them on the as-of day."""
    waiting = {
        grid: [c for h in street if h.grid == grid and h.left_behind for c in _unpaired(h)]
        for grid in sorted({h.grid for h in street})
    }
    return tuple(_helpers(waiting, names))


def _unpaired(house: House) -> Iterator[Member]:
    return (c for c in house.children if c.plan and "alone" not in c.plan.words)


def _helpers(waiting: dict[str, list[Member]], names: Names) -> Iterator[Helper]:
    for n, line in enumerate(_PLAN.strip().splitlines()):
        kind, load, grid, *login = line.split()
        children = [waiting[grid].pop(0) for _ in range(int(load))]
        sex = FEMALE if kind == MOTHER or n % 2 else MALE
        yield Helper(
            label=f"helper/{n}",
            kind=kind,
            name=names.adult(SURNAMES[(n * 5 + 3) % len(SURNAMES)], _ADDRESS[kind]),
            sex=sex,
            age=20 + n % 3 if kind == STUDENT else 31 + (n * 7) % 27,
            unit=_UNIT[kind],
            grid=grid,
            login=login[0] if login else "",
            children=tuple(children),
        )
