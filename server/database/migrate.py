"""Bring a database to this version's schema with Alembic. Forward only, and all steps in one transaction: one that is
cut off has done nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(url: str, target: str = "head") -> None:
    """Run the migrations that are missing. A database newer than this program is refused by Alembic."""
    if url.startswith("sqlite:///"):
        await asyncio.to_thread(_migrate_sqlite, url, target)
        return
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool
    )
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, target)
    await engine.dispose()


def _migrate_sqlite(url: str, target: str) -> None:
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool)
    # Python's sqlite3 begins no transaction for DDL by itself; a half-made update would never start again.
    event.listen(engine, "connect", _begin_by_hand)
    event.listen(engine, "begin", lambda it: it.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        _upgrade(connection, target)
    engine.dispose()


def _begin_by_hand(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None


def _upgrade(connection: Connection, target: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
