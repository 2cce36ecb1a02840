"""Reports of a village as small as one family: what the letter gives away, and sums that must not lose anybody."""

from server.office.pages import today
from server.office.statistics.slots import add_days
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, words
from tests.server.office.test_printouts import a_family

EARLY = "since=2026-09-01"


async def test_the_letter_home_says_nothing_of_a_talk_that_was_to_stay_private(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    talk = {"household_id": home, "child_id": child, "party": "CHI"}
    await sqlite_village.commit(
        create(uuid7(), "talk", occurred_on="2026-09-01", mood="B", **talk),
        create(uuid7(), "talk", occurred_on="2026-09-08", mood="C", private="Y", **talk),
    )

    letter = words(await office.get(f"/office/reports/letter?{EARLY}"))

    assert "近来情绪：一般" in letter
    assert "需要多关心" not in letter


async def test_the_letter_home_names_who_holds_the_office_today(
    office: Browser, sqlite_village: Village
) -> None:
    await a_family(sqlite_village)
    office_held = {"unit": "测试村", "role": "DIR", "from_on": "2026-01-01"}
    await sqlite_village.commit(
        create(uuid7(), "org_role", name="石村官甲", phone="10000000101", to_on="2026-06-30", **office_held),
        create(uuid7(), "org_role", name="方村官乙", phone="10000000102", **office_held),
    )  # fmt: skip

    letter = words(await office.get(f"/office/reports/letter?{EARLY}"))

    assert "联系人：方村官乙 10000000102" in letter
    assert "石村官甲" not in letter


async def test_the_letter_home_invites_to_no_meeting_that_was_called_off(
    office: Browser, sqlite_village: Village
) -> None:
    await a_family(sqlite_village)
    off, on = add_days(today(), 10), add_days(today(), 20)
    await sqlite_village.commit(
        create(uuid7(), "task", title="家长会", due_on=off, state="CANCEL"),
        create(uuid7(), "task", title="家长会", due_on=on, state="TODO"),
    )

    letter = words(await office.get("/office/reports/letter"))

    assert f"下次家长会：{on}" in letter
    assert off not in letter
