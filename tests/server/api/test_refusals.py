"""Whatever is wrong with a request has a code and a sentence, changes nothing, and is never a 500."""

from __future__ import annotations

import gzip
import json
from random import Random
from typing import Any

import httpx2
import pytest

from tests.helpers import Phone, Village, enrol


@pytest.fixture
async def phone(client: httpx2.AsyncClient, sqlite_village: Village) -> Phone:
    made = await enrol(client, sqlite_village.auth, await sqlite_village.surveyor("a", 1))
    await made.sync()
    return made


@pytest.fixture
async def token(client: httpx2.AsyncClient, sqlite_village: Village) -> str:
    account = await sqlite_village.surveyor("t", 1)
    code = await sqlite_village.auth.issue_code(account)
    answer = await client.post("/api/enrol", json={"code": code.text})
    return str(answer.json()["token"])


def assert_refused(answer: httpx2.Response, status: int, code: str) -> None:
    """The one error shape, with a sentence in the language that was asked for."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    assert error["message"].strip()


async def post(
    client: httpx2.AsyncClient, token: str, body: Any, **headers: str
) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
    return await client.post("/api/sync", content=content, headers=sent)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


BAD_BODIES: list[tuple[str, Any, int, str]] = [
    ("cut", b'{"magic": "zoufang-sync", "prot', 400, "bad_json"),
    ("empty", b"", 400, "bad_json"),
    ("not an object", b"[1, 2]", 400, "bad_json"),
    ("not UTF-8", b'{"magic": "\xff\xfe"}', 400, "bad_json"),
    ("a lone surrogate", b'{"magic": "\\ud800"}', 400, "bad_json"),
    ("deep", json.dumps({"magic": "zoufang-sync", "ids": deep(40)}).encode(), 400, "bad_json"),
    ("very deep", b"[" * 100_000, 400, "bad_json"),
    ("a portal's page", b"<html>please sign in</html>", 400, "bad_json"),
    ("no magic", {"protocol": 1}, 400, "wrong_magic"),
    ("another protocol", {"magic": "zoufang-sync", "protocol": 99}, 400, "wrong_protocol"),
    ("missing fields", {"magic": "zoufang-sync", "protocol": 1}, 400, "bad_json"),
    ("oversized", b'"' + b"x" * 1_000_001 + b'"', 413, "too_large"),
]


@pytest.mark.parametrize(
    ("name", "body", "status", "refusal"), BAD_BODIES, ids=[b[0] for b in BAD_BODIES]
)
async def test_a_bad_envelope_is_refused_with_its_code(
    client: httpx2.AsyncClient, token: str, name: str, body: Any, status: int, refusal: str
) -> None:
    assert_refused(await post(client, token, body), status, refusal)


@pytest.mark.parametrize(
    ("field", "value"),
    [("generation", 0), ("generation", "1"), ("first", 0), ("now", -1), ("now", 2**60), ("ids", {}),
     ("ops", {}), ("pull", []), ("pull", {"grid:01": [1]}), ("pull", {"grid:01": [-1, ""]}),
     ("pull", {"grid:01": [1, "xyz"]}), ("budget", "much"), ("village", 5), ("clock", 1.5)],
)  # fmt: skip
async def test_a_field_of_the_wrong_kind_is_bad_json(
    client: httpx2.AsyncClient, token: str, phone: Phone, field: str, value: Any
) -> None:
    assert_refused(await post(client, token, phone.request() | {field: value}), 400, "bad_json")


async def test_more_ops_than_allowed_are_too_large(
    client: httpx2.AsyncClient, token: str, phone: Phone
) -> None:
    assert_refused(
        await post(client, token, phone.request() | {"ops": [{}] * 2001}), 413, "too_large"
    )


async def test_a_gzip_bomb_is_refused_before_it_unfolds(
    client: httpx2.AsyncClient, token: str
) -> None:
    bomb = gzip.compress(b" " * 50_000_000)

    answer = await post(client, token, bomb, **{"Content-Encoding": "gzip"})

    assert_refused(answer, 413, "too_large")


@pytest.mark.parametrize(
    "body",
    [b"not gzip", gzip.compress(b"{}")[:-6], gzip.compress(b"{}") + b"x"],
    ids=["none", "cut", "longer"],
)
async def test_broken_gzip_is_bad_encoding(
    client: httpx2.AsyncClient, token: str, body: bytes
) -> None:
    answer = await post(client, token, body, **{"Content-Encoding": "gzip"})

    assert_refused(answer, 400, "bad_encoding")


async def test_an_unknown_encoding_is_refused(client: httpx2.AsyncClient, token: str) -> None:
    assert_refused(
        await post(client, token, b"{}", **{"Content-Encoding": "br"}), 400, "bad_encoding"
    )


async def test_a_form_instead_of_json_is_refused(client: httpx2.AsyncClient, token: str) -> None:
    answer = await post(client, token, b"a=1", **{"Content-Type": "text/plain"})

    assert_refused(answer, 415, "not_json")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", f"Bearer {'x' * 60}"])
async def test_without_a_known_token_nobody_gets_in(
    client: httpx2.AsyncClient, phone: Phone, header: str
) -> None:
    answer = await client.post(
        "/api/sync", json=phone.request(), headers={"Authorization": header} if header else {}
    )

    assert_refused(answer, 401, "unknown_device")


async def test_a_token_of_another_village_is_refused(
    client: httpx2.AsyncClient, sqlite_village: Village, token: str, phone: Phone
) -> None:
    answer = await post(client, token, phone.request() | {"village": "990000000000"})

    assert_refused(answer, 403, "wrong_village")


async def test_a_token_with_another_devices_name_is_refused(
    client: httpx2.AsyncClient, token: str, phone: Phone
) -> None:
    assert_refused(await post(client, token, phone.request()), 403, "wrong_village")


async def test_nothing_has_changed_after_a_refusal(
    client: httpx2.AsyncClient, sqlite_village: Village, phone: Phone
) -> None:
    before = await sqlite_village.registry.village(sqlite_village.code)
    phone.create("household", grid_code=sqlite_village.grid(1), head_name="安大叔甲")
    request = phone.request()

    for spoiled in ({"magic": "x"}, {"pull": 1}, {"village": "990000000000"}):
        with pytest.raises(AssertionError):
            await phone.send(request | spoiled)

    assert await sqlite_village.registry.village(sqlite_village.code) == before


async def test_the_sentence_comes_in_the_language_asked_for(
    client: httpx2.AsyncClient, token: str
) -> None:
    chinese = await post(client, token, b"{", **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    english = await post(client, token, b"{", **{"Accept-Language": "en-GB,en"})

    assert "重新同步" in chinese.json()["error"]["message"]
    assert "Sync again" in english.json()["error"]["message"]


def rubbish(random: Random, depth: int = 0) -> Any:
    """Something that is nearly an op, or not at all."""
    words = [
        "changes",
        "record",
        "type",
        "base",
        "set",
        "prev",
        "at",
        "clock",
        "present",
        "hobby/01",
    ]
    match random.randrange(8 if depth < 4 else 5):
        case 0:
            return random.choice([None, True, False])
        case 1:
            return random.choice([0, 1, -1, 2**53, 2**80])
        case 2:
            return random.choice([0.5, 1e300])
        case 3:
            return random.choice([*words, "", "household", "0" * 32, "字" * 40, "\x00"])
        case 4:
            return []
        case 5:
            return [rubbish(random, depth + 1) for _ in range(random.randrange(4))]
        case _:
            keys = random.sample(words, random.randrange(1, 7))
            return {key: rubbish(random, depth + 1) for key in keys}


@pytest.mark.parametrize("seed", range(40))
async def test_inside_a_sound_envelope_nothing_is_refused_whole(phone: Phone, seed: int) -> None:
    """Any rubbish gets a verdict of its own and blocks nothing behind it."""
    random = Random(seed)
    ops = [rubbish(random) for _ in range(random.randrange(1, 6))]
    ids = [rubbish(random) for _ in range(3)]

    answer = await phone.send(phone.request() | {"ops": ops, "ids": ids, "first": phone.seq + 1})

    assert answer["acked"] == phone.seq + len(ops)
    assert len(answer["revs"]) == len(ops)


@pytest.mark.parametrize("cut", range(0, 400, 7))
async def test_a_body_cut_anywhere_is_refused_and_changes_nothing(
    client: httpx2.AsyncClient, sqlite_village: Village, token: str, phone: Phone, cut: int
) -> None:
    before = await sqlite_village.registry.village(sqlite_village.code)
    phone.create("household", grid_code=sqlite_village.grid(1), head_name="安大叔甲")
    body = json.dumps(phone.request()).encode()

    assert_refused(await post(client, token, body[:cut]), 400, "bad_json")
    assert await sqlite_village.registry.village(sqlite_village.code) == before
