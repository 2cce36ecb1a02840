"""What a server holds of the machine: read from outside, and how it grows by the hour."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

MEGABYTE = 1e6
RSS_MB_AN_HOUR = 1.0
"""While nothing is added."""
RSS_MB_A_THOUSAND = 12.0
"""For each 1,000 records added: their rows and what the office's pages know of them are kept in memory on purpose."""
WAL_MB = 64.0
LOG_KB_AN_HOUR = 100.0
MORE = 2
"""Open files of a moment: somebody's connection."""
SETTLED = 0.3
"""The share of a run, or of one part of it, in which caches fill; what grows is read from the rest."""


class Sample(NamedTuple):
    """One look. Sizes in 10^6 bytes."""

    hour: float
    grows: bool
    """Whether records were added meanwhile."""
    syncs: int
    records: int
    """That are there."""
    rss_mb: float
    files: int
    """Open ones, sockets included."""
    threads: int
    log_kb: float
    wal_mb: float
    database_mb: float
    left_over: int
    """Files in the data folder and the folder for temporary ones, beside the database and what belongs to it."""


BELONGS = frozenset(
    {"zoufang.db", "zoufang.db-wal", "zoufang.db-shm", "lock", "orders.json", "works"}
)
"""`works`: what the office had made stays for a day, twenty of each person."""


def look(
    pid: int, data: Path, log: Path, temporary: Path, hour: float, syncs: int, *, grows: bool = True
) -> Sample:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    found = [
        path.relative_to(top).parts[0]
        for top in (data, temporary)
        for path in top.rglob("*")
        if path.is_file()
    ]
    return Sample(
        hour,
        grows,
        syncs,
        records(data),
        int(status["VmRSS"].split()[0]) * 1024 / MEGABYTE,
        len(os.listdir(f"/proc/{pid}/fd")),
        int(status["Threads"]),
        log.stat().st_size / 1000,
        (data / "zoufang.db-wal").stat().st_size / MEGABYTE,
        (data / "zoufang.db").stat().st_size / MEGABYTE,
        sum(top not in BELONGS for top in found),
    )


def records(data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'zoufang.db'}?mode=ro", uri=True)) as reading:
        [(count,)] = reading.execute("SELECT count(*) FROM record WHERE present")
    return int(count)


class Finding(NamedTuple):
    """One line of the verdict."""

    what: str
    found: str
    wanted: str
    met: bool


def verdict(samples: Sequence[Sample]) -> list[Finding]:
    """What the settled part of a run says, in which the village first grows and then stands still for as long; needs at
    least eight samples of it."""
    settled = _settled(samples)
    growing = _settled([it for it in samples if it.grows])
    still = _settled([it for it in samples if not it.grows])
    added = slope([it.records for it in growing], [it.rss_mb for it in growing]) * 1000
    rss = slope([it.hour for it in still], [it.rss_mb for it in still])
    log = slope([it.hour for it in settled], [it.log_kb for it in settled])
    files, threads = spread([it.files for it in settled]), spread([it.threads for it in settled])
    wal = max(it.wal_mb for it in samples)
    left = samples[-1].left_over - samples[0].left_over
    return [
        Finding("memory while nothing is added", f"{rss:+.2f} MB an hour", f"< {RSS_MB_AN_HOUR:.0f}", rss < RSS_MB_AN_HOUR),
        Finding("memory for 1,000 records added", f"{added:+.1f} MB", f"< {RSS_MB_A_THOUSAND:.0f}", added < RSS_MB_A_THOUSAND),
        Finding("open files", f"{files[0]} to {files[1]}, {files[2]:+d}", "flat", files[2] <= MORE),
        Finding("threads", f"{threads[0]} to {threads[1]}, {threads[2]:+d}", "flat", threads[2] <= 1),
        Finding("log", f"{log:+.1f} kB an hour", f"< {LOG_KB_AN_HOUR:.0f}", log < LOG_KB_AN_HOUR),
        Finding("write-ahead log", f"at most {wal:.0f} MB", f"< {WAL_MB:.0f}", wal < WAL_MB),
        Finding("files left over", f"{left:+d}", "0", left <= 0),
    ]  # fmt: skip


def _settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    first, last = samples[0].hour - 1, samples[-1].hour
    return [it for it in samples if it.hour >= first + (last - first) * SETTLED]


def spread(values: Sequence[int]) -> tuple[int, int, int]:
    """(least, most, how much the second half's middle is above the first half's)."""
    half = len(values) // 2
    middle = [sorted(part)[len(part) // 2] for part in (values[:half], values[half:])]
    return min(values), max(values), middle[1] - middle[0]


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """How much y grows with each x, by least squares."""
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    over = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
    return over / sum((a - x) ** 2 for a in xs)
