"""The pairs of a village follow its log, on both databases."""

from server.likeness import Likeness
from server.registry import uuid7
from tests.helpers import Village, change, create


async def pairs(village: Village) -> set[frozenset[str]]:
    likeness = Likeness(village.registry.database)
    progress = await likeness.follow(village.code, 60)
    assert progress.is_done
    return {frozenset((it.a, it.b)) for it in await likeness.pairs(village.code)}


async def rev(village: Village, id: str) -> int:
    row = await village.registry.row(village.code, id)
    assert row is not None
    return row.rev


async def test_two_files_of_one_child_are_found_and_told_why(village: Village) -> None:
    home = await village.household()
    a = await village.child(home, name="谷梓涵", birth_date="2014-03-05")
    b = await village.child(home, name="谷子涵", birth_date="2014-04-08")
    await village.child(home, name="谷立夏", birth_date="2016-07-01")

    assert await pairs(village) == {frozenset((a, b))}
    found = await Likeness(village.registry.database).pair(village.code, b, a)
    assert found is not None
    assert (found.a, found.b, found.type) == (a, b, "child")
    assert {it.code for it in found.reasons} >= {"variant", "birth_lunar", "same_house"}


async def test_an_edit_makes_and_unmakes_a_pair(village: Village) -> None:
    home = await village.household()
    a = await village.child(home, name="谷小满", birth_date="2014-03-05")
    b = await village.child(home, name="谷立夏", birth_date="2014-03-05")
    assert await pairs(village) == set()

    await village.commit(change(b, "child", await rev(village, b), name="谷小满"))
    assert await pairs(village) == {frozenset((a, b))}

    await village.commit(change(a, "child", await rev(village, a), present=False))
    assert await pairs(village) == set()


async def test_a_carers_new_phone_finds_the_child_of_another_household(village: Village) -> None:
    first, second = await village.household(1), await village.household(2)
    a = await village.child(first, name="谷小满", birth_date="2014-03-05")
    b = await village.child(second, name="安小满")
    carers = []
    for child, home, number in ((a, first, "10000000001"), (b, second, "10000000002")):
        carer = uuid7()
        carers.append(carer)
        await village.commit(
            create(
                carer,
                "person",
                household_id=home,
                name=f"照护人{number[-1]}",
                **{"phones/x": {"number": number}},
            ),
            create(uuid7(), "guardianship", child_id=child, carer_id=carer, is_main="Y"),
        )
    assert await pairs(village) == set()

    await village.commit(
        change(
            carers[1],
            "person",
            await rev(village, carers[1]),
            phones__x=None,
            phones__y={"number": "10000000001"},
        )
    )

    assert frozenset((a, b)) in await pairs(village)


async def test_a_household_that_moves_takes_its_people_along(village: Village) -> None:
    first, second = await village.household(1), await village.household(2)
    a = await village.child(first, name="谷小满", birth_date="2014-03-05")
    b = await village.child(second, name="谷晓曼", birth_date="2014-03-19")
    assert await pairs(village) == set()

    await village.commit(
        change(second, "household", await rev(village, second), grid_code=village.grid(1))
    )

    assert frozenset((a, b)) in await pairs(village)


async def test_merged_records_are_one_and_their_pair_is_gone(village: Village) -> None:
    home = await village.household()
    a = await village.child(home, name="谷小满", birth_date="2014-03-05")
    b = await village.child(home, name="谷小满", birth_date="2014-03-05")
    c = await village.child(home, name="谷晓曼", birth_date="2014-03-05")
    assert len(await pairs(village)) == 3
    alias = uuid7()

    await village.commit(create(alias, "alias", a=a, b=b))
    assert await pairs(village) == {frozenset((a, c))}

    await village.commit(change(alias, "alias", await rev(village, alias), present=False))
    assert len(await pairs(village)) == 3


async def test_nothing_new_costs_nothing(village: Village) -> None:
    await village.household()
    await pairs(village)
    likeness = Likeness(village.registry.database)
    before = await likeness.progress(village.code)

    assert before.is_done
    assert await likeness.follow(village.code) == before
