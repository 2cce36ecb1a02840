"""Records that are one: merged and un-merged through the registry, on both databases."""

from __future__ import annotations

import json
from typing import Any

from server.registry import uuid7
from sync import digest
from tests.helpers import Village, change, create, op


async def pages(
    village: Village, *buckets: str, cursor: int = 0
) -> dict[str, dict[str, list[Any]]]:
    pulled = await village.registry.pull(
        village.code, dict.fromkeys(buckets, (cursor, "")), list(buckets), 10**6
    )
    for bucket in buckets:
        page = pulled.pages[bucket]
        if cursor == 0:
            assert page.digest == digest(row.encode() for row in page.rows).hex()
    return {b: {json.loads(r)[0]: json.loads(r) for r in pulled.pages[b].rows} for b in buckets}


async def rev_of(village: Village, id: str) -> int:
    row = await village.registry.row(village.code, id)
    assert row is not None
    return row.rev


async def two_children(village: Village) -> tuple[str, str, str, str]:
    """谷梓涵 and 谷子涵, entered by two people: (household, other household, child, other child)."""
    homes = await village.household(grid=1), await village.household(grid=1)
    children = (
        await village.child(homes[0], name="谷梓涵", school_name="青禾小学"),
        await village.child(homes[1], name="谷子涵", wish="一本字典"),
    )
    return (*homes, *children)


async def merge(village: Village, kind: str, a: str, b: str) -> str:
    alias = uuid7()
    await village.commit(create(alias, "alias", a=a, b=b))
    return alias


async def test_the_eldest_shows_the_class_and_the_other_becomes_a_stub(village: Village) -> None:
    _, _, first, second = await two_children(village)

    await merge(village, "child", second, first)

    [rows] = (await pages(village, "grid:01")).values()
    assert rows[second][3] == {"alias_of": first}
    assert rows[first][3]["school_name"] == "青禾小学"
    assert rows[first][3]["wish"] == "一本字典"
    assert rows[first][4]["name"] == ["谷梓涵"]
    contested = await village.registry.contested(village.code)
    assert {r.key for r in contested if r.record == first} == {"file_no", "household_id", "name"}


async def test_the_offices_choice_settles_the_class(village: Village) -> None:
    _, _, first, second = await two_children(village)
    await merge(village, "child", first, second)
    siblings = await village.registry.siblings(village.code, first, "name")
    assert siblings is not None
    assert {e.value for e in siblings.edits} == {"谷梓涵", "谷子涵"}

    await village.commit(change(first, "child", siblings.rev, name="谷梓涵"))

    row = await village.registry.row(village.code, first)
    assert row is not None
    assert row.fields["name"] == "谷梓涵"
    assert "name" not in row.contested


async def test_a_late_edit_of_the_absorbed_id_lands_on_the_class(village: Village) -> None:
    _, _, first, second = await two_children(village)
    base = await rev_of(village, second)
    await merge(village, "child", first, second)
    phone = await village.device()

    await village.push(phone, 1, op(change(second, "child", base, talent="唱歌")))

    row = await village.registry.row(village.code, first)
    assert row is not None
    assert row.fields["talent"] == "唱歌"


async def test_un_merging_gives_both_records_back_exactly(village: Village) -> None:
    _, _, first, second = await two_children(village)
    before = await pages(village, "grid:01")
    alias = await merge(village, "child", first, second)
    merged_rev = await rev_of(village, alias)

    await village.commit(change(alias, "alias", merged_rev, present=False))

    after = await pages(village, "grid:01")
    for id in (first, second):
        assert after["grid:01"][id][3:] == before["grid:01"][id][3:]
    assert await village.registry.contested(village.code) == []


async def test_what_was_edited_while_they_were_one_stays_with_the_id_that_was_shown(
    village: Village,
) -> None:
    _, _, first, second = await two_children(village)
    alias = await merge(village, "child", first, second)
    await village.commit(change(first, "child", await rev_of(village, first), name="谷小涵"))

    await village.commit(change(alias, "alias", await rev_of(village, alias), present=False))

    rows = await village.registry.rows(village.code, "child")
    assert {r.id: r.fields["name"] for r in rows} == {first: "谷小涵", second: "谷子涵"}


