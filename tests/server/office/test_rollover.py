"""新学年: grades move up once a year, with undo; who needs a school; who turns sixteen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import pytest

from server.office.pages import today
from server.office.register import Register
from server.office.rollover import turning_sixteen
from server.office.statistics.asking import end_of
from server.programme import programme
from server.programme.derive import both_definitions
from server.programme.school_year import (
    FIRST_AGES,
    LAST,
    is_odd,
    moved_up,
    school_year,
    standing,
)
from server.registry import Row, uuid7
from sync import Change
from tests.helpers import Village, change, create
from tests.server.office.browser import PASSWORD, Browser, words

YEAR = school_year(today())
AUGUST = end_of(f"{YEAR}-08-15")


@dataclass
class School:
    """A village whose children were registered in the August before this school year."""

    village: Village
    office: Browser

    async def rows(self) -> dict[str, Row]:
        found = await self.village.registry.rows(self.village.code, "child")
        return {str(it.fields["name"]): it for it in found}

    async def grades(self) -> dict[str, str]:
        return {name: str(it.fields.get("grade")) for name, it in (await self.rows()).items()}

    async def picked(self, form: str) -> list[str]:
        """The children ticked in one of the page's two forms, as a browser would send them."""
        text = (await self.office.get("/office/rollover")).text
        part = text.partition(f'action="/office/rollover/{form}"')[2].partition("</form>")[0]
        return re.findall(r'name="child" value="([^"]+)" checked', part)

    async def post(self, form: str, picked: Sequence[str]) -> str:
        await self.office.post(f"/office/rollover/{form}", {"child": list(picked)})
        return words(await self.office.get("/office/rollover"))


@pytest.fixture
async def school(visitor: Browser, sqlite_village: Village) -> School:
    registry, auth, code = sqlite_village.registry, sqlite_village.auth, "990000101277"
    await registry.create_village(code, "新学年村")
    account = await auth.create_account(
        code, login="xinxue", name="方村官甲", role="official", password=PASSWORD
    )
    village = Village(registry, auth, code, await auth.office_device(account), account)
    home = uuid7()
    made: list[Change] = [
        create(uuid7(), "grid", grid_code=village.grid(1), name="上坪组"),
        create(home, "household", grid_code=village.grid(1), head_name="谷大叔甲"),
    ]
    for name, grade, stage, age in (
        ("谷小满", "P3", "2", 8), ("方立夏", "K3", "1", 5), ("安白露", "P6", "2", 11),
        ("石惊蛰", "J3", "3", 14), ("谷清明", "P2", "8", 7), ("石寒露", "P5", "6", 10),
        ("方大暑", "J1", "3", 6),
    ):  # fmt: skip
        made.append(
            create(
                uuid7(), "child", household_id=home, name=name, grade=grade, school_stage=stage,
                school_name="禾溪镇中心学校", class_name="一班", ward_status="A",
                left_behind_fact="B", birth_date=f"{YEAR - 1 - age}-03-01",
            )
        )  # fmt: skip
    await registry.commit(
        code, village.office, [made], author="方村官甲", at=AUGUST, accepted_at=AUGUST
    )
    await visitor.sign_in("xinxue")
    return School(village, visitor)


async def test_grades_move_up_once_and_nothing_is_offered_twice(school: School) -> None:
    before = await school.picked("move")
    assert (
        len(before) == 4
    )  # the last of junior school, the drop-out and the odd one are not ticked

    page = await school.post("move", before)

    assert await school.grades() == {
        "谷小满": "P4", "方立夏": "P1", "安白露": "J1", "石惊蛰": "J3", "谷清明": "P3",
        "石寒露": "P5", "方大暑": "J1",
    }  # fmt: skip
    rows = await school.rows()
    assert [rows[it].fields["school_stage"] for it in ("方立夏", "安白露", "谷清明")] == [
        "2", "3", "8",
    ]  # fmt: skip
    assert "要升年级：1 人" in page
    assert await school.picked("move") == []
    await school.post("move", before)
    assert (await school.grades())["谷小满"] == "P4"


