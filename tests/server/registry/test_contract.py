"""The registry's contract, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from server.registry import Moved, Unreadable, now_ms, uuid7
from server.registry.rules import project, projection_of
from sync import Malformed, canonical, digest
from tests.helpers import Village, change, create, op

pytestmark = pytest.mark.usefixtures("village")


async def grid_rows(village: Village, bucket: str = "grid:01", cursor: int = 0) -> list[str]:
    pulled = await village.registry.pull(village.code, {bucket: (cursor, "")}, [bucket], 10**6)
    return pulled.pages[bucket].rows


async def test_what_was_pushed_is_there(village: Village) -> None:
    device, id = await village.device(), uuid7()

    pushed = await village.push(
        device, 1, op(create(id, "household", grid_code=village.grid(1), head_name="方大叔甲"))
    )

    row = await village.registry.row(village.code, id)
    assert pushed.acked == 1
    assert row is not None
    assert row.bucket == "grid:01"
    assert row.fields["head_name"] == "方大叔甲"
    assert row.fields["name_pinyin"] == "fang da shu jia"
    assert row.rev == pushed.revs[0] == pushed.head


async def test_household_and_file_numbers_are_given_in_order(village: Village) -> None:
    first, second = await village.household(), await village.household()
    child = await village.child(first)

    rows = await village.registry.rows_by_id(village.code, [first, second, child])

    assert rows[first].fields["household_no"] == f"{village.grid(1)}001"
    assert rows[second].fields["household_no"] == f"{village.grid(1)}002"
    assert rows[child].fields["file_no"] == "0001"


async def test_what_may_be_done_once_is_done_by_one_of_all_who_saw_the_same(
    village: Village,
) -> None:
    home = await village.household()
    seen = await village.registry.row(village.code, home)
    assert seen is not None

    answers = await asyncio.gather(
        *(
            village.registry.commit(
                village.code, village.office, [[change(home, "household", seen.rev, population=n)]],
                author="村办公室", seen=seen,
            )
            for n in range(5)
        ),
        return_exceptions=True,
    )  # fmt: skip

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert sum(isinstance(it, Moved) for it in answers) == 4
    assert "population" not in row.contested
    assert not any(isinstance(it, Exception) for it in answers if not isinstance(it, Moved))


async def test_a_repeated_push_changes_nothing_and_is_answered_as_before(village: Village) -> None:
    device, home = await village.device(), await village.household()
    other = await village.device("d2")
    ops = [op(change(home, "household", 3, grid_code=village.grid(1), head_name="安大叔甲"), at=1)]
    await village.push(other, 1, op(change(home, "household", 1, head_name="石大叔甲")))
    first = await village.push(device, 1, *ops)
    before = await village.registry.row(village.code, home)

    again = await village.push(device, 1, *ops)

    assert (again.revs, again.verdicts, again.acked) == (first.revs, first.verdicts, 1)
    assert again.applied == 0
    assert await village.registry.row(village.code, home) == before


async def test_a_repeat_with_news_behind_it_takes_only_the_news(village: Village) -> None:
    device, home = await village.device(), await village.household()
    old = op(change(home, "household", 3, population=4), at=1)
    await village.push(device, 1, old)

    pushed = await village.push(device, 1, old, op(change(home, "household", 3, away_count=2)))

    assert (pushed.acked, pushed.applied, len(pushed.revs)) == (2, 1, 2)


async def test_a_gap_applies_nothing_and_says_where_to_go_on(village: Village) -> None:
    device, home = await village.device(), await village.household()

    pushed = await village.push(device, 5, op(change(home, "household", 3, population=4)))

    row = await village.registry.row(village.code, home)
    assert (pushed.acked, pushed.revs) == (0, [])
    assert row is not None
    assert "population" not in row.fields


async def test_the_same_seq_with_other_content_is_a_fork_and_loses_nothing(
    village: Village,
) -> None:
    device, home = await village.device(), await village.household()
    await village.push(device, 1, op(change(home, "household", 3, population=4), at=1))

    forked = await village.push(device, 1, op(change(home, "household", 3, population=5), at=2))
    resent = await village.push(
        device,
        1,
        op(change(home, "household", 3, population=5), at=2),
        generation=forked.generation,
    )
    original = await village.push(
        device, 2, op(change(home, "household", 3, away_count=2), at=3), generation=1
    )

    assert (forked.generation, forked.acked, forked.applied) == (2, 0, 0)
    assert (resent.acked, resent.verdicts[0]["verdict"]) == (1, "conflict")
    assert original.acked == 2
    siblings = await village.registry.siblings(village.code, home, "population")
    assert siblings is not None
    assert {e.value for e in siblings.edits} == {4, 5}


async def test_a_malformed_op_is_kept_and_blocks_nothing(village: Village) -> None:
    device, home = await village.device(), await village.household()

    pushed = await village.push(
        device, 1,
        Unreadable({"changes": "nonsense"}, Malformed("no_changes")),
        op(change(home, "household", 3, population=4)),
    )  # fmt: skip

    row = await village.registry.row(village.code, home)
    assert pushed.acked == 2
    assert pushed.verdicts == [
        {"seq": 1, "change": -1, "verdict": "malformed", "reason": "no_changes"}
    ]
    assert row is not None
    assert row.fields["population"] == 4
    assert [r.kind for r in await village.registry.reviews(village.code)] == ["quarantine"]


async def test_two_phones_editing_different_fields_do_not_conflict(village: Village) -> None:
    home = await village.household()
    base = (await village.registry.rows_by_id(village.code, [home]))[home].rev
    one, two = await village.device("d1"), await village.device("d2")

    await village.push(one, 1, op(change(home, "household", base, population=4)))
    await village.push(two, 1, op(change(home, "household", base, away_count=2)))

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert (row.fields["population"], row.fields["away_count"]) == (4, 2)
    assert row.contested == {}


async def test_a_conflict_is_opened_shown_with_its_base_and_closed_by_settling(
    village: Village,
) -> None:
    child = await village.child(await village.household(), risk_level="G")
    base = (await village.registry.rows_by_id(village.code, [child]))[child].rev
    one, two = await village.device("d1"), await village.device("d2")

    await village.push(one, 1, op(change(child, "child", base, risk_level="O")), author="甲")
    second = await village.push(
        two, 1, op(change(child, "child", base, risk_level="Y")), author="乙"
    )

    [review] = await village.registry.contested(village.code, required=True)
    siblings = await village.registry.siblings(village.code, child, "risk_level")
    assert second.verdicts[0]["verdict"] == "held"
    assert (review.record, review.key) == (child, "risk_level")
    assert siblings is not None
    assert siblings.base is not None
    assert (siblings.base.value, siblings.shown, siblings.policy) == ("G", "O", "severe")
    assert [(e.value, e.author) for e in siblings.edits] == [("O", "甲"), ("Y", "乙")]

    await village.commit(change(child, "child", siblings.rev, risk_level="Y"))

    row = await village.registry.row(village.code, child)
    assert row is not None
    assert (row.fields["risk_level"], row.contested) == ("Y", {})
    assert await village.registry.contested(village.code) == []
    history = await village.registry.history(village.code, child)
    assert [e.value for e in history if e.key == "risk_level"] == ["G", "O", "Y", "Y"]


async def test_a_conflict_waits_for_the_office_once_too_many_values_stand_side_by_side(
    village: Village,
) -> None:
    home = await village.household(address="塘边一号")
    base = (await village.registry.rows_by_id(village.code, [home]))[home].rev
    required = []
    for number in range(10):
        phone = await village.device(f"d{number}")
        said = change(home, "household", base, address=f"塘边一号旁第{number}户")
        await village.push(phone, 1, op(said))
        required += [[it.required for it in await village.registry.contested(village.code)]]

    [review] = await village.registry.contested(village.code)

    assert required == [[], *[[False]] * 7, [True], [True]]
    assert review.opened_rev == base + 2  # as long as it was ever contested


async def test_an_event_says_who_recorded_it_and_never_changes(village: Village) -> None:
    home = await village.household()
    child = await village.child(home)
    visit, device = uuid7(), await village.device()
    await village.push(
        device, 1,
        op(create(visit, "visit", household_id=home, child_id=child, occurred_on="2026-11-01",
                  recorded_by="somebody else")),
        author="安白露",
    )  # fmt: skip

    again = await village.push(device, 2, op(change(visit, "visit", 99, occurred_on="2026-11-02")))

    row = await village.registry.row(village.code, visit)
    assert again.verdicts[0]["reason"] == "immutable"
    assert row is not None
    assert (row.fields["recorded_by"], row.fields["occurred_on"]) == ("安白露", "2026-11-01")


async def test_everything_of_a_household_is_in_its_grid(village: Village) -> None:
    home = await village.household(grid=2)
    child = await village.child(home)
    parent = uuid7()
    await village.commit(
        create(parent, "person", household_id=home, name="谷大叔甲"),
        create(uuid7(), "parent_link", child_id=child, parent_id=parent, relation="51"),
        create(uuid7(), "survey", household_id=home, occurred_on="2026-08-01", result="1"),
    )

    assert len(await grid_rows(village, "grid:02")) == 5
    assert await grid_rows(village, "grid:01") == []


async def test_a_household_that_moves_takes_everything_to_the_other_grid(village: Village) -> None:
    home = await village.household()
    child = await village.child(home)
    before = await village.registry.pull(village.code, {"grid:01": (0, "")}, ["grid:01"], 10**6)
    cursor = before.pages["grid:01"].cursor

    await village.commit(change(home, "household", cursor, grid_code=village.grid(2)))

    pulled = await village.registry.pull(
        village.code,
        {"grid:01": (cursor, ""), "grid:02": (cursor, "")},
        ["grid:01", "grid:02"],
        10**6,
    )
    assert sorted(pulled.pages["grid:01"].gone) == sorted([home, child])
    assert len(pulled.pages["grid:02"].rows) == 2
    assert pulled.pages["grid:01"].digest == "0" * 32


async def test_a_pairing_brings_the_child_to_the_helper_and_its_end_takes_it_away(
    village: Village,
) -> None:
    home = await village.household()
    child, sister = await village.child(home), await village.child(home, name="谷小雨")
    helper, pairing, carer = uuid7(), uuid7(), uuid7()
    await village.commit(
        create(helper, "helper", name="安老师", helper_kind="T", active="Y"),
        create(carer, "person", household_id=home, name="谷奶奶甲"),
        create(uuid7(), "guardianship", child_id=child, carer_id=carer, relation="62"),
    )
    bucket = f"helper:{helper}"

    await village.commit(
        create(pairing, "pairing", child_id=child, helper_id=helper, from_on="2026-09-01")
    )

    paired = await village.registry.pull(village.code, {bucket: (0, "")}, [bucket], 10**6)
    ids = {row.split('"')[1] for row in paired.pages[bucket].rows}
    assert {home, child, carer, pairing} <= ids
    assert sister not in ids
    cursor = paired.pages[bucket].cursor

    await village.commit(change(pairing, "pairing", cursor, to_on="2026-10-01"))

    ended = await village.registry.pull(village.code, {bucket: (cursor, "")}, [bucket], 10**6)
    assert child in ended.pages[bucket].gone
    assert ended.pages[bucket].rows == []
    assert ended.pages[bucket].digest == "0" * 32


async def test_a_later_visit_reaches_the_paired_helper(village: Village) -> None:
    home = await village.household()
    child, helper = await village.child(home), uuid7()
    await village.commit(
        create(helper, "helper", name="安老师", helper_kind="T", active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on="2026-09-01"),
    )

    visit = uuid7()
    await village.commit(
        create(visit, "visit", household_id=home, child_id=child, occurred_on="2026-11-01")
    )

    assert any(visit in row for row in await grid_rows(village, f"helper:{helper}"))


async def test_a_volunteers_bucket_holds_no_hidden_field(village: Village) -> None:
    home = await village.household()
    child, helper = (
        await village.child(home, id_number="990000201403120016", consent_status="1"),
        uuid7(),
    )
    await village.commit(
        create(helper, "helper", name="安老师", helper_kind="T", active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, from_on="2026-09-01"),
    )

    sent = "".join(await grid_rows(village, f"helper:{helper}"))

    assert "谷小满" in sent
    assert "990000201403120016" not in sent


@pytest.mark.parametrize(
    ("role", "buckets", "reason"),
    [
        ("surveyor", {"village", "grid:02"}, "out_of_scope"),
        ("volunteer", {"village", "grid:01"}, "not_allowed"),
    ],
)
async def test_an_edit_beyond_scope_or_role_waits_for_the_office(
    village: Village, role: str, buckets: set[str], reason: str
) -> None:
    child = await village.child(await village.household(), risk_level="G")
    device = await village.device()

    pushed = await village.push(
        device,
        1,
        op(change(child, "child", 99, name="改名")),
        role=role,
        buckets=frozenset(buckets),
    )

    row = await village.registry.row(village.code, child)
    assert (pushed.acked, pushed.revs) == (1, [0])
    assert (pushed.verdicts[0]["verdict"], pushed.verdicts[0]["reason"]) == ("quarantined", reason)
    assert row is not None
    assert row.fields["name"] == "谷小满"


async def test_a_revoked_phone_is_kept_aside(village: Village) -> None:
    home, device = await village.household(), await village.device()
    await village.auth.revoke(village.code, device)

    pushed = await village.push(device, 1, op(change(home, "household", 3, population=9)))

    row = await village.registry.row(village.code, home)
    assert pushed.revoked
    assert pushed.verdicts[0]["reason"] == "revoked"
    assert row is not None
    assert "population" not in row.fields


async def test_pages_are_cut_between_revisions_and_add_up(village: Village) -> None:
    for n in range(12):
        home = uuid7()
        await village.commit(
            create(home, "household", grid_code=village.grid(1), head_name=f"谷大叔{n}"),
            create(uuid7(), "child", household_id=home, name="谷小满"),
        )
    bucket, cursor, rows = "grid:01", 0, []
    for _ in range(40):
        pulled = await village.registry.pull(village.code, {bucket: (cursor, "")}, [bucket], 700)
        page = pulled.pages[bucket]
        assert len(page.rows) % 2 == 0
        rows += page.rows
        cursor = page.cursor
        if not page.more:
            break

    assert len(rows) == len(set(rows)) == 24
    assert page.digest == digest(row.encode() for row in rows).hex()


async def test_kept_digests_equal_a_recount(village: Village) -> None:
    for n in range(5):
        home = await village.household(grid=1 + n % 2)
        await village.child(home, name=f"谷小满{n}")
        await village.commit(change(home, "household", 99, population=n))

    for bucket in ("grid:01", "grid:02", "village"):
        pulled = await village.registry.pull(village.code, {bucket: (0, "")}, [bucket], 10**6)
        page = pulled.pages[bucket]
        assert page.digest == digest(row.encode() for row in page.rows).hex()


async def test_agreement_is_said_when_both_ends_hold_the_same(village: Village) -> None:
    await village.household()
    first = await village.registry.pull(village.code, {"grid:01": (0, "")}, ["grid:01"], 10**6)
    page = first.pages["grid:01"]
    assert page.digest is not None

    same = await village.registry.pull(
        village.code, {"grid:01": (page.cursor, page.digest)}, ["grid:01"], 10**6
    )
    other = await village.registry.pull(
        village.code, {"grid:01": (page.cursor, "1" * 32)}, ["grid:01"], 10**6
    )

    assert same.agreed
    assert not other.agreed


async def test_many_pushes_at_once_get_gapless_revisions(village: Village) -> None:
    home = await village.household()
    devices = [await village.device(f"d{n}") for n in range(8)]

    answers = await asyncio.gather(
        *(
            village.push(
                d, 1, *(op(change(home, "household", 0, None, **{f"x{n}": i})) for i in range(5))
            )
            for n, d in enumerate(devices)
        )
    )

    revs = sorted(rev for answer in answers for rev in answer.revs)
    assert revs == list(range(revs[0], revs[0] + 40))
    row = await village.registry.row(village.code, home)
    assert row is not None
    assert [row.fields[f"x{n}"] for n in range(8)] == [4] * 8


async def test_a_reader_of_every_commit_misses_no_row(village: Village) -> None:
    """Cursors follow commit order: whoever pulls while others push sees every row once."""
    devices = [await village.device(f"d{n}") for n in range(4)]
    made = [uuid7() for _ in range(40)]
    seen: set[str] = set()
    cursor = 0

    async def push(n: int) -> None:
        for i in range(10):
            record = create(
                made[n * 10 + i], "household", grid_code=village.grid(1), head_name="谷"
            )
            await village.push(devices[n], i + 1, op(record))

    async def pull() -> None:
        nonlocal cursor
        page = (
            await village.registry.pull(village.code, {"grid:01": (cursor, "")}, ["grid:01"], 10**6)
        ).pages["grid:01"]
        seen.update(row.split('"')[1] for row in page.rows)
        cursor = page.cursor

    pushes = asyncio.gather(*(push(n) for n in range(4)))
    while not pushes.done():
        await pull()
        await asyncio.sleep(0)
    await pushes
    await pull()

    assert seen == set(made)


async def test_villages_do_not_see_each_other(village: Village) -> None:
    home = await village.household()
    other = f"98{village.code[2:]}"
    await village.registry.create_village(other, "邻村")

    assert await village.registry.row(other, home) is None
    pulled = await village.registry.pull(other, {"grid:01": (0, "")}, ["grid:01"], 10**6)
    assert pulled.pages["grid:01"].rows == []


async def test_receipts_count_what_each_phone_did(village: Village) -> None:
    device = await village.device("阿雨的手机")
    base: dict[str, Any] = {"device": device, "ops": 2, "changes": 5, "conflicts": 1, "held": 0,
                            "refused": 0, "rows_sent": 7, "agreed": False}  # fmt: skip
    now = now_ms()
    village.registry.note_sync(village.code, {**base, "at": now - 10}, agreed_rev=None)
    village.registry.note_sync(village.code, {**base, "at": now}, agreed_rev=9)

    [receipt] = await village.registry.receipts(village.code, now - 1000)

    assert (receipt.ops, receipt.changes, receipt.rows_sent) == (4, 10, 14)
    assert (receipt.agreed_rev, receipt.last_at, receipt.silent_days) == (9, now, 0)


async def test_what_a_phone_held_is_kept_until_it_says_otherwise(village: Village) -> None:
    device, other = await village.device(), await village.device("d2")
    here: dict[str, Any] = {"device": device, "at": 1, "ops": 0, "rows_sent": 0}

    async def after(agreed_rev: int | None, holds: list[str] | None) -> list[str] | None:
        village.registry.note_sync(village.code, here, agreed_rev=agreed_rev, holds=holds)
        await village.registry.database.settle()
        return await village.auth.last_held(village.code, device)

    assert await after(None, None) is None
    assert await after(None, ["village", "grid:01"]) == ["grid:01", "village"]
    assert await after(7, None) == ["grid:01", "village"]
    assert await after(8, ["village"]) == ["village"]
    assert await after(None, []) == []
    assert await village.auth.last_held(village.code, other) is None


def test_projections_leave_the_stored_row_alone() -> None:
    row = ["0" * 32, "household", 3, {"head_name": "谷", "household_no": "1"}]
    stored = canonical(row)

    project(row, projection_of("helper:x"))

    assert canonical(row) == stored


async def test_what_a_clone_shares_with_its_original_is_stored_once(village: Village) -> None:
    device, home = await village.device(), await village.household()
    shared = op(change(home, "household", 99, population=4), at=1)
    await village.push(device, 1, shared)

    forked = await village.push(
        device, 1, shared, op(change(home, "household", 99, away_count=1), at=2)
    )
    again = await village.push(
        device, 1, shared, op(change(home, "household", 99, away_count=2), at=3)
    )

    assert (forked.acked, forked.applied, again.acked) == (2, 1, 1)
    assert (again.generation, len(again.revs)) == (2, 1)
    history = await village.registry.history(village.code, home)
    assert [e.value for e in history if e.key == "population"] == [4]


async def test_an_op_with_more_records_than_are_read_at_a_time_arrives_whole(
    village: Village,
) -> None:
    home, device = await village.household(), await village.device()
    visits = [
        create(uuid7(), "visit", household_id=home, occurred_on="2026-11-01") for _ in range(2100)
    ]
    await village.push(device, 1, op(*visits))

    first = (
        await village.registry.pull(village.code, {"grid:01": (0, "")}, ["grid:01"], 10**6)
    ).pages
    cursor = first["grid:01"].cursor
    rows = await grid_rows(village, cursor=cursor)

    assert first["grid:01"].more
    assert len(rows) == 2100


async def test_a_delete_before_its_creation_removes_what_comes_later(village: Village) -> None:
    device, id = await village.device(), uuid7()
    made = op(create(id, "household", grid_code=village.grid(1), head_name="谷大叔甲"))
    await village.push(device, 1, made, role="surveyor", buckets=frozenset({"village"}))
    await village.push(device, 2, op(change(id, "household", 0, {"present": 1}, present=False)))
    assert await village.registry.rows(village.code, "household") == []

    await village.registry.release(village.code, device, 1, 1)

    assert await village.registry.rows(village.code, "household") == []


async def test_a_removal_removed_again_still_reaches_who_missed_it(village: Village) -> None:
    home = await village.household()
    first, second = await village.device("d1"), await village.device("d2")
    seen = (
        await village.registry.pull(village.code, {"grid:01": (0, "")}, ["grid:01"], 10**6)
    ).head
    await village.push(first, 1, op(change(home, "household", seen, present=False)))
    between = (
        await village.registry.pull(village.code, {"grid:01": (seen, "")}, ["grid:01"], 1)
    ).head
    await village.push(second, 1, op(change(home, "household", seen, present=False)))

    late = await village.registry.pull(village.code, {"grid:01": (between, "")}, ["grid:01"], 10**6)

    assert late.pages["grid:01"].gone == [home]


async def test_a_prev_may_name_an_edit_of_an_earlier_generation(village: Village) -> None:
    device, home = await village.device(), await village.household()
    base = (await village.registry.rows_by_id(village.code, [home]))[home].rev
    await village.push(device, 1, op(change(home, "household", base, population=4), at=1))

    await village.push(
        device, 1, op(change(home, "household", base, {"population": (1, 1)}, population=5), at=2),
        generation=2,
    )  # fmt: skip

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert (row.fields["population"], row.contested) == (5, {})


async def two_clones(village: Village) -> tuple[str, str, Any]:
    """A device whose original has gone on in generation 2 with an op that its clone holds too: (device, household,
    op)."""
    device, home = await village.device(), await village.household()
    mine = op(change(home, "household", 3, population=4), at=2)
    await village.push(device, 1, op(change(home, "household", 3, away_count=1), at=1))
    await village.push(device, 1, op(change(home, "household", 3, away_count=2), at=9))
    await village.push(device, 1, mine, generation=2)
    return device, home, mine


async def test_an_op_that_two_clones_bring_is_merged_once_and_answered_alike(
    village: Village,
) -> None:
    device, home, mine = await two_clones(village)
    before = await village.registry.row(village.code, home)

    late = await village.push(device, 2, mine, generation=1)
    again = await village.push(device, 2, mine, generation=1)

    assert late.acked == again.acked == 2
    assert late.revs == again.revs
    assert await village.registry.row(village.code, home) == before
    history = await village.registry.history(village.code, home)
    assert [e.value for e in history if e.key == "population"] == [4]
    assert await village.registry.recount(village.code) == []


async def test_an_edit_replaces_the_own_one_it_names_though_a_clone_brought_that_first(
    village: Village,
) -> None:
    device, home, mine = await two_clones(village)

    await village.push(
        device,
        2,
        mine,
        op(change(home, "household", 3, {"population": 2}, population=5), at=3),
        generation=1,
    )

    row = await village.registry.row(village.code, home)
    assert row is not None
    assert (row.fields["population"], row.contested) == (5, {})
    assert await village.registry.recount(village.code) == []


async def test_the_times_of_an_older_generation_go_on_from_its_own_last_op(
    village: Village,
) -> None:
    device, home = await village.device(), await village.household()
    push = partial(village.push, device, offset=0, arrival=9_000)
    await push(1, op(change(home, "household", 3, population=1), at=5_000))
    await push(1, op(change(home, "household", 3, population=2), at=1))
    await push(1, op(change(home, "household", 3, population=2), at=1), generation=2)

    await push(2, op(change(home, "household", 3, population=3), at=4_000), generation=1)
    await push(2, op(change(home, "household", 3, population=4), at=2_000), generation=2)

    history = await village.registry.history(village.code, home)
    assert {e.value: e.at for e in history if e.key == "population"} == {
        1: 5_000, 2: 1, 3: 5_000, 4: 2_000,
    }  # fmt: skip


async def test_an_op_kept_aside_that_a_clone_has_brought_since_is_not_merged_again(
    village: Village,
) -> None:
    device, home = await village.device(), await village.household()
    mine = op(change(home, "household", 3, population=4), at=2)
    await village.push(device, 1, op(change(home, "household", 3, away_count=1), at=1))
    nowhere: dict[str, Any] = {"buckets": frozenset(), "role": "surveyor"}
    aside = await village.push(device, 2, mine, generation=1, **nowhere)
    await village.push(device, 1, op(change(home, "household", 3, away_count=2), at=9))
    brought = await village.push(device, 1, mine, generation=2)
    before = await village.registry.row(village.code, home)

    released = await village.registry.release(village.code, device, 1, 2)

    assert aside.revs == [0]
    assert released is not None
    assert released.revs == brought.revs
    assert await village.registry.row(village.code, home) == before
    assert await village.registry.reviews(village.code) == []
    assert await village.registry.recount(village.code) == []


async def test_the_office_cannot_store_what_no_phone_could_hold(village: Village) -> None:
    home, child = await village.household(), uuid7()

    for value in (4.6, {"deep": 4.6}, [4.6]):
        with pytest.raises(Malformed, match="fraction"):
            await village.commit(
                create(child, "child", household_id=home, school_distance_km=value)
            )

    assert await village.registry.row(village.code, child) is None


async def test_whose_term_has_ended_brings_nothing_new_past_the_office(village: Village) -> None:
    device, ended_at = await village.device(), now_ms() - 1000
    batch: dict[str, Any] = {
        "buckets": frozenset(), "ended": {"village": ended_at, "grid:01": ended_at}, "role": "surveyor",
    }  # fmt: skip
    before, after = uuid7(), uuid7()

    pushed = await village.push(
        device, 1,
        op(create(before, "household", grid_code=village.grid(1), head_name="谷甲"), contact=ended_at - 1),
        op(create(after, "household", grid_code=village.grid(1), head_name="谷乙"), contact=ended_at + 1),
        **batch,
    )  # fmt: skip

    assert [v["reason"] for v in pushed.verdicts] == ["out_of_scope"]
    rows = await village.registry.rows(village.code, "household")
    assert [row.id for row in rows] == [before]


async def test_a_new_household_is_taken_in_the_own_grids_only(village: Village) -> None:
    """So too once the last grid's grant is over: the account goes on, with nothing but the village's own lists."""
    device, own, other = await village.device(), uuid7(), uuid7()
    rights: dict[str, Any] = {"buckets": frozenset({"village", "grid:01"}), "role": "surveyor"}

    pushed = await village.push(
        device, 1,
        op(create(own, "household", grid_code=village.grid(1), head_name="谷甲")),
        op(create(other, "household", grid_code=village.grid(2), head_name="谷乙")),
        **rights,
    )  # fmt: skip

    assert [(v["seq"], v["reason"]) for v in pushed.verdicts] == [(2, "out_of_scope")]
    rows = await village.registry.rows(village.code, "household")
    assert [row.id for row in rows] == [own]
    assert await village.registry.release(village.code, device, 1, 2) is not None
    assert await village.registry.row(village.code, other) is not None
