"""Backups of one village, taken and brought back row by row, the same on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, select

from server.database import Work, ask, ask_each
from server.database.schema import metadata
from server.database.schema import village as village_table
from server.database.statement import insert_new
from server.registry import lineage
from server.registry.ids import now_ms

TABLES = [table for table in metadata.sorted_tables if "village" in table.c]
READ = {t.name: select(t).where(t.c.village == bindparam("v")) for t in TABLES}
CLEAR = {t.name: delete(t).where(t.c.village == bindparam("v")) for t in TABLES}
WRITE = {t.name: insert_new(t) for t in TABLES}
EPOCH = select(village_table.c.epoch, village_table.c.rev).where(
    village_table.c.village == bindparam("v")
)

Backup = dict[str, list[dict[str, Any]]]


def take(village: str) -> Work[Backup]:
    held: Backup = {}
    for table in TABLES:
        names = [column.name for column in table.columns]
        rows = yield ask(READ[table.name], v=village)
        held[table.name] = [dict(zip(names, row, strict=True)) for row in rows]
    return held


def newest(backup: Backup) -> list[tuple[str, str, int, int]]:
    """What phones may forget once this backup is safe: (village, device, generation, seq)."""
    return [
        (row["village"], row["id"], row["generation"], row["last_seq"]) for row in backup["device"]
    ]


def bring_back(village: str, backup: Backup) -> Work[tuple[int, int]]:
    """The register as it was, as a new lineage. Returns the range of revs that are lost: (after, up to)."""
    yield from clear(village)
    for name, rows in backup.items():
        if rows:
            yield ask_each(WRITE[name], rows)
    [[old, rev]] = yield ask(EPOCH, v=village)
    resumed = yield from lineage.begin(village, old, rev, now_ms())
    return rev, resumed


def clear(village: str) -> Work[None]:
    """Nothing of the village is left."""
    for table in TABLES:
        yield ask(CLEAR[table.name], v=village)
