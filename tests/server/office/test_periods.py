"""A grid given until a day: it ends by itself, by the server's day alone, and what was not sent is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.auth import Grant, grants
from server.registry import now_ms
from server.registry.placement import grid_bucket
from tests.helpers import Phone, Village, enrol
from tests.server.office.browser import Browser, words

NOON = 12 * 3_600_000
DAY = 86_400_000
DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1)).map(date.isoformat)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    return Clock(monkeypatch)


class Clock:
    """The server's, moved on by whole days."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.days = 0
        real = now_ms
        monkeypatch.setattr("server.auth.grants.now_ms", lambda: real() + self.days * DAY)

    def day(self, more: int = 0) -> str:
        return (date.fromisoformat(grants.today()) + timedelta(days=more)).isoformat()


async def surveyor(village: Village, *periods: Grant) -> str:
    made = await village.auth.create_account(
        village.code, login="dc1", name="石调查员甲", role="surveyor", grants=periods
    )
    return made.id


async def phone_of(office: Browser, village: Village, person: str) -> Phone:
    account = await village.auth.account(village.code, person)
    assert account is not None
    phone = await enrol(office.client, village.auth, account)
    await phone.sync()
    return phone


async def test_a_grid_ends_by_itself_after_its_last_day_and_the_phone_clears_it(
    office: Browser, sqlite_village: Village, clock: Clock
) -> None:
    village = sqlite_village
    here, there = await village.household(1), await village.household(2)
    person = await surveyor(village, Grant(village.grid(1), ends=clock.day(3)), Grant(village.grid(2)))  # fmt: skip
    phone = await phone_of(office, village, person)
    assert phone.row(here)
    assert phone.row(there)

    clock.days = 3
    phone.edit(here, location_hint="塘边")
    await phone.sync()
    assert phone.row(here), "the last day is one of work"
    assert (await village.registry.rows_by_id(village.code, [here]))[here].fields[
        "location_hint"
    ] == "塘边"

    clock.days = 4
    await phone.sync()
    assert phone.row(here) is None
    assert phone.row(there)


