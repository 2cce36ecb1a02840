"""The two servers as processes, and what the system says of them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.server_process import ROOT, free_port, wait_for

TICKS = os.sysconf("SC_CLK_TCK")


class Running(NamedTuple):
    """A server that listens."""

    pid: int
    port: int
    ready_s: float
    """Seconds from its start until it listened."""

    def cpu_s(self) -> float:
        """Seconds of one core it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        """Resident now, in 10^6 bytes."""
        return self._status_mb("VmRSS")

    def peak_mb(self) -> float:
        """The most that was ever resident."""
        return self._status_mb("VmHWM")

    def _status_mb(self, name: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        [kilobytes] = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
        return int(kilobytes) * 1024 / 1e6


@contextlib.contextmanager
def running(*command: str | Path, port: int, database: str = "") -> Iterator[Running]:
    begun = time.monotonic()
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / ".cache/bench")}
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | compiled | ({"ZOUFANG_DATABASE_URL": database} if database else {}),
        stderr=subprocess.PIPE,
    )
    try:
        try:
            wait_for(port, process)
        except TimeoutError:
            process.kill()
            sys.exit(process.communicate()[1].decode())
        yield Running(process.pid, port, time.monotonic() - begun)
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def ours(data: Path, database: str = "") -> Iterator[Running]:
    """On SQLite in its data folder, or on the PostgreSQL of that address."""
    port = free_port()
    command = ("server", "serve", "--data", data, "--port", str(port))
    with running(*command, port=port, database=database) as server:
        yield server


@contextlib.contextmanager
def floor(file: Path) -> Iterator[Running]:
    port = free_port()
    with running("tests.bench.floor", file, str(port), port=port) as server:
        yield server
