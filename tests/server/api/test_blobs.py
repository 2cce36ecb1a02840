"""Pictures and recordings come in parts after the text, once, whole and as what their names say."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256

import httpx2
import pytest
from sqlalchemy import bindparam, select

from server.blobs import MOST_BYTES, Blobs, Held
from server.blobs.blobs import DAY_MS, KEEP_HALF_DAYS
from server.database import Work, ask, schema
from server.registry import uuid7
from tests.helpers import Village, app_of, create, new_village, op
from tests.protocol import faults

PART = 65_536
JPEG = b"\xff\xd8\xff" + random.Random(7).randbytes(150_000)
WRONG = {
    "a document named as a picture": (b"%PDF-1.7" + JPEG, "jpg"),
    "a picture named as a recording": (JPEG, "m4a"),
    "a recording named as a picture": (b"OggS" + JPEG, "webp"),
    "too short to be anything": (b"\xff", "jpg"),
}
RIGHT = {
    "jpg": JPEG, "webp": b"RIFF\0\0\0\0WEBP" + JPEG, "webm": b"\x1a\x45\xdf\xa3" + JPEG,
    "m4a": b"\0\0\0\x20ftypM4A " + JPEG, "ogg": b"OggS" + JPEG,
}  # fmt: skip


def named(content: bytes, ending: str = "jpg") -> str:
    return f"{sha256(content).hexdigest()}.{ending}"


class Bringing:
    """A phone with a record that names an attachment."""

    def __init__(
        self, client: httpx2.AsyncClient, village: Village, device: str, token: str
    ) -> None:
        self.client, self.village, self.device = client, village, device
        self.headers = {"Authorization": f"Bearer {token}"}
        self.seq = 0

    async def record(self, name: str) -> None:
        """The text that names it, acknowledged."""
        self.seq += 1
        made = create(uuid7(), "household", grid_code=self.village.grid(1), address=name)
        pushed = await self.village.push(self.device, self.seq, op(made))
        assert pushed.acked == self.seq

    async def head(self, name: str) -> httpx2.Response:
        return await self.client.head(f"/api/blobs/{name}", headers=self.headers)

    async def patch(
        self,
        name: str,
        offset: int,
        content: bytes,
        size: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The part of the content that begins at the offset."""
        part = content[offset : offset + PART]
        told = {
            "Upload-Offset": str(offset), "Upload-Length": str(size or len(content)),
            "Content-Type": "application/offset+octet-stream",
        }  # fmt: skip
        answer = await self.client.patch(
            f"/api/blobs/{name}", content=part, headers={**self.headers, **told, **(headers or {})}
        )
        shape = "blob_answer" if answer.status_code == 200 else "error"
        assert faults(shape, answer.json()) == []
        return answer

    async def bring(self, name: str, content: bytes, offset: int = 0) -> httpx2.Response:
        """All parts from here on; the last answer."""
        while True:
            answer = await self.patch(name, offset, content)
            if answer.status_code != 200 or answer.json()["done"]:
                return answer
            assert answer.json()["offset"] > offset
            offset = answer.json()["offset"]


async def phone_of(client: httpx2.AsyncClient, village: Village, login: str) -> Bringing:
    code = await village.auth.issue_code(await village.surveyor(login, 1))
    told = (await client.post("/api/enrol", json={"code": code.text, "label": ""})).json()
    return Bringing(client, village, told["device"], told["token"])


@pytest.fixture
async def client(village: Village) -> AsyncIterator[httpx2.AsyncClient]:
    app = app_of(village)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as made:
            yield made


@pytest.fixture
async def phone(client: httpx2.AsyncClient, village: Village) -> Bringing:
    return await phone_of(client, village, "a")


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def held(answer: httpx2.Response) -> tuple[int, int]:
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"]), int(answer.headers["upload-length"])


async def cut_off(phone: Bringing, village: Village, how: str) -> None:
    if how == "revoked":
        return await village.auth.revoke(village.code, phone.device)
    [account] = [it for it in await village.auth.accounts(village.code) if it.login == "a"]
    await village.auth.update_account(account, active=False)


