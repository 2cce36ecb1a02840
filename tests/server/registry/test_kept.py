"""The rows a process keeps are the rows of the database, whatever happened, and whoever did it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import bindparam, delete

from server.database import Work, ask, schema
from server.programme import programme
from server.registry import Registry, Row, kept, now_ms, uuid7
from server.registry.lineage import fork
from server.registry.reads import row_of
from tests.helpers import Village, change, create
from tests.server.registry.wandering import Wandering

STEPS = 80
DAY_MS = 86_400_000
_LOST = delete(schema.record).where(
    schema.record.c.village == bindparam("v"), schema.record.c.id == bindparam("of_id")
)
"""A record that the backup did not have."""


async def read_anew(village: Village) -> dict[str, Row]:
    rows = await village.registry.rows(village.code, *programme().types, "alias", "distinct")
    return {row.id: row for row in sorted(rows, key=lambda row: row.id)}


@pytest.mark.parametrize("seed", range(4))
async def test_after_anything_the_kept_rows_are_those_of_a_fresh_reading(
    village: Village, seed: int
) -> None:
    wandering = Wandering(village, seed)
    beside = Registry(village.registry.database)
    """Another process on the same database: it hears of nothing but through it, and looks more seldom."""
    done: set[str] = set()
    for count in range(STEPS):
        done.add(await wandering.step())
        fresh = await read_anew(village)
        seen = await village.registry.kept(village.code)
        assert seen is not None
        assert list(seen.rows.items()) == list(fresh.items())
        if count % 5 == 0:
            other = await beside.kept(village.code)
            assert other is not None
            assert list(other.rows.items()) == list(fresh.items())
    assert {"merge", "erase", "remove", "move"} <= done


async def test_while_nothing_changes_no_row_is_read_and_after_a_change_the_others_are_the_same(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = sqlite_village
    home = await village.household()
    child = await village.child(home)
    before = await village.registry.kept(village.code)
    assert before is not None
    read: list[str] = []

    def noted(text: str, bucket: str, present: bool = True) -> Row:
        read.append(text)
        return row_of(text, bucket, present)

    monkeypatch.setattr("server.registry.kept.row_of", noted)

    assert await village.registry.kept(village.code) is before
    assert read == []

    await village.commit(change(child, "child", before.rows[child].rev, name="谷大满"))
    after = await village.registry.kept(village.code)
    assert after is not None
    assert len(read) == 1
    assert after.rows[child].fields["name"] == "谷大满"
    assert after.rows[home] is before.rows[home]
    assert before.rows[child].fields["name"] == "谷小满"


async def test_what_is_worked_out_beforehand_is_worked_out_beside_the_loop_and_only_of_much(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = sqlite_village
    prepared: list[tuple[int, int]] = []
    village.registry.prepare_kept(
        lambda code, kept: prepared.append((threading.get_ident(), len(kept.rows)))
    )
    await village.household()

    before = await village.registry.kept(village.code)
    assert before is not None
    before.made.once("all", lambda: "what a page worked out")
    await village.household()
    await village.registry.kept(village.code)

    assert [rows for _, rows in prepared] == [len(before.rows)]
    assert threading.get_ident() not in [thread for thread, _ in prepared]

    monkeypatch.setattr(kept, "MANY", 1)
    await village.household()
    await village.household()
    await village.registry.kept(village.code)

    assert len(prepared) == 2


@pytest.mark.parametrize(
    "what", ["midnight", "a rule", "a new grid", "a grid's name", "a grid less"]
)
async def test_at_midnight_and_when_rules_or_grids_change_all_is_worked_out_beside_the_loop(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    village, registry = sqlite_village, sqlite_village.registry
    grid = uuid7()
    await village.commit(create(grid, "grid", grid_code=village.grid(3), name="三组"))
    home = await village.household(3)
    prepared: list[tuple[int, set[str]]] = []
    registry.prepare_kept(lambda code, kept: prepared.append((threading.get_ident(), {*kept.rows})))
    before = await registry.kept(village.code)
    assert before is not None
    before.made.once("all", lambda: "what pages worked out")
    prepared.clear()

    if what == "midnight":
        tomorrow = now_ms() + DAY_MS
        monkeypatch.setattr(kept, "now_ms", lambda: tomorrow)
    elif what == "a rule":
        [rule, *_] = programme().rules
        await registry.set_rule(village.code, rule.name, on=False, every_days={}, author="村办公室")
    elif what == "a new grid":
        await village.commit(create(uuid7(), "grid", grid_code=village.grid(4), name="四组"))
    else:
        said = {"name": "东头"} if what == "a grid's name" else {"present": False}
        await village.commit(change(grid, "grid", before.rows[grid].rev, **said))
    after = await registry.kept(village.code)

    assert after is not None
    assert after is not before
    assert not after.made
    assert after.rows[home] is before.rows[home]
    [(thread, rows)] = prepared
    assert rows == {*after.rows}
    assert thread != threading.get_ident()
    assert await registry.kept(village.code) is after
    assert len(prepared) == 1


async def test_what_is_erased_is_kept_nowhere(sqlite_village: Village) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), name="石惊蛰")
    await village.registry.kept(village.code)

    await village.registry.erase(village.code, village.office, {child: "child"}, author="村办公室")

    assert village.code not in village.registry._keeping._villages
    again = await village.registry.kept(village.code)
    assert again is not None
    assert child not in again.rows


async def test_villages_are_kept_up_to_a_number_of_rows_and_a_larger_one_is_read_each_time(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village, registry = sqlite_village, sqlite_village.registry
    await village.household()
    await registry.create_village("990000000001", "小村")
    monkeypatch.setattr(kept, "MOST_ROWS", 3)
    first = await registry.kept(village.code)
    assert first is not None
    await registry.kept("990000000001")
    assert await registry.kept(village.code) is first

    await village.household()

    assert await registry.kept(village.code) is None
    assert await registry.kept("990000000001") is not None
    assert await registry.kept("990000000009") is None
    monkeypatch.setattr(kept, "MOST_ROWS", 4)
    whole = await registry.kept(village.code)
    assert whole is not None
    assert list((await read_anew(village)).items()) == list(whole.rows.items())


async def test_a_restored_database_is_read_whole(sqlite_village: Village) -> None:
    """Revisions of another lineage say nothing about rows."""
    village = sqlite_village
    child = await village.child(await village.household())
    before = await village.registry.kept(village.code)

    def restored() -> Work[None]:
        yield from fork(1)
        yield ask(_LOST, v=village.code, of_id=child)

    await village.registry.database.write(restored())
    after = await village.registry.kept(village.code)

    assert before is not None
    assert after is not None
    assert child in before.rows
    assert child not in after.rows