async def test_the_move_is_taken_back_but_not_what_somebody_wrote_since(school: School) -> None:
    await school.post("move", await school.picked("move"))
    moved = await school.picked("undo")
    row = (await school.rows())["谷小满"]
    await school.village.commit(change(row.id, "child", row.rev, grade="P5"))

    page = await school.post("undo", moved)

    grades = await school.grades()
    assert (grades["谷小满"], grades["方立夏"], grades["安白露"]) == ("P5", "K3", "P6")
    assert "另外改过的 1 人不动" in page
    entries = await school.village.auth.audit(school.village.code, 10)
    assert {"roll_over", "roll_back"} <= {it.action for it in entries}


async def test_a_move_is_an_ordinary_edit_with_its_history(school: School) -> None:
    row = (await school.rows())["谷小满"]
    await school.post("move", [f"{row.id}@{row.rev}"])

    history = await school.village.registry.history(school.village.code, row.id)

    last = [it for it in history if it.key == "grade"]
    assert {it.value for it in last} >= {"P3", "P4"}
    assert all(it.author == "方村官甲" for it in last)


async def test_who_leaves_a_school_is_listed_until_the_new_one_is_written(school: School) -> None:
    page = await school.post("move", await school.picked("move"))
    assert (
        "要换学校：3 人" in page
    )  # from kindergarten, from primary, and who finished junior school

    rows = await school.rows()
    primary, junior = rows["安白露"], rows["石惊蛰"]
    await school.village.commit(
        change(primary.id, "child", primary.rev, school_name="云岭二中"),
        change(junior.id, "child", junior.rev, school_stage="5", grade="S1"),
    )

    page = words(await school.office.get("/office/rollover"))
    assert "要换学校：1 人" in page


async def test_who_came_since_september_is_not_moved(school: School) -> None:
    home = next(iter((await school.rows()).values())).fields["household_id"]
    await school.village.child(home, name="谷白露", grade="P1", school_stage="2", ward_status="A")

    await school.post("move", await school.picked("move"))

    assert (await school.grades())["谷白露"] == "P1"


async def test_a_post_of_rubbish_or_of_nothing_changes_nothing(school: School) -> None:
    before = await school.grades()

    [someone] = [it.id for name, it in (await school.rows()).items() if name == "谷小满"]
    endless = f"{someone}@{'9' * 30}"
    for picked in (
        [],
        ["x"],
        ["x@1"],
        [f"{uuid7()}@1"],
        ["@"],
        [endless],
        [f"{someone}@{'9' * 5000}"],
    ):
        for form in ("move", "undo"):
            answer = await school.office.post(f"/office/rollover/{form}", {"child": picked})
            assert answer.status_code == 303

    assert await school.grades() == before


async def test_who_may_not_edit_sees_the_lists_and_no_buttons(
    school: School, visitor: Browser
) -> None:
    await school.village.auth.create_account(
        school.village.code, login="dudao", name="督导", role="supervisor", password=PASSWORD
    )
    await visitor.sign_in("dudao")

    page = await visitor.get("/office/rollover")

    assert "要升年级" in words(page)
    assert "checkbox" not in page.text
    answer = await visitor.post("/office/rollover/move", {"child": "x@1"})
    assert answer.status_code == 403


def child(id: str, **fields: str) -> Row:
    known = {"left_behind_fact": "B", "ward_status": "A", "name": id, **fields}
    return Row(id, "child", 1, "", known, {}, True)


