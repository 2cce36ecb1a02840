"""Back up a running village into one verified file, and bring such a file back.

A backup is SQLite's own online copy: a reader's snapshot, taken in one step, so that writers go on
and what is copied is one moment. Nothing counts as a backup until the copy itself has passed
SQLite's integrity check and is on the disk under its name.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .words import Refusal


def copy(database: Path, target: Path) -> int:
    """Copy a database, in use or not, to a file that must not exist yet. Gives its size in bytes.

    The copy is a single file in rollback mode, without a write-ahead log beside it.
    """
    if target.exists():
        raise Refusal(f"{target} 已存在，不覆盖。", f"{target} exists and is not overwritten.")
    with partial(target) as unfinished:
        try:
            with closing(reading(database)) as source, closing(writing(unfinished)) as copied:
                source.backup(copied)
                copied.execute("PRAGMA journal_mode = DELETE")
            check(unfinished)
        except (sqlite3.Error, OSError) as error:
            raise Refusal(
                f"不能把 {database} 复制到 {target}：{error}",
                f"{database} can't be copied to {target}: {error}",
            ) from error
    return target.stat().st_size


def held(database: Path) -> list[list[Any]]:
    """How far a backup has come with each device: (village, device, generation, last seq)."""
    from server.registry.lineage import HELD

    with closing(reading(database)) as connection:
        return [list(row) for row in connection.execute(HELD)]


def check(database: Path) -> None:
    """Raises Refusal unless SQLite finds every page, index and reference sound."""
    try:
        with closing(reading(database)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
            dangling = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    except sqlite3.DatabaseError as error:
        found, dangling = [str(error)], 0
    if found != ["ok"] or dangling:
        what = "; ".join(found) if found != ["ok"] else f"{dangling} dangling references"
        raise Refusal(f"{database} 已损坏：{what}", f"{database} is damaged: {what}")


@contextmanager
def partial(target: Path) -> Iterator[Path]:
    """A name beside the target to write to; becomes the target when the block ends well."""
    unfinished = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        yield unfinished
        sync_to_disk(unfinished)
        unfinished.replace(target)
        sync_to_disk(target.parent)
    finally:
        for name in ("", "-wal", "-shm", "-journal"):
            unfinished.with_name(unfinished.name + name).unlink(missing_ok=True)


def reading(database: Path) -> sqlite3.Connection:
    """Read-only, so that it never checkpoints: only the server's writer does."""
    return sqlite3.connect(f"file:{quote(str(database.absolute()))}?mode=ro", uri=True)


def writing(database: Path) -> sqlite3.Connection:
    """Only the file's owner can read it: it holds a village's children."""
    os.close(os.open(database, os.O_CREAT | os.O_WRONLY, 0o600))
    return sqlite3.connect(database)


def sync_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
