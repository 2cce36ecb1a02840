"""Lists: search, filters, order, counts that add up, and the numbers that lead to them."""

import io

import openpyxl
import pytest

from server.office.lines import child_lines, figures, household_lines
from server.office.listing import PAGE_ROWS, Column, Listing, answer, asked, finds
from server.office.register import load
from server.office.values import percent
from server.registry import uuid7
from tests.helpers import Village, change, create
from tests.server.office.browser import Browser, words

TODAY = "2026-08-21"


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", True),
        ("谷小", True),
        ("gxm", True),
        ("guxiao", True),
        ("Gu Xiao Man", True),
        ("0003", True),
        ("5501", True),
        ("石", False),
        ("xm", False),
        ("9999", False),
    ],
)
def test_a_search_finds_by_name_pinyin_initials_and_number(q: str, found: bool) -> None:
    assert finds(q, ["谷小满"], ["gu xiao man"], ["990000000003", "10000005501"]) is found


def test_gaps_stay_last_in_both_directions() -> None:
    lines: list[dict[str, int | None]] = [{"n": 2}, {"n": None}, {"n": 1}]

    for descending, order in ((False, [1, 2, None]), (True, [2, 1, None])):
        page = answer(
            Listing({}, sort="n", descending=descending),
            lines,
            keep=lambda _: True,
            key=lambda line, column: line[column],
        )
        assert [line["n"] for line in page.rows] == order


def test_what_was_searched_for_never_stands_in_an_address() -> None:
    from starlette.datastructures import QueryParams

    listing = asked(
        QueryParams("q=谷小满&grid=99000000000001&sort=-name&column=name"),
        ("grid",),
        (Column("name", "姓名"), Column("age", "年龄")),
    )

    assert listing.q == "谷小满"
    assert listing.query == "?grid=99000000000001&sort=-name&column=name"


@pytest.mark.parametrize(
    ("n", "d", "said"),
    [(185, 721, "26%"), (0, 0, "—"), (1, 2, "50%"), (1, 200, "1%"), (0, 5, "0%")],
)
def test_rates_are_half_up_and_nothing_divided_by_nothing_is_a_dash(
    n: int, d: int, said: str
) -> None:
    assert percent(n, d) == said


def test_rates_may_carry_one_decimal() -> None:
    assert percent(46, 47, 1) == "97.9%"


async def house(village: Village, grid: int, **fields: object) -> str:
    """A household with a head of its own."""
    id = uuid7()
    await village.commit(create(id, "household", grid_code=village.grid(grid), **fields))
    return id


async def small_village(village: Village) -> dict[str, str]:
    """Two households; one wide-only, one legally left-behind child, one at home."""
    first = await house(
        village, 1, head_name="谷大叔甲", hukou_type="RUR", population=4, away_count=1
    )
    second = await house(
        village, 2, head_name="石大娘乙", hukou_type="RUR", population=5, away_count=2
    )
    made = {"first": first, "second": second}
    for name, home, fact in (
        ("谷小满", first, "F"),
        ("石惊蛰", second, "B"),
        ("石白露", second, "N"),
    ):
        made[name] = await village.child(
            home, name=name, birth_date="2016-05-06", left_behind_fact=fact, ward_status="A",
            risk_level="Y" if fact == "B" else "G",
        )  # fmt: skip
    await village.commit(
        create(uuid7(), "survey", household_id=first, result="V", occurred_on="2026-08-02")
    )
    return made


async def test_the_four_numbers_equal_the_lists_behind_them(sqlite_village: Village) -> None:
    await small_village(sqlite_village)
    register = await load(sqlite_village.registry, sqlite_village.code)

    numbers = figures(register, TODAY)

    children = child_lines(register, TODAY, "zh")
    households = household_lines(register, TODAY, "zh")
    assert numbers.households == len(households) == 2
    assert numbers.surveyed == sum(line.is_surveyed for line in households) == 1
    assert numbers.wide == sum(line.is_wide for line in children) == 2
    assert numbers.legal == sum(line.is_legal for line in children) == 1
    assert numbers.wide == sum(line.left_behind for line in households)
    assert numbers.files == sum(line.missing == 0 for line in children) == 0


async def test_a_village_without_anything_is_told_what_to_do_first(office: Browser) -> None:
    page = await office.get("/office/")

    assert "先做这三件事" in words(page)
    assert "四个数" not in page.text
    assert "还没有户" in words(await office.get("/office/households"))
    assert "还没有儿童" in words(await office.get("/office/children"))


async def test_filters_narrow_the_children_and_say_of_how_many(
    office: Browser, sqlite_village: Village
) -> None:
    await small_village(sqlite_village)

    legal = words(await office.get("/office/children?left_behind=legal"))
    assert "石惊蛰" in legal
    assert "谷小满" not in legal
    assert "全村 3 人" in legal
    grid = words(await office.get(f"/office/households?grid={sqlite_village.grid(1)}"))
    assert "谷大叔甲" in grid
    assert "石大娘乙" not in grid


async def test_a_search_is_posted_and_answers_on_the_same_page(
    office: Browser, sqlite_village: Village
) -> None:
    await small_village(sqlite_village)
    await office.get("/office/children")

    page = await office.post("/office/children", {"q": "sjz"})

    assert page.status_code == 200
    assert "石惊蛰" in words(page)
    assert "谷小满" not in words(page)


