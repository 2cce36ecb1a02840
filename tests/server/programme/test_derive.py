"""What follows from the facts: both definitions, ages, completeness, the state of a household."""

from typing import Any, NamedTuple

import pytest

from server.programme import programme
from server.programme.derive import (
    age_on,
    aid_total_fen,
    both_definitions,
    completeness,
    duty_was_done,
    file_completeness,
    household_due,
    household_state,
    in_register,
    lbc_legal,
    lbc_wide,
    siblings_left,
    stock_count,
)

TODAY = "2024-09-10"
RURAL = {"hukou_type": "RUR"}
TYPES = programme().types


class Record(NamedTuple):
    id: str
    fields: dict[str, Any]


def child(**fields: Any) -> dict[str, Any]:
    return {"birth_date": "2015-03-02", "left_behind_fact": "B", "ward_status": "A", **fields}


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        ("2014-09-10", TODAY, 10),
        ("2014-09-11", TODAY, 9),
        ("2024-09-10", TODAY, 0),
        ("2024-09-11", TODAY, None),
        ("2012-02-29", "2013-02-28", 0),
        ("2012-02-29", "2013-03-01", 1),
        ("", TODAY, None),
        (None, TODAY, None),
        ("2014.3", TODAY, None),
        ("2023-02-29", TODAY, None),
    ],
)
def test_age_is_in_full_years(birth: Any, on: str, age: int | None) -> None:
    assert age_on(birth, on) == age


@pytest.mark.parametrize(
    ("fact", "capacity", "wide", "legal"),
    [
        ("B", "", True, True),
        ("F", "Y", True, False),
        ("M", "Y", True, False),
        ("F", "N1", True, True),
        ("M", "N3", True, True),
        ("F", "UNK", True, False),
        ("N", "", False, False),
        ("D", "", False, False),
        ("UNK", "", False, False),
        ("", "", False, False),
    ],
)
def test_both_definitions_follow_from_the_facts(
    fact: str, capacity: str, wide: bool, legal: bool
) -> None:
    facts = child(left_behind_fact=fact, home_parent_capacity=capacity)

    assert both_definitions(facts, RURAL, TODAY) == (wide, legal)


def test_sixteen_is_not_under_sixteen() -> None:
    assert both_definitions(child(birth_date="2008-09-11"), RURAL, TODAY) == (True, True)
    assert both_definitions(child(birth_date="2008-09-10"), RURAL, TODAY) == (False, False)
    assert both_definitions(child(birth_date=""), RURAL, TODAY) == (False, False)


def test_the_wide_definition_can_count_older_pupils() -> None:
    pupil = child(birth_date="2007-01-01", school_stage="4")

    assert not lbc_wide(pupil, TODAY)
    assert lbc_wide(pupil, TODAY, count_in_school=True)
    assert not lbc_wide({**pupil, "school_stage": "7"}, TODAY, count_in_school=True)


@pytest.mark.parametrize("hukou", ["URB", "NONE", "UNK", "REF", ""])
def test_the_legal_definition_asks_for_a_rural_registration(hukou: str) -> None:
    assert not lbc_legal(child(), {"hukou_type": hukou}, TODAY)


def test_a_child_off_the_register_is_neither() -> None:
    gone = child(ward_status="X1")

    assert not in_register(gone)
    assert in_register({})
    assert both_definitions(gone, RURAL, TODAY) == (False, False)


def test_the_numbers_of_the_demo_village_follow() -> None:
    """42 with both parents away, 18 with one, of these 3 without capacity: wide 60, legal 45."""
    village = [child() for _ in range(42)]
    village += [child(left_behind_fact="F", home_parent_capacity="Y") for _ in range(15)]
    village += [child(left_behind_fact="M", home_parent_capacity="N1") for _ in range(3)]
    village += [child(left_behind_fact="N") for _ in range(52)]

    counted = [both_definitions(each, RURAL, TODAY) for each in village]

    assert sum(wide for wide, _ in counted) == 60
    assert sum(legal for _, legal in counted) == 45


def test_siblings_left_behind_are_counted_by_the_wide_definition() -> None:
    house = [
        child(),
        child(left_behind_fact="F"),
        child(left_behind_fact="N"),
        child(ward_status="X2"),
    ]

    assert siblings_left(house, TODAY) == 2


def test_a_record_is_complete_when_every_required_field_that_applies_is_filled() -> None:
    link = {"child_id": "c", "parent_id": "p", "relation": "51", "away": "A"}

    assert completeness(TYPES["parent_link"], link, TODAY).complete
    assert completeness(TYPES["parent_link"], {**link, "away": ""}, TODAY).missing == (
        "parent_link.away",
    )


def test_not_known_is_still_missing_and_refused_is_an_answer() -> None:
    link = {"child_id": "c", "parent_id": "p", "relation": "51", "away": "UNK"}

    assert not completeness(TYPES["parent_link"], link, TODAY).complete
    missing = completeness(TYPES["child"], {"id_absent_reason": "REF"}, TODAY).missing
    assert "child.id_absent_reason" not in missing


def test_fields_that_do_not_apply_are_not_missing() -> None:
    baby = completeness(TYPES["child"], {"school_stage": "0", "health": "1"}, TODAY).missing
    pupil = completeness(TYPES["child"], {"school_stage": "2", "health": "6"}, TODAY).missing

    assert {"child.grade", "child.school_name", "child.disability_kind"} <= set(pupil)
    assert not {"child.grade", "child.school_name", "child.disability_kind"} & set(baby)


def test_what_the_server_gives_is_not_asked_for() -> None:
    missing = completeness(TYPES["child"], {}, TODAY).missing

    assert not {"child.file_no", "child.name_pinyin", "child.age"} & set(missing)


