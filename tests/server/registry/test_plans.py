"""How SQLite looks things up: by a key, never by reading a whole village."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.sql.base import Executable

from server.database.migrate import migrate
from server.database.sqlite import compiler
from server.registry import statements

LISTED = [
    name
    for name, statement in vars(statements).items()
    if isinstance(statement, Executable) and "json_each" in compiler(statement).sql
]


@pytest.fixture
async def database(tmp_path: Path) -> sqlite3.Connection:
    await migrate(f"sqlite:///{tmp_path / 'm.db'}")
    return sqlite3.connect(tmp_path / "m.db")


async def test_a_list_of_values_is_looked_up_in_an_index(database: sqlite3.Connection) -> None:
    """SQLAlchemy's `(…) = 1` around a condition of its own kind would hide it from the planner."""
    assert len(LISTED) > 5
    for name in LISTED:
        sql = compiler(getattr(statements, name)).sql
        plan = database.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?")).fetchall()
        assert "(village=? AND" in plan[0][3], (name, plan[0][3])
    database.close()
