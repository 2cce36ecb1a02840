"""The two drivers: all or nothing, one fsync for many, the schema of the migrations."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from server.database import Work, ask
from server.database.migrate import migrate
from server.database.schema import metadata
from server.database.sqlite import PRAGMAS, SqliteDatabase
from server.registry import Registry
from server.registry import statements as sql


def put(village: str, *, fail: bool = False) -> Work[str]:
    yield ask(
        sql.NEW_VILLAGE, village=village, name="村", epoch="e", rev=0, demo=False, created_at=0
    )
    if fail:
        raise RuntimeError(village)
    return village


async def test_a_failing_work_leaves_no_trace(registry: Registry, code: str) -> None:
    with pytest.raises(RuntimeError):
        await registry.database.write(put(code, fail=True))

    assert await registry.village(code) is None


async def test_a_failing_work_does_not_take_its_neighbours_with_it(registry: Registry) -> None:
    codes = [f"97{n:010d}" for n in range(10)]
    outcomes = await asyncio.gather(
        *(registry.database.write(put(c, fail=n % 3 == 0)) for n, c in enumerate(codes)),
        return_exceptions=True,
    )

    for n, (code, outcome) in enumerate(zip(codes, outcomes, strict=True)):
        kept = await registry.village(code)
        assert isinstance(outcome, RuntimeError) == (kept is None) == (n % 3 == 0)


async def test_a_reader_sees_one_moment(registry: Registry, code: str) -> None:
    def look() -> Work[tuple[int, int]]:
        first = yield ask(sql.VILLAGE, v=code)
        second = yield ask(sql.VILLAGE, v=code)
        return len(first), len(second)

    before, after = await registry.database.read(look())

    assert before == after


async def test_the_migrations_make_exactly_the_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'm.db'}"
    await migrate(url)
    await migrate(url)

    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_commit_means_on_disk(tmp_path: Path) -> None:
    assert "PRAGMA synchronous=FULL" in PRAGMAS
    url = f"sqlite:///{tmp_path / 'm.db'}"
    registry = await Registry.open(url)
    database = registry.database
    assert isinstance(database, SqliteDatabase)
    levels = database._writer.execute("PRAGMA synchronous").fetchall()
    modes = database._writer.execute("PRAGMA journal_mode").fetchall()
    await registry.close()

    assert (levels, modes) == ([(2,)], [("wal",)])


async def test_readers_cannot_write(tmp_path: Path) -> None:
    registry = await Registry.open(f"sqlite:///{tmp_path / 'm.db'}")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await registry.database.read(put("1" * 12))
    await registry.close()


def test_every_primary_key_begins_with_the_village() -> None:
    for table in metadata.sorted_tables:
        assert next(iter(table.primary_key)).name == "village", table.name
