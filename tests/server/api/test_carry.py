"""Sealed boxes: what a phone saved and cannot send arrives all the same, once, as its own work, and its phone is told."""

from __future__ import annotations

import gzip
import json
import os
from base64 import b64decode, b64encode, urlsafe_b64decode
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.carry import take_in
from server.carry.box import open_box, public_of
from server.registry import now_ms, uuid7
from tests.helpers import Village
from tests.protocol import ROOT, faults

VECTOR = json.loads((ROOT / "tests" / "vectors" / "carry.json").read_text("utf-8"))


def seal(key: bytes, value: Any, *, packed: bool = False) -> str:
    """A box, written from PROTOCOL.md §3.8 alone; `packed` as §3.12 says."""
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = own.exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    )
    made = HKDF(SHA256(), 32, salt=point + key, info=b"zoufang-carry 1").derive(secret)
    iv = os.urandom(12)
    whole = (
        value
        if isinstance(value, bytes)
        else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    )
    sealed = AESGCM(made).encrypt(iv, gzip.compress(whole) if packed else whole, None)
    return b64encode(point + iv + sealed).decode()


class Sealing:
    """A phone that has sealed what it saved, and its village."""

    def __init__(
        self, client: httpx2.AsyncClient, village: Village, token: str, device: str
    ) -> None:
        self.client, self.village, self.token, self.device = client, village, token, device
        self.key = b""
        self.epoch = ""
        self.receipts: list[str] = []
        """Of what was brought last."""

    async def ask_key(self) -> bytes:
        answer = await self.client.get(
            "/api/carry", headers={"Authorization": f"Bearer {self.token}"}
        )
        assert faults("carry_key", answer.json()) == []
        return b64decode(answer.json()["key"])

    def request(self, seq: int, name: str = "谷小满", **more: Any) -> dict[str, Any]:
        """A request of one op, as it would be sent."""
        op = {
            "at": now_ms() - 1000, "clock": 1, "contact": 0, "schema": "",
            "changes": [{"record": 0, "type": "household", "base": 0,
                         "set": {"present": True, "grid_code": self.village.grid(1), "head_name": name}}],
        }  # fmt: skip
        return {
            "magic": "zoufang-sync", "protocol": 1, "village": self.village.code,
            "device": self.device, "generation": 1, "epoch": self.epoch, "now": 0,
            "clock": 1, "programme": "", "first": seq, "ids": [uuid7()], "ops": [op], "pull": {},
            "budget": 0, **more,
        }  # fmt: skip

    def sealed(self, request: dict[str, Any]) -> str:
        return seal(self.key, {"token": self.token, **request})

    def box(self, seq: int, name: str = "谷小满", **more: Any) -> str:
        return self.sealed(self.request(seq, name, **more))

    async def bring(self, *boxes: str) -> list[str]:
        answer = await self.client.post(
            "/api/carry",
            json={
                "magic": "zoufang-carry",
                "protocol": 1,
                "village": self.village.code,
                "boxes": boxes,
            },
        )
        assert answer.status_code == 200, answer.text
        assert faults("carry_answer", answer.json()) == []
        self.receipts = answer.json()["receipts"]
        found: list[str] = answer.json()["results"]
        return found

    def told(self, token: str = "") -> dict[str, Any]:
        """The one receipt of what was brought last, opened as PROTOCOL.md §3.10 says."""
        [text] = self.receipts
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key = HKDF(SHA256(), 32, salt=None, info=b"zoufang-receipt 1").derive(
            (token or self.token).encode()
        )
        told: dict[str, Any] = json.loads(AESGCM(key).decrypt(sealed[:12], sealed[12:], None))
        assert faults("carry_receipt", told) == []
        return told

    async def heads(self) -> list[str]:
        rows = await self.village.registry.rows(self.village.code, "household")
        return sorted(str(row.fields["head_name"]) for row in rows)


@pytest.fixture
async def phone(client: httpx2.AsyncClient, sqlite_village: Village) -> Sealing:
    code = await sqlite_village.auth.issue_code(await sqlite_village.surveyor("s", 1))
    told = (await client.post("/api/enrol", json={"code": code.text, "label": ""})).json()
    made = Sealing(client, sqlite_village, told["token"], told["device"])
    made.key, made.epoch = await made.ask_key(), told["epoch"]
    return made


def test_a_box_that_a_phone_sealed_opens() -> None:
    private, box = b64decode(VECTOR["private"]), b64decode(VECTOR["box"])

    assert b64encode(public_of(private)).decode() == VECTOR["public"]
    assert json.loads(open_box(private, box)) == VECTOR["value"]


