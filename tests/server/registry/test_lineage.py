"""Backups, restores and repairs: what phones bring back, and how rows that differ are found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from server.registry import Registry, lineage, now_ms, uuid7
from server.registry.repair import DIGITS
from sync import Digest, Op, row_digest
from tests.helpers import Village, change, create, op

from .test_what_was_seen import values


async def fork(village: Village) -> int:
    """Pretend the database had just been restored; returns the last rev both lineages share."""
    here = await village.registry.village(village.code)
    assert here is not None
    await village.registry.database.write(lineage.fork(0))
    return here.rev


async def test_a_restored_server_has_a_new_epoch_and_numbers_on_far_beyond(
    village: Village,
) -> None:
    before = await village.registry.village(village.code)

    shared = await fork(village)

    after = await village.registry.village(village.code)
    assert before is not None
    assert after is not None
    assert after.epoch != before.epoch
    assert after.rev == shared + lineage.JUMP


async def test_an_op_offered_again_counts_as_when_it_was_first_accepted(village: Village) -> None:
    """Two phones' ops were lost; the second had seen the first. Offered again in the wrong order, the later
    one still replaces the earlier one."""
    home = await village.household()
    one, two = await village.device("d1"), await village.device("d2")
    shared = await fork(village)
    first = op(change(home, "household", shared, head_name="安大叔甲"))
    second = op(change(home, "household", shared + 1, head_name="石大叔甲"))

    await village.push(two, 1, _again(second, shared + 2))
    await village.push(one, 1, _again(first, shared + 1))

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert (row.fields["head_name"], row.contested) == ("石大叔甲", {})


async def test_who_never_saw_a_lost_op_does_not_replace_it_when_it_comes_again(
    village: Village,
) -> None:
    """Its new rev is large, and so are the bases of all that was done after the restore, before it came."""
    home = await village.household()
    one, two = await village.device("d1"), await village.device("d2")
    shared = await fork(village)
    lost = op(change(home, "household", shared, head_name="安大叔甲"))
    await village.push(two, 1, op(change(home, "household", shared, head_name="石大叔甲")))
    row = await village.registry.row(village.code, home)
    assert row is not None
    await village.push(two, 2, op(change(home, "household", row.rev, head_name="方大叔甲")))

    await village.push(one, 1, _again(lost, shared + 1))

    assert await values(village, home, "head_name") == {"方大叔甲", "安大叔甲"}
    row = await village.registry.row(village.code, home)
    assert row is not None
    await village.push(two, 3, op(change(home, "household", row.rev, head_name="谷大叔甲")))
    assert await values(village, home, "head_name") == {"谷大叔甲"}


async def test_a_backup_restored_twice_numbers_on_from_another_place(village: Village) -> None:
    here = await village.registry.village(village.code)
    assert here is not None

    first = await village.registry.database.write(
        lineage.begin(village.code, here.epoch, here.rev, 10**12)
    )
    again = await village.registry.database.write(
        lineage.begin(village.code, here.epoch, here.rev, 10**12 + 60_000)
    )

    assert first == 10**12
    assert again == first + 60_000


@pytest.mark.parametrize(
    ("revs", "was"),
    [
        ((), ()),
        ((12,), ((12, 99),)),
        ((9,), ()),
        ((12, 150), ((12, 99), (150, 200))),
        ((12, 50), ((12, 49), (50, 99))),
        ((300,), ()),
    ],
)
def test_of_the_revs_an_op_claims_only_lost_ones_count(
    revs: tuple[int, ...], was: tuple[tuple[int, int], ...]
) -> None:
    assert lineage.lost_numbers(revs, [(10, 99), (120, 200)]) == was


async def test_lost_edits_that_had_not_seen_each_other_are_a_conflict_again(
    village: Village,
) -> None:
    home = await village.household()
    one, two = await village.device("d1"), await village.device("d2")
    shared = await fork(village)

    await village.push(
        one, 1, _again(op(change(home, "household", shared, population=4)), shared + 1)
    )
    await village.push(
        two, 1, _again(op(change(home, "household", shared, population=5)), shared + 2)
    )

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert row.contested["population"]


async def test_a_rev_that_was_never_lost_is_not_believed(village: Village) -> None:
    home = await village.household()
    phone = await village.device()
    here = await village.registry.village(village.code)
    assert here is not None

    pushed = await village.push(
        phone, 1, _again(op(change(home, "household", here.rev, population=4)), 1)
    )

    history = await village.registry.history(village.code, home)
    assert history[-1].rev == pushed.revs[0] == here.rev + 1
    assert history[-1].maximal


async def test_phones_are_told_what_a_backup_holds(village: Village) -> None:
    home, phone = await village.household(), await village.device()
    first = await village.push(phone, 1, op(change(home, "household", 99, population=4)))
    await village.registry.database.write(lineage.keep([(village.code, phone, 1, 1)]))

    second = await village.push(phone, 2, op(change(home, "household", 99, population=5)))

    assert (first.kept, second.kept) == (0, 1)


async def test_what_came_after_a_backup_is_not_said_to_be_kept(village: Village) -> None:
    home, phone = await village.household(), await village.device()
    for seq in (1, 2, 3):
        pushed = await village.push(phone, seq, op(change(home, "household", 99, population=seq)))
        assert pushed.kept == (0 if seq == 1 else 1)
        if seq == 1:
            await village.registry.database.write(lineage.keep([(village.code, phone, 1, 1)]))


def _again(lost: Op, rev: int) -> Op:
    return replace(lost, was=(rev,))


async def sums_of(rows: dict[str, str]) -> list[str]:
    sums = dict.fromkeys(DIGITS, Digest())
    for id, text in rows.items():
        sums[id[-1]] = sums[id[-1]].plus(row_digest(text.encode()))
    return [sums[digit].hex() for digit in DIGITS]


@pytest.mark.parametrize("fault", ["lost", "surplus", "corrupted"])
async def test_one_wrong_row_is_found_and_only_its_digit_is_listed(
    village: Village, fault: str
) -> None:
    for _ in range(30):
        await village.household(grid=1)
    bucket = "grid:01"
    whole = (await village.registry.pull(village.code, {bucket: (0, "")}, [bucket], 10**6)).pages[
        bucket
    ]
    rows = {json.loads(text)[0]: text for text in whole.rows}
    victim = next(iter(rows))
    true = dict(rows)
    if fault == "lost":
        del rows[victim]
    elif fault == "surplus":
        victim = uuid7()
        rows[victim] = "[]"
    else:
        rows[victim] = rows[victim].replace("谷", "石")

    answer = await village.registry.pull(
        village.code, {bucket: (whole.cursor, "0" * 32)}, [bucket], 10**6,
        compare={bucket: await sums_of(rows)},
    )  # fmt: skip
    listing = answer.pages[bucket].differ
    fetched = await village.registry.pull(
        village.code, {bucket: (whole.cursor, "")}, [bucket], 10**6, fetch={bucket: [victim]}
    )

    assert listing is not None
    assert set(listing) == {victim[-1]}
    listed = {id for id, _ in listing[victim[-1]]}
    assert listed == {id for id in true if id[-1] == victim[-1]}
    assert fetched.pages[bucket].rows == ([true[victim]] if victim in true else [])


async def test_a_comparison_waits_until_the_changes_are_in(village: Village) -> None:
    await village.household(grid=1)
    cursor = (
        await village.registry.pull(village.code, {"grid:01": (0, "")}, ["grid:01"], 10**6)
    ).head
    await village.household(grid=1)

    answer = await village.registry.pull(
        village.code, {"grid:01": (cursor, "")}, ["grid:01"], 10**6,
        compare={"grid:01": ["0" * 32] * 16},
    )  # fmt: skip

    assert answer.pages["grid:01"].differ is None
    assert len(answer.pages["grid:01"].rows) == 1


async def test_rows_of_a_bucket_one_may_not_hold_are_never_fetched(village: Village) -> None:
    home = await village.household(grid=2)

    answer = await village.registry.pull(
        village.code, {"grid:01": (0, ""), "grid:02": (0, "")}, ["grid:01"], 10**6,
        compare={"grid:02": ["0" * 32] * 16}, fetch={"grid:01": [home], "grid:02": [home]},
    )  # fmt: skip

    assert set(answer.pages) == {"grid:01"}
    assert answer.pages["grid:01"].rows == []


async def test_the_office_releases_what_was_kept_aside_with_its_own_base_and_author(
    village: Village,
) -> None:
    home, phone = await village.household(), await village.device()
    base = now_rev = (await village.registry.rows_by_id(village.code, [home]))[home].rev
    await village.auth.revoke(village.code, phone)
    await village.push(phone, 1, op(change(home, "household", base, population=4)), author="安白露")
    await village.commit(change(home, "household", now_rev, population=5))
    waiting = await village.registry.quarantined(village.code, phone, 1, 1)

    released = await village.registry.release(village.code, phone, 1, 1)

    assert waiting is not None
    assert (waiting.author, waiting.reason) == ("安白露", "revoked")
    assert waiting.changes[0]["set"] == {"population": 4}
    assert released is not None
    siblings = await village.registry.siblings(village.code, home, "population")
    assert siblings is not None
    assert {(e.value, e.author) for e in siblings.edits} == {(4, "安白露"), (5, "村办公室")}
    assert [r.kind for r in await village.registry.reviews(village.code)] == ["conflict"]
    assert await village.registry.release(village.code, phone, 1, 1) is None


async def test_the_office_may_refuse_what_was_kept_aside_and_it_stays_in_the_log(
    village: Village,
) -> None:
    home, phone = await village.household(), await village.device()
    await village.auth.revoke(village.code, phone)
    await village.push(phone, 1, op(change(home, "household", 99, population=4)))

    await village.registry.dismiss(village.code, phone, 1, 1)

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert "population" not in row.fields
    assert await village.registry.reviews(village.code) == []
    assert await village.registry.quarantined(village.code, phone, 1, 1) is not None
    assert await village.registry.release(village.code, phone, 1, 1) is None


async def test_work_begun_before_a_grid_was_withdrawn_is_applied(village: Village) -> None:
    home, phone = await village.household(grid=1), await village.device()
    ended = now_ms()
    rights: dict[str, Any] = {
        "role": "surveyor",
        "buckets": frozenset({"village"}),
        "ended": {"grid:01": ended},
    }

    before = await village.push(
        phone, 1, op(change(home, "household", 99, population=4), contact=ended - 1000), **rights
    )
    after = await village.push(
        phone, 2, op(change(home, "household", 99, population=5), contact=ended + 1000), **rights
    )

    assert before.verdicts == []
    assert after.verdicts[0]["reason"] == "out_of_scope"


async def test_changing_a_persons_grids_remembers_when_each_ended(village: Village) -> None:
    account = await village.surveyor("a", 1)
    await village.auth.update_account(account, grids=[village.grid(2)])

    scope = await village.auth.scope(account)
    moved = await village.auth.account(village.code, account.id)
    assert moved is not None
    await village.auth.update_account(moved, grids=[village.grid(1), village.grid(2)])
    again = await village.auth.scope(moved)

    assert scope.ended.keys() == {"grid:01"}
    assert again.ended == {}


async def test_a_held_conflict_is_cleared_by_the_office_only(village: Village) -> None:
    child = await village.child(await village.household(), risk_level="G")
    base = (await village.registry.rows_by_id(village.code, [child]))[child].rev
    devices = [await village.device(f"d{n}") for n in range(3)]
    await village.push(devices[0], 1, op(change(child, "child", base, risk_level="O")))
    await village.push(devices[1], 1, op(change(child, "child", base, risk_level="Y")))
    seen = (await village.registry.rows_by_id(village.code, [child]))[child].rev

    third = await village.push(devices[2], 1, op(change(child, "child", seen, risk_level="G")))
    siblings = await village.registry.siblings(village.code, child, "risk_level")
    assert siblings is not None
    await village.push(
        devices[2], 2, op(change(child, "child", siblings.rev, risk_level="Y")), authority=True
    )

    row = await village.registry.row(village.code, child)
    assert third.verdicts[0]["verdict"] == "held"
    assert {e.value for e in siblings.edits} == {"O", "Y", "G"}
    assert row is not None
    assert row.contested == {}


async def test_creating_and_renaming_survive_a_reopened_database(
    registry: Registry, village: Village
) -> None:
    home = uuid7()
    await village.commit(create(home, "household", grid_code=village.grid(1), head_name="谷大叔甲"))
    first = await registry.row(village.code, home)
    await village.commit(change(home, "household", 99, head_name="谷大叔乙"))

    history = await registry.history(village.code, home)

    assert first is not None
    assert [e.value for e in history if e.key == "head_name"] == ["谷大叔甲", "谷大叔乙"]
