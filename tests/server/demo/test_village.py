"""The generator itself: families that could be, names that are nobody's, any week of the year."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from stdnum.cn import ric

from server.demo.calendar import AS_OF, Calendar, moment
from server.demo.house import House, houses
from server.demo.names import ID_AREA, ORDINALS, SOLAR_TERMS, SURNAMES, Names, check_digit
from server.demo.records import Record
from server.demo.story import village

WEEKS = [AS_OF + timedelta(weeks=weeks) for weeks in range(-26, 80, 3)]


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return village(AS_OF).records()


def street(as_of: date = AS_OF) -> tuple[House, ...]:
    return houses(Calendar(as_of), Names())


@pytest.mark.parametrize("as_of", WEEKS)
def test_the_totals_hold_in_whatever_week_the_village_is_built(as_of: date) -> None:
    here = street(as_of)
    children = [c for h in here if h.left_behind for c in h.children]

    assert len(here) == 120
    assert sum(len(h.members) for h in here) == 452
    assert Counter((c.age > 5) + (c.age > 13) for c in children) == {0: 13, 1: 40, 2: 7}
    assert all(c.age < 16 for h in here for c in h.children)


@pytest.mark.parametrize("as_of", WEEKS)
def test_no_birthday_moves_an_age_band_in_the_first_month(as_of: date) -> None:
    def bands(day: date) -> Counter[int]:
        ages = [
            day.year - c.born.year - ((day.month, day.day) < (c.born.month, c.born.day))
            for h in street(as_of)
            if h.left_behind
            for c in h.children
        ]
        return Counter((age > 5) + (age > 13) + (age > 15) for age in ages)

    assert bands(as_of + timedelta(days=30)) == bands(as_of)


@pytest.mark.parametrize("as_of", WEEKS)
def test_families_could_be(as_of: date) -> None:
    for house in street(as_of):
        births = sorted(c.born for c in house.children)
        assert all((later - earlier).days > 300 for earlier, later in pairwise(births))
        oldest = max((c.age for c in house.children), default=0)
        for parent in (m for m in house.adults if m.role in {"father", "mother"}):
            assert parent.age - oldest >= 18
        if house.kind in {"BP", "BM"}:
            parents = [m for m in house.adults if m.role in {"father", "mother"}]
            elder = house.one("elder")
            assert elder is not None
            assert elder.age - min(p.age for p in parents) >= 18
        if all(m.away for m in house.adults):
            assert house.kind in {"E", "BN", "BT", "BF"} or house.exit == "X2"


@pytest.mark.parametrize("as_of", WEEKS)
def test_only_past_events_are_shown(as_of: date) -> None:
    acts = village(as_of).acts

    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert acts[-1].at < moment(as_of, 0)
    days = [
        edit.set["occurred_on"] for act in acts for edit in act.edits if "occurred_on" in edit.set
    ]
    assert max(days) < as_of.isoformat()


def test_children_are_named_after_a_season_and_adults_by_an_ordinal(
    records: dict[str, Record],
) -> None:
    children = [r.fields["name"] for r in records.values() if r.type == "child"]
    adults = [r.fields["name"] for r in records.values() if r.type in {"person", "helper"}]

    assert all(name[0] in SURNAMES and name[1:] in SOLAR_TERMS for name in children)
    assert all(name[0] in SURNAMES and name[-1] in ORDINALS for name in adults)
    assert len(set(children)) == 112
    assert len(set(adults)) == 340 + 22
    assert {"谷小满", "方立夏", "安白露", "石惊蛰"} <= set(children)


def test_id_numbers_are_of_the_area_nobody_has_and_fit_birth_and_sex(
    records: dict[str, Record],
) -> None:
    people = [r.fields for r in records.values() if r.type in {"person", "child"}]
    numbers = [p["id_number"] for p in people if "id_number" in p]

    assert len(numbers) == len(set(numbers)) == 452 - 3
    for person in people:
        number = person.get("id_number", "")
        if number:
            assert number[:6] == ID_AREA
            assert number[6:14] == person["birth_date"].replace("-", "")
            assert int(number[16]) % 2 == int(person["sex"]) % 2
            assert ric.calc_check_digit(number) == number[-1]


@pytest.mark.parametrize(
    "sample",
    ["11010519491231002X", "440524188001010014", "990000201403120016", "990000201211200134"],
)
def test_check_digit_agrees_with_the_standards_samples(sample: str) -> None:
    assert check_digit(sample[:17]) == sample[17]


def test_telephones_have_a_prefix_no_network_has(records: dict[str, Record]) -> None:
    numbers = [
        entry["number"]
        for record in records.values()
        for key, entry in record.fields.items()
        if key.startswith("phones/")
    ]

    assert all(number.startswith("1000000") and len(number) == 11 for number in numbers)
    assert len(numbers) == len(set(numbers))


def test_every_reference_points_to_a_record(records: dict[str, Record]) -> None:
    for record in records.values():
        for name, value in record.fields.items():
            if name.endswith("_id"):
                assert value in records, (record.type, name)
