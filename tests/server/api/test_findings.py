"""The server asks again what the phone asked at the door, answers per field, and keeps what was typed."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.helpers import Phone, Village, enrol

STANDARD = "11010519491231002X"
"""The sample number of GB 11643."""


async def phone_of(client: httpx2.AsyncClient, village: Village, role: str = "surveyor") -> Phone:
    account = await village.auth.create_account(
        village.code, login=role, name=role, role=role, grids=[village.grid(1)]
    )
    phone = await enrol(client, village.auth, account)
    await phone.sync()
    return phone


async def answered(phone: Phone) -> dict[str, Any]:
    """The server's answer to what waits."""
    request = phone.request()
    answer = await phone.send(request)
    phone.take(request, answer)
    return dict(answer)


def found(answer: dict[str, Any]) -> set[tuple[int, int, str, str]]:
    """Beside that the code of the tests' village is none by GB/T 10114."""
    said = {(it["seq"], it["change"], it["key"], it["code"]) for it in answer.get("findings", ())}
    return {it for it in said if it[2:] != ("grid_code", "area")}


async def test_an_odd_answer_is_named_with_field_and_code_and_kept(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = phone.create(
        "household", grid_code=sqlite_village.grid(1), head_name="谷大叔甲", population="四五个"
    )

    answer = await answered(phone)

    assert found(answer) == {(1, 0, "population", "type")}
    assert "请填整数" in [it["message"]["zh"] for it in answer["findings"]]
    assert answer["verdicts"] == []
    rows = await sqlite_village.registry.rows_by_id(sqlite_village.code, [house])
    assert rows[house].fields["population"] == "四五个"


async def test_answers_without_oddities_bring_no_findings(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1)
    await phone.sync()
    phone.edit(house, population=4)

    assert "findings" not in await answered(phone)
    assert "findings" not in await answered(phone)


async def test_an_edit_is_judged_by_the_record_as_it_now_stands(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1, population=3, away_count=1)
    await phone.sync()

    phone.edit(house, away_count=5)

    assert found(await answered(phone)) == {(1, 0, "away_count", "constraint")}


async def test_only_what_was_edited_is_judged(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1, population=99, hukou_type="X")
    await phone.sync()

    phone.edit(house, location_hint="塘边第二家")

    assert found(await answered(phone)) == set()


async def test_a_number_is_compared_with_birth_and_sex_of_the_same_record(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1)
    await phone.sync()
    odd: dict[str, Any] = {"phones/k3f9": {"number": "1380013800"}}
    phone.create(
        "person", household_id=house, name="谷大叔甲", sex="1", birth_date="1949-12-30",
        id_number=STANDARD, **odd,
    )  # fmt: skip

    assert found(await answered(phone)) == {
        (1, 0, "id_number", "id_birth"),
        (1, 0, "id_number", "id_sex"),
        (1, 0, "phones", "phone"),
    }


async def test_one_element_of_a_set_is_judged_with_the_others(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1, **{"welfare/1": True})
    await phone.sync()

    phone.edit(house, welfare__NONE=True)

    assert found(await answered(phone)) == {(1, 0, "welfare", "constraint")}


async def test_an_event_that_lacks_an_answer_says_so_and_a_file_does_not(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1)
    child = await sqlite_village.child(house)
    await phone.sync()
    phone.create("visit", household_id=house, child_id=child, occurred_on="2024-09-10")
    phone.create("household", grid_code=sqlite_village.grid(1), head_name="谷大叔甲")

    assert found(await answered(phone)) == {
        (1, 0, "visit_kind", "required"),
        (1, 0, "met", "required"),
    }


async def test_a_request_sent_again_is_told_the_same(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    phone.create("household", grid_code=sqlite_village.grid(1), head_name="甲", population=99)
    request = phone.request()

    first, again = await phone.send(request), await phone.send(request)

    assert found(first) == found(again) != set()


async def test_an_edit_sent_again_is_judged_by_the_record_too(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1, population=3, away_count=1)
    await phone.sync()
    phone.edit(house, away_count=5)
    request = phone.request()

    first, again = await phone.send(request), await phone.send(request)

    assert found(first) == found(again) == {(1, 0, "away_count", "constraint")}


async def test_nothing_is_said_of_what_waits_for_the_office(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    phone = await phone_of(client, sqlite_village)
    house = await sqlite_village.household(grid=1)
    await phone.sync()
    phone.edit(house, population=99)
    await sqlite_village.auth.revoke(sqlite_village.code, phone.device)

    answer = await answered(phone)

    assert [it["verdict"] for it in answer["verdicts"]] == ["quarantined"]
    assert found(answer) == set()
