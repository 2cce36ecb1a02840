"""The conflict desk, end to end: two phones disagree, the office decides, every phone shows the decision."""

import re

import httpx2

from server.auth import Auth
from tests.helpers import Phone, Village, enrol
from tests.server.office.browser import Browser, assert_refused, hidden, words


async def two_phones(client: httpx2.AsyncClient, village: Village) -> tuple[Phone, Phone]:
    """Two surveyors of one grid, each with what the village holds."""
    phones = []
    for login in ("a", "b"):
        phone = await enrol(
            client, Auth(village.registry.database), await village.surveyor(login, 1)
        )
        await phone.sync()
        phones.append(phone)
    return phones[0], phones[1]


async def disagree(
    a: Phone, b: Phone, record: str, left: dict[str, object], right: dict[str, object]
) -> None:
    """Both edit without having seen each other, then both come back."""
    a.edit(record, **left)
    b.edit(record, **right)
    await a.sync()
    await b.sync()


async def test_settling_a_field_brings_every_screen_to_the_same_value(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), risk_level="G")
    a, b = await two_phones(office.client, village)
    await disagree(a, b, child, {"risk_level": "O"}, {"risk_level": "Y"})

    listed = await office.get("/office/conflicts")
    assert "谷小满" in words(listed)
    assert "风险等级" in words(listed)
    address = f"/office/conflicts/{child}/risk_level"
    asked = await office.get(address)
    for said in (
        "低风险（绿）",
        "中高风险（橙）",
        "中风险（黄）",
        "调查员a",
        "调查员b",
        "测试手机",
    ):
        assert said in words(asked)

    siblings = await village.registry.siblings(village.code, child, "risk_level")
    assert siblings is not None
    taken = next(edit for edit in siblings.edits if edit.value == "Y")
    answer = await office.post(
        address,
        {"base": hidden(asked, "base"), "take": str(taken.rev), "reason": "上门核实过"},
    )
    assert answer.headers["location"] == "/office/conflicts"

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.fields["risk_level"] == "Y"
    assert row.contested == {}
    assert await village.registry.contested(village.code) == []
    for phone in (a, b):
        await phone.sync()
        assert phone.shown(child)["risk_level"] == "Y"
        assert phone.agreed
    history = await village.registry.history(village.code, child)
    assert [e.value for e in history if e.key == "risk_level"] == ["G", "O", "Y", "Y"]
    noted = [e for e in await village.auth.audit(village.code) if e.action == "settle"]
    assert [(e.subject, e.details) for e in noted] == [(f"{child}/risk_level", "上门核实过")]


async def test_another_value_than_both_may_be_typed(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), left_behind_fact="B")
    a, b = await two_phones(office.client, village)
    await disagree(a, b, child, {"left_behind_fact": "F"}, {"left_behind_fact": "M"})
    address = f"/office/conflicts/{child}/left_behind_fact"
    asked = await office.get(address)

    await office.post(address, {"base": hidden(asked, "base"), "take": "typed", "typed": "N"})

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.fields["left_behind_fact"] == "N"
    assert row.contested == {}


async def test_two_new_numbers_for_one_old_phone_may_both_stay(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(
        await village.household(), **{"phones/old0": {"number": "10000000001"}}
    )
    row = await village.registry.row(village.code, child)
    assert row is not None
    a, b = await two_phones(office.client, village)
    left = {"number": "10000000002", "replaces": "old0"}
    right = {"number": "10000000003", "replaces": "old0"}
    await disagree(
        a, b, child,
        {"phones__old0": None, "phones__aaaa": left},
        {"phones__old0": None, "phones__bbbb": right},
    )  # fmt: skip
    review = (await village.registry.contested(village.code))[0]
    asked = await office.get(f"/office/conflicts/{child}/{review.key}")
    assert "10000000002" in words(asked)
    assert "10000000003" in words(asked)

    await office.post(
        f"/office/conflicts/{child}/{review.key}", {"base": hidden(asked, "base"), "take": "both"}
    )

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.contested == {}
    numbers = sorted(entry["number"] for entry in row.fields["phones"].values())
    assert numbers == ["10000000002", "10000000003"]


async def test_a_child_deleted_by_one_and_edited_by_another_may_stay(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), talent="跑步")
    a, b = await two_phones(office.client, village)
    await disagree(a, b, child, {"present": False}, {"talent": "吹笛子"})
    address = f"/office/conflicts/{child}/present"
    asked = await office.get(address)
    assert "调查员a" in words(asked)

    await office.post(address, {"base": hidden(asked, "base"), "take": "keep"})

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.present
    assert row.contested == {}


async def test_what_came_in_meanwhile_has_to_be_seen_first(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), risk_level="G")
    a, b = await two_phones(office.client, village)
    third = await enrol(office.client, village.auth, await village.surveyor("c", 1))
    await third.sync()
    await disagree(a, b, child, {"risk_level": "O"}, {"risk_level": "Y"})
    address = f"/office/conflicts/{child}/risk_level"
    asked = await office.get(address)
    siblings = await village.registry.siblings(village.code, child, "risk_level")
    assert siblings is not None
    third.edit(child, risk_level="R")
    await third.sync()

    answer = await office.post(
        address, {"base": hidden(asked, "base"), "take": str(siblings.edits[0].rev)}
    )

    assert answer.status_code == 409
    assert "刚才又有新的说法" in words(answer)
    assert "高风险（红）" in words(answer)
    assert "risk_level" in {review.key for review in await village.registry.contested(village.code)}


