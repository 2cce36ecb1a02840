"""The first page of the demo village: four numbers with their charts, what waits, and what is due upward."""

import re
from html import unescape

from tests.server.office.browser import Browser, words
from tests.server.office.statistics.conftest import Demo
from tests.server.office.statistics.test_pages import office

__all__ = ["office"]


async def test_each_of_the_four_numbers_has_a_chart_by_grid_with_its_values_in_words(
    office: Browser,
) -> None:
    page = await office.get("/office/")

    charts = re.findall(r'<svg class="spark".*?<title>(.*?)</title><desc>(.*?)</desc>', page.text)
    assert [title for title, _ in charts] == [
        "各网格已摸底的户", "各网格的留守儿童", "各网格逾期的走访", "各网格填齐的档案",
    ]  # fmt: skip
    assert charts[1][1] == ("上坪组 12 · 下坪组 11 · 河湾组 10 · 竹林组 9 · 学堂组 10 · 新桥组 8")


async def test_open_requests_wait_for_somebody_and_lead_to_their_list(office: Browser) -> None:
    page = await office.get("/office/")

    waiting = re.findall(r'<a href="(/office/lists/[^"]*)"><span class="n">(\d+)</span>', page.text)
    assert ("/office/lists/requests?state=open", "2") in waiting
    assert any("/office/lists/coverage?paired=no" in href for href, _ in waiting)
    for href, count in waiting:
        assert f"共 {count} 条" in words(await office.get(unescape(href))), href


async def test_the_month_before_is_asked_for_until_it_is_sent(office: Browser, demo: Demo) -> None:
    page = await office.get("/office/")
    assert "月报还没上报" in words(page)
    due = words(await office.get("/office/up"))
    found = re.search(r"月报 · (\S+) — (\S+)", due)
    assert found

    await office.get(f"/office/up/new/monthly?since={found[1]}&on={found[2]}")
    sent = await office.post(
        "/office/up/new/monthly", {"since": found[1], "on": found[2], "scope": "wide"}
    )

    assert sent.status_code == 303
    assert "月报还没上报" not in words(await office.get("/office/"))
