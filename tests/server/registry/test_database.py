"""The two drivers: all or nothing, one fsync for many, the schema of the migrations."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.sql.base import Executable

from server.database import NEWEST, Rows, Work, ask
from server.database.migrate import MIGRATIONS, migrate
from server.database.schema import metadata
from server.database.sqlite import PRAGMAS, SqliteDatabase
from server.registry import Registry
from server.registry import statements as sql
from server.registry.working import load
from sync import Edit, Record, RecordId, Stamp


def put(village: str, *, fail: bool = False) -> Work[str]:
    yield ask(
        sql.NEW_VILLAGE,
        village=village,
        name="村",
        epoch="e",
        rev=0,
        demo=False,
        created_at=0,
        forms="",
    )
    if fail:
        raise RuntimeError(village)
    return village


def ask_one(statement: Executable, **values: Any) -> Work[Rows]:
    return (yield ask(statement, **values))


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


async def test_a_record_stored_by_the_first_schema_keeps_its_edits(tmp_path: Path) -> None:
    """There an edit named the place of its stamp in a list that the record's edits shared."""
    url, code, id = f"sqlite:///{tmp_path / 'm.db'}", "990000101202", "0" * 32
    first, later = [3, 0, 5, "aa", 1, 1], [4, 2, 9, "bb", 2, 7, [[1, 2]]]
    state = {
        "o": [2, 0, 1, "cc", 1, 1],
        "s": [first, later],
        "e": {"address": [["塘边", 0], ["坡上", 1, 1]], "population": [[4, 0]]},
        "c": {"address": [[4, 0]]},
    }
    row = [id, "household", 4, {"head_name": "谷大叔", "address": "坡上", "population": 4}]
    await migrate(url, "0002")
    with sqlite3.connect(tmp_path / "m.db") as database:
        database.execute("INSERT INTO village VALUES (?, '村', 'e', 4, 0, 0)", [code])
        database.execute(
            "INSERT INTO record VALUES (?, ?, 'household', 'grid:01', ?, 4, 2, 1, 0, '', ?, ?)",
            [code, id, id, json.dumps(row), json.dumps(state, separators=(",", ":"))],
        )
    database.close()

    registry = await Registry.open(url)
    [stored] = await registry.database.read(ask_one(sql.RECORDS, v=code, ids=[id]))
    await registry.close()

    assert load(stored).record == Record(
        RecordId(id), "household", 4, Stamp(2, 0, 1, "cc", 1, 1),
        {"head_name": "谷大叔", "present": True},
        {
            "address": (
                Edit("塘边", Stamp(3, 0, 5, "aa", 1, 1)),
                Edit("坡上", Stamp(4, 2, 9, "bb", 2, 7, ((1, 2),)), True),
            ),
            "population": (Edit(4, Stamp(3, 0, 5, "aa", 1, 1)),),
        },
        {"address": ((4, 0),)},
    )  # fmt: skip


def test_the_newest_migration_is_known_without_alembic() -> None:
    """An SQLite file that says so is opened as it is."""
    scripts = ScriptDirectory(str(MIGRATIONS))

    assert scripts.get_current_head() == NEWEST
    assert {Path(it.path).name[:4] for it in scripts.walk_revisions()} == {
        it.revision for it in scripts.walk_revisions()
    }


async def test_a_file_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'm.db'}"
    await migrate(url)
    program = (
        "import asyncio, sys; from server.registry import Registry\n"
        "async def look(): await (await Registry.open(sys.argv[1])).close()\n"
        "asyncio.run(look()); print('alembic' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, url, stdout=asyncio.subprocess.PIPE
    )

    said, _ = await process.communicate()

    assert said == b"False\n"


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
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await registry.database.glance(put("1" * 12))
    await registry.close()


def test_every_primary_key_begins_with_the_village() -> None:
    for table in metadata.sorted_tables:
        assert next(iter(table.primary_key)).name == "village", table.name
