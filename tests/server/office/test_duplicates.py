"""Two files of one child: found and explained, compared, merged by a person, told apart, taken apart again."""

from typing import Any

from server.registry import uuid7
from tests.helpers import Village, change, create
from tests.server.office.browser import Browser, hidden, words

LIST = "/office/duplicates"


async def twice(village: Village, **second: Any) -> tuple[str, str]:
    """谷梓涵, entered by two people in one grid: (the elder's id, the younger's)."""
    homes = [await village.household(grid=1), await village.household(grid=1)]
    first = await village.child(
        homes[0], name="谷梓涵", sex="2", birth_date="2016-03-09", school_name="青禾小学"
    )
    said = {"name": "谷子涵", "sex": "2", "birth_date": "2016-03-09", "wish": "一本字典"} | second
    return first, await village.child(homes[1], **said)


async def post(office: Browser, a: str, b: str, **fields: str) -> Any:
    """Open the two side by side and send the form."""
    page = await office.get(f"{LIST}/{a}/{b}")
    revs = {name: hidden(page, name) for name in ("rev_a", "rev_b")}
    return await office.post(f"{LIST}/{a}/{b}", revs | fields)


async def test_nothing_alike_says_what_was_compared(
    office: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.child(await sqlite_village.household(), name="谷小满")

    page = words(await office.get(LIST))

    assert "没有疑似重复的" in page
    assert "儿童 1" in page


async def test_a_pair_is_listed_with_its_reasons(office: Browser, sqlite_village: Village) -> None:
    await twice(sqlite_village)

    page = words(await office.get(LIST))
    english = words(await office.get(LIST, **{"Accept-Language": "en"}))

    assert "姓名同音（谷梓涵 / 谷子涵）；出生日期相同；在同一网格" in page
    assert "很像" in page
    assert "对一对" in page
    assert "谷子涵" in english


async def test_side_by_side_asks_only_for_what_differs_and_shows_visits_of_both(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    first, second = await twice(village, school_name="县一小")
    row = await village.registry.row(village.code, second)
    assert row is not None
    await village.commit(
        create(uuid7(), "visit", child_id=second, household_id=row.fields["household_id"],
               occurred_on="2026-11-03", method="1", summary="在写作业"),
    )  # fmt: skip

    page = await office.get(f"{LIST}/{first}/{second}")

    said = words(page)
    assert 'name="pick.school_name"' in page.text
    assert 'name="pick.wish"' not in page.text
    assert "2026-11-03" in said
    assert "两边一样的" in said
    assert "性别 女" in said


async def test_a_merge_shows_one_file_that_says_what_was_picked(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    first, second = await twice(village, school_name="县一小")
    picks = {f"pick.{name}": "a" for name in ("name", "household_id", "file_no")}

    answer = await post(
        office, first, second, do="merge", reason="问过奶奶", **picks, **{"pick.school_name": "b"}
    )
    row = await village.registry.row(village.code, first)
    after = words(await office.get(LIST))

    assert answer.headers["location"].startswith(f"/office/records/{first}")
    assert row is not None
    assert (row.fields["name"], row.fields["school_name"]) == ("谷梓涵", "县一小")
    assert row.fields["wish"] == "一本字典"
    assert not row.contested
    assert "谷子涵" not in after


async def test_what_was_not_picked_is_asked_for_and_nothing_is_merged(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    first, second = await twice(village, school_name="县一小")

    answer = await post(office, first, second, do="merge", **{"pick.school_name": "b"})

    assert answer.status_code == 422
    assert "还有没选的项" in words(answer)
    assert await village.registry.absorbed(village.code, first) == []


async def test_a_file_that_changed_meanwhile_is_shown_again_with_what_was_picked(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    first, second = await twice(village, school_name="县一小")
    page = await office.get(f"{LIST}/{first}/{second}")
    revs = {name: hidden(page, name) for name in ("rev_a", "rev_b")}
    row = await village.registry.row(village.code, first)
    assert row is not None
    await village.commit(change(first, "child", row.rev, wish="一双球鞋"))

    answer = await office.post(
        f"{LIST}/{first}/{second}", revs | {"do": "merge", "pick.school_name": "b"}
    )

    assert answer.status_code == 409
    assert "其中一份刚改过" in words(answer)
    assert 'name="pick.school_name" value="b" checked' in answer.text
    assert await village.registry.absorbed(village.code, first) == []


async def test_two_that_are_not_the_same_are_not_asked_about_again_until_that_is_taken_back(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    first, second = await twice(village)
    await post(office, first, second, do="distinct", reason="双胞胎")

    told = words(await office.get(LIST))
    [distinct] = await village.registry.rows(village.code, "distinct")
    await office.post(f"{LIST}/distinct/{distinct.id}")
    again = words(await office.get(LIST))

    assert "姓名同音" not in told
    assert "双胞胎" in told
    assert "姓名同音" in again


async def test_taken_apart_each_says_what_it_said_and_what_came_since_stays(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    first, second = await twice(village, school_name="县一小")
    picks = {f"pick.{name}": "a" for name in ("name", "household_id", "file_no")}
    await post(office, first, second, do="merge", **picks, **{"pick.school_name": "b"})
    row = await village.registry.row(village.code, first)
    assert row is not None
    await village.commit(change(first, "child", row.rev, talent="跑步"))

    page = await office.get(f"{LIST}/part/{first}")
    await office.post(f"{LIST}/part/{first}", {"leaving": second})
    rows = await village.registry.rows_by_id(village.code, [first, second])

    assert "把合并的档案拆开" in words(page)
    assert rows[first].fields["school_name"] == "青禾小学"
    assert rows[first].fields["talent"] == "跑步"
    assert "wish" not in rows[first].fields
    assert (rows[second].fields["name"], rows[second].fields["school_name"]) == ("谷子涵", "县一小")
    assert "姓名同音" in words(await office.get(LIST))


async def test_a_clerk_of_another_village_and_nonsense_find_nothing(office: Browser) -> None:
    answer = await office.get(f"{LIST}/{'0' * 32}/{'1' * 32}")

    assert answer.status_code == 404