async def test_a_posted_filter_without_a_search_becomes_an_address(
    office: Browser, sqlite_village: Village
) -> None:
    await office.get("/office/children")

    answer = await office.post("/office/children", {"left_behind": "wide", "sort": ["", "-age"]})

    assert answer.headers["location"] == "/office/children?left_behind=wide&sort=-age"


async def test_the_excel_holds_the_rows_of_the_screen_and_is_noted(
    office: Browser, sqlite_village: Village
) -> None:
    await small_village(sqlite_village)
    await office.get("/office/children")

    answer = await office.post("/office/export/children.xlsx", {"left_behind": "wide"})

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    text = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    assert {"谷小满", "石惊蛰"} <= text
    assert "石白露" not in text
    assert answer.headers["content-disposition"].startswith("attachment")
    noted = [
        e for e in await sqlite_village.auth.audit(sqlite_village.code) if e.action == "export"
    ]
    assert [(e.subject, e.details) for e in noted] == [("children", "2")]


async def sheet_of(office: Browser, name: str, **sent: str | list[str]) -> list[list[object]]:
    """The cells of an Excel from its headings on."""
    answer = await office.post(f"/office/export/{name}.xlsx", sent)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


async def test_the_excel_takes_the_columns_chosen_on_the_screen(
    office: Browser, sqlite_village: Village
) -> None:
    made = await small_village(sqlite_village)
    await sqlite_village.commit(
        change(
            made["石惊蛰"], "child", 99, class_name="2班", hobby__03=True, school_name="中心学校"
        )
    )
    columns = ["age", "name", "risk", "grid", "school", "child.class_name", "child.hobby"]
    await office.get("/office/children")

    page = words(await office.get("/office/children?column=name&column=child.hobby&sort=-name"))
    head, *lines = await sheet_of(office, "children", column=columns, sort="name")

    assert "绘画" in page
    assert head == ["姓名", "年龄", "网格", "风险", "学校年级", "班级", "爱好"]
    assert [line[0] for line in lines] == ["谷小满", "石白露", "石惊蛰"]
    assert lines[2][2:] == ["下坪组", "中风险", "中心学校", "2班", "绘画"]


async def test_the_households_excel_takes_them_too(
    office: Browser, sqlite_village: Village
) -> None:
    await small_village(sqlite_village)
    await office.get("/office/households")

    head, *lines = await sheet_of(
        office, "households",
        column=["head_name", "left_behind", "result", "household.income_source"], sort="head_name",
    )  # fmt: skip

    assert head[:3] == ["户主", "留守儿童", "摸底"]
    assert [line[:3] for line in lines] == [["谷大叔甲", 1, "已访"], ["石大娘乙", 1, None]]


async def test_the_roster_keeps_its_usual_columns(office: Browser, sqlite_village: Village) -> None:
    await small_village(sqlite_village)
    await office.get("/office/children")

    head, *lines = await sheet_of(office, "children", what="roster", column="name")

    assert len(head) > 30
    assert len(lines) == 3


async def test_the_due_list_filters_by_state_and_adds_up(
    office: Browser, sqlite_village: Village
) -> None:
    await small_village(sqlite_village)

    page = words(await office.get("/office/due"))

    assert "全部应访 2" in page
    assert "石白露" not in page
    assert "没有到期的走访" in words(await office.get("/office/due?state=overdue"))


async def test_typing_into_the_search_answers_in_place_and_keeps_the_name_out_of_the_address(
    office: Browser, sqlite_village: Village
) -> None:
    await small_village(sqlite_village)
    await office.get("/office/children")

    page = await office.post(
        "/office/children", {"q": "gxm", "risk": "G"}, **{"HX-Request": "true"}
    )

    assert page.status_code == 200
    assert "谷小满" in words(page)
    assert page.headers["hx-push-url"] == "/office/children?risk=G"


async def test_what_is_printed_holds_every_row_and_says_its_filters(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await village.commit(
        *(
            create(uuid7(), "household", grid_code=village.grid(1), head_name=f"户{n:03}")
            for n in range(PAGE_ROWS + 3)
        )
    )
    on_screen = await office.get(f"/office/households?grid={village.grid(1)}")

    paper = await office.post("/office/households", {"grid": village.grid(1), "print": "1"})

    assert on_screen.text.count("/office/records/") < paper.text.count("/office/records/")
    assert all(f"户{n:03}" in paper.text for n in range(PAGE_ROWS + 3))
    assert "data-print-now" in paper.text
    assert "data-print-now" not in on_screen.text
    assert "上坪组 · 内部资料 注意保密" in words(paper)


async def test_what_is_due_by_other_rules_stands_under_the_visits(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household()
    child = await village.child(home, name="石惊蛰", left_behind_fact="B", ward_status="A")
    await village.commit(
        create(uuid7(), "help_request", household_id=home, child_id=child, request_kind="1",
               urgency="NOW", occurred_on="2026-01-05"),
    )  # fmt: skip

    listed = words(await office.get("/office/due"))

    assert "其他应做的 1" in listed
    assert "求助办结" in listed
    assert "2026-01-06" in listed
