"""What a soak would say of a server that grows; the soak itself is `make soak`."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.soak.watch import Sample, look, verdict

STEADY = [
    Sample(
        hour=hour, grows=hour <= 12, syncs=150 * hour, records=500 * min(hour, 12), rss_mb=180 + hour % 3, files=22, threads=8, log_kb=1.0,
        wal_mb=17, database_mb=5 + hour, left_over=0,
    )
    for hour in range(1, 25)
]  # fmt: skip


def missed(samples: list[Sample]) -> list[str]:
    return [it.what for it in verdict(samples) if not it.met]


def test_a_steady_server_passes_and_each_thing_that_grows_is_named() -> None:
    assert missed(STEADY) == []
    assert missed([it._replace(rss_mb=180 + 10 * it.hour) for it in STEADY]) == [
        "memory while nothing is added",
        "memory for 1,000 records added",
    ]
    assert missed([it._replace(files=20 + int(it.hour)) for it in STEADY]) == ["open files"]
    assert missed([it._replace(threads=int(it.hour)) for it in STEADY]) == ["threads"]
    assert missed([it._replace(log_kb=300 * it.hour) for it in STEADY]) == ["log"]
    assert missed([it._replace(wal_mb=6 * it.hour) for it in STEADY]) == ["write-ahead log"]
    assert missed([it._replace(left_over=int(it.hour)) for it in STEADY]) == ["files left over"]


def test_memory_that_a_growing_village_takes_is_no_leak_and_a_leak_beside_it_is_still_named() -> (
    None
):
    kept = [it._replace(rss_mb=180 + 0.007 * it.records) for it in STEADY]
    leaking = [it._replace(rss_mb=it.rss_mb + 1.3 * it.hour) for it in kept]

    assert missed(kept) == []
    assert missed(leaking) == ["memory while nothing is added"]


def test_what_fills_up_at_the_start_is_no_leak() -> None:
    assert missed([it._replace(rss_mb=min(100 + 40 * it.hour, 200)) for it in STEADY]) == []


def test_a_look_counts_what_a_process_and_its_folders_hold(tmp_path: Path) -> None:
    data, temporary, log = tmp_path / "data", tmp_path / "tmp", tmp_path / "log"
    for folder in (data, temporary, data / "uploads"):
        folder.mkdir()
    with closing(sqlite3.connect(data / "zoufang.db")) as database, database:
        database.execute("CREATE TABLE record (present)")
        database.execute("INSERT INTO record VALUES (true), (true), (false)")
    for name in ("zoufang.db-wal", "lock", "uploads/roster", "stray"):
        (data / name).write_bytes(b"x" * 1000)
    (temporary / "export").touch()
    log.write_bytes(b"x" * 2000)

    before = look(os.getpid(), data, log, temporary, 1, 150)
    with (data / "lock").open():
        after = look(os.getpid(), data, log, temporary, 2, 300)

    assert (before.records, before.rss_mb > 10) == (2, True)
    assert (before.log_kb, before.wal_mb, before.left_over) == (2.0, 0.001, 3)
    assert after.files == before.files + 1
