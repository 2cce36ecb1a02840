"""Identity numbers: masked wherever they stand, whole for who may see them and asks; asking is noted."""

import io

import openpyxl
import pytest
from starlette.datastructures import FormData

from server.office import edit_form
from server.programme import programme
from server.registry import short_id, uuid7
from tests.helpers import Village, change, create, enrol, op
from tests.server.office.browser import PASSWORD, Browser, assert_refused, hidden, words

NUMBER, OTHER = "990000201605060016", "990000201605060024"
MASKED = "990000********0016"
FIELDS = list(programme().types["child"].fields.values())


async def child_with_number(village: Village) -> str:
    return await village.child(await village.household(), id_number=NUMBER, sex="2")


async def looks(village: Village) -> list[str]:
    return [
        e.subject for e in await village.auth.audit(village.code) if e.action == "see_id_number"
    ]


async def test_a_file_masks_the_number_until_it_is_asked_for(
    office: Browser, sqlite_village: Village
) -> None:
    child = await child_with_number(sqlite_village)

    page = await office.get(f"/office/records/{child}")
    assert MASKED in words(page)
    assert NUMBER not in page.text
    assert await looks(sqlite_village) == []
    asked = await office.post(f"/office/records/{child}/id-number")

    assert NUMBER in words(asked)
    assert MASKED not in words(asked)
    assert asked.headers["cache-control"] == "no-store"
    assert await looks(sqlite_village) == [child]
    assert "看完整身份号码 谷小满" in words(await office.get("/office/audit"))
    assert NUMBER not in (await office.get(f"/office/records/{child}")).text
    back = await office.get(f"/office/records/{child}/id-number")
    assert back.headers["location"] == f"/office/records/{child}"


async def test_who_may_not_see_numbers_cannot_ask(
    visitor: Browser, sqlite_village: Village
) -> None:
    child = await child_with_number(sqlite_village)
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="root", name="米管理甲", role="admin", password=PASSWORD
    )
    await visitor.sign_in("root")

    assert_refused(await visitor.post(f"/office/records/{child}/id-number"), 403, "not_allowed")
    assert await looks(sqlite_village) == []


async def test_a_form_leaves_a_number_nobody_asked_for_as_it_is(
    office: Browser, sqlite_village: Village
) -> None:
    village, child = sqlite_village, await child_with_number(sqlite_village)
    address = f"/office/records/{child}/edit/card"
    form = await office.get(address)
    assert MASKED in words(form)
    assert NUMBER not in form.text
    assert 'name="id_number"' not in form.text

    answer = await office.post(
        address,
        {
            "base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "anyway",
            "ethnic": "02",
        },
    )  # fmt: skip

    assert answer.status_code == 303
    row = await village.registry.row(village.code, child)
    assert row is not None
    assert (row.fields["ethnic"], row.fields["id_number"]) == ("02", NUMBER)


async def test_a_number_that_was_asked_for_is_changed_in_the_form(
    office: Browser, sqlite_village: Village
) -> None:
    village, child = sqlite_village, await child_with_number(sqlite_village)
    address = f"/office/records/{child}/edit/card"
    form = await office.get(address)
    typed = {
        "base": hidden(form, "base"),
        "seen": hidden(form, "seen"),
        "ethnic": "02",
    }

    asked = await office.post(address, {**typed, "reveal": "id_number"})
    assert f'value="{NUMBER}"' in asked.text
    assert 'value="02" selected' in asked.text
    assert await looks(village) == [child]
    kept = {
        "base": hidden(asked, "base"),
        "seen": hidden(asked, "seen"),
    }
    await office.post(address, {**kept, "id_number": OTHER, "save": "anyway"})

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.fields["id_number"] == OTHER
    assert row.contested == {}
    last = [e.key for e in await village.registry.history(village.code, child) if e.rev == row.rev]
    assert last == ["id_number"]


async def test_an_empty_number_is_simply_typed(office: Browser, sqlite_village: Village) -> None:
    village = sqlite_village
    child = await village.child(await village.household())
    address = f"/office/records/{child}/edit/card"
    form = await office.get(address)
    assert 'name="id_number"' in form.text

    await office.post(
        address,
        {
            "base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "anyway", "id_number": NUMBER,
        },
    )  # fmt: skip

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert row.fields["id_number"] == NUMBER
    assert await looks(village) == []


@pytest.mark.parametrize("sent", [{}, {"id_number": ""}, {"id_number": OTHER}])
def test_a_role_that_may_not_see_a_number_does_not_change_it(sent: dict[str, str]) -> None:
    held = {"name": "谷小满", "id_number": NUMBER}
    data = FormData({"name": "谷小满", **sent})

    secrets = edit_form.secrets_of(FIELDS, held, data, may_see=False)

    assert secrets == {"id_number"}
    typed = [it for it in FIELDS if it.name not in secrets]
    it = edit_form.posted(data, typed, short_id)
    assert "id_number" not in edit_form.changes(typed, it, short_id)
    assert NUMBER not in edit_form.seen_words(typed, held)


async def test_two_numbers_side_by_side_are_compared_whole_when_asked(
    office: Browser, sqlite_village: Village
) -> None:
    village, child = sqlite_village, await child_with_number(sqlite_village)
    row = await village.registry.row(village.code, child)
    assert row is not None
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    phone.edit(child, id_number=OTHER)
    await village.commit(change(child, "child", row.rev, id_number="990000201605060032"))
    await phone.sync()
    address = f"/office/conflicts/{child}/id_number"

    page = await office.get(address)
    assert OTHER not in page.text
    assert OTHER not in (await office.get("/office/conflicts")).text
    asked = words(await office.post(address, {"whole": "1"}))

    assert OTHER in asked
    assert "990000201605060032" in asked
    assert NUMBER in asked
    assert await looks(village) == [child]


async def test_an_excel_masks_numbers_unless_they_are_asked_for(
    office: Browser, sqlite_village: Village
) -> None:
    await child_with_number(sqlite_village)
    await office.get("/office/children")

    for sent, number, noted in (
        ({"what": "roster"}, MASKED, []),
        ({"what": "screen", "column": ["name", "child.id_number"]}, MASKED, []),
        ({"what": "roster", "whole": "1"}, NUMBER, ["children"]),
    ):
        answer = await office.post("/office/export/children.xlsx", sent)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        text = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
        assert number in text
        assert await looks(sqlite_village) == noted


async def test_what_waits_to_be_let_in_is_masked_too(
    office: Browser, sqlite_village: Village
) -> None:
    village, device, child = sqlite_village, await sqlite_village.device(), uuid7()
    home = await village.household()
    await village.auth.revoke(village.code, device)
    made = create(child, "child", household_id=home, name="石白露", id_number=NUMBER)
    await village.push(device, 1, op(made))

    page = await office.get(f"/office/quarantine/{device}/1/1")

    assert MASKED in words(page)
    assert NUMBER not in page.text