async def test_the_key_stays_the_same_and_is_told_to_enrolled_phones_only(phone: Sealing) -> None:
    assert await phone.ask_key() == phone.key

    answer = await phone.client.get("/api/carry")

    assert answer.status_code == 401


async def test_boxes_arrive_as_the_phones_own_work_in_whatever_order(phone: Sealing) -> None:
    boxes = [phone.box(seq, f"甲{seq}") for seq in (1, 2, 3)]

    assert await phone.bring(*reversed(boxes)) == ["stored"] * 3

    assert await phone.heads() == ["甲1", "甲2", "甲3"]


async def test_a_box_brought_twice_changes_nothing(phone: Sealing) -> None:
    box = phone.box(1)
    await phone.bring(box)
    before = await phone.village.registry.village(phone.village.code)

    assert await phone.bring(box, box) == ["stored", "stored"]

    assert await phone.village.registry.village(phone.village.code) == before
    assert await phone.heads() == ["谷小满"]


async def test_what_came_by_sync_already_comes_once(phone: Sealing) -> None:
    request = phone.request(1, "甲")
    headers = {"Authorization": f"Bearer {phone.token}"}
    answer = await phone.client.post("/api/sync", json=request, headers=headers)
    assert answer.json()["acked"] == 1

    assert await phone.bring(phone.sealed(request)) == ["stored"]

    assert await phone.heads() == ["甲"]


async def test_a_missing_earlier_op_keeps_the_later_ones_waiting(phone: Sealing) -> None:
    later = phone.box(3, "丙")

    assert await phone.bring(phone.box(1, "甲"), later) == ["stored", "waits"]
    assert await phone.bring(phone.box(2, "乙"), later) == ["stored", "stored"]

    assert await phone.heads() == ["丙", "乙", "甲"]


async def test_a_damaged_box_blocks_nothing(phone: Sealing) -> None:
    good = phone.box(1)
    damaged = bytearray(b64decode(phone.box(2)))
    damaged[-1] ^= 1

    found = await phone.bring(b64encode(damaged).decode(), "", good, b64encode(b"x" * 99).decode())

    assert found == ["unopened", "unopened", "stored", "unopened"]


@pytest.mark.parametrize("depth", [40, 500, 100_000])
async def test_a_box_that_nests_without_end_blocks_nothing(phone: Sealing, depth: int) -> None:
    deep = phone.request(1)
    whole = json.dumps({"token": phone.token, **deep, "ops": [{"at": 1, "changes": "here"}]})
    nested = whole.replace('"here"', "[" * depth + "]" * depth).encode()

    found = await phone.bring(seal(phone.key, nested), phone.box(1))

    assert found[1] == "stored"
    assert await phone.heads() == ["谷小满"]


async def test_a_box_with_a_strangers_token_or_of_another_device_is_not_taken(
    phone: Sealing,
) -> None:
    strange = phone.box(1, token="x" * 60)
    other = phone.box(1, device="somebody")

    assert await phone.bring(strange, other, seal(phone.key, [])) == ["unknown"] * 3
    assert await phone.heads() == []


async def test_a_box_of_several_ops_or_a_packed_one_comes_by_hand_only(phone: Sealing) -> None:
    ops = phone.request(1, "甲")["ops"] + phone.request(2, "乙")["ops"]
    several = phone.sealed(phone.request(1, ops=ops, ids=[uuid7(), uuid7()]))
    packed = seal(phone.key, {"token": phone.token, **phone.request(1)}, packed=True)

    assert await phone.bring(several, packed) == ["unknown", "unopened"]
    assert await phone.heads() == []


async def test_what_a_revoked_phone_had_saved_waits_for_the_office(phone: Sealing) -> None:
    await phone.village.auth.revoke(phone.village.code, phone.device)

    assert await phone.bring(phone.box(1)) == ["stored"]

    assert await phone.heads() == []
    reviews = await phone.village.registry.reviews(phone.village.code)
    assert [review.kind for review in reviews] == ["quarantine"]


async def test_another_branch_of_the_same_phone_is_kept_beside_the_first(phone: Sealing) -> None:
    await phone.bring(phone.box(1, "甲"), phone.box(2, "乙"))

    assert await phone.bring(phone.box(2, "丙"), phone.box(3, "丁")) == ["stored", "stored"]

    assert await phone.heads() == sorted(["甲", "乙", "丙", "丁"])


async def test_an_unreadable_op_is_kept_as_malformed_and_blocks_nothing(phone: Sealing) -> None:
    assert await phone.bring(phone.box(1, ops=[{"at": "yesterday"}]), phone.box(2)) == [
        "stored",
        "stored",
    ]
    assert await phone.heads() == ["谷小满"]


