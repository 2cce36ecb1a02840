"""The code lists: whole, unambiguous, in both languages."""

import re

import pytest

from server.programme import programme
from server.programme.source import HERE

LISTS = programme().lists

# The lists of the information model, §2.2, with how many codes of the standard each must hold.
SIZES = {
    "sex": 4,
    "relation": 29,
    "carer_kind": 10,
    "left_behind_fact": 5,
    "home_parent_capacity": 4,
    "ward_status": 9,
    "guardian_assess": 3,
    "guardian_assess_reason": 3,
    "school_stage": 9,
    "grade": 15,
    "boarding": 3,
    "health": 4,
    "disability_kind": 8,
    "disability_grade": 4,
    "school_result": 5,
    "temperament": 11,
    "hobby": 10,
    "need_lack": 5,
    "focus_tag": 5,
    "risk_level": 4,
    "income_source": 5,
    "welfare": 11,
    "industry": 7,
    "home_habit": 5,
    "helper_kind": 11,
    "visit_kind": 7,
    "channel": 8,
    "aid_kind": 5,
    "aid_item": 7,
    "request_kind": 11,
    "activity_kind": 14,
    "ethnic": 58,
}
NO_UNKNOWN = {"UNK", "REF", "NONE", "NO"}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_every_list_of_the_information_model_is_whole(name: str, size: int) -> None:
    extra = NO_UNKNOWN - {"NONE"} if name == "carer_kind" else NO_UNKNOWN
    assert len([choice for choice in LISTS[name] if choice.name not in extra]) == size


@pytest.mark.parametrize("name", LISTS)
def test_codes_and_words_of_a_list_are_told_apart(name: str) -> None:
    for seen in (
        [choice.name for choice in LISTS[name]],
        [choice.label.zh for choice in LISTS[name]],
    ):
        assert len(seen) == len(set(seen))
    for choice in LISTS[name]:
        assert re.fullmatch(r"[A-Za-z0-9]+", choice.name)
        assert re.search(r"[一-龥]", choice.label.zh)
        assert choice.label.en
        assert not re.search(r"[一-龥]", choice.label.en)


def test_what_people_tell_us_can_be_unknown() -> None:
    ours = {
        "yes_no",
        "sex",  # has its own code for unknown
        "birth_approximate",
        "ward_status",
        "focus_tag",
        "risk_level",
        "guardian_assess",
        "guardian_assess_reason",
        "lawful_basis",
        "parent_relation",
        "helper_kind",
        "pairing_kind",
        "pairing_state",
        "pair_rating",
        "growth_aim",
        "survey_result",
        "signature_kind",
        "visit_kind",
        "met",
        "channel",
        "problem_kind",
        "guidance_topic",
        "aid_kind",
        "aid_item",
        "request_kind",
        "activity_kind",
    }
    without = {name for name, choices in LISTS.items() if "UNK" not in {c.name for c in choices}}

    assert without - of_our_own_acts() == ours


def of_our_own_acts() -> set[str]:
    """Lists for what we did ourselves: nobody has to be asked."""
    found = set()
    for file in ("office.md", "work.md"):
        text = (HERE / "lists" / file).read_text(encoding="utf-8")
        found |= set(re.findall(r"^## (\w+)$", text, flags=re.M))
    return found


def test_every_province_and_its_cities_are_there() -> None:
    areas = {choice.name: choice for choice in LISTS["work_area"]}
    provinces = [code for code, area in areas.items() if area.extra.get("level") == "province"]
    cities = [code for code, area in areas.items() if area.extra.get("level") == "city"]

    assert len(provinces) == 34
    assert all(f"{code[:2]}0000" in areas for code in cities)
    assert len(cities) > 330
    assert areas["440300"].label.zh == "广东省深圳市"


def test_each_grade_belongs_to_stages_of_school() -> None:
    stages = {choice.name for choice in LISTS["school_stage"]}

    for choice in LISTS["grade"]:
        assert set(choice.extra["stages"].split()) <= stages


def test_the_fifty_six_peoples_have_their_codes() -> None:
    ethnic = {choice.name: choice.label.zh for choice in LISTS["ethnic"]}

    assert [f"{number:02d}" for number in range(1, 57)] == sorted(ethnic)[:56]
    assert (ethnic["01"], ethnic["15"], ethnic["56"]) == ("汉族", "土家族", "基诺族")


def test_a_code_no_list_knows_is_shown_as_it_is() -> None:
    assert programme().label("sex", "7").zh == "7"
    assert programme().label("sex", "1").zh == "男"
