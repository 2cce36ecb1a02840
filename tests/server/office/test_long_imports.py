"""Large tables in: rows are counted, the page may be left, stopping changes nothing, refused rows come back to mend."""

import asyncio
import io
import re
import threading
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from starlette.applications import Starlette

from server.office import undoing
from server.office.roster import understand
from server.office.work import planning
from tests.helpers import Village
from tests.server.office.browser import Browser, hidden, words
from tests.server.office.test_fill_in import VISIT, apply, rows, template
from tests.server.office.test_fill_in import upload as upload_filled
from tests.server.office.test_imports import BAD, GOOD, roster, upload
from tests.server.office.test_paper import family
from tests.server.office.test_work import ended, work_at


@pytest.fixture(autouse=True)
def every_table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "LARGE", 0)


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator["HeldUp"]:
    """Reading stops before the second child until it is let go."""
    it = HeldUp()
    real = understand._Reader.entry

    def entry(self: Any, line: Any) -> Any:
        it.count += 1
        if it.is_on and it.count == 2:
            it.reached.set()
            assert it.go.wait(30)
        return real(self, line)

    monkeypatch.setattr(understand._Reader, "entry", entry)
    yield it
    it.go.set()


class HeldUp:
    def __init__(self) -> None:
        self.count, self.is_on = 0, False
        self.reached, self.go = threading.Event(), threading.Event()

    def begin(self) -> None:
        self.count, self.is_on = 0, True

    async def until_reached(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, 30)


async def previewed(app: Starlette, office: Browser, content: bytes) -> str:
    """A large roster read to its preview; the preview's address."""
    address = await upload(office, content)
    reading = await office.get(address)
    assert reading.status_code == 303
    work = await ended(app, reading.headers["location"])
    found = await office.get(reading.headers["location"], **{"HX-Request": "true"})
    assert found.headers["hx-redirect"] == work.leads_to
    assert work.leads_to.startswith(address)
    return work.leads_to


async def test_a_large_roster_is_read_and_taken_in_as_work(
    app: Starlette, office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    address = await previewed(app, office, roster(GOOD))
    page = await office.get(address)
    assert "还没有存" in words(page)

    answer = await office.post(
        address, {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "apply": "1"}
    )
    progress = answer.headers["location"]
    await ended(app, progress)
    led = await office.get(progress, **{"HX-Request": "true"})

    assert led.headers["hx-redirect"] == "/office/children"
    assert "导入完成" in words(await office.get("/office/children"))
    [child] = await village.registry.rows(village.code, "child")
    assert child.fields["name"] == "谷小满"


async def test_other_choices_are_planned_anew_and_the_refused_rows_wait_to_be_fetched(
    app: Starlette, office: Browser, sqlite_village: Village
) -> None:
    address = await previewed(app, office, roster(GOOD, BAD))
    page = await office.get(address)
    chosen = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "overwrite": "1"}
    again = await office.post(address.partition("?")[0], chosen, **{"HX-Request": "true"})
    work = await ended(app, again.headers["hx-redirect"])
    assert "overwrite=1" in work.leads_to
    page = await office.get(work.leads_to)
    assert re.search(r'name="overwrite"[^>]* checked', page.text)

    said = {**chosen, "digest": hidden(page, "digest"), "apply": "1"}
    progress = (await office.post(address.partition("?")[0], said)).headers["location"]
    done = await office.get((await ended(app, progress)).leads_to)

    assert "有 1 行没有收" in words(done)
    assert len(await sqlite_village.registry.rows(sqlite_village.code, "child")) == 1


async def test_rows_are_counted_and_stopping_before_the_end_changes_nothing(
    app: Starlette, office: Browser, sqlite_village: Village, held_up: HeldUp
) -> None:
    village = sqlite_village
    other: list[object] = ["上坪组", "石大叔甲", "石小雨", "女", "2016-05-07", "10000005502"]
    address = await previewed(app, office, roster(GOOD, other))
    page = await office.get(address)
    held_up.begin()
    said = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "apply": "1"}
    progress = (await office.post(address, said)).headers["location"]
    await held_up.until_reached()

    counting = await office.get(progress)
    assert "3 行，共 4 行" in words(counting)
    assert "花名册.xlsx" in words(await office.get("/office/progress"))
    await office.post(f"{progress}/stop")
    held_up.go.set()

    assert work_at(app, progress).state == "stopped"
    assert "已停下" in words(await office.get(progress))
    assert await village.registry.rows(village.code, "child") == []
    assert not any(it.action == "import" for it in await village.auth.audit(village.code))
    assert "花名册.xlsx" in words(await office.get("/office/import")), "the file waits"


