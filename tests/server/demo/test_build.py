"""The demo village enters the registry whole, once, and looks like a year of work."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from server.auth import Auth
from server.demo import plan
from server.demo.build import build
from server.demo.calendar import AS_OF, as_of_for, moment
from server.demo.people import DEMO_PASSWORD, LOGINS
from server.demo.story import village
from server.forms.evaluate import Context
from server.forms.validate import validate
from server.office.register import Register as Whole
from server.office.rollover import sorted_out
from server.office.statistics.asking import end_of
from server.programme import programme
from server.programme.due import add_days
from server.programme.school_year import first_day
from server.registry import Registry
from tests.server.demo.conftest import ON, Register


async def test_builds_on_each_database(registry: Registry) -> None:
    access = await build(registry, Auth(registry.database), today=AS_OF)

    assert len(await registry.rows(access.village, "person", "child")) == 452
    assert access.as_of == AS_OF


async def test_a_second_start_months_later_keeps_the_village_and_its_day(
    register: Register,
) -> None:
    before = await register.registry.village(register.access.village)

    again = await build(register.registry, register.auth, today=AS_OF + timedelta(days=200))

    assert again == register.access
    assert await register.registry.village(register.access.village) == before


async def test_the_office_moved_the_children_up_on_the_first_of_september(
    register: Register,
) -> None:
    """Each is written down in August in the grade before, so that the page of the new year has nobody left."""
    village, first = register.access.village, first_day(AS_OF.year)
    august = await register.registry.rows_as_of(village, end_of(add_days(first, -1)), "child")

    found = sorted_out(Whole.of(register.of("child")), Whole.of(august), AS_OF.year)

    assert len(found.moved) > 60
    assert (found.to_move, found.to_ask, found.new_school, found.changed) == ([], [], [], 0)


async def test_a_build_that_was_cut_off_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, register: Register
) -> None:
    registry = await Registry.open(f"sqlite:///{tmp_path / 'zoufang.db'}")
    commit, left = registry.commit, iter(range(300))

    async def cut_off(*given: object, **named: object) -> object:
        if next(left, None) is None:
            raise ConnectionError("the plug was pulled")
        return await commit(*given, **named)  # type: ignore[arg-type]

    try:
        with monkeypatch.context() as patch:
            patch.setattr(registry, "commit", cut_off)
            with pytest.raises(ConnectionError):
                await build(registry, Auth(registry.database), today=AS_OF)
        await build(registry, Auth(registry.database), today=AS_OF + timedelta(days=30))
        rows = await registry.rows(plan.VILLAGE_CODE, *programme().types)
    finally:
        await registry.close()

    whole = {row.id: row.fields for kind in register.by_type.values() for row in kind.values()}
    assert {row.id: row.fields for row in rows} == whole


def test_nothing_is_contested(register: Register) -> None:
    assert not [row for kind in register.by_type.values() for row in kind.values() if row.contested]


async def test_nothing_waits_for_the_office(register: Register) -> None:
    assert await register.registry.reviews(register.access.village) == []


def test_every_answer_passes_the_programmes_own_checks(register: Register) -> None:
    """Only gaps are allowed, and only where nobody has asked: no wrong code, type or check digit."""
    kinds, found = programme().types, Counter[tuple[str, str, str]]()
    lists = {
        name: [choice.name for choice in choices] for name, choices in programme().lists.items()
    }
    for kind in register.by_type.values():
        for row in kind.values():
            form, context = kinds[row.type].form, Context(row.fields, ON)
            for finding in validate(form, row.fields, context, lists=lists, demo=True):
                found[row.type, finding.field, finding.code] += 1

    assert {code for _, _, code in found} == {"required"}
    assert {kind for kind, _, _ in found} == {"child", "person"}
    refused_or_out = {"alive": 21, "health": 21}
    assert {field: n for (kind, field, _), n in found.items() if kind == "person"} == refused_or_out


async def test_the_file_says_who_when_and_on_which_phone(register: Register) -> None:
    child = next(c for c in register.left_behind() if register.grid(c) == "03")
    history = await register.registry.history(register.access.village, child.id)

    authors = {edit.key: (edit.author, edit.device_label) for edit in history}
    assert authors["name"][0] == "村办公室"
    assert authors["boarding"] == ("江网格甲", "江网格甲的手机")
    assert authors["risk_level"] == ("方村官甲", "村办公室")
    assert [edit.at for edit in history] == sorted(edit.at for edit in history)
    assert all(edit.at < moment(AS_OF, 0) for edit in history)


async def test_every_account_of_the_demo_is_there(register: Register) -> None:
    accounts = await register.auth.accounts(register.access.village)

    roles = Counter(account.role for account in accounts)
    assert roles == {
        "official": 1, "clerk": 1, "supervisor": 1, "county": 1, "surveyor": 6, "volunteer": 3,
    }  # fmt: skip
    surveyors = sorted(a.grids for a in accounts if a.role == "surveyor")
    assert surveyors == [[plan.VILLAGE_CODE + grid] for grid in plan.GRIDS]


async def test_a_volunteer_is_a_helper_with_two_or_three_children(register: Register) -> None:
    load = Counter(p.fields["helper_id"] for p in register.pairings())
    volunteers = [a for a in register.access.accounts.values() if a.role == "volunteer"]

    assert sorted(load[v.helper_id] for v in volunteers) == [2, 2, 3]
    for volunteer in volunteers:
        helper = register.by_type["helper"][volunteer.helper_id]
        assert helper.fields["name"] == volunteer.name
        bucket = f"helper:{helper.id}"
        pulled = await register.registry.pull(
            register.access.village, {bucket: (0, "")}, [bucket], 1_000_000
        )
        seen = [row for row in map(json.loads, pulled.pages[bucket].rows) if row[1] == "child"]
        assert len(seen) == load[helper.id]


async def test_the_demo_password_opens_the_office_and_only_there(register: Register) -> None:
    for login in LOGINS:
        if login.office:
            token = await register.auth.sign_in(register.access.village, login.login, DEMO_PASSWORD)
            assert await register.auth.session(token) == register.access.accounts[login.login]


def test_a_village_built_later_moves_by_whole_weeks() -> None:
    assert as_of_for(AS_OF) == AS_OF
    assert as_of_for(AS_OF + timedelta(days=6)) == AS_OF
    assert as_of_for(AS_OF + timedelta(days=7)) == AS_OF + timedelta(days=7)
    assert as_of_for(AS_OF - timedelta(days=1)) == AS_OF - timedelta(days=7)


def test_the_same_day_gives_the_same_village_to_the_last_id() -> None:
    village.cache_clear()
    first = village(AS_OF)
    village.cache_clear()

    assert village(AS_OF) == first
