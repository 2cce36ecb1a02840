"""Groups, books lent, booked calls and money: from the lists, the file of a child, and the page of each."""

import asyncio
from typing import Any

from server.office.pages import today
from server.office.statistics.slots import add_days
from server.registry import Row, uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, assert_refused, words

LEFT_BEHIND = {"left_behind_fact": "B", "ward_status": "A", "birth_date": "2017-02-11"}


async def rows(village: Village, type_name: str) -> list[Row]:
    return list(await village.registry.rows(village.code, type_name))


async def child_of(village: Village, name: str) -> str:
    return await village.child(await village.household(), name=name, **LEFT_BEHIND)


async def made(village: Village, type_name: str, **fields: Any) -> str:
    id = uuid7()
    await village.commit(create(id, type_name, **fields))
    return id


# Groups


async def test_children_join_a_group_at_once_and_the_file_of_each_says_so(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    one, two = [await child_of(village, name) for name in ("石惊蛰", "安白露")]
    group = await made(village, "child_group", name="晨读小组", kind="STUDY", meets="周三下午")
    await office.get(f"/office/records/{group}")

    for picked in ([one, two], [two]):  # who is in already does not join twice
        await office.post(f"/office/groups/{group}/join", {"pick": picked})

    assert len(await rows(village, "group_member")) == 2
    assert "组员 2" in words(await office.get(f"/office/records/{group}"))
    assert "晨读小组 组员 · 周三下午" in words(await office.get(f"/office/records/{one}"))
    assert "晨读小组 合作学习小组" in words(await office.get("/office/lists/groups"))


async def test_who_leaves_a_group_is_remembered_unless_it_was_a_slip(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child, slip = [await child_of(village, name) for name in ("石惊蛰", "安白露")]
    group = await made(village, "child_group", name="书画小组", kind="INTEREST")
    for who, since in ((child, "2026-09-01"), (slip, today())):
        await made(village, "group_member", child_id=who, group_id=group, from_on=since)
    await office.get(f"/office/records/{group}")

    for it in await rows(village, "group_member"):
        await office.post(f"/office/groups/{group}/leave", {"member": it.id, "base": str(it.rev)})

    [left] = await rows(village, "group_member")
    assert (left.fields["child_id"], left.fields["to_on"]) == (child, add_days(today(), -1))
    page = words(await office.get(f"/office/records/{group}"))
    assert "还没有组员" in page
    assert "以前的组员 1 名" in page


async def test_who_left_and_came_back_is_one_member_and_no_former_one(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    back, gone = [await child_of(village, name) for name in ("石惊蛰", "安白露")]
    group = await made(village, "child_group", name="书画小组", kind="INTEREST")
    for who in (back, gone, gone):  # who left twice is one child still
        await made(village, "group_member", child_id=who, group_id=group, to_on="2026-01-31")
    await made(village, "group_member", child_id=back, group_id=group, from_on="2026-02-01")

    page = words(await office.get(f"/office/records/{group}"))

    assert "组员 1" in page
    assert "以前的组员 1 名" in page


async def test_a_group_counts_the_meetings_that_name_it_and_who_signed_in(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await child_of(village, "石惊蛰")
    group = await made(village, "child_group", name="书画小组", kind="INTEREST")
    await made(village, "group_member", child_id=child, group_id=group, from_on="2026-09-01")
    meeting = await made(
        village, "activity", title="写春联", activity_kind="10", occurred_on=today(), group_id=group
    )
    await made(village, "activity", title="别的活动", activity_kind="10", occurred_on=today())
    for _ in range(2):  # two phones signed the child in
        await made(village, "attendance", activity_id=meeting, person_id=child, occurred_on=today())

    page = words(await office.get(f"/office/records/{group}"))

    assert "小组活动 1" in page
    assert "写春联" in page
    assert "签到 1 人" in page
    assert "别的活动" not in page
    form = await office.get(f"/office/records/new/activity?group_id={group}")
    assert f'value="{group}" selected' in form.text


async def test_nobody_joins_a_group_of_another_kind_of_record(
    office: Browser, sqlite_village: Village
) -> None:
    child = await child_of(sqlite_village, "石惊蛰")
    await office.get(f"/office/records/{child}")

    assert_refused(
        await office.post(f"/office/groups/{child}/join", {"pick": [child]}), 404, "not_found"
    )


# Books


async def test_a_book_is_late_from_the_day_after_it_was_due_until_it_is_back(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await child_of(village, "石惊蛰")
    for book, due, back in (
        ("草房子", add_days(today(), -3), None),
        ("昆虫记", today(), None),
        ("格林童话", add_days(today(), -9), add_days(today(), -1)),
    ):
        await made(
            village, "loan", child_id=child, book=book, due_on=due, lent_on=add_days(due, -14),
            **({"returned_on": back} if back else {}),
        )  # fmt: skip

    await made(village, "loan", child_id=child, book="没有日子", due_on="2026-02-30")

    late = words(await office.get("/office/lists/loans?state=late"))
    assert "草房子" in late
    assert "逾期未还 3" in late
    assert "昆虫记" not in late
    assert "格林童话 石惊蛰 上坪组 已还" in words(await office.get("/office/lists/loans"))
    assert words(await office.get(f"/office/records/{child}")).count("逾期未还") == 1


async def test_the_register_of_loans_is_printed_empty_and_filled(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await child_of(village, "石惊蛰")
    await made(village, "loan", child_id=child, book="草房子", lent_on=today())
    await made(village, "loan", child_id=child, book="旧书", lent_on="2019-01-01")

    empty = words(await office.get("/office/print/loan-book"))
    filled = words(await office.get(f"/office/print/loans?since={today()}&until={today()}"))

    assert "草房子" not in empty
    assert f"1 草房子 石惊蛰 {today()}" in filled
    assert "旧书" not in filled


# Booked calls


async def test_a_booked_call_that_got_through_becomes_a_family_call(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await child_of(village, "石惊蛰")
    booking = await made(
        village, "call_booking", child_id=child, on_date=today(), at_time="14:20", kind="2",
        with_whom="MO", state="BOOKED",
    )  # fmt: skip
    assert "14:20 石惊蛰" in words(await office.get("/office/lists/bookings?when=today"))
    assert f"视频 {today()} 14:20 母亲" in words(await office.get(f"/office/records/{child}"))
    page = await office.get(f"/office/records/{booking}")
    assert "接通了吗" in words(page)
    [row] = await rows(village, "call_booking")

    for _ in range(2):  # the button was pressed twice
        await office.post(
            f"/office/bookings/{booking}/settle",
            {"state": "DONE", "minutes": "12", "base": str(row.rev)},
        )

    [call] = await rows(village, "family_call")
    assert call.fields.items() >= {
        "child_id": child, "connected": "Y", "with_whom": "MO", "kind": "2", "minutes": 12,
        "occurred_on": today(), "occurred_time": "14:20", "recorded_by": "方村官甲",
    }.items()  # fmt: skip
    [settled] = await rows(village, "call_booking")
    assert (settled.fields["state"], settled.fields["call_id"]) == ("DONE", call.id)
    assert "接通了吗" not in words(await office.get(f"/office/records/{booking}"))


async def test_a_call_nobody_answered_is_written_down_and_one_called_off_is_not(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await child_of(village, "石惊蛰")
    for state in ("MISSED", "CANCEL"):
        id = await made(
            village, "call_booking", child_id=child, on_date=add_days(today(), -1),
            at_time="14:00", state="BOOKED",
        )  # fmt: skip
        assert "石惊蛰" in words(await office.get("/office/lists/bookings?when=past"))
        page = await office.get(f"/office/records/{id}")
        row = next(it for it in await rows(village, "call_booking") if it.id == id)
        assert page.status_code == 200
        await office.post(f"/office/bookings/{id}/settle", {"state": state, "base": str(row.rev)})

    [call] = await rows(village, "family_call")
    assert call.fields["connected"] == "N"
    assert "minutes" not in call.fields
    assert "共 0 条" in words(await office.get("/office/lists/bookings?when=past"))


async def test_a_booking_two_people_settle_at_the_same_instant_becomes_one_call(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await child_of(village, "石惊蛰")
    booking = await made(
        village, "call_booking", child_id=child, on_date=today(), at_time="14:20", state="BOOKED"
    )
    await office.get(f"/office/records/{booking}")
    [row] = await rows(village, "call_booking")

    answers = await asyncio.gather(
        *(
            office.post(
                f"/office/bookings/{booking}/settle",
                {"state": state, "minutes": "12", "base": str(row.rev)},
            )
            for state in ("DONE", "MISSED", "DONE", "CANCEL")
        )
    )

    assert [it.status_code for it in answers] == [303] * 4
    [settled] = await rows(village, "call_booking")
    calls = [it.id for it in await rows(village, "family_call")]
    assert calls == ([settled.fields["call_id"]] if "call_id" in settled.fields else [])
    assert not settled.contested


# Money


async def test_the_balance_follows_the_sums_by_day(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    task = await made(village, "task", title="庆国庆活动", due_on="2026-10-31")
    for way, yuan, on, more in (
        ("OUT", "860.5", "2026-10-01", {"task_id": task}),
        ("IN", "10000", "2026-08-08", {}),
        ("OUT", "many", "2026-09-01", {}),
    ):
        await made(
            village, "budget_line", way=way, title="一笔", amount_yuan=yuan, on_date=on, **more
        )

    page = words(await office.get("/office/lists/budget"))

    assert "2026-08-08 一笔 10,000 — 10,000" in page
    assert "2026-09-01 一笔 — 0 10,000" in page
    assert "2026-10-01 一笔 — 860.50 9,139.50 — 庆国庆活动" in page


async def test_an_activity_and_the_years_summary_say_what_it_cost(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    party = await made(village, "activity", title="手工课", activity_kind="10", occurred_on=today())
    before = words(await office.get("/office/reports/annual"))
    for way, yuan, more in (
        ("IN", "1000", {}), ("OUT", "860.5", {"activity_id": party}), ("OUT", "20", {}),
    ):  # fmt: skip
        await made(
            village, "budget_line", way=way, title="一笔", amount_yuan=yuan, on_date=today(), **more
        )

    sheet = words(await office.get(f"/office/activities/{party}"))
    report = words(await office.get("/office/reports/annual"))

    assert "经费：收入 0 元，支出 860.50 元" in sheet
    assert "经费收入" not in before
    assert "经费收入1,000元，支出880.50元，结余119.50元。" in report


async def test_an_amount_is_typed_in_yuan(office: Browser, sqlite_village: Village) -> None:
    form = await office.get("/office/records/new/budget_line")
    assert "金额（元）" in words(form)
    said = {"base": "0", "seen": "{}", "id": uuid7(), "save": "1", "way": "IN", "title": "捐款"}

    for wrong in ("1.234", "0", "-5"):
        answer = await office.post(
            "/office/records/new/budget_line",
            said | {"amount_yuan": wrong, "on_date": "2026-10-01"},
        )
        assert answer.status_code == 422
        assert "请填大于零的金额" in words(answer)
    await office.post(
        "/office/records/new/budget_line", said | {"amount_yuan": "12.50", "on_date": "2026-10-01"}
    )

    [line] = await rows(sqlite_village, "budget_line")
    assert line.fields["amount_yuan"] == "12.50"
