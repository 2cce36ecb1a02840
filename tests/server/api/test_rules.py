"""What phones are told of the rules their village has chosen."""

from __future__ import annotations

from typing import Any

import httpx2

from server.programme import programme
from tests.helpers import Village, enrol
from tests.server.api.test_own_forms import told_to


def rule(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(it for it in told["rules"] if it["name"] == name)


async def test_a_phone_hears_of_a_changed_rule_once(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await told_to(client, village, await village.surveyor("a", 1))
    first = await phone.ask()
    assert first is not None
    assert first["rules"] == [it.wire() for it in programme().rules]
    assert await phone.ask() is None

    await village.registry.set_rule(
        village.code, "visit_by_risk", on=True, every_days={"R": 7, "Y": 9_999}, author="方村官甲"
    )

    second = await phone.ask()
    assert second is not None
    assert rule(second, "visit_by_risk")["every_days"] == {
        **rule(first, "visit_by_risk")["every_days"], "R": 7, "Y": 90,
    }  # fmt: skip
    assert second["types"] == first["types"]
    assert await phone.ask() is None

    await village.registry.set_rule(
        village.code, "contact_red", on=False, every_days={}, author="方村官甲"
    )
    third = await phone.ask()
    assert third is not None
    assert not rule(third, "contact_red")["on"]
    assert rule(third, "visit_by_risk")["every_days"]["R"] == 7


async def test_a_sync_says_that_a_rule_changed(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    before = (await phone.send(phone.request()))["programme"]

    await village.registry.set_rule(
        village.code, "lecture_term", on=True, every_days={}, author="方村官甲"
    )

    assert (await phone.send(phone.request()))["programme"] != before
