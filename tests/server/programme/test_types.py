"""The record types: standard forms, whole in both languages, with nothing unknown in them."""

import re
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from server.forms import to_xform
from server.forms.expression import fields_of
from server.programme import programme
from server.programme.model import POLICIES, PRIVACY
from server.programme.source import TYPES, assemble

CHINESE = re.compile(r"[一-龥]")
# The fields of the information model, §2.3 and §2.4, by record type.
MODEL = {
    "grid": "grid_code name leader_name",
    "household": "household_no grid_code head_name address hukou_address hukou_type population away_count "
    "income_source welfare house_safety water_risk carer_language location_hint last_survey_on "
    "next_due_on survey_result name_pinyin",
    "person": "household_id name former_name sex birth_date birth_approximate birth_lunar ethnic id_number "
    "id_absent_reason phones health disability_kind disability_grade illness education occupation "
    "alive name_pinyin",
    "child": "file_no household_id name former_name sex birth_date birth_approximate birth_lunar ethnic "
    "id_number id_absent_reason phones health disability_kind disability_grade illness "
    "left_behind_fact home_parent_capacity left_since school_name school_stage grade class_name "
    "head_teacher teacher_phone boarding lunch_at_school school_distance_km school_result temperament "
    "hobby talent need_lack wish focus_tag risk_level guardian_assess siblings_left consent_status "
    "photo_consent ward_status exit_reason exit_on lbc_wide lbc_legal name_pinyin lawful_basis",
    "parent_link": "child_id parent_id relation away work_area_code work_unit work_address away_since "
    "home_habit next_home_on contact_frequency",
    "guardianship": "child_id carer_id relation carer_kind basis valid_from valid_to is_main agreement_no "
    "agreement_signed_on unfit_flag capacity live_together",
    "helper": "name sex birth_date id_number phones helper_kind unit grids trained_on max_children "
    "background_checked account_id device_ids active name_pinyin",
    "pairing": "child_id helper_id kind from_on to_on duty_weekend goal state",
    "survey": "household_id child_id occurred_on occurred_time note corrects_id joint_with recorded_by "
    "result informant_relation study living mind safety health needs signature_kind duration_min",
    "visit": "household_id child_id occurred_on occurred_time note corrects_id joint_with recorded_by "
    "visit_kind met living study mood safety health guardian_duty problem_kinds guidance_topic action "
    "next_visit_on parent_home channel",
    "talk": "household_id child_id party channel study life mood friends body content mood_score "
    "child_request private aims",
    "family_call": "household_id child_id kind with_whom minutes place_id initiated_by connected topic_light",
    "change_notice": "household_id child_id kind effective_on from_value to_value",
    "aid": "household_id child_id aid_kind items cash_fen donor_id occasion batch_no receiver_name receipt",
    "health_check": "household_id child_id height_cm weight_kg bp_sys bp_dia vision_left vision_right "
    "vital_capacity_ml chest_cm ent ent_note teeth abnormal_kinds advice provider term",
    "illness_incident": "household_id child_id kind severity treatment reported_to",
    "counselling": "household_id child_id counsellor form persons theme aims risk_flag referral_to summary",
    "guardian_check": "household_id child_id assess reasons unfit_found measure agreement_signed",
    "help_request": "household_id child_id request_kind by_whom urgency handler referred_to",
    "help_step": "help_request_id state action result",
    "mandatory_report": "household_id child_id circumstance reported_to reported_at method "
    "informant_protected outcome",
    "assessment": "household_id child_id kind score indicators proposed_risk",
    "consent": "household_id child_id guardian_id version scope form witness decision",
    "activity": "activity_kind title place_id leader staff_roles invited adults_present parents_present "
    "cost_fen material result campaign group_id",
    "attendance": "household_id person_id activity_id place_id in_time out_time picked_up_by",
    "deed": "household_id child_id kind deed seen_by",
    "training": "audience topic trainer attendees attendees_distinct material copies",
    "donation_in": "donor_id goods qty value_fen",
    "stock": "item_id change reason",
    "plan_progress": "child_id plan_id stage stage_result",
    "award": "child_id recipient kind level",
    "publicity": "channel title children_identifiable",
    "material_sent": "title copies sent_to",
    "duty_done": "place_id roster_slot_id opened closed headcount matter",
    "place": "name kind address area_m2 opened_on investment_fen phone open_hours staff rules_posted",
    "inventory_item": "place_id name unit source donor_id",
    "roster_slot": "place_id on_date slot role helper_id",
    "child_group": "name kind subject leader_id place_id meets from_on to_on",
    "group_member": "child_id group_id role from_on to_on",
    "loan": "child_id book lent_on due_on returned_on",
    "call_booking": "child_id on_date at_time with_whom kind place_id state call_id",
    "plan": "child_id kind aims trigger goal measures owner_id from_on due_on state outcome",
    "task": "title source template_month assignee_id due_on state grid_id evidence",
    "org_role": "unit role name duty phone from_on to_on",
    "contact": "name kind phone address",
    "target": "year indicator value owner",
    "donor": "name kind contact",
    "denominator": "unit on_date indicator value source",
    "budget_line": "way title amount_yuan on_date source activity_id task_id",
    "paper_pile": "received_on form filled_by received",
    "column_name": "form heading field",
}