async def test_a_receipt_names_the_boxes_and_what_became_of_each_op(phone: Sealing) -> None:
    boxes = [phone.box(seq, f"甲{seq}") for seq in (1, 2)]
    await phone.bring(*reversed(boxes))

    told = phone.told()

    assert (told["device"], told["generation"], told["first"]) == (phone.device, 1, 1)
    assert told["epoch"] == phone.epoch
    assert (len(told["revs"]), told["verdicts"]) == (2, [])
    assert told["boxes"] == sha256(b"".join(map(b64decode, boxes))).hexdigest()[:32]


async def test_the_same_boxes_brought_again_are_told_the_same(phone: Sealing) -> None:
    boxes = [phone.box(seq, f"甲{seq}") for seq in (1, 2)]
    await phone.bring(*boxes)
    first = phone.told()

    await phone.bring(*boxes)

    assert phone.told() | {"now": 0} == first | {"now": 0}


async def test_a_receipt_opens_with_its_own_phones_token_only(phone: Sealing) -> None:
    await phone.bring(phone.box(1))

    with pytest.raises(InvalidTag):
        phone.told(token=f"{phone.village.code}.{'x' * 43}")


async def test_what_waits_or_went_on_under_other_numbers_has_no_receipt(phone: Sealing) -> None:
    assert await phone.bring(phone.box(2)) == ["waits"]
    assert phone.receipts == []

    await phone.bring(phone.box(1, "甲"))
    assert await phone.bring(phone.box(1, "乙")) == ["stored"]
    assert phone.receipts == []


async def test_what_is_kept_aside_is_told_as_kept_aside(phone: Sealing) -> None:
    await phone.village.auth.revoke(phone.village.code, phone.device)
    await phone.bring(phone.box(1))

    [verdict] = phone.told()["verdicts"]

    assert verdict["verdict"] == "quarantined"


async def test_a_receipt_says_what_is_odd_about_answers_as_a_sync_would(phone: Sealing) -> None:
    ids, household = [uuid7()], {"present": True, "grid_code": phone.village.grid(1)}
    odd = {**household, "head_name": "谷大叔甲", "population": 3, "away_count": 5}
    changes = [{"record": 0, "type": "household", "base": 0, "set": odd}]
    op = {"at": 1, "clock": 1, "contact": 0, "schema": "", "changes": changes}
    request = phone.request(1, ids=ids, ops=[op])
    await phone.bring(phone.sealed(request))

    told = phone.told()

    headers = {"Authorization": f"Bearer {phone.token}"}
    synced = (await phone.client.post("/api/sync", json=request, headers=headers)).json()
    assert "away_count" in [it["key"] for it in told["findings"]]
    assert told["findings"] == synced["findings"]


async def test_a_phone_that_was_cut_off_brings_only_so_much_and_the_office_takes_the_rest(
    phone: Sealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.registry.push.MOST_ASIDE", 2)
    village = phone.village
    await village.auth.revoke(village.code, phone.device)
    boxes = [phone.box(seq, f"甲{seq}") for seq in (1, 2, 3)]
    await phone.bring(*boxes[:2])

    assert await phone.bring(*boxes) == ["full"] * 3
    assert await phone.bring(*boxes[:2]) == ["stored"] * 2, "what is there is answered still"
    brought = await take_in(
        village.auth, village.registry, village.code, [b64decode(it) for it in boxes], now_ms(),
        by_hand=True,
    )  # fmt: skip

    assert [str(it) for it in brought.results] == ["stored"] * 3
    assert len(await village.registry.reviews(village.code)) == 3


@pytest.mark.parametrize(
    ("body", "status", "refusal"),
    [
        ([], 400, "bad_json"),
        ({"magic": "x"}, 400, "wrong_magic"),
        ({"magic": "zoufang-carry", "protocol": 2}, 400, "wrong_protocol"),
        ({"magic": "zoufang-carry", "protocol": 1, "village": 1, "boxes": []}, 400, "bad_json"),
        ({"magic": "zoufang-carry", "protocol": 1, "village": "1", "boxes": [1]}, 400, "bad_json"),
        ({"magic": "zoufang-carry", "protocol": 1, "village": "1", "boxes": ["?"]}, 400, "bad_json"),
        ({"magic": "zoufang-carry", "protocol": 1, "village": "1", "boxes": [""] * 501}, 413, "too_large"),
        ({"magic": "zoufang-carry", "protocol": 1, "village": "000000000000", "boxes": []}, 403, "wrong_village"),
    ],
)  # fmt: skip
async def test_what_is_no_message_of_boxes_is_refused(
    client: httpx2.AsyncClient, body: Any, status: int, refusal: str
) -> None:
    answer = await client.post("/api/carry", json=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, refusal)
