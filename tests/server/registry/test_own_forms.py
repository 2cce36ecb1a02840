"""Records of a village's own forms: where they live, who gets them, and that both ends still agree."""

from __future__ import annotations

import pytest

from server.programme import programme, programme_of
from server.registry import Registry, uuid7
from tests.forms.small import publish
from tests.helpers import Village, create, op

MORE = "| | text | why | 为什么 | | |"


async def test_a_form_is_known_where_its_village_is_touched_and_nowhere_before(
    village: Village,
) -> None:
    name = await publish(village)
    assert name not in programme_of(village.code).types

    await village.registry.village(village.code)

    assert name in programme_of(village.code).types
    assert programme().types[name].home == "via:household_id"


@pytest.mark.parametrize("volunteer", [False, True])
async def test_a_record_lives_with_its_child_and_a_paired_volunteer_gets_it_where_the_form_says_so(
    village: Village, volunteer: bool
) -> None:
    name = await publish(village, subject="child", volunteer=volunteer)
    household = await village.household(grid=1)
    child = await village.child(household)
    helper, id = uuid7(), uuid7()
    await village.commit(create(helper, "helper", name="安老师"))
    await village.commit(create(uuid7(), "pairing", child_id=child, helper_id=helper))
    await village.commit(
        create(id, name, household_id=household, child_id=child, water="well", form_version=1)
    )

    row = await village.registry.row(village.code, id)
    assert row is not None
    assert row.bucket == "grid:01"
    buckets = ["grid:01", f"helper:{helper}"]
    pulled = await village.registry.pull(
        village.code, dict.fromkeys(buckets, (0, "")), buckets, 10**6
    )
    here, theirs = ("".join(pulled.pages[bucket].rows) for bucket in buckets)
    assert id in here
    assert (id in theirs) is volunteer
    assert await village.registry.recount(village.code) == []


async def test_sums_stay_right_over_a_new_version_and_in_a_process_that_starts_later(
    village: Village, registry: Registry
) -> None:
    name = await publish(village)
    household = await village.household(grid=1)
    await village.commit(create(uuid7(), name, household_id=household, water="well", people=3))
    await publish(village, more=MORE)
    await village.commit(create(uuid7(), name, household_id=household, water="tap", why="近"))
    assert {"water", "people", "why"} <= programme().types[name].fields.keys()
    await registry.offer(village.code, "water", [], retired=True)
    await village.commit(create(uuid7(), name, household_id=household, water="tap"))

    assert await village.registry.recount(village.code) == []
    assert len(await registry.rows(village.code, name)) == 3


@pytest.mark.parametrize(("role", "marked", "verdict"), [
    ("surveyor", False, None),
    ("volunteer", True, None),
    ("volunteer", False, "not_allowed"),
])  # fmt: skip
async def test_who_may_fill_a_form_in_is_asked_at_sync(
    village: Village, role: str, marked: bool, verdict: str | None
) -> None:
    name = await publish(village, volunteer=marked)
    household = await village.household(grid=1)
    device = await village.device("d")

    pushed = await village.push(
        device, 1, op(create(uuid7(), name, household_id=household, water="well")),
        buckets=frozenset({"village", "grid:01"}), role=role,
    )  # fmt: skip

    assert [it.get("reason") for it in pushed.verdicts] == ([verdict] if verdict else [])


async def test_a_record_is_written_once(village: Village) -> None:
    name = await publish(village)
    household, id = await village.household(grid=1), uuid7()
    device = await village.device("d")
    first = op(create(id, name, household_id=household, water="well"))
    again = op(create(id, name, household_id=household, water="tap"))

    pushed = await village.push(device, 1, first, again)

    assert [it["reason"] for it in pushed.verdicts] == ["immutable"]


async def test_a_draft_takes_the_place_of_the_draft_before_and_of_nothing_published(
    village: Village,
) -> None:
    registry = village.registry
    await publish(village)
    for _ in range(2):
        number = await registry.keep_draft(
            village.code, "water", {"fields": []}, subject="child", volunteer=True, xform="<y/>",
            filename="w.xlsx", author="方村官甲",
        )  # fmt: skip
        assert number == 2

    [kept] = await registry.forms(village.code)
    assert [(it.number, bool(it.published_at)) for it in kept.versions] == [(1, True), (2, False)]
    assert kept.subject == "household"
    assert await registry.xform(village.code, "water", 1) == "<x/>"
    assert await registry.xform(village.code, "water", 9) is None
