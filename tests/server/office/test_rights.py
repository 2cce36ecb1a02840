"""A guardian's rights: to see what is held about a child, and to have it erased."""

from io import BytesIO

from openpyxl import load_workbook

from server.office.pages import today
from server.office.register import Register
from server.office.rights.retention import expired, later
from server.registry import Row, uuid7
from tests.helpers import Village, create
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words
from tests.server.office.test_printouts import a_family

NOTE = "孩子说想妈妈"
CONFIDED = "怕回家"


async def a_file(village: Village) -> tuple[str, str]:
    """Household and a child with a visit and a request for help."""
    home, child = await a_family(village)
    asked = uuid7()
    await village.commit(
        create(uuid7(), "visit", child_id=child, household_id=home, occurred_on="2026-11-02", note=NOTE),
        create(asked, "help_request", child_id=child, household_id=home, occurred_on="2026-11-03", note=CONFIDED),
        create(uuid7(), "help_step", help_request_id=asked, household_id=home, occurred_on="2026-11-04", note=CONFIDED),
    )  # fmt: skip
    return home, child


async def test_the_access_report_says_what_is_held_who_may_see_it_and_who_looked(
    office: Browser, sqlite_village: Village
) -> None:
    _, child = await a_file(sqlite_village)
    await office.get(f"/office/records/{child}")

    sheet = words(await office.post(f"/office/records/{child}/access-report"))

    for said in (
        "监护人查阅单 · 石惊蛰",
        NOTE,
        "2026-11-02",
        "村官·儿童主任 1 人",
        "打开儿童档案",
        "方村官甲",
    ):
        assert said in sheet
    assert "打印监护人查阅单" in words(await office.get("/office/audit"))


async def test_what_a_child_confided_is_not_on_the_guardians_paper_and_the_page_says_so(
    office: Browser, sqlite_village: Village
) -> None:
    _, child = await a_file(sqlite_village)
    await office.get(f"/office/records/{child}")

    sheet = words(await office.post(f"/office/records/{child}/access-report"))

    assert CONFIDED not in sheet
    assert "有 2 条没有打印" in sheet


