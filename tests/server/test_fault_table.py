"""The table of faults names only tests that there are."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "server" / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+)[a-z]? \|(.+)\|$", TEXT, re.MULTILINE)


@cache
def all_tests() -> frozenset[str]:
    """Of both languages: functions by their name, the phone's by their sentence."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
    for file in (ROOT / "pwa" / "src").rglob("*.test.ts"):
        found.update(re.findall(r'^test\("(.+?)", ', file.read_text("utf-8"), re.MULTILINE))
    return frozenset(found)


def test_every_fault_of_the_ladder_has_a_row_of_five() -> None:
    assert [int(number) for number, _ in ROWS] == sorted(int(number) for number, _ in ROWS)
    assert {int(number) for number, _ in ROWS} == set(range(1, 20))
    assert all(row.count(" | ") == 3 for _, row in ROWS)


def test_every_row_names_a_test_that_there_is() -> None:
    shown = [(number, row.rpartition(" | ")[2]) for number, row in ROWS]

    lost = [
        (number, name)
        for number, tests in shown
        for name in re.findall(r"`(.+?)`", tests)
        if not name.startswith("make ") and name not in all_tests()
    ]

    assert lost == []
    assert [number for number, tests in shown if "`" not in tests] == []
