"""The matrix of roles holds over HTTP: every action is tried as every role, and nobody reaches a higher role's account."""

import re

import pytest
from starlette.routing import Route

from server.auth import ROLES, Account
from server.office.routes import pages
from server.office.security import actions_of
from server.programme import may, may_manage, programme
from server.registry import uuid7
from tests.helpers import Village, change, create, enrol
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words

ON_PHONES = {"use_phone", "set_risk", "pair"}
"""Tried with a phone; every other action has a page that asks for it."""
ON_PAGES = {"read_history", "read_focus"}
"""Asked for within pages that another action opens; tried by tests of their own."""


async def person(village: Village, role: str, number: int = 1) -> Account:
    return await village.auth.create_account(
        village.code, login=f"{role}{number}", name=f"叶{role}{number}", role=role,
        password=PASSWORD, grids=[village.grid(1)],
    )  # fmt: skip


async def signed_in(visitor: Browser, village: Village, role: str) -> Account:
    account = await person(village, role)
    await visitor.sign_in(account.login)
    return account


def test_every_action_of_the_matrix_is_asked_for_somewhere() -> None:
    asked = {getattr(it.endpoint, "action", "") for it in pages if isinstance(it, Route)}

    assert set(programme().roles.actions) - asked - ON_PHONES - ON_PAGES == set()


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_opens_for_the_roles_of_its_action_alone(
    visitor: Browser, sqlite_village: Village, role: str
) -> None:
    await signed_in(visitor, sqlite_village, role)
    can = actions_of(role)
    for route in pages:
        action = getattr(route.endpoint, "action", "") if isinstance(route, Route) else ""
        if not action:
            continue
        assert isinstance(route, Route)
        path = "/office" + route.path_format.format_map(dict.fromkeys(route.param_convertors, "x"))
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = await (visitor.get(path) if method == "GET" else visitor.post(path))
            where = f"{method} {path} as {role}"
            if not can["use_office"]:
                assert answer.status_code == 303, where
                assert answer.headers["location"].startswith("/office/login"), where
            elif can[action]:
                assert "not_allowed" not in answer.text, where
                assert answer.status_code < 500, where
            else:
                assert_refused(answer, 403, "not_allowed")


@pytest.mark.parametrize("role", ROLES)
async def test_phones_do_what_the_matrix_says_and_no_more(
    office: Browser, sqlite_village: Village, role: str
) -> None:
    village, helper = sqlite_village, uuid7()
    child = await village.child(await village.household(), risk_level="LOW")
    await village.commit(create(helper, "helper", name="江老师甲", helper_kind="T", active="Y"))
    holder = await person(village, role, 2)
    by_admin = await person(village, "admin", 3)
    await office.sign_in(by_admin.login)

    code = await office.post(f"/office/people/{holder.id}/code")

    assert (code.status_code == 200) is may(role, "use_phone")
    if not may(role, "use_phone"):
        return
    phone = await enrol(office.client, village.auth, holder)
    await phone.sync()
    phone.edit(child, risk_level="RED")
    phone.create("pairing", child_id=child, helper_id=helper, kind="TCH", from_on="2026-01-01")
    await phone.sync()
    row = await village.registry.row(village.code, child)
    assert row is not None
    assert (row.fields.get("risk_level") == "RED") is may(role, "set_risk")
    assert bool(await village.registry.rows(village.code, "pairing")) is may(role, "pair")


@pytest.mark.parametrize("role", [it for it in ROLES if may(it, "use_office")])
async def test_the_history_of_a_file_is_shown_to_the_roles_that_may_read_it(
    visitor: Browser, sqlite_village: Village, role: str
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), hobby_other="竹编")
    row = await village.registry.row(village.code, child)
    assert row is not None
    await village.commit(change(child, "child", row.rev, hobby_other="剪纸"))
    await signed_in(visitor, sqlite_village, role)

    page = await visitor.get(f"/office/records/{child}")

    assert ("竹编" in page.text) is may(role, "read_history")


@pytest.mark.parametrize("role", [it for it in ROLES if may(it, "use_office")])
async def test_the_list_of_focus_children_opens_for_the_roles_that_may_read_it(
    visitor: Browser, sqlite_village: Village, role: str
) -> None:
    await signed_in(visitor, sqlite_village, role)

    answer = await visitor.get("/office/lists/focus")

    assert (answer.status_code == 200) is may(role, "read_focus")


@pytest.mark.parametrize("role", [it for it in ROLES if may(it, "manage_people")])
async def test_nobody_changes_the_account_of_a_higher_role_in_any_way(
    visitor: Browser, sqlite_village: Village, role: str
) -> None:
    village = sqlite_village
    await signed_in(visitor, village, role)
    for other in ROLES:
        wanted = await person(village, other, 2)
        new = {"password": "qinghe-2026-new", "again": "qinghe-2026-new"}
        posts = [
            ("", {"name": "改了的名", "role": other, "grid": village.grid(1)}),
            ("/second-factor", {}),
            ("/active", {"active": "0"}),
        ]
        if may(other, "use_office"):
            posts.append(("/password", new))
        if may(other, "use_phone"):
            posts.insert(0, ("/code", {}))
        for path, form in posts:
            answer = await visitor.post(f"/office/people/{wanted.id}{path}", form)
            if may_manage(role, other):
                assert answer.status_code in (200, 303), f"{role} {path} of {other}"
            else:
                assert_refused(answer, 403, "higher_role")
        after = await village.auth.account(village.code, wanted.id)
        assert (after == wanted) is not may_manage(role, other)
        if may(other, "use_office") and not may_manage(role, other):
            assert await village.auth.sign_in(village.code, wanted.login, PASSWORD)


@pytest.mark.parametrize("role", [it for it in ROLES if may(it, "manage_people")])
async def test_nobody_gives_a_role_higher_than_the_own(
    visitor: Browser, sqlite_village: Village, role: str
) -> None:
    village = sqlite_village
    await signed_in(visitor, village, role)
    lowest = await person(village, "volunteer", 2)
    for other in ROLES:
        form = {"name": "石新人甲", "role": other, "grid": village.grid(1)}
        made = await visitor.post(
            "/office/people/new", {**form, "login": f"new-{other}", "password": PASSWORD}
        )
        raised = await visitor.post(f"/office/people/{lowest.id}", form)
        for answer in (made, raised):
            if may_manage(role, other):
                assert answer.status_code == 303
            else:
                assert_refused(answer, 403, "higher_role")
        await village.auth.update_account(lowest, role="volunteer")


async def test_a_clerk_reads_an_officials_account_and_finds_nothing_to_press(
    visitor: Browser, sqlite_village: Village
) -> None:
    await signed_in(visitor, sqlite_village, "clerk")
    official = await person(sqlite_village, "official", 2)

    page = await visitor.get(f"/office/people/{official.id}")

    assert "只能看，不能改" in words(page)
    main = page.text[page.text.index("<main") :]
    assert re.findall(r"<button[^>]*>", main) == []


@pytest.mark.parametrize("role", [it for it in ROLES if may(it, "use_office")])
async def test_the_page_of_the_matrix_says_what_the_code_does(
    visitor: Browser, sqlite_village: Village, role: str
) -> None:
    await signed_in(visitor, sqlite_village, role)

    page = await visitor.get("/office/roles")

    for action in programme().roles.actions:
        [line] = re.findall(rf'<tr id="{action}">.*?</tr>', page.text, re.DOTALL)
        cells = ["能" in it for it in re.findall(r"<td>(.*?)</td>", line, re.DOTALL)]
        assert cells == [may(it, action) for it in ROLES]
