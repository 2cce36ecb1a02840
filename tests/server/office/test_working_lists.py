"""Lists over HTTP: empty, filtered by their address, with chosen columns, for whom they are, and worked from."""

import re
from typing import Any

import pytest

from server.office.lists.catalogue import KINDS
from server.office.pages import today
from server.office.statistics.slots import add_days
from server.programme.due import birthdays
from server.registry import Row, now_ms, uuid7
from tests.helpers import Village, change, create, op
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words

LEFT_BEHIND = {"left_behind_fact": "B", "ward_status": "A", "birth_date": "2017-02-11"}


async def helper_of(village: Village, name: str = "江老师甲", **fields: Any) -> str:
    id = uuid7()
    await village.commit(
        create(id, "helper", **{"name": name, "helper_kind": "T", "active": "Y", **fields})
    )
    return id


async def children_of(village: Village, *names: str) -> list[str]:
    home = await village.household()
    return [await village.child(home, name=name, **LEFT_BEHIND) for name in names]


async def pairings(village: Village) -> dict[str, str]:
    """Child -> helper, of every pairing there is."""
    rows = await village.registry.rows(village.code, "pairing")
    return {it.fields["child_id"]: it.fields["helper_id"] for it in rows}


async def sign_in(visitor: Browser, village: Village, role: str) -> Browser:
    await village.auth.create_account(
        village.code, login=role, name=f"某{role}", role=role, password=PASSWORD
    )
    await visitor.sign_in(role)
    return visitor


# What a list shows


@pytest.mark.parametrize("name", KINDS)
async def test_an_empty_list_says_what_to_do_first(office: Browser, name: str) -> None:
    page = words(await office.get(f"/office/lists/{name}"))

    assert KINDS[name].empty in page
    assert KINDS[name].advice in page


@pytest.mark.parametrize("name", KINDS)
async def test_every_list_reads_in_english(office: Browser, name: str) -> None:
    page = await office.get(f"/office/lists/{name}", **{"Accept-Language": "en"})

    main = page.text.partition("<main")[2].replace("测试村", "")
    assert page.status_code == 200
    assert re.findall(r"[\u4e00-\u9fff]+", main) == []


async def test_the_lists_are_named_with_what_they_count(office: Browser) -> None:
    page = words(await office.get("/office/lists"))

    for kind in KINDS.values():
        assert f"{kind.words} {kind.definition}" in page


