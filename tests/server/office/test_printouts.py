"""Cards, sheets and letters: who is on them, what they say, and that printing is noted."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest

from server.office.prints.catalogue import PRINTOUTS
from server.office.prints.kinds import Asked
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, assert_refused, words

LEFT = {"left_behind_fact": "B", "ward_status": "A", "birth_date": "2016-05-01"}


async def a_family(village: Village, grid: int = 1) -> tuple[str, str]:
    """A household with one left-behind child who has a carer with a phone; both ids."""
    home = await village.household(grid=grid)
    child = await village.child(home, name="石惊蛰", **LEFT)
    carer, father = uuid7(), uuid7()
    await village.commit(
        create(carer, "person", household_id=home, name="石奶奶甲",
               **{"phones/a": {"number": "10000000001"}}),
        create(father, "person", household_id=home, name="石大叔乙"),
        create(uuid7(), "guardianship", child_id=child, carer_id=carer, is_main="Y", relation="62"),
        create(uuid7(), "parent_link", child_id=child, parent_id=father, relation="51", away="A"),
    )  # fmt: skip
    return home, child


async def test_every_printout_opens_filled_and_empty(
    office: Browser, sqlite_village: Village
) -> None:
    listed = await office.get("/office/print")
    assert len(PRINTOUTS) >= 23
    for name in PRINTOUTS:
        assert f"/office/print/{name}" in listed.text
        assert (await office.get(f"/office/print/{name}")).status_code == 200
    await a_family(sqlite_village)
    for name in PRINTOUTS:
        sheet = words(await office.get(f"/office/print/{name}"))
        for said in ("内部资料 注意保密", "打印人 方村官甲", "截至", "测试村"):
            assert said in sheet


async def test_a_contact_card_says_whom_to_call(office: Browser, sqlite_village: Village) -> None:
    await a_family(sqlite_village)

    card = words(await office.get("/office/print/contact-cards"))

    for said in ("石惊蛰", "石奶奶甲", "10000000001", "石大叔乙", "报警 110"):
        assert said in card


async def test_a_carer_whose_time_ends_next_year_is_on_the_cards_until_then(
    office: Browser, sqlite_village: Village
) -> None:
    home = await sqlite_village.household()
    child = await sqlite_village.child(home, name="石惊蛰", **LEFT)
    now, before = uuid7(), uuid7()
    link = {"child_id": child, "is_main": "Y", "relation": "99", "carer_kind": "FRI"}
    await sqlite_village.commit(
        create(now, "person", household_id=home, name="方邻居甲", **{"phones/a": {"number": "10000000001"}}),
        create(before, "person", household_id=home, name="白邻居乙"),
        create(uuid7(), "guardianship", carer_id=now, valid_from="2026-09-01", valid_to="2999-08-31", **link),
        create(uuid7(), "guardianship", carer_id=before, valid_from="2026-01-01", valid_to="2026-08-31", **link),
    )  # fmt: skip

    for page in ("print/contact-cards", "print/help-cards", f"records/{child}"):
        said = words(await office.get(f"/office/{page}"))
        assert "方邻居甲" in said, page
        assert "白邻居乙" not in said, page
    assert "方＊＊＊" in words(await office.get("/office/print/wall-roll"))


async def test_who_is_not_left_behind_or_lives_in_another_grid_is_not_on_the_cards(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await a_family(village, grid=1)
    await village.child(await village.household(grid=2), name="方立夏", ward_status="A")

    assert "方立夏" not in words(await office.get("/office/print/contact-cards"))
    other = words(await office.get(f"/office/print/contact-cards?grid={village.grid(2)}"))
    assert "石惊蛰" not in other
    assert "没有可以打印的" in other


async def test_a_receipt_adds_up_leaves_out_what_was_corrected_and_says_the_sum_in_words(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await a_family(village)
    wrong = uuid7()
    given = {"household_id": home, "child_id": child, "aid_kind": "1", "occurred_on": "2026-09-25"}
    await village.commit(create(wrong, "aid", cash_fen=2_000_000, **given))
    await village.commit(create(uuid7(), "aid", cash_fen=20_000, corrects_id=wrong, **given))
    await village.commit(create(uuid7(), "aid", goods_fen=10_050, items_other="书包", **given))

    sheet = words(await office.get("/office/print/aid-sheet?since=2026-09-01&until=2026-09-30"))

    assert "叁佰元伍角整" in sheet
    assert "300.50" in sheet
    assert "书包" in sheet
    assert "20,000.00" not in sheet
    assert "没有可以打印的" in words(
        await office.get("/office/print/aid-sheet?since=2026-01-01&until=2026-08-31")
    )


async def test_goods_noted_by_number_and_price_are_worth_the_same_on_every_page(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    given = {"household_id": home, "child_id": child, "aid_kind": "4", "occurred_on": "2026-09-25"}
    await sqlite_village.commit(create(uuid7(), "aid", qty=3, unit_fen=20_000, cash_fen=500, **given))  # fmt: skip

    period = "since=2026-09-01&until=2026-09-30"
    sheet = words(await office.get(f"/office/print/aid-sheet?{period}"))
    figures = words(await office.get("/office/statistics/aid?since=2026-09-01"))

    assert "605.00" in sheet
    assert "陆佰零伍元整" in sheet
    assert "合计 1 1 5 600 605 605/1" in figures


@pytest.mark.parametrize(("fen", "shown"), [(-150, "-1.50"), (10**15, "10,000,000,000,000.00")])
async def test_a_sum_that_has_no_words_leaves_their_line_to_be_written_on(
    office: Browser, sqlite_village: Village, fen: int, shown: str
) -> None:
    home, child = await a_family(sqlite_village)
    given = {"household_id": home, "child_id": child, "aid_kind": "1", "occurred_on": "2026-09-25"}
    await sqlite_village.commit(create(uuid7(), "aid", cash_fen=fen, **given))

    sheet = words(await office.get("/office/print/aid-sheet?since=2026-09-01&until=2026-09-30"))
    figures = words(await office.get("/office/statistics/aid?since=2026-09-01"))

    assert f"合计（大写） {shown}" in sheet
    assert f"合计 1 1 {shown.removesuffix('.00')} 0" in figures


async def test_the_sheet_of_an_activity_names_who_signed_in_once(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await a_family(village)
    activity = uuid7()
    await village.commit(
        create(activity, "activity", title="手工课", activity_kind="07", occurred_on="2026-11-10")
    )
    for _ in range(2):
        await village.commit(
            create(uuid7(), "attendance", household_id=home, person_id=child,
                   activity_id=activity, occurred_on="2026-11-10"),
        )  # fmt: skip

    sheet = words(await office.get(f"/office/print/sign-in?activity={activity}"))

    assert "手工课" in sheet
    assert sheet.count("石惊蛰") == 1


async def test_the_sheet_of_an_activity_says_when_they_came_and_left_and_with_whom(
    office: Browser, sqlite_village: Village
) -> None:
    home, child = await a_family(sqlite_village)
    activity, wrong = uuid7(), uuid7()
    came = {
        "household_id": home,
        "person_id": child,
        "activity_id": activity,
        "occurred_on": "2026-11-10",
    }
    await sqlite_village.commit(
        create(activity, "activity", title="手工课", occurred_on="2026-11-10"),
        create(uuid7(), "attendance", in_time="14:05", **came),
        create(wrong, "attendance", out_time="18:59", **came),
        create(uuid7(), "attendance", out_time="16:30", picked_up_by="石奶奶甲", corrects_id=wrong, **came),
    )  # fmt: skip

    sheet = words(await office.get(f"/office/print/sign-in?activity={activity}"))

    assert "1 石惊蛰 ○ 14:05 16:30 石奶奶甲 2" in sheet


async def test_the_sign_in_sheet_marks_of_whom_no_photo_may_be_taken(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, _ = await a_family(village)
    yes = await village.child(home, name="石夏至", photo_consent="Y", **LEFT)
    activity = uuid7()
    await village.commit(create(activity, "activity", title="手工课", occurred_on="2026-10-01"))
    await village.commit(
        create(uuid7(), "attendance", activity_id=activity, person_id=yes, occurred_on="2026-10-01")
    )

    everybody = words(await office.get("/office/print/sign-in"))
    allowed = words(await office.get(f"/office/print/sign-in?activity={activity}"))

    assert "石惊蛰 ○" in everybody
    assert "石夏至 ○" not in everybody
    assert "请不要给这个孩子拍照" in everybody
    assert "石夏至" in allowed
    assert "拍照" not in allowed


async def test_a_parent_who_cares_for_the_child_entrusts_it_to_nobody(
    office: Browser, sqlite_village: Village
) -> None:
    home, with_granny = await a_family(sqlite_village)
    at_home = await sqlite_village.child(home, name="石夏至", **LEFT)
    mother = uuid7()
    await sqlite_village.commit(
        create(mother, "person", household_id=home, name="方大婶甲"),
        create(uuid7(), "guardianship", child_id=at_home, carer_id=mother, is_main="Y",
               relation="52", carer_kind="MO"),
        create(uuid7(), "parent_link", child_id=at_home, parent_id=mother, relation="52", away="H"),
    )  # fmt: skip

    letters = words(await office.get("/office/print/entrustment"))
    chosen = words(await office.get(f"/office/print/entrustment?child={at_home}"))

    assert "受托人： 石奶奶甲" in letters
    assert "石夏至" not in letters
    assert "石夏至" in chosen
    assert "母亲 方大婶甲" in chosen
    assert "受托人： 方大婶甲" not in chosen
    assert with_granny


async def test_others_are_answered_while_a_long_printout_is_made(
    office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, answered = threading.Event(), threading.Event()
    made = PRINTOUTS["leaders"]

    def long(asked: Asked) -> dict[str, Any]:
        begun.set()
        assert answered.wait(10)
        return made.content(asked)

    monkeypatch.setitem(PRINTOUTS, "leaders", replace(made, content=long))
    printing = asyncio.create_task(office.get("/office/print/leaders"))
    assert await asyncio.to_thread(begun.wait, 10)
    other = await office.get("/office/print/loan-book")
    answered.set()

    assert other.status_code == 200
    assert (await printing).status_code == 200


async def test_printing_is_noted_and_an_unknown_sheet_is_not_there(
    office: Browser, sqlite_village: Village
) -> None:
    for name in PRINTOUTS:
        await office.get(f"/office/print/{name}")
    assert_refused(await office.get("/office/print/money"), 404, "not_found")

    noted = [
        entry.subject
        for entry in await sqlite_village.auth.audit(sqlite_village.code)
        if entry.action == "print_form"
    ]
    assert sorted(noted) == sorted(PRINTOUTS)
