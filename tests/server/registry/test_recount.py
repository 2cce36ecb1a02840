"""What is kept up step by step equals the fold of the whole log, on both databases and between them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from random import Random
from typing import Any

import pytest

from server.auth import Auth
from server.registry import Registry, Unreadable, uuid7
from sync import Malformed
from tests.helpers import Village, change, create, new_village, op


async def live(village: Village, seed: int) -> None:
    """A busy evening: creations, edits on old and new bases, deletes, moves, conflicts, rubbish."""
    random = Random(seed)
    ids = [f"{0x0190C0DE000070008000000000000000 + n:032x}" for n in range(6)]
    kinds = dict.fromkeys(ids[:3], "household") | dict.fromkeys(ids[3:], "child")
    devices = [await village.device(f"d{n}", key=str(seed)) for n in range(3)]
    seqs = dict.fromkeys(devices, 0)
    for id in ids[:3]:
        await village.commit(
            create(id, "household", grid_code=village.grid(1), head_name="谷大叔甲")
        )
    for id in ids[3:]:
        await village.commit(
            create(id, "child", household_id=ids[0], name="谷小满", risk_level="G")
        )
    for _ in range(40):
        device, id = random.choice(devices), random.choice(ids)
        here = await village.registry.village(village.code)
        assert here is not None
        head = here.rev
        base = random.randrange(head + 2)
        edits: dict[str, Any] = random.choice(
            [{"population": random.randrange(9)}, {"present": random.random() < 0.7},
             {"grid_code": village.grid(random.randrange(1, 3))}, {"x/a": random.random() < 0.5}]
            if kinds[id] == "household"
            else [{"risk_level": random.choice("GYOR")}, {"hobby/01": random.random() < 0.5},
                  {"name": random.choice(["谷小满", "方立夏"])}, {"present": random.random() < 0.8}]
        )  # fmt: skip
        prev = {key: seqs[device] for key in edits if random.random() < 0.3}
        seqs[device] += 1
        made = op(change(id, kinds[id], base, prev, **edits), at=random.randrange(2**40))
        sent = Unreadable({"x": 1}, Malformed("no_changes")) if random.random() < 0.05 else made
        await village.push(device, seqs[device], sent, authority=random.random() < 0.2)


async def rows(registry: Registry, code: str) -> list[Any]:
    pulled = await registry.pull(
        code,
        dict.fromkeys(("grid:01", "grid:02", "village"), (0, "")),
        ["grid:01", "grid:02", "village"],
        10**7,
    )
    return [sorted(map(json.loads, page.rows)) for page in pulled.pages.values()]


@pytest.mark.parametrize("seed", range(12))
async def test_state_kept_step_by_step_is_the_fold_of_the_log(village: Village, seed: int) -> None:
    await live(village, seed)

    assert await village.registry.recount(village.code) == []


@pytest.mark.parametrize("seed", range(4))
async def test_both_databases_come_to_the_same_rows(
    sqlite_registry: Registry, postgresql_url: str, code: str, tmp_path: Path, seed: int
) -> None:
    postgresql = await Registry.open(postgresql_url)
    ends = []
    for registry in (sqlite_registry, postgresql):
        village = await new_village(registry, Auth(registry.database), code)
        await live(village, seed)
        ends.append([r for bucket in await rows(registry, code) for r in bucket if r[1] != "grid"])
    await postgresql.close()

    assert ends[0] == ends[1]
    assert len(ends[0]) >= 3


async def test_a_recount_finds_a_row_that_was_altered_behind_our_back(tmp_path: Path) -> None:
    registry = await Registry.open(f"sqlite:///{tmp_path / 'zoufang.db'}")
    village = await new_village(registry, Auth(registry.database), "990012345678")
    home = await village.household()
    await registry.close()
    with sqlite3.connect(tmp_path / "zoufang.db") as connection:
        connection.execute("UPDATE record SET row = replace(row, '甲', '乙') WHERE id = ?", [home])
    connection.close()

    registry = await Registry.open(f"sqlite:///{tmp_path / 'zoufang.db'}")
    found = await registry.recount("990012345678")
    await registry.close()

    assert {(d.what, d.name) for d in found} == {("record", home), ("digest", "grid:01")}


async def test_a_recount_knows_that_a_class_was_contested_when_its_member_was_edited(
    village: Village,
) -> None:
    home = await village.household()
    first, second = [await village.child(home, risk_level=grade) for grade in "GY"]
    alias, device = uuid7(), await village.device()
    await village.commit(create(alias, "alias", a=first, b=second))
    row = await village.registry.row(village.code, first)
    assert row is not None

    await village.push(device, 1, op(change(first, "child", row.rev, risk_level="O")))

    siblings = await village.registry.siblings(village.code, first, "risk_level")
    assert siblings is not None
    assert {e.value for e in siblings.edits} == {"G", "Y", "O"}
    assert await village.registry.recount(village.code) == []
    await village.commit(change(alias, "alias", row.rev, present=False))
    assert await village.registry.recount(village.code) == []


async def test_fields_an_app_does_not_know_survive_its_edits_byte_for_byte(
    village: Village,
) -> None:
    home = await village.household()
    newer, older = await village.device("d1"), await village.device("d2")
    future = "明年才有的一项 \u2028 \U00020000"
    await village.push(
        newer, 1, op(change(home, "household", 99, solar_panels=future)),
        role="surveyor", buckets=frozenset({"grid:01"}),
    )  # fmt: skip

    await village.push(older, 1, op(change(home, "household", 99, population=4)))

    buckets = await rows(village.registry, village.code)
    [row] = [r for bucket in buckets for r in bucket if r[0] == home]
    assert row[3]["solar_panels"] == future
    assert row[3]["population"] == 4


async def test_an_answer_holds_the_rows_that_changed_and_no_others(village: Village) -> None:
    homes = [await village.household() for _ in range(30)]
    before = (
        await village.registry.pull(village.code, {"grid:01": (0, "")}, ["grid:01"], 10**6)
    ).head
    for home in homes[:3]:
        for n in range(5):
            await village.commit(change(home, "household", 10**6, population=n))

    pulled = await village.registry.pull(
        village.code, {"grid:01": (before, "")}, ["grid:01"], 10**6
    )

    assert {json.loads(r)[0] for r in pulled.pages["grid:01"].rows} == set(homes[:3])