async def stored(village: Village, name: str) -> bytes | None:
    return await Blobs(village.registry.database).content(village.code, name)


@pytest.mark.parametrize("ending", RIGHT)
async def test_an_attachment_arrives_in_parts(
    phone: Bringing, village: Village, ending: str
) -> None:
    content = RIGHT[ending]
    name = named(content, ending)
    await phone.record(name)

    assert held(await phone.head(name)) == (0, 0)
    first = (await phone.patch(name, 0, content)).json()
    assert (first["offset"], first["size"], first["done"]) == (PART, len(content), False)
    assert held(await phone.head(name)) == (PART, len(content))
    assert await stored(village, name) is None
    last = (await phone.bring(name, content, PART)).json()

    assert (last["offset"], last["done"]) == (len(content), True)
    assert held(await phone.head(name)) == (len(content), len(content))
    assert await stored(village, name) == content
    assert await Blobs(village.registry.database).whole(village.code, [name, named(b"")]) == {name}


@pytest.mark.parametrize("how", ["revoked", "term ended"])
async def test_a_phone_that_was_cut_off_brings_only_so_much_in_attachments(
    phone: Bringing, village: Village, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    begun, other = RIGHT["jpg"], RIGHT["ogg"]
    for name in (named(begun), named(other, "ogg")):
        await phone.record(name)
    await cut_off(phone, village, how)
    monkeypatch.setattr("server.blobs.blobs.MOST_CUT_OFF", len(begun))
    await phone.patch(named(begun), 0, begun)

    assert code_of(await phone.patch(named(other, "ogg"), 0, other)) == (403, "cut_off_full")
    assert (await phone.bring(named(begun), begun, PART)).json()["done"], "what is begun is ended"


async def test_a_phone_that_was_cut_off_cannot_begin_small_and_go_on_large(
    phone: Bringing, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = named(JPEG)
    await phone.record(name)
    await cut_off(phone, village, "revoked")
    monkeypatch.setattr("server.blobs.blobs.MOST_CUT_OFF", PART + 1)
    await phone.patch(name, 0, JPEG, size=PART + 1)

    assert code_of(await phone.patch(name, 0, JPEG)) == (403, "cut_off_full")


async def test_what_a_phone_brought_in_its_years_of_service_leaves_room_for_the_rest_when_it_is_cut_off(
    phone: Bringing, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = RIGHT["ogg"]
    for name in (named(JPEG), named(rest, "ogg")):
        await phone.record(name)
    await phone.bring(named(JPEG), JPEG)
    await cut_off(phone, village, "revoked")
    monkeypatch.setattr("server.blobs.blobs.MOST_CUT_OFF", len(rest))

    assert (await phone.bring(named(rest, "ogg"), rest)).json()["done"]


async def test_a_part_or_a_whole_that_comes_again_changes_nothing(
    phone: Bringing, village: Village
) -> None:
    name = named(JPEG)
    await phone.record(name)

    for _ in range(2):
        assert (await phone.patch(name, 0, JPEG)).json()["offset"] == PART
    assert (await phone.bring(name, JPEG)).json()["done"]
    for offset in (0, PART, 2 * PART):
        again = (await phone.patch(name, offset, JPEG)).json()
        assert (again["offset"], again["done"]) == (len(JPEG), True)
    assert await stored(village, name) == JPEG


async def test_a_part_out_of_place_is_told_where_to_go_on(
    phone: Bringing, village: Village
) -> None:
    name = named(JPEG)
    await phone.record(name)

    early = await phone.patch(name, 2 * PART, JPEG)
    await phone.patch(name, 0, JPEG)
    across = await phone.patch(name, 100, JPEG)

    assert code_of(early) == (409, "blob_offset")
    assert early.json()["error"]["details"]["offset"] == 0
    assert code_of(across) == (409, "blob_offset")
    assert across.json()["error"]["details"]["offset"] == PART
    assert (await phone.bring(name, JPEG, PART)).json()["done"]


async def test_a_part_that_was_cut_is_not_kept(phone: Bringing, village: Village) -> None:
    """The connection broke in the middle of a body: the phone goes on where the last whole part ended."""
    name = named(JPEG)
    await phone.record(name)
    await phone.patch(name, 0, JPEG)

    messages: Iterator[dict[str, object]] = iter(
        [{"type": "http.request", "body": JPEG[PART : PART + 900], "more_body": True},
         {"type": "http.disconnect"}]
    )  # fmt: skip
    sent: list[dict[str, object]] = []
    headers = phone.headers | {
        "Upload-Offset": str(PART), "Upload-Length": str(len(JPEG)),
        "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    scope = {
        "type": "http", "method": "PATCH", "path": f"/api/blobs/{name}", "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, object]:
        return next(messages)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await phone.client._transport.app(scope, receive, send)  # type: ignore[attr-defined]

    assert sent[0]["status"] == 400
    assert held(await phone.head(name)) == (PART, len(JPEG))
    assert (await phone.bring(name, JPEG, PART)).json()["done"]


async def test_what_is_not_what_its_name_says_is_dropped_and_can_come_again(
    phone: Bringing, village: Village
) -> None:
    name = named(JPEG)
    await phone.record(name)

    damaged = await phone.bring(name, JPEG[:-1] + b"\0")

    assert code_of(damaged) == (422, "blob_broken")
    assert held(await phone.head(name)) == (0, 0)
    assert await stored(village, name) is None
    assert (await phone.bring(name, JPEG)).json()["done"]


@pytest.mark.parametrize("case", WRONG)
async def test_what_does_not_begin_as_its_ending_says_is_dropped(
    phone: Bringing, village: Village, case: str
) -> None:
    content, ending = WRONG[case]
    name = named(content, ending)
    await phone.record(name)

    assert code_of(await phone.bring(name, content)) == (422, "blob_broken")
    assert await stored(village, name) is None


@pytest.mark.parametrize(
    "name",
    [named(JPEG), named(JPEG, "exe"), named(JPEG).upper(), "0.jpg", "%25.jpg", f"{'_' * 64}.jpg"],
)
async def test_what_no_record_of_the_phone_names_is_not_taken(phone: Bringing, name: str) -> None:
    await phone.record(named(b"another"))

    assert (await phone.head(name)).status_code == 404
    assert code_of(await phone.patch(name, 0, JPEG)) == (404, "blob_unnamed")


async def test_a_phone_that_was_cut_off_still_brings_the_pictures_of_its_work(
    phone: Bringing, village: Village
) -> None:
    name = named(JPEG)
    await phone.record(name)
    await village.auth.revoke(village.code, phone.device)

    assert (await phone.bring(name, JPEG)).json()["done"]
    assert await stored(village, name) == JPEG


async def test_the_name_of_another_phones_record_is_none_of_mine(
    phone: Bringing, village: Village
) -> None:
    """Nor does a phone learn whether the village holds a picture whose hash it knows."""
    name = named(JPEG)
    await phone.record(name)
    await phone.bring(name, JPEG)
    other = await phone_of(phone.client, village, "b")

    assert (await other.head(name)).status_code == 404
    assert code_of(await other.patch(name, 0, JPEG)) == (404, "blob_unnamed")


async def test_two_phones_with_the_same_picture_bring_it_once(
    phone: Bringing, village: Village
) -> None:
    name, other = named(JPEG), await phone_of(phone.client, village, "b")
    await phone.record(name)
    await other.record(name)

    await phone.patch(name, 0, JPEG)
    assert held(await other.head(name)) == (PART, len(JPEG))
    assert (await other.bring(name, JPEG, PART)).json()["done"]

    assert held(await phone.head(name)) == (len(JPEG), len(JPEG))
    assert (await phone.patch(name, PART, JPEG)).json()["done"]
    assert await stored(village, name) == JPEG


async def test_villages_hold_their_pictures_apart(phone: Bringing, village: Village) -> None:
    name = named(JPEG)
    await phone.record(name)
    await phone.bring(name, JPEG)
    beside = await new_village(
        village.registry, village.auth, f"{(int(village.code) + 1) % 10**8 + 9900 * 10**8}"
    )
    other = await phone_of(phone.client, beside, "c")

    assert (await other.head(name)).status_code == 404
    await other.record(name)
    assert held(await other.head(name)) == (0, 0)
    assert await stored(beside, name) is None


async def test_what_never_came_whole_is_dropped_after_a_time_and_can_come_again(
    phone: Bringing, village: Village
) -> None:
    """When the next one of the village begins; what is whole, and what was begun lately, stays."""
    blobs, day = Blobs(village.registry.database), DAY_MS
    contents = {it: JPEG + it.encode() for it in ("left", "whole", "late", "next")}
    names = {it: named(content) for it, content in contents.items()}
    for name in names.values():
        await phone.record(name)

    async def part(it: str, offset: int, day_ms: int) -> Held:
        content = contents[it]
        return await blobs.take(
            village.code, phone.device, names[it], offset, len(content),
            content[offset : offset + PART], day_ms,
        )  # fmt: skip

    async def chunks() -> set[str]:
        rows = await village.registry.database.read(_chunk_names(village.code))
        return {it for it, name in names.items() if name in rows}

    await part("left", 0, day)
    for offset in range(0, len(contents["whole"]), PART):
        await part("whole", offset, day)
    await part("late", 0, 3 * day)
    assert await chunks() == {"left", "whole", "late"}

    await part("next", 0, (KEEP_HALF_DAYS + 2) * day)

    assert await chunks() == {"whole", "late", "next"}
    assert held(await phone.head(names["left"])) == (0, 0)
    assert await stored(village, names["whole"]) == contents["whole"]
    gone = await phone.patch(names["left"], PART, contents["left"])
    assert code_of(gone) == (409, "blob_offset")
    again = gone.json()["error"]["details"]["offset"]
    assert (await phone.bring(names["left"], contents["left"], again)).json()["done"]


def _chunk_names(village: str) -> Work[set[str]]:
    kept = schema.blob_chunk
    found = yield ask(select(kept.c.name).where(kept.c.village == bindparam("v")), v=village)
    return {name for (name,) in found}


async def test_an_attachment_over_the_limit_is_refused_at_once(phone: Bringing) -> None:
    name = named(JPEG)
    await phone.record(name)

    refused = await phone.patch(name, 0, JPEG, size=MOST_BYTES + 1)

    assert code_of(refused) == (413, "blob_too_large")
    assert held(await phone.head(name)) == (0, 0)


async def test_one_part_is_not_larger_than_agreed(phone: Bringing) -> None:
    name = named(JPEG)
    await phone.record(name)

    answer = await phone.client.patch(
        f"/api/blobs/{name}",
        content=JPEG[: PART + 1],
        headers=phone.headers
        | {
            "Upload-Offset": "0", "Upload-Length": str(len(JPEG)),
            "Content-Type": "application/offset+octet-stream",
        },
    )  # fmt: skip

    assert code_of(answer) == (413, "too_large")


@pytest.mark.parametrize(
    ("header", "value"),
    [("Upload-Offset", "-1"), ("Upload-Offset", ""), ("Upload-Offset", "1e3"),
     ("Upload-Length", "0"), ("Upload-Length", "9" * 40), ("Content-Type", "image/jpeg")],
)  # fmt: skip
async def test_headers_that_are_not_as_agreed_are_refused(
    phone: Bringing, header: str, value: str
) -> None:
    name = named(JPEG)
    await phone.record(name)

    answer = await phone.patch(name, 0, JPEG, headers={header: value})

    assert code_of(answer) == (400, "bad_json")


async def test_a_stranger_learns_nothing(client: httpx2.AsyncClient, phone: Bringing) -> None:
    name = named(JPEG)
    await phone.record(name)

    assert (await client.head(f"/api/blobs/{name}")).status_code == 401
    assert (await client.get(f"/api/blobs/{name}", headers=phone.headers)).status_code == 405
    assert code_of(await client.patch(f"/api/blobs/{name}", content=b"x")) == (
        401,
        "unknown_device",
    )
