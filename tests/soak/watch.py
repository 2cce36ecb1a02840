"""What a server holds of the machine: read from outside, and how it grows by the hour."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

MEGABYTE = 1e6
RSS_MB_AN_HOUR = 1.0
WAL_MB = 64.0
LOG_KB_AN_HOUR = 100.0
MORE = 2
"""Open files of a moment: somebody's connection."""
SETTLED = 0.3
"""The share of a run in which caches fill; what grows is read from the rest."""


class Sample(NamedTuple):
    """One look. Sizes in 10^6 bytes."""

    hour: float
    syncs: int
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


def look(pid: int, data: Path, log: Path, temporary: Path, hour: float, syncs: int) -> Sample:
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
        syncs,
        int(status["VmRSS"].split()[0]) * 1024 / MEGABYTE,
        len(os.listdir(f"/proc/{pid}/fd")),
        int(status["Threads"]),
        log.stat().st_size / 1000,
        (data / "zoufang.db-wal").stat().st_size / MEGABYTE,
        (data / "zoufang.db").stat().st_size / MEGABYTE,
        sum(top not in BELONGS for top in found),
    )


class Finding(NamedTuple):
    """One line of the verdict."""

    what: str
    found: str
    wanted: str
    met: bool


def verdict(samples: Sequence[Sample]) -> list[Finding]:
    """What the settled part of a run says; needs at least four samples of it."""
    settled = [it for it in samples if it.hour >= samples[-1].hour * SETTLED]
    hours = [it.hour for it in settled]
    rss = slope(hours, [it.rss_mb for it in settled])
    log = slope(hours, [it.log_kb for it in settled])
    files, threads = spread([it.files for it in settled]), spread([it.threads for it in settled])
    wal = max(it.wal_mb for it in samples)
    left = samples[-1].left_over - samples[0].left_over
    return [
        Finding("memory", f"{rss:+.2f} MB an hour", f"< {RSS_MB_AN_HOUR:.0f}", rss < RSS_MB_AN_HOUR),
        Finding("open files", f"{files[0]} to {files[1]}, {files[2]:+d}", "flat", files[2] <= MORE),
        Finding("threads", f"{threads[0]} to {threads[1]}, {threads[2]:+d}", "flat", threads[2] <= 1),
        Finding("log", f"{log:+.1f} kB an hour", f"< {LOG_KB_AN_HOUR:.0f}", log < LOG_KB_AN_HOUR),
        Finding("write-ahead log", f"at most {wal:.0f} MB", f"< {WAL_MB:.0f}", wal < WAL_MB),
        Finding("files left over", f"{left:+d}", "0", left <= 0),
    ]  # fmt: skip


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