@pytest.mark.parametrize("name", TYPES)
def test_every_form_is_a_standard_form_that_becomes_xform(name: str) -> None:
    root = xml.fromstring(to_xform(assemble(name)))

    assert root.tag.endswith("html")


@pytest.mark.parametrize("name", TYPES)
def test_every_field_of_the_information_model_is_there(name: str) -> None:
    assert set(MODEL[name].split()) <= programme().types[name].fields.keys()


@pytest.mark.parametrize("name", TYPES)
def test_every_field_speaks_both_languages(name: str) -> None:
    for field in programme().types[name].fields.values():
        for label in (field.label, field.hint, field.constraint_message):
            if label is not None:
                assert CHINESE.search(label.zh)
                assert label.en
                assert not CHINESE.search(label.en.replace("·", ""))


@pytest.mark.parametrize("name", TYPES)
def test_every_word_about_a_field_is_known(name: str) -> None:
    for field in programme().types[name].fields.values():
        assert field.policy in POLICIES
        assert field.privacy in PRIVACY
        assert field.search in {"", "name", "phone", "number"}
        assert field.ref is None or field.ref in programme().types
        assert (field.type == "ref") == (field.ref is not None)
        assert field.list is None or field.list in programme().lists
        assert (field.type == "select_one") <= (field.list is not None)
        assert field.constraint is None or field.constraint_message


@pytest.mark.parametrize("name", TYPES)
def test_every_policy_fits_its_field(name: str) -> None:
    for field in programme().types[name].fields.values():
        several = field.type in {"select_multiple", "list"}
        assert (field.policy == "severe") == bool(field.severity_order)
        assert (field.policy == "union") <= several
        assert (programme().types[name].kind == "event") == (field.policy == "immutable")
        if field.policy == "severe" and field.list:
            codes = {choice.name for choice in programme().lists[field.list]}
            assert set(field.severity_order) == codes
        if field.list:
            codes = {choice.name for choice in programme().lists[field.list]} | {"removed"}
            assert set(field.review_on) <= codes


@pytest.mark.parametrize("name", TYPES)
def test_every_default_is_one_of_the_choices(name: str) -> None:
    for field in programme().types[name].fields.values():
        if field.list and field.default is not None:
            assert field.default in {choice.name for choice in programme().lists[field.list]}


@pytest.mark.parametrize("name", TYPES)
def test_conditions_read_fields_of_their_own_form(name: str) -> None:
    kind = programme().types[name]
    for field in kind.fields.values():
        read = fields_of(field.relevant) | fields_of(field.constraint) | fields_of(field.required)
        assert read <= kind.fields.keys()


@pytest.mark.parametrize("name", TYPES)
def test_a_screen_asks_a_sensible_number_of_questions(name: str) -> None:
    kind = programme().types[name]
    for section in kind.sections:
        asked = [
            field
            for field in kind.fields.values()
            if field.section == section.name
            and not field.derived
            and field.appearance != "context"
            and not field.name.endswith("_note")
            and field.name != "void_reason"  # asked of a correction alone
        ]
        assert len(asked) <= 8, section.name


@pytest.mark.parametrize("name", TYPES)
def test_headings_of_an_excel_sheet_are_told_apart(name: str) -> None:
    kind = programme().types[name]
    headings = [field.roster[0] for field in kind.fields.values() if field.roster]

    assert len(headings) == len(set(headings))


def test_homes_lead_to_a_grid_the_village_or_the_office() -> None:
    for kind in programme().types.values():
        how, _, field = kind.home.partition(":")
        assert how in {"village", "office", "field", "via"}
        assert not field or field in kind.fields


def test_every_event_carries_what_every_event_carries() -> None:
    for kind in programme().types.values():
        if kind.kind == "event":
            assert {"occurred_on", "note", "corrects_id", "joint_with"} <= kind.fields.keys()
            assert kind.fields["corrects_id"].ref == kind.name
            assert kind.fields["recorded_by"].derived


def test_each_type_has_a_file_and_each_file_a_type() -> None:
    folder = Path(__file__).parents[3] / "server" / "programme" / "types"

    assert {path.stem for path in folder.glob("*.md")} == set(TYPES)


def test_the_person_block_is_one_source() -> None:
    types = programme().types
    for name in ("former_name", "birth_approximate", "id_number"):
        assert types["person"].fields[name].label == types["child"].fields[name].label
        assert types["person"].fields[name].label == types["helper"].fields[name].label
    assert "health" not in types["helper"].fields


def test_no_condition_reads_a_field_that_is_in_no_row() -> None:
    for kind in programme().types.values():
        computed = {field.name for field in kind.fields.values() if field.computed}
        for field in kind.fields.values():
            assert not fields_of(field.relevant) & computed
            assert not fields_of(field.constraint) & computed
