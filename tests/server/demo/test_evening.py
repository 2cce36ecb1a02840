"""Fifteen things disagree on one evening of the demo village, and each is settled as the information model says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from server.app import create_app
from server.auth import Auth
from server.demo.build import build
from server.demo.calendar import AS_OF
from server.demo.evening import Evening, play
from server.demo.people import DEMO_PASSWORD
from server.likeness import Likeness
from server.programme.joint import counted
from server.registry import Registry, Row
from server.settings import Settings
from sync import Change, RecordId
from tests.server.office.browser import Browser, hidden, words


class Stage(NamedTuple):
    registry: Registry
    auth: Auth
    village: str
    evening: Evening
    office: Browser

    async def row(self, id: str) -> Row:
        found = await self.registry.row(self.village, id)
        assert found is not None
        return found

    def told(self, number: int) -> dict[str, str]:
        return self.evening.told[number]

    async def contested(self, id: str) -> dict[str, bool]:
        """Key -> whether it has to be settled, of what is contested of a record."""
        reviews = await self.registry.contested(self.village)
        return {it.key: it.required for it in reviews if it.record == id}

    async def settle(self, id: str, key: str, value: object) -> None:
        """Take the side with this value on the settling page."""
        address = f"/office/conflicts/{id}/{key}"
        asked = await self.office.get(address)
        siblings = await self.registry.siblings(self.village, id, key)
        assert siblings is not None
        take = next(edit.rev for edit in siblings.edits if edit.value == value)
        answer = await self.office.post(address, {"base": hidden(asked, "base"), "take": str(take)})
        assert answer.status_code == 303


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    path: Path = tmp_path_factory.mktemp("evening")
    registry = await Registry.open(f"sqlite:///{path / 'zoufang.db'}")
    auth = Auth(registry.database)
    access = await build(registry, auth, today=AS_OF)
    evening = await play(registry, auth, access)
    assert evening is not None
    assert await play(registry, auth, access) is None, "played once"
    app = create_app(Settings(data=path), registry=registry)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            office = Browser(client)
            await office.sign_in("cunguan", DEMO_PASSWORD)
            yield Stage(registry, auth, access.village, evening, office)
    await registry.close()


def test_every_story_is_told_and_every_phone_has_come_in(stage: Stage) -> None:
    assert sorted(stage.evening.told) == [*range(1, 16)]
    assert set(stage.evening.pushed) == set(stage.evening.handsets)
    for pushed in stage.evening.pushed.values():
        assert "malformed" not in {verdict["verdict"] for verdict in pushed.verdicts}


async def test_1_two_numbers_of_one_carer_both_stay(stage: Stage) -> None:
    carer = await stage.row(stage.told(1)["carer"])
    (key,) = await stage.contested(carer.id)
    assert key.startswith("phones/")

    asked = await stage.office.get(f"/office/conflicts/{carer.id}/{key}")
    await stage.office.post(
        f"/office/conflicts/{carer.id}/{key}", {"base": hidden(asked, "base"), "take": "both"}
    )

    after = await stage.row(carer.id)
    assert after.contested == {}
    numbers = {entry["number"] for entry in after.fields["phones"].values()}
    assert {"10000009901", "10000009902"} <= numbers


async def test_2_a_child_entered_twice_is_found_and_merged_by_the_office(stage: Stage) -> None:
    a, b = sorted(stage.told(2).values())
    likeness = Likeness(stage.registry.database)
    while not (await likeness.follow(stage.village)).is_done:
        pass
    assert (a, b) in {tuple(sorted((it.a, it.b))) for it in await likeness.pairs(stage.village)}

    address = f"/office/duplicates/{a}/{b}"
    shown = words(await stage.office.get(address))

    assert "谷梓涵" in shown
    assert "谷子涵" in shown
    assert "农历" in shown


async def test_3_a_risk_is_shown_as_the_graver_until_the_office_decides(stage: Stage) -> None:
    child = stage.told(3)["child"]
    assert (await stage.row(child)).fields["risk_level"] == "O"
    assert await stage.contested(child) == {"risk_level": True}

    await stage.settle(child, "risk_level", "G")

    after = await stage.row(child)
    assert after.fields["risk_level"] == "G"
    assert after.contested == {}


async def test_4_a_child_too_many_is_warned_of_and_goes_when_one_pairing_ends(stage: Stage) -> None:
    teacher = await stage.row(stage.told(4)["helper"])

    async def warned() -> bool:
        return (
            f"/office/records/{stage.told(4)['a']}"
            in (await stage.office.get("/office/checks")).text
        )

    assert await warned()
    device = await stage.auth.office_device(
        next(a for a in await stage.auth.accounts(stage.village) if a.login == "cunguan")
    )
    pairing = await stage.row(stage.told(4)["b"])
    ended = Change(RecordId(pairing.id), "pairing", pairing.rev, {"state": "E"})
    await stage.registry.commit(stage.village, device, [[ended]], author="方村官甲")

    assert not await warned()
    assert teacher.fields["max_children"] == 3


async def test_5_a_visit_of_before_the_return_is_kept_and_the_status_stays(stage: Stage) -> None:
    child = await stage.row(stage.told(5)["child"])
    visit = await stage.row(stage.told(5)["visit"])

    assert child.fields["ward_status"] == "X1"
    assert child.contested == {}
    assert visit.fields["child_id"] == child.id


async def test_6_a_visit_both_wrote_down_is_kept_twice_and_counted_once(stage: Stage) -> None:
    told = stage.told(6)
    visits = [await stage.row(told["a"]), await stage.row(told["b"])]

    assert len({visit.fields["recorded_by"] for visit in visits}) == 2
    assert counted(visit.fields for visit in visits) == 1
    assert "同一天两个人都记了走访" in words(await stage.office.get("/office/checks"))


async def test_7_two_lists_of_one_activity_are_one_list_of_three(stage: Stage) -> None:
    signed = [
        row.fields["person_id"]
        for row in await stage.registry.rows(stage.village, "attendance")
        if row.fields.get("activity_id") == stage.told(7)["activity"]
    ]

    assert len(signed) == 4
    assert signed.count(stage.told(7)["both"]) == 2
    assert len(set(signed)) == 3


async def test_8_a_corrected_amount_is_struck_through_and_counts_no_more(stage: Stage) -> None:
    told = stage.told(8)
    page = await stage.office.get(f"/office/records/{told['child']}")

    assert (await stage.row(told["right"])).fields["corrects_id"] == told["wrong"]
    assert (await stage.row(told["wrong"])).fields["cash_fen"] == 200_000
    assert "已更正" in words(page)


async def test_9_a_clock_a_day_ahead_refuses_nothing_and_dates_nothing_into_the_future(
    stage: Stage,
) -> None:
    child = stage.told(9)["child"]
    written = [
        edit
        for edit in await stage.registry.history(stage.village, child)
        if edit.key == "wish" and edit.value == "想要一个新书包"
    ]

    assert [edit.at <= edit.received_at for edit in written] == [True]
    assert (await stage.row(child)).fields["wish"] == "想要一个新书包"


@pytest.mark.parametrize(("number", "login"), [(10, "zhiyuan3"), (11, "zhiyuan2")])
async def test_10_and_11_work_after_a_revocation_or_without_consent_waits_for_the_office(
    stage: Stage, number: int, login: str
) -> None:
    visit = stage.told(number)["visit"]
    said = stage.evening.pushed[login].verdicts
    aside = [verdict["seq"] for verdict in said if verdict["verdict"] == "quarantined"]
    device = stage.evening.handsets[login].device
    assert await stage.registry.row(stage.village, visit) is None
    (seq,) = [seq for seq in aside if await _holds(stage, device, seq, visit)]
    assert "待放行" in words(await stage.office.get("/office/quarantine"))

    await stage.office.get(f"/office/quarantine/{device}/1/{seq}")
    await stage.office.post(f"/office/quarantine/{device}/1/{seq}", {"do": "release"})

    assert (await stage.row(visit)).fields["child_id"] == stage.told(number)["child"]


async def _holds(stage: Stage, device: str, seq: int, record: str) -> bool:
    found = await stage.registry.quarantined(stage.village, device, 1, seq)
    return found is not None and any(change["record"] == record for change in found.changes)


async def test_12_a_household_split_on_one_phone_keeps_what_another_wrote(stage: Stage) -> None:
    told = stage.told(12)
    child, made = await stage.row(told["child"]), await stage.row(told["new"])

    assert child.fields["household_id"] == made.id
    assert child.fields["talent"] == "会吹笛子"
    assert child.contested == {}
    assert (await stage.row(told["old"])).present


async def test_13_and_14_a_shelf_counted_and_a_survey_typed_in_twice_are_both_listed(
    stage: Stage,
) -> None:
    checks = (await stage.office.get("/office/checks")).text

    assert stage.told(13)["item"] in checks
    assert stage.told(14)["phone"] in checks
    assert stage.told(14)["typed"] in checks


async def test_15_out_of_school_against_in_school_is_settled_by_a_person(stage: Stage) -> None:
    child = stage.told(15)["child"]
    assert await stage.contested(child) != {}

    await stage.settle(child, "school_stage", "4")

    after = await stage.row(child)
    assert after.fields["school_stage"] == "4"
    assert after.contested == {}
