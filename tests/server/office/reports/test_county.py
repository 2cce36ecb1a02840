"""The county: townships send it their sums, it sees who is late, accepts or returns, and adds up what adds up."""

import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook
from starlette.applications import Starlette

from server.errors import Problem
from server.filing import Filing, Report, hash_of
from server.office.pages import today
from server.office.reports.deadlines import day_of, days_for, days_late, deadline
from server.office.reports.snapshot import crossed
from server.office.reports.standing import standings
from server.registry import uuid7
from tests.server.office.browser import Browser, assert_refused, words
from tests.server.office.reports.conftest import browser_of
from tests.server.office.statistics.conftest import Demo

TOWNSHIP = "990000101"
PERIOD = {"kind": "monthly", "period": "2026-08"}
"""A month no other test sends."""


@pytest.fixture
async def county(app: Starlette) -> AsyncIterator[Browser]:
    async with browser_of(app, "xian") as browser:
        yield browser


def row(n: int, d: int | None = None, *cells: int) -> dict[str, object]:
    """A line of a report's table: its total, and the cells of its grids."""
    return {
        "indicator": "left_behind", "measure": "count", "unit": "count", "words": "人数",
        "label": {"zh": "留守儿童数"}, "formula": "", "total": [n, d],
        "cells": [[it, None] for it in cells or (n,)],
    }  # fmt: skip


async def accepted(demo: Demo, village: str, n: int, at: int = 1) -> Report:
    """What a village has sent of August, accepted by its township."""
    made = Report(
        village=village, id=uuid7(), kind="monthly", since="2026-08-01", on="2026-08-31",
        scope="wide", state="submitted", replaces="", submitted_at=at, submitted_by="方村官甲",
        decided_at=0, decided_by="", remarks="", hash="",
        body={"grids": ["一组"], "rows": [row(n)], "text": [], "made_on": "2026-09-01"},
    )  # fmt: skip
    made = replace(made, hash=hash_of(made))
    filing = Filing(demo.registry.database)
    await filing.submit(made)
    await filing.decide(village, made.id, "accepted", who="石督导甲", remarks="", now=2)
    return made


async def send(township: Browser, place: str = "清溪镇") -> str:
    """The township sends August's sum to the county; its address."""
    await township.get("/office/up/sum?kind=monthly&period=2026-08")
    answer = await township.post("/office/up/sum/submit", {**PERIOD, "place": place})
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])


@pytest.fixture
async def villages(demo: Demo) -> AsyncIterator[tuple[str, str]]:
    """Two villages of one township; what they sent in August is forgotten afterwards."""
    await demo.registry.create_village("990000101203", "白石村")
    yield demo.access.village, "990000101203"
    with sqlite3.connect(demo.path) as database:
        database.execute("DELETE FROM report WHERE on_day = '2026-08-31'")
        database.execute("DELETE FROM report_deadline")
    database.close()


async def test_a_townships_sum_goes_to_the_county_and_stays_as_it_was_sent(
    township: Browser, county: Browser, demo: Demo, villages: tuple[str, str]
) -> None:
    first, second = [
        await accepted(demo, code, n) for code, n in zip(villages, (60, 7), strict=True)
    ]

    where = await send(township)

    page = await county.get(where)
    assert "清溪镇" in words(page)
    assert "留守儿童数 人数 60 7 67" in words(page)
    [kept] = await Filing(demo.registry.database).sums(TOWNSHIP)
    assert kept.is_whole
    assert crossed(kept.body) == []
    assert [it["id"] for it in kept.body["sources"]] == [first.id, second.id]
    # A newer report of a village changes nothing in it, and the township is told to correct it.
    await accepted(demo, villages[1], 8, at=5)
    assert "留守儿童数 人数 60 7 67" in words(await county.get(where))
    assert "有的村又有新的一份" in words(
        await township.get("/office/up/sum?kind=monthly&period=2026-08")
    )


