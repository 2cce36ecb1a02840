"""Bring a database to this version's schema with Alembic. Forward only; each step is one transaction."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
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
    with engine.begin() as connection:
        _upgrade(connection, target)
    engine.dispose()


def _upgrade(connection: Connection, target: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
