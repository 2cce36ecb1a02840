"""The real server of a simulated world: its HTTP door, registry and database, with time and luck handed in and
crashes planted around its transactions."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, TypeVar
from unittest.mock import patch

from starlette.applications import Starlette

from server.app import create_app
from server.auth import Auth
from server.database import Ask, Database, Work
from server.database.sqlite import connect, run_sync
from server.registry import Registry
from server.registry import ids as identifiers
from server.settings import Settings

T = TypeVar("T")


class Died(BaseException):
    """The server was killed in the middle of a request. (Not an `Exception`: nothing may handle it.)"""


class _Torn(Exception):
    """Leaves a transaction, so that the database undoes it as it would after a crash."""


class Clock:
    """Virtual time, ms. Stands in for the module `time` of the server's clock."""

    def __init__(self, now: int) -> None:
        self.now = now

    def time_ns(self) -> int:
        return self.now * 1_000_000


class Luck:
    """Seeded identifiers. Stands in for the module `secrets` of the server's identifiers."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def token_hex(self, size: int) -> str:
        return self._random.randbytes(size).hex()

    def randbits(self, bits: int) -> int:
        return self._random.getrandbits(bits)


@contextmanager
def virtual(clock: Clock, random: Random) -> Iterator[None]:
    """Server time and server identifiers come from the seed while this lasts."""
    with (
        patch.object(identifiers, "time", clock),
        patch.object(identifiers, "secrets", Luck(random)),
    ):
        yield


class OneThread:
    """SQLite without threads and without waiting for the disk: the same statements in the same transactions, and the
    same order every time. (Power cuts and threads are the matter of other tests.)"""

    def __init__(self, path: str) -> None:
        self._connection = connect(path)
        self._connection.execute("PRAGMA synchronous=OFF")
        self._noted: list[Work[Any]] = []

    async def write(self, work: Work[T]) -> T:
        await self.settle()
        return self._run(work, "COMMIT")

    async def read(self, work: Work[T]) -> T:
        return self._run(work, "ROLLBACK")

    glance = read

    def note(self, work: Work[Any]) -> None:
        self._noted.append(work)

    async def settle(self) -> None:
        noted, self._noted = self._noted, []
        for work in noted:
            self._run(work, "COMMIT")

    async def close(self) -> None:
        self._connection.close()

    def _run(self, work: Work[T], end: str) -> T:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = run_sync(self._connection, work)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute(end)
        return done


class Faulty:
    """A database whose next transaction can be made to die; everything else is the real one's."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.dies_after: int | None = None
        """Die in the next transaction after so many statements; -1: after its commit."""
        self.died = ""
        """Where it died last."""
        self.between: Callable[[], Awaitable[None]] | None = None
        """Something that slips in right after the next commit."""

    async def write(self, work: Work[T]) -> T:
        plan, self.dies_after = self.dies_after, None
        slip, self.between = self.between, None
        try:
            done = await self.real.write(work if plan in (None, -1) else _torn(work, plan))
        except _Torn:
            self.died = "before commit"
            raise Died from None
        if plan == -1:
            self.died = "after commit"
            raise Died
        if slip is not None:
            await slip()
        return done

    async def read(self, work: Work[T]) -> T:
        return await self.real.read(work)

    async def glance(self, work: Work[T]) -> T:
        return await self.real.glance(work)

    def note(self, work: Work[None]) -> None:
        self.real.note(work)

    async def settle(self) -> None:
        await self.real.settle()

    async def close(self) -> None:
        await self.real.close()


def _torn(work: Work[T], statements: int | None) -> Work[T]:
    """A work that dies after some of its statements, or before its commit if it has fewer."""
    assert statements is not None
    rows = None
    try:
        while True:
            request: Ask = next(work) if rows is None else work.send(rows)
            if statements == 0:
                raise _Torn
            statements -= 1
            rows = yield request
    except StopIteration:
        raise _Torn from None


class Server:
    """The server process. `restart` forgets all it had in memory."""

    def __init__(self, database: Database) -> None:
        self.database = Faulty(database)
        self.restart()

    def restart(self) -> None:
        self.registry = Registry(self.database)
        self.auth = Auth(self.database)
        self.app: Starlette = create_app(Settings(), registry=self.registry)
        self.app.state.settings = Settings()
        self.app.state.registry = self.registry
        self.app.state.auth = self.auth

    async def post(self, path: str, body: bytes, token: str = "") -> tuple[int, dict[str, Any]]:
        """(status, decoded answer). Raises `Died`."""
        sent: list[dict[str, Any]] = []
        headers = [
            (b"content-type", b"application/json"),
            (b"authorization", f"Bearer {token}".encode()),
        ]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": b"", "headers": headers, "client": ("phone", 1), "server": ("village", 80),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], json.loads(answer)
