"""Real server processes: started, killed, started again on the same data. Some are made to fail on purpose.

`ServerProcess` is the server as people run it. `faulty` is the same server with a fault in its writing
connection, forked from a process that has everything imported, so that a test can afford dozens.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, NamedTuple

from tests.read_only import make_read_only

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 30.0
DIED = 77
"""Exit code of a server that ended itself on purpose."""

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    [
        "server.commands.serve",
        "server.database.migrate",
        "server.database.sqlite",
        "uvicorn.lifespan.on",
    ]
)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


class ServerProcess:
    """`zoufang serve` on a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start and wait until it listens; returns the seconds that took."""
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "server",
                "serve",
                "--data",
                self.data,
                "--port",
                str(self.port),
            ],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.port)
        return time.monotonic() - begun

    def kill(self) -> None:
        """SIGKILL: no handler, no farewell."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Return once somebody listens on a port. Raises TimeoutError, at once when the process has ended."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and (process is None or process.poll() is None):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise TimeoutError(f"nobody listens on port {port}")


def left_behind(data: Path, to: Path) -> sqlite3.Connection:
    """The database as its files are now, opened on a copy: what a restart would find."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    for name in ("zoufang.db", "zoufang.db-wal"):
        if (data / name).exists():
            shutil.copy(data / name, to / name)
    return sqlite3.connect(to / "zoufang.db")


# A server with a fault


class Fault(NamedTuple):
    """What goes wrong in the writing connection, counted from the first transaction of the process."""

    die_after: int = 0
    """End the process as soon as this many statements have returned."""
    hold_commit: tuple[Event, Event] | None = None
    """(COMMIT was asked for, it may go on)."""
    more_pages: int = -1
    """The database may grow by this many pages only, as on a full disk …"""
    roomy: Event | None = None
    """… until this is set."""
    largest_file: int = 0
    """No file of this process may grow beyond this many bytes."""
    read_only: tuple[Event, Event] | None = None
    """(once this is set, its disk is read-only; it is now)."""


@contextlib.contextmanager
def faulty(data: Path, fault: Fault) -> Iterator[tuple[BaseProcess, int]]:
    """The server's process and port, in a forked process, until the block ends."""
    port = free_port()
    process = forks.Process(target=_serve, args=(data, port, fault), daemon=True)
    process.start()
    try:
        wait_for(port)
        yield process, port
    finally:
        process.kill()
        process.join()


def _serve(data: Path, port: int, fault: Fault) -> None:
    from server.commands.serve import serve
    from server.database import sqlite
    from server.settings import Settings

    def connect(path: str) -> sqlite3.Connection:
        made = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        for pragma in sqlite.PRAGMAS:
            made.execute(pragma)
        made.fault = fault
        if fault.more_pages >= 0:
            [pages] = made.execute("PRAGMA page_count").fetchone()
            made.execute(f"PRAGMA max_page_count={pages + fault.more_pages}")
        return made

    sqlite.connect = connect
    if fault.largest_file:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.largest_file, hard))
    if fault.read_only:
        threading.Thread(target=_turn_read_only, args=(data, *fault.read_only), daemon=True).start()
    serve(Settings(data=data), "127.0.0.1", port)


def _turn_read_only(data: Path, wanted: Event, done: Event) -> None:
    wanted.wait()
    make_read_only(data)
    done.set()


class _Connection(sqlite3.Connection):
    """The writing connection, with the fault in its statements."""

    fault = Fault()
    statements = 0

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN") and self.fault.roomy is not None and self.fault.roomy.is_set():
            super().execute("PRAGMA max_page_count=1073741823")
        if sql == "COMMIT" and self.fault.hold_commit is not None:
            reached, go_on = self.fault.hold_commit
            reached.set()
            assert go_on.wait(PATIENCE_S)
        cursor = super().execute(sql, *values)
        self._returned(sql)
        return cursor

    def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
        cursor = super().executemany(sql, rows)
        self._returned(sql)
        return cursor

    def _returned(self, sql: str) -> None:
        if self.statements or sql.startswith("BEGIN"):
            self.statements += 1
        if self.statements == self.fault.die_after > 0:
            os._exit(DIED)
