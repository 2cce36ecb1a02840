"""Importing into a real register: all or nothing, once, and only what the preview showed."""

from collections import Counter

import pytest

from server.auth import Auth
from server.office.roster import (
    TYPES,
    Applied,
    Options,
    Preview,
    RosterRefused,
    apply,
    preview_for,
)
from server.office.roster.apply import ops_of
from server.registry import Registry, uuid7
from sync import Change, RecordId
from tests.server.office.roster import rosters
from tests.server.office.roster.cast import GRIDS
from tests.server.office.roster.test_bad_files import BAD
from tests.server.office.roster.village import TODAY

AUTHOR = "村办公室"


async def found_village(registry: Registry, code: str) -> None:
    """A village with the six grids, made by its office."""
    await registry.create_village(code, "青禾村")
    office = await Auth(registry.database).batch_device(code, "村办公室", code, kind="office")
    grids = [
        Change(
            RecordId(uuid7()), "grid", 0,
            {"present": True, "grid_code": f"{code}{number:02d}", "name": name},
        )
        for number, name in enumerate(GRIDS, start=1)
    ]  # fmt: skip
    await registry.commit(code, office, [grids], author=AUTHOR)


async def see(
    registry: Registry, code: str, data: bytes, options: Options | None = None
) -> Preview:
    return await preview_for(registry, code, data, "花名册.xlsx", TODAY, options)


async def do(
    registry: Registry, code: str, data: bytes, seen: Preview, options: Options | None = None
) -> Applied:
    return await apply(
        registry, Auth(registry.database), code, data, "花名册.xlsx", TODAY,
        base=seen.base, digest=seen.digest, author=AUTHOR, options=options,
    )  # fmt: skip


async def counted(registry: Registry, code: str) -> dict[str, int]:
    rows = await registry.rows(code, *TYPES)
    return dict(Counter(row.type for row in rows))


async def test_what_the_preview_counts_is_what_the_register_holds(
    registry: Registry, code: str
) -> None:
    await found_village(registry, code)
    data = rosters.merged()
    seen = await see(registry, code, data)

    applied = await do(registry, code, data, seen)

    assert len(applied.revs) == len(seen.households) == 2
    assert await counted(registry, code) == {"grid": 6, **seen.created()}


async def test_an_imported_child_is_as_the_sheet_says(sqlite_registry: Registry, code: str) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.merged()
    await do(sqlite_registry, code, data, await see(sqlite_registry, code, data))

    rows = await sqlite_registry.rows(code, "child", "household", "person")
    child = next(row for row in rows if row.fields.get("name") == "谷小满")
    house = next(row for row in rows if row.id == child.fields["household_id"])
    carer = next(row for row in rows if row.fields.get("name") == "谷大叔甲")

    assert child.fields["name_pinyin"] == "gu xiao man"
    assert child.bucket == house.bucket == "grid:01"
    assert house.fields["household_no"].startswith(f"{code}01")
    assert len(carer.fields["phones"]) == 2
    assert child.contested == {}


async def test_the_same_file_again_writes_nothing(sqlite_registry: Registry, code: str) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.merged()
    seen = await see(sqlite_registry, code, data)
    await do(sqlite_registry, code, data, seen)
    before = await counted(sqlite_registry, code)

    pressed_twice = await do(sqlite_registry, code, data, seen)
    seen_again = await see(sqlite_registry, code, data)

    assert pressed_twice.revs == []
    assert seen_again.changes() == []
    assert seen_again.counts()["matched"] == 3
    assert await counted(sqlite_registry, code) == before


