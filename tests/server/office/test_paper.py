"""录入纸表: piles of sheets, typed in one after the other, counted, taken back."""

import re

import httpx2
import pytest

from server.forms.compile import compile_workbook
from server.office.register import load
from server.office.statistics.book import Book
from server.registry import Row, uuid7
from tests.forms.sheets import xlsx
from tests.helpers import Village, create, op
from tests.server.office.browser import PASSWORD, Browser, assert_refused, hidden, words

HELPER = "江老师甲"


async def pile(office: Browser, form: str, received: str = "3") -> str:
    """A new pile; its path."""
    await office.get("/office/paper")
    answer = await office.post(
        "/office/paper",
        {"form": form, "filled_by": HELPER, "received_on": "2026-11-20", "received": received},
    )
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def type_in(office: Browser, path: str, **typed: str | list[str]) -> httpx2.Response:
    """The next empty sheet filled in and saved; what the server answers."""
    id = hidden(await office.get(path), "id")
    data = {"id": id, "save": "1", **{name.replace("__", "."): it for name, it in typed.items()}}
    return await office.post(path, data)


async def rows(village: Village, kind: str) -> list[Row]:
    return sorted(await village.registry.rows(village.code, kind), key=lambda row: row.id)


async def wells(village: Village) -> None:
    """A published form about drinking water: a calculation, and wells one by one."""
    book = xlsx(
        {
            "settings": [["form_title", "form_id"], ["饮水", "water"]],
            "survey": [
                ["type", "name", "label", "calculation"],
                ["integer", "people", "几人喝", ""],
                ["calculate", "litres", "一天几升", "${people} * 3"],
                ["begin_repeat", "wells", "水井", ""],
                ["text", "where", "在哪里", ""],
                ["integer", "depth", "多深", ""],
                ["end_repeat", "", "", ""],
            ],
        }
    )
    registry = village.registry
    await registry.keep_draft(
        village.code, "water", compile_workbook(book)[0], subject="household", volunteer=False,
        xform="<x/>", filename="water.xlsx", author="方村官甲",
    )  # fmt: skip
    await registry.publish(village.code, "water", 1, ())
    await registry.village(village.code)


async def counted(village: Village) -> int:
    """How many visits the statistics count."""
    register = await load(village.registry, village.code)
    return len(Book(register, "2026-11-01", "2026-11-28").events("visit"))


async def family(village: Village) -> str:
    """Two children of one household, and another child of nearly the same name."""
    home = await village.household()
    child = await village.child(home, name="谷梓涵", birth_date="2015-03-02", file_no="0012")
    await village.child(home, name="谷小满", birth_date="2017-06-01", file_no="0013")
    await village.child(await village.household(2), name="谷子涵", file_no="0014")
    return child


VISIT: dict[str, str | list[str]] = {
    "visit_kind": "1", "met": ["C"], "occurred_on": "2026-11-18", "channel": "1",
}  # fmt: skip


async def test_a_sheet_is_the_helpers_record_and_says_who_typed_it_from_paper(
    office: Browser, sqlite_village: Village
) -> None:
    child = await family(sqlite_village)
    path = await pile(office, "visit")

    answer = await type_in(office, path, q="0012", **VISIT)

    (visit,) = await rows(sqlite_village, "visit")
    told = {
        name: visit.fields[name] for name in ("child_id", "recorded_by", "typed_by", "typed_from")
    }
    assert told == {
        "child_id": child, "recorded_by": HELPER, "typed_by": "方村官甲", "typed_from": "PAPER",
    }  # fmt: skip
    assert visit.fields["met"] == ["C"]
    assert visit.fields["household_id"]
    history = await sqlite_village.registry.history(sqlite_village.code, visit.id)
    assert {it.author for it in history} == {"方村官甲"}
    page = await office.get(answer.headers["location"])
    assert "已存：谷梓涵" in words(page)
    assert "已录 1 张，收到 3 张" in words(page)
    assert 'value="2026-11-18"' in page.text, "the day is kept for the next sheet"
    shown = words(await office.get(f"/office/records/{visit.id}"))
    assert f"记录人 {HELPER}" in shown
    assert "录入人 方村官甲" in shown


async def test_a_child_is_found_by_name_pinyin_initials_and_number(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "talk")
    await office.get(path)

    found = {
        q: words(await office.post(f"{path}/find", {"q": q}))
        for q in ("梓涵", "guxiao", "gxm", "0014", "没有的人")
    }

    assert found["梓涵"].startswith("谷梓涵 · 0012 · 谷大叔甲")
    assert found["guxiao"] == found["gxm"]
    assert found["gxm"].startswith("谷小满")
    assert found["0014"].startswith("谷子涵 · 0014")
    assert found["没有的人"] == "没有找到"


