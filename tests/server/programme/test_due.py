"""The shared cases of the due list: the same file is run by the phone."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from server.programme import programme
from server.programme.derive import visit_due

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
    found = visit_due(
        records(case["children"]), records(case["visits"]), programme().rules, case["today"]
    )

    assert [
        {"child": due.child.id, "due_on": due.due_on, "state": due.state, "last_on": due.last_on}
        for due in found
    ] == case["due"]


def test_the_cases_are_run_with_the_rules_of_the_programme() -> None:
    rules = [rule.wire() for rule in programme().rules]

    assert [{key: rule[key] for key in rule if key != "label"} for rule in rules] == VECTORS[
        "rules"
    ]
    assert len(VECTORS["cases"]) >= 25
