"""The checklist of practices names only what is there."""

import re
from collections.abc import Callable
from pathlib import Path

from server.office.routes import pages
from server.programme import programme

TEXT = (Path(__file__).parents[2] / "server" / "docs" / "checklist.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d\d) \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)


def is_page(path: str) -> bool:
    return any(f"/office{getattr(route, 'path', '')}" == path for route in pages)


KNOWN: dict[str, Callable[[str], bool]] = {
    "type": lambda name: name in programme().types,
    "rule": lambda name: name in {rule.name for rule in programme().rules},
    "figure": lambda name: name in programme().indicators,
    "plan": lambda name: name in programme().plans,
    "page": is_page,
}


def test_every_practice_has_a_row_and_every_row_says_where_or_not_yet() -> None:
    assert len(ROWS) == 170
    assert len({number for number, *_ in ROWS}) == 170
    assert all(where.strip() for *_, where in ROWS)


def test_whatever_the_rows_name_is_there() -> None:
    named = [(number, it) for number, _, _, where in ROWS for it in re.findall(r"`(.+?)`", where)]

    lost = [
        (number, it) for number, it in named if not KNOWN[it.split(" ", 1)[0]](it.split(" ", 1)[1])
    ]

    assert len(named) > 200
    assert lost == []


def test_the_sums_are_those_of_the_rows() -> None:
    none = sum(where.startswith("not yet") for *_, where in ROWS)
    part = sum("not yet" in where for *_, where in ROWS) - none

    assert f"{170 - part - none} done, {part} in part, {none} not yet" in TEXT


def test_fields_in_brackets_are_fields_of_the_type_before_them() -> None:
    for number, _, _, where in ROWS:
        for kind, field in re.findall(r"`type (\w+)` \(([a-z_]+)\)", where):
            assert field in programme().types[kind].fields, (number, kind, field)
