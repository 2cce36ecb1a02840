"""Who answered something hears what the office decided about it, and why; nobody else does."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from server.registry import now_ms, uuid7
from tests.helpers import Village

REASON = "打电话问过监护人"


class Phone:
    """An enrolled phone that has saved one household."""

    def __init__(self, client: httpx2.AsyncClient, told: dict[str, Any]) -> None:
        self.client, self.told, self.record = client, told, uuid7()
        self.headers = {"Authorization": f"Bearer {told['token']}"}

    async def save(self, village: Village) -> None:
        change = {"record": 0, "type": "household", "base": 0,
                  "set": {"present": True, "grid_code": village.grid(1), "head_name": "谷小满"}}  # fmt: skip
        op = {"at": now_ms(), "clock": 1, "contact": 0, "schema": "", "changes": [change]}
        body = {
            "magic": "zoufang-sync", "protocol": 1, "village": village.code, "device": self.told["device"],
            "generation": 1, "epoch": self.told["epoch"], "now": now_ms(), "clock": 1, "programme": "",
            "first": 1, "ids": [self.record], "ops": [op], "pull": {}, "budget": 0,
        }  # fmt: skip
        answer = await self.client.post("/api/sync", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text

    async def ask(self, *keys: str) -> list[dict[str, Any]]:
        query = {"key": list(keys)}
        answer = await self.client.get("/api/settled", params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["settled"]
        return found


@pytest.fixture
async def phones(client: httpx2.AsyncClient, sqlite_village: Village) -> list[Phone]:
    made = []
    for name in ("s", "t"):
        code = await sqlite_village.auth.issue_code(await sqlite_village.surveyor(name, 1))
        told = (await client.post("/api/enrol", json={"code": code.text, "label": ""})).json()
        made.append(Phone(client, told))
    return made


async def test_the_latest_decision_is_told_to_the_phone_that_answered(
    phones: list[Phone], sqlite_village: Village
) -> None:
    one, other = phones
    await one.save(sqlite_village)
    key = f"{one.record}/head_name"
    assert await one.ask(key) == []
    for reason in ("早先的", REASON):
        await sqlite_village.auth.note(sqlite_village.code, "office", "settle", key, reason)

    assert [(it["key"], it["reason"]) for it in await one.ask(key)] == [(key, REASON)]
    assert await one.ask(f"{one.record}/address") == []
    assert await other.ask(key) == []


async def test_whoever_is_not_enrolled_hears_nothing(phones: list[Phone]) -> None:
    answer = await phones[0].client.get("/api/settled", params={"key": "a/b"})

    assert answer.status_code == 401
