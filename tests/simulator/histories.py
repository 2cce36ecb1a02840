"""Runs histories one after another on one database."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from unittest.mock import patch

from server.database import Database, open_database
from server.database.migrate import migrate
from sync import wire

from . import backups
from .acts import ACTS, edit_by
from .judge import compare_records, judge
from .network import arrive_late, sync
from .oracle import Violation
from .server import Clock, OneThread, Server, virtual
from .world import START, Report, World

SEEDS = Path(__file__).parent / "seeds.txt"
"""Seeds that once found something; one a line, with what it was."""


@dataclass
class Totals:
    """What many histories did."""

    histories: int = 0
    ops: int = 0
    conflicts: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)
    """Seed -> what was violated."""

    def add(self, report: Report) -> None:
        self.ops += report.ops
        self.conflicts += report.conflicts
        self.faults += report.faults
        self.acts += report.acts
        self.checked += report.checked


class Simulator:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.trace: list[str] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str = "") -> AsyncIterator[Simulator]:
        """On a database, or on an SQLite file of its own, without threads."""
        with tempfile.TemporaryDirectory(prefix="zoufang-simulator-") as folder:
            file = Path(folder) / "village.db"
            if not url:
                await migrate(f"sqlite:///{file}")
            database: Database = await open_database(url) if url else OneThread(str(file))
            try:
                yield cls(database)
            finally:
                await database.close()

    async def history(self, seed: int, *, eager: bool = False) -> Report:
        """One history. Raises `Violation`; `trace` then tells how it came about."""
        random, clock = Random(seed), Clock(START)
        village = f"9900{seed % 10**8:08d}"
        with virtual(clock, random), patch.object(wire, "MIN_BUDGET", 100):
            server = Server(self._database)
            world = World(server, village, seed, clock, random)
            world.eager = eager
            self.trace = world.report.trace
            await server.database.write(backups.clear(village))
            try:
                return await run(world)
            finally:
                await server.database.write(backups.clear(village))

    async def histories(self, seeds: Iterable[int]) -> Totals:
        """Many histories; what fails is noted and told at once, and the next one begins."""
        totals = Totals()
        for seed in seeds:
            totals.histories += 1
            try:
                totals.add(await self.history(seed))
            except Exception as error:
                totals.failed[seed] = f"{type(error).__name__}: {error}"
                print(f"{totals.failed[seed][:800]}\n  make simulate SEED={seed}", flush=True)
        return totals


async def run(world: World) -> Report:
    await world.begin()
    world.saves_meanwhile = edit_by
    children = [
        id
        for id, edits in sorted(world.oracle.of.items())
        if any(e.key == "hobby/01" for e in edits)
    ]
    world.hot = {world.random.choice(children)}
    names = [*ACTS]
    weights = [ACTS[name][0] for name in names]
    for _ in range(world.chances.steps):
        world.wait()
        [name] = world.random.choices(names, weights)
        await ACTS[name][1](world)
        if world.eager:
            await compare_records(world)
        world.report.acts[name] += 1
    await calm(world)
    return world.report


async def calm(world: World) -> None:
    """All faults end; everybody syncs until nothing is left to do."""
    world.quiet, world.saves_meanwhile = True, None
    world.say("quiet")
    world.server.database.dies_after = None
    while world.late:
        await arrive_late(world)
    for _ in range(4):
        for hand in world.hands:
            world.wait(60_000)
            if world.eager:
                await compare_records(world)
            if hand.active and not await sync(world, hand, most=60):
                raise Violation(f"I33: {hand.name} does not come to rest: {hand.phone.disk}")
    await judge(world)
    world.report.ops = len(world.oracle.log)


def kept_seeds() -> list[int]:
    return [
        int(line.split()[0])
        for line in SEEDS.read_text().splitlines()
        if line.strip() and line[0] != "#"
    ]