async def test_events_and_references_follow_to_who_stands_for_them_and_back(
    village: Village,
) -> None:
    home, _, first, second = await two_children(village)
    visit = uuid7()
    await village.commit(
        create(visit, "visit", household_id=home, child_id=second, occurred_on="2026-11-01")
    )
    alias = await merge(village, "child", first, second)

    [merged] = await village.registry.rows(village.code, "visit")
    children = await village.registry.rows(village.code, "child")
    await village.commit(change(alias, "alias", await rev_of(village, alias), present=False))
    [apart] = await village.registry.rows(village.code, "visit")

    assert (merged.fields["child_id"], apart.fields["child_id"]) == (first, second)
    assert [c.id for c in children] == [first]
    assert (await village.registry.rows_by_id(village.code, [second]))[second].id == second


async def test_merged_households_of_two_grids_are_in_both_until_the_office_has_said_which(
    village: Village,
) -> None:
    first, second = await village.household(grid=1), await village.household(grid=2)
    child = await village.child(second)
    before = await pages(village, "grid:01", "grid:02")
    alias = await merge(village, "household", second, first)

    merged = await pages(village, "grid:01", "grid:02")
    for bucket in ("grid:01", "grid:02"):
        assert merged[bucket][first][4]["grid_code"]
        assert merged[bucket][child][3]["household_id"] == second
    assert merged["grid:02"][second][3] == {"alias_of": first}

    base = await rev_of(village, first)
    await village.commit(change(first, "household", base, grid_code=village.grid(1)))
    settled = await pages(village, "grid:01", "grid:02")
    related = await village.registry.related(village.code, second)
    assert {first, child} <= settled["grid:01"].keys()
    assert settled["grid:02"].keys() == {second}
    assert {r.id for r in related} >= {first, child}

    await village.commit(change(alias, "alias", await rev_of(village, alias), present=False))
    apart = await pages(village, "grid:01", "grid:02")
    assert {b: set(rows) - {alias} for b, rows in apart.items()} == {
        b: set(rows) for b, rows in before.items()
    }


async def test_a_household_that_two_people_moved_to_two_grids_is_in_both(village: Village) -> None:
    home = await village.household(grid=1)
    child = await village.child(home)
    base = await rev_of(village, home)
    one, two = await village.device("d1"), await village.device("d2")
    await village.push(
        one, 1, op(change(home, "household", base, grid_code=village.grid(1), population=1))
    )

    await village.push(two, 1, op(change(home, "household", base, grid_code=village.grid(2))))
    later = await village.child(home, name="谷小雨")

    both = await pages(village, "grid:01", "grid:02")
    assert all({home, child, later} <= rows.keys() for rows in both.values())


async def test_a_child_that_changes_its_household_lies_in_the_grids_of_the_new_one(
    village: Village,
) -> None:
    """Also when the grid of one of the two is contested."""
    settled, contested = await village.household(grid=1), await village.household(grid=2)
    base, one = await rev_of(village, contested), await village.device("d1")
    await village.push(one, 1, op(change(contested, "household", base, grid_code=village.grid(1))))
    await village.commit(
        change(contested, "household", base, grid_code=village.grid(2), population=1)
    )
    child = await village.child(settled)

    found = []
    for home in (contested, settled):
        await village.commit(
            change(child, "child", await rev_of(village, child), household_id=home)
        )
        held = await pages(village, "grid:01", "grid:02")
        found.append({bucket for bucket, rows in held.items() if child in rows})

    assert found == [{"grid:01", "grid:02"}, {"grid:01"}]


async def test_three_merged_in_any_order_are_one(village: Village) -> None:
    home = await village.household()
    children = [await village.child(home, name=f"谷{n}") for n in "甲乙丙"]
    await merge(village, "child", children[2], children[1])
    await merge(village, "child", children[1], children[0])

    rows = await village.registry.rows(village.code, "child")

    assert [r.id for r in rows] == [children[0]]
    assert len(rows[0].contested["name"]) == 2


