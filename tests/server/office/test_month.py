"""The month, its tasks and activities; a year's plan begun from a template and taken back."""

import re

from server.office.month import last_day
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, assert_refused, words


async def tasks(village: Village) -> list[tuple[str, str, str]]:
    rows = await village.registry.rows(village.code, "task")
    return sorted((row.fields["due_on"], row.fields["title"], row.fields["state"]) for row in rows)


async def test_a_month_shows_festivals_tasks_activities_and_birthdays(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household()
    await village.child(home, name="石惊蛰", birth_date="2017-02-11", ward_status="A")
    await village.commit(
        create(uuid7(), "task", title="贴春联", due_on="2027-02-05", state="TODO"),
        create(uuid7(), "activity", title="猜灯谜", activity_kind="01", occurred_on="2027-02-20"),
    )

    shown = words(await office.get("/office/month?month=2027-02"))

    for said in ("周一 周二", "春节", "元宵节", "春季开学", "贴春联", "猜灯谜", "生日 石惊蛰"):
        assert said in shown


async def test_a_month_that_is_none_is_this_month(office: Browser) -> None:
    for month in ("2026-13", "x", "1999-01", "2026-1", "20２６-01", "2026-０1"):
        assert (await office.get(f"/office/month?month={month}")).status_code == 200


async def test_a_years_plan_is_looked_over_made_once_and_taken_back(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    looked = words(await office.get("/office/plans/village?year=2027"))
    assert "排上这 14 项" in looked
    assert await tasks(village) == []

    made = await office.post("/office/plans/village", {"year": "2027"})
    assert "排好了 14 项任务" in words(made)
    found = await tasks(village)
    assert len(found) == 14
    assert found[0][0] == "2027-08-31"
    assert {state for _, _, state in found} == {"TODO"}
    again = await office.post("/office/plans/village", {"year": "2027"})
    assert "都已经有了" in words(again)
    assert len(await tasks(village)) == 14

    picked = re.findall(r'name="task" value="([^"]+)"', made.text)
    row = (await village.registry.rows(village.code, "task"))[0]
    await office.post(f"/office/tasks/{row.id}/state", {"state": "DONE", "base": str(row.rev)})
    await office.post("/office/plans/undo", {"task": picked})
    assert [state for _, _, state in await tasks(village)] == ["DONE"]


async def test_a_task_is_done_called_off_and_to_be_done_again(
    office: Browser, sqlite_village: Village
) -> None:
    village, task = sqlite_village, uuid7()
    await village.commit(
        create(task, "task", title="写总结", due_on="2026-01-31", state="TODO", source="CAL")
    )
    assert "过期未完成 1" in words(await office.get("/office/month?month=2026-01"))

    for state in ("DONE", "TODO", "CANCEL"):
        row = await village.registry.row(village.code, task)
        assert row is not None
        await office.post(f"/office/tasks/{task}/state", {"state": state, "base": str(row.rev)})
        row = await village.registry.row(village.code, task)
        assert row is not None
        assert row.fields["state"] == state
    await office.post(f"/office/tasks/{task}/state", {"state": "WISHED", "base": "9"})

    assert await tasks(village) == [("2026-01-31", "写总结", "CANCEL")]
    assert "过期未完成" not in words(await office.get("/office/month?month=2026-01"))


async def test_the_lists_of_two_phones_are_one_list_and_a_child_counts_once(
    office: Browser, sqlite_village: Village
) -> None:
    village, home = sqlite_village, await sqlite_village.household()
    children = [
        await village.child(home, name=name, photo_consent=consent)
        for name, consent in (("安白露", "Y"), ("石惊蛰", "N"), ("方立夏", "Y"))
    ]
    activity = uuid7()
    await village.commit(
        create(activity, "activity", title="手工课", activity_kind="01", occurred_on="2026-11-10")
    )
    for signed in (children[:2], children[1:]):
        for child in signed:
            await village.commit(
                create(uuid7(), "attendance", household_id=home, person_id=child,
                       activity_id=activity, occurred_on="2026-11-10"),
            )  # fmt: skip

    sheet = words(await office.get(f"/office/activities/{activity}"))

    assert "签到 3 人" in sheet
    assert sheet.count("石惊蛰") == 1
    assert sheet.count("不拍照") == 1
    assert "石惊蛰 不拍照" in sheet


async def test_an_activity_that_was_corrected_is_listed_once(
    office: Browser, sqlite_village: Village
) -> None:
    village, first = sqlite_village, uuid7()
    said = {"activity_kind": "01", "occurred_on": "2026-11-10"}
    await village.commit(create(first, "activity", title="手工课", **said))
    await village.commit(create(uuid7(), "activity", title="剪纸课", corrects_id=first, **said))

    shown = words(await office.get("/office/month?month=2026-11"))

    assert "剪纸课" in shown
    assert "手工课" not in shown


async def test_a_record_of_another_type_has_no_sheet_of_an_activity(
    office: Browser, sqlite_village: Village
) -> None:
    child = await sqlite_village.child(await sqlite_village.household())

    assert_refused(await office.get(f"/office/activities/{child}"), 404, "no_record")


async def test_a_plan_that_is_none_is_not_there(office: Browser) -> None:
    assert_refused(await office.get("/office/plans/dreams"), 404, "not_found")


def test_the_last_day_of_a_month_knows_leap_years() -> None:
    assert last_day(2028, 2) == "2028-02-29"
    assert last_day(2027, 2) == "2027-02-28"
