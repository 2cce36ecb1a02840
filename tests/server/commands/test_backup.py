"""A backup is one moment of a database in use, proved sound before it is called one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.auth import Auth
from server.commands import backup, demo
from server.commands.words import Refusal
from server.registry import Registry
from server.settings import Settings


@pytest.fixture
def in_use(tmp_path: Path) -> Iterator[Path]:
    """A database whose last writes are still in the write-ahead log of an open connection."""
    database = tmp_path / "zoufang.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE visit (note TEXT)")
        connection.executemany("INSERT INTO visit VALUES (?)", [("走访",)] * 1000)
        connection.commit()
        yield database


def notes(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM visit").fetchone()[0])


def test_a_backup_holds_what_is_still_in_the_log(in_use: Path, tmp_path: Path) -> None:
    target = tmp_path / "backups" / "evening.db"

    size = backup.copy(in_use, target)

    assert size == target.stat().st_size
    assert notes(target) == 1000
    assert [path.name for path in target.parent.iterdir()] == ["evening.db"]
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_write_that_is_under_way_neither_waits_nor_gets_in(in_use: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(in_use)) as writer:
        writer.execute("INSERT INTO visit VALUES ('half')")

        backup.copy(in_use, tmp_path / "evening.db")
        writer.commit()

    assert notes(tmp_path / "evening.db") == 1000
    assert notes(in_use) == 1001


def test_an_earlier_backup_is_never_overwritten(in_use: Path, tmp_path: Path) -> None:
    target = tmp_path / "evening.db"
    target.write_bytes(b"yesterday's")

    with pytest.raises(Refusal, match="not overwritten"):
        backup.copy(in_use, target)

    assert target.read_bytes() == b"yesterday's"


@pytest.mark.parametrize("damage", ["no database", "torn page"])
def test_a_damaged_database_leaves_no_backup(in_use: Path, tmp_path: Path, damage: str) -> None:
    backup.copy(in_use, tmp_path / "sound.db")
    damaged = tmp_path / "damaged.db"
    content = bytearray((tmp_path / "sound.db").read_bytes())
    start = 0 if damage == "no database" else 4096
    content[start : start + 200] = b"\xff" * 200
    damaged.write_bytes(content)

    with pytest.raises(Refusal):
        backup.copy(damaged, tmp_path / "evening.db")

    assert not (tmp_path / "evening.db").exists()
    assert not list(tmp_path.glob("*.partial*"))


def test_a_missing_database_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"can't be copied"):
        backup.copy(tmp_path / "none.db", tmp_path / "evening.db")


async def test_the_demo_has_a_backup_from_its_start_and_a_new_one_at_the_next(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path)
    registry = await Registry.open(settings.database_url)
    auth = Auth(registry.database)
    await registry.create_village("990099998888", "青禾村", demo=True)

    await demo.back_up(registry, auth, settings)
    await demo.back_up(registry, auth, settings)

    last = await auth.last("990099998888", "backup")
    await registry.close()
    assert last is not None
    file = tmp_path / "backups" / last.subject
    assert file.stat().st_size == int(last.details)
    backup.check(file)
