"""SQLite: one writer thread with group commit, a few read-only readers.

One process writes, on one plain connection, in one thread; only that connection checkpoints. SQLite before
3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the same instant; with one
writer that cannot happen. A request's whole work runs in that thread without hopping back for each statement
(an await per statement costs a factor of four), and requests that wait together share one commit, so one
fsync serves many phones. Readers are aiosqlite connections opened read-only.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import aiosqlite
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from . import Ask, Busy, Rows, Work
from .statement import Compiler

T = TypeVar("T")

READERS = 3
MOST_WAITING = 2_000
"""Works in the writer's queue; beyond this the server says it is busy instead of piling up."""
MOST_GROUPED = 64
"""Works in one commit."""

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an answer to a push promises the disk, not the cache
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA cache_size=-16000",
    "PRAGMA wal_autocheckpoint=4000",
)

compiler = Compiler(sqlite_dialect(), lists_as_json=True)


def connect(path: str) -> sqlite3.Connection:
    """The writing connection. Transactions are begun by hand; it may be handed to one other thread."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


class _Job:
    """A work in the queue, and where its answer is awaited."""

    __slots__ = ("answer", "error", "future", "loop", "work")

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.answer: Any = None
        self.error: BaseException | None = None


class SqliteDatabase:
    """A village's register in one file."""

    def __init__(self, path: str, writer: sqlite3.Connection, readers: list[Any]) -> None:
        self.path = path
        self._writer = writer
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        self._all_readers = readers
        for reader in readers:
            self._readers.put_nowait(reader)
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: str) -> SqliteDatabase:
        writer = connect(path)
        readers = []
        uri = f"file:{quote(path)}?mode=ro"
        for _ in range(READERS):
            reader = await aiosqlite.connect(uri, uri=True, isolation_level=None)
            await reader.execute("PRAGMA query_only=ON")
            readers.append(reader)
        return cls(path, writer, readers)

    async def write(self, work: Work[T]) -> T:
        if self._jobs.qsize() > MOST_WAITING:
            work.close()
            raise Busy
        job = _Job(work)
        self._jobs.put(job)
        answer: T = await asyncio.shield(job.future)
        return answer

    async def read(self, work: Work[T]) -> T:
        async with self._snapshot() as reader:
            rows: Rows | None = None
            try:
                while True:
                    statement, values = next(work) if rows is None else work.send(rows)
                    assert isinstance(values, dict), "reads ask one statement at a time"
                    compiled = compiler(statement)
                    rows = list(await reader.execute_fetchall(compiled.sql, compiled.bind(values)))
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]

    async def close(self) -> None:
        if self._thread.is_alive():
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
        for reader in self._all_readers:
            await reader.close()
        self._all_readers = []

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[aiosqlite.Connection]:
        reader = await self._readers.get()
        try:
            await reader.execute("BEGIN")
            try:
                yield reader
            finally:
                await reader.execute("ROLLBACK")
        finally:
            self._readers.put_nowait(reader)

    # From here on: the writer's thread.

    def _run(self) -> None:
        stop = False
        while not stop:
            group = [self._jobs.get()]
            while len(group) < MOST_GROUPED:
                try:
                    group.append(self._jobs.get_nowait())
                except queue.Empty:
                    break
            stop = None in group
            self._commit([job for job in group if job is not None])
        self._writer.close()

    def _commit(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._one(job)
            self._writer.execute("COMMIT")
        except Exception as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            for job in jobs:
                job.error = job.error or error
        by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        for job in jobs:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, done in by_loop.items():
            loop.call_soon_threadsafe(_deliver, done)

    def _one(self, job: _Job) -> None:
        """One work inside the group: if it fails, only what it did is undone."""
        self._writer.execute("SAVEPOINT work")
        try:
            job.answer = run_sync(self._writer, job.work)
        except Exception as error:
            self._writer.execute("ROLLBACK TO work")
            job.error = error
        self._writer.execute("RELEASE work")


def run_sync(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Run a work on a plain connection, inside whatever transaction is open."""
    execute: Callable[..., sqlite3.Cursor] = connection.execute
    rows: Rows | None = None
    try:
        while True:
            request: Ask = next(work) if rows is None else work.send(rows)
            compiled = compiler(request.statement)
            if isinstance(request.values, list):
                connection.executemany(compiled.sql, map(compiled.bind, request.values))
                rows = []
            else:
                rows = execute(compiled.sql, compiled.bind(request.values)).fetchall()
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


def _deliver(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.cancelled():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.answer)
