"""The pages of figures: numbers that lead to their lists, past days, Excel, and what is refused."""

import io
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx2
import openpyxl
import pytest

from server.app import create_app
from server.demo.people import DEMO_PASSWORD
from server.office.statistics.indicators import COUNTED
from server.settings import Settings
from tests.server.office.browser import Browser, assert_refused, words
from tests.server.office.statistics.conftest import ON, Demo

PERIOD = f"since=2026-09-01&on={ON}"


@pytest.fixture
async def office(demo: Demo, tmp_path: Path) -> AsyncIterator[Browser]:
    """The official of the demo village."""
    app = create_app(Settings(data=tmp_path), registry=demo.registry)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            browser = Browser(client)
            await browser.sign_in("cunguan", DEMO_PASSWORD)
            yield browser


def links(page: httpx2.Response, part: str) -> list[tuple[str, str]]:
    """(address, words) of the links whose address holds a part."""
    found = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', page.text)
    return [(unescape(href), text) for href, text in found if part in unescape(href)]


async def test_the_table_by_grid_adds_up_and_says_so(office: Browser) -> None:
    page = await office.get(f"/office/statistics?{PERIOD}")

    assert page.status_code == 200
    assert "上坪组" in page.text
    assert "不平" not in words(page)
    assert "60 = 性别（男 33 + 女 27）" in words(page)
    assert f"截至 {ON}" in words(page)


async def test_every_number_of_the_table_leads_to_a_list_of_that_length(office: Browser) -> None:
    page = await office.get(f"/office/statistics?{PERIOD}")
    counts = [
        (href, int(text))
        for href, text in links(page, "/list?")
        if text.isdecimal() and "value=" not in href and "measure=persons" not in href
    ]
    rates = [
        (href, text) for href, text in links(page, "part=d") if "value=" not in href and "/" in text
    ]

    assert len(counts) > 5
    assert len(rates) > 10
    for href, count in counts:
        if "counselling" in href or "carer_talks" in href:
            continue  # a session may have been for several
        assert f"共 {count} 条" in words(await office.get(href)), href
    for href, parts in rates:
        n, d = parts.split("/")
        assert f"共 {d} 条" in words(await office.get(href)), href
        assert f"共 {n} 条" in words(await office.get(href.replace("part=d", "part=n"))), href


async def test_the_rest_of_a_rate_names_who_is_still_missing(office: Browser) -> None:
    page = await office.get(f"/office/statistics/files/list?{PERIOD}&measure=rate&part=rest")

    assert "共 3 条" in words(page)
    assert "爱好" in page.text


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_each_indicator_has_a_page_with_its_definition(
    office: Browser, name: str, language: str
) -> None:
    office.client.cookies.set("zf_lang", language)

    page = await office.get(f"/office/statistics/{name}?{PERIOD}")

    assert page.status_code == 200
    assert ("Definition" if language == "en" else "口径") in page.text
    assert "<title>" in page.text


async def test_the_list_behind_a_number_is_named_in_its_readers_language(office: Browser) -> None:
    office.client.cookies.set("zf_lang", "en")

    listed = words(await office.get(f"/office/statistics/visits/list?{PERIOD}&measure=made"))

    assert "Visits done" in listed
    assert "走访完成率" not in listed


async def test_a_chart_tells_its_values_in_words_too(office: Browser) -> None:
    page = await office.get(f"/office/statistics/left_behind?{PERIOD}&by=sex")

    assert '<svg class="chart"' in page.text
    assert "<desc>男 33 · 女 27 · 未了解 0</desc>" in page.text


async def test_a_past_day_is_shown_as_it_was_known_then(office: Browser) -> None:
    page = await office.get("/office/statistics/left_behind?since=2026-09-01&on=2026-09-30")

    assert "61" in [text for _, text in links(page, "measure=count")]


@pytest.mark.parametrize(
    "query",
    [
        "on=2026-13-01",
        "on=2999-01-01",
        "on=2025-W01-1",
        "since=2026-11-01&on=2026-10-01",
        "scope=all",
    ],
)
async def test_a_day_or_a_definition_that_is_none_is_refused(office: Browser, query: str) -> None:
    assert_refused(await office.get(f"/office/statistics?{query}"), 422, "bad_field")


async def test_an_indicator_or_a_measure_that_is_none_is_refused(office: Browser) -> None:
    assert_refused(await office.get("/office/statistics/nonsense"), 404, "not_found")
    assert_refused(await office.get("/office/statistics/files/list?measure=x"), 422, "bad_field")
    assert_refused(await office.get("/office/statistics/files?by=x"), 422, "bad_field")


async def test_the_table_as_excel_says_day_period_and_definition(
    office: Browser, demo: Demo
) -> None:
    await office.get("/office/statistics")
    answer = await office.post(
        "/office/statistics/matrix/excel", {"since": "2026-09-01", "on": ON, "scope": "wide"}
    )

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "统计表"
    assert ON in str(rows[1][0])
    assert "宽口径" in str(rows[1][0])
    first = rows[3]
    assert first[0] == "留守儿童数 · 人数"
    assert list(first[1:]) == [12, 11, 10, 9, 10, 8, 0, 60]
    noted = demo.sql("SELECT subject FROM audit WHERE action = 'export'")
    assert ("statistics/matrix",) in noted