async def test_filters_and_columns_stand_in_the_address_what_was_searched_for_does_not(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await children_of(village, "石惊蛰", "安白露")
    await office.get("/office/lists/coverage")

    posted = await office.post(
        "/office/lists/coverage", {"paired": "no", "sort": "-name", "column": ["name", "phone"]}
    )
    address = posted.headers["location"]
    searched = await office.post("/office/lists/coverage", {"q": "石惊", "paired": "no"})
    typed = await office.post(
        "/office/lists/coverage", {"q": "石惊", "paired": "no"}, **{"HX-Request": "true"}
    )

    assert address == "/office/lists/coverage?paired=no&sort=-name&column=name&column=phone"
    shown = words(await office.get(address))
    assert "姓名 联系电话" in shown
    assert "共 2 条" in shown
    assert "石惊蛰" in words(searched)
    assert "安白露" not in words(searched)
    assert typed.headers["hx-push-url"] == "/office/lists/coverage?paired=no"
    assert "没有符合条件的" in words(await office.get("/office/lists/coverage?paired=yes"))


async def test_a_list_that_is_none_or_a_definition_that_is_none_is_refused(office: Browser) -> None:
    assert_refused(await office.get("/office/lists/wishes"), 404, "not_found")
    assert_refused(await office.get("/office/lists/coverage?scope=all"), 422, "bad_field")


async def test_a_file_that_nobody_touched_is_listed_by_its_last_change(
    office: Browser, sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = sqlite_village
    home = await village.household()
    await village.child(home, name="谷小满", **{**LEFT_BEHIND, "birth_date": "2020-02-11"})
    later = add_days(today(), 200)
    monkeypatch.setattr("server.office.lists.pages.today", lambda: later)
    stale = words(await office.get("/office/lists/stale?age=180"))

    device, soon = await village.device(), now_ms() + 190 * 86_400_000
    edit = op(change(home, "household", 99, population=4))
    await village.push(device, 1, edit, arrival=soon)

    assert "谷小满" in stale
    assert "没有符合条件的" in words(await office.get("/office/lists/stale?age=30"))
    assert "谷小满" in words(await office.get("/office/lists/stale"))


async def test_a_pair_is_quiet_until_somebody_was_in_touch(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    [child], helper = await children_of(village, "石惊蛰"), await helper_of(village)
    await village.commit(
        create(uuid7(), "pairing", child_id=child, helper_id=helper, kind="TCH", state="V", from_on="2026-01-01"),
        create(uuid7(), "talk", child_id=child, party="CHI", occurred_on=add_days(today(), -31)),
    )  # fmt: skip
    assert "石惊蛰" in words(await office.get("/office/lists/pairings?quiet=yes"))

    await village.commit(
        create(uuid7(), "talk", child_id=child, party="CHI", occurred_on=add_days(today(), -2))
    )

    assert "没有符合条件的" in words(await office.get("/office/lists/pairings?quiet=yes"))
    assert "石惊蛰" in words(await office.get("/office/lists/pairings?quiet=no"))


async def test_hardship_needs_aid_and_a_need_a_plan(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household(**{"welfare/1": True})
    child = await village.child(home, name="石惊蛰", **{"need_lack/L1": True}, **LEFT_BEHIND)
    for address in ("hardship?aided=never&sign=welfare", "hardship?sign=care", "needs?lack=L1"):
        assert "石惊蛰" in words(await office.get(f"/office/lists/{address}")), address

    await village.commit(
        create(uuid7(), "aid", child_id=child, household_id=home, aid_kind="1", cash_fen=20_000,
               occurred_on=today()),
        create(uuid7(), "plan", child_id=child, kind="POOR", state="RUN"),
    )  # fmt: skip

    assert "石惊蛰" in words(await office.get("/office/lists/hardship?aided=recent"))
    assert "没有落下的" in words(await office.get("/office/lists/needs"))


async def test_the_month_and_the_list_keep_the_same_birthdays(
    office: Browser, sqlite_village: Village
) -> None:
    village, home = sqlite_village, await sqlite_village.household()
    born = {"left_behind_fact": "B", "ward_status": "A"}
    await village.child(home, name="石惊蛰", birth_date="2016-02-29", **born)
    await village.child(home, name="安白露", birth_date="2016-02-28", birth_lunar="Y", **born)

    month = words(await office.get("/office/month?month=2027-03"))
    before = words(await office.get("/office/month?month=2027-02"))

    assert "生日 石惊蛰" in month
    assert "生日 安白露" not in month + before
    row = Row(uuid7(), "child", 1, "", {"birth_date": "2016-02-29"}, {})
    assert birthdays([row], "2027-02-20", 20) == [("2027-03-01", row)]


# For whom


async def test_focus_children_are_for_official_and_supervisor_and_each_look_is_noted(
    office: Browser, sqlite_village: Village
) -> None:
    await office.get("/office/lists/focus")
    await office.get("/office/lists/helpers")

    noted = [
        (it.action, it.subject)
        for it in await sqlite_village.auth.audit(sqlite_village.code)
        if it.subject.startswith("lists/")
    ]
    assert noted == [("open_list", "lists/focus")]
    assert "看名单 重点对象 · 0" in words(await office.get("/office/audit"))


async def test_the_audit_says_which_list_went_out(office: Browser) -> None:
    await office.get("/office/lists")
    for path in ("lists/helpers/excel", "export/children.xlsx", "statistics/paired/excel"):
        assert (await office.post(f"/office/{path}")).status_code == 200, path

    audit = words(await office.get("/office/audit"))

    for said in ("导出 Excel 帮扶人 · 0", "导出 Excel 儿童 · 0", "导出 Excel 结对率 · "):
        assert said in audit


async def test_a_clerk_is_neither_shown_nor_given_the_focus_children(
    visitor: Browser, sqlite_village: Village
) -> None:
    clerk = await sign_in(visitor, sqlite_village, "clerk")

    index = words(await clerk.get("/office/lists"))

    assert "资助候选" in index
    assert "重点对象" not in index
    assert_refused(await clerk.get("/office/lists/focus"), 403, "not_allowed")
    assert_refused(await clerk.post("/office/lists/focus/excel"), 403, "not_allowed")


async def test_who_reads_no_records_has_no_lists(visitor: Browser, sqlite_village: Village) -> None:
    admin = await sign_in(visitor, sqlite_village, "admin")

    assert_refused(await admin.get("/office/lists"), 403, "not_allowed")
    assert_refused(await admin.get("/office/lists/places"), 403, "not_allowed")


async def test_a_supervisor_looks_and_pairs_nobody(
    visitor: Browser, sqlite_village: Village
) -> None:
    [child], helper = await children_of(sqlite_village, "石惊蛰"), await helper_of(sqlite_village)
    supervisor = await sign_in(visitor, sqlite_village, "supervisor")

    page = await supervisor.get("/office/lists/coverage")

    assert "石惊蛰" in page.text
    assert 'name="pick"' not in page.text
    sent = {"helper": helper, "pick": [child], "confirmed": "1"}
    assert_refused(await supervisor.post("/office/lists/assign", sent), 403, "not_allowed")
    assert await pairings(sqlite_village) == {}


# One helper for many children


async def test_many_children_get_a_helper_after_one_look_and_it_can_be_taken_back(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    first, second, third = await children_of(village, "石惊蛰", "安白露", "方立夏")
    helper = await helper_of(village)
    page = await office.get("/office/lists/coverage")
    assert page.text.count('name="pick"') == 3

    looked = await office.post("/office/lists/assign", {"helper": helper, "pick": [first, second]})
    assert "还没有存，请先看一遍。" in words(looked)
    assert await pairings(village) == {}

    picks = re.findall(r'name="pick" value="([^"]+)"', looked.text)
    sent = {"helper": helper, "pick": picks, "confirmed": "1"}
    made = await office.post("/office/lists/assign", sent)
    again = await office.post("/office/lists/assign", sent)

    assert "结对了 2 名孩子。" in words(made)
    assert words(again).count("已经和这位帮扶人结对。") == 2
    assert await pairings(village) == {first: helper, second: helper}
    assert "结对率" in words(await office.get("/office/statistics/paired"))
    assert "2/3" in words(await office.get("/office/statistics/paired"))
    assert "共 1 条" in words(await office.get("/office/lists/coverage?paired=no"))
    assert "结对儿童 合计 2" in words(await office.get("/office/lists/helpers"))

    done = re.findall(r'name="pairing" value="([^"]+)"', made.text)
    touched, rev = done[0].split("@")
    await village.commit(change(touched, "pairing", int(rev), goal="每周谈一次心"))
    await office.post("/office/lists/assign/undo", {"pairing": done})

    assert list(await pairings(village)) == [first]
    audit = words(await office.get("/office/audit"))
    assert "一起结对 江老师甲 · 2" in audit
    assert "撤销一起结对 江老师甲 · 1" in audit
    assert third not in await pairings(village)


async def test_too_many_children_for_one_helper_are_said_before_they_are_saved(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    children = await children_of(village, "石惊蛰", "安白露", "方立夏")
    helper = await helper_of(village, max_children=2)
    await office.get("/office/lists/coverage")

    looked = await office.post("/office/lists/assign", {"helper": helper, "pick": children})

    assert "这样一共 3 名，超过约定的 2 名。" in words(looked)


async def test_what_a_phone_paired_meanwhile_stays_beside_it_without_a_conflict(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    [child] = await children_of(village, "石惊蛰")
    ours, theirs = await helper_of(village), await helper_of(village, "白老师甲")
    await office.get("/office/lists/coverage")
    looked = await office.post("/office/lists/assign", {"helper": ours, "pick": [child]})
    device = await village.device()
    paired = create(uuid7(), "pairing", child_id=child, helper_id=theirs, kind="TCH", state="V")
    await village.push(device, 1, op(paired, at=now_ms()))

    picks = re.findall(r'name="pick" value="([^"]+)"', looked.text)
    await office.post("/office/lists/assign", {"helper": ours, "pick": picks, "confirmed": "1"})

    rows = await village.registry.rows(village.code, "pairing")
    assert {it.fields["helper_id"] for it in rows} == {ours, theirs}
    assert await village.registry.contested(village.code) == []


async def test_nobody_picked_and_nobody_to_pair_with_change_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    [child], gone = await children_of(village, "石惊蛰"), await helper_of(village, active="N")
    await office.get("/office/lists/coverage")

    none = await office.post("/office/lists/assign", {"helper": gone})

    assert none.headers["location"] == "/office/lists/coverage"
    assert "还没有选" in words(await office.get("/office/lists/coverage"))
    sent = {"helper": gone, "pick": [child], "confirmed": "1"}
    assert_refused(await office.post("/office/lists/assign", sent), 404, "no_record")
    assert await pairings(village) == {}


async def test_an_undo_that_names_what_is_not_there_takes_back_the_others(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    [child], helper = await children_of(village, "石惊蛰"), await helper_of(village)
    await office.get("/office/lists/coverage")
    sent = {"helper": helper, "pick": child, "confirmed": "1"}
    made = await office.post("/office/lists/assign", sent)
    done = re.findall(r'name="pairing" value="([^"]+)"', made.text)

    answer = await office.post("/office/lists/assign/undo", {"pairing": ["0" * 32 + "@1", *done]})

    assert answer.status_code == 303
    assert await pairings(village) == {}