async def test_records_of_two_types_are_never_one(village: Village) -> None:
    home = await village.household()
    child, adult = await village.child(home), uuid7()
    await village.commit(create(adult, "person", household_id=home, name="谷大叔乙"))

    await merge(village, "child", child, adult)

    assert {r.id for r in await village.registry.rows(village.code, "child", "person")} == {
        child,
        adult,
    }


async def test_a_surveyor_cannot_merge(village: Village) -> None:
    _, _, first, second = await two_children(village)
    phone = await village.device()

    pushed = await village.push(
        phone, 1, op(create(uuid7(), "alias", a=first, b=second)),
        role="surveyor", buckets=frozenset({"grid:01"}),
    )  # fmt: skip

    assert pushed.verdicts[0]["reason"] == "not_allowed"
    assert len(await village.registry.rows(village.code, "child")) == 2


async def test_history_of_a_class_is_that_of_all_its_members(village: Village) -> None:
    _, _, first, second = await two_children(village)
    await merge(village, "child", first, second)

    edits = [e for e in await village.registry.history(village.code, first) if e.key == "name"]

    assert {e.value for e in edits} == {"谷梓涵", "谷子涵"}
    assert all(e.maximal for e in edits)


async def test_a_paired_helper_gets_the_one_that_stands_for_the_child(village: Village) -> None:
    _, _, first, second = await two_children(village)
    helper = uuid7()
    await village.commit(
        create(helper, "helper", name="安老师", helper_kind="T", active="Y"),
        create(uuid7(), "pairing", child_id=second, helper_id=helper, from_on="2026-09-01"),
    )

    await merge(village, "child", first, second)

    [rows] = (await pages(village, f"helper:{helper}")).values()
    assert rows[second][3] == {"alias_of": first}


async def test_ending_a_pairing_leaves_the_class_of_the_child_as_it_was(village: Village) -> None:
    """The child's row is rewritten as a bystander; the values of its other members must stay."""
    _, _, first, second = await two_children(village)
    helper, pairing = uuid7(), uuid7()
    await village.commit(
        create(helper, "helper", name="安老师", helper_kind="T", active="Y"),
        create(pairing, "pairing", child_id=first, helper_id=helper, from_on="2026-09-01"),
    )
    await merge(village, "child", first, second)
    before = await village.registry.row(village.code, first)

    await village.commit(
        change(pairing, "pairing", await rev_of(village, pairing), to_on="2026-10-01")
    )

    after = await village.registry.row(village.code, first)
    assert before is not None
    assert after is not None
    assert (after.fields, after.contested) == (before.fields, before.contested)
    await pages(village, "grid:01")


async def test_a_class_of_three_holds_when_its_head_changes(village: Village) -> None:
    home = await village.household()
    a, b, c = [await village.child(home, name=f"谷{n}") for n in "甲乙丙"]
    await merge(village, "child", b, c)
    await merge(village, "child", a, b)

    await village.commit(change(a, "child", await rev_of(village, a), wish="一本字典"))

    row = await village.registry.row(village.code, a)
    assert row is not None
    assert len(row.contested["name"]) == 2
    await pages(village, "grid:01")


async def test_after_un_merging_nobody_is_bound_by_the_conflict_that_was(village: Village) -> None:
    _, _, first, second = await two_children(village)
    alias = await merge(village, "child", first, second)
    await village.commit(change(alias, "alias", await rev_of(village, alias), present=False))
    phone = await village.device()
    base = await rev_of(village, second)

    pushed = await village.push(phone, 1, op(change(second, "child", base, name="谷小涵")))

    row = await village.registry.row(village.code, second)
    assert pushed.verdicts == []
    assert row is not None
    assert (row.fields["name"], row.contested) == ("谷小涵", {})


async def test_children_of_two_grids_go_home_when_they_are_apart_again(village: Village) -> None:
    homes = await village.household(grid=1), await village.household(grid=2)
    first, second = await village.child(homes[0]), await village.child(homes[1], name="谷子涵")
    alias = await merge(village, "child", first, second)

    await village.commit(change(alias, "alias", await rev_of(village, alias), present=False))

    apart = await pages(village, "grid:01", "grid:02")
    assert first in apart["grid:01"]
    assert second in apart["grid:02"]
    assert first not in apart["grid:02"]
