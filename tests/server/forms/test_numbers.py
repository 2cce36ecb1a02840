"""Identity numbers, phones and area codes as people write them."""

import pytest

from server.forms.numbers import (
    id_number_facts,
    id_number_fault,
    is_area_code,
    phone_kind,
    tidy_id_number,
    tidy_phone,
)


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",  # the two samples of the standard
        "440524188001010014",
        "990000201403120016",
        "990000201609050025",
        "990000201211200134",
        "990000201901010047",
    ],
)
def test_a_sound_number_has_no_fault_unless_its_date_is_before_1900(number: str) -> None:
    assert id_number_fault(number) == ("date" if "1880" in number else "")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("990000201403120017", "checksum"),
        ("990000201402300014", "date"),
        ("99000020140312001", "length"),
        ("990000140312001", "length"),
        ("", "length"),
        ("99000020140312001A", "characters"),
        ("9900002014031200X6", "characters"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed: str, fault: str) -> None:
    assert id_number_fault(typed) == fault


def test_a_number_is_read_through_full_width_spaces_and_a_small_x() -> None:
    assert tidy_id_number("１１０１０５ 19491231 002ｘ") == "11010519491231002X"
    assert id_number_fault("１１０１０５ 19491231 002ｘ") == ""


def test_a_number_of_a_withdrawn_area_is_as_good_as_any() -> None:
    assert id_number_facts("110103194912310027") == ("1949-12-31", "2")


def test_a_wrong_number_states_no_facts() -> None:
    assert id_number_facts("990000201403120017") is None


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("13900000000", "mobile"),
        ("139 0000 0000", "mobile"),
        ("139-0000-0000", "mobile"),
        ("+8613900000000", "mobile"),
        ("008613900000000", "mobile"),
        ("１３９００００００００", "mobile"),
        ("12900000000", ""),
        ("1390000000", ""),
        ("0571-88888888", "landline"),
        ("05718888888", "landline"),
        ("(0571)88888888", "landline"),
        ("010-88888888-801", "landline"),
        ("661234", "short"),
        ("12", ""),
        ("10000001234", "demo"),
        ("", ""),
        ("无", ""),
    ],
)
def test_a_phone_is_told_by_its_form(typed: str, kind: str) -> None:
    assert phone_kind(typed) == kind


def test_a_phone_is_kept_in_one_way_of_writing() -> None:
    assert tidy_phone("+86 139-0000-0000") == "13900000000"
    assert tidy_phone("0571-88888888") == "0571-88888888"


@pytest.mark.parametrize(
    ("code", "sound"),
    [
        ("990000101201", True),
        ("330106001001", True),
        ("330106000201", False),
        ("330106700201", False),
        ("330106101600", False),
        ("33010610120", False),
        ("０30106101201", False),
    ],
)
def test_an_area_code_has_a_town_and_a_village(code: str, sound: bool) -> None:
    assert is_area_code(code) is sound
