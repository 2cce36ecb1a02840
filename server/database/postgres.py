"""PostgreSQL through asyncpg: the same works, one connection and one transaction each.

Nothing here knows of villages; every statement carries one, and every primary key begins with it, so that
the tables can be distributed by village.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import asyncpg
import structlog
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from . import Rows, Work
from .statement import Compiler

T = TypeVar("T")

compiler = Compiler(asyncpg_dialect(), lists_as_json=False)  # type: ignore[no-untyped-call]
log = structlog.get_logger()


class PostgresDatabase:
    """A register in PostgreSQL. `synchronous_commit` stays on: commit means on disk."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._notes: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, url: str) -> PostgresDatabase:
        pool = await asyncpg.create_pool(
            url, min_size=1, max_size=10, server_settings={"synchronous_commit": "on"}
        )
        return cls(pool)

    async def write(self, work: Work[T]) -> T:
        async with self._pool.acquire() as connection, connection.transaction():
            return await _run(connection, work)

    def note(self, work: Work[None]) -> None:
        noting = asyncio.create_task(self._note(work))
        self._notes.add(noting)
        noting.add_done_callback(self._notes.discard)

    async def _note(self, work: Work[None]) -> None:
        try:
            await self.write(work)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("note_lost", error=str(error))

    async def settle(self) -> None:
        await asyncio.gather(*self._notes)

    async def read(self, work: Work[T]) -> T:
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await _run(connection, work)

    async def glance(self, work: Work[T]) -> T:
        return await self.read(work)

    async def close(self) -> None:
        await self.settle()
        await self._pool.close()


async def _run(connection: Any, work: Work[T]) -> T:
    rows: Rows | None = None
    try:
        while True:
            statement, values = next(work) if rows is None else work.send(rows)
            compiled = compiler(statement)
            if isinstance(values, list):
                await connection.executemany(compiled.sql, [compiled.bind_each(v) for v in values])
                rows = []
            else:
                rows = await connection.fetch(compiled.sql, *compiled.bind(values))
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