async def test_who_is_meant_is_asked_when_several_could_be(
    office: Browser, sqlite_village: Village
) -> None:
    child = await family(sqlite_village)
    path = await pile(office, "visit")

    open_still = await type_in(office, path, q="guzihan", **VISIT)
    answer = await office.post(
        path, {"id": hidden(open_still, "id"), "save": "1", "q": "guzihan", "about": child, **VISIT}
    )

    assert open_still.status_code == 422
    assert "请选是哪一个" in words(open_still)
    assert answer.status_code == 303
    assert [it.fields["child_id"] for it in await rows(sqlite_village, "visit")] == [child]


async def test_a_choice_the_words_no_longer_mean_is_not_taken(
    office: Browser, sqlite_village: Village
) -> None:
    child = await family(sqlite_village)
    path = await pile(office, "visit")

    await type_in(office, path, q="谷小满", about=child, **VISIT)

    (visit,) = await rows(sqlite_village, "visit")
    register = await sqlite_village.registry.row(sqlite_village.code, visit.fields["child_id"])
    assert register is not None
    assert register.fields["name"] == "谷小满"


async def test_what_is_odd_is_said_beside_its_question_and_can_be_saved_as_it_stands(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "talk")

    open_still = await type_in(office, path, q="0012", mood_score="9", occurred_on="2026-11-18")
    said = words(open_still)
    await office.post(
        path,
        {"id": hidden(open_still, "id"), "save": "anyway", "q": "0012", "mood_score": "9",
         "occurred_on": "2026-11-18"},
    )  # fmt: skip

    assert open_still.status_code == 422
    assert "请填 1 到 5" in said
    assert "还没有填：和谁谈" in said
    (talk,) = await rows(sqlite_village, "talk")
    assert talk.fields["mood_score"] == 9


async def test_a_number_that_cannot_be_read_keeps_the_sheet_open(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "talk")

    answer = await type_in(office, path, q="0012", mood_score="三", save="anyway")

    assert answer.status_code == 422
    assert "请填数字。" in words(answer)
    assert await rows(sqlite_village, "talk") == []


async def test_enter_pressed_twice_makes_one_record(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "visit")
    id = hidden(await office.get(path), "id")

    for _ in range(2):
        answer = await office.post(path, {"id": id, "save": "1", "q": "0012", **VISIT})

    assert answer.status_code == 303
    assert len(await rows(sqlite_village, "visit")) == 1


async def test_a_sheet_the_phone_has_brought_already_is_asked_about(
    office: Browser, sqlite_village: Village
) -> None:
    child = await family(sqlite_village)
    await sqlite_village.commit(
        create(uuid7(), "visit", child_id=child, occurred_on="2026-11-18", visit_kind="1")
    )
    path = await pile(office, "visit")

    answer = await type_in(office, path, q="0012", **VISIT)

    assert answer.status_code == 422
    assert "这一天已经有一份（村办公室记的）" in words(answer)


async def test_the_last_sheet_is_taken_back_and_opened_again(
    office: Browser, sqlite_village: Village
) -> None:
    child = await family(sqlite_village)
    path = await pile(office, "visit")
    await type_in(office, path, q="0012", note="写错了", **VISIT)
    (visit,) = await rows(sqlite_village, "visit")
    before = await counted(sqlite_village)

    answer = await office.post(f"{path}/undo", {"record": visit.id})
    page = await office.get(answer.headers["location"])
    twice = await office.post(f"{path}/undo", {"record": visit.id})

    assert "已录 0 张，收到 3 张" in words(page)
    assert "写错了" in page.text
    assert "谷梓涵" in words(page)
    assert twice.status_code == 303
    assert len(await rows(sqlite_village, "visit")) == 2, "one and what takes it back"
    file = await office.get(f"/office/records/{child}")
    assert "已更正" in words(file)
    assert (before, await counted(sqlite_village)) == (1, 0)


async def test_a_sheet_put_right_after_it_was_taken_back_counts_once(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "visit")
    await type_in(office, path, q="0012", **VISIT)
    (visit,) = await rows(sqlite_village, "visit")
    again = (await office.post(f"{path}/undo", {"record": visit.id})).headers["location"]

    answer = await type_in(office, again, q="谷梓涵", **{**VISIT, "note": "改好了"})

    assert answer.status_code == 303
    assert "已录 1 张，收到 3 张" in words(await office.get(path))


async def test_only_who_typed_a_sheet_takes_it_back(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "visit")
    await type_in(office, path, q="0012", **VISIT)
    (visit,) = await rows(sqlite_village, "visit")
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="wenshu", name="林文书甲", role="clerk", password=PASSWORD
    )
    await office.post("/office/logout")
    await office.get("/office/login")
    await office.sign_in("wenshu")

    assert_refused(await office.post(f"{path}/undo", {"record": visit.id}), 403, "not_allowed")


async def test_received_against_typed_stands_on_both_pages(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "visit", "15")
    await type_in(office, path, q="0012", **VISIT)
    await office.post(f"{path}/received", {"received": "14"})

    listed = words(await office.get("/office/paper"))
    first = words(await office.get("/office/"))

    assert f"2026-11-20 {HELPER} 走访 14 1 13" in listed
    assert "13 张纸表收到了还没录" in first


