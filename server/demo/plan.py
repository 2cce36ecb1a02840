"""The village as a table: who lives where, with whom, and what the survey of August found.

Six grids, 120 households. The first table lists the 46 households with left-behind children, one
line each; the second says how the other 74 are made. Totals of domain.md section 5 follow from
these lines alone and are asserted by tests on the records in the registry.

A line of the first table: grid, kind of care, children, words about the household.
Kinds: BP both parents away, with the father's parents; BM with the mother's parents; BR with
another relative; BS with a grown-up sibling; BT with a teacher; BF with a neighbour; BN with
nobody (the case that must be reported); OA one parent away, the other able to care; ON one parent
away, the other not able.
A child: year of school and sex (`P5f`: fifth year of primary school, girl; `N` before
kindergarten; `J2m-`: not fourteen yet), then words: Y O R risk (green when silent) · bad
guardianship assessed 差 · diff behv potl focus tags · board boards at school · X taught at home ·
D dropped out · L still in kindergarten at six · nohukou not in the register of residence yet ·
ill, disabled · new left behind only since September · alone has no helper yet · gap has an
incomplete file.
About a household: dialect its carer speaks nothing else · welfare it gets public help · couple
both grandparents are there · elder an old person lives with them · N1 N2 why the parent at home
cannot care · a number: relation of the relative to the child (GB/T 4761).
"""

from __future__ import annotations

from dataclasses import dataclass

VILLAGE_CODE = "990000101201"
VILLAGE_NAME = "青禾村"
VILLAGE_FULL_NAME = "示例省云岭县禾溪镇青禾村"
SCHOOL = "禾溪镇中心学校"
KINDERGARTEN = "禾溪镇中心幼儿园"

GRIDS = {
    "01": "上坪组",
    "02": "下坪组",
    "03": "河湾组",
    "04": "竹林组",
    "05": "学堂组",
    "06": "新桥组",
}


@dataclass(frozen=True, slots=True)
class ChildPlan:
    cohort: str  # N K P J with the year
    sex: str  # m f
    young: bool
    words: frozenset[str]

    @property
    def risk(self) -> str:
        return next((r for r in "ROY" if r in self.words), "G")


@dataclass(frozen=True, slots=True)
class HousePlan:
    grid: str
    kind: str
    children: tuple[ChildPlan, ...]
    words: frozenset[str]


_LEFT_BEHIND = """
01 BP P5f potl, P2m, K2m            | dialect welfare couple
01 OA P4m, P1f                      |
01 OA P3m                           | elder
01 BP J1m board                     |
01 BP P2f Y diff                    | dialect welfare
01 BM K1f Y                         |
01 BM P4m potl                      | dialect
01 BR J1m Y behv board              | 81
01 BR P5f                           | 90
02 BP J3m Y behv board, P3f Y       | dialect welfare
02 BP P6m board potl, P2m           | dialect couple
02 OA P1m, N3f                      |
02 BP P3m                           |
02 BM N3m Y diff                    | dialect welfare
02 BM P1f                           | couple
02 BF J2f Y board                   |
02 OA P2f new alone gap             |
03 ON P4f O bad diff, P1m O bad diff | welfare N2
03 BP J3f board potl, P5m board     | dialect couple
03 BP K2m Y                         | dialect
03 BM P3f potl                      |
03 BN J2m- R bad diff               | welfare
03 BR P6m Y behv board              | 83
03 OA N2m new nohukou alone         |
03 OA K3f                           | elder
04 OA P2f, N3m                      |
04 BP P5m, K2f                      | dialect couple
04 BP P3m O ill diff                | welfare
04 BP P3m X O disabled diff         | dialect welfare
04 BM P1f Y                         |
04 BR J1f board potl                | 86
04 BS J3m Y behv board              | 75
05 BP J3m Y board, P4f              | couple
05 OA P3m, K1m gap                  |
05 BP P2f                           | dialect
05 BP P6f board potl new            |
05 BM K3m                           | dialect
05 BT J3f Y board                   |
05 BR P4f Y                         | 88
05 OA P5m new alone                 |
06 BP P3f, N2f nohukou              | welfare couple
06 BM J1m board potl, P2f           | couple
06 BP J3m D R bad behv diff         | dialect welfare
06 ON P5m O bad diff                | welfare N1
06 OA K3f L                         |
06 OA N1m Y nohukou gap             |
"""

# Households with children none of whom is left behind: stages and sexes, per grid.
_OTHERS = {
    "01": ("P2f", "K2m", "P5m", "J1f", "P4m, K1f", "P6f, P2m"),
    "02": ("P3m", "K3f", "N2m", "P6m, P3f", "J2f, P5m", "P5f, P2f, N3m"),
    "03": ("P1m", "J3m", "N3f", "K1m", "P4f, P1m", "P3m, K2f"),
    "04": ("P6m", "P4f", "J2m", "K2f", "P5m, P3m", "P1f, N2f"),
    "05": ("J1m", "P2m", "N1f", "P5f, K3m", "J3f, P6m", "P4m, P1f, N3f"),
    "06": ("P3f", "J2m", "K1f", "P6f", "P2f, N3m", "J1m, P4m"),
}

# Those who left the register since August: household (grid, place in the list above) to reason.
EXITS = {("02", 0): "X1", ("06", 0): "X1", ("04", 1): "X2", ("01", 2): "X1"}
SINGLE_PARENTS = {("03", 3), ("05", 1)}  # the other parent has died or cannot be found
WITH_AN_ELDER = {("01", 4), ("02", 5), ("03", 4), ("04", 4), ("05", 5)}
WITH_SOMEBODY_AWAY = frozenset(
    (grid, place)
    for grid in GRIDS
    for place in (1, 4, 5)
    if (grid, place)
    not in {
        ("04", 1),
        ("05", 1),
    }
)  # an uncle or an aunt who lives here and works elsewhere

CHILDLESS = {"01": 6, "02": 6, "03": 6, "04": 6, "05": 6, "06": 8}
EMPTY = {("03", 5), ("04", 5), ("06", 7)}  # everybody away, the house locked
TEACHER_HOUSE = ("05", 2)  # the teacher with whom one child lodges
NEIGHBOUR_HOUSE = ("02", 2)  # the neighbour who looks after another


def is_carer_house(grid: str, place: int) -> bool:
    return (grid, place) in {TEACHER_HOUSE, NEIGHBOUR_HOUSE}


def widowed(grid: str, place: int) -> bool:
    """In 24 of the 35 childless households somebody has grown old alone; in 11 a couple has."""
    return not (place == 2 or (place == 4 and grid != "06"))


def one_son(grid: str, place: int) -> bool:
    """Five of the 35 childless households have one grown-up child away, the others two."""
    return place == 0 and grid != "06"


def left_behind() -> tuple[HousePlan, ...]:
    return tuple(_house(line) for line in _LEFT_BEHIND.strip().splitlines())


def others(grid: str) -> tuple[tuple[ChildPlan, ...], ...]:
    return tuple(_children(text) for text in _OTHERS[grid])


def _house(line: str) -> HousePlan:
    text, _, words = line.partition("|")
    grid, kind, children = text.split(maxsplit=2)
    return HousePlan(grid, kind, _children(children), frozenset(words.split()))


def _children(text: str) -> tuple[ChildPlan, ...]:
    return tuple(_child(part) for part in text.split(","))


def _child(text: str) -> ChildPlan:
    first, *words = text.split()
    young = first.endswith("-")
    first = first.removesuffix("-")
    return ChildPlan(first[:-1], first[-1], young, frozenset(words))
