"""The shared cases of what is odd about answers: the same file is run by the phone (pwa/src/forms/checks.test.ts)."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.forms import Context, validate
from server.forms.judge import Judge
from server.forms.numbers import id_number_facts, id_number_fault, is_area_code, phone_kind
from server.forms.validate import MESSAGES, looks_around

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "checks.json").read_text(encoding="utf-8")
)
TODAY = Context({}, VECTORS["today"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_what_is_odd_is_found_with_its_code(case: dict[str, Any]) -> None:
    found = validate(
        VECTORS["form"], case["values"], TODAY, lists=VECTORS["lists"], demo=case["demo"]
    )

    assert sorted([it.field, it.code] for it in found) == sorted(case["found"])
    assert all(it.message.zh and it.message.en for it in found)
    assert not any("{" in it.message.zh for it in found)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_a_judge_says_the_same_the_first_time_and_from_memory(case: dict[str, Any]) -> None:
    values, today, demo = case["values"], VECTORS["today"], case["demo"]
    judge = Judge(VECTORS["form"], VECTORS["lists"])
    said = validate(VECTORS["form"], values, TODAY, lists=VECTORS["lists"], demo=demo)

    assert judge.findings(values, today, demo=demo) == said
    assert judge.findings(values, today, demo=demo) == said


def test_a_judge_takes_a_yes_for_no_number_though_it_remembers_that() -> None:
    """To Python, True and 1 are equal."""
    judge = Judge(VECTORS["form"], VECTORS["lists"])

    assert judge.findings({"population": 1}, VECTORS["today"], only={"population"}) == []
    [odd] = judge.findings({"population": True}, VECTORS["today"], only={"population"})
    assert odd.code == "type"


@pytest.mark.parametrize("case", VECTORS["id_numbers"], ids=lambda case: str(case["typed"]))
def test_an_identity_number_is_judged(case: dict[str, Any]) -> None:
    assert id_number_fault(case["typed"]) == case["fault"]


def test_a_sound_identity_number_tells_birth_and_sex() -> None:
    for case in VECTORS["facts"]:
        assert id_number_facts(case["typed"]) == (tuple(case["says"]) if case["says"] else None)


@pytest.mark.parametrize("case", VECTORS["phones"], ids=lambda case: str(case["typed"]))
def test_a_phone_number_is_of_a_kind(case: dict[str, Any]) -> None:
    assert phone_kind(case["typed"]) == case["kind"]


def test_an_area_code_is_known_by_its_parts() -> None:
    for case in VECTORS["areas"]:
        assert is_area_code(case["code"]) is case["is"], case["code"]


def test_every_code_and_every_fault_of_a_number_stands_in_a_case() -> None:
    codes = {code for case in VECTORS["cases"] for _, code in case["found"]}
    faults = {f"id_{case['fault']}" for case in VECTORS["id_numbers"] if case["fault"]}
    types = {
        "integer",
        "decimal",
        "date",
        "month",
        "time",
        "datetime",
        "range",
        "list",
        "image",
        "audio",
    }

    assert faults | types <= MESSAGES.keys()
    assert codes == (MESSAGES.keys() - faults - types) | {"type", "id_number"}


def test_only_some_questions_are_asked_when_only_some_changed() -> None:
    found = validate(
        VECTORS["form"], {"population": 99, "sex": "7"}, TODAY, lists=VECTORS["lists"], only={"sex"}
    )

    assert [it.code for it in found] == ["choice"]


def test_what_depends_on_other_answers_is_known() -> None:
    around = {it["name"] for it in VECTORS["form"]["fields"] if looks_around(it)}

    assert around == {"id_number", "id_absent_reason", "away_count"}


def test_each_entry_of_a_repeat_is_asked_by_itself() -> None:
    asked = next(it for it in VECTORS["form"]["fields"] if it["name"] == "away_count")
    repeat = {**asked, "name": "members", "type": "repeat", "constraint": None, "fields": [asked]}
    answers = {"a1b2": {"away_count": 9}, "c3d4": {"away_count": 2}}

    found = validate({"fields": [repeat]}, {"population": 4, "members": answers}, TODAY)

    assert [(it.within, it.field, it.code) for it in found] == [
        ("members/a1b2", "away_count", "constraint")
    ]