async def test_a_pile_of_the_same_day_form_and_person_is_the_same_pile(
    office: Browser, sqlite_village: Village
) -> None:
    assert await pile(office, "visit") == await pile(office, "visit", "7")

    (found,) = await rows(sqlite_village, "paper_pile")
    assert found.fields["received"] == 7


async def test_a_survey_is_about_a_household_found_by_a_childs_name_too(
    office: Browser, sqlite_village: Village
) -> None:
    await family(sqlite_village)
    path = await pile(office, "survey")

    answer = await type_in(office, path, q="谷小满", result="V", save="anyway")

    assert answer.status_code == 303
    (survey,) = await rows(sqlite_village, "survey")
    home = await sqlite_village.registry.row(sqlite_village.code, survey.fields["household_id"])
    assert home is not None
    assert home.type == "household"


async def test_every_form_the_role_may_write_opens_as_a_sheet(
    office: Browser, sqlite_village: Village
) -> None:
    page = await office.get("/office/paper")
    select = page.text.partition('<select name="form"')[2].partition("</select>")[0]
    forms = re.findall(r'<option value="(\w+)"', select)

    for form in forms:
        path = await pile(office, form)
        assert (await office.get(path)).status_code == 200, form

    assert len(forms) > 20
    assert "mandatory_report" in forms
    assert "child" not in forms


async def test_an_own_form_with_a_repeat_and_a_calculation_is_typed_whole(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await wells(village)
    await family(village)
    kind = f"own_{village.code}_water"
    path = await pile(office, kind)

    more = await type_in(
        office, path, q="0013", people="4", occurred_on="2026-11-18", more="wells",
        wells__0__where="院里", wells__1__depth="x",
    )  # fmt: skip
    answer = await office.post(
        path,
        {"id": hidden(more, "id"), "save": "1", "q": "谷小满", "people": "4",
         "occurred_on": "2026-11-18", "wells.0.where": "院里", "wells.2.where": "村口",
         "wells.2.depth": "12"},
    )  # fmt: skip

    assert 'name="wells.2.where"' in more.text
    assert "院里" in more.text
    assert answer.status_code == 303, words(answer)
    (made,) = await rows(village, kind)
    assert made.fields["people"] == 4
    assert made.fields["litres"] == "12"
    assert made.fields["form_version"] == 1
    kept = sorted(made.fields["wells"].values(), key=lambda it: it["where"])
    assert kept == [{"where": "村口", "depth": 12}, {"where": "院里"}]


async def test_a_supervisor_does_not_type(office: Browser, sqlite_village: Village) -> None:
    path = await pile(office, "visit")
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="dudao", name="何督导甲", role="supervisor", password=PASSWORD
    )
    await office.post("/office/logout")
    await office.get("/office/login")
    await office.sign_in("dudao")

    assert_refused(await office.get("/office/paper"), 403, "not_allowed")
    assert_refused(await office.get(path), 403, "not_allowed")


async def test_a_phone_cannot_say_that_another_recorded_what_it_brings(
    sqlite_village: Village,
) -> None:
    home = await sqlite_village.household()
    visit, device = uuid7(), await sqlite_village.device()
    await sqlite_village.push(
        device, 1,
        op(create(visit, "visit", household_id=home, occurred_on="2026-11-01",
                  recorded_by="别人", typed_by="安白露")),
        author="安白露", buckets=frozenset({"grid:01"}), role="surveyor",
    )  # fmt: skip

    row = await sqlite_village.registry.row(sqlite_village.code, visit)
    assert row is not None
    assert row.fields["recorded_by"] == "安白露"
    assert "typed_by" not in row.fields


@pytest.mark.parametrize("released", [False, True], ids=["at once", "out of quarantine"])
async def test_a_phone_is_not_believed_about_sheets_of_paper(
    sqlite_village: Village, released: bool
) -> None:
    village = sqlite_village
    home = await village.household()
    visit, device = uuid7(), await village.device()
    buckets = frozenset({"grid:02"} if released else {"grid:01"})
    await village.push(
        device, 1,
        op(create(visit, "visit", household_id=home, occurred_on="2026-11-01", recorded_by="别人",
                  typed_by="安白露", typed_from="PAPER", pile_id=uuid7(), note="在家")),
        author="安白露", buckets=buckets, role="surveyor",
    )  # fmt: skip
    if released:
        assert await village.registry.release(village.code, device, 1, 1) is not None

    row = await village.registry.row(village.code, visit)

    assert row is not None
    assert (row.fields["recorded_by"], row.fields["note"]) == ("安白露", "在家")
    assert row.fields.keys().isdisjoint({"typed_by", "typed_from", "pile_id"})
    assert await village.registry.recount(village.code) == []
