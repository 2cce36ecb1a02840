"""A second factor: switched on with the app in hand, asked for at the login, off with the password."""

import pyotp
import pytest

from server.auth import second_factor
from tests.helpers import Village
from tests.server.office.browser import PASSWORD, Browser, hidden, words

ADDRESS = "/office/second-factor"


class Clock:
    """Time as the server sees it, moved by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_800_000_000.0
        monkeypatch.setattr(second_factor, "clock", lambda: self.now)

    def code(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(int(self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def switch_on(office: Browser, clock: Clock) -> str:
    secret = hidden(await office.get(ADDRESS), "secret")
    answer = await office.post(ADDRESS, {"secret": secret, "code": clock.code(secret)})
    assert answer.status_code == 303
    return secret


async def sign_in(office: Browser, code: str = "") -> int:
    fields = {"login": "cunguan", "password": PASSWORD, "code": code}
    return (await office.post("/office/login", fields)).status_code


async def test_once_on_the_login_asks_for_six_digits(office: Browser, clock: Clock) -> None:
    secret = await switch_on(office, clock)
    await office.post("/office/logout")
    clock.now += 60

    asked = await office.post("/office/login", {"login": "cunguan", "password": PASSWORD})
    assert asked.status_code == 401
    assert "验证器上的六位数字" in words(asked)
    assert await sign_in(office, "000000") == 401
    assert await sign_in(office, clock.code(secret)) == 303


async def test_a_code_works_once(office: Browser, clock: Clock) -> None:
    secret = await switch_on(office, clock)
    clock.now += 60
    code = clock.code(secret)

    assert await sign_in(office, code) == 303
    assert await sign_in(office, code) == 401
    clock.now += 30
    assert await sign_in(office, clock.code(secret)) == 303


async def test_a_code_of_long_ago_is_none(office: Browser, clock: Clock) -> None:
    secret = await switch_on(office, clock)
    clock.now += 60
    old = clock.code(secret)
    clock.now += 90

    assert await sign_in(office, old) == 401


async def test_wrong_codes_slow_down_like_wrong_passwords(office: Browser, clock: Clock) -> None:
    await switch_on(office, clock)

    answers = [await sign_in(office, "000000") for _ in range(8)]

    assert 429 in answers


async def test_it_is_not_switched_on_without_the_apps_digits(
    office: Browser, clock: Clock, sqlite_village: Village
) -> None:
    secret = hidden(await office.get(ADDRESS), "secret")

    for fields in (
        {"secret": secret, "code": "000000"},
        {"secret": secret, "code": ""},
        {"secret": "!", "code": "123456"},
        {"secret": "", "code": "123456"},
        {},
    ):
        assert (await office.post(ADDRESS, fields)).status_code == 401

    account = await sqlite_village.auth.account_by_login(sqlite_village.code, "cunguan")
    assert account is not None
    assert not await sqlite_village.auth.second_factor.is_on(account)


async def test_it_goes_off_with_the_password_only(office: Browser, clock: Clock) -> None:
    await switch_on(office, clock)
    await office.get(ADDRESS)

    assert (await office.post(ADDRESS, {"password": "wrong"})).status_code == 401
    assert "已经打开" in words(await office.get(ADDRESS))
    assert (await office.post(ADDRESS, {"password": PASSWORD})).status_code == 303
    assert "打开两步验证" in words(await office.get(ADDRESS))


async def test_who_manages_people_switches_it_off_for_somebody_else(
    office: Browser, clock: Clock, sqlite_village: Village
) -> None:
    village = sqlite_village
    clerk = await village.auth.create_account(
        village.code, login="wenshu", name="安文书甲", role="clerk", password=PASSWORD
    )
    secret = second_factor.new_secret()
    await village.auth.second_factor.switch_on(clerk, secret, clock.code(secret))
    assert "关掉两步验证" in words(await office.get(f"/office/people/{clerk.id}"))

    await office.post(f"/office/people/{clerk.id}/second-factor")

    assert not await village.auth.second_factor.is_on(clerk)
    noted = [e.action for e in await village.auth.audit(village.code)]
    assert "second_factor_off" in noted
