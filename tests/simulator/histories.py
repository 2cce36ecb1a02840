"""Runs histories one after another on one database."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch

from server.database import Database, open_database
from sync import wire

from . import backups
from .server import Clock, Server, virtual
from .world import START, Report, World

SEEDS = Path(__file__).parent / "seeds.txt"
"""Seeds that once found something; one a line, with what it was."""


class Simulator:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.trace: list[str] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str = "") -> AsyncIterator[Simulator]:
        """On a database, or on an SQLite file of its own."""
        with tempfile.TemporaryDirectory(prefix="zoufang-simulator-") as folder:
            database = await open_database(url or f"sqlite:///{folder}/village.db")
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
                return await world.run()
            finally:
                await server.database.write(backups.clear(village))


def kept_seeds() -> list[int]:
    return [int(line.split()[0]) for line in SEEDS.read_text().splitlines() if line.strip() and line[0] != "#"]
