"""Signing in: who may, what is said when not, how often one may try, and how a session ends."""

import httpx2
from starlette.applications import Starlette

from server.auth.auth import FREE_TRIES
from tests.helpers import Village
from tests.server.office.browser import PASSWORD, Browser, words


async def test_the_office_asks_who_you_are_and_brings_you_where_you_wanted(
    visitor: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="wen", name="安文书甲", role="clerk", password=PASSWORD
    )

    asked = await visitor.get("/office/children")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/office/login?next=/office/children"

    answer = await visitor.post(
        "/office/login", {"login": "wen", "password": PASSWORD, "next": "/office/children"}
    )
    assert answer.headers["location"] == "/office/children"
    assert (await visitor.get("/office/children")).status_code == 200


async def test_a_wrong_password_says_so_and_keeps_the_login(visitor: Browser) -> None:
    answer = await visitor.post("/office/login", {"login": "wen", "password": "not-this-one"})

    assert answer.status_code == 401
    assert "账号或密码不对" in words(answer)
    assert 'value="wen"' in answer.text


async def test_guessing_has_to_wait_and_is_told_how_long(
    visitor: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="wen", name="安文书甲", role="clerk", password=PASSWORD
    )
    for _ in range(FREE_TRIES):
        await visitor.post("/office/login", {"login": "wen", "password": "guessing-it"})

    refused = await visitor.post("/office/login", {"login": "wen", "password": PASSWORD})

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "秒后再试" in words(refused)


async def test_a_volunteers_account_is_for_the_phone_only(
    visitor: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="zhi", name="江同学甲", role="volunteer", password=PASSWORD
    )

    answer = await visitor.post("/office/login", {"login": "zhi", "password": PASSWORD})

    assert answer.status_code == 403
    assert "只用于手机" in words(answer)
    assert "set-cookie" not in answer.headers


async def test_the_cookie_is_http_only_and_bound_to_the_host_over_https(
    app: Starlette, sqlite_village: Village
) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="wen", name="安文书甲", role="clerk", password=PASSWORD
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://qinghe.example") as client:
        answer = await client.post(
            "/office/login",
            data={"login": "wen", "password": PASSWORD},
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-zf_session=")
    for part in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert part in cookie


async def test_signing_out_ends_the_session_on_the_server(office: Browser) -> None:
    cookies = dict(office.client.cookies)

    await office.post("/office/logout")
    office.client.cookies.update(cookies)

    assert (await office.get("/office/")).status_code == 303


async def test_next_never_leads_to_another_site(office: Browser) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/office/\\evil", "javascript:1"):
        answer = await office.post(
            "/office/login", {"login": "cunguan", "password": PASSWORD, "next": elsewhere}
        )
        assert answer.headers["location"] == "/office/"


async def test_the_language_is_remembered(visitor: Browser) -> None:
    await visitor.post("/office/language", {"language": "en", "back": "/office/login"})

    page = await visitor.get("/office/login", **{"Accept-Language": "zh-CN"})

    assert "Sign in" in words(page)
    assert '<html lang="en">' in page.text
