"""Pictures and recordings of own forms: asked for, shown to who may see, withheld without consent, noted."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from server.blobs import Blobs
from server.programme import programme
from server.registry import uuid7
from tests.forms.small import publish
from tests.helpers import Village, change, create, enrol, op
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words
from tests.server.office.test_own_forms import book, upload
from tests.server.office.test_own_forms import publish as publish_draft

MORE = (
    "|          | image            | photo  | 门前     |          |            |\n"
    "|          | audio            | voice  | 说的话   |          |            |\n"
    "|          | begin_repeat     | wells  | 水井     |          |            |\n"
    "|          | image            | well   | 井口     |          |            |\n"
    "|          | end_repeat       |        |          |          |            |"
)
JPEG, OGG = b"\xff\xd8\xff" + b"village gate" * 9000, b"OggS" + b"voice" * 100


def named(content: bytes, ending: str) -> str:
    return f"{sha256(content).hexdigest()}.{ending}"


PHOTO, VOICE = named(JPEG, "jpg"), named(OGG, "ogg")


class Forms:
    """A form with pictures about a household or a child, and a phone that fills it in."""

    def __init__(self, village: Village, kind: str, device: str, household: str) -> None:
        self.village, self.kind, self.device, self.household = village, kind, device, household
        self.seq = 0

    async def record(self, **answers: Any) -> str:
        self.seq += 1
        made = create(
            uuid7(), self.kind, household_id=self.household, form_version=1,
            occurred_on="2026-11-01", water="tap", **answers,
        )  # fmt: skip
        pushed = await self.village.push(self.device, self.seq, op(made))
        assert pushed.acked == self.seq
        return made.record

    async def bring(self, name: str, content: bytes) -> None:
        """The bytes, as the phone sends them."""
        blobs = Blobs(self.village.registry.database)
        for at in range(0, len(content), 65_536):
            part = content[at : at + 65_536]
            held = await blobs.take(
                self.village.code, self.device, name, at, len(content), part, 1_795_000_000_000
            )
        assert held.done

    async def child(self, **fields: Any) -> str:
        return await self.village.child(self.household, **fields)


async def forms_about(village: Village, subject: str) -> Forms:
    kind = await publish(village, more=MORE, subject=subject)
    await village.registry.village(village.code)
    return Forms(village, kind, await village.device(), await village.household())


@pytest.fixture
async def household(sqlite_village: Village) -> Forms:
    return await forms_about(sqlite_village, "household")


@pytest.fixture
async def child(sqlite_village: Village) -> Forms:
    return await forms_about(sqlite_village, "child")


async def looks(village: Village) -> list[str]:
    """What the audit notes of looks, the newest first."""
    entries = await village.auth.audit(village.code, 100)
    return [f"{it.subject} {it.details}" for it in entries if it.action == "see_picture"]


async def test_a_form_with_pictures_is_taken_and_goes_out_as_standard_xform(
    office: Browser, sqlite_village: Village
) -> None:
    taken = await upload(office, book(["image", "photo", "门前"], ["audio", "voice", "说的话"]))
    assert taken.status_code == 303, words(taken)
    shown = words(await office.get("/office/forms/water"))
    assert "在手机上拍照" in shown
    assert "在手机上录音" in shown
    await publish_draft(office, "water")
    await office.get("/office/forms")

    name = f"own_{sqlite_village.code}_water"
    assert [programme().types[name].fields[it].type for it in ("photo", "voice")] == [
        "image",
        "audio",
    ]
    xform = await office.get("/office/forms/water/xform/1")
    root = ElementTree.fromstring(xform.content)
    space = "{http://www.w3.org/2002/xforms}"
    uploads = {it.get("ref"): it.get("mediatype") for it in root.iter(f"{space}upload")}
    binds = {it.get("nodeset"): it.get("type") for it in root.iter(f"{space}bind")}
    assert uploads == {"/data/photo": "image/*", "/data/voice": "audio/*"}
    assert binds["/data/photo"] == binds["/data/voice"] == "binary"


async def test_a_blank_sheet_leaves_a_box_for_the_picture(
    office: Browser, household: Forms
) -> None:
    sheet = words(await office.get(f"/office/programme/{household.kind}/blank"))

    assert "贴照片处" in sheet


async def test_a_picture_is_shown_through_its_record_once_it_has_come(
    office: Browser, household: Forms
) -> None:
    id = await household.record(photo=PHOTO, voice=VOICE)
    before = words(await office.get(f"/office/records/{id}"))
    assert "照片还在手机上" in before
    assert "录音还在手机上" in before
    assert_refused(await office.get(f"/office/picture/{id}/photo"), 404, "no_record")
    await household.bring(PHOTO, JPEG)
    await household.bring(VOICE, OGG)

    page = await office.get(f"/office/records/{id}")
    picture = await office.get(f"/office/picture/{id}/photo")
    voice = await office.get(f"/office/picture/{id}/voice")

    assert f'<img src="/office/picture/{id}/photo" alt="门前"' in page.text
    assert f'src="/office/picture/{id}/voice"' in page.text
    assert "还在手机上" not in words(page)
    assert picture.content == JPEG
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["content-disposition"] == f'inline; filename="{PHOTO}"'
    assert picture.headers["cache-control"] == "no-store"
    assert (voice.content, voice.headers["content-type"]) == (OGG, "audio/ogg")
    assert voice.headers["content-disposition"].startswith("attachment")
    assert await looks(household.village) == [f"{id} voice", f"{id} photo"]
    assert "看照片、听录音" in words(await office.get("/office/audit"))


async def test_pictures_of_a_repeat_are_shown_entry_by_entry(
    office: Browser, household: Forms
) -> None:
    id = await household.record(**{"wells/aaaa": {"well": PHOTO}, "wells/bbbb": {"well": VOICE}})
    await household.bring(PHOTO, JPEG)

    page = await office.get(f"/office/records/{id}")

    assert f'<img src="/office/picture/{id}/wells/aaaa/well"' in page.text
    assert "wells/bbbb/well" not in page.text
    assert (await office.get(f"/office/picture/{id}/wells/aaaa/well")).content == JPEG
    assert_refused(await office.get(f"/office/picture/{id}/wells/bbbb/well"), 404, "no_record")
    assert "这里要一张照片" in words(page)


async def test_the_list_shows_small_pictures_and_excel_has_their_names(
    office: Browser, household: Forms
) -> None:
    id = await household.record(photo=PHOTO, **{"wells/aaaa": {"well": PHOTO}})
    await household.bring(PHOTO, JPEG)

    listed = await office.get("/office/forms/water/records")
    own = await office.post("/office/forms/water/records.xlsx", {})
    whole = await office.post(f"/office/programme/{household.kind}/data.xlsx", {})

    assert listed.text.count(f'<img src="/office/picture/{id}/') == 2
    assert PHOTO not in listed.text
    for book_ in (own, whole):
        assert book_.status_code == 200
        cells = [
            str(cell.value)
            for sheet in load_workbook(io.BytesIO(book_.content)).worksheets
            for row in sheet.iter_rows()
            for cell in row
        ]
        assert sum(PHOTO in cell for cell in cells) == 2


@pytest.mark.parametrize("consent", ["N", None, "contested"])
async def test_a_picture_of_a_child_without_consent_is_kept_listed_and_not_shown(
    office: Browser, child: Forms, consent: str | None
) -> None:
    village = child.village
    of = await child.child(**({"photo_consent": "Y"} if consent == "contested" else {}))
    row = await village.registry.row(village.code, of)
    assert row is not None
    if consent == "contested":
        for device, said in (("d7", "N"), ("d8", "Y")):
            await village.push(
                await village.device(device),
                1,
                op(change(of, "child", row.rev, photo_consent=said)),
            )
    elif consent:
        await village.commit(change(of, "child", row.rev, photo_consent=consent))
    id = await child.record(child_id=of, photo=PHOTO, voice=VOICE)
    await child.bring(PHOTO, JPEG)
    await child.bring(VOICE, OGG)

    page = await office.get(f"/office/records/{id}")

    assert "没有影像同意，不显示" in words(page)
    assert f"/office/picture/{id}/photo" not in page.text
    assert_refused(await office.get(f"/office/picture/{id}/photo"), 403, "no_photo_consent")
    assert "/photo" not in (await office.get("/office/forms/water/records")).text
    assert "没有影像同意，照片先不显示" in words(await office.get("/office/odd?code=photo_consent"))
    assert (await office.get(f"/office/picture/{id}/voice")).content == OGG
    assert await Blobs(village.registry.database).content(village.code, PHOTO) == JPEG


async def test_a_picture_is_shown_as_soon_as_the_consent_is_noted(
    office: Browser, child: Forms
) -> None:
    village, of = child.village, await child.child()
    id = await child.record(child_id=of, photo=PHOTO)
    await child.bring(PHOTO, JPEG)
    row = await village.registry.row(village.code, of)
    assert row is not None
    await village.commit(change(of, "child", row.rev, photo_consent="Y"))

    assert (await office.get(f"/office/picture/{id}/photo")).content == JPEG
    assert "没有影像同意" not in words(await office.get("/office/odd"))


async def test_the_phone_hears_with_its_sync_that_the_consent_is_missing(
    visitor: Browser, child: Forms
) -> None:
    village = child.village
    children = [await child.child(), await child.child(photo_consent="Y")]
    phone = await enrol(visitor.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    for of in children:
        phone.create(
            child.kind, household_id=child.household, child_id=of, form_version=1,
            occurred_on="2026-11-01", water="tap", photo=PHOTO,
        )  # fmt: skip

    answer = await phone.send(phone.request())

    found = [(it["seq"], it["key"], it["code"]) for it in answer["findings"]]
    assert found == [(1, "photo", "photo_consent")]
    assert answer["findings"][0]["message"]["zh"].startswith("没有影像同意")
    assert answer["verdicts"] == []


async def test_the_files_of_a_list_come_as_one_archive_called_as_in_the_excel(
    office: Browser, child: Forms
) -> None:
    """Not those without consent, nor those still on a phone; the same picture once."""
    yes, no = await child.child(photo_consent="Y"), await child.child()
    secret = JPEG + b"secret"
    for of, photo in ((yes, PHOTO), (yes, PHOTO), (no, named(secret, "jpg"))):
        await child.record(child_id=of, photo=photo, voice=named(b"far", "m4a"))
    await child.bring(PHOTO, JPEG)
    await child.bring(named(secret, "jpg"), secret)
    listed = await office.get("/office/forms/water/records")
    assert 'formaction="/office/forms/water/pictures.zip"' in listed.text

    answer = await office.post("/office/forms/water/pictures.zip", {})
    narrow = await office.post("/office/forms/water/pictures.zip", {"water": "well"})

    assert answer.status_code == 200
    with ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.namelist() == [PHOTO]
        assert packed.read(PHOTO) == JPEG
    with ZipFile(io.BytesIO(narrow.content)) as packed:
        assert packed.namelist() == []
    noted = await child.village.auth.audit(child.village.code, 10)
    assert [(it.action, it.details) for it in noted[:2]] == [("export", "0"), ("export", "1")]


async def test_what_is_no_attachment_is_odd_and_has_no_address(
    office: Browser, household: Forms
) -> None:
    id = await household.record(photo="门前的照片", voice=PHOTO)

    page = words(await office.get(f"/office/records/{id}"))

    assert "这里要一张照片" in page
    assert "这里要一段录音" in page
    assert "门前的照片" in page
    for field in ("photo", "voice", "water", "none", "../photo"):
        refused = await office.get(f"/office/picture/{id}/{field}")
        assert refused.status_code == 404


async def test_a_picture_is_for_who_may_see_its_record(
    office: Browser, visitor: Browser, household: Forms
) -> None:
    village = household.village
    id = await household.record(photo=PHOTO)
    await household.bring(PHOTO, JPEG)
    other = await village.household()
    await village.registry.create_village("990000101299", "别村")
    await village.auth.create_account(
        "990000101299", login="other", name="方村官乙", role="official", password=PASSWORD
    )

    assert_refused(await office.get(f"/office/picture/{other}/photo"), 404, "no_record")
    assert_refused(await office.get(f"/office/picture/{'0' * 32}/photo"), 404, "no_record")
    visitor.client.cookies.clear()
    asked = await visitor.get(f"/office/picture/{id}/photo")
    assert asked.status_code == 303
    assert JPEG not in asked.content
    login = {"login": "other", "password": PASSWORD, "village": "990000101299"}
    await visitor.get("/office/login")
    await visitor.post("/office/login", login)
    assert_refused(await visitor.get(f"/office/picture/{id}/photo"), 404, "no_record")
    assert await looks(village) == []
