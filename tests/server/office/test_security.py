"""What guards every page: sessions, forged posts, roles, headers, sizes."""

import inspect
from typing import Any

import pytest
from starlette.routing import Route

from server.office.assets import SHARED
from server.office.routes import pages
from tests.helpers import Village
from tests.server.office.browser import PASSWORD, Browser, assert_refused

OPEN = {"login", "language", "nowhere", "asset"}
"""Pages without a session; every other one asks who you are."""


def test_every_address_is_guarded() -> None:
    unguarded = [
        route.path
        for route in pages
        if isinstance(route, Route) and not getattr(route.endpoint, "is_guarded", False)
    ]

    assert unguarded == []


async def test_nobody_gets_past_the_login_without_a_session(visitor: Browser) -> None:
    for route in pages:
        assert isinstance(route, Route)
        if inspect.unwrap(route.endpoint).__name__ in OPEN:
            continue
        path = "/office" + route.path_format.format_map(dict.fromkeys(route.param_convertors, "x"))
        answer = await (visitor.get(path) if "GET" in (route.methods or ()) else visitor.post(path))
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/office/login"), path


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_post_from_another_site_is_refused(
    office: Browser, headers: dict[str, Any]
) -> None:
    answer = await office.post("/office/people/new", {"name": "石大叔甲"}, **headers)

    assert_refused(answer, 403, "wrong_origin")


async def test_without_fetch_metadata_the_origin_decides(office: Browser) -> None:
    for origin, status in (("https://evil.example", 403), ("http://localhost", 303)):
        answer = await office.client.post(
            "/office/logout", data={"csrf": office.token}, headers={"Origin": origin}
        )
        assert answer.status_code == status


async def test_a_post_that_says_nothing_of_where_it_comes_from_is_refused(office: Browser) -> None:
    answer = await office.client.post("/office/logout", data={"csrf": office.token})

    assert_refused(answer, 403, "wrong_origin")


async def test_a_post_without_the_pages_token_is_refused(
    office: Browser, sqlite_village: Village
) -> None:
    before = len(await sqlite_village.auth.accounts(sqlite_village.code))

    answer = await office.post("/office/people/new", {"csrf": "0" * 40, "name": "石大叔甲"})

    assert_refused(answer, 403, "wrong_origin")
    assert len(await sqlite_village.auth.accounts(sqlite_village.code)) == before


async def test_a_token_in_other_letters_is_refused_too(office: Browser) -> None:
    answer = await office.post("/office/logout", {"csrf": "令牌"})
    assert_refused(answer, 403, "wrong_origin")


async def test_a_body_larger_than_any_roster_is_refused_unread(office: Browser) -> None:
    headers: dict[str, Any] = {"Content-Length": str(12 * 1024 * 1024)}

    answer = await office.post("/office/import", **headers)

    assert_refused(answer, 413, "too_large")


async def test_roles_open_only_their_own_pages(visitor: Browser, sqlite_village: Village) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="du", name="田督导甲", role="supervisor", password=PASSWORD
    )
    await visitor.sign_in("du")

    assert (await visitor.get("/office/children")).status_code == 200
    assert (await visitor.get("/office/audit")).status_code == 200
    for path in (
        "/office/conflicts",
        "/office/people",
        "/office/import",
        "/office/records/new/child",
    ):
        assert_refused(await visitor.get(path), 403, "not_allowed")


async def test_the_administrator_sees_no_children(
    visitor: Browser, sqlite_village: Village
) -> None:
    child = await sqlite_village.child(await sqlite_village.household())
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="root", name="米管理甲", role="admin", password=PASSWORD
    )
    await visitor.sign_in("root")

    assert (await visitor.get("/office/people")).status_code == 200
    for path in (
        "/office/children",
        "/office/households",
        "/office/due",
        f"/office/records/{child}",
    ):
        assert_refused(await visitor.get(path), 403, "not_allowed")


async def test_pages_may_load_nothing_from_elsewhere_and_run_nothing_inline(
    office: Browser,
) -> None:
    for path in ("/office/", "/office/login", "/office/nowhere", "/office/static/office.css"):
        answer = await office.get(path)
        [policy] = answer.headers.get_list("content-security-policy")
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_no_page_carries_inline_script_or_style(office: Browser) -> None:
    for path in ("/office/", "/office/children", "/office/people/new", "/office/import"):
        text = (await office.get(path)).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "<script>" not in text


async def test_personal_pages_are_never_stored(office: Browser) -> None:
    for path in ("/office/", "/office/children", "/office/households", "/office/people"):
        assert (await office.get(path)).headers["cache-control"] == "no-store"


async def test_an_unknown_address_is_a_page_that_leads_back(office: Browser) -> None:
    answer = await office.get("/office/no/such/place")

    assert_refused(answer, 404, "not_found")
    assert 'href="/office/"' in answer.text


async def test_static_files_are_only_ours(visitor: Browser) -> None:
    assert (await visitor.get("/office/static/tokens.css")).text.count("--paper") == 1
    for name in ("..%2Fsecurity.py", "en.po", "nothing.css"):
        assert (await visitor.get(f"/office/static/{name}")).status_code == 404


def test_the_palette_of_an_installed_office_is_the_phones_own() -> None:
    source, built = SHARED["tokens.css"]

    if built.is_file():
        assert built.read_bytes() == source.read_bytes()
    assert "src/tokens.css" in (source.parents[1] / "build.mjs").read_text(encoding="utf-8")
