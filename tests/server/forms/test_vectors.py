"""The shared cases: the same file is run by the phone's evaluator."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.forms import Context, evaluate
from server.forms.expression import parse

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "expressions.json").read_text(encoding="utf-8")
)
CASES: list[dict[str, Any]] = VECTORS["cases"]


def context(current: Any = "") -> Context:
    def label(list_name: str, code: str) -> str:
        return str(VECTORS["labels"].get(list_name, {}).get(code, code))

    return Context(
        VECTORS["values"],
        VECTORS["today"],
        VECTORS["now"],
        label,
        current,
        position=VECTORS["position"],
        record=lambda kind, key: VECTORS["records"].get(kind, {}).get(key, {}),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["text"]))
def test_a_text_compiles_to_its_tree(case: dict[str, Any]) -> None:
    assert parse(case["text"], lists={"sex": "sex", "met": "met"}) == case["tree"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["text"]))
def test_a_tree_yields_its_value(case: dict[str, Any]) -> None:
    value = evaluate(case["tree"], context(case.get("current", "")))

    assert value == case["value"]
    assert isinstance(value, bool) == isinstance(case["value"], bool)


def test_the_cases_use_every_operation() -> None:
    from server.forms.expression import FUNCTIONS, OPERATORS

    def operations(tree: Any) -> set[str]:
        if not isinstance(tree, list):
            return set()
        return {tree[0]}.union(*(operations(argument) for argument in tree[1:]))

    used = set().union(*(operations(case["tree"]) for case in CASES))

    # true and false become literals; a new id is different each time
    assert (FUNCTIONS.keys() | OPERATORS) - {"true", "false", "uuid"} <= used
    assert len(CASES) >= 330


def test_an_operation_nobody_knows_is_not_run() -> None:
    with pytest.raises(ValueError, match="indexed-repeat"):
        evaluate(["indexed-repeat", "x"], context())


def test_a_new_id_is_made_each_time_it_is_asked_for() -> None:
    assert evaluate(["uuid"], context()) != evaluate(["uuid"], context())
