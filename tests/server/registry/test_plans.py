"""How SQLite looks things up: by a key, never by reading a whole village."""

from __future__ import annotations

import re
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


MADE = r"SCAN (json_each|anon_\d+)"
"""What a statement makes itself, and reads from end to end."""
WHOLE_VILLAGE = frozenset({"LAST_CHANGED"})
"""Statements that ask something of every record of a village: they begin with the village alone."""


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
        steps = [step for *_, step in plan]
        tables = [step for step in steps if step.startswith("SCAN") and not re.search(MADE, step)]
        assert tables == [], (name, tables)
        if name not in WHOLE_VILLAGE:
            assert "(village=? AND" in steps[0], (name, steps[0])
    database.close()
