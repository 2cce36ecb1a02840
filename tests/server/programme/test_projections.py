"""Who sees and may change what."""

import pytest

from server.programme import ROLES, may, may_write, programme, projection, projection_of

TYPES = programme().types


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("kind", ["surveyor", "volunteer", "village"])
def test_no_phone_gets_an_office_only_field(name: str, kind: str) -> None:
    seen = projection(name, kind) or frozenset()

    assert not [field for field in seen if TYPES[name].fields[field].office_only]


@pytest.mark.parametrize("name", TYPES)
def test_a_computed_field_is_in_no_row(name: str) -> None:
    for kind in ("office", "surveyor", "volunteer", "village"):
        seen = projection(name, kind) or frozenset()
        assert not [field for field in seen if TYPES[name].fields[field].computed]


@pytest.mark.parametrize("name", TYPES)
def test_surveyors_see_all_but_office_only_fields(name: str) -> None:
    stored = {field.name for field in TYPES[name].fields.values() if not field.computed}
    hidden = {field.name for field in TYPES[name].fields.values() if field.office_only}

    assert set(projection(name, "surveyor") or ()) == stored - hidden
    assert set(projection(name, "office") or ()) == stored


def test_office_only_are_fitness_accounts_donors_ratings_and_what_was_confided() -> None:
    hidden = {
        f"{kind.name}.{field.name}"
        for kind in TYPES.values()
        for field in kind.fields.values()
        if field.office_only
    }

    assert hidden == {
        "guardianship.unfit_flag", "helper.account_id", "helper.device_ids", "aid.donor_id",
        "inventory_item.donor_id", "counselling.summary", "guardian_check.unfit_found",
        "mandatory_report.outcome", "pairing.rating", "pairing.rating_reason", "pairing.rated_on",
    }  # fmt: skip


def test_volunteers_never_see_numbers_addresses_of_work_diagnoses_or_assessments() -> None:
    for name in TYPES:
        seen = projection(name, "volunteer") or frozenset()
        assert not seen & {
            "id_number",
            "id_absent_reason",
            "hukou_address",
            "work_address",
            "work_unit",
            "illness",
            "disability_kind",
            "guardian_assess",
            "focus_tag",
            "focus_reason",
            "unfit_flag",
            "capacity",
            "welfare",
            "income_source",
        }


def test_volunteers_see_what_their_help_needs() -> None:
    child, link = projection("child", "volunteer"), projection("parent_link", "volunteer")
    person, care = projection("person", "volunteer"), projection("guardianship", "volunteer")
    visit = projection("visit", "volunteer")

    assert child is not None
    assert child >= {
        "name",
        "risk_level",
        "health_alert",
        "consent_status",
        "photo_consent",
        "left_behind_fact",
    }
    assert link is not None
    assert "next_home_on" in link
    assert person is not None
    assert "phones" in person
    assert care is not None
    assert "relation" in care
    assert visit == projection("visit", "surveyor")


def test_surveys_do_not_go_to_volunteers() -> None:
    assert projection("survey", "volunteer") is None


def test_the_village_bucket_holds_public_faces_alone() -> None:
    shown = {name: set(projection(name, "village") or ()) for name in TYPES}

    assert shown["helper"] == {"name", "name_pinyin", "helper_kind", "unit", "active"}
    assert shown["grid"] == {"grid_code", "name", "leader_name"}
    faces = {name for name, fields in shown.items() if fields}
    assert faces == {
        "helper", "grid", "place", "inventory_item", "roster_slot", "org_role", "contact",
        "activity", "training", "duty_done", "child_group",
    }  # fmt: skip
    for name in faces:
        for field in shown[name]:
            assert TYPES[name].fields[field].privacy != "minor"


def test_links_between_records_reach_volunteers_with_the_record() -> None:
    for name, kind in TYPES.items():
        seen = projection(name, "volunteer")
        if seen and kind.home.startswith("via:"):
            assert kind.home.removeprefix("via:") in seen


def test_every_type_has_its_row_in_the_matrix() -> None:
    roles = programme().roles

    assert roles.reads.keys() == TYPES.keys() == roles.writes.keys()
    assert roles.volunteer_fields.keys() <= TYPES.keys()
    for name, fields in roles.volunteer_fields.items():
        assert fields <= (projection(name, "volunteer") or frozenset())
    for row in roles.reads.values():
        assert set(row.values()) <= {"all", "surveyor", "volunteer", "village", ""}


def test_volunteers_record_visits_and_change_only_what_a_visit_teaches() -> None:
    assert may_write("volunteer", "visit")
    assert may_write("volunteer", "visit", "met")
    assert may_write("volunteer", "person", "phones")
    assert not may_write("volunteer", "child")
    assert not may_write("volunteer", "person", "name")
    assert not may_write("volunteer", "child", "risk_level")
    assert not may_write("volunteer", "child", "id_number")
    assert not may_write("volunteer", "pairing")
    assert not may_write("volunteer", "survey")


def test_surveyors_open_files_but_do_not_name_helpers() -> None:
    for name in ("household", "person", "child", "parent_link", "guardianship", "survey", "visit"):
        assert may_write("surveyor", name)
    assert not may_write("surveyor", "helper")
    assert not may_write("surveyor", "guardianship", "unfit_flag")
    assert may_write("official", "guardianship", "unfit_flag")


@pytest.mark.parametrize("role", ROLES)
def test_nobody_types_a_derived_field(role: str) -> None:
    assert not may_write(role, "child", "file_no")
    assert not may_write(role, "household", "household_no")
    assert not may_write(role, "child", "lbc_legal")


def test_the_supervisor_reads_and_the_admin_runs_the_machine() -> None:
    assert projection_of("supervisor", "child") == "office"
    assert not any(may_write("supervisor", name) for name in TYPES)
    assert projection_of("admin", "child") == ""
    assert may("admin", "manage_phones")
    assert not may("volunteer", "use_office")
    assert may("volunteer", "use_phone")
