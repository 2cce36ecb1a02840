"""No statement without `village`: what lets PostgreSQL spread the tables by village, and keeps villages apart.

Read off the statements themselves, all there are in the program; and off those that a sync really issues.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx2
import pytest
from sqlalchemy import Column, Delete, Insert, Select, Table, Update
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import BinaryExpression

import server
from server.database import postgres, schema, sqlite
from server.registry import uuid7
from tests.helpers import Village, app_of, change, enrol, op

TABLES = set(schema.metadata.tables.values())
EVERYWHERE = frozenset({
    ("server.auth.statements", "CODE_ANYWHERE"),  # who types a code has not said where
    ("server.auth.statements", "VILLAGE_CODES"),
    ("server.filing.statements", "HEADS"),  # of a township or a county
    ("server.filing.statements", "SUMS"),
    ("server.registry.statements", "VILLAGES"),
})  # fmt: skip
"""Statements that are about all villages: none of them on the way of a sync."""


@cache
def statements() -> dict[tuple[str, str], Executable]:
    """Every statement of the program, by module and name."""
    found: dict[tuple[str, str], Executable] = {}
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if "migrations" in module.name or module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Select | Insert | Update | Delete):
                found[module.name, name] = value
    return found


def bound_to_a_village(statement: Any) -> set[Table]:
    """The tables whose village the statement says, by a value or by another table of which it says it."""
    equal: list[tuple[Table, Any]] = []
    for part in visitors.iterate(statement):
        if isinstance(part, BinaryExpression) and part.operator is operators.eq:
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(one, Column) and one.name == "village":
                    equal.append((one.table, other))
    said = {table for table, other in equal if not isinstance(other, Column)}
    for _ in equal:
        said |= {t for t, other in equal if isinstance(other, Column) and other.table in said}
    return said


def read(statement: Any) -> set[Table]:
    return {part for part in visitors.iterate(statement) if part in TABLES}


def without_village(statement: Any) -> set[str]:
    """Names of the tables it touches without saying which village's."""
    if isinstance(statement, Insert):
        return set() if "village" in statement.compile().params else {statement.table.name}
    return {table.name for table in read(statement) - bound_to_a_village(statement)}


def test_every_table_is_a_villages() -> None:
    assert [t.name for t in TABLES if next(iter(t.primary_key)).name != "village"] == []


def test_every_statement_of_the_program_says_of_which_village_but_those_that_are_about_all() -> (
    None
):
    assert len(statements()) > 100

    loose = {name: found for name, it in statements().items() if (found := without_village(it))}

    assert set(loose) == EVERYWHERE


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> list[Executable]:
    """Every statement either database is given from now on."""
    seen: list[Executable] = []
    for database in (sqlite, postgres):
        known = database.compiler

        def compile(statement: Executable, known: Any = known) -> Any:
            seen.append(statement)
            return known(statement)

        monkeypatch.setattr(database, "compiler", compile)
    return seen


async def test_no_statement_of_a_sync_is_without_village(
    village: Village, issued: list[Executable]
) -> None:
    """Pushes, pulls, a conflict, a pairing, a move, a comparison, a refusal, a fork of a cloned phone."""
    app = app_of(village)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        account = await village.surveyor("s1", 1, 2)
        home = await village.household()
        phone = await enrol(client, village.auth, account)
        other = await enrol(client, village.auth, account)
        for each in (phone, other):
            await each.sync()
        issued.clear()
        phone.edit(home, head_name="谷大婶")
        other.edit(home, head_name="谷大伯")
        child = phone.create("child", household_id=home, name="谷小满")
        phone.create("visit", household_id=home, child_id=child, occurred_on="2026-11-22")
        phone.create("pairing", child_id=child, helper_id=uuid7(), from_on="2026-11-22")
        phone.create("household", grid_code="990000000000", head_name="外村")
        phone.edit(home, grid_code=village.grid(2))
        for each in (phone, other, phone):
            await each.sync()
        clone = phone.request() | {"first": 1, "ids": [home], "ops": [
            {"at": 1, "clock": 1, "contact": 0, "schema": "", "changes": [
                {"record": 0, "type": "household", "base": 1, "set": {"population": 3}}]}]}  # fmt: skip
        await phone.send(clone)
        await phone.send(
            phone.request()
            | {"compare": {"grid:01": ["0" * 32] * 16}, "fetch": {"grid:01": [home]}}
        )
        await village.push(await village.device("d9"), 1, op(change(home, "household", 1)))

    assert len(set(map(id, issued))) > 20
    assert {name for it in issued for name in without_village(it)} == set()


def test_a_statement_that_forgets_the_village_is_found() -> None:
    from sqlalchemy import bindparam, delete, select, update

    record, op_ = schema.record, schema.op
    here = record.c.village == bindparam("v")
    loose: Iterator[Any] = iter(
        (
            select(record.c.id).where(record.c.id == bindparam("id")),
            select(record.c.village).where(here.self_group(), op_.c.rev == record.c.rev),
            update(record).where(record.c.id == bindparam("b_id")).values(rev=1),
            delete(op_).where(op_.c.rev == 0),
        )
    )

    assert [without_village(it) for it in loose] == [{"record"}, {"op"}, {"record"}, {"op"}]
    joined = select(record.c.id).where(here, op_.c.village == record.c.village)
    assert without_village(joined) == set()
