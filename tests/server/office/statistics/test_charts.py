"""Charts: what is drawn, and what is written at it."""

import re

import pytest

from server.office.statistics.charts import HIGH, LABEL, VALUE, WIDTH, Bar, bars, columns


@pytest.mark.parametrize(
    ("label", "under"),
    [("2026-09", "09"), ("2026-W47", "W47"), ("未了解", "未了解"), ("Unknown", "Unknown")],
)
def test_a_column_says_its_month_its_week_or_that_nobody_knows(label: str, under: str) -> None:
    drawn = columns("走访", [Bar(label, 3, 4, "75.0%")])

    assert re.findall(r'class="chart-top">([^<]*)<', drawn) == ["3", under]


def test_a_share_above_the_whole_stays_inside_its_chart() -> None:
    line = Bar("监护人", 30, 10, "300.0%")

    lying, standing = bars("培训", [line]), columns("培训", [line])

    assert max(map(int, re.findall(r'<rect [^>]*width="(\d+)"', lying))) == WIDTH - LABEL - VALUE
    assert max(map(int, re.findall(r'<rect [^>]*height="(\d+)"', standing))) == HIGH
