"""Whoever answers for one village finds nothing of another on any page, whichever id they write into the address."""

from typing import Any

import pytest

from server.auth import Auth
from server.office.pages import today
from server.registry import uuid7
from tests.helpers import Village, create, enrol, new_village
from tests.server.office.browser import Browser

SECRET = "石惊蛰"


class Foreign:
    """A village beside one's own, with one of each thing that stands in an address."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.child, self.pairing, self.pile = "", uuid7(), uuid7()
        self.helper, self.taker = uuid7(), uuid7()
        self.phone = self.batch = ""

    async def make(self, office: Browser) -> "Foreign":
        village = self.village
        self.child = await village.child(await village.household(), name=SECRET)
        await village.commit(
            create(self.helper, "helper", name="江老师乙", helper_kind="T", active="Y"),
            create(self.taker, "helper", name="叶老师乙", helper_kind="T", active="Y"),
            create(self.pairing, "pairing", child_id=self.child, helper_id=self.helper, kind="TCH",
                   state="V", from_on="2026-01-01"),
            create(self.pile, "paper_pile", form="visit", filled_by="江老师乙", received_on=today(), received=3),
        )  # fmt: skip
        phone = await enrol(office.client, village.auth, await village.surveyor("b", 1))
        await phone.sync()
        self.phone = phone.device
        self.batch = await village.auth.batch_device(village.code, "名册.xlsx", "foreign")
        return self

    async def told(self) -> list[Any]:
        """All that the village says, and its open phones."""
        rows = await self.village.registry.rows(
            self.village.code, "child", "pairing", "paper_pile", "visit"
        )
        phones = await self.village.auth.devices(self.village.code)
        return [sorted(map(repr, rows)), [it.revoked_at for it in phones]]


@pytest.fixture
async def foreign(office: Browser, sqlite_village: Village) -> Foreign:
    registry = sqlite_village.registry
    other = await new_village(registry, Auth(registry.database), "990099998888")
    return await Foreign(other).make(office)


async def test_no_page_about_one_thing_opens_a_thing_of_another_village(
    office: Browser, foreign: Foreign
) -> None:
    for path in (
        f"records/{foreign.child}",
        f"records/{foreign.child}/others?base=0",
        f"records/{foreign.child}/erase",
        f"picture/{foreign.child}/photo",
        f"paper/{foreign.pile}",
        f"people/devices/{foreign.phone}/held",
        f"import/undo/{foreign.batch}",
        f"up/{foreign.village.code}/{uuid7()}",
    ):
        answer = await office.get(f"/office/{path}")
        assert answer.status_code == 404, path
        assert SECRET not in answer.text, path


async def test_no_post_reaches_a_thing_of_another_village(
    office: Browser, foreign: Foreign
) -> None:
    before = await foreign.told()
    await office.get("/office/handover")
    for path, form in (
        (f"records/{foreign.child}/access-report", {}),
        (f"records/{foreign.child}/erase", {"reason": "asked", "name": SECRET}),
        (f"people/devices/{foreign.phone}/lost", {}),
        (f"import/undo/{foreign.batch}", {}),
        (f"paper/{foreign.pile}", {"save": "1"}),
        (f"paper/{foreign.pile}/received", {"received": "9"}),
        (f"paper/{foreign.pile}/undo", {"record": foreign.child}),
        ("lists/assign", {"helper": foreign.helper, "pick": foreign.child, "confirmed": "1"}),
    ):
        answer = await office.post(f"/office/{path}", form)
        assert answer.status_code == 404, path
        assert SECRET not in answer.text, path
    row = await foreign.village.registry.row(foreign.village.code, foreign.pairing)
    assert row is not None
    pick = f"{foreign.pairing}@{row.rev}"
    who = {"from": foreign.helper, "to": foreign.taker, "on": today(), "stage": "save"}
    assert (await office.post("/office/handover", {**who, "pick": pick})).status_code == 422
    await office.post("/office/handover/undo", {"done": f"{pick}@@@"})
    await office.post("/office/lists/assign/undo", {"pairing": pick})
    await office.post("/office/rollover/move", {"child": f"{foreign.child}@1"})

    assert await foreign.told() == before


async def test_a_list_with_ids_of_another_village_in_its_filters_names_nobody_of_it(
    office: Browser, foreign: Foreign
) -> None:
    for path in (
        f"lists/coverage?helper={foreign.helper}",
        f"lists/coverage?grid={foreign.village.grid(1)}",
        f"handover?from={foreign.helper}&to={foreign.taker}",
        f"print/consent?child={foreign.child}",
    ):
        answer = await office.get(f"/office/{path}")
        assert answer.status_code == 200, path
        assert SECRET not in answer.text, path
        assert "江老师乙" not in answer.text, path
