"""Reports sent up: frozen, accepted or returned, corrected by a new one, and added up by the township."""

import json
import re
import sqlite3
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from server.auth import Auth
from server.filing import Filing, Report, hash_of
from server.office.reports.deadlines import deadline
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words
from tests.server.office.reports.conftest import browser_of
from tests.server.office.statistics.conftest import Demo

MONTH = {"since": "2026-10-01", "on": "2026-10-31", "scope": "wide"}
QUERY = "since=2026-10-01&on=2026-10-31&scope=wide"


def signed(report: Report) -> Report:
    return replace(report, hash=hash_of(report))


async def submit(office: Browser, **more: str) -> str:
    """Send October up; the id of what was sent."""
    await office.get(f"/office/up/new/monthly?{QUERY}")
    answer = await office.post("/office/up/new/monthly", {**MONTH, **more})
    assert answer.status_code == 303, answer.text
    page = await office.get("/office/up")
    found = re.search(r'href="/office/up/(\d+)/([0-9a-f]{32})"', page.text)
    assert found
    return found[2]


async def test_what_was_sent_stays_as_it_was_whatever_happens_to_the_files(
    office: Browser, demo: Demo
) -> None:
    id = await submit(office)
    kept = await Filing(demo.registry.database).report(demo.access.village, id)
    assert kept is not None
    [first] = [row for row in kept.body["rows"] if row["indicator"] == "left_behind"]

    page = await office.get(f"/office/up/{demo.access.village}/{id}")

    assert first["total"] == [60, None]
    assert kept.is_whole
    assert kept.submitted_by == "方村官甲"
    assert "核对过，和报的时候一样" in words(page)
    assert "期初61名，新增0名，减少1名，期末60名" in words(page)


async def test_a_report_that_was_changed_behind_its_back_is_told(
    office: Browser, demo: Demo
) -> None:
    id = await submit(office)
    with sqlite3.connect(demo.path) as database:
        [(body,)] = database.execute("SELECT body FROM report WHERE id = ?", (id,)).fetchall()
        told = json.loads(body)
        told["rows"][0]["total"] = [59, None]
        database.execute("UPDATE report SET body = ? WHERE id = ?", (json.dumps(told), id))
    database.close()

    page = await office.get(f"/office/up/{demo.access.village}/{id}")

    assert "和报的时候不一样了" in words(page)


async def test_no_name_of_a_child_goes_up(office: Browser, demo: Demo) -> None:
    id = await submit(office)
    [(body,)] = demo.sql("SELECT body FROM report WHERE id = ?", id)

    assert not [it["name"] for it in demo.fields("child") if it["name"] in body]


async def test_the_township_returns_with_remarks_and_accepts_the_correction(
    office: Browser, township: Browser, demo: Demo
) -> None:
    id = await submit(office)
    where = f"/office/up/{demo.access.village}/{id}"
    await township.get(where)

    assert_refused(await township.post(f"{where}/decide", {"state": "returned"}), 422, "bad_field")
    answer = await township.post(
        f"{where}/decide", {"state": "returned", "remarks": "联络率请核对"}
    )
    assert answer.status_code == 303
    assert "联络率请核对" in words(await office.get("/office/up"))

    corrected = await submit(office, replaces=id)
    page = await office.get(f"/office/up/{demo.access.village}/{corrected}")
    assert "更正的是" in words(page)
    there = f"/office/up/{demo.access.village}/{corrected}"
    await township.get(there)
    await township.post(f"{there}/decide", {"state": "accepted"})
    assert "已接受" in words(await office.get(there))
    again = await township.post(f"{there}/decide", {"state": "returned", "remarks": "晚了"})
    assert_refused(again, 409, "decided_before")


async def test_every_look_at_a_report_is_in_the_audit_of_its_village(
    office: Browser, township: Browser, demo: Demo
) -> None:
    id = await submit(office)

    await township.get(f"/office/up/{demo.access.village}/{id}")

    looks = demo.sql("SELECT details FROM audit WHERE action = 'open_report' AND subject = ?", id)
    assert [details for (details,) in looks] == ["石督导甲 · monthly"]


async def test_the_township_adds_up_its_villages_and_sees_no_others(
    app: Starlette, office: Browser, township: Browser, demo: Demo
) -> None:
    """A second village of the township sends the same numbers; one of another township sends them too."""
    id = await submit(office)
    await township.get("/office/up")
    await township.post(f"/office/up/{demo.access.village}/{id}/decide", {"state": "accepted"})
    auth = Auth(demo.registry.database)
    filing = Filing(demo.registry.database)
    mine = await filing.report(demo.access.village, id)
    assert mine is not None
    for code, name in (("990000101202", "红枫村"), ("990000102201", "远山村")):
        await demo.registry.create_village(code, name)
        await filing.submit(signed(replace(mine, village=code)))
        await filing.decide(code, id, "accepted", who="石督导甲", remarks="", now=1)

    page = await township.get("/office/up/sum?kind=monthly&period=2026-10")

    assert "2 个村" in words(page)
    assert "红枫村" in page.text
    assert "远山村" not in page.text
    assert "留守儿童数 人数 120 2" in words(page)
    assert "摸底完成率 摸底完成率 95.8% 230/240 2" in words(page)
    assert_refused(await township.get(f"/office/up/990000102201/{id}"), 404, "no_record")
    assert (await township.get(f"/office/up/990000101202/{id}")).status_code == 200
    await auth.create_account(
        "990000101202", login="hongfeng", name="田村官乙", role="official", password=PASSWORD
    )
    async with browser_of(app, "nobody") as neighbour:
        signed_in = await neighbour.post(
            "/office/login",
            {"village": "990000101202", "login": "hongfeng", "password": PASSWORD},
        )
        assert signed_in.status_code == 303
        # A village sees its own reports alone, though the township sees both.
        assert_refused(
            await neighbour.get(f"/office/up/{demo.access.village}/{id}"), 404, "no_record"
        )
        assert (await neighbour.get(f"/office/up/990000101202/{id}")).status_code == 200


async def test_a_village_decides_nothing_and_a_township_submits_nothing(
    office: Browser, township: Browser, demo: Demo
) -> None:
    id = await submit(office)

    assert_refused(
        await office.post(f"/office/up/{demo.access.village}/{id}/decide", {"state": "accepted"}),
        403,
        "not_allowed",
    )
    assert_refused(await office.get("/office/up/sum"), 403, "not_allowed")
    assert_refused(await township.get(f"/office/up/new/monthly?{QUERY}"), 403, "not_allowed")


@pytest.mark.parametrize(
    ("kind", "on", "until"),
    [
        ("monthly", "2026-10-31", "2026-11-05"),
        ("monthly", "2026-12-31", "2027-01-05"),
        ("annual", "2026-12-31", "2027-01-15"),
    ],
)
def test_deadlines(kind: str, on: str, until: str) -> None:
    assert deadline(kind, on) == until


async def test_the_page_says_what_is_due_next(office: Browser) -> None:
    page = await office.get("/office/up")

    assert "该报的" in words(page)
    assert "年度工作总结" in words(page)


async def test_a_weekly_sheet_with_names_is_never_sent_up(office: Browser) -> None:
    assert_refused(await office.get("/office/up/new/weekly"), 404, "not_found")
    assert_refused(await office.get("/office/up/new/letter"), 404, "not_found")
