"""Drafts of a phone that was enrolled anew: given back to the person who began them, and to nobody else."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from server.auth import Enrolled
from tests.helpers import Village
from tests.protocol import faults

from .test_carry import Sealing, phone

__all__ = ["phone"]
DRAFT = {"id": "f1", "kind": "visit", "title": "走访", "at": 1, "state": {"parts": []}}


def sealed(phone: Sealing, **more: Any) -> str:
    value = {"magic": "zoufang-draft", "protocol": 1, "device": phone.device, "token": phone.token}
    return phone.sealed({**value, "draft": DRAFT, **more})


async def enrolled_anew(village: Village, login: str) -> Enrolled:
    account = await village.auth.account_by_login(village.code, login)
    if account is None:
        account = await village.surveyor(login, 1)
    return await village.auth.enrol((await village.auth.issue_code(account)).text, "")


async def ask(phone: Sealing, token: str, *boxes: str) -> Any:
    body = {"magic": "zoufang-drafts", "protocol": 1, "village": phone.village.code, "boxes": boxes}
    headers = {"Authorization": f"Bearer {token}"}
    answer = await phone.client.post("/api/drafts", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert faults("drafts_answer", answer.json()) == []
    return answer.json()["drafts"]


async def test_who_enrols_anew_gets_the_own_drafts_back(phone: Sealing) -> None:
    anew = await enrolled_anew(phone.village, "s")

    assert await ask(phone, anew.token, sealed(phone), sealed(phone)) == [DRAFT, DRAFT]


async def test_also_when_the_old_phone_was_cut_off_but_not_when_the_new_one_is(
    phone: Sealing,
) -> None:
    anew = await enrolled_anew(phone.village, "s")
    await phone.village.auth.revoke(phone.village.code, phone.device)
    assert await ask(phone, anew.token, sealed(phone)) == [DRAFT]

    await phone.village.auth.revoke(phone.village.code, anew.device)

    assert await ask(phone, anew.token, sealed(phone)) == []


async def test_another_persons_drafts_stay_closed(phone: Sealing) -> None:
    other = await enrolled_anew(phone.village, "other")

    assert await ask(phone, other.token, sealed(phone)) == [None]


@pytest.mark.parametrize(
    "more", [{"token": "x" * 60}, {"token": 1}, {"device": "somebody"}, {"magic": "zoufang-sync"}]
)
async def test_what_no_phone_of_theirs_closed_stays_closed(
    phone: Sealing, more: dict[str, Any]
) -> None:
    anew = await enrolled_anew(phone.village, "s")

    assert await ask(phone, anew.token, sealed(phone, **more), "") == [None, None]


async def test_only_an_enrolled_phone_of_the_village_asks(
    phone: Sealing, client: httpx2.AsyncClient
) -> None:
    body = {"magic": "zoufang-drafts", "protocol": 1, "village": "990000101299", "boxes": []}
    headers = {"Authorization": f"Bearer {phone.token}"}

    strange = await client.post("/api/drafts", json=body, headers=headers)
    nobody = await client.post("/api/drafts", json=body)

    assert (strange.status_code, nobody.status_code) == (403, 401)
