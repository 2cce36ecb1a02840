"""What the office's people have under way in this process, and what came of it. Knows no page and no request.

A file that was made lies in a folder of its own below the data folder, which goes when the work is dropped: after a
day, at the latest when the server starts again. Beside it lies a note of each long work under way, so that whoever asked
for it learns that the server ended meanwhile, and asks again with one button.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import structlog

from server.auth import Account
from server.errors import Problem
from server.registry import short_id

KEEP_SECONDS = 86_400
MOST_AT_ONCE = 2
"""Works under way at once, of all villages, and as many of those somebody waits for; the others wait for their turn."""
MOST_HELD = 20
"""Works of one person. The oldest one that has ended makes room."""
AT_ONCE = 5_000
"""Rows that are waited for; with more the work goes on by itself and its page says how far it is."""

log = structlog.get_logger()

State = Literal["waiting", "running", "ready", "failed", "stopped", "interrupted"]


class Stopped(Exception):
    """Somebody stopped the work. Nothing has changed."""


class Again(NamedTuple):
    """How a work is asked for again: the address to post these fields to, or to go to where there are none."""

    address: str
    fields: list[tuple[str, str]] | None = None


class Note(NamedTuple):
    """What is on the disk of a work under way."""

    village: str
    account: str
    action: str
    words: str
    values: dict[str, Any]
    begun_at: float
    again: Again


@dataclass(eq=False)
class Work:
    """One work. `words` is what it is, a message of text.py with its `values`; `action` is what its owner must be
    allowed. `done` of `total` rows. Of a work that is ready: `file` to fetch as `filename`, or an address it
    `leads_to`, with the `flash` to show there, and what that page needs: `told`, which is looked up by `key`. `problem`
    says why it failed."""

    id: str
    village: str
    account: str
    action: str
    words: str
    values: Mapping[str, Any]
    folder: Path
    again: Again
    begun_at: float = field(default_factory=time.time)
    done: int = 0
    total: int = 0
    state: State = "waiting"
    filename: str = ""
    media: str = ""
    leads_to: str = ""
    flash: str = ""
    key: tuple[object, ...] = ()
    told: Any = None
    problem: Exception | None = None
    may_stop: bool = True
    is_stopping: bool = False
    task: asyncio.Task[None] | None = None

    @property
    def file(self) -> Path:
        return self.folder / "file"

    @property
    def is_over(self) -> bool:
        return self.state in ("ready", "failed", "stopped", "interrupted")

    def tell(self, done: int, total: int | None = None) -> None:
        """How far it is; also from a thread. Raises Stopped when somebody has stopped it."""
        if self.is_stopping and self.may_stop:
            raise Stopped
        self.done = done
        if total is not None:
            self.total = total

    async def over(self) -> None:
        """Wait for it. Who waits may go away; the work goes on."""
        assert self.task is not None
        await asyncio.wait({self.task})

    def settle(self) -> None:
        """From here on it is carried through. Raises Stopped when somebody was faster."""
        if self.is_stopping:
            raise Stopped
        self.may_stop = False


class Works:
    """All works of this process, by their owners."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "works"
        self._held: dict[str, Work] = {}
        self._is_closing = False
        self._remove_files()
        for path in sorted(self._folder.glob("*.json"), key=os.path.getmtime):
            self._remember(path)
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._short_turns = asyncio.Semaphore(MOST_AT_ONCE)

    def begin(
        self,
        account: Account,
        action: str,
        do: Callable[[Work], Awaitable[None]],
        words: str,
        *,
        is_short: bool = False,
        again: Again,
        **values: Any,
    ) -> Work:
        """Begin a work of a person; one that is short has its turn beside the long ones, since somebody waits for it.
        Raises `busy` when all they may have are under way."""
        for old in self.of(account):
            if old.state == "interrupted" and old.again == again:
                self.drop(old)
        mine = self.of(account)
        if len(mine) >= MOST_HELD:
            over = [it for it in mine if it.is_over]
            if not over:
                raise Problem("busy", retry_after=10)
            self.drop(over[-1])
        id = short_id()
        work = Work(
            id, account.village, account.id, action, words, values, self._folder / id, again
        )
        self._held[id] = work
        if not is_short:
            self._note(work)
        turns = self._short_turns if is_short else self._turns
        work.task = asyncio.create_task(self._run(work, do, turns))
        return work

    async def _run(
        self, work: Work, do: Callable[[Work], Awaitable[None]], turns: asyncio.Semaphore
    ) -> None:
        try:
            async with turns:
                work.state = "running"
                work.folder.mkdir(parents=True, mode=0o700)
                await do(work)
                work.state = "ready"
        except (Stopped, asyncio.CancelledError):
            work.state = "stopped"
        except Exception as problem:
            # A refusal has its own sentence; anything else is told as what it is: not expected.
            work.state, work.problem = "failed", problem
            if not hasattr(problem, "message"):
                log.error("work_failed", work=work.id, exc_info=problem)
        if work.state != "ready":
            shutil.rmtree(work.folder, ignore_errors=True)
        if not (self._is_closing and work.state == "stopped"):
            self._path(work).unlink(missing_ok=True)

    def _path(self, work: Work) -> Path:
        return self._folder / f"{work.id}.json"

    def _note(self, work: Work) -> None:
        it = Note(
            work.village, work.account, work.action, work.words, dict(work.values), work.begun_at,
            work.again,
        )  # fmt: skip
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path(work).touch(0o600)
            self._path(work).write_bytes(msgspec.json.encode(it))
        except OSError as problem:  # then nobody is told; the work itself is done all the same
            log.warning("work_not_noted", work=work.id, error=str(problem))

    def _remember(self, path: Path) -> None:
        """A work that was under way when the server ended."""
        try:
            it = msgspec.json.decode(path.read_bytes(), type=Note)
        except (OSError, msgspec.DecodeError):
            path.unlink(missing_ok=True)
            return
        self._held[path.stem] = Work(
            path.stem, it.village, it.account, it.action, it.words, it.values,
            self._folder / path.stem, it.again, it.begun_at, state="interrupted",
        )  # fmt: skip

    def _remove_files(self) -> None:
        """Nobody remembers what these were."""
        for path in self._folder.glob("*/"):
            shutil.rmtree(path, ignore_errors=True)

    def of(self, account: Account) -> list[Work]:
        """A person's works, the newest first."""
        oldest = time.time() - KEEP_SECONDS
        for work in list(self._held.values()):
            if work.is_over and work.begun_at < oldest:
                self.drop(work)
        return [it for it in reversed(self._held.values()) if it.account == account.id]

    def find(self, account: Account, id: str) -> Work | None:
        """A person's own work; other people's are not there."""
        return next((it for it in self.of(account) if it.id == id), None)

    async def stop(self, work: Work) -> None:
        """Stop it where it may still be stopped, and see it end."""
        if work.is_over or work.task is None or not work.may_stop:
            return
        work.is_stopping = True
        work.task.cancel()
        await asyncio.wait({work.task})

    def drop(self, work: Work) -> None:
        """Forget one that is over, and throw its file away."""
        self._held.pop(work.id, None)
        shutil.rmtree(work.folder, ignore_errors=True)
        self._path(work).unlink(missing_ok=True)

    async def close(self) -> None:
        """The server ends: what is being written to the register is carried through, the rest ends."""
        self._is_closing = True
        tasks = []
        for work in self._held.values():
            if work.task is not None and not work.is_over:
                tasks.append(work.task)
                if work.may_stop:
                    work.is_stopping = True
                    work.task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._remove_files()
