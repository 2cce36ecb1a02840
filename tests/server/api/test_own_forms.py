"""What phones are told of a village's own forms, and what the server says of their answers."""

from __future__ import annotations

from typing import Any

import httpx2

from server.auth import Account
from tests.forms.small import publish
from tests.helpers import Village, enrol

MORE = "| | text | why | 为什么 | | |"


class Told:
    """A phone's programme, asked for as phones do: with what it has already."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}
        self.etag = ""

    async def ask(self) -> dict[str, Any] | None:
        headers = self._headers | ({"If-None-Match": self.etag} if self.etag else {})
        answer = await self._client.get("/api/programme", headers=headers)
        if answer.status_code == 304:
            return None
        self.etag = answer.headers["ETag"]
        told: dict[str, Any] = answer.json()
        return told


async def told_to(client: httpx2.AsyncClient, village: Village, account: Account) -> Told:
    code = await village.auth.issue_code(account)
    answer = await client.post("/api/enrol", json={"code": code.text, "label": "手机"})
    return Told(client, answer.json()["token"])


async def test_a_phone_hears_of_each_change_once_and_only_where_it_works(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    here = await told_to(client, sqlite_village, await sqlite_village.surveyor("a", 1))
    there = await told_to(client, sqlite_village, await sqlite_village.surveyor("b", 2))
    first = await here.ask()
    assert first is not None
    assert await there.ask() == first
    assert await here.ask() is None

    name = await publish(sqlite_village, sqlite_village.grid(1))
    second = await here.ask()
    assert second is not None
    assert second["types"][name]["own"] == {
        "version": 1, "subject": "household", "grids": [sqlite_village.grid(1)], "retired": False,
    }  # fmt: skip
    assert second["types"][name]["writers"] == ["clerk", "official", "surveyor"]
    assert {it["name"] for it in second["lists"][f"{name}.1.water"]} == {"tap", "well"}
    assert await here.ask() is None
    assert await there.ask() is None

    await publish(sqlite_village, sqlite_village.grid(1), more=MORE)
    third = await here.ask()
    assert third is not None
    assert third["types"][name]["own"]["version"] == 2
    assert f"{name}@1" in third["versions"]
    assert await here.ask() is None


async def test_a_volunteer_hears_of_forms_for_volunteers_alone(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    account = await sqlite_village.auth.create_account(
        sqlite_village.code, login="v", name="安老师", role="volunteer", helper_id="0" * 31 + "1"
    )
    phone = await told_to(client, sqlite_village, account)
    name = await publish(sqlite_village)
    first = await phone.ask()
    assert first is not None
    assert name not in first["types"]


async def test_a_sync_says_that_forms_changed_and_what_is_odd_about_their_answers(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    household = await sqlite_village.household(grid=1)
    phone = await enrol(client, sqlite_village.auth, await sqlite_village.surveyor("a", 1))
    await phone.sync()
    before = (await phone.send(phone.request()))["programme"]
    name = await publish(sqlite_village)
    assert (await phone.send(phone.request()))["programme"] != before

    id = phone.create(name, household_id=household, water="beer", people=300, form_version=1)
    request = phone.request()
    answer = await phone.send(request)
    assert {(it["key"], it["code"]) for it in answer["findings"]} >= {
        ("water", "choice"),
        ("people", "constraint"),
    }
    assert answer["verdicts"] == []
    phone.take(request, answer)
    await phone.sync()
    assert phone.agreed
    row = phone.row(id)
    assert row is not None
    assert row[3]["people"] == 300
    assert row[3]["recorded_by"] == "调查员a"
