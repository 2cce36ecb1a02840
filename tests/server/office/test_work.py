"""Long work: others are answered meanwhile, it is found again, it can be stopped, and nothing of it stays behind."""

import asyncio
import io
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import pytest
from starlette.applications import Starlette

from server.office import export
from server.office.roster.columns import Column
from server.office.work import Work, Works, writing
from server.workers import HOME, command, sheets
from tests.helpers import Village, enrol
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words

MOST_ROWS = 400_000
LONG = "/office/export/children.xlsx"
COLUMNS = [Column("n", "第几", 8), Column("name", "姓名", 10)]


Lists = Callable[..., None]


@pytest.fixture
def rows_are(monkeypatch: pytest.MonkeyPatch) -> Lists:
    """What the export of the children's list holds, by its real address."""

    def said(rows: Any, count: int = 0) -> None:
        sheet = export.Sheet("名册", "截至 2026-03-01", COLUMNS, rows, count)
        monkeypatch.setattr("server.office.downloads.screen_sheet", lambda *_, **__: sheet)

    return said


def work_at(app: Starlette, address: str) -> Work:
    held: Works = app.state.works
    return held._held[address.rpartition("/")[2]]


async def ended(app: Starlette, address: str) -> Work:
    """The work of a page, when it is over."""
    work = work_at(app, address)
    await work.over()
    return work


def rows_in(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(min_row=4, values_only=True)]


async def test_phones_sync_while_a_large_export_is_made(
    app: Starlette, rows_are: Lists, office: Browser, sqlite_village: Village, tmp_path: Path
) -> None:
    """The list goes on until three evening syncs have been answered; were they to wait for it, it would never end."""
    village = sqlite_village
    person = await village.surveyor("dc1", 1)
    household = await village.household()
    phone = await enrol(office.client, village.auth, person)
    await phone.sync()
    synced = asyncio.Event()
    made = 0

    def rows() -> Iterator[list[Any]]:
        nonlocal made
        while not synced.is_set():
            assert made < MOST_ROWS, "nobody was answered"
            made += 1
            yield [made, "谷小满"]

    async def evening() -> None:
        for n in range(3):
            phone.edit(household, location_hint=f"塘边{n}")
            await phone.sync()
        synced.set()

    rows_are(rows(), MOST_ROWS)
    answer = await office.post(LONG)
    await evening()
    await ended(app, answer.headers["location"])
    answer = await office.get(answer.headers["location"] + "/file")

    assert phone.pending == []
    assert [row[0] for row in rows_in(answer.content)] == list(range(1, made + 1))
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_a_short_list_comes_at_once_and_leaves_nothing(
    app: Starlette, rows_are: Lists, office: Browser, tmp_path: Path
) -> None:
    rows_are([[1, "谷小满"], [2, "=1+1"]])

    answer = await office.post(LONG)

    assert answer.status_code == 200
    assert rows_in(answer.content) == [[1, "谷小满"], [2, "=1+1"]]
    assert 'filename="zoufang-children-' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert list((tmp_path / "works").iterdir()) == []
    assert "处理进度" not in words(await office.get("/office/"))


