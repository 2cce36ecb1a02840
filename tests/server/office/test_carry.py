"""A sealed file that was carried to the office: taken in once, as the phone's own work."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from os import urandom
from typing import Any

import pytest

from server.auth import Enrolled
from server.carry import MAX_BOXES, public_key
from server.office.carry import LONGEST_CODE
from server.registry import now_ms, uuid7
from tests.helpers import Village
from tests.server.api.test_carry import seal
from tests.server.office.browser import Browser, words


async def enrolled_in(village: Village) -> Enrolled:
    auth = village.auth
    account = await auth.account_by_login(village.code, "s") or await village.surveyor("s", 1)
    return await auth.enrol((await auth.issue_code(account)).text, "")


async def sealed(
    village: Village, seq: int, enrolled: Enrolled | None = None, **fields: Any
) -> str:
    """A box of a phone, of one that is enrolled now when none is given."""
    enrolled = enrolled or await enrolled_in(village)
    household = {"present": True, "grid_code": village.grid(1), "head_name": "谷大叔甲", **fields}
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


async def bring(office: Browser, *contents: bytes) -> Any:
    await office.get("/office/carry")
    files = [("file", (f"{n}.json", content)) for n, content in enumerate(contents)]
    return await office.post("/office/carry", files=files)


async def heads(village: Village) -> list[str]:
    rows = await village.registry.rows(village.code, "household")
    return sorted(str(row.fields["head_name"]) for row in rows)


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


async def test_a_phones_files_are_taken_in_whatever_order_they_come_and_twice_without_harm(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    first, second = [
        file_of(village.code, *[await sealed(village, seq, phone, head_name=f"谷{seq}") for seq in part])
        for part in ((1, 2), (3, 4))
    ]  # fmt: skip

    early = words(await bring(office, second))
    assert ("收到 0 条" in early, "2 条先等着" in early) == (True, True)
    late = words(await bring(office, first))
    assert ("收到 4 条" in late, "先等着" in late) == (True, False)
    again = words(await bring(office, second, first))

    assert "收到 4 条" in again
    assert await heads(village) == ["谷1", "谷2", "谷3", "谷4"]


async def test_more_records_than_a_message_holds_come_in_one_file(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    many = MAX_BOXES + 1
    boxes = [await sealed(village, seq, phone) for seq in range(1, many + 1)]

    page = await bring(office, file_of(village.code, *boxes))

    assert f"收到 {many} 条" in words(page)
    assert len(await heads(village)) == many
    assert page.text.count("回执链接") == 2, "one receipt of each run"


async def test_a_code_leaves_out_what_would_make_it_too_dense_and_the_file_has_it(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    boxes = [
        await sealed(village, seq, phone, population=3, away_count=5 + seq) for seq in (1, 2, 3)
    ]

    page = await bring(office, file_of(village.code, *boxes))

    assert re.search(r"另有 \d+ 处填得不寻常", words(page))
    assert 'class="qr"' in page.text
    [link] = re.findall(r'value="http[^"]+/app/#/carry/([\w-]+)"', page.text)
    [data] = re.findall(r'href="data:application/json;base64,([^"]+)"', page.text)
    assert json.loads(b64decode(data))["receipts"] == [link]
    assert len(link) > LONGEST_CODE


@pytest.mark.parametrize("content", [b"", b"PK", b"[]", b"[" * 200_000, file_of("990000101299")])
async def test_another_file_is_refused_with_what_to_do(office: Browser, content: bytes) -> None:
    answer = await bring(office, content)

    assert answer.status_code == 422
    assert "请" in words(answer)