async def test_nothing_chosen_settles_nothing(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), risk_level="G")
    a, b = await two_phones(office.client, village)
    await disagree(a, b, child, {"risk_level": "O"}, {"risk_level": "Y"})
    address = f"/office/conflicts/{child}/risk_level"
    asked = await office.get(address)

    for take in ("", "typed", "both", "999999"):
        answer = await office.post(address, {"base": hidden(asked, "base"), "take": take})
        assert answer.status_code == 422

    assert len(await village.registry.contested(village.code)) == 1


async def test_a_value_not_taken_can_be_brought_back(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), school_name="禾溪镇中心学校")
    a, b = await two_phones(office.client, village)
    await disagree(a, b, child, {"school_name": "县一小"}, {"school_name": "县二小"})
    row = await village.registry.row(village.code, child)
    assert row is not None
    loser = next(
        edit
        for edit in await village.registry.history(village.code, child)
        if edit.key == "school_name" and edit.value != row.fields["school_name"] and edit.base
    )
    page = await office.get(f"/office/records/{child}")
    assert "改回这个说法" in words(page)

    await office.post(
        f"/office/records/{child}/restore",
        {"key": "school_name", "rev": str(loser.rev), "base": str(row.rev)},
    )

    after = await village.registry.row(village.code, child)
    assert after is not None
    assert after.fields["school_name"] == loser.value
    assert after.contested == {}


async def test_another_villages_conflict_is_not_there(
    office: Browser, sqlite_village: Village
) -> None:
    assert_refused(await office.get(f"/office/conflicts/{'0' * 32}/risk_level"), 404, "no_record")


async def three_disagreements(
    office: Browser, village: Village
) -> tuple[list[str], list[str], Phone]:
    """Three children whose school two phones tell differently; what the list offers to pick; one of the phones."""
    home = await village.household()
    children = [await village.child(home, name=name) for name in ("谷小满", "安白露", "石惊蛰")]
    a, b = await two_phones(office.client, village)
    for child in children:
        a.edit(child, school_name="县一小")
        b.edit(child, school_name="县二小")
    await a.sync()
    await b.sync()
    listed = await office.get("/office/conflicts?alike=child.school_name")
    return children, re.findall(r'name="pick" value="([^"]+)"', listed.text), a


async def test_alike_conflicts_are_looked_over_and_settled_together(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    children, picks, _ = await three_disagreements(office, village)
    shown = {id: (await village.registry.row(village.code, id)) for id in children}
    assert len(picks) == 3

    asked = await office.post("/office/conflicts/together", {"pick": picks, "way": "other"})
    assert "还没有定" in words(asked)
    assert len(await village.registry.contested(village.code)) == 3
    await office.post(
        "/office/conflicts/together",
        {"pick": picks, "way": "other", "confirmed": "1", "reason": "问过学校"},
    )

    assert await village.registry.contested(village.code) == []
    for id, before in shown.items():
        row = await village.registry.row(village.code, id)
        assert before is not None
        assert row is not None
        assert row.fields["school_name"] == before.contested["school_name"][0]
    noted = [e for e in await village.auth.audit(village.code) if e.action == "settle"]
    assert [e.details for e in noted] == ["问过学校"] * 3


async def test_what_moved_since_the_list_was_shown_is_left_and_said_so(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    children, picks, phone = await three_disagreements(office, village)
    await phone.sync()
    phone.edit(children[0], talent="跑步")
    await phone.sync()

    answer = await office.post(
        "/office/conflicts/together", {"pick": picks, "way": "shown", "confirmed": "1"}
    )

    assert "刚才又有新的说法" in words(answer)
    assert {it.record for it in await village.registry.contested(village.code)} == {children[0]}


async def test_picks_of_nothing_or_of_rubbish_settle_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    await three_disagreements(office, sqlite_village)

    for picks in ([], ["x"], [f"{'0' * 32}/school_name@3"], ["/@"]):
        await office.post(
            "/office/conflicts/together", {"pick": picks, "way": "shown", "confirmed": "1"}
        )

    assert len(await sqlite_village.registry.contested(sqlite_village.code)) == 3


async def test_the_gravest_conflict_stands_first(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), risk_level="G")
    a, b = await two_phones(office.client, village)
    for phone, fact, risk in ((a, "F", "O"), (b, "M", "Y")):
        phone.edit(child, left_behind_fact=fact)
        phone.edit(child, risk_level=risk)
        await phone.sync()

    listed = (await office.get("/office/conflicts")).text

    assert listed.index(f"{child}/risk_level") < listed.index(f"{child}/left_behind_fact")
    assert "先定" in listed


async def test_a_phone_that_was_away_says_how_sure_its_time_is(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), risk_level="G")
    a, b = await two_phones(office.client, village)
    a.contact -= 3 * 86_400_000
    await disagree(a, b, child, {"risk_level": "O"}, {"risk_level": "Y"})

    asked = words(await office.get(f"/office/conflicts/{child}/risk_level"))

    assert asked.count("手机的钟不一定准") == 1
