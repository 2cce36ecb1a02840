"""结对评比: what each pair owed and did in the term, and the rating the office writes."""

from typing import Any

import pytest

from server.office.statistics.slots import add_days
from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, hidden, words
from tests.server.office.test_working_lists import LEFT_BEHIND, children_of, helper_of

ON, SINCE = "2026-11-30", "2026-09-01"


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.office.lists.pages.today", lambda: ON)


async def a_pair(village: Village, **fields: Any) -> tuple[str, str]:
    [child], helper = await children_of(village, "石惊蛰"), await helper_of(village)
    pairing = uuid7()
    await village.commit(
        create(pairing, "pairing", child_id=child, helper_id=helper, kind="TCH",
               **{"state": "V", "from_on": "2026-03-01", **fields}),
    )  # fmt: skip
    return child, pairing


def act(kind: str, child: str, on: str, **fields: Any) -> Any:
    return create(
        uuid7(), kind, child_id=child, occurred_on=on, typed_by="村办公室",
        **{"recorded_by": "江老师甲", **fields},
    )  # fmt: skip


async def test_a_pair_shows_what_was_owed_in_the_term_and_what_was_done(
    office: Browser, sqlite_village: Village
) -> None:
    child, _ = await a_pair(sqlite_village, goal="数学跟上")
    await sqlite_village.commit(
        act("talk", child, "2026-09-10", party="CHI"),
        act("talk", child, "2026-09-20", party="CHI"),
        act("talk", child, "2026-10-10", party="CARER"),
        act("talk", child, "2026-08-10", party="CHI"),
        act("visit", child, "2026-10-11", **{"met/C": True}),
        act("visit", child, "2026-10-12", recorded_by="别人", **{"met/NONE": True}),
        act("family_call", child, "2026-10-06", connected="Y"),
        act("family_call", child, "2026-10-13", connected="N"),
    )  # fmt: skip

    page = words(await office.get("/office/lists/reviews"))

    # September, October and November; the weeks that ended since 7 September; one quarter of a green child.
    assert "石惊蛰 江老师甲 2026-03-01 数学跟上 1/1 1/3 1/12 5 2026-10-11 未评 —" in page


async def test_a_pair_owes_nothing_from_before_it_began(
    office: Browser, sqlite_village: Village
) -> None:
    child, _ = await a_pair(sqlite_village, from_on="2026-11-16")
    await sqlite_village.commit(act("talk", child, "2026-09-10", party="CHI"))

    page = words(await office.get("/office/lists/reviews"))

    assert "2026-11-16 — — 0/1 0/2 0 2026-09-10" in page


async def test_a_pair_that_ended_before_the_term_or_is_of_children_is_not_reviewed(
    office: Browser, sqlite_village: Village
) -> None:
    await a_pair(sqlite_village, state="E", to_on=add_days(SINCE, -1))
    ended = await a_pair(sqlite_village, state="E", to_on=SINCE, goal="刚结束")
    friend = await sqlite_village.child(await sqlite_village.household(), **LEFT_BEHIND)
    peer = await helper_of(sqlite_village, "谷谷雨", helper_kind="K", peer_id=friend)
    await sqlite_village.commit(
        create(uuid7(), "pairing", child_id=ended[0], helper_id=peer, kind="PEER", state="V", from_on=SINCE)
    )  # fmt: skip

    page = words(await office.get("/office/lists/reviews"))

    assert "共 1 条" in page
    assert "刚结束" in page
    assert "谷谷雨" not in page


async def test_the_office_writes_a_rating_with_its_reason_and_finds_who_has_none(
    office: Browser, sqlite_village: Village
) -> None:
    _, pairing = await a_pair(sqlite_village)
    form = await office.get(f"/office/records/{pairing}/edit/review")
    assert "评比理由" in words(form)

    sent = await office.post(
        f"/office/records/{pairing}/edit/review",
        {"base": hidden(form, "base"), "rating": "A", "rating_reason": "每周都来", "rated_on": "2026-11-28"},
    )  # fmt: skip

    assert sent.status_code == 303
    assert "优秀 每周都来" in words(await office.get("/office/lists/reviews"))
    assert "没有符合条件的" in words(await office.get("/office/lists/reviews?rating=UNK"))
    assert "每周都来" in words(await office.get("/office/lists/reviews?rating=A"))


async def test_a_rating_of_the_term_before_does_not_count_for_this_one(
    office: Browser, sqlite_village: Village
) -> None:
    await a_pair(sqlite_village, rating="C", rating_reason="上学期没来", rated_on="2026-06-30")

    page = words(await office.get("/office/lists/reviews"))

    assert "未评" in page
    assert "上学期没来" not in page


async def test_the_review_goes_out_as_excel(office: Browser, sqlite_village: Village) -> None:
    await a_pair(sqlite_village)
    await office.get("/office/lists/reviews")

    answer = await office.post("/office/lists/reviews/excel", {})

    assert answer.headers["content-type"].startswith("application/vnd.openxml")
