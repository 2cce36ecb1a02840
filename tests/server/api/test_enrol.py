"""A phone becomes a person's phone: one code, ten minutes, once."""

from __future__ import annotations

import httpx2
import pytest

from server.auth import auth as auth_module
from server.registry import now_ms
from tests.helpers import Village, enrol

from .test_refusals import assert_refused


async def test_peeking_shows_whose_code_it_is_and_uses_nothing_up(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    code = await sqlite_village.auth.issue_code(await sqlite_village.surveyor("a", 1))

    for _ in range(2):
        answer = await client.post("/api/enrol/peek", json={"code": code.text})
        assert answer.json()["account"] == {"name": "调查员a", "role": "surveyor"}

    enrolled = await client.post("/api/enrol", json={"code": code.text, "label": "红米"})
    assert enrolled.json()["buckets"] == ["village", "grid:01"]


async def test_a_code_works_once(client: httpx2.AsyncClient, sqlite_village: Village) -> None:
    code = await sqlite_village.auth.issue_code(await sqlite_village.surveyor("a", 1))
    await client.post("/api/enrol", json={"code": code.text})

    again = await client.post("/api/enrol", json={"code": code.text})

    assert_refused(again, 404, "code_unknown")


async def test_a_code_may_be_typed_in_small_letters_with_spaces(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    code = await sqlite_village.auth.issue_code(await sqlite_village.surveyor("a", 1))

    answer = await client.post(
        "/api/enrol/peek", json={"code": f" {code.text.lower().replace('-', ' ')} "}
    )

    assert answer.status_code == 200


async def test_a_code_expires_after_ten_minutes(
    client: httpx2.AsyncClient, sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await sqlite_village.auth.issue_code(await sqlite_village.surveyor("a", 1))
    later = now_ms() + auth_module.CODE_LIVES_MS + 1
    monkeypatch.setattr(auth_module, "now_ms", lambda: later)

    answer = await client.post("/api/enrol/peek", json={"code": code.text})

    assert_refused(answer, 404, "code_unknown")


async def test_guessing_codes_is_slowed_down(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    answers = [
        await client.post("/api/enrol/peek", json={"code": f"AAAA-BBBB-{n:04d}"}) for n in range(6)
    ]

    assert_refused(answers[0], 404, "code_unknown")
    assert_refused(answers[-1], 429, "slow_down")
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("body", [{}, {"code": 5}, [], "x"])
async def test_a_request_without_a_code_is_bad_json(
    client: httpx2.AsyncClient, body: object
) -> None:
    assert_refused(await client.post("/api/enrol", json=body), 400, "bad_json")


async def test_the_programme_is_for_enrolled_phones_and_is_sent_once(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    code = await sqlite_village.auth.issue_code(await sqlite_village.surveyor("a", 1))
    token = (await client.post("/api/enrol", json={"code": code.text})).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    first = await client.get("/api/programme", headers=headers)
    second = await client.get(
        "/api/programme", headers=headers | {"If-None-Match": first.headers["ETag"]}
    )

    assert {"household", "child", "visit"} <= set(first.json()["types"])
    assert second.status_code == 304
    assert_refused(await client.get("/api/programme"), 401, "unknown_device")


async def test_a_volunteer_gets_only_what_their_pairings_need(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    helper = "0" * 31 + "1"
    account = await sqlite_village.auth.create_account(
        sqlite_village.code, login="v", name="安老师", role="volunteer", helper_id=helper
    )
    await sqlite_village.child(await sqlite_village.household(grid=1))

    phone = await enrol(client, sqlite_village.auth, account)
    await phone.sync()

    assert phone.buckets == ["village", f"helper:{helper}"]
    assert phone.rows[f"helper:{helper}"] == {}


async def test_every_answer_carries_the_strict_headers(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/healthz")

    assert answer.text == "ok\n"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in answer.headers
    over_tls = await client.get("https://localhost/healthz")
    assert over_tls.headers["Strict-Transport-Security"].startswith("max-age=31536000")


async def test_an_unknown_address_is_a_plain_refusal(client: httpx2.AsyncClient) -> None:
    assert_refused(await client.get("/api/nothing"), 404, "not_found")
    assert_refused(await client.get("/api/sync"), 405, "wrong_method")
