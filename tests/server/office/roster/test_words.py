"""How people write days, numbers, kinship and school years, and what is read from it."""

from datetime import date, datetime
from typing import Any

import pytest

from server.office.roster.cells import is_injection, name_of, names_of, shown
from server.office.roster.dates import (
    Day,
    ImpossibleDay,
    birth_from_age,
    month_style,
    read_day,
    said_as_of,
)
from server.office.roster.grades import read_grade
from server.office.roster.identity import is_sound, read_id, read_phones
from server.office.roster.relations import read_relation
from tests.server.office.roster.cast import id_number, wrong
from tests.server.office.roster.rosters import wide

AS_OF = date(2025, 8, 31)
MARCH_5 = date(2014, 3, 5)


@pytest.mark.parametrize(
    "written",
    [
        "2014年3月5日", "2014/3/5", "2014-03-05", "2014.3.5", "２０１４．３．５", "20140305", 20140305, 20140305.0,
        "14.3.5", "140305", 41703, 41703.0, "41703", "2014-03-05 00:00:00", "2014、3、5", " 2014 年 3 月 5 日 ",
        datetime.fromisoformat("2014-03-05"), MARCH_5, "二〇一四年三月五日",
    ],
)  # fmt: skip
def test_one_day_is_read_from_every_spelling(written: Any) -> None:
    assert read_day(written, AS_OF) == Day(MARCH_5)


@pytest.mark.parametrize("written", ["2014.3", 2014.3, 201403, "2014年3月", "2014-03", "2014.03"])
def test_a_month_is_its_first_day_and_says_so(written: Any) -> None:
    assert read_day(written, AS_OF) == Day(date(2014, 3, 1), "month")


def test_a_lunar_date_keeps_its_numbers_and_is_marked() -> None:
    assert read_day("农历2014年三月初五", AS_OF) == Day(MARCH_5, lunar=True)


@pytest.mark.parametrize(
    ("written", "is_day"),
    [("二〇一五年十月二十日", date(2015, 10, 20)), ("二零一六年十二月十五", date(2016, 12, 15))],
)
def test_chinese_numerals_are_read(written: str, is_day: date) -> None:
    assert read_day(written, AS_OF) == Day(is_day)


@pytest.mark.parametrize(
    "written", ["2014-02-30", "2026.1", "2014.13", "很久以前", "1870-01-01", "2014.0.5", 3.7]
)
def test_a_day_that_cannot_be_is_told_apart_from_none(written: Any) -> None:
    with pytest.raises(ImpossibleDay):
        read_day(written, AS_OF)


@pytest.mark.parametrize("written", [None, "", "不详", "—", "无"])
def test_a_blank_is_no_day(written: Any) -> None:
    assert read_day(written, AS_OF) is None


def test_a_number_that_lost_its_zero_is_october_beside_two_digit_months() -> None:
    style = month_style([2014.03, 2014.1])

    assert read_day(2014.1, AS_OF, style) == Day(date(2014, 10, 1), "month")


def test_a_number_that_may_have_lost_its_zero_keeps_only_the_year() -> None:
    style = month_style([2014.3, 2014.1])

    assert read_day(2014.1, AS_OF, style) == Day(date(2014, 1, 1), "year", unsure=True)


@pytest.mark.parametrize("written", [8, 8.0, "8岁", "8周岁", "约8岁"])
def test_an_age_gives_a_birth_of_that_age(written: Any) -> None:
    birth = birth_from_age(written, AS_OF)

    assert birth is not None
    assert birth.precision == "year"
    assert (AS_OF - birth.on).days // 365.25 == 8


def test_nobody_is_of_nominal_age_nought() -> None:
    with pytest.raises(ImpossibleDay):
        birth_from_age("虚岁0", AS_OF)


def test_a_nominal_age_counts_one_at_birth() -> None:
    assert birth_from_age("虚岁9", AS_OF) == Day(date(2017, 1, 1), "year")


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("填报日期：2025年8月31日", AS_OF),
        ("花名册（2025年3月）", date(2025, 3, 31)),
        ("2025.8.31", AS_OF),
        ("2024-2025学年第二学期（2025年3月）", date(2025, 3, 31)),
    ],
)
def test_a_title_says_when_ages_were_true(title: str, day: date) -> None:
    assert said_as_of(["花名册", title], date(2025, 12, 1)) == day


@pytest.mark.parametrize("title", ["2024-2025学年留守儿童花名册", "2025.13", "2025.0"])
def test_a_school_year_is_no_day_of_filling_in(title: str) -> None:
    assert said_as_of([title], date(2025, 12, 1)) is None


def test_a_day_in_the_future_is_no_day_of_filling_in() -> None:
    assert said_as_of(["2027年1月1日"], date(2025, 12, 1)) is None


def test_a_sound_number_tells_birth_and_sex() -> None:
    found = read_id(wide(id_number(MARCH_5, 21)))

    assert found is not None
    assert (found.sound, found.birth, found.sex) == (True, MARCH_5, "1")


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_samples_of_the_standard_are_sound(number: str) -> None:
    assert is_sound(number)


@pytest.mark.parametrize(
    "number", [wrong(id_number(MARCH_5, 21)), "990000201402300019", "990000140305001", "12345"]
)
def test_an_unsound_number_is_kept_as_typed(number: str) -> None:
    found = read_id(number)

    assert found is not None
    assert (found.number, found.sound, found.birth) == (number, False, None)


