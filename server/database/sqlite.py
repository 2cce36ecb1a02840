"""SQLite: one writer thread with group commit, a few read-only readers.

One process writes, on one plain connection, in one thread; only that connection checkpoints. SQLite before
3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the same instant; with one
writer that cannot happen. A request's whole work runs in that thread without hopping back for each statement
(an await per statement costs a factor of four), and requests that wait together share one commit, so one
fsync serves many phones. Readers are aiosqlite connections opened read-only; a read, too, is one hop. Only a glance at a few rows is taken in
the event loop itself, where it is over before a thread would have begun.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from contextlib import closing
from typing import Any, TypeVar
from urllib.parse import quote

import aiosqlite
import structlog
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect

from . import Ask, Busy, Rows, Work
from .statement import Compiler

T = TypeVar("T")

READERS = 3
MOST_WAITING = 2_000
"""Works in the writer's queue; beyond this the server says it is busy instead of piling up."""
MOST_GROUPED = 64
"""Works in one commit."""
NOTES_WAIT_S = 0.1
"""How long notes are gathered, so that many share one commit."""

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an answer to a push promises the disk, not the cache
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA cache_size=-4000",  # kB; the system caches the file too, and what SQLite holds it never gives back
    "PRAGMA wal_autocheckpoint=4000",
)

compiler = Compiler(sqlite_dialect(), lists_as_json=True)
log = structlog.get_logger()


def connect(path: str) -> sqlite3.Connection:
    """The writing connection. Transactions are begun by hand; it may be handed to one other thread."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


def version_of(path: str) -> str:
    """The migration that made a file what it is; '' if it is none of ours yet."""
    try:
        with closing(_reading(path)) as connection:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except (sqlite3.OperationalError, TypeError):
        return ""


class _Job:
    """A work in the queue, and where its answer is awaited. Nobody awaits a note."""

    __slots__ = ("answer", "error", "future", "loop", "work")

    def __init__(self, work: Work[Any], *, awaited: bool = True) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop() if awaited else None
        self.future: asyncio.Future[Any] | None = self.loop.create_future() if self.loop else None
        self.answer: Any = None
        self.error: BaseException | None = None


class Reader(aiosqlite.Connection):
    """A read-only connection that runs a whole work in its thread."""

    async def run(self, work: Work[T]) -> T:
        answer: T = await self._execute(_snapshot, self._conn, work)  # type: ignore[no-untyped-call]
        return answer


class SqliteDatabase:
    """A village's register in one file."""

    def __init__(self, path: str, writer: sqlite3.Connection, readers: list[Reader]) -> None:
        self.path = path
        self._writer = writer
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._noted: list[_Job] = []
        self._readers: asyncio.Queue[Reader] = asyncio.Queue()
        self._all_readers = readers
        for reader in readers:
            self._readers.put_nowait(reader)
        self._glancing = _reading(path)
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: str) -> SqliteDatabase:
        writer = connect(path)
        readers = [Reader(lambda: _reading(path), iter_chunk_size=64) for _ in range(READERS)]
        for reader in readers:
            await reader
        return cls(path, writer, readers)

    async def write(self, work: Work[T]) -> T:
        if self._jobs.qsize() > MOST_WAITING:
            work.close()
            raise Busy
        job = _Job(work)
        assert job.future is not None
        self._jobs.put(job)
        answer: T = await asyncio.shield(job.future)
        return answer

    def note(self, work: Work[None]) -> None:
        if self._jobs.qsize() > MOST_WAITING:
            work.close()
            return
        if not self._noted:
            asyncio.get_running_loop().call_later(NOTES_WAIT_S, self._hand_over)
        self._noted.append(_Job(work, awaited=False))

    def _hand_over(self) -> None:
        """Give the writer what was noted since, all at once: waking it for each costs more than the note."""
        for job in self._noted:
            self._jobs.put(job)
        self._noted.clear()

    async def settle(self) -> None:
        self._hand_over()
        await self.write(_nothing())

    async def read(self, work: Work[T]) -> T:
        reader = await self._readers.get()
        try:
            return await reader.run(work)
        finally:
            self._readers.put_nowait(reader)

    async def glance(self, work: Work[T]) -> T:
        return _snapshot(self._glancing, work)

    async def close(self) -> None:
        self._glancing.close()
        for reader in self._all_readers:  # first: the writer, as the last, folds the log in
            await reader.close()
        self._all_readers = []
        if self._thread.is_alive():
            self._hand_over()
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)

    # From here on: the writer's thread.

    def _run(self) -> None:
        group: list[_Job | None] = []
        while None not in group:
            group = self._gather()
            self._commit([job for job in group if job is not None])
        self._writer.close()

    def _gather(self) -> list[_Job | None]:
        """The jobs of the next commit; the last is None when there is no further one."""
        group = [self._jobs.get()]
        while len(group) < MOST_GROUPED and group[-1] is not None and not self._jobs.empty():
            group.append(self._jobs.get())
        return group

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
            if job.loop is not None:
                by_loop.setdefault(job.loop, []).append(job)
            elif job.error is not None:
                log.warning("note_lost", error=str(job.error))
        for loop, done in by_loop.items():
            loop.call_soon_threadsafe(_deliver, done)

    def _one(self, job: _Job) -> None:
        """One work inside the group: if it fails, only what it did is undone."""
        self._writer.execute("SAVEPOINT work")
        try:
            job.answer = run_sync(self._writer, job.work)
        except Exception as error:
            if not self._writer.in_transaction:  # a full disk: SQLite has undone the whole group
                raise
            self._writer.execute("ROLLBACK TO work")
            job.error = error
        self._writer.execute("RELEASE work")


def _reading(path: str) -> sqlite3.Connection:
    reader = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None)
    reader.execute("PRAGMA query_only=ON")
    return reader


def _snapshot(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Run a work of selects at one moment of the database."""
    connection.execute("BEGIN")
    try:
        return run_sync(connection, work)
    finally:
        connection.execute("ROLLBACK")


def _nothing() -> Work[None]:
    return
    yield


def run_sync(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Run a work on a plain connection, inside whatever transaction is open."""
    execute = connection.execute
    rows: Rows | None = None
    try:
        while True:
            request: Ask = next(work) if rows is None else work.send(rows)
            compiled = compiler(request.statement)
            if isinstance(request.values, list):
                connection.executemany(compiled.sql, map(compiled.bind_each, request.values))
                rows = []
            else:
                rows = execute(compiled.sql, compiled.bind(request.values)).fetchall()
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


def _deliver(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future is None or job.future.cancelled():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.answer)
