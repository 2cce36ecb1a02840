"""Who belongs to whom: parents and where they work, carers and since when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from server.demo import plan
from server.demo.calendar import Calendar
from server.demo.house import House, Member, parents, shuffle
from server.demo.names import MALE

Fields = dict[str, Any]

HOME_CITY = "990100"
ELSEWHERE = ("441900", "330200", "320500", "350200", "440300", "330100")
IN_PROVINCE = 23
"""Of 79 parents away, so many work inside the province: 56 of 79 outside is 71 %."""

PLACES = ("建筑工地", "电子厂", "制衣厂", "餐馆", "快递站", "家政公司")
INDUSTRIES = ("CON", "MAN", "MAN", "CAT", "TRA", "DOM")


@dataclass(frozen=True, slots=True)
class Carer:
    """A child's main carer; nobody (`member` None) is an answer too."""

    kind: str  # code of carer_kind
    member: Member | None
    relation: str


def parent_relation(parent: Member) -> str:
    return "51" if parent.sex == MALE else "52"


def carer(house: House, street: Sequence[House]) -> Carer:
    """Who looked after the household's children while their parents were away."""
    kind = house.kind
    if kind in {"BP", "BM"}:
        elder = _must(house.one("elder"))
        man = elder.sex == MALE
        if kind == "BP":
            return Carer("GPP", elder, "61" if man else "62")
        return Carer("GPM", elder, "63" if man else "64")
    if kind in {"BR", "BS"}:
        relation = next(word for word in house.words if word.isdigit())
        return Carer("SIB" if kind == "BS" else "REL", _must(house.one("relative")), relation)
    if kind == "BT":
        return Carer("TCH", _neighbour(street, *plan.TEACHER_HOUSE), "99A")
    if kind == "BF":
        return Carer("FRI", _neighbour(street, *plan.NEIGHBOUR_HOUSE), "99B")
    if kind == "BN":
        return Carer("NONE", None, "")
    if kind in {"OA", "ON"}:
        parent = next(p for p in parents(house) if not p.away)
        man = parent.sex == MALE
        return Carer("FA" if man else "MO", parent, parent_relation(parent))
    return Carer("REL", _neighbour(street, house.grid, 4), "97")


def guardianship(house: House, child: Member, by: Carer, since: str) -> Fields:
    """Fields of the guardianship; `since` is the month in which the parents left."""
    fields: Fields = {"carer_kind": by.kind, "is_main": "Y"}
    if by.member is None:
        return fields
    assert child.plan is not None
    weak = "bad" in child.plan.words
    fair = child.plan.risk in "OY"
    fields["valid_from"] = f"{since}-05"
    fields["relation"] = by.relation
    fields["capacity"] = "N" if weak else "P" if fair else "Y"
    fields["live_together"] = "Y"
    if by.kind in {"FA", "MO"}:
        return fields | {"basis": "LAW"}
    if shuffle(child.label + " agreement") < 0.7:
        return fields | {"basis": "WRIT", "agreement_signed_on": f"{since}-05"}
    return fields | {"basis": "ORAL"}


def work(parents_away: Sequence[tuple[House, Member]], calendar: Calendar) -> Mapping[str, Fields]:
    """Where each parent of a left-behind child works, by the parent's label."""
    in_turn = sorted(parents_away, key=lambda pair: shuffle(pair[1].label + " work"))
    return {
        parent.label: _work(calendar, n, inside=n < IN_PROVINCE)
        for n, (_, parent) in enumerate(in_turn)
    }


def _work(calendar: Calendar, n: int, *, inside: bool) -> Fields:
    trade = n % len(PLACES)
    place = "云岭市城南工业园" if inside else ("东区工业园", "新港路", "滨江开发区")[n % 3]
    # One in eight has told the family a day; it lies ahead of the as-of day.
    home = calendar.as_of + timedelta(days=2 + n // 2)
    return {
        **({"next_home_on": home.isoformat()} if n % 8 == 0 else {}),
        "work_area_code": HOME_CITY if inside else ELSEWHERE[n % len(ELSEWHERE)],
        "work_address": f"{place}{1 + n % 40}号",
        "work_unit": PLACES[trade],
        "work_industry": INDUSTRIES[trade],
        "home_habit": "MQH"[n % 3] if inside else "HSS"[n % 3],
        "contact_frequency": "DWWM"[n % 4],
    }


def parents_away(street: Sequence[House]) -> Iterator[tuple[House, Member]]:
    for house in street:
        if house.left_behind:
            yield from ((house, parent) for parent in parents(house) if parent.away)


def _neighbour(street: Sequence[House], grid: str, place: int) -> Member:
    house = next(h for h in street if (h.grid, h.kind, h.place) == (grid, "C", place))
    return _must(house.one("elder"))


def _must(member: Member | None) -> Member:
    if member is None:
        raise ValueError("the plan names somebody who does not live there")
    return member