async def test_taking_a_large_import_back_counts_its_records_and_is_begun_once(
    app: Starlette, office: Browser, sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "FEW", 0)
    monkeypatch.setattr(undoing, "PIECE", 1)
    village = sqlite_village
    other: list[object] = ["上坪组", "石大叔甲", "石小雨", "女", "2016-05-07", "10000005502"]
    address = await previewed(app, office, roster(GOOD, other))
    page = await office.get(address)
    said = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "apply": "1"}
    await ended(app, (await office.post(address, said)).headers["location"])
    listed = await office.get("/office/import")
    undo = "/office/import/undo/" + listed.text.partition("/import/undo/")[2].partition('"')[0]
    reached, go = asyncio.Event(), asyncio.Event()
    commit = village.registry.commit
    pieces = 0

    async def held_up(*args: Any, **named: Any) -> Any:
        nonlocal pieces
        pieces += 1
        if pieces == 2:
            reached.set()
            await go.wait()
        return await commit(*args, **named)

    monkeypatch.setattr(village.registry, "commit", held_up)
    progress = (await office.post(undo)).headers["location"]
    await reached.wait()

    counting = await office.get(progress)
    total = work_at(app, progress).total
    assert total >= 4, "two households and two children at least"
    assert f"1 行，共 {total} 行" in words(counting)
    assert "撤销导入 花名册.xlsx" in words(counting)
    assert "停下" not in words(counting)
    assert (await office.post(undo)).headers["location"] == progress
    go.set()
    await ended(app, progress)

    led = await office.get(progress, **{"HX-Request": "true"})
    assert led.headers["hx-redirect"] == "/office/import"
    assert "已撤销" in words(await office.get("/office/import"))
    assert await village.registry.rows(village.code, "child", "household") == []
    assert [it.action for it in await village.auth.audit(village.code)].count("undo_import") == 1


async def test_a_register_that_has_moved_on_is_said_and_nothing_is_written(
    app: Starlette, office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    address = await previewed(app, office, roster(GOOD))
    page = await office.get(address)

    said = {"base": hidden(page, "base"), "digest": "0" * 32, "apply": "1"}
    progress = (await office.post(address, said)).headers["location"]
    work = await ended(app, progress)

    assert work.state == "failed"
    assert "没有写入任何内容" in words(await office.get(progress))
    assert await village.registry.rows(village.code, "child") == []
    assert (await office.get(address)).status_code == 303, "it is planned anew"


async def test_rows_of_a_filled_template_that_cannot_be_taken_come_back_to_mend_and_send_again(
    office: Browser, sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "LARGE", 10**9)
    await family(sqlite_village)
    bad = {**VISIT, "儿童": "没有这个人", "日期": "二月三十"}
    address = await upload_filled(office, "visit", await template(office, "visit", VISIT, bad))
    page = await office.get(address)
    assert "下载不能收的 1 行" in words(page)

    done = await apply(office, address)
    assert done.headers["location"] == address
    assert len(await rows(sqlite_village, "visit")) == 1
    book = openpyxl.load_workbook(io.BytesIO((await office.get(f"{address}/refused.xlsx")).content))
    sheet = book.worksheets[0]
    headings = [str(it.value).rstrip("*") for it in sheet[3] if it.value]
    cells = dict(zip(headings, [it.value for it in sheet[4]], strict=False))
    assert (cells["儿童"], cells["日期"]) == ("没有这个人", "二月三十")
    reason = str(cells["退回原因（再导入时不用管）"])
    assert reason
    assert sheet.max_row == 4

    sheet.cell(4, headings.index("儿童") + 1).value = "谷小满"
    sheet.cell(4, headings.index("日期") + 1).value = "2026-11-18"
    file = io.BytesIO()
    book.save(file)
    again = await upload_filled(office, "visit", file.getvalue())
    page = await office.get(again)
    assert "不认得的列" not in words(page)
    await apply(office, again)
    assert len(await rows(sqlite_village, "visit")) == 2
