"""Whatever is uploaded, it compiles or is refused with a sentence; nothing else comes out."""

import io
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from server.forms import FormError
from server.forms.compile import MOST_QUESTIONS, compile_markdown, compile_workbook
from server.forms.upload import compile_upload

SURVEY = [["type", "name", "label"], ["text", "who", "谁"], ["integer", "age", "年龄"]]


def book(survey: list[list[Any]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    sheet = made.create_sheet("survey")
    for row in survey:
        sheet.append(row)
    settings_sheet = made.create_sheet("settings")
    settings_sheet.append(["form_id", "form_title"])
    settings_sheet.append(["own", "自制表"])
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def codes(content: bytes) -> list[tuple[str, int, str, str]]:
    with pytest.raises(FormError) as refusal:
        compile_workbook(content)
    return [(f.sheet, f.row, f.column, f.code) for f in refusal.value.faults]


def test_a_workbook_compiles_in_a_process_of_its_own() -> None:
    compiled = compile_upload(book(SURVEY))

    assert [field["name"] for field in compiled.form["fields"]] == ["who", "age"]
    assert compiled.xform.startswith("<?xml")


def test_the_process_tells_what_is_wrong_and_where() -> None:
    with pytest.raises(FormError) as refusal:
        compile_upload(book([*SURVEY, ["hologram", "x", "X"]]))

    fault = refusal.value.faults[0]
    assert (fault.sheet, fault.row, fault.column, fault.code) == (
        "survey",
        4,
        "type",
        "unknown_type",
    )


def test_a_form_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(FormError, match="took_too_long"):
        compile_upload(book(SURVEY), seconds=0.01)


def test_a_formula_in_a_cell_is_refused_with_its_place() -> None:
    assert codes(book([*SURVEY, ["text", "x", '="a"&"b"']])) == [("survey", 4, "label", "formula")]


def test_too_many_questions_are_refused() -> None:
    rows = [["text", f"q{n}", "问"] for n in range(2_000)]

    assert codes(book([SURVEY[0], *rows])) == [("survey", MOST_QUESTIONS + 2, "", "too_many")]


def test_a_zip_bomb_and_broken_files_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (50 * 1024 * 1024))

    assert codes(stream.getvalue())[0][3] == "too_large"
    for broken in (b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe\0", b"%PDF\0"):
        assert codes(broken)[0][3] in {"broken_file", "not_xlsform"}


WORDS = [
    "",
    "type",
    "name",
    "text",
    "begin_group",
    "end_group",
    "begin_repeat",
    "end_repeat",
    "calculate",
    "a",
    "b",
    "😀",
    "range",
]
CELLS = st.one_of(
    st.sampled_from([*WORDS, "select_one x", "select_one ${a}", "${a} + ${b}"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
)
TABLES = st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6)
HEADER = ["type", "name", "label", "calculation"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, st.booleans())
def test_a_mangled_table_is_compiled_or_refused_and_nothing_else(
    rows: list[list[str]], headed: bool
) -> None:
    table = [HEADER, *rows] if headed else rows
    text = "| survey |\n" + "\n".join(f"| | {' | '.join(row)} |" for row in table)
    try:
        compile_markdown(text)
    except FormError as refusal:
        said = [fault.message.zh and fault.message.en for fault in refusal.faults]
    else:
        return
    assert said
    assert all(said)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=12))
def test_a_mangled_workbook_is_compiled_or_refused_and_nothing_else(at: int, put: bytes) -> None:
    whole = book(SURVEY)
    at %= len(whole)
    try:
        compile_workbook(whole[:at] + put + whole[at + len(put) :])
    except FormError as refusal:
        faults = refusal.faults
    else:
        return
    assert faults
