"""Accounts, sessions, codes and the audit trail, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from server.auth import auth as auth_module
from server.auth.model import buckets_of
from server.database import Work, ask, schema
from server.errors import Problem
from server.registry import now_ms
from tests.helpers import Village

PASSWORD = "qinghe-2026"


async def test_a_person_signs_in_and_out(village: Village) -> None:
    await village.auth.create_account(
        village.code, login="li", name="安干事", role="official", password=PASSWORD
    )

    token = await village.auth.sign_in(village.code, "li", PASSWORD)
    account = await village.auth.session(token)
    await village.auth.sign_out(token)

    assert account is not None
    assert account.name == "安干事"
    assert await village.auth.session(token) is None


@pytest.mark.parametrize(
    ("login", "password"), [("li", "wrong"), ("nobody", PASSWORD), ("office", "")]
)
async def test_a_wrong_login_or_password_is_refused_alike(
    village: Village, login: str, password: str
) -> None:
    await village.auth.create_account(
        village.code, login="li", name="安干事", role="official", password=PASSWORD
    )

    with pytest.raises(Problem) as refused:
        await village.auth.sign_in(village.code, login, password)

    assert refused.value.code == "wrong_login"


async def test_five_failures_make_one_address_wait_and_nobody_else(village: Village) -> None:
    await village.auth.create_account(
        village.code, login="li", name="安干事", role="official", password=PASSWORD
    )
    for _ in range(5):
        with pytest.raises(Problem):
            await village.auth.sign_in(village.code, "li", "wrong", address="10.0.0.9")

    with pytest.raises(Problem) as refused:
        await village.auth.sign_in(village.code, "li", PASSWORD, address="10.0.0.9")

    assert refused.value.code == "slow_down"
    assert 0 < refused.value.details["retry_after"] <= 60
    assert await village.auth.sign_in(village.code, "li", PASSWORD, address="10.0.0.7")


async def test_an_idle_session_ends(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    await village.auth.create_account(
        village.code, login="li", name="安干事", role="official", password=PASSWORD
    )
    token = await village.auth.sign_in(village.code, "li", PASSWORD)
    later = now_ms() + auth_module.SESSION_IDLE_MS + 1
    monkeypatch.setattr(auth_module, "now_ms", lambda: later)

    assert await village.auth.session(token) is None


async def test_switching_an_account_off_ends_its_sessions_and_codes(village: Village) -> None:
    account = await village.auth.create_account(
        village.code, login="li", name="安干事", role="official", password=PASSWORD
    )
    token = await village.auth.sign_in(village.code, "li", PASSWORD)
    code = await village.auth.issue_code(account)

    await village.auth.update_account(account, active=False)

    assert await village.auth.session(token) is None
    with pytest.raises(Problem, match="code_unknown"):
        await village.auth.peek_code(code.text)


async def test_two_people_cannot_share_a_login(village: Village) -> None:
    with pytest.raises(Problem, match="login_taken"):
        await village.auth.create_account(village.code, login="office", name="又一个", role="clerk")


@pytest.mark.parametrize("password", ["short", "12345678", "88888888"])
async def test_a_weak_password_is_refused(village: Village, password: str) -> None:
    with pytest.raises(Problem, match="weak_password"):
        await village.auth.create_account(
            village.code, login="li", name="安干事", role="clerk", password=password
        )


async def test_secrets_are_kept_only_as_hashes(village: Village) -> None:
    account = await village.surveyor("a", 1)
    code = await village.auth.issue_code(account)
    enrolled = await village.auth.enrol(code.text, "红米")

    found = await village.auth.device_by_token(enrolled.token)
    stored = repr(await village.auth.devices(village.code))

    assert found is not None
    assert found[1].id == account.id
    assert enrolled.token.partition(".")[2] not in stored


async def test_only_one_of_two_phones_gets_a_code_that_both_scan(village: Village) -> None:
    code = await village.auth.issue_code(await village.surveyor("a", 1))
    await village.auth.enrol(code.text, "一")

    with pytest.raises(Problem, match="code_unknown"):
        await village.auth.enrol(code.text, "二")

    assert [d.label for d in await village.auth.devices(village.code) if d.kind == "phone"] == [
        "一"
    ]


async def test_the_audit_trail_is_chained_in_order(village: Village) -> None:
    for n in range(3):
        await village.auth.note(village.code, "office", "export", f"children {n}")

    entries = await village.auth.audit(village.code)

    assert [e.number for e in entries] == [3, 2, 1]
    assert entries[0].subject == "children 2"


async def test_a_line_that_was_changed_or_taken_out_breaks_the_chain(village: Village) -> None:
    for n in range(4):
        await village.auth.note(village.code, "office", "export", f"children {n}")
    whole = await village.auth.check_audit(village.code)
    assert (whole.lines, whole.broken) == (4, 0)
    assert len(whole.head) == 64

    here = (schema.audit.c.village == village.code, schema.audit.c.number == 3)

    def altered() -> Work[None]:
        yield ask(update(schema.audit).where(*here).values(subject="children 7"))

    def taken_out() -> Work[None]:
        yield ask(delete(schema.audit).where(*here))

    await village.registry.database.write(altered())
    assert (await village.auth.check_audit(village.code)).broken == 3
    await village.registry.database.write(taken_out())
    broken = await village.auth.check_audit(village.code)
    assert (broken.lines, broken.broken) == (3, 3)


async def test_a_role_decides_which_buckets_a_phone_holds(village: Village) -> None:
    grids = [village.grid(1), village.grid(2)]
    surveyor = await village.surveyor("a", 2)

    assert buckets_of(surveyor, grids) == ["village", "grid:02"]
    assert buckets_of(village.clerk, grids) == ["village", "grid:01", "grid:02"]
    assert await village.auth.buckets(village.clerk) == ["village", "grid:01", "grid:02"]


async def test_the_codes_that_still_work_are_told_newest_first_and_without_their_letters(
    village: Village,
) -> None:
    account = await village.surveyor("a", 1)
    used = await village.auth.issue_code(account)
    await village.auth.enrol(used.text, "测试手机")
    codes = [await village.auth.issue_code(account) for _ in range(2)]

    told = await village.auth.codes(account)

    assert [it.expires_at for it in told] == [it.expires_at for it in reversed(codes)]
    assert await village.auth.codes(village.clerk) == []
