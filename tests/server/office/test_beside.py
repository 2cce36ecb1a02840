"""Two people at one file: each is told of the other before anything is typed in vain."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from server.office.beside import ENOUGH, GONE_MS, LONGEST_MS, Beside
from server.registry import now_ms
from tests.helpers import Village, change
from tests.server.office.browser import PASSWORD, Browser, words


@pytest.fixture
async def clerk(app: Starlette, sqlite_village: Village) -> AsyncIterator[Browser]:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="wenshu", name="安文书甲", role="clerk", password=PASSWORD
    )
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        browser = Browser(client)
        await browser.sign_in("wenshu")
        yield browser


async def test_who_else_has_the_file_open_is_said_to_both(
    office: Browser, clerk: Browser, sqlite_village: Village
) -> None:
    child = await sqlite_village.child(await sqlite_village.household())
    row = await sqlite_village.registry.row(sqlite_village.code, child)
    assert row is not None
    where = f"/office/records/{child}/others?base={row.rev}"

    assert words(await office.get(where)) == ""
    assert "方村官甲 也开着这一份" in words(await clerk.get(where))
    assert "安文书甲 也开着这一份" in words(await office.get(where))


async def test_what_was_changed_since_the_page_was_opened_is_said_by_whom_and_what(
    office: Browser, sqlite_village: Village
) -> None:
    child = await sqlite_village.child(await sqlite_village.household())
    row = await sqlite_village.registry.row(sqlite_village.code, child)
    assert row is not None
    where = f"/office/records/{child}/others?base={row.rev}"
    await sqlite_village.commit(change(child, "child", row.rev, school_name="青禾小学"))

    said = words(await office.get(where))

    assert "村办公室" in said
    assert "就读学校" in said or "学校" in said
    assert "两种说法都留着" in said


async def test_the_edit_page_asks_for_the_line_and_a_new_record_does_not(
    office: Browser, sqlite_village: Village
) -> None:
    home = await sqlite_village.household()
    page = await office.get(f"/office/records/{home}")
    section = page.text.partition(f"/office/records/{home}/edit/")[2].partition('"')[0]

    edit = await office.get(f"/office/records/{home}/edit/{section}")

    assert f'hx-get="/office/records/{home}/others?base=' in edit.text
    assert "/others?base=" not in (await office.get("/office/records/new/household")).text


async def test_a_page_left_open_asks_no_more_and_lets_its_session_end(
    office: Browser, sqlite_village: Village
) -> None:
    home = await sqlite_village.household()
    ago = now_ms() - LONGEST_MS
    where = f"/office/records/{home}/others?base=1&since="

    assert (await office.get(f"{where}{ago - 1000}")).status_code == ENOUGH
    assert (await office.get(f"{where}{ago + 60_000}")).status_code == 200


def test_who_has_gone_is_forgotten() -> None:
    it = Beside()
    it.seen("v", "r", "a", "方村官甲", 0)

    assert it.seen("v", "r", "b", "安文书甲", GONE_MS) == ["方村官甲"]
    assert it.seen("v", "r", "b", "安文书甲", GONE_MS + 1) == []
    assert it.seen("w", "r", "b", "安文书甲", 0) == []
