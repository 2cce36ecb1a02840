"""A sealed file that was carried to the office: taken in once, as the phone's own work."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode
from os import urandom
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.auth import Enrolled
from server.carry import MAX_BOXES, public_key
from server.carry.taking import MAX_PACKED
from server.office.carry import LONGEST_CODE
from server.registry import now_ms, uuid7
from tests.helpers import Village
from tests.protocol import faults
from tests.server.api.test_carry import seal
from tests.server.office.browser import Browser, words

SUM = "0123456789abcdef" * 2


async def enrolled_in(village: Village) -> Enrolled:
    auth = village.auth
    account = await auth.account_by_login(village.code, "s") or await village.surveyor("s", 1)
    return await auth.enrol((await auth.issue_code(account)).text, "")


async def sealed(
    village: Village, seq: int, enrolled: Enrolled | None = None, **fields: Any
) -> str:
    """A box of a phone, of one that is enrolled now when none is given."""
    enrolled = enrolled or await enrolled_in(village)
    request = request_of(village, enrolled, seq, [fields])
    return seal(await public_key(village.registry.database, village.code, now_ms()), request)


async def packed(
    at: Village, enrolled: Enrolled, seq: int, *heads: str, zip: bool = True, **more: Any
) -> bytes:
    """What the codes of a phone carried, as PROTOCOL.md §3.12 says."""
    households = [{"head_name": head} for head in heads]
    request = request_of(at, enrolled, seq, households) | {"boxes": SUM} | more
    key = await public_key(at.registry.database, at.code, now_ms())
    return file_of(at.code, packed=seal(key, request, packed=zip))


def request_of(
    village: Village, enrolled: Enrolled, first: int, households: list[dict[str, Any]]
) -> dict[str, Any]:
    """What a phone would send of these households, with its token."""
    ops = [
        {"at": 1, "clock": 1, "contact": 0, "schema": "",
         "changes": [{"record": place, "type": "household", "base": 0,
                      "set": {"present": True, "grid_code": village.grid(1), "head_name": "谷大叔甲"} | it}]}
        for place, it in enumerate(households)
    ]  # fmt: skip
    return {
        "magic": "zoufang-sync", "protocol": 1, "village": village.code, "device": enrolled.device,
        "generation": 1, "now": 0, "first": first, "ids": [uuid7() for _ in ops], "token": enrolled.token,
        "ops": ops,
    }  # fmt: skip


def told_in(page: Any, token: str) -> dict[str, Any]:
    """The one receipt on a page, opened by the phone it is for."""
    [text] = re.findall(r'value="http[^"]+/app/#/carry/([\w-]+)"', page.text)
    sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    key = HKDF(SHA256(), 32, salt=None, info=b"zoufang-receipt 1").derive(token.encode())
    told: dict[str, Any] = json.loads(AESGCM(key).decrypt(sealed[:12], sealed[12:], None))
    return told


def file_of(village: str, *boxes: str, packed: str = "") -> bytes:
    held = {"packed": packed} if packed else {"boxes": boxes}
    return json.dumps(
        {"magic": "zoufang-carry", "protocol": 1, "village": village, **held}
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


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"[]",
        b"[" * 200_000,
        file_of("990000101299"),
        file_of("990000101299", packed="AAAA"),
        b'{"magic": "zoufang-carry", "protocol": 1, "village": "1", "packed": "?"}',
    ],
)
async def test_another_file_is_refused_with_what_to_do(office: Browser, content: bytes) -> None:
    answer = await bring(office, content)

    assert answer.status_code == 422
    assert "请" in words(answer)


@pytest.mark.parametrize("zip", [True, False])
async def test_all_that_codes_carried_is_taken_in_once_with_a_receipt_that_names_the_phones_own_boxes(
    office: Browser, sqlite_village: Village, zip: bool
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    content = await packed(village, phone, 1, "谷1", "谷2", "谷3", zip=zip)
    assert faults("carry_packed", json.loads(content)) == []

    for _ in range(2):
        page = await bring(office, content)
        assert "收到 3 条" in words(page)

    told = told_in(page, phone.token)
    assert (told["first"], len(told["revs"]), told["boxes"]) == (1, 3, SUM)
    assert await heads(village) == ["谷1", "谷2", "谷3"]


async def test_codes_shown_again_with_more_bring_only_what_is_new(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    request = request_of(village, phone, 1, [{"head_name": f"谷{n}"} for n in (1, 2, 3)])
    key = await public_key(village.registry.database, village.code, now_ms())
    fewer = request | {"ops": request["ops"][:2], "boxes": SUM}
    await bring(office, file_of(village.code, packed=seal(key, fewer, packed=True)))

    page = await bring(
        office, file_of(village.code, packed=seal(key, request | {"boxes": SUM}, packed=True))
    )

    assert "收到 3 条" in words(page)
    assert await heads(village) == ["谷1", "谷2", "谷3"]


async def test_codes_and_files_of_one_phone_know_each_others_records(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    box = await sealed(village, 1, phone, head_name="谷1")
    later = await packed(village, phone, 2, "谷2")

    early = words(await bring(office, later))
    assert ("收到 0 条" in early, "1 条先等着" in early) == (True, True)
    late = words(await bring(office, file_of(village.code, box)))

    assert "收到 2 条" in late, "what waited was taken in with it"
    assert await heads(village) == ["谷1", "谷2"]


async def test_other_words_under_the_same_numbers_go_on_beside_the_first_and_have_no_receipt(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    await bring(office, await packed(village, phone, 1, "谷1", "谷2"))

    page = await bring(office, await packed(village, phone, 1, "谷3", "谷4"))

    assert "收到 2 条" in words(page)
    assert "给手机带回的回执" not in words(page)
    assert await heads(village) == ["谷1", "谷2", "谷3", "谷4"]


async def test_what_a_closed_phone_shows_waits_for_the_office(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    await village.auth.revoke(village.code, phone.device)

    page = await bring(office, await packed(village, phone, 1, "谷1", "谷2"))

    assert "收到 2 条" in words(page)
    assert await heads(village) == []
    assert len(await village.registry.reviews(village.code)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "990000101201.x"},
        {"device": "somebody"},
        {"village": "990000101299"},
        {"boxes": None},
        {"boxes": "0" * 31},
        {"magic": "zoufang-draft"},
        {"ops": []},
    ],
)
async def test_a_packed_box_of_no_known_phone_is_not_taken(
    office: Browser, sqlite_village: Village, wrong: dict[str, Any]
) -> None:
    village = sqlite_village

    page = await bring(office, await packed(village, await enrolled_in(village), 1, "谷1", **wrong))

    assert "1 条打不开" in words(page)
    assert await heads(village) == []


async def test_a_packed_box_holds_no_more_ops_than_a_run_of_boxes(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    most = ["谷"] * MAX_BOXES

    assert "1 条打不开" in words(await bring(office, await packed(village, phone, 1, *most, "谷")))
    page = await bring(office, await packed(village, phone, 1, *most))

    assert f"收到 {MAX_BOXES} 条" in words(page)
    assert page.text.count("回执链接") == 1


async def test_a_packed_box_that_unfolds_to_too_much_or_not_at_all_changes_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrolled_in(village)
    bomb = await packed(village, phone, 1, "谷" * MAX_PACKED)
    broken = b64decode(json.loads(await packed(village, phone, 1, "谷1"))["packed"])[:-1]

    for content in (bomb, file_of(village.code, packed=b64encode(broken).decode())):
        assert "1 条打不开" in words(await bring(office, content))
    assert await heads(village) == []


async def test_the_camera_is_allowed_on_this_page_and_on_no_other(office: Browser) -> None:
    page, other = await office.get("/office/carry"), await office.get("/office/people")

    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "camera=()" in other.headers["Permissions-Policy"]
    assert page.headers["Content-Security-Policy"] == other.headers["Content-Security-Policy"]