def test_a_number_stored_as_a_number_is_known_to_have_lost_its_end() -> None:
    found = read_id(990000201403050021.0)

    assert found is not None
    assert (found.sound, found.rounded) == (False, True)


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("10000000001/10000000002", ["10000000001", "10000000002"]),
        ("10000000001、10000000002", ["10000000001", "10000000002"]),
        ("10000000001；10000000002", ["10000000001", "10000000002"]),
        ("10000000001\n10000000002", ["10000000001", "10000000002"]),
        ("10000000001 10000000002", ["10000000001", "10000000002"]),
        ("100 0000 0001", ["10000000001"]),
        ("１００００００００１２", ["10000000012"]),
        (10000000001.0, ["10000000001"]),
        ("+86 10000000001", ["10000000001"]),
        ("0000-1234567", ["0000-1234567"]),
        ("0000-1234567转8", ["0000-1234567-8"]),
        ("无", []),
    ],
)
def test_the_phones_of_a_cell_are_told_apart(cell: Any, numbers: list[str]) -> None:
    assert [phone.number for phone in read_phones(cell)] == numbers


def test_a_word_beside_a_phone_says_whose_it_is() -> None:
    phones = read_phones("爷爷10000000001；10000000002（姑姑）")

    assert [(phone.number, phone.owner) for phone in phones] == [
        ("10000000001", "爷爷"),
        ("10000000002", "姑姑"),
    ]


def test_a_phone_of_unknown_form_is_kept_and_flagged() -> None:
    assert [(phone.number, phone.known_form) for phone in read_phones("1000000001")] == [
        ("1000000001", False)
    ]


@pytest.mark.parametrize(
    ("written", "stage", "grade", "class_name"),
    [
        ("三年级", "2", "P3", ""),
        ("三(2)班", "2", "P3", "2班"),
        ("三（2）班", "2", "P3", "2班"),
        ("301班", "2", "P3", "1班"),
        ("小学五年级", "2", "P5", ""),
        ("初二", "3", "J2", ""),
        ("初中二班", "3", "", ""),
        ("高中1班", "4", "", ""),
        ("初三2班", "3", "J3", "2班"),
        ("八（1）班", "3", "J2", "1班"),
        ("九年级", "3", "J3", ""),
        ("高一", "4", "S1", ""),
        ("中职", "5", "", ""),
        ("大班", "1", "K3", ""),
        ("学前班", "1", "K3", ""),
        ("幼儿园", "1", "", ""),
        ("辍学", "6", "", ""),
        ("未入园", "0", "", ""),
        (3, "2", "P3", ""),
    ],
)
def test_school_years_are_read(written: Any, stage: str, grade: str, class_name: str) -> None:
    found = read_grade(written)

    assert found is not None
    assert (found.stage, found.grade, found.class_name) == (stage, grade, class_name)


@pytest.mark.parametrize(
    ("word", "code", "kind"),
    [
        ("爷爷", "61", "GPP"), ("外婆", "64", "GPM"), ("祖母（奶奶）", "62", "GPP"), ("大伯", "81", "REL"),
        ("母子", "52", "MO"), ("爷孙", "61", "GPP"), ("邻居", "99B", "FRI"), ("姐姐", "75", "SIB"),
    ],
)  # fmt: skip
def test_kinship_words_have_codes(word: str, code: str, kind: str) -> None:
    found = read_relation(word)

    assert found is not None
    assert (found.code, found.carer_kind, found.sure) == (code, kind, True)


def test_a_word_for_the_pair_needs_the_carers_sex() -> None:
    open_word, told = read_relation("祖孙"), read_relation("孙女", "2")

    assert open_word is not None
    assert (open_word.code, open_word.sure) == ("97", False)
    assert told is not None
    assert told.code == "62"


@pytest.mark.parametrize(
    ("cell", "name", "remark"),
    [
        ("谷 小 满", "谷小满", ""),
        ("谷　小满", "谷小满", ""),
        ("安大哥（已故）", "安大哥", "已故"),
        ("阿依·古丽", "阿依·古丽", ""),
        ("阿依・古丽", "阿依·古丽", ""),
        ("无", "", ""),
    ],
)
def test_names_are_tidied_and_their_remarks_kept_apart(cell: str, name: str, remark: str) -> None:
    assert name_of(cell) == (name, remark)


def test_two_names_in_a_cell_are_two() -> None:
    assert [name for name, _ in names_of("谷大叔甲、李大婶乙")] == ["谷大叔甲", "李大婶乙"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1a", "@a", "\ta", "\ra", "＝1", "＋a", "－a", "＠a"]
)
def test_what_a_sheet_takes_for_a_formula_is_recognised(text: str) -> None:
    assert is_injection(text)


@pytest.mark.parametrize("text", ["-", "—", "－", "谷小满", "", None, 5])
def test_a_dash_for_nothing_is_no_formula(text: Any) -> None:
    assert not is_injection(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8.0, "8"),
        (8.5, "8.5"),
        (MARCH_5, "2014-03-05"),
        (True, "是"),
        (None, ""),
        (1e17, "1" + "0" * 17),
    ],
)
def test_values_show_as_a_sheet_shows_them(value: Any, text: str) -> None:
    assert shown(value) == text