async def test_two_clerks_pressing_at_once_make_nothing_double(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.merged()
    seen = await see(sqlite_registry, code, data)
    auth = Auth(sqlite_registry.database)
    device = await auth.batch_device(code, "花名册.xlsx", seen.sha256)
    for _ in range(2):
        await sqlite_registry.commit(code, device, ops_of(seen), author=AUTHOR)

    assert await counted(sqlite_registry, code) == {"grid": 6, **seen.created()}
    assert await sqlite_registry.contested(code) == []


async def test_a_register_that_changed_since_the_preview_refuses_the_import(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.merged()
    seen = await see(sqlite_registry, code, data)
    other = rosters.by_openpyxl(
        {"名册": [["村民组", "户主", "姓名", "性别"], ["上坪组", "谷大叔甲", "谷小满", "女"]]}
    )
    await do(sqlite_registry, code, other, await see(sqlite_registry, code, other))
    before = await counted(sqlite_registry, code)

    with pytest.raises(RosterRefused) as refusal:
        await do(sqlite_registry, code, data, seen)

    assert refusal.value.code == "roster_preview_stale"
    assert await counted(sqlite_registry, code) == before


async def test_other_options_than_those_previewed_refuse_the_import(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.refused()
    seen = await see(sqlite_registry, code, data)

    with pytest.raises(RosterRefused) as refusal:
        await do(sqlite_registry, code, data, seen, Options(create_grids=True))

    assert refusal.value.code == "roster_preview_stale"


async def test_a_forged_base_from_the_future_is_not_believed(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.merged()

    forged = await preview_for(sqlite_registry, code, data, "花名册.xlsx", TODAY, None, 99_999)

    assert forged.base == 1


async def test_an_edit_between_preview_and_import_is_kept_as_a_conflict(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    head = ["村民组", "户主", "姓名", "性别", "学校"]
    first = rosters.by_openpyxl({"名册": [head, ["上坪组", "谷大叔甲", "谷小满", "女", None]]})
    second = rosters.by_openpyxl(
        {"名册": [head, ["上坪组", "谷大叔甲", "谷小满", "女", "禾溪镇小学"]]}
    )
    await do(sqlite_registry, code, first, await see(sqlite_registry, code, first))
    seen = await see(sqlite_registry, code, second)
    (child,) = await sqlite_registry.rows(code, "child")
    office = await Auth(sqlite_registry.database).batch_device(code, "办公室", "x", kind="office")
    edit = Change(RecordId(child.id), "child", child.rev, {"class_name": "2班"})
    await sqlite_registry.commit(code, office, [[edit]], author=AUTHOR)

    await do(sqlite_registry, code, second, seen)

    (child,) = await sqlite_registry.rows(code, "child")
    assert (child.fields["school_name"], child.fields["class_name"]) == ("禾溪镇小学", "2班")


async def test_everything_an_import_made_is_found_by_its_device(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.merged()
    applied = await do(sqlite_registry, code, data, await see(sqlite_registry, code, data))

    made = [
        row.id
        for row in await sqlite_registry.rows(code, *TYPES)
        if (await sqlite_registry.history(code, row.id))[0].device == applied.device
    ]

    assert sorted(made) == sorted(change.record for change in applied.preview.changes())


async def test_missing_grids_come_before_the_households_in_them(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    data, options = rosters.refused(), Options(create_grids=True)

    await do(sqlite_registry, code, data, await see(sqlite_registry, code, data, options), options)

    names = {row.fields["name"] for row in await sqlite_registry.rows(code, "grid")}
    assert names == {*GRIDS, "云上组"}


async def test_a_large_clean_roster_is_one_commit(sqlite_registry: Registry, code: str) -> None:
    await found_village(sqlite_registry, code)
    data = rosters.clean()

    applied = await do(sqlite_registry, code, data, await see(sqlite_registry, code, data))

    assert len(applied.revs) == 150
    assert (await counted(sqlite_registry, code))["child"] == 300
    assert await sqlite_registry.contested(code) == []


async def test_an_unknown_village_is_refused(sqlite_registry: Registry) -> None:
    with pytest.raises(RosterRefused) as refusal:
        await see(sqlite_registry, "990000999999", rosters.merged())

    assert refusal.value.code == "roster_unknown_village"


async def test_bad_files_change_nothing(sqlite_registry: Registry, code: str) -> None:
    await found_village(sqlite_registry, code)
    before = await sqlite_registry.villages()

    for make, expected in BAD.values():
        with pytest.raises(RosterRefused) as refusal:
            await see(sqlite_registry, code, make())
        assert refusal.value.code == expected

    assert await sqlite_registry.villages() == before
    assert await counted(sqlite_registry, code) == {"grid": 6}
