"""The village's key and the boxes closed for it, on both databases."""

from __future__ import annotations

import asyncio
from base64 import b64decode

import pytest

from server.carry import Taken, public_key, take_in
from server.carry.box import Unopened, new_key, open_box
from server.registry import now_ms, uuid7
from tests.helpers import Village
from tests.server.api.test_carry import seal


async def test_many_that_ask_first_are_told_one_key(village: Village) -> None:
    database = village.registry.database

    told = await asyncio.gather(*(public_key(database, village.code, now_ms()) for _ in range(8)))

    assert len(set(told)) == 1


async def test_a_box_is_taken_in(village: Village) -> None:
    account = await village.surveyor("s", 1)
    enrolled = await village.auth.enrol((await village.auth.issue_code(account)).text, "")
    household = {"present": True, "grid_code": village.grid(1), "head_name": "谷大叔甲"}
    request = {
        "magic": "zoufang-sync", "protocol": 1, "village": village.code, "device": enrolled.device,
        "generation": 1, "now": 0, "first": 1, "ids": [uuid7()], "token": enrolled.token,
        "ops": [{"at": 1, "clock": 1, "contact": 0, "schema": "",
                 "changes": [{"record": 0, "type": "household", "base": 0, "set": household}]}],
    }  # fmt: skip
    key = await public_key(village.registry.database, village.code, now_ms())
    box = seal(key, request)
    for _ in range(2):
        found = await take_in(
            village.auth, village.registry, village.code, [b64decode(box)], now_ms()
        )
        assert found.results == [Taken.STORED]

    rows = await village.registry.rows(village.code, "household")
    assert [row.fields["head_name"] for row in rows] == ["谷大叔甲"]


@pytest.mark.parametrize("box", [b"", b"\x04" * 65, bytes(200)])
def test_what_is_no_box_does_not_open(box: bytes) -> None:
    with pytest.raises(Unopened):
        open_box(new_key(), box)