async def test_a_short_list_does_not_wait_for_long_ones(
    app: Starlette, rows_are: Lists, office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> Iterator[list[Any]]:
        for n in range(10_000_000):
            yield [n, "谷小满"]

    long = []
    for _ in range(3):
        rows_are(rows(), 10_000_000)
        long.append((await office.post(LONG)).headers["location"])
    rows_are([[1, "谷小满"]])

    answer = await asyncio.wait_for(office.post(LONG), 60)

    assert rows_in(answer.content) == [[1, "谷小满"]]
    states = [work_at(app, address).state for address in long]
    for address in reversed(long):
        await office.post(f"{address}/stop")
    assert states == ["running", "running", "waiting"]


async def test_longer_work_is_left_and_found_again_by_who_began_it_alone(
    app: Starlette,
    rows_are: Lists,
    office: Browser,
    sqlite_village: Village,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 0)
    village = sqlite_village
    await village.auth.create_account(
        village.code, login="wenyuan", name="村文员", role="clerk", password=PASSWORD
    )
    rows_are([[1, "谷小满"]])

    answer = await office.post(LONG)
    address = answer.headers["location"]
    assert "zoufang-children" in words(await office.get(address))
    work = await ended(app, address)

    assert "处理进度" in words(await office.get("/office/"))
    found = await office.get("/office/progress")
    assert f"{address}/file" in found.text
    assert rows_in((await office.get(f"{address}/file")).content) == [[1, "谷小满"]]
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        other = Browser(client)
        await other.sign_in("wenyuan")
        assert "zoufang-children" not in words(await other.get("/office/progress"))
        for path in (address, f"{address}/file"):
            assert_refused(await other.get(path), 404, "not_found")

    await office.get("/office/progress")
    await office.post(f"{address}/stop")  # pressed as it ended
    assert work.folder.exists()
    assert "从这里去掉" in words(await office.get("/office/progress"))
    await office.post(f"{address}/stop", {"forget": "1"})
    assert not work.folder.exists()
    assert_refused(await office.get(f"{address}/file"), 404, "not_found")


async def test_a_file_is_not_given_to_who_may_no_longer_have_it(
    app: Starlette,
    rows_are: Lists,
    office: Browser,
    sqlite_village: Village,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 0)
    village = sqlite_village
    rows_are([[1, "谷小满"]])
    address = (await office.post(LONG)).headers["location"]
    await ended(app, address)
    person = await village.auth.account_by_login(village.code, "cunguan")
    assert person is not None
    await village.auth.update_account(person, role="county")

    assert_refused(await office.get(f"{address}/file"), 403, "not_allowed")


async def test_stopped_work_ends_its_process_and_leaves_no_file(
    app: Starlette, rows_are: Lists, office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 0)
    began = asyncio.Event()

    def rows() -> Iterator[list[Any]]:
        for n in range(10_000_000):
            if n == 100:
                began.set()
            yield [n, "谷小满"]

    rows_are(rows(), 10_000_000)
    address = (await office.post(LONG)).headers["location"]
    work = work_at(app, address)
    await began.wait()
    page = await office.get(address)
    assert 'max="10000000"' in page.text
    assert "共 10000000 行" in words(page)

    await office.post(f"{address}/stop")

    assert work.state == "stopped"
    assert not work.folder.exists()
    assert "已停下" in words(await office.get(address))
    ps = await asyncio.create_subprocess_exec("ps", "ax", "-o", "args", stdout=subprocess.PIPE)
    listed, _ = await ps.communicate()
    assert b"python" in listed
    assert str(work.file).encode() not in listed


@pytest.mark.parametrize("is_killed", [False, True])
async def test_an_export_the_server_ended_in_is_told_and_asked_for_again_with_one_button(
    app: Starlette,
    rows_are: Lists,
    office: Browser,
    sqlite_village: Village,
    tmp_path: Path,
    *,
    is_killed: bool,
) -> None:
    village = sqlite_village
    await village.auth.create_account(
        village.code, login="wenyuan", name="村文员", role="clerk", password=PASSWORD
    )

    def rows() -> Iterator[list[Any]]:
        for n in range(10_000_000):
            yield [n, "谷小满"]

    rows_are(rows(), 10_000_000)
    asked = {"q": "小满", "grid": [village.grid(1), village.grid(2)]}
    address = (await office.post(LONG, asked)).headers["location"]
    before: Works = app.state.works
    if not is_killed:
        await before.close()
    left = tmp_path / "left"  # the disk as it is in this moment
    shutil.copytree(tmp_path / "works", left / "works")
    app.state.works = Works(left)

    page = await office.get("/office/progress")
    assert "服务器中间重新启动过" in words(page)
    assert not work_at(app, address).folder.exists()
    form = page.text.partition(f'action="{LONG}"')[2].partition("</form>")[0]
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    assert [it for it in sent if it[0] != "csrf"] == [
        ("q", "小满"), ("grid", village.grid(1)), ("grid", village.grid(2)),
    ]  # fmt: skip
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        other = Browser(client)
        await other.sign_in("wenyuan")
        assert "重新启动过" not in words(await other.get("/office/progress"))

    rows_are([[1, "谷小满"]])
    await office.get("/office/progress")
    again = await office.post(LONG, asked)
    assert rows_in(again.content) == [[1, "谷小满"]]
    assert "重新启动过" not in words(await office.get("/office/progress"))
    assert list((left / "works").iterdir()) == []
    await before.close()


async def test_a_torn_note_of_a_work_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "works").mkdir()
    (tmp_path / "works" / "abc.json").write_text('["99')

    assert Works(tmp_path)._held == {}
    assert list((tmp_path / "works").iterdir()) == []


async def test_what_goes_wrong_is_said_and_leaves_no_file(
    app: Starlette, rows_are: Lists, office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 0)
    rows_are([[1, object()]])

    address = (await office.post(LONG)).headers["location"]
    work = await ended(app, address)

    assert "没有做完" in words(await office.get(address))
    assert not work.folder.exists()
    assert_refused(await office.get(f"{address}/file"), 404, "not_found")


def test_a_full_disk_has_its_own_status() -> None:
    sent = sheets.frame("sheet", "名册", "", [("姓名", 10)]) + sheets.frame(
        "rows", [["谷小满"]] * 9_000
    )
    done = subprocess.run(
        command("server.workers.sheets", "/dev/full", "csv"),
        input=sent + sheets.frame("end"), cwd=HOME, check=False,
    )  # fmt: skip

    assert done.returncode == sheets.FULL


def test_a_list_that_is_cut_is_no_file() -> None:
    done = subprocess.run(
        command("server.workers.sheets", "/dev/null", "csv"),
        input=sheets.frame("sheet", "名册", "", [("姓名", 10)])[:-3], cwd=HOME, check=False,
    )  # fmt: skip

    assert done.returncode == sheets.CUT