async def test_the_county_returns_with_remarks_and_both_reports_stay(
    township: Browser, county: Browser, demo: Demo, villages: tuple[str, str]
) -> None:
    for code, n in zip(villages, (60, 7), strict=True):
        await accepted(demo, code, n)
    where = await send(township)
    await county.get(where)
    assert_refused(
        await township.post(f"{where}/decide", {"state": "accepted"}), 403, "not_allowed"
    )

    await county.post(f"{where}/decide", {"state": "returned", "remarks": "白石村请核对"})

    assert "县里退回的意见：白石村请核对" in words(
        await township.get("/office/up/sum?kind=monthly&period=2026-08")
    )
    await accepted(demo, villages[1], 9, at=5)
    corrected = await send(township)
    assert corrected != where
    old, new = words(await county.get(where)), words(await county.get(corrected))
    assert "已退回" in old
    assert "已有更正的" in old
    assert "人数 60 7 67" in old
    assert "更正的是" in new
    assert "人数 60 9 69" in new
    await county.post(f"{corrected}/decide", {"state": "accepted"})
    total = words(await county.get("/office/up/sum?kind=monthly&period=2026-08"))
    assert "留守儿童数 人数 69 2 69" in total
    assert "勾稽平" in total


async def test_the_same_sum_is_not_sent_twice(
    township: Browser, demo: Demo, villages: tuple[str, str]
) -> None:
    await accepted(demo, villages[0], 60)

    assert await send(township) == await send(township)

    assert len(await Filing(demo.registry.database).sums(TOWNSHIP)) == 1


async def test_a_village_that_has_sent_nothing_is_named_in_the_sum(
    township: Browser, county: Browser, demo: Demo, villages: tuple[str, str]
) -> None:
    await accepted(demo, villages[0], 60)

    page = words(await county.get(await send(township)))

    assert "没有报的 白石村" in page.replace("、红枫村", "").replace("红枫村、", "")


@pytest.mark.parametrize("what", ["total", "cell", "hash"])
async def test_what_does_not_add_up_is_never_added(
    township: Browser, county: Browser, demo: Demo, villages: tuple[str, str], what: str
) -> None:
    """A sum was changed in the database: in a total, in a village's column, or with a new fingerprint over it."""
    for code, n in zip(villages, (60, 7), strict=True):
        await accepted(demo, code, n)
    where = await send(township)
    await county.get(where)
    await county.post(f"{where}/decide", {"state": "accepted"})
    [kept] = await Filing(demo.registry.database).sums(TOWNSHIP)
    told = json.loads(json.dumps(kept.body))
    [line] = told["rows"]
    if what in ("total", "hash"):
        line["total"] = [66, None]
    else:
        line["cells"], line["total"] = [[59, None], [7, None]], [66, None]
    forged = replace(kept, body=told)
    with sqlite3.connect(demo.path) as database:
        database.execute(
            "UPDATE report SET body = ?, hash = ? WHERE id = ?",
            (json.dumps(told), kept.hash if what == "hash" else hash_of(forged), kept.id),
        )
    database.close()

    page = words(await county.get("/office/up/sum?kind=monthly&period=2026-08"))

    said = {
        "hash": "和报的时候不一样了",
        "total": "“留守儿童数”各项相加不等于合计",
        "cell": "的数和村里报的不一样",
    }[what]
    assert said in page
    assert "勾稽平" not in page
    assert "人数 66" not in page


async def test_the_county_sees_figures_and_no_file_and_of_villages_what_was_accepted(
    township: Browser, county: Browser, demo: Demo, villages: tuple[str, str]
) -> None:
    kept = await accepted(demo, villages[0], 60)
    waiting = replace(kept, id=uuid7(), state="submitted")
    await Filing(demo.registry.database).submit(replace(waiting, hash=hash_of(waiting)))
    [child] = demo.sql("SELECT id FROM record WHERE type = 'child' AND present LIMIT 1")

    assert (await county.get(f"/office/up/{villages[0]}/{kept.id}")).status_code == 200
    assert_refused(await county.get(f"/office/up/{villages[0]}/{waiting.id}"), 404, "no_record")
    for path in (f"records/{child[0]}", "children", "households", "audit", "people", "statistics"):
        assert_refused(await county.get(f"/office/{path}"), 403, "not_allowed")
    start = await county.get("/office/")
    assert start.headers["location"] == "/office/up"
    looked = demo.sql("SELECT details FROM audit WHERE subject = ?", kept.id)
    assert looked == [("米县办甲 · monthly",)]


