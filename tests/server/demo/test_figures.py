"""Every figure of the demo village that the record types can express, counted in the registry.

All but two kinds are counted on the as-of day. The numbers of left-behind children of August (60),
September (61) and October (60) are counted from the history of the fields, as they stood on the
last day of each month; the survey's figures are counted from its events of August.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from server.demo.calendar import AS_OF, moment
from server.programme import programme
from server.programme.derive import (
    age_on,
    file_completeness,
    household_state,
    lbc_wide,
    siblings_left,
    visit_due,
)
from server.registry import Row
from tests.server.demo.conftest import ON, Register


def tally(rows: Iterable[Row], name: str) -> Counter[Any]:
    return Counter(row.fields.get(name) for row in rows)


# The place and its people


def test_six_grids_and_120_households_of_452_residents_168_of_them_away(register: Register) -> None:
    households = register.of("household")

    assert len(register.of("grid")) == 6
    assert len(households) == 120
    assert len(register.of("person")) + len(register.of("child")) == 452
    assert sum(h.fields["population"] for h in households) == 452
    assert sum(h.fields["away_count"] for h in households) == 168


def test_population_of_each_household_is_who_lives_there(register: Register) -> None:
    residents = [*register.of("person"), *register.of("child")]
    living = Counter(r.fields["household_id"] for r in residents)

    assert living == {h.id: h.fields["population"] for h in register.of("household")}


TABLE = {
    # grid: name, households, with left-behind, wide, legal
    "01": ("上坪组", 21, 9, 12, 9),
    "02": ("下坪组", 20, 8, 11, 8),
    "03": ("河湾组", 20, 8, 10, 8),
    "04": ("竹林组", 19, 7, 9, 7),
    "05": ("学堂组", 20, 8, 10, 7),
    "06": ("新桥组", 20, 6, 8, 6),
}


def test_the_table_by_grid(register: Register) -> None:
    names = {g.fields["grid_code"][-2:]: g.fields["name"] for g in register.of("grid")}
    households = Counter(register.grid(h) for h in register.of("household"))
    wide = register.left_behind()
    with_wide = Counter(
        register.grid(h) for h in {c.fields["household_id"]: c for c in wide}.values()
    )
    children = Counter(register.grid(c) for c in wide)
    legal = Counter(register.grid(c) for c in wide if register.definitions(c)[1])

    assert {
        grid: (names[grid], households[grid], with_wide[grid], children[grid], legal[grid])
        for grid in names
    } == TABLE
    assert (len(wide), legal.total(), with_wide.total()) == (60, 45, 46)


def test_households_by_number_of_children(register: Register) -> None:
    under_16 = Counter(
        c.fields["household_id"]
        for c in register.of("child")
        if (age_on(c.fields["birth_date"], ON) or 0) < 16
    )
    left = {
        h.id: siblings_left(
            (c.fields for c in register.of("child") if c.fields["household_id"] == h.id), ON
        )
        for h in register.of("household")
    }

    assert under_16.total() == len(register.of("child")) == 112
    assert Counter(left.values()) == {0: 74, 1: 33, 2: 12, 3: 1}
    assert Counter(under_16[h] for h, n in left.items() if not n) == {0: 38, 1: 22, 2: 12, 3: 2}


# The 60


def test_sex_and_age_bands(register: Register) -> None:
    children = register.left_behind()
    ages = [age_on(c.fields["birth_date"], ON) or 0 for c in children]

    assert tally(children, "sex") == {"1": 33, "2": 27}
    assert Counter((age > 5) + (age > 13) for age in ages) == {0: 13, 1: 40, 2: 7}


def test_school_stages_and_enrolment_rate(register: Register) -> None:
    children = register.left_behind()
    of_age = [c for c in children if 6 <= (age_on(c.fields["birth_date"], ON) or 0) <= 15]
    under_7 = [
        c
        for c in of_age
        if c.fields["school_stage"] == "1"
        and (age_on(c.fields["birth_date"], f"{AS_OF.year}-08-31") or 0) < 7
    ]
    in_school = [c for c in of_age if c.fields["school_stage"] in {"2", "3", "8"}]

    assert tally(children, "school_stage") == {"0": 6, "1": 8, "2": 33, "3": 11, "8": 1, "6": 1}
    assert (len(of_age), len(in_school), len(under_7)) == (47, 45, 1)
    assert round(100 * (len(in_school) + len(under_7)) / len(of_age), 1) == 97.9


def test_facts_and_capacities(register: Register) -> None:
    children = register.left_behind()
    one_away = [c for c in children if c.fields["left_behind_fact"] in {"F", "M"}]
    able = [c for c in one_away if c.fields["home_parent_capacity"] == "Y"]

    assert tally(children, "left_behind_fact")["B"] == 42
    assert (len(one_away), len(able)) == (18, 15)


def test_main_carers(register: Register) -> None:
    children = register.left_behind()
    carers = {c.id: register.carers(c) for c in children}
    kinds = Counter(links[0].fields["carer_kind"] for links in carers.values())

    assert all(len(links) == 1 for links in carers.values())
    assert (kinds["GPP"], kinds["GPM"]) == (24, 9)
    assert (kinds["REL"], kinds["SIB"]) == (5, 1)
    assert (kinds["TCH"] + kinds["FRI"], kinds["NONE"]) == (2, 1)
    assert kinds["FA"] + kinds["MO"] == 18
    assert kinds.total() == 60


def test_carers_of_the_42_without_a_parent(register: Register) -> None:
    both = [c for c in register.left_behind() if c.fields["left_behind_fact"] == "B"]
    kinds = Counter(register.carers(c)[0].fields["carer_kind"] for c in both)
    grandparents = kinds["GPP"] + kinds["GPM"]
    others = kinds["REL"] + kinds["SIB"] + kinds["TCH"] + kinds["FRI"]

    assert (len(both), grandparents, others) == (42, 33, 8)
    assert round(100 * grandparents / len(both), 1) == 78.6
    assert round(100 * others / len(both), 1) == 19.0
    assert (round(100 * grandparents / 60), round(100 * others / 60, 1)) == (55, 13.3)


def test_assessment_risk_health_and_focus(register: Register) -> None:
    children = register.left_behind()
    tags = Counter(tag for c in children for tag in c.fields.get("focus_tag", []))

    assert tally(children, "guardian_assess") == {"1": 38, "2": 17, "3": 5}
    assert tally(children, "risk_level") == {"R": 2, "O": 5, "Y": 15, "G": 38}
    assert tally(children, "health") == {"1": 58, "6": 1, "3": 1}
    assert tags == {"DIFF": 9, "BEHV": 5, "POTL": 8}


def test_boarding_missing_numbers_and_dialect(register: Register) -> None:
    children = register.left_behind()
    no_number = [c for c in children if not c.fields.get("id_number")]
    dialect = [c for c in children if register.household(c).fields["carer_language"] == ["DIA"]]

    assert tally(children, "boarding")["2"] == 14
    assert [c.fields["id_absent_reason"] for c in no_number] == ["NOREG"] * 3
    assert len(dialect) == 19


def test_71_per_cent_of_the_parents_away_work_outside_the_province(register: Register) -> None:
    children = {c.id for c in register.left_behind()}
    work = {
        link.fields["parent_id"]: link.fields["work_area_code"]
        for link in register.of("parent_link")
        if link.fields["child_id"] in children and link.fields["away"] == "A"
    }
    outside = [code for code in work.values() if code != "990100"]

    assert (len(outside), len(work)) == (56, 79)
    assert round(100 * len(outside) / len(work)) == 71


def test_95_per_cent_of_the_files_are_complete(register: Register) -> None:
    people = register.by_type["person"]

    def complete(child: Row) -> bool:
        parents = [
            (link.fields, people[link.fields["parent_id"]].fields)
            for link in register.of("parent_link")
            if link.fields["child_id"] == child.id
        ]
        carers = [
            (
                link.fields,
                people[link.fields["carer_id"]].fields if "carer_id" in link.fields else {},
            )
            for link in register.carers(child)
        ]
        household = register.household(child).fields
        types = programme().types
        return file_completeness(types, child.fields, household, parents, carers, ON).complete

    assert sum(complete(child) for child in register.left_behind()) == 57


# Helpers


def test_22_helpers_of_four_kinds(register: Register) -> None:
    kinds = tally(register.of("helper"), "helper_kind")

    assert (kinds["T"], kinds["C"] + kinds["P"], kinds["M"], kinds["V"]) == (8, 6, 5, 3)
    assert kinds.total() == 22


def test_57_children_are_paired_and_one_helper_has_too_many(register: Register) -> None:
    wide = {c.id for c in register.left_behind()}
    load = Counter(p.fields["helper_id"] for p in register.pairings())
    paired = {p.fields["child_id"] for p in register.pairings()}
    helpers = register.by_type["helper"]

    assert Counter(load.values()) == {3: 10, 2: 11, 5: 1}
    assert (len(paired & wide), len(paired - wide), len(wide - paired)) == (57, 0, 3)
    assert len([h for h, n in load.items() if n > helpers[h].fields["max_children"]]) == 1


# Survey, changes, visits


def test_the_survey_of_august(register: Register) -> None:
    surveys: dict[str, list[Row]] = {}
    for survey in sorted(register.of("survey"), key=lambda s: s.fields["occurred_on"]):
        surveys.setdefault(survey.fields["household_id"], []).append(survey)
    first = Counter(s[0].fields["result"] for s in surveys.values())
    revisits = Counter(
        (s[0].fields["result"], s[1].fields["result"]) for s in surveys.values() if s[1:]
    )
    latest = Counter(household_state(s)[1] for s in surveys.values())

    assert first == {"V": 102, "A": 11, "R": 4, "E": 3}
    assert revisits == {("A", "V"): 8, ("A", "A"): 3, ("R", "V"): 2, ("R", "R"): 2}
    assert latest == {"V": 112, "A": 3, "R": 2, "E": 3}
    assert {s.fields["occurred_on"][:7] for s in register.of("survey")} == {"2026-08"}


@pytest.mark.parametrize(
    ("day", "count"),
    [(date(2026, 8, 31), 60), (date(2026, 9, 30), 61), (date(2026, 10, 31), 60), (AS_OF, 60)],
)
async def test_left_behind_children_month_by_month(
    register: Register, day: date, count: int
) -> None:
    """60 files in August, 4 new and 3 gone in September, one more gone in October."""
    end = moment(day, 23, 59)
    left_behind = 0
    for child in register.of("child"):
        then: dict[str, Any] = {}
        for edit in await register.registry.history(register.access.village, child.id):
            if edit.at <= end:
                then[edit.key] = edit.value
        left_behind += then.get("ward_status") == "A" and lbc_wide(then, day.isoformat())

    assert left_behind == count


def test_three_left_in_september_and_one_in_october(register: Register) -> None:
    gone = [c for c in register.of("child") if c.fields["ward_status"] != "A"]

    assert Counter((c.fields["exit_on"][:7], c.fields["ward_status"]) for c in gone) == {
        ("2026-09", "X1"): 2,
        ("2026-09", "X2"): 1,
        ("2026-10", "X1"): 1,
    }


def test_four_children_became_left_behind_in_september(register: Register) -> None:
    new = [c for c in register.left_behind() if c.fields["left_since"] == "2026-09"]

    assert len(new) == 4


def test_16_hardship_children_were_visited_at_mid_autumn(register: Register) -> None:
    gifts = [v for v in register.of("visit") if v.fields["visit_kind"] == "5"]
    children = register.by_type["child"]
    welfare = {
        c.id for c in register.left_behind() if register.household(c).fields["welfare"] != ["NONE"]
    }

    assert {v.fields["occurred_on"] for v in gifts} == {"2026-09-25"}
    assert {v.fields["child_id"] for v in gifts} == welfare
    assert len(gifts) == len(welfare) == 16
    assert all(
        c.id in welfare for c in children.values() if "DIFF" in c.fields.get("focus_tag", [])
    )


def test_the_due_list_of_the_as_of_day_is_lively(register: Register) -> None:
    due = visit_due(register.of("child"), register.of("visit"), programme().rules, ON)
    states = Counter(d.state for d in due)

    assert states == {"overdue": 7, "this_week": 7, "later": 46}
    assert {d.subject.id for d in due} == {c.id for c in register.left_behind()}
    assert {d.subject.fields["risk_level"] for d in due if d.state != "later"} == set("ROYG")
