"""People and devices: a person is added, a phone enrols before the office's eyes, a lost phone is cut off."""

from server.registry import uuid7
from tests.helpers import Village, create, enrol
from tests.server.office.browser import PASSWORD, Browser, assert_refused, hidden, words


async def test_a_surveyor_is_added_with_the_grids_of_the_phone(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await office.get("/office/people/new")

    answer = await office.post(
        "/office/people/new",
        {"name": "叶网格甲", "role": "surveyor", "grid": [village.grid(2)]},
    )

    assert answer.headers["location"] == "/office/people"
    made = next(a for a in await village.auth.accounts(village.code) if a.name == "叶网格甲")
    assert made.grids == [village.grid(2)]
    assert "下坪组" in words(await office.get("/office/people"))


async def test_what_is_missing_is_said_and_nothing_is_made(
    office: Browser, sqlite_village: Village
) -> None:
    before = len(await sqlite_village.auth.accounts(sqlite_village.code))
    await office.get("/office/people/new")

    for wanted, said in (
        ({"name": "", "role": "surveyor"}, "请写姓名"),
        ({"name": "叶网格甲", "role": ""}, "请选角色"),
        ({"name": "叶网格甲", "role": "surveyor"}, "手机里什么也没有"),
        ({"name": "江同学甲", "role": "volunteer"}, "手机里什么也没有"),
        ({"name": "田督导甲", "role": "supervisor"}, "请写登录名和密码"),
        ({"name": "叶网格甲", "role": "surveyor", "grid": "99"}, "没有这个网格"),
        (
            {"name": "安文书甲", "role": "clerk", "login": "office", "password": PASSWORD},
            "已有人用",
        ),
        ({"name": "安文书甲", "role": "clerk", "login": "an", "password": "short"}, "密码至少"),
    ):
        answer = await office.post("/office/people/new", wanted)
        assert answer.status_code in (409, 422)
        assert said in words(answer)

    assert len(await sqlite_village.auth.accounts(sqlite_village.code)) == before


async def test_a_code_is_shown_as_picture_link_and_letters_until_the_phone_has_enrolled(
    office: Browser, sqlite_village: Village
) -> None:
    surveyor = await sqlite_village.surveyor("a", 1)
    await office.get("/office/people")

    page = await office.post(f"/office/people/{surveyor.id}/code")
    code, until = hidden(page, "code"), hidden(page, "until")
    assert "<svg" in page.text
    assert f"http://localhost/app/#/enrol/{code}" in page.text
    assert code in words(page)
    assert "登记 调查员a 的手机" in words(page)

    status = f"/office/people/{surveyor.id}/code/status"
    waiting = await office.post(status, {"code": code, "until": until})
    assert "等手机登记" in words(waiting)
    await office.client.post("/api/enrol", json={"code": code, "label": "红米 12C"})
    done = await office.post(status, {"code": code, "until": until})
    assert "登记好了：红米 12C" in words(done)


async def test_a_code_that_has_expired_says_so(office: Browser, sqlite_village: Village) -> None:
    surveyor = await sqlite_village.surveyor("a", 1)

    answer = await office.post(
        f"/office/people/{surveyor.id}/code/status", {"code": "AAAA-BBBB-CCCC", "until": "1"}
    )

    assert "这张码过期了" in words(answer)


async def test_nobody_gets_a_code_for_a_role_without_a_phone(
    office: Browser, sqlite_village: Village
) -> None:
    supervisor = await sqlite_village.auth.create_account(
        sqlite_village.code, login="du", name="田督导甲", role="supervisor", password=PASSWORD
    )

    for account in (supervisor.id, "nobody"):
        assert_refused(await office.post(f"/office/people/{account}/code"), 404, "not_found")


async def test_a_lost_phone_is_cut_off_after_a_question(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    address = f"/office/people/devices/{phone.device}/revoke"

    asked = await office.get(address)
    assert "停用 调查员a 的手机？" in words(asked)
    device = next(d for d in await village.auth.devices(village.code) if d.id == phone.device)
    assert device.revoked_at == 0
    await office.post(address)

    device = next(d for d in await village.auth.devices(village.code) if d.id == phone.device)
    assert device.revoked_at > 0
    assert_refused(await office.get(address), 404, "not_found")


async def test_a_volunteer_is_one_of_the_helpers(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    helper = uuid7()
    await village.commit(create(helper, "helper", name="江同学甲", helper_kind="V", active="Y"))
    page = await office.get("/office/people/new")
    assert "江同学甲" in page.text

    await office.post(
        "/office/people/new", {"name": "江同学甲", "role": "volunteer", "helper_id": helper}
    )

    made = next(a for a in await village.auth.accounts(village.code) if a.name == "江同学甲")
    assert made.helper_id == helper
    assert await village.auth.buckets(made) == ["village", f"helper:{helper}"]


async def test_tonights_receipt_names_the_phone_and_its_agreement(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    home = await village.household()
    await phone.sync()
    phone.edit(home, location_hint="竹林边")
    await phone.sync()

    page = words(await office.get("/office/"))

    assert "调查员a 测试手机 1" in page
    assert phone.agreed
    assert "今天" in page


async def test_the_audit_tells_who_did_what(office: Browser, sqlite_village: Village) -> None:
    await sqlite_village.surveyor("a", 1)

    page = words(await office.get("/office/audit"))

    assert "方村官甲 登录" in page