def test_on_the_sixteenth_birthday_a_child_leaves_the_definition_and_comes_onto_the_list() -> None:
    rows = [child("a", birth_date="2010-11-20"), child("b", birth_date="2011-08-31")]
    rows += [child("c", birth_date="2011-09-01"), child("d", birth_date="2008-02-29")]
    rows += [child("e", birth_date="2010-01-01", ward_status="X3"), child("f")]
    register = Register.of(rows)

    for on, wide in (("2026-11-19", True), ("2026-11-20", False)):
        found = turning_sixteen(register, on)

        assert [(it.row.id, it.on) for it in found] == [
            ("d", "2024-02-29"), ("a", "2026-11-20"), ("b", "2027-08-31"),
        ]  # fmt: skip
        assert found[1].is_past is not wide
        assert both_definitions(rows[0].fields, {"hukou_type": "RUR"}, on) == (wide, wide)


def test_a_school_year_begins_on_the_first_of_september() -> None:
    assert [school_year(on) for on in ("2026-08-31", "2026-09-01", "2027-01-01")] == [
        2025, 2026, 2026,
    ]  # fmt: skip


GRADES = [it.name for it in programme().lists["grade"] if it.name != "UNK"]


@pytest.mark.parametrize("grade", GRADES)
def test_every_grade_moves_to_the_next_or_to_none_and_stays_in_step_with_its_stage(
    grade: str,
) -> None:
    stages = {it.name: it.extra["stages"].split() for it in programme().lists["grade"]}
    for stage in stages[grade]:
        before = {"grade": grade, "school_stage": stage}
        after = moved_up(before)
        if grade in LAST:
            assert after is None
            assert standing(before, before) == "to_ask"
            continue
        assert after is not None
        assert (grade, after["grade"]) in [*pairwise(GRADES)]
        assert after["school_stage"] in stages[after["grade"]]
        assert standing(before, before) == "to_move"
        assert standing(before, after) == "moved"
        assert standing(before, {**after, "grade": "UNK"}) == "changed"
        assert standing(None, before) == "none"


@pytest.mark.parametrize("stage", ["0", "6", "7", "UNK", "", "9"])
@pytest.mark.parametrize("grade", [*GRADES, "UNK", "", "X9"])
def test_who_is_in_no_school_does_not_move(grade: str, stage: str) -> None:
    fields = {"grade": grade, "school_stage": stage}

    assert moved_up(fields) is None
    assert standing(fields, fields) == "none"


def test_age_and_grade_that_lie_far_apart_ask_for_a_look() -> None:
    for grade in GRADES:
        usual = FIRST_AGES[grade[0]] + int(grade[1]) - 1
        for off in range(-min(5, usual), 6):
            born = date(2025 - usual - off, 9, 1).isoformat()
            assert is_odd({"grade": grade, "birth_date": born}, 2026) == (abs(off) > 2)
    assert not is_odd({"grade": "P1"}, 2026)


REMINDER = "新学年开始了"
FILED_IN_AUGUST = f"{AUGUST:012x}7{'0' * 19}"
PUPIL = {"name": "田白露", "grade": "P3", "school_stage": "2", "ward_status": "A"}


async def test_the_first_page_reminds_of_the_new_year_until_children_have_moved(
    school: School,
) -> None:
    office = school.office
    assert REMINDER not in words(await office.get("/office/"))
    await school.village.commit(create(FILED_IN_AUGUST, "child", **PUPIL))
    assert REMINDER in words(await office.get("/office/"))

    picked = await school.picked("move")
    await school.post("move", picked)
    assert REMINDER not in words(await office.get("/office/"))

    await school.post("undo", await school.picked("undo"))
    assert REMINDER in words(await office.get("/office/"))


async def test_who_does_not_want_to_be_reminded_is_not(school: School) -> None:
    office = school.office
    await school.village.commit(create(FILED_IN_AUGUST, "child", **PUPIL))
    assert REMINDER in words(await office.get("/office/"))

    answer = await office.post("/office/rollover/dismiss")

    assert answer.status_code == 303
    assert REMINDER not in words(await office.get("/office/"))
    assert "不再提醒升年级" in words(await office.get("/office/audit"))


async def test_a_village_registered_since_september_is_not_reminded(
    office: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.commit(create(uuid7(), "child", **PUPIL))

    assert REMINDER not in words(await office.get("/office/"))
