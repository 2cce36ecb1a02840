"""The database: one small vocabulary, two drivers.

A *work* is a generator that yields statements and receives their rows. It holds the logic of one transaction and
knows no driver, so the same work runs on SQLite's writer thread and on PostgreSQL's connection:

    def rename(village: str, name: str) -> Work[None]:
        yield ask(UPDATE_VILLAGE, village=village, name=name)

`Database.write` runs a work in one transaction and returns after it is safely on disk; `Database.read` runs it in
one read-only snapshot; `Database.note` does not wait. Statements are SQLAlchemy Core, compiled once per dialect.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy.sql.base import Executable

NEWEST = max(path.name[:4] for path in Path(__file__).parent.glob("migrations/versions/0*.py"))
"""The schema of this version."""

T = TypeVar("T")
Rows = list[Sequence[Any]]


class Ask(NamedTuple):
    """One statement with its values, or with a list of them to run it once for each."""

    statement: Executable
    values: dict[str, Any] | list[dict[str, Any]]


Work = Generator[Ask, Rows, T]


def ask(statement: Executable, **values: Any) -> Ask:
    """A statement that is run once; its rows come back."""
    return Ask(statement, values)


def ask_each(statement: Executable, values: list[dict[str, Any]]) -> Ask:
    """A statement that is run for each set of values; no rows come back."""
    return Ask(statement, values)


class Database(Protocol):
    """Where works are run. Either everything of a work is done, or nothing."""

    async def write(self, work: Work[T]) -> T:
        """Run a work in one transaction. Returns after commit and fsync."""
        ...

    def note(self, work: Work[None]) -> None:
        """Run a work soon, in an order after the writes before it. Nobody waits for it; should it fail, or the
        server be killed, it is lost: for what is good to know and nobody was promised."""
        ...

    async def settle(self) -> None:
        """Return when what was noted before is there to be read."""
        ...

    async def read(self, work: Work[T]) -> T:
        """Run a work of selects; all of them see one moment."""
        ...

    async def glance(self, work: Work[T]) -> T:
        """Read a few rows by their keys. A read, but without the hop to a thread where that would take longer
        than the look itself."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go. Later calls fail."""
        ...


class Busy(Exception):
    """The database cannot take more at the moment; the caller may try again later."""


async def open_database(url: str) -> Database:
    """A database by its address, migrated to this version: `sqlite:///file` or `postgresql://…`.

    Raises `ValueError` for any other address.
    """
    if url.startswith("sqlite:///"):
        from .sqlite import SqliteDatabase, version_of

        path = url.removeprefix("sqlite:///")
        if version_of(path) != NEWEST:
            await _migrate(url)
        return await SqliteDatabase.open(path)
    if url.startswith("postgresql://"):
        await _migrate(url)
        from .postgres import PostgresDatabase

        return await PostgresDatabase.open(url)
    raise ValueError(f"{url!r} is neither sqlite:///FILE nor postgresql://…")


async def _migrate(url: str) -> None:
    from .migrate import (
        migrate,
    )  # with Alembic, ten megabytes that a server that is up to date does without

    await migrate(url)