async def test_the_days_are_set_by_whom_reports_go_to_and_lateness_follows(
    office: Browser, township: Browser, county: Browser, demo: Demo, villages: tuple[str, str]
) -> None:
    year, month = int(today()[:4]), int(today()[5:7])
    due = f"{year}-{month:02d}"
    await township.get("/office/up")
    answer = await township.post("/office/up/deadlines", {"monthly": "3", "annual": "01-09"})
    assert answer.status_code == 303
    await county.get("/office/up")
    await county.post("/office/up/deadlines", {"monthly": "28", "annual": "02-01"})

    assert f"{due}-03 前报到乡镇" in words(await office.get("/office/up"))
    assert f"{due}-03 前报到" in words(await township.get("/office/up"))
    assert f"{due}-28 前报到" in words(await county.get("/office/up"))
    for wrong in ({"monthly": "29", "annual": "01-09"}, {"monthly": "3", "annual": "13-40"}):
        assert_refused(await township.post("/office/up/deadlines", wrong), 422, "bad_field")
    noted = demo.sql("SELECT details FROM audit WHERE action = 'set_deadline' ORDER BY number")
    assert ("月报 05 → 03",) in noted


async def test_who_has_not_sent_is_on_the_list_of_the_township_and_the_county(
    township: Browser, county: Browser, villages: tuple[str, str]
) -> None:
    assert "白石村" in words(await township.get("/office/up"))
    assert "所在乡镇" in words(await county.get("/office/up")) or "清溪镇" in words(
        await county.get("/office/up")
    )


def test_lateness_counts_by_the_first_report_that_was_sent() -> None:
    noon = 1_788_580_800_000  # 2026-09-05 in China
    day = 86_400_000
    sent = Report(
        village="990000101201", id="a", kind="monthly", since="2026-08-01", on="2026-08-31",
        scope="wide", state="returned", replaces="", submitted_at=noon, submitted_by="方村官甲",
        decided_at=0, decided_by="", remarks="", hash="", body={},
    )  # fmt: skip
    again = replace(sent, id="b", state="submitted", submitted_at=noon + 9 * day, replaces="a")
    places = {"990000101201": "青禾村", "990000101202": "红枫村"}

    def late(on: str, *reports: Report) -> list[int]:
        days = days_for("990000101", {"monthly": "04"})
        return [it.late for it in standings("monthly", "2026-08-31", places, reports, days, on)]

    assert late("2026-09-20", again, sent) == [1, 16]
    assert late("2026-09-04") == [0, 0]
    assert late("2026-09-06") == [2, 2]


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [("monthly", "5", "05"), ("monthly", "28", "28"), ("annual", "01-31", "01-31")],
)
def test_days_that_every_month_has_are_kept(kind: str, typed: str, kept: str) -> None:
    assert day_of(kind, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"), [("monthly", "0"), ("monthly", "x"), ("annual", "02-30"), ("annual", "")]
)
def test_days_that_are_none_are_refused(kind: str, typed: str) -> None:
    with pytest.raises(Problem, match="bad_field"):
        day_of(kind, typed)


def test_a_township_has_five_days_more_than_a_village() -> None:
    assert deadline("monthly", "2026-12-31", days_for("990000", {})) == "2027-01-10"
    assert days_late("2026-09-05", 0, "2026-09-08") == 3


async def test_the_package_is_a_workbook_with_a_page_to_sign_and_the_table(
    township: Browser, county: Browser, demo: Demo, villages: tuple[str, str]
) -> None:
    for code, n in zip(villages, (60, 7), strict=True):
        await accepted(demo, code, n)
    where = await send(township)
    await county.get(where)

    answer = await county.post(f"{where}/package.xlsx")

    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["签字页", "统计表"]
    signature = [
        str(cell) for line in book.get_sheet_by_name("签字页").to_python() for cell in line
    ]
    table = book.get_sheet_by_name("统计表").to_python()
    [kept] = await Filing(demo.registry.database).sums(TOWNSHIP)
    assert "清溪镇 月报" in signature
    assert "单位负责人" in signature
    assert kept.hash in signature
    assert table[1][:3] == ["留守儿童数", "人数", 67.0]
    assert table[1][5:] == [60.0, 7.0]
    assert re.search(r'filename="zoufang-monthly-990000101-2026-08-31.xlsx"', str(answer.headers))
