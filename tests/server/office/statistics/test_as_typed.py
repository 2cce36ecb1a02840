"""What is kept as somebody typed it, odd or half, in the figures: each page answers, and nobody is lost from a sum."""

import pytest

from tests.helpers import Village
from tests.server.office.browser import Browser, words
from tests.server.office.test_printouts import LEFT, a_family

COUNTING = (
    "/office/statistics",
    "/office/statistics/visits",
    "/office/statistics/calls",
    "/office/statistics/lost",
    "/office/statistics/movement?by=month",
    "/office/reports/monthly",
    "/office/reports/annual",
)


@pytest.mark.parametrize("left_since", ["很久以前", "2030-13", "2026", "9999-12", "2026-09-01"])
async def test_a_month_of_leaving_that_is_no_month_keeps_no_figure_from_being_counted(
    office: Browser, sqlite_village: Village, left_since: str
) -> None:
    home, _ = await a_family(sqlite_village)
    await sqlite_village.child(home, name="方立夏", left_since=left_since, **LEFT)

    for page in COUNTING:
        assert (await office.get(page)).status_code == 200, page
    assert "留守儿童 2 =" in words(await office.get("/office/statistics"))
