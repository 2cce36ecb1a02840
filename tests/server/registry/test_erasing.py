"""What is erased is nowhere in the database any more, and everything else still adds up."""

from __future__ import annotations

import json

import pytest

from server.database import Work, ask, schema
from server.database.statement import insert_new
from server.registry import StillPresent, uuid7
from server.registry.statements import of
from tests.helpers import Village, change, create, op

SECRET = "石惊蛰"
SEEN = "孩子说想妈妈"


async def a_child_with_a_visit(village: Village) -> tuple[str, str, str]:
    """Household, child and a visit to it, all typed by a phone."""
    phone = await village.device()
    home, child, visit = uuid7(), uuid7(), uuid7()
    await village.push(
        phone, 1,
        op(create(home, "household", grid_code=village.grid(1), head_name="石大爷甲")),
        op(create(child, "child", household_id=home, name=SECRET, **{"hobby/01": True, "phones/a": {"number": "10000000001"}})),
        op(create(visit, "visit", child_id=child, household_id=home, occurred_on="2026-11-02", note=SEEN)),
        op(change(child, "child", 0, {"name": 2}, name=SECRET + "二", hobby__02=True)),
    )  # fmt: skip
    return home, child, visit


async def everything(village: Village) -> str:
    """All texts of the village's log and records."""

    def texts() -> Work[list[str]]:
        log = yield ask(of(schema.op, "body", "given"), v=village.code)
        rows = yield ask(of(schema.record, "row", "state"), v=village.code)
        return [str(text) for line in (*log, *rows) for text in line]

    return "\n".join(await village.registry.database.read(texts()))


async def test_of_an_erased_child_and_its_visits_nothing_is_left_and_all_adds_up(
    village: Village,
) -> None:
    home, child, visit = await a_child_with_a_visit(village)
    assert SECRET in await everything(village)

    await village.registry.erase(
        village.code, village.office, {child: "child", visit: "visit"}, author="村办公室"
    )

    left = await everything(village)
    for gone in (SECRET, SEEN, "10000000001", "hobby/0", "shi jing zhe", "2026-11-02"):
        assert gone not in left
    assert "石大爷甲" in left
    assert await village.registry.recount(village.code) == []
    rows = {
        row.id for row in await village.registry.rows(village.code, "household", "child", "visit")
    }
    assert rows == {home}
    for id in (child, visit):
        row = await village.registry.row(village.code, id)
        assert row is not None
        assert not row.present
        assert set(row.fields) <= {"household_id", "child_id"}


async def test_a_phone_hears_that_an_erased_record_is_gone_and_agrees_again(
    village: Village,
) -> None:
    home, child, visit = await a_child_with_a_visit(village)
    bucket = "grid:01"
    before = await village.registry.pull(village.code, {bucket: (0, "")}, [bucket], 10**7)
    held = {json.loads(row)[0] for row in before.pages[bucket].rows}
    assert {home, child, visit} <= held

    await village.registry.erase(
        village.code, village.office, {child: "child", visit: "visit"}, author="村办公室"
    )

    head = before.head
    after = await village.registry.pull(village.code, {bucket: (head, "")}, [bucket], 10**7)
    page = after.pages[bucket]
    assert {child, visit} <= set(page.gone)
    assert not {json.loads(row)[0] for row in page.rows} & {child, visit}


async def test_an_erased_op_that_a_phone_sends_again_is_known_and_brings_nothing_back(
    village: Village,
) -> None:
    phone = await village.device()
    home, child = uuid7(), uuid7()
    sent = [
        op(create(home, "household", grid_code=village.grid(1), head_name="石大爷甲")),
        op(create(child, "child", household_id=home, name=SECRET)),
    ]
    await village.push(phone, 1, *sent)
    await village.registry.erase(village.code, village.office, {child: "child"}, author="村办公室")

    again = await village.push(phone, 1, *sent)

    assert again.acked == 2
    assert again.verdicts == []
    assert SECRET not in await everything(village)
    assert await village.registry.recount(village.code) == []


