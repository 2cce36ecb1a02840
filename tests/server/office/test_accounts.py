"""One person's account: what the person may do changes at once; nobody shuts the own door."""

import pytest

from server.auth import Account
from tests.helpers import Village, enrol
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words


async def clerk(village: Village) -> Account:
    return await village.auth.create_account(
        village.code, login="wenshu", name="安文书甲", role="clerk", password=PASSWORD
    )


async def own(village: Village) -> Account:
    found = await village.auth.account_by_login(village.code, "cunguan")
    assert found is not None
    return found


async def again(village: Village, person: Account) -> Account:
    found = await village.auth.account(village.code, person.id)
    assert found is not None
    return found


async def test_name_role_and_grids_are_changed_and_noted_in_words(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    person = await village.surveyor("a", 1)
    page = words(await office.get(f"/office/people/{person.id}"))
    assert "调查员a" in page

    answer = await office.post(
        f"/office/people/{person.id}",
        {"name": "叶网格甲", "role": "surveyor", "grid": [village.grid(2)]},
    )

    assert answer.headers["location"] == f"/office/people/{person.id}"
    changed = await again(village, person)
    assert (changed.name, changed.grids) == ("叶网格甲", [village.grid(2)])
    assert "改人员资料 叶网格甲 · 姓名、负责的网格" in words(await office.get("/office/audit"))


async def test_what_is_wrong_is_said_and_changes_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    person = await sqlite_village.surveyor("a", 1)
    good = {"name": "叶网格甲", "role": "surveyor", "grid": sqlite_village.grid(1)}

    for wrong, said in (
        ({"name": " "}, "请写姓名"),
        ({"name": "谷" * 41}, "姓名太长"),
        ({"role": "king"}, "请选角色"),
        ({"grid": "99"}, "没有这个网格"),
        ({"helper_id": "nobody"}, "没有这位帮扶人"),
    ):
        answer = await office.post(f"/office/people/{person.id}", {**good, **wrong})
        assert answer.status_code == 422
        assert said in words(answer)

    assert await again(sqlite_village, person) == person


async def test_saving_without_a_change_notes_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    person = await sqlite_village.surveyor("a", 1)

    await office.post(
        f"/office/people/{person.id}",
        {"name": person.name, "role": person.role, "grid": person.grids},
    )

    noted = await sqlite_village.auth.audit(sqlite_village.code)
    assert "change_user" not in {entry.action for entry in noted}


async def test_a_new_password_ends_open_sessions_and_opens_the_door(
    office: Browser, sqlite_village: Village
) -> None:
    village, person = sqlite_village, await clerk(sqlite_village)
    token = await village.auth.sign_in(village.code, "wenshu", PASSWORD)

    answer = await office.post(
        f"/office/people/{person.id}/password",
        {"password": "qinghe-2026-new", "again": "qinghe-2026-new"},
    )

    assert answer.headers["location"] == f"/office/people/{person.id}"
    assert await village.auth.session(token) is None
    assert await village.auth.sign_in(village.code, "wenshu", "qinghe-2026-new")
    assert "设新密码 安文书甲" in words(await office.get("/office/audit"))


@pytest.mark.parametrize(
    ("typed", "repeated", "place", "said"),
    [
        ("short", "short", "password-problem", "密码至少要 8 个字符"),
        ("", "", "password-problem", "密码至少要 8 个字符"),
        ("qinghe-2026-new", "qinghe-2026-nwe", "again-problem", "两次写的不一样"),
    ],
)
async def test_a_password_that_will_not_do_is_refused_at_its_field(
    office: Browser, sqlite_village: Village, typed: str, repeated: str, place: str, said: str
) -> None:
    village, person = sqlite_village, await clerk(sqlite_village)

    answer = await office.post(
        f"/office/people/{person.id}/password", {"password": typed, "again": repeated}
    )

    assert answer.status_code == 422
    assert f'id="{place}"' in answer.text
    assert said in words(answer)
    assert "qinghe-2026" not in answer.text
    assert await village.auth.sign_in(village.code, "wenshu", PASSWORD)


async def test_who_changes_the_own_password_signs_in_anew(
    office: Browser, sqlite_village: Village
) -> None:
    person = await own(sqlite_village)

    answer = await office.post(
        f"/office/people/{person.id}/password",
        {"password": "qinghe-2026-new", "again": "qinghe-2026-new"},
    )

    assert answer.headers["location"] == "/office/login"
    assert "请用新密码重新登录" in words(await office.get("/office/login"))
    assert (await office.get("/office/people")).status_code == 303
    await office.sign_in("cunguan", "qinghe-2026-new")
    assert (await office.get("/office/people")).status_code == 200


async def test_who_only_has_a_phone_gets_no_office_password(
    office: Browser, sqlite_village: Village
) -> None:
    person = await sqlite_village.surveyor("a", 1)

    assert "新的登录密码" not in words(await office.get(f"/office/people/{person.id}"))
    answer = await office.post(
        f"/office/people/{person.id}/password",
        {"password": "qinghe-2026-new", "again": "qinghe-2026-new"},
    )
    assert_refused(answer, 404, "not_found")


async def test_an_account_is_switched_off_at_once_and_on_again(
    office: Browser, sqlite_village: Village
) -> None:
    village, person = sqlite_village, await clerk(sqlite_village)
    token = await village.auth.sign_in(village.code, "wenshu", PASSWORD)
    address = f"/office/people/{person.id}/active"

    await office.post(address, {"active": "0"})

    assert await village.auth.session(token) is None
    assert await village.auth.buckets(await again(village, person)) == []
    assert "已停用" in words(await office.get(f"/office/people/{person.id}"))
    await office.post(address, {"active": "1"})
    assert (await again(village, person)).active
    page = words(await office.get("/office/audit"))
    assert "停用账号 安文书甲" in page
    assert "重新启用账号 安文书甲" in page


async def test_a_changed_role_closes_the_office_at_once(
    office: Browser, visitor: Browser, sqlite_village: Village
) -> None:
    village, person = sqlite_village, await clerk(sqlite_village)
    await village.auth.update_account(await own(village), role="surveyor", grids=[village.grid(1)])

    answer = await visitor.get("/office/people")

    assert answer.headers["location"].startswith("/office/login")
    assert person.active


async def test_nobody_takes_away_the_own_role_or_access(
    office: Browser, sqlite_village: Village
) -> None:
    village, person = sqlite_village, await own(sqlite_village)
    page = await office.get(f"/office/people/{person.id}")
    assert 'name="role"' not in page.text
    assert "停用账号" not in words(page)

    role = await office.post(
        f"/office/people/{person.id}", {"name": "方村官乙", "role": "supervisor"}
    )
    access = await office.post(f"/office/people/{person.id}/active", {"active": "0"})

    assert (role.status_code, access.status_code) == (422, 422)
    assert "不能改自己的角色" in words(role)
    assert "不能停用自己" in words(access)
    assert await again(village, person) == person
    await office.post(f"/office/people/{person.id}", {"name": "方村官乙"})
    assert (await again(village, person)).name == "方村官乙"


async def test_the_phones_of_a_person_and_the_open_codes_are_listed(
    office: Browser, sqlite_village: Village
) -> None:
    village, person = sqlite_village, await sqlite_village.surveyor("a", 1)
    phone = await enrol(office.client, village.auth, person)
    code = await village.auth.issue_code(person)

    page = await office.get(f"/office/people/{person.id}")

    assert "测试手机" in words(page)
    assert f"/office/people/devices/{phone.device}/revoke" in page.text
    assert words(page).count("登记码还没用") == 1
    assert code.text not in page.text


async def test_another_villages_people_are_not_there(
    office: Browser, sqlite_village: Village
) -> None:
    for path in ("", "/password", "/active"):
        answer = await office.post(f"/office/people/{'0' * 32}{path}", {"active": "0"})
        assert_refused(answer, 404, "not_found")


async def test_who_manages_nobody_edits_nobody(visitor: Browser, sqlite_village: Village) -> None:
    village, person = sqlite_village, await clerk(sqlite_village)
    await village.auth.create_account(
        village.code, login="du", name="田督导甲", role="supervisor", password=PASSWORD
    )
    await visitor.sign_in("du")

    for path in ("", "/password", "/active"):
        answer = await visitor.post(f"/office/people/{person.id}{path}", {"active": "0"})
        assert_refused(answer, 403, "not_allowed")
