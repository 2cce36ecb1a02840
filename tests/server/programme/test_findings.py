"""Records of the programme are checked by the forms they are made with."""

from server.programme import findings

TODAY = "2024-09-10"


def codes(type_name: str, **values: object) -> set[tuple[str, str]]:
    return {(each.field, each.code) for each in findings(type_name, values, TODAY, demo=True)}


def test_more_people_away_than_there_are_is_odd() -> None:
    assert ("away_count", "constraint") in codes("household", population=4, away_count=5)
    assert ("away_count", "constraint") not in codes("household", population=4, away_count=4)


def test_a_stage_of_school_that_does_not_fit_the_age_is_odd() -> None:
    today_nine = {"birth_date": "2015-03-02"}

    assert ("school_stage", "constraint") in codes("child", school_stage="4", **today_nine)
    assert ("school_stage", "constraint") not in codes("child", school_stage="2", **today_nine)
    assert ("school_stage", "constraint") not in codes("child", school_stage="4")


def test_an_adult_is_no_child() -> None:
    assert ("birth_date", "constraint") in codes("child", birth_date="1990-01-01")
    assert ("birth_date", "constraint") not in codes("child", birth_date="2010-01-01")


def test_nobody_excludes_everybody_else() -> None:
    assert ("met", "constraint") in codes("visit", met=["C", "NONE"])
    assert ("met", "constraint") not in codes("visit", met=["NONE"])


def test_when_nobody_was_met_the_child_is_not_asked_about() -> None:
    missing = codes("visit", met=["NONE"], occurred_on=TODAY)

    assert {field for field, code in missing if code == "required"} == {
        "household_id",
        "child_id",
        "visit_kind",
    }


def test_the_next_visit_lies_after_this_one() -> None:
    agreed = {"occurred_on": TODAY, "next_visit_on": TODAY}

    assert ("next_visit_on", "constraint") in codes("visit", **agreed)


def test_a_reason_is_asked_for_when_there_is_no_identity_number() -> None:
    assert ("id_absent_reason", "required") in codes("child", id_number="")
    assert ("id_absent_reason", "required") not in codes("child", id_number="990000201403120016")


def test_nobody_as_carer_needs_no_carer() -> None:
    assert ("carer_id", "required") in codes("guardianship", carer_kind="GPP")
    assert ("carer_id", "required") not in codes("guardianship", carer_kind="NONE")


def test_choices_are_those_of_the_list() -> None:
    assert ("risk_level", "choice") in codes("child", risk_level="P")
    assert ("work_area_code", "choice") not in codes(
        "parent_link", away="A", work_area_code="990100"
    )
