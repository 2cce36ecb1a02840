"""The shared cases of the due list: the same file is run by the phone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from server.programme import programme
from server.programme.due import birthdays, due_list, festivals, homecomings, visit_due

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "due.json").read_text(encoding="utf-8")
)


class Record(NamedTuple):
    id: str
    fields: dict[str, Any]


def records(rows: list[dict[str, Any]]) -> list[Record]:
    return [Record(row["id"], row["fields"]) for row in rows]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_the_due_list(case: dict[str, Any]) -> None:
    rules = [replace(rule, on=rule.name in case["rules"]) for rule in programme().rules]
    held = {kind: records(rows) for kind, rows in case["held"].items()}

    found = due_list(held, rules, programme().calendar, case["today"])

    assert [
        {
            "subject": due.subject.id,
            "due_on": due.due_on,
            "state": due.state,
            "last_on": due.last_on,
            "rule": due.rule,
        }
        for due in found
    ] == case["due"]


@pytest.mark.parametrize("case", VECTORS["near"], ids=lambda case: str(case["name"]))
def test_what_is_near(case: dict[str, Any]) -> None:
    rows, today = records(case["rows"]), case["today"]
    if case["kind"] == "festivals":
        found = festivals(programme().calendar, today)
    else:
        near = {"birthdays": birthdays, "homecomings": homecomings}[case["kind"]]
        found = [(on, row.id) for on, row in near(rows, today)]

    assert [[*it] for it in found] == case["found"]


def test_the_cases_are_run_with_the_rules_and_festivals_of_the_programme() -> None:
    rules = [rule.wire() for rule in programme().rules]
    calendar = programme().calendar.wire()

    assert [
        {key: rule[key] for key in rule if key not in ("label", "on")} for rule in rules
    ] == VECTORS["rules"]
    assert calendar["seasons"] == VECTORS["calendar"]["seasons"]
    assert [{"name": it["name"], "days": it["days"]} for it in calendar["festivals"]] == VECTORS[
        "calendar"
    ]["festivals"]
    assert len(VECTORS["cases"]) >= 40


def test_every_rule_is_in_some_case() -> None:
    in_cases = {name for case in VECTORS["cases"] for name in case["rules"]}

    assert {rule.name for rule in programme().rules} == in_cases


def test_only_visits_that_are_due_again_and_again_are_visits_due() -> None:
    child = records(
        [
            {
                "id": "0" * 32,
                "fields": {"left_behind_fact": "B", "risk_level": "R", "ward_status": "A"},
            }
        ]
    )

    rules = {due.rule for due in visit_due(child, [], programme().rules, "2027-02-06")}

    assert rules == {"visit_by_risk"}
