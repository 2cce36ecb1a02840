"""Records that are one: every id leads to the file that stands for them, and its sentences hold."""

import pytest

from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, hidden, words


async def merged(village: Village) -> tuple[str, str]:
    """Two files of one child, merged; the eldest stands for both."""
    home = await village.household()
    eldest = await village.child(home, school_name="中心学校", talent="跑步", left_behind_fact="F")
    other = await village.child(home, school_name="县一小", wish="想妈妈", left_behind_fact="B")
    await village.commit(create(uuid7(), "alias", a=other, b=eldest))
    return eldest, other


async def test_the_file_names_what_was_merged_into_it(
    office: Browser, sqlite_village: Village
) -> None:
    eldest, other = await merged(sqlite_village)

    page = words(await office.get(f"/office/records/{eldest}"))

    assert "含 1 份合并的档案" in page
    assert other in page
    assert "跑步 村办公室 · 今天" in page
    assert "想妈妈 村办公室 · 今天" in page


async def test_an_unmerged_file_says_nothing_of_it(
    office: Browser, sqlite_village: Village
) -> None:
    child = await sqlite_village.child(await sqlite_village.household())

    assert "合并的档案" not in words(await office.get(f"/office/records/{child}"))


async def test_the_address_of_a_merged_file_leads_to_the_one_that_stands_for_it(
    office: Browser, sqlite_village: Village
) -> None:
    eldest, other = await merged(sqlite_village)

    answer = await office.get(f"/office/records/{other}")

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/office/records/{eldest}"
    noted = await sqlite_village.auth.audit(sqlite_village.code)
    assert [e.subject for e in noted if e.action == "open_file"] == []


async def test_a_merged_child_is_one_line_of_the_lists(
    office: Browser, sqlite_village: Village
) -> None:
    eldest, other = await merged(sqlite_village)

    page = await office.get("/office/children")

    assert "共 1 人" in words(page)
    assert eldest in page.text
    assert other not in page.text


@pytest.mark.parametrize("asked_by", ["eldest", "other"])
async def test_what_the_two_files_said_differently_is_settled_for_both(
    office: Browser, sqlite_village: Village, asked_by: str
) -> None:
    village = sqlite_village
    eldest, other = await merged(village)
    id = eldest if asked_by == "eldest" else other
    listed = words(await office.get("/office/conflicts"))
    assert "谷小满" in listed

    page = await office.get(f"/office/conflicts/{id}/left_behind_fact")
    assert "只有父亲外出" in words(page)
    assert "父母双方外出" in words(page)
    side = next(
        edit.rev
        for edit in await village.registry.history(village.code, eldest)
        if edit.value == "B"
    )
    answer = await office.post(
        f"/office/conflicts/{id}/left_behind_fact",
        {"base": hidden(page, "base"), "take": str(side), "reason": "看过证件"},
    )

    assert answer.status_code == 303
    row = await village.registry.row(village.code, other)
    assert row is not None
    assert (row.id, row.fields["left_behind_fact"]) == (eldest, "B")
    assert "left_behind_fact" not in row.contested


async def test_an_edit_of_the_form_lands_in_the_file_that_stands_for_both(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    eldest, other = await merged(village)
    form = await office.get(f"/office/records/{other}/edit/nature")

    answer = await office.post(
        f"/office/records/{other}/edit/nature",
        {"base": hidden(form, "base"), "seen": hidden(form, "seen"), "save": "1", "talent": "画画"},
    )

    assert answer.headers["location"] == f"/office/records/{eldest}"
    row = await village.registry.row(village.code, eldest)
    assert row is not None
    assert row.fields["talent"] == "画画"