WHOLE_CHILD = {
    "household_id": "h",
    "name": "谷小满",
    "sex": "1",
    "birth_date": "2015-03-02",
    "id_number": "990000201403120016",
    "left_behind_fact": "B",
    "ward_status": "A",
    "school_stage": "2",
    "school_name": "禾溪镇中心学校",
    "grade": "P3",
    "class_name": "1",
    "school_result": "B",
    "temperament": ["01"],
    "hobby": ["06"],
    "health": "1",
    "lawful_basis": "DUTY",
    "consent_status": "W",
    "risk_level": "G",
    "guardian_assess": "1",
}
WHOLE_HOUSEHOLD = {
    "grid_code": "99000010120101",
    "head_name": "谷大叔甲",
    "address": "上坪组一号",
    "population": 5,
    "away_count": 2,
    "hukou_type": "RUR",
}
FATHER = (
    {"child_id": "c", "parent_id": "f", "relation": "51", "away": "A"},
    {"name": "谷大叔乙", "alive": "Y"},
)
GRANDMOTHER = (
    {
        "child_id": "c",
        "carer_id": "g",
        "relation": "62",
        "carer_kind": "GPP",
        "is_main": "Y",
        "basis": "FACT",
        "valid_from": "2023-02-01",
    },
    {"name": "方大婶甲", "phones": {"k3f9": {"number": "10000001234"}}, "occupation": "务农"},
)


def test_a_whole_file_is_complete() -> None:
    file = file_completeness(TYPES, WHOLE_CHILD, WHOLE_HOUSEHOLD, [FATHER], [GRANDMOTHER], TODAY)

    assert file.missing == ()
    assert file.filled == file.required


def test_a_file_names_what_it_lacks_wherever_it_is() -> None:
    silent = (GRANDMOTHER[0], {**GRANDMOTHER[1], "phones": {}})

    assert file_completeness(
        TYPES, {**WHOLE_CHILD, "hobby": []}, {**WHOLE_HOUSEHOLD, "address": ""}, [], [silent], TODAY
    ).missing == ("child.hobby", "household.address", "parent_link", "person.phones")


def test_a_carer_of_the_past_is_no_carer() -> None:
    ended = ({**GRANDMOTHER[0], "valid_to": "2024-09-09"}, GRANDMOTHER[1])
    file = file_completeness(TYPES, WHOLE_CHILD, WHOLE_HOUSEHOLD, [FATHER], [ended], TODAY)

    assert file.missing == ("guardianship",)


def test_a_child_whom_nobody_cares_for_has_a_file_without_a_carers_phone() -> None:
    nobody: tuple[dict[str, Any], dict[str, Any]] = (
        {"child_id": "c", "carer_kind": "NONE", "is_main": "Y"},
        {},
    )
    file = file_completeness(TYPES, WHOLE_CHILD, WHOLE_HOUSEHOLD, [FATHER], [nobody], TODAY)

    assert file.missing == ()


def test_the_last_survey_of_a_household_decides_its_state() -> None:
    surveys = [
        Record("02", {"occurred_on": "2024-08-05", "result": "A"}),
        Record("03", {"occurred_on": "2024-08-20", "result": "V"}),
        Record("01", {"occurred_on": "2024-08-20", "result": "R"}),
    ]

    assert household_state(surveys) == ("2024-08-20", "V")
    assert household_state([]) == ("", "")


def test_a_corrected_survey_is_out() -> None:
    surveys = [
        Record("01", {"occurred_on": "2024-08-20", "result": "V"}),
        Record("02", {"occurred_on": "2024-08-19", "result": "A", "corrects_id": "01"}),
    ]

    assert household_state(surveys) == ("2024-08-19", "A")


def test_a_household_is_due_with_its_first_child() -> None:
    house = [Record("a", child(risk_level="G")), Record("b", child(risk_level="R"))]
    visits = [Record("v", {"child_id": "b", "occurred_on": "2024-09-01", "met": ["C"]})]

    assert household_due(house, visits, programme().rules, TODAY) == "2024-10-01"
    assert household_due([], [], programme().rules, TODAY) == ""


@pytest.mark.parametrize(
    ("aid", "fen"),
    [
        ({"qty": 61, "unit_fen": 20_000}, 1_220_000),
        ({"qty": 2, "unit_fen": 500, "cash_fen": 10_000}, 11_000),
        ({"goods_fen": 900, "qty": 2, "unit_fen": 500}, 900),
        ({"goods_fen": 0, "qty": 2, "unit_fen": 500}, 0),
        ({"cash_fen": "12000"}, 12_000),
        ({"qty": "many", "unit_fen": 500}, 0),
        ({}, 0),
    ],
)
def test_an_aid_is_worth_its_goods_and_its_money(aid: dict[str, Any], fen: int) -> None:
    assert aid_total_fen(aid) == fen


def test_what_a_place_has_is_counted_from_the_movements() -> None:
    moved = [
        Record("a", {"change": 150}),
        Record("b", {"change": -30}),
        Record("c", {"change": -3, "corrects_id": "b"}),
    ]

    assert stock_count(moved) == 147
    assert stock_count([]) == 0


def test_a_duty_is_done_when_a_record_of_it_stands() -> None:
    slot = Record("slot", {})
    told = [Record("a", {"roster_slot_id": "slot"})]

    assert duty_was_done(slot, told)
    assert not duty_was_done(slot, [])
    assert not duty_was_done(
        slot, [*told, Record("b", {"roster_slot_id": "x", "corrects_id": "a"})]
    )