async def test_what_was_typed_after_the_end_waits_for_the_office_whatever_the_phone_takes_for_today(
    office: Browser, sqlite_village: Village, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = sqlite_village
    here = await village.household(1)
    person = await surveyor(village, Grant(village.grid(1), ends=clock.day(3)), Grant(village.grid(2)))  # fmt: skip
    phone = await phone_of(office, village, person)
    phone.edit(here, location_hint="期内记的")
    clock.days = 20
    phone.skew = -20 * DAY  # it believes that the day has not come
    await phone.sync()
    found = (await village.registry.rows_by_id(village.code, [here]))[here]
    assert found.fields["location_hint"] == "期内记的", "begun before the end, it still counts"

    # A phone that heard of the server after the end, and still brings something of that grid.
    phone.contact += 20 * DAY
    phone._save([{"record": here, "type": "household", "base": found.rev,
                  "set": {"location_hint": "期后记的"}}])  # fmt: skip
    await phone.sync()

    assert phone.pending == []
    found = (await village.registry.rows_by_id(village.code, [here]))[here]
    assert found.fields["location_hint"] == "期内记的"
    waiting = await village.registry.reviews(village.code, required=True)
    assert [it.kind for it in waiting] == ["quarantine"]
    assert "石调查员甲" in words(await office.get("/office/quarantine"))


async def test_a_grid_begins_on_its_first_day(
    office: Browser, sqlite_village: Village, clock: Clock
) -> None:
    village = sqlite_village
    here = await village.household(1)
    person = await surveyor(village, Grant(village.grid(1), begins=clock.day(2)), Grant(village.grid(2)))  # fmt: skip
    phone = await phone_of(office, village, person)
    assert phone.row(here) is None

    clock.days = 2
    await phone.sync()

    assert phone.row(here)


async def test_the_days_are_typed_on_the_person_s_page_and_noted(
    office: Browser, sqlite_village: Village, clock: Clock
) -> None:
    village = sqlite_village
    person = await surveyor(village, Grant(village.grid(1)), Grant(village.grid(2)))
    address, last = f"/office/people/{person}", clock.day(5)
    said = {"name": "石调查员甲", "role": "surveyor", "grid": [village.grid(1), village.grid(2)]}
    await office.get(address)

    answer = await office.post(address, {**said, f"ends {village.grid(1)}": last})

    assert answer.status_code == 303
    page = await office.get(address)
    assert f'value="{last}"' in page.text
    assert "还有 5 天到期" in words(page)
    assert "上坪组 还有 5 天到期" in words(await office.get("/office/people"))
    noted = [it for it in await village.auth.audit(village.code) if it.action == "set_period"]
    assert [it.details for it in noted] == [f"上坪组 … → {last}"]
    assert f"上坪组 … → {last}" in words(await office.get("/office/audit"))

    clock.days = 6
    account = await village.auth.account(village.code, person)
    assert account is not None
    await village.auth.update_account(account, name="石调查员乙")
    account = await village.auth.account(village.code, person)
    assert account is not None
    scope = await village.auth.scope(account)
    assert grid_bucket(village.grid(1)) in scope.ended, "another change gives nothing back"
    assert grid_bucket(village.grid(1)) not in scope.buckets


async def test_a_grid_that_is_unticked_has_its_line_in_the_audit(
    office: Browser, sqlite_village: Village, clock: Clock
) -> None:
    village = sqlite_village
    person = await surveyor(village, Grant(village.grid(1)), Grant(village.grid(2), ends=clock.day(3)))  # fmt: skip
    address = f"/office/people/{person}"
    said = {"name": "石调查员甲", "role": "surveyor", "grid": [village.grid(2)]}
    await office.get(address)

    await office.post(address, {**said, f"ends {village.grid(2)}": clock.day(3)})
    await office.post(address, {**said, f"ends {village.grid(2)}": clock.day(3), "name": "石乙"})

    noted = [it for it in await village.auth.audit(village.code) if it.action == "take_grid"]
    assert [(it.subject, it.details) for it in noted] == [(person, "上坪组")]
    assert "收回网格 石乙 · 上坪组" in words(await office.get("/office/audit"))


async def test_a_grid_that_ends_by_its_day_has_one_line_in_the_audit_from_who_comes_first(
    office: Browser, sqlite_village: Village, clock: Clock
) -> None:
    village = sqlite_village
    last = clock.day(3)
    person = await surveyor(village, Grant(village.grid(1), ends=last), Grant(village.grid(2)))
    phone = await phone_of(office, village, person)

    async def noted() -> list[tuple[str, str]]:
        lines = await village.auth.audit(village.code)
        return [(it.subject, it.details) for it in lines if it.action == "period_over"]

    clock.days = 3
    await phone.sync()
    assert await noted() == []
    for days in (4, 5):
        clock.days = days
        await phone.sync()
        assert await noted() == [(person, f"上坪组 … → {last}")]
        assert f"网格到期 石调查员甲 · 上坪组 … → {last}" in words(
            await office.get("/office/audit")
        )

    account = await village.auth.account(village.code, person)
    assert account is not None
    scope = await village.auth.scope(account)
    assert scope.ended == grants.ended(account.grants, clock.day())
    again = [Grant(village.grid(1), ends=clock.day(1)), Grant(village.grid(2))]
    await village.auth.update_account(account, grants=again)
    clock.days = 7
    await phone.sync()
    assert len(await noted()) == 2, "given anew, it ends anew"


@pytest.mark.parametrize(
    ("begins", "ends", "sentence"),
    [
        ("2026-02-30", "", "起止日期请写成"),
        ("", "9999-12-31", "起止日期请写成"),
        ("", "昨天", "起止日期请写成"),
        ("2090-01-02", "2090-01-01", "到期的日子在开始之前"),
        ("", "2020-01-01", "到期日请写今天或以后"),
    ],
)
async def test_days_that_cannot_be_are_refused_and_nothing_changes(
    office: Browser, sqlite_village: Village, begins: str, ends: str, sentence: str
) -> None:
    village = sqlite_village
    person = await surveyor(village, Grant(village.grid(1)))
    said = {"name": "石调查员甲", "role": "surveyor", "grid": [village.grid(1)],
            f"begins {village.grid(1)}": begins, f"ends {village.grid(1)}": ends}  # fmt: skip
    await office.get(f"/office/people/{person}")

    answer = await office.post(f"/office/people/{person}", said)

    assert answer.status_code == 422
    assert sentence in words(answer)
    account = await village.auth.account(village.code, person)
    assert account is not None
    assert account.grants == [Grant(village.grid(1))]


async def test_a_grid_that_is_over_and_then_taken_away_stays_over_since_its_last_day(
    sqlite_village: Village, clock: Clock
) -> None:
    village = sqlite_village
    person = await surveyor(village, Grant(village.grid(1), ends=clock.day()), Grant(village.grid(2)))  # fmt: skip
    clock.days = 30
    account = await village.auth.account(village.code, person)
    assert account is not None
    before = await village.auth.scope(account)

    await village.auth.update_account(account, grids=[village.grid(2)])

    account = await village.auth.account(village.code, person)
    assert account is not None
    assert (await village.auth.scope(account)).ended == before.ended


@given(st.lists(st.tuples(st.just("g"), st.one_of(st.just(""), DAYS), st.one_of(st.just(""), DAYS)), max_size=3), DAYS)  # fmt: skip
def test_every_day_a_grant_holds_or_is_over_or_has_not_begun(
    said: list[tuple[str, str, str]], day: str
) -> None:
    held = [Grant(*it) for it in said]

    assert grants.read(grants.stored(held)) == held
    for it in held:
        over = bool(grants.ended([it], day))
        later = it.begins > day
        assert it.holds(day) == (not over and not later)
        if over:
            [at] = grants.ended([it], day).values()
            assert at <= int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
