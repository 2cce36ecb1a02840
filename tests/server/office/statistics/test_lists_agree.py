"""The lists of the demo village: their totals are the figures of the statistics, in every grid and by every helper."""

import io
import re
from collections import Counter

import openpyxl
import pytest

from server.office.lines import figures
from server.office.lists.catalogue import KINDS
from server.office.lists.gaps import RATES
from server.office.lists.kinds import Desk
from server.office.lists.pages import BEGINNING
from server.office.pages import today
from server.office.reports.figures import Counts, annual
from server.office.statistics.asking import Asked, book_of
from server.office.statistics.book import Book
from server.office.statistics.indicators import COUNTED, marks_of
from server.office.statistics.marks import Figure, figure
from tests.server.office.browser import Browser, words
from tests.server.office.statistics.conftest import Demo
from tests.server.office.statistics.test_pages import office

__all__ = ["office"]

SCOPES = ("wide", "legal")


async def book(demo: Demo, scope: str = "wide") -> Book:
    wanted = Asked(BEGINNING, today(), scope)
    return await book_of(demo.registry, demo.access.village, wanted, compares=True)


async def total(office: Browser, address: str) -> int:
    page = await office.get(f"/office/lists/{address}")
    assert page.status_code == 200, address
    found = re.search(r"共 (\d+) 条", words(page))
    assert found, address
    return int(found[1])


def of(made: Book, name: str, measure: str) -> Figure:
    wanted = next(it for it in COUNTED[name].measures if it.name == measure)
    return figure(wanted, marks_of(name, made))


@pytest.mark.parametrize("scope", SCOPES)
async def test_who_has_a_helper_is_the_rate_of_pairing(
    office: Browser, demo: Demo, scope: str
) -> None:
    rate = of(await book(demo, scope), "paired", "rate")

    assert rate.d is not None
    assert await total(office, f"coverage?scope={scope}") == rate.d
    assert await total(office, f"coverage?scope={scope}&paired=yes") == rate.n
    assert await total(office, f"coverage?scope={scope}&paired=no") == rate.d - rate.n


async def test_the_load_of_helpers_is_that_of_the_statistics_and_of_the_checks(
    office: Browser, demo: Demo
) -> None:
    made = await book(demo)
    page = words(await office.get("/office/lists/helpers"))
    mean = of(made, "load", "mean")
    over = await total(office, "helpers?load=over")

    assert await total(office, "helpers") == of(made, "load", "helpers").n == 22
    assert over == of(made, "load", "over").n > 0
    assert f"结对儿童 合计 {mean.n}" in page
    assert await total(office, "pairings?state=V") == mean.n
    assert f"帮扶人结对超过约定人数 {over}" in words(await office.get("/office/checks"))


@pytest.mark.parametrize("scope", SCOPES)
async def test_behind_every_rate_stand_those_it_does_not_count(
    office: Browser, demo: Demo, scope: str
) -> None:
    made, counted = await book(demo, scope), {}
    for name in RATES:
        first = COUNTED[name].measures[0].name
        it = of(
            made,
            name,
            {"carers": "unknown", "assess": "unknown", "left_behind": "unclear"}.get(name, first),
        )
        unknown = name in ("carers", "assess", "left_behind")
        counted[name] = it.n if unknown else (it.d or 0) - it.n  # fmt: skip

    listed = {name: await total(office, f"missing?scope={scope}&rate={name}") for name in RATES}

    assert listed == counted
    assert sum(listed.values()) == await total(office, f"missing?scope={scope}") > 0


async def test_requests_and_reports_are_those_the_statistics_count(
    office: Browser, demo: Demo
) -> None:
    made = await book(demo)
    closed = of(made, "help", "closed")

    assert await total(office, "requests") == closed.d == 7
    assert await total(office, "requests?state=closed") == closed.n
    assert await total(office, "requests?state=open") == of(made, "help", "open").n == 2
    assert await total(office, "reports") == len(made.events("mandatory_report")) == 1


async def test_overdue_visits_are_those_of_the_first_page_by_grid_and_by_helper(
    office: Browser, demo: Demo
) -> None:
    made = await book(demo)
    overdue = figures(made.register, today()).overdue
    lines = [
        it
        for it in KINDS["due"].lines(Desk(made, "zh"))
        if "overdue" in it.marks["state"] and "visit_by_risk" in it.marks["rule"]
    ]

    assert await total(office, "due?state=overdue&rule=visit_by_risk") == overdue == len(lines)
    for name in ("grid", "helper"):
        each = Counter(value for it in lines for value in it.marks[name])
        assert each.total() == overdue
        for value, count in each.items():
            assert (
                await total(office, f"due?state=overdue&rule=visit_by_risk&{name}={value}") == count
            )


async def test_focus_children_and_books_are_those_of_the_years_report(
    office: Browser, demo: Demo
) -> None:
    made = await book(demo)
    said = annual(made, made, updates=0)
    _, *rows = await sheet_of(office, "inventory")
    books = [row[2] for row in rows if "书" in str(row[0])]

    assert await total(office, "focus") == said["focus"]
    assert await total(office, "focus?tag=DIFF") == said["diff"] == 9
    assert sum(it for it in books if isinstance(it, int)) == said["books"] == 150
    assert Counts(made).n("load", "helpers") == said["helpers"]


@pytest.mark.parametrize("name", [it.name for it in KINDS.values() if it.is_scoped])
async def test_a_list_of_children_adds_up_over_its_grids_helpers_and_risks(
    demo: Demo, name: str
) -> None:
    kind = KINDS[name]
    lines = list(kind.lines(Desk(await book(demo), "zh")))

    for by in {it.name for it in kind.filters} & {"grid", "helper", "risk"}:
        assert sum(len(it.marks[by]) for it in lines) == len(lines), by


async def sheet_of(office: Browser, name: str, **sent: str | list[str]) -> list[list[object]]:
    """The Excel of a list from its headings on."""
    answer = await office.post(f"/office/lists/{name}/excel", sent)
    assert answer.status_code == 200, name
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


@pytest.mark.parametrize("name", KINDS)
async def test_the_excel_of_a_list_has_its_rows_day_definition_and_filter(
    office: Browser, demo: Demo, name: str
) -> None:
    page = await office.get(f"/office/lists/{name}")
    rows = int(re.findall(r"共 (\d+) 条", words(page))[0])
    grid = demo.access.village + "01"

    answer = await office.post(f"/office/lists/{name}/excel")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    about = str(sheet["A2"].value)

    assert sheet["A1"].value == KINDS[name].words
    assert sheet.max_row - 3 == rows
    assert f"截至 {today()}；口径：" in about
    assert KINDS[name].definition in about
    assert "没有筛选" in about
    assert ("内部资料 注意保密" in about) is (name not in ("places",))
    if "grid" in {it.name for it in KINDS[name].filters}:
        filtered = await office.post(f"/office/lists/{name}/excel", {"grid": grid})
        said = str(openpyxl.load_workbook(io.BytesIO(filtered.content)).worksheets[0]["A2"].value)
        assert "筛选：上坪组" in said
    audit = words(await office.get("/office/audit"))
    assert f"导出 Excel {KINDS[name].words} · {rows}" in audit
