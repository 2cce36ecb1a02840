"""Figures: rounding, what there is to divide by, and tables that do not add up."""

import pytest

from server.office.statistics.marks import Figure, Mark, Measure, every, hits, table, yuan
from server.office.statistics.matrix import Check, Matrix
from server.office.statistics.slots import months, periods, weeks


@pytest.mark.parametrize(
    ("n", "d", "text"),
    [
        (185, 721, "25.7%"),
        (98, 303, "32.3%"),
        (1, 8, "12.5%"),
        (1, 2000, "0.1%"),
        (0, 0, "—"),
        (0, 5, "0.0%"),
    ],
)
def test_rates_have_one_decimal_half_up_and_nothing_by_nothing_is_a_dash(
    n: int, d: int, text: str
) -> None:
    assert Figure(n, d, "rate").text == text


@pytest.mark.parametrize(
    ("fen", "text"), [(1_220_000, "12,200"), (1_05, "1.05"), (0, "0"), (-1_50, "-1.50")]
)
def test_money_is_kept_in_fen_and_shown_in_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text


def test_the_unknown_is_a_line_of_its_own_even_when_empty() -> None:
    marks = [Mark("a", "a", groups={"sex": "1"}), Mark("b", "b", hit=False)]

    made = table((Measure("rate", "", "rate", hits, of=every),), marks, "sex", ("1", "2"))

    assert [(line.value, line.figures["rate"].parts) for line in made.lines] == [
        ("1", "1/1"), ("2", "0/0"), ("UNK", "0/1"),
    ]  # fmt: skip
    assert made.faults == []


def test_a_person_in_two_groups_is_one_person_in_all() -> None:
    marks = [Mark("e1", "a", groups={"kind": "1"}), Mark("e2", "a", groups={"kind": "2"})]

    made = table((Measure("persons", "", by="persons"),), marks, "kind")

    assert made.total.figures["persons"].n == 1
    assert [line.figures["persons"].n for line in made.lines] == [1, 1, 0]
    assert made.faults == []


def test_a_check_whose_parts_miss_somebody_makes_the_table_a_draft() -> None:
    whole = Check("sex", [("1", 33), ("2", 27)], 60)
    short = Check("age", [("0-5", 13), ("6-13", 40)], 60)

    assert Matrix([], [], [whole]).is_final
    assert not Matrix([], [], [whole, short]).is_final


def test_only_weeks_and_months_that_have_ended_count() -> None:
    assert [it.name for it in weeks("2026-09-01", "2026-09-20")] == ["2026-W37", "2026-W38"]
    assert [it.name for it in months("2026-08-15", "2026-10-30")] == ["2026-08", "2026-09"]


def test_while_no_month_has_ended_the_running_one_stands_for_all() -> None:
    [only] = months("2026-11-01", "2026-11-22")

    assert (only.first, only.last) == ("2026-11-01", "2026-11-22")


def test_a_period_is_due_when_it_has_ended() -> None:
    found = [it.last for it in periods("2026-08-01", 30, "2026-09-01", "2026-10-20")]

    assert found == ["2026-09-30"]
