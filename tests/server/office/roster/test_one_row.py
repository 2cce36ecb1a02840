"""Single cells of a row that say something else than they seem to at first sight."""

from typing import Any

import pytest

from server.office.roster import Preview
from tests.server.office.roster.rosters import by_openpyxl
from tests.server.office.roster.village import Record, child, codes, fields_of, previewed

ROW: dict[str, Any] = {"村民组": "上坪组", "姓名": "谷小满", "户主": "谷大叔甲", "性别": "女"}


def row(rows: list[Record] | None = None, **cells: Any) -> Preview:
    """The preview of a sheet of one row: the usual cells, and these."""
    found = {**ROW, **cells}
    return previewed(by_openpyxl({"名册": [list(found), list(found.values())]}), rows=rows)


@pytest.mark.parametrize(
    ("heading", "word"),
    [("身体状况", "不健康"), ("身体状况", "无残疾"), ("身体状况", "未患病"), ("寄宿", "没有住校"),
     ("留守类型", "非双方外出")],
)  # fmt: skip
def test_a_word_that_says_no_is_not_taken_for_the_word_it_denies(heading: str, word: str) -> None:
    found = row(**{heading: word})

    assert "unknown_word" in codes(found, "谷小满")
    assert not {"health", "boarding", "left_behind_fact"} & child(found, "谷小满").keys()


@pytest.mark.parametrize("word", ["不在家", "没外出", "无外出"])
def test_whether_a_parent_is_away_is_not_read_out_of_its_opposite(word: str) -> None:
    found = row(父亲姓名="谷大哥乙", 父亲是否外出=word)

    assert "unknown_word" in codes(found, "谷小满")
    assert "away" not in fields_of(found, "parent_link")[0]


def test_a_family_that_gets_no_aid_gets_none() -> None:
    household = fields_of(row(享受政策="非低保户"), "household")[0]

    assert not any(key.startswith("welfare/") for key in household)


def test_a_code_of_several_choices_may_stand_there_as_a_number() -> None:
    assert fields_of(row(享受政策=1), "household")[0]["welfare/1"] is True
