"""Who looks like whom: the rules of the village, pair by pair."""

from typing import Any

import pytest

from server.likeness.compare import MEDIUM, STRONG, compare
from server.likeness.features import Features, kept_keys, of_household, of_person, sought_keys

GRID = {"grid_code": "99000010120101"}
OTHER_GRID = {"grid_code": "99000010120102"}
CARER = ("c1", {"phones": {"a": {"number": "1000000 0001"}}})


def child(
    name: str, birth: str = "", *, home: dict[str, str] = GRID, carer: Any = None, **fields: str
) -> Features:
    said = {"name": name, "birth_date": birth, "household_id": "h" + home["grid_code"], **fields}
    return of_person(said, home, [carer] if carer else [])


def codes(a: Features, b: Features) -> tuple[int, set[str], set[str]]:
    """(score, reasons for, reasons against); what the keys never bring together is not alike."""
    if not kept_keys("child", a) & sought_keys("child", b):
        return 0, set(), set()
    score, reasons = compare("child", a, b)
    return (
        score,
        {it.code for it in reasons if not it.against},
        {it.code for it in reasons if it.against},
    )


def test_one_identity_number_is_one_child_whatever_else_differs() -> None:
    number = "990000201403050011"
    score, why, _ = codes(
        child("谷小满", "2014-03-05", id_number=number),
        child("顾晓曼", "2015-01-01", home=OTHER_GRID, id_number=number),
    )
    assert (score, why) == (100, {"number"})


def test_an_unsound_number_is_no_key() -> None:
    number = "990000201403050010"
    assert codes(child("谷小满", id_number=number), child("安白露", id_number=number))[0] == 0


@pytest.mark.parametrize(
    ("first", "second"), [("谷梓涵", "谷子涵"), ("李雨轩", "黎雨萱"), ("石文轩", "石文萱")]
)
def test_variant_characters_of_one_birth_are_strong(first: str, second: str) -> None:
    score, why, _ = codes(child(first, "2014-03-05"), child(second, "2014-03-05", home=OTHER_GRID))
    assert score >= STRONG
    assert why == {"variant", "birth_day"}


def test_name_and_birth_across_grids_are_strong() -> None:
    score, why, _ = codes(
        child("谷小满", "2014-03-05"), child("谷小满", "2014-03-05", home=OTHER_GRID)
    )
    assert score >= STRONG
    assert why == {"name", "birth_day"}


@pytest.mark.parametrize(("days", "birth"), [(20, "2014-03-25"), (50, "2014-04-24")])
def test_a_lunar_date_explains_twenty_to_fifty_days(days: int, birth: str) -> None:
    a, b = child("谷梓涵", "2014-03-05", birth_lunar="Y"), child("谷子涵", birth)
    score, why, _ = codes(a, b)
    assert score >= STRONG
    assert "birth_lunar" in why
    said = [it.said for it in compare("child", a, b)[1] if it.code == "birth_lunar"]
    assert said == [str(days)]


@pytest.mark.parametrize("birth", ["2014-04-25", "2014-05-24", "2015-03-05"])
def test_more_days_than_a_lunar_date_explains_are_another_child(birth: str) -> None:
    assert codes(child("谷小满", "2014-03-05"), child("谷小满", birth))[0] < MEDIUM


def test_a_lunar_date_lies_before_the_solar_one() -> None:
    solar, lunar = child("谷小满", "2014-03-05"), child("谷小满", "2014-04-10", birth_lunar="Y")
    assert "birth_lunar" not in codes(solar, lunar)[1]


def test_one_sound_month_and_grid_are_medium() -> None:
    score, why, _ = codes(child("谷小满", "2014-03-05"), child("谷晓曼", "2014-03-19"))
    assert MEDIUM <= score < STRONG
    assert {"variant", "birth_month", "same_house"} == why
    assert (
        codes(child("谷小满", "2014-03-05"), child("谷晓曼", "2014-03-19", home=OTHER_GRID))[0] == 0
    )


def test_a_carers_phone_and_a_first_name_are_medium_even_with_another_surname() -> None:
    score, why, _ = codes(
        child("谷小满", "2014-03-05", carer=CARER),
        child("安晓曼", "", home=OTHER_GRID, carer=("c2", CARER[1])),
    )
    assert MEDIUM <= score < STRONG
    assert {"carer_phone", "first_name"} <= why


def test_another_sex_and_another_number_speak_against() -> None:
    a = child("谷小满", "2014-03-05", sex="1", id_number="990000201403050011")
    b = child("谷小满", "2014-03-05", sex="2", id_number="99000020140305002X")
    score, _, against = codes(a, b)
    assert against == {"sex", "number"}
    assert score < MEDIUM


def test_twins_are_said_to_be_perhaps_twins() -> None:
    _, _, against = codes(child("谷子轩", "2014-03-05"), child("谷梓萱", "2014-03-05"))
    assert "twins" in against


def test_siblings_and_strangers_are_not_alike() -> None:
    assert codes(child("谷小满", "2014-03-05"), child("谷立夏", "2016-07-01"))[0] == 0
    assert codes(child("谷小满", "2014-03-05"), child("方秋分", "2014-03-05"))[0] < MEDIUM


def test_households_of_one_head_and_one_address_with_the_same_people() -> None:
    home = {"head_name": "谷大叔甲", "address": "上坪组 12号", **GRID}
    a = of_household(home, [{"name": "谷小满"}])
    b = of_household({**home, "address": "上坪组12号"}, [{"name": "谷小满"}])
    score, reasons = compare("household", a, b)
    assert score >= STRONG
    assert [it.code for it in reasons] == ["head_name", "address", "members"]
    other = of_household({"head_name": "安大叔甲", "address": "上坪组9号", **GRID}, [])
    assert compare("household", a, other)[0] < MEDIUM


def test_helpers_of_one_name_and_phone() -> None:
    phones = {"phones": {"a": {"number": "10000000009"}}}
    a = of_person({"name": "安老师甲", "unit": "中心学校", **phones}, None)
    b = of_person({"name": "安老师甲", "unit": "禾溪镇中心学校", **phones}, None)
    score, reasons = compare("helper", a, b)
    assert score >= 74
    assert {it.code for it in reasons if not it.against} == {"name", "own_phone"}
