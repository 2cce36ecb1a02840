"""Uploads that wait: each says who, when, why and what it would change; a person lets it in or leaves it."""

from typing import Any

import pytest

from server.registry import Unreadable, uuid7
from sync import Malformed
from tests.helpers import Phone, Village, change, create, enrol, op
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words

LIST = "/office/quarantine"


async def revoked_phone(office: Browser, village: Village, child: str, **edits: Any) -> Phone:
    """A phone that was cut off after it had saved some edits and before it handed them in."""
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    phone.edit(child, **edits)
    await village.auth.revoke(village.code, phone.device)
    await phone.step()
    return phone


async def test_nothing_waits_says_what_would(office: Browser) -> None:
    page = words(await office.get(LIST))

    assert "没有待放行的" in page
    assert "待放行" not in words(await office.get("/office/"))


async def test_a_revoked_phones_work_is_shown_in_words_beside_what_stands(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(
        await village.household(), left_behind_fact="F", school_name="中心学校", talent="跑步"
    )
    phone = await revoked_phone(
        office, village, child, left_behind_fact="B", school_name="县一小", talent="跑步",
        hobby__03=True,
    )  # fmt: skip

    start, listed = words(await office.get("/office/")), words(await office.get(LIST))
    page = words(await office.get(f"{LIST}/{phone.device}/1/1"))

    for said in (start, listed):
        assert "调查员a" in said
        assert "儿童 · 谷小满，4 项" in said
        assert "这部手机已停用" in said
    assert "测试手机" in page
    assert "父亲外出" in page
    assert "父母双方外出" in page
    assert "学校/幼儿园 中心学校 县一小" in page
    assert "跑步 跑步 和现在一样" in page


async def test_what_somebody_else_changed_meanwhile_is_pointed_out(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), school_name="中心学校")
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    phone.edit(child, school_name="县一小", talent="跑步")
    row = await village.registry.row(village.code, child)
    assert row is not None
    await village.commit(change(child, "child", row.rev, school_name="县二小"))
    await village.auth.revoke(village.code, phone.device)
    await phone.step()

    page = words(await office.get(f"{LIST}/{phone.device}/1/1"))

    assert "县二小 县一小 别人后来也改过" in page
    assert page.count("别人后来也改过") == 1


async def test_letting_in_asks_first_and_then_writes_with_its_author_and_a_note(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), school_name="中心学校")
    phone = await revoked_phone(office, village, child, school_name="县一小")
    address = f"{LIST}/{phone.device}/1/1"

    asked = await office.get(f"{address}?do=release")
    assert "放行这份上传？" in words(asked)
    before = await village.registry.row(village.code, child)
    assert before is not None
    assert before.fields["school_name"] == "中心学校"
    answer = await office.post(address, {"do": "release"})

    assert answer.headers["location"] == LIST
    assert "已放行，写进档案了" in words(await office.get(LIST))
    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.fields["school_name"] == "县一小"
    last = (await village.registry.history(village.code, child))[-1]
    assert (last.value, last.author) == ("县一小", "调查员a")
    [noted] = [e for e in await village.auth.audit(village.code) if e.action == "release"]
    assert noted.subject == child
    assert "调查员a" in noted.details
    again = await office.post(address, {"do": "release"})
    assert again.headers["location"] == LIST


async def test_leaving_aside_changes_nothing_and_goes_on_to_the_next(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), school_name="中心学校")
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    phone.edit(child, school_name="县一小")
    phone.edit(child, school_name="县二小")
    await village.auth.revoke(village.code, phone.device)
    await phone.step()

    answer = await office.post(f"{LIST}/{phone.device}/1/1", {"do": "dismiss"})

    assert answer.headers["location"] == f"{LIST}/{phone.device}/1/2"
    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.fields["school_name"] == "中心学校"
    assert [r.key for r in await village.registry.reviews(village.code)] == ["1/2"]
    assert "不采用上传" in words(await office.get("/office/audit"))


async def test_what_a_phone_would_make_is_called_by_its_name(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    device, home, child = await village.device(), uuid7(), uuid7()
    await village.auth.revoke(village.code, device)
    await village.push(
        device, 1,
        op(
            create(home, "household", grid_code=village.grid(2), head_name="石大叔甲"),
            create(child, "child", household_id=home, name="石白露", strange_field={"a": 1}),
        ),
    )  # fmt: skip

    page = words(await office.get(f"{LIST}/{device}/1/1"))

    assert "户 · 石大叔甲 新建" in page
    assert "所在户 石大叔甲" in page
    assert "下坪组" in page
    assert 'strange_field {"a": 1}' in page


async def test_a_removal_says_so(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    child = await village.child(await village.household())
    phone = await revoked_phone(office, village, child, present=False)

    assert "要删去这份档案" in words(await office.get(f"{LIST}/{phone.device}/1/1"))


@pytest.mark.parametrize(
    ("buckets", "edit", "said"),
    [
        ({"grid:02"}, {"school_name": "县一小"}, "不归这个人的手机管"),
        ({"grid:01"}, {"risk_level": "R"}, "角色不能改其中的某一项"),
    ],
)
async def test_each_reason_is_a_plain_sentence(
    office: Browser, sqlite_village: Village, buckets: set[str], edit: dict[str, Any], said: str
) -> None:
    village = sqlite_village
    child, device = await village.child(await village.household()), await village.device()
    await village.push(
        device, 1, op(change(child, "child", 99, **edit)), role="volunteer",
        buckets=frozenset(buckets),
    )  # fmt: skip

    assert said in words(await office.get(f"{LIST}/{device}/1/1"))


async def test_what_cannot_be_read_is_shown_as_it_came_and_cannot_be_let_in(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    device = await village.device()
    raw = {"changes": "<script>alert(1)</script>"}
    await village.push(device, 1, Unreadable(raw, Malformed("no_changes")))
    address = f"{LIST}/{device}/1/1"

    page = await office.get(address)

    assert "读不懂" in words(page)
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    assert "do=release" not in page.text
    assert "放行这份上传" not in words(await office.get(f"{address}?do=release"))
    assert_refused(await office.post(address, {"do": "release"}), 422, "bad_field")
    await office.post(address, {"do": "dismiss"})
    assert await village.registry.reviews(village.code) == []


async def test_only_who_settles_sees_what_waits(visitor: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    child = await village.child(await village.household())
    phone = await revoked_phone(visitor, village, child, talent="跑步")
    for role in ("supervisor", "admin"):
        await village.auth.create_account(
            village.code, login=role, name="田督导甲", role=role, password=PASSWORD
        )
        await visitor.sign_in(role)

        assert "待放行" not in words(await visitor.get("/office/"))
        for path in (LIST, f"{LIST}/{phone.device}/1/1"):
            assert_refused(await visitor.get(path), 403, "not_allowed")
        answer = await visitor.post(f"{LIST}/{phone.device}/1/1", {"do": "release"})
        assert_refused(answer, 403, "not_allowed")


async def test_an_upload_that_is_not_there_leads_to_the_list(office: Browser) -> None:
    answer = await office.get(f"{LIST}/nothing/1/1")

    assert answer.headers["location"] == LIST
    for place in ("nothing/1", "nothing/1/x", f"nothing/1/{10**30}"):
        assert_refused(await office.get(f"{LIST}/{place}"), 404, "not_found")
