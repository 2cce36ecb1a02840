"""A sealed file that was carried to the office: taken in once, as the phone's own work."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from os import urandom
from typing import Any

import pytest

from server.carry import public_key
from server.registry import now_ms, uuid7
from tests.helpers import Village
from tests.server.api.test_carry import seal
from tests.server.office.browser import Browser, words


async def sealed(village: Village, seq: int) -> str:
    """A box of a phone that is enrolled now."""
    auth = village.auth
    account = await auth.account_by_login(village.code, "s") or await village.surveyor("s", 1)
    enrolled = await auth.enrol((await auth.issue_code(account)).text, "")
    household = {"present": True, "grid_code": village.grid(1), "head_name": "谷大叔甲"}
    request = {
        "magic": "zoufang-sync", "protocol": 1, "village": village.code, "device": enrolled.device,
        "generation": 1, "now": 0, "first": seq, "ids": [uuid7()], "token": enrolled.token,
        "ops": [{"at": 1, "clock": 1, "contact": 0, "schema": "",
                 "changes": [{"record": 0, "type": "household", "base": 0, "set": household}]}],
    }  # fmt: skip
    return seal(await public_key(village.registry.database, village.code, now_ms()), request)


def file_of(village: str, *boxes: str) -> bytes:
    return json.dumps(
        {"magic": "zoufang-carry", "protocol": 1, "village": village, "boxes": boxes}
    ).encode()


async def bring(office: Browser, content: bytes) -> Any:
    await office.get("/office/carry")
    return await office.post("/office/carry", files={"file": ("a.json", content)})


async def test_a_file_is_taken_in_once_and_says_what_became_of_each_record(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    strange = b64encode(urandom(200)).decode()
    content = file_of(village.code, await sealed(village, 1), await sealed(village, 2), strange)

    for _ in range(2):
        said = words(await bring(office, content))
        assert "收到 1 条" in said
        assert "1 条先等着" in said
        assert "1 条打不开" in said

    page = await bring(office, content)
    assert "给手机带回的回执" in words(page)
    [link] = re.findall(r'value="http[^"]+/app/#/carry/([\w-]+)"', page.text)
    [data] = re.findall(r'href="data:application/json;base64,([^"]+)"', page.text)
    file = json.loads(b64decode(data))
    assert (file["magic"], file["receipts"]) == ("zoufang-receipt", [link])
    assert 'class="qr"' in page.text

    rows = await village.registry.rows(village.code, "household")
    assert [row.fields["head_name"] for row in rows] == ["谷大叔甲"]
    assert any(e.action == "carry" for e in await village.auth.audit(village.code))


@pytest.mark.parametrize("content", [b"", b"PK", b"[]", file_of("990000101299")])
async def test_another_file_is_refused_with_what_to_do(office: Browser, content: bytes) -> None:
    answer = await bring(office, content)

    assert answer.status_code == 422
    assert "请" in words(answer)