async def test_an_erased_file_is_gone_with_all_that_was_about_the_child_and_the_family_stays(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await a_file(village)
    asked = await office.get(f"/office/records/{child}/erase")
    for said in ("走访 · 1", "求助处理 · 1", "这个孩子还在册", "不能撤销"):
        assert said in words(asked)

    done = await office.post(
        f"/office/records/{child}/erase", {"reason": "asked", "name": " 石惊蛰 "}
    )

    assert done.status_code == 303
    kept = {row.type for row in await village.registry.rows(village.code, *(
        "household", "person", "child", "visit", "help_request", "help_step", "guardianship", "parent_link",
    ))}  # fmt: skip
    assert kept == {"household", "person"}
    assert await village.registry.history(village.code, child) == [] or all(
        edit.key in ("present", "household_id")
        for edit in await village.registry.history(village.code, child)
    )
    assert "石奶奶甲" in words(await office.get(f"/office/records/{home}"))
    trail = words(await office.get("/office/audit"))
    assert "彻底删除档案 监护人要求 · 6" in trail
    assert "石惊蛰" not in trail
    assert await village.registry.recount(village.code) == []


async def test_a_report_of_harm_outlives_the_file_it_is_about(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, child = await a_file(village)
    report = uuid7()
    await village.commit(
        create(report, "mandatory_report", child_id=child, household_id=home, occurred_on="2026-11-06", note="手臂有伤")
    )  # fmt: skip
    page = words(await office.get(f"/office/records/{child}/erase"))
    assert "强制报告 ·" not in page
    assert "强制报告：那是证据" in page

    await office.post(f"/office/records/{child}/erase", {"reason": "asked", "name": "石惊蛰"})

    kept = await village.registry.row(village.code, report)
    assert kept is not None
    assert kept.present
    assert kept.fields["note"] == "手臂有伤"


async def test_without_a_reason_or_with_another_name_nothing_is_erased(
    office: Browser, sqlite_village: Village
) -> None:
    _, child = await a_file(sqlite_village)
    await office.get(f"/office/records/{child}/erase")

    for form in (
        {"reason": "asked", "name": "石小满"},
        {"name": "石惊蛰"},
        {"reason": "x", "name": "石惊蛰"},
    ):
        answer = await office.post(f"/office/records/{child}/erase", form)
        assert answer.status_code == 422
        assert "没有删" in words(answer)

    assert NOTE in words(await office.get(f"/office/records/{child}"))


async def test_a_clerk_neither_erases_nor_sees_what_is_due_for_it(
    visitor: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, child = await a_file(village)
    await village.auth.create_account(
        village.code, login="wenyuan", name="方文员乙", role="clerk", password=PASSWORD
    )
    await visitor.sign_in("wenyuan")

    for path in (f"/office/records/{child}/erase", "/office/retention"):
        assert_refused(await visitor.get(path), 403, "not_allowed")
    answer = await visitor.post(
        f"/office/records/{child}/erase", {"reason": "asked", "name": "石惊蛰"}
    )
    assert_refused(answer, 403, "not_allowed")


async def test_the_list_names_whose_time_is_over_and_says_why(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home = await village.household()
    await village.child(
        home, name="早走甲", birth_date="2015-01-01", ward_status="X1", exit_on="2020-03-01"
    )
    await village.child(
        home, name="刚走乙", birth_date="2015-01-01", ward_status="X1", exit_on="2026-10-01"
    )
    await village.child(home, name="成年丙", birth_date="2007-02-03")
    await village.child(home, name="在册丁", birth_date="2016-02-03", ward_status="A")
    await village.child(home, name="不肯戊", birth_date="2016-02-03", consent_status="R")  # fmt: skip

    listed = words(await office.get("/office/retention"))

    for said in ("早走甲", "2023-03-01", "成年丙", "2025-02-03", "不肯戊", "满 3 年"):
        assert said in listed
    for absent in ("刚走乙", "在册丁"):
        assert absent not in listed


def test_leap_days_and_days_known_only_by_the_year_come_round_too() -> None:
    assert later("2008-02-29", 18) == "2026-03-01"
    assert later("2008", 18) == "2026"
    assert later("2008-02", 18) == "2026-02"
    child = Row("a" * 32, "child", 1, "", {"birth_date": "2008-02-29"}, {})
    register = Register.of([child])
    assert [it.since for it in expired(register, "2026-03-01", 3)] == ["2026-03-01"]
    assert list(expired(register, "2026-02-28", 3)) == []


async def test_the_yearly_audit_pack_tells_who_did_what_and_names_no_child(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    _, child = await a_file(village)
    await village.commit(
        create(uuid7(), "consent", child_id=child, occurred_on="2026-11-05", decision="YES"),
    )
    await office.get(f"/office/records/{child}")
    await office.post(f"/office/records/{child}/access-report")
    await office.get("/office/audit")

    pack = await office.post("/office/audit/pack", {"year": today()[:4]})

    assert pack.status_code == 200
    book = load_workbook(BytesIO(pack.content))
    assert book.sheetnames == [
        "概况",
        "谁有权限",
        "手机",
        "谁做了多少次",
        "资料带出与删除",
        "监护人同意",
    ]
    said = {row[0].value: row[1].value for row in book["概况"].iter_rows(min_row=4)}
    assert said["审计链"] == "首尾相连"
    assert said["监护人查阅"] == said["资料带出的次数"] == 1
    deeds = [[cell.value for cell in row] for row in book["谁做了多少次"].iter_rows(min_row=4)]
    assert ["方村官甲", "打印监护人查阅单", 1] in deeds
    everything = "".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row
    )
    for absent in ("石惊蛰", "石奶奶甲", child):
        assert absent not in everything
    other = await office.post("/office/audit/pack", {"year": "2019"})
    first = load_workbook(BytesIO(other.content))["概况"]
    assert {row[0].value: row[1].value for row in first.iter_rows(min_row=4)}["监护人查阅"] == 0


async def test_what_is_another_childs_is_neither_shown_nor_erased_with_a_peer(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    home, peer = await a_family(village)
    other = await village.child(await village.household(), name="江小满")
    helper, pairing, plan, task = uuid7(), uuid7(), uuid7(), uuid7()
    mistaken, right = uuid7(), uuid7()
    await village.commit(
        create(helper, "helper", name="石惊蛰", helper_kind="K", peer_id=peer, active="Y"),
        create(pairing, "pairing", child_id=other, helper_id=helper, kind="PEER", state="V",
               from_on="2026-09-01", goal="一起写作业"),
        create(plan, "plan", child_id=other, owner_id=helper, goal="不再逃课"),
        create(task, "task", assignee_id=helper, title="擦黑板报", due_on="2026-12-01"),
        create(mistaken, "visit", child_id=peer, household_id=home, occurred_on="2026-11-02", note=NOTE),
        create(right, "visit", child_id=other, occurred_on="2026-11-02", note=NOTE, corrects_id=mistaken),
    )  # fmt: skip
    await office.get(f"/office/records/{peer}")

    sheet = words(await office.post(f"/office/records/{peer}/access-report"))
    done = await office.post(f"/office/records/{peer}/erase", {"reason": "asked", "name": "石惊蛰"})

    assert "一起写作业" not in sheet
    assert "不再逃课" not in sheet
    assert done.status_code == 303
    rows = await village.registry.rows_by_id(
        village.code, [other, pairing, plan, task, right, helper, mistaken, peer]
    )
    assert {id for id, row in rows.items() if row.present} == {other, pairing, plan, task, right}
    assert rows[pairing].fields["goal"] == "一起写作业"
    assert await village.registry.recount(village.code) == []


async def test_the_largest_export_of_all_is_among_what_left(
    office: Browser, sqlite_village: Village
) -> None:
    await a_file(sqlite_village)
    await office.get("/office/audit")
    await office.post("/office/programme/everything.zip")

    pack = await office.post("/office/audit/pack", {"year": today()[:4]})

    left = load_workbook(BytesIO(pack.content))["资料带出与删除"]
    assert "导出全部档案" in [row[2].value for row in left.iter_rows(min_row=4)]
