"""Forms compile to what phones read, or are refused with the cell that is wrong."""

import pytest

from server.forms import FormError, compile_markdown, to_xform

GOOD = """
| settings |
| | form_title | form_id |
| | 走访 | visit |

| survey |
| | type | name | label::中文 (zh) | label::English (en) | required | relevant | calculation | choice_filter |
| | begin_group | meeting | 见面 | Meeting | | ${kind} != '' | | |
| | select_one kind | kind | 类型 | Kind | yes | | | |
| | text | who | 谁 | Who | | ${kind} = '1' | | |
| | select_one part | part | 部分 | Part | | | | whole = ${kind} |
| | calculate | long | | | | | string-length(${who}) | |
| | end_group | | | | | | | |

| choices |
| | list_name | name | label::中文 (zh) | label::English (en) | whole |
| | kind | 1 | 摸底 | Survey | |
| | part | a | 甲 | A | 1 |
"""
LAST = "| | end_group | | | | | | | |\n"


def test_a_form_compiles_to_sections_fields_and_lists() -> None:
    form = compile_markdown(GOOD)

    assert form["name"] == "visit"
    assert [section["label"] for section in form["sections"]] == [{"zh": "见面", "en": "Meeting"}]
    assert [field["name"] for field in form["fields"]] == ["kind", "who", "part", "long"]
    assert form["lists"]["part"] == [
        {"name": "a", "label": {"zh": "甲", "en": "A"}, "extra": {"whole": "1"}}
    ]


def test_a_groups_condition_holds_for_each_of_its_questions() -> None:
    who = compile_markdown(GOOD)["fields"][1]

    shown = ["!=", ["field", "kind"], ""]
    assert who["relevant"] == ["and", shown, ["=", ["field", "kind"], "1"]]


def test_a_choice_filter_reads_the_columns_of_its_list() -> None:
    part = compile_markdown(GOOD)["fields"][2]

    assert part["choice_filter"] == ["=", ["field", "whole"], ["field", "kind"]]


def test_a_form_is_a_standard_form_too() -> None:
    assert to_xform(GOOD).startswith("<?xml")


@pytest.mark.parametrize(
    ("wrong", "row", "column", "code"),
    [
        (GOOD.replace("${kind} = '1'", "foo(${kind})"), 4, "relevant", "unknown_function"),
        (GOOD.replace("${kind} = '1'", "position(${kind})"), 4, "relevant", "bad_expression"),
        (GOOD.replace("${kind} = '1'", "../kind = 1"), 4, "relevant", "no_paths"),
        (GOOD.replace("${kind} = '1'", "kind = 1"), 4, "relevant", "no_paths"),
        (GOOD.replace("${kind} = '1'", "${kind} = = 1"), 4, "relevant", "bad_expression"),
        (GOOD.replace("${kind} = '1'", "${kind} = '1"), 4, "relevant", "bad_expression"),
        (GOOD.replace("${kind} = '1'", "substr(${kind})"), 4, "relevant", "bad_expression"),
        (
            GOOD.replace("${kind} = '1'", "not(" * 99 + "1" + ")" * 99),
            4,
            "relevant",
            "bad_expression",
        ),
        (GOOD.replace("${kind} = '1'", "${knd} = '1'"), 4, "relevant", "unknown_field"),
        (GOOD.replace("${kind} = '1'", "regex(., '(a+)+')"), 4, "relevant", "bad_regex"),
        (GOOD.replace("${kind} = '1'", "regex(., '\\s')"), 4, "relevant", "bad_regex"),
        (GOOD.replace("${kind} = '1'", "regex(., ${kind})"), 4, "relevant", "bad_regex"),
        (GOOD.replace("string-length(${who})", "${long} + 1"), 6, "calculation", "circular"),
        (GOOD.replace("whole = ", "part = "), 5, "choice_filter", "no_paths"),
        (GOOD.replace("| | text |", "| | hologram |"), 4, "type", "unknown_type"),
        (GOOD.replace("| | text |", "| | geopoint |"), 4, "type", "geopoint_off"),
        (GOOD.replace("select_one kind", "select_one none"), 3, "type", "missing_list"),
        (GOOD.replace("| who |", "| 😀 |").replace("${who}", "'x'"), 4, "name", "bad_name"),
        (GOOD.replace("| who |", "| |").replace("${who}", "'x'"), 4, "name", "missing_name"),
        (GOOD.replace("| part | 部", "| who | 部"), 5, "name", "duplicate_name"),
        (GOOD.replace(LAST, ""), 2, "type", "unmatched"),
        ("no table at all", 0, "", "not_xlsform"),
    ],
)
def test_a_bad_form_is_refused_with_row_and_column(
    wrong: str, row: int, column: str, code: str
) -> None:
    with pytest.raises(FormError) as refusal:
        compile_markdown(wrong)

    fault = refusal.value.faults[0]
    assert (fault.row, fault.column, fault.code) == (row, column, code)
    assert fault.message.zh
    assert fault.message.en


def test_a_form_of_two_thousand_questions_is_refused_where_it_grows_too_long() -> None:
    rows = "".join(f"| | text | q{n} | 问 | Q | | | | |\n" for n in range(2_000))

    with pytest.raises(FormError) as refused:
        compile_markdown(GOOD.replace(LAST, rows + LAST))

    [fault] = refused.value.faults
    assert (fault.sheet, fault.row, fault.code) == ("survey", 502, "too_many")
    assert "500" in fault.message.zh


def test_a_name_used_twice_in_different_groups_is_refused() -> None:
    again = f"{LAST}| | begin_group | b | 乙 | B | | | | |\n| | date | part | 日 | Day | | | | |\n{LAST}"

    with pytest.raises(FormError) as refusal:
        compile_markdown(GOOD.replace(LAST, again))

    assert [fault.code for fault in refusal.value.faults] == ["duplicate_name"]


def test_every_fault_is_told_at_once() -> None:
    wrong = GOOD.replace("${kind} = '1'", "foo(1)").replace("string-length(${who})", "bar(2)")

    with pytest.raises(FormError) as refusal:
        compile_markdown(wrong)

    assert [(fault.row, fault.column) for fault in refusal.value.faults] == [
        (4, "relevant"),
        (6, "calculation"),
    ]


def test_a_refusal_names_what_to_use_instead() -> None:
    with pytest.raises(FormError, match="Use join"):
        compile_markdown(GOOD.replace("${kind} = '1'", "string-join(' ', ${kind})"))
