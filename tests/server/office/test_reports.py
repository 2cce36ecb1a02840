"""Reports of a village as small as one family: what the letter gives away, and sums that must not lose anybody."""

from server.office.pages import today
from server.office.statistics.slots import add_days
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, words
from tests.server.office.test_printouts import LEFT, a_family

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


async def test_a_parent_of_two_who_comes_home_is_one_parent(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    second = await sqlite_village.child(home, name="石夏至", **LEFT)
    father = uuid7()
    away = {
        "parent_id": father,
        "relation": "51",
        "away": "A",
        "next_home_on": add_days(today(), 9),
    }
    await sqlite_village.commit(
        create(father, "person", household_id=home, name="石大叔丙"),
        create(uuid7(), "parent_link", child_id=child, **away),
        create(uuid7(), "parent_link", child_id=second, **away),
    )

    assert "预计返乡的家长1名" in words(await office.get("/office/reports/monthly"))


async def test_a_request_of_last_month_that_is_still_open_is_not_forgotten_by_this_month(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    old, done = uuid7(), uuid7()
    asked = {"household_id": home, "child_id": child, "request_kind": "2", "urgency": "USUAL"}
    await sqlite_village.commit(
        create(old, "help_request", occurred_on="2026-09-25", **asked),
        create(done, "help_request", occurred_on="2026-09-26", **asked),
        create(uuid7(), "help_step", help_request_id=done, child_id=child, state="CLOSED", occurred_on="2026-10-02"),
        create(uuid7(), "help_request", occurred_on="2026-10-30", **asked),
    )  # fmt: skip

    def month(first: str, last: str) -> str:
        return f"/office/reports/monthly?since={first}&on={last}"

    october = words(await office.get(month("2026-10-01", "2026-10-31")))

    assert "新增1件，办结1件，还有2件没有办结，其中超过7天的1件" in october


async def test_the_helpers_and_the_children_of_the_summary_add_up_with_those_of_no_usual_kind(
    office: Browser, sqlite_village: Village
) -> None:
    home, _ = await a_family(sqlite_village)
    await sqlite_village.child(home, name="石夏至", sex="1", **LEFT)
    await sqlite_village.commit(
        *(create(uuid7(), "helper", name="方老师甲", helper_kind=kind, active="Y") for kind in "TDGK"),
        create(uuid7(), "org_role", unit="测试村", role="HEAD", name="方书记甲"),
        create(uuid7(), "org_role", unit="测试村", role="DIR", name="方书记甲"),
        create(uuid7(), "org_role", unit="测试村", role="MEM", name="石会计乙", from_on="2999-01-01"),
    )  # fmt: skip

    summary = words(await office.get("/office/reports/annual"))

    assert "男1女0、性别未了解1" in summary
    assert "帮扶人3名（教师1、村干部党员0、爱心妈妈0、志愿者0、其他2）" in summary
    assert "领导小组1人" in summary
