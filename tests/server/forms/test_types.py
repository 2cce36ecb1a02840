"""Every question type of XLSForm we know compiles, and repeats hold their questions."""

from typing import Any

import pytest

from server.forms import FormError
from server.forms.compile import Setting, compile_markdown, to_xform

FORM = """
| settings |
| | form_title | form_id |
| | 家庭名册 | roster |
| survey |
| | type | name | label::中文 (zh) | label::English (en) | relevant | choice_filter | calculation | repeat_count | parameters | constraint |
| | integer | people | 人数 | People | | | | | | |
| | begin_group | home | 家 | Home | ${people} > 0 | | | | | |
| | begin_repeat | members | 成员 | Members | | | | ${people} | | |
| | text | called | 称呼 | Called | | | | | | string-length(.) < 9 |
| | integer | years | 年龄 | Years | position(..) > 1 | | | | | |
| | select_one tie or_other | tie | 关系 | Tie | | | | | | |
| | end_repeat | | | | | | | | | |
| | end_group | | | | | | | | | |
| | calculate | oldest | | | | | max(${years}) | | | |
| | calculate | many | | | | | count(${members}) | | | |
| | range | mood | 心情 | Mood | | | | | start=1 end=5 step=0.5 | |
| | select_one_from_file child.csv | who | 哪个孩子 | Which child | | sex = '1' | | | | |
| | dateTime | at | 时刻 | Moment | | | | | | |
| | image | photo | 照片 | Photo | | | | | | |
| | audio | voice | 录音 | Voice | | | | | | |
| | barcode | tag | 条码 | Tag | | | | | | |
| | geopoint | place | 位置 | Place | | | | | | |
| | acknowledge | read | 已读 | Read | | | | | | |
| | start | began | | | | | | | | |
| choices |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | tie | 1 | 父母 | Parent |
"""
SETTING = Setting({"child": {"name", "sex"}}, geopoint=True)


def fields() -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in compile_markdown(FORM, SETTING)["fields"]}


def test_every_type_is_known() -> None:
    found = {name: field["type"] for name, field in fields().items()}

    assert found == {
        "people": "integer",
        "members": "repeat",
        "oldest": "calculate",
        "many": "calculate",
        "mood": "range",
        "who": "ref",
        "at": "datetime",
        "photo": "image",
        "voice": "audio",
        "tag": "barcode",
        "place": "geopoint",
        "read": "acknowledge",
        "began": "calculate",
    }


def test_a_repeat_is_one_field_with_its_questions() -> None:
    members = fields()["members"]

    assert members["section"] == "home"
    assert members["count"] == ["field", "people"]
    assert members["relevant"] == [">", ["field", "people"], 0]
    assert [each["name"] for each in members["fields"]] == ["called", "years", "tie", "tie_other"]
    assert members["fields"][1]["relevant"] == [">", ["position"], 1]
    assert fields()["oldest"]["calculation"] == ["max", ["field", "years"]]


def test_other_can_be_said_in_words() -> None:
    form = compile_markdown(FORM, SETTING)
    other = fields()["members"]["fields"][3]

    assert other["relevant"] == ["selected", ["field", "tie"], "other"]
    assert form["lists"]["tie"][-1]["label"] == {"zh": "其他", "en": "Other"}


def test_a_range_and_a_record_say_where_they_may_go() -> None:
    assert fields()["mood"]["range"] == {"start": 1, "end": 5, "step": 0.5}
    assert fields()["who"]["ref"] == "child"
    assert fields()["who"]["choice_filter"] == ["=", ["field", "sex"], "1"]


def test_a_question_outside_groups_is_a_section_of_its_own() -> None:
    form = compile_markdown(FORM, SETTING)

    sections = [section["name"] for section in form["sections"]]
    asked = {field["section"] for field in form["fields"]} - {""}
    assert set(sections) == asked
    assert sections[:3] == ["people", "home", "mood"]


def test_it_is_a_standard_form_too() -> None:
    assert "<repeat " in to_xform(FORM)


@pytest.mark.parametrize(
    ("was", "becomes", "column", "code"),
    [
        ("child.csv", "cow.csv", "type", "unknown_record"),
        ("start=1", "start=x", "parameters", "bad_range"),
        ("step=0.5", "step=0", "parameters", "bad_range"),
        ("max(${years})", "pulldata('child', 'iq', 'id', ${who})", "calculation", "unknown_field"),
        ("max(${years})", "pulldata('cow', 'n', 'id', ${who})", "calculation", "unknown_record"),
        ("max(${years})", "pulldata('child', 'sex', 'n', 1)", "calculation", "bad_expression"),
        ("| ${people} | | |", "| ${oldest} | | |", "calculation", "circular"),
        (
            "| | end_repeat |",
            "| | begin_repeat | deep | 深 | Deep | | | | | | |\n| | text | x | 字 | X | | | | | | |\n"
            "| | end_repeat | | | | | | | | | |\n| | end_repeat |",
            "type",
            "nested_repeat",
        ),
    ],
)
def test_what_cannot_be_is_refused(was: str, becomes: str, column: str, code: str) -> None:
    with pytest.raises(FormError) as refusal:
        compile_markdown(FORM.replace(was, becomes, 1), SETTING)

    fault = refusal.value.faults[0]
    assert (fault.column, fault.code) == (column, code)
    assert fault.row > 1