async def test_work_on_an_erased_child_that_comes_later_is_kept_and_waits_for_the_office(
    village: Village,
) -> None:
    phone = await village.device()
    _, child, visit = await a_child_with_a_visit(village)
    row = await village.registry.row(village.code, child)
    assert row is not None
    await village.registry.erase(
        village.code, village.office, {child: "child", visit: "visit"}, author="村办公室"
    )

    await village.push(phone, 5, op(change(child, "child", row.rev, school_name="镇小学")))

    shown = await village.registry.row(village.code, child)
    assert shown is not None
    assert shown.fields["school_name"] == "镇小学"
    assert "name" not in shown.fields
    assert await village.registry.recount(village.code) == []


async def test_merged_records_are_erased_together_or_not_at_all(village: Village) -> None:
    home, child, visit = await a_child_with_a_visit(village)
    twin = await village.child(home, name=SECRET + "（又一份）")
    edge = uuid7()
    await village.commit(create(edge, "alias", a=child, b=twin))
    stands = await village.registry.row(village.code, twin)
    assert stands is not None

    other = twin if stands.id == child else child
    with pytest.raises(StillPresent):
        await village.registry.erase(
            village.code, village.office, {other: "child"}, author="村办公室"
        )
    assert SECRET in await everything(village)

    await village.registry.erase(
        village.code, village.office,
        {child: "child", twin: "child", visit: "visit"}, author="村办公室",
    )  # fmt: skip
    assert SECRET not in await everything(village)
    assert await village.registry.recount(village.code) == []


async def test_a_volunteers_phone_cannot_take_an_event_away(village: Village) -> None:
    phone = await village.device()
    _, _, visit = await a_child_with_a_visit(village)

    done = await village.push(phone, 5, op(change(visit, "visit", 99, present=False)))

    assert [it["reason"] for it in done.verdicts] == ["immutable"]
    row = await village.registry.row(village.code, visit)
    assert row is not None
    assert row.present
    assert await village.registry.recount(village.code) == []


async def test_pictures_of_an_erased_record_go_unless_another_record_names_them(
    village: Village,
) -> None:
    home, child, _ = await a_child_with_a_visit(village)
    own, shared, together = ("a" * 64 + ".jpg", "b" * 64 + ".jpg", "c" * 64 + ".jpg")
    await village.commit(
        create(uuid7(), "visit", child_id=child, household_id=home, face=own, door=shared, yard=together),
        create(uuid7(), "visit", household_id=home, yard=together),
    )  # fmt: skip
    await village.commit(create(uuid7(), "visit", household_id=home, door=shared))
    for name in (own, shared, together):
        await village.registry.database.write(_keep(village.code, name))
    about = {
        row.id: row.type
        for row in await village.registry.rows(village.code, "child", "visit")
        if child in (row.id, row.fields.get("child_id"))
    }

    await village.registry.erase(village.code, village.office, about, author="村办公室")

    def names() -> Work[list[str]]:
        blobs = yield ask(of(schema.blob, "name"), v=village.code)
        chunks = yield ask(of(schema.blob_chunk, "name"), v=village.code)
        return [row[0] for row in (*blobs, *chunks)]

    assert await village.registry.database.read(names()) == [shared, together] * 2


def _keep(village: str, name: str) -> Work[None]:
    yield ask(
        insert_new(schema.blob), village=village, name=name, size=1, held=1, device="d",
        created_at=1, done_at=1,
    )  # fmt: skip
    yield ask(insert_new(schema.blob_chunk), village=village, name=name, start=0, bytes=b"x")


async def test_not_even_the_officials_phone_takes_an_event_away(village: Village) -> None:
    phone = await village.device()
    _, _, visit = await a_child_with_a_visit(village)
    of_official = {"buckets": frozenset({"grid:01"}), "role": "official", "authority": True}

    done = await village.push(
        phone, 5, op(change(visit, "visit", 99, present=False)), **of_official
    )

    assert [it["reason"] for it in done.verdicts] == ["not_allowed"]
    released = await village.registry.release(village.code, phone, 1, 5)
    assert released is not None
    assert [it["reason"] for it in released.verdicts] == ["immutable"]
    row = await village.registry.row(village.code, visit)
    assert row is not None
    assert row.present
    assert await village.registry.recount(village.code) == []
