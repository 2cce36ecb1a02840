"""An update of the database that is cut off anywhere: started again, it goes through, and nothing stored is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event

from server.database.migrate import migrate
from server.database.schema import metadata
from tests.server_process import DIED, forks

FIRST, CODE = "0001", "990000101202"
STEP = 10
"""Killed after the 1st, the 11th, the 21st … statement of all migrations together."""


def migrate_and_die(url: str, after: int) -> None:
    """The process ends as soon as so many statements have returned."""
    left = after

    def returned(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(DIED)

    event.listen(Engine, "after_cursor_execute", returned)
    asyncio.run(migrate(url))


def kinds_of(url: str) -> list[object]:
    """How the database differs from this version's schema."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    return list(found)


async def test_an_update_killed_after_any_statement_goes_through_when_started_again(
    tmp_path: Path,
) -> None:
    await migrate(f"sqlite:///{tmp_path / 'old.db'}", FIRST)
    with closing(sqlite3.connect(tmp_path / "old.db")) as database, database:
        database.execute("INSERT INTO village VALUES (?, '村', 'e', 0, 0, 0)", [CODE])
    kills = 0
    while True:
        file = tmp_path / f"{kills}.db"
        file.write_bytes((tmp_path / "old.db").read_bytes())
        url = f"sqlite:///{file}"
        process = forks.Process(target=migrate_and_die, args=(url, 1 + STEP * kills))
        process.start()
        await asyncio.to_thread(process.join)
        if process.exitcode == 0:
            break
        assert process.exitcode == DIED
        kills += 1

        await migrate(url)

        assert kinds_of(url) == []
        with closing(sqlite3.connect(file)) as found:
            assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert found.execute("SELECT village FROM village").fetchall() == [(CODE,)]
    assert kills >= 3
