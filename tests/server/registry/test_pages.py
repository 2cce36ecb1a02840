"""What a page leaves out: rows for the next one, and what its reader may not know."""

from __future__ import annotations

import json

import pytest

from server.registry import pull, uuid7
from tests.helpers import Village, change, create, op


async def test_rows_beyond_what_is_read_at_a_time_come_with_the_next_page(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "CHUNK", 5)
    made = set()
    for _ in range(7):
        home, child = uuid7(), uuid7()
        made |= {home, child}
        await village.commit(
            create(home, "household", grid_code=village.grid(1), head_name="谷大叔甲"),
            create(child, "child", household_id=home, name="谷小满"),
        )
    seen: list[str] = []
    cursor, more = 0, True
    while more:
        page = (
            await village.registry.pull(village.code, {"grid:01": (cursor, "")}, ["grid:01"], 10**6)
        ).pages["grid:01"]
        assert len(page.rows) % 2 == 0
        seen += [json.loads(row)[0] for row in page.rows]
        assert page.cursor > cursor
        cursor, more = page.cursor, page.more

    assert len(seen) == 14
    assert set(seen) == made


async def test_an_op_of_more_rows_than_are_read_at_a_time_comes_whole(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "CHUNK", 3)
    await village.commit(
        *(
            create(uuid7(), "household", grid_code=village.grid(1), head_name="谷")
            for _ in range(20)
        )
    )

    sizes: list[int] = []
    cursor, more = 0, True
    while more:
        page = (
            await village.registry.pull(village.code, {"grid:01": (cursor, "")}, ["grid:01"], 10**6)
        ).pages["grid:01"]
        assert page.cursor > cursor
        sizes.append(len(page.rows))
        cursor, more = page.cursor, page.more

    assert [size for size in sizes if size] == [20]


async def test_a_cursor_from_the_future_starts_over(village: Village) -> None:
    home = await village.household()

    answer = await village.registry.pull(
        village.code, {"grid:01": (10**9, "1" * 32)}, ["grid:01"], 10**6
    )

    page = answer.pages["grid:01"]
    assert [json.loads(row)[0] for row in page.rows] == [home]
    assert page.cursor == answer.head


async def test_a_volunteer_is_not_shown_that_a_hidden_field_is_contested(village: Village) -> None:
    child, helper = await village.child(await village.household()), uuid7()
    await village.commit(
        create(helper, "helper", name="安老师", helper_kind="T", active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on="2026-09-01"),
    )
    row = await village.registry.row(village.code, child)
    assert row is not None
    for n, wrong in enumerate(("990000201403120016", "990000201403120024")):
        await village.push(
            await village.device(f"d{n}"), 1,
            op(change(child, "child", row.rev, id_number=wrong, name=f"谷小{n}")),
        )  # fmt: skip
    bucket = f"helper:{helper}"

    answer = await village.registry.pull(village.code, {bucket: (0, "")}, [bucket], 10**6)

    rows = {row[0]: row for row in map(json.loads, answer.pages[bucket].rows)}
    assert list(rows[child][4]) == ["name"]
    assert "99000020140312" not in json.dumps(rows)
