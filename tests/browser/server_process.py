"""A real server in a process of its own, on a data folder of its own: to be stopped, frozen and killed."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parent.parent.parent
READY_S = 60.0


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(holds: Callable[[], Awaitable[bool]], every: float = 0.02) -> None:
    """Waits for something outside the browser that nobody announces, at most `READY_S`."""
    began = asyncio.get_running_loop().time()
    while not await holds():
        if asyncio.get_running_loop().time() - began > READY_S:
            raise TimeoutError(f"{holds.__qualname__} did not come true in {READY_S:.0f} s")
        await asyncio.sleep(every)


class ServerProcess:
    """`zoufang serve` (or another command that serves) on one port for its whole life: phones know it
    by its address, so a restarted server has to be where it was."""

    def __init__(self, data: Path, command: str = "serve") -> None:
        self.data = data
        self.command = command
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Returns when it answers."""
        process = self._process = self._spawn()
        async with httpx2.AsyncClient() as client:

            async def answers() -> bool:
                if process.poll() is not None:
                    raise RuntimeError(f"The server ended:\n{self.said()}")
                return await self._answers(client)

            await until(answers)

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "server", self.command]
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--data", str(self.data), "--port", str(self.port)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def _answers(self, client: httpx2.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.address}/healthz")).status_code == 200
        except httpx2.TransportError:
            return False

    def said(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")

    def stop(self) -> None:
        """As systemd does it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut does it; also a frozen one."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def freeze(self) -> None:
        """It takes connections and never answers, until it is killed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def ops_stored(self) -> int:
        """How many ops of phones are on the disk, read past the server."""
        uri = f"file:{self.data / 'zoufang.db'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=5)) as database:
            row = database.execute(
                "select coalesce(sum(last_seq), 0) from device where kind = 'phone'"
            ).fetchone()
        return int(row[0])

    def newest_op_at(self) -> int:
        """The corrected time of the op of a phone that came last, ms."""
        uri = f"file:{self.data / 'zoufang.db'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=5)) as database:
            row = database.execute(
                "select coalesce(max(last_at), 0) from device where kind = 'phone'"
            ).fetchone()
        return int(row[0])

    def fill_aside(self, author: str, ops: int) -> None:
        """So many ops of a cut-off phone wait for the office, as whoever found it and speaks the protocol sends them: its
        last one over and over, under other numbers."""
        with closing(sqlite3.connect(self.data / "zoufang.db", timeout=5)) as database, database:
            database.execute(
                "with recursive n(seq) as (select 1 union all select seq + 1 from n where seq < ?)"
                " insert into op select village, device, 0, n.seq, 0, was, at, received_at, author,"
                " authority, copy_of, hash, body, given,"
                ' \'[{"seq":1,"change":-1,"verdict":"quarantined"}]\''
                " from n, (select * from op where author = ? order by received_at desc limit 1)",
                (ops, author),
            )

    async def until_stored(self, ops: int) -> None:
        """Returns in the moment that many ops of phones are on the disk."""

        async def stored() -> bool:
            return self.ops_stored() >= ops

        await until(stored, every=0)
