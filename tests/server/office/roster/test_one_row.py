"""Single cells of a row that say something else than they seem to at first sight."""

from typing import Any

import pytest

from server.office.roster import Preview
from tests.server.office.roster.cast import phone
from tests.server.office.roster.rosters import by_openpyxl
from tests.server.office.roster.village import Record, child, codes, fields_of, grids, previewed

ROW: dict[str, Any] = {"村民组": "上坪组", "姓名": "谷小满", "户主": "谷大叔甲", "性别": "女"}


def sheet(**cells: Any) -> bytes:
    """A sheet of one row: the usual cells, and these."""
    found = {**ROW, **cells}
    return by_openpyxl({"名册": [list(found), list(found.values())]})


def row(**cells: Any) -> Preview:
    return previewed(sheet(**cells))


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


@pytest.mark.parametrize("said", ["5人（外出2人）", "3-5", "4＋1"])
def test_two_numbers_in_one_cell_are_not_made_into_one(said: str) -> None:
    found = row(家庭人口=said)

    assert "population" not in fields_of(found, "household")[0]
    assert "unknown_word" in codes(found, "谷小满")


@pytest.mark.parametrize("said", ["5人", "５", " 5 口人", 5, 5.0])
def test_a_number_with_its_unit_is_a_number(said: Any) -> None:
    assert fields_of(row(家庭人口=said), "household")[0]["population"] == 5


def test_people_of_a_household_counted_ahead_of_the_name_make_no_subtotal() -> None:
    repeated = by_openpyxl(
        {"名册": [["户主", "家庭人口", "姓名", "性别", "村民组"],
                  ["谷大叔甲", "5人", "谷小满", "女", "上坪组"],
                  ["小计", "5人", None, None, None]]}
    )  # fmt: skip
    found = previewed(repeated)

    assert found.counts()["created"] == 1
    assert found.sheets[0].skipped == {"total": 1}


def test_the_day_on_which_a_parent_will_come_home_lies_ahead() -> None:
    found = row(父亲姓名="谷大哥乙", 父亲预计返乡="2026年2月10日")

    assert fields_of(found, "parent_link")[0]["next_home_on"] == "2026-02-10"
    assert "not_a_day" not in codes(found, "谷小满")


@pytest.mark.parametrize("grid", ["十一一组", "二二十组", "一三十组"])
def test_a_grid_written_in_odd_numerals_refuses_its_row(grid: str) -> None:
    assert [it.note.code for it in row(村民组=grid).refused] == ["unknown_grid"]


def test_an_odd_birth_in_the_register_stops_no_import() -> None:
    known = Record("kid", "child", {"name": "谷小满", "birth_date": "不详"})

    found = previewed(sheet(年龄=9), rows=[*grids(), known])

    assert found.counts()["created"] == 1


@pytest.mark.parametrize("mark", ["〃", "″", "同上", '"'])
def test_every_mark_for_the_same_as_above_is_read(mark: str) -> None:
    head = ["村民组", "姓名", "户主", "性别", "住址"]
    repeated = by_openpyxl(
        {"名册": [head, ["上坪组", "谷小满", "谷大叔甲", "女", "上坪组12号"],
                  ["上坪组", "谷大寒", "谷大叔甲", "男", mark]]}
    )  # fmt: skip

    assert len(previewed(repeated).households) == 1


def test_three_dots_say_nothing() -> None:
    assert "address" not in fields_of(row(住址="…"), "household")[0]


def test_the_number_of_a_class_beside_its_grade_is_a_class() -> None:
    found = child(row(年级="三年级", 班级=2), "谷小满")

    assert (found["grade"], found["class_name"]) == ("P3", "2班")


def test_a_row_that_repeats_a_child_keeps_the_carers_other_phone() -> None:
    head = [*ROW, "出生日期", "监护人", "监护人电话"]
    usual = [*ROW.values(), "2014-03-05", "谷大叔甲"]
    repeated = by_openpyxl({"名册": [head, [*usual, phone(1)], [*usual, phone(2)]]})

    carer = next(it for it in fields_of(previewed(repeated), "person") if it["name"] == "谷大叔甲")

    assert {it["number"] for key, it in carer.items() if key.startswith("phones/")} == {
        phone(1), phone(2),
    }  # fmt: skip


def test_a_father_who_is_the_carer_keeps_the_phones_of_both_cells() -> None:
    found = row(父亲姓名="谷大哥乙", 父亲电话=phone(1), 监护人="谷大哥乙", 监护人电话=phone(2))

    father = next(it for it in fields_of(found, "person") if it["name"] == "谷大哥乙")

    assert {it["number"] for key, it in father.items() if key.startswith("phones/")} == {
        phone(1), phone(2),
    }  # fmt: skip


def test_a_row_that_repeats_a_child_tells_what_the_carer_is_to_it() -> None:
    head = [*ROW, "出生日期", "监护人", "与儿童关系"]
    usual = [*ROW.values(), "2014-03-05", "谷大叔甲"]
    repeated = by_openpyxl({"名册": [head, [*usual, ""], [*usual, "爷爷"]]})

    assert fields_of(previewed(repeated), "guardianship")[0]["relation"] == "61"
