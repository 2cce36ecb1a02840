"""Answers are checked, and none of the findings is more than a warning."""

from typing import Any

import pytest

from server.forms import Context, Finding, compile_markdown, validate

FORM = compile_markdown(
    """
| settings |
| | form_title | form_id |
| | 表 | form |

| survey |
| | type | name | label::中文 (zh) | label::English (en) | required | relevant | constraint | constraint_message::中文 (zh) | constraint_message::English (en) | appearance | bind::zf:kind |
| | text | name | 姓名 | Name | yes | | string-length(.) >= 2 | 太短 | Too short | | |
| | select_one sex | sex | 性别 | Sex | | | | | | | |
| | select_multiple met | met | 见到 | Met | | | | | | | |
| | integer | people | 人口 | People | | | . <= 20 | | | | |
| | decimal | km | 公里 | Kilometres | | | | | | | |
| | date | birth_date | 出生 | Birth | | | . <= today() | 未到 | In the future | | |
| | date | since | 起始 | Since | | | | | | month-year | |
| | time | at | 时间 | Time | | | | | | | |
| | text | why | 原因 | Why | ${sex} = '1' | ${name} != '' | | | | | |
| | text | id_number | 号码 | Number | | | | | | id-number | |
| | text | phones | 电话 | Phones | | | | | | phones | list |
| | text | phone | 电话 | Phone | | | | | | phone | |
| | text | grid_code | 网格 | Grid | | | | | | grid | |

| choices |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | sex | 1 | 男 | Male |
| | sex | 2 | 女 | Female |
| | met | C | 儿童 | Child |
"""
)
CONTEXT = Context({}, "2024-09-01")


def found(demo: bool = False, **values: Any) -> list[tuple[str, str]]:
    answers = {"name": "谷小满", **values}
    return [(each.field, each.code) for each in validate(FORM, answers, CONTEXT, demo=demo)]


def test_nothing_is_said_of_sound_answers() -> None:
    sound: dict[str, Any] = {
        "sex": "2",
        "met": ["C"],
        "people": 5,
        "km": "2.5",
        "birth_date": "1949-12-31",
        "since": "2024-02",
        "at": "08:30",
        "id_number": "11010519491231002X",
        "phones": {"k3f9": {"number": "13900000000"}},
        "grid_code": "99000010120101",
    }

    assert found(**sound) == []


def test_a_required_answer_is_asked_for_only_where_it_applies() -> None:
    assert found(name="", sex="1") == [("name", "required")]
    assert found(sex="1") == [("why", "required")]
    assert found(sex="2") == []


def test_a_finding_speaks_both_languages() -> None:
    assert validate(FORM, {}, CONTEXT) == [
        Finding("name", "required", validate(FORM, {}, CONTEXT)[0].message)
    ]
    message = validate(FORM, {"name": "谷"}, CONTEXT)[0].message
    assert (message.zh, message.en) == ("太短", "Too short")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "谷", "constraint"),
        ("sex", "3", "choice"),
        ("met", ["C", "X"], "choice"),
        ("met", "C", "type"),
        ("people", 21, "constraint"),
        ("people", "五", "type"),
        ("people", 2.5, "type"),
        ("people", True, "type"),
        ("km", "远", "type"),
        ("birth_date", "2024-09-02", "constraint"),
        ("birth_date", "2023-02-29", "type"),
        ("birth_date", "2014.3", "type"),
        ("since", "2024-13", "type"),
        ("at", "25:00", "type"),
        ("why", "好" * 4001, "too_long"),
        ("id_number", "990000201403120017", "id_number"),
        ("id_number", "12345", "id_number"),
        ("phones", "13900000000", "type"),
        ("phones", {"a": {"number": "abc"}}, "phone"),
        ("phones", {"a": {"number": "661234"}}, "phone_short"),
        ("phones", {"a": {"number": "10000001234"}}, "phone"),
        ("phone", "12345678901", "phone"),
        ("grid_code", "9900001012", "area"),
    ],
)
def test_an_odd_answer_is_found(field: str, value: Any, code: str) -> None:
    assert found(**{field: value}) == [(field, code)]


def test_an_identity_number_that_contradicts_birth_and_sex_is_found() -> None:
    codes = found(id_number="11010519491231002X", birth_date="1950-01-01", sex="1", why="x")

    assert codes == [("id_number", "id_birth"), ("id_number", "id_sex")]


def test_demo_numbers_are_fine_in_a_demo_village_only() -> None:
    assert found(id_number="990000201403120016") == [("id_number", "id_demo")]
    assert found(demo=True, id_number="990000201403120016") == []
    assert found(demo=True, phone="10000001234") == []


def test_a_constraint_is_not_asked_of_an_empty_answer() -> None:
    assert found(people="", birth_date=None) == []


def test_braces_in_an_answer_do_no_harm() -> None:
    (finding,) = validate(FORM, {"name": "谷小满", "sex": "{0}"}, CONTEXT)

    assert finding.message.zh == "“{0}”不在选项中"
