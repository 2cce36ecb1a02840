"""Bring a backup back into an empty data folder, as a new lineage.

The epoch changes before the database gets its name: no server can ever start on a restored
register that still claims to be the one it was copied from.
"""

import asyncio
import shutil
from contextlib import closing
from pathlib import Path

from server.settings import Settings

from .backup import check, partial, writing
from .lock import Held, hold
from .words import Refusal


def database_file(settings: Settings) -> Path:
    """Raises Refusal where the database is PostgreSQL, which has tools of its own for this."""
    if not settings.database_url.startswith("sqlite:///"):
        raise Refusal(
            "数据库是 PostgreSQL，请用 pg_dump 和 pg_restore 备份与恢复。",
            "The database is PostgreSQL: back up and restore it with pg_dump and pg_restore.",
        )
    return Path(settings.database_url.removeprefix("sqlite:///"))


def restore(settings: Settings, backup: Path) -> Path:
    """Gives the database's path. Raises Refusal, with nothing changed, unless the folder is empty."""
    database = database_file(settings)
    if not backup.is_file():
        raise Refusal(f"没有找到 {backup}。", f"There is no {backup}.")
    try:
        with hold(settings.data):
            if database.exists():
                raise Refusal(
                    f"{database} 已存在，只能恢复到空的数据目录。",
                    f"{database} exists; a backup is restored into an empty data folder only.",
                )
            check(backup)
            with partial(database) as unfinished:
                shutil.copyfile(backup, unfinished)
                unfinished.chmod(0o600)
                asyncio.run(fork(unfinished))
                with closing(writing(unfinished)) as connection:
                    connection.execute("PRAGMA journal_mode = DELETE")  # the log's content goes in
                check(unfinished)
    except Held:
        raise Refusal(
            f"服务器正在使用 {settings.data}，请先停止它。",
            f"A server is using {settings.data}; stop it first.",
        ) from None
    return database


async def fork(database: Path) -> None:
    """Bring the database to this version of the program and begin a new epoch in each village."""
    from server.registry import Registry, lineage, now_ms

    registry = await Registry.open(f"sqlite:///{database}")
    try:
        await registry.database.write(lineage.fork(now_ms()))
    finally:
        await registry.close()
