"""What is kept as somebody typed it, odd or half, in the figures: each page answers, and nobody is lost from a sum."""

import pytest

from server.office.pages import today
from server.office.statistics.slots import add_days
from server.registry import uuid7
from tests.helpers import Village, create
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


async def test_a_survey_that_was_corrected_checks_no_phone_and_was_nobodys_work(
    office: Browser, sqlite_village: Village
) -> None:
    home, _ = await a_family(sqlite_village)
    met, typed = uuid7(), {"household_id": home, "typed_by": "村办公室"}
    await sqlite_village.commit(
        create(met, "survey", occurred_on=today(), result="V", recorded_by="石调查员甲", **typed),
        create(uuid7(), "survey", occurred_on=add_days(today(), -1), result="N", recorded_by="方调查员乙",
               corrects_id=met, **typed),
    )  # fmt: skip

    cards = words(await office.get("/office/statistics/cards"))
    surveyors = words(await office.get("/office/statistics/survey?by=surveyor"))

    assert "合计 0.0% 0/1" in cards
    assert "方调查员乙 0.0% 0/1" in surveyors
    assert "石调查员甲" not in surveyors
