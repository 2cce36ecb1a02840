"""Some hundred histories on every run; `make simulate` runs as many as you like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .histories import Simulator, Totals, kept_seeds

HISTORIES = 400
FIRST = 100_000
FAULTS = (
    "lost request", "lost answer", "duplicate", "late request", "reordered", "overtaken", "stale replay",
    "cut request", "server crash before commit", "server crash after commit", "server restart", "restore",
    "unknown after restore", "phone crash", "phone restart", "clone", "roll back", "eviction", "revoked",
    "clock is wrong", "clock jump", "corrupt row", "lost row", "surplus row", "malformed op",
)  # fmt: skip
CHECKED = [f"I{n}" for n in (*range(1, 10), *range(12, 31), 33)]
"""I10, I11, I31 and I32 have tests of their own."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def totals() -> AsyncIterator[Totals]:
    async with Simulator.open() as simulator:
        yield await simulator.histories(range(FIRST, FIRST + HISTORIES))


async def test_no_history_breaks_an_invariant(totals: Totals) -> None:
    assert totals.failed == {}
    assert totals.histories == HISTORIES


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_kind_of_fault_really_happens(totals: Totals, fault: str) -> None:
    assert totals.faults[fault] > 0


@pytest.mark.parametrize("invariant", CHECKED)
async def test_every_invariant_is_checked_with_something_at_stake(
    totals: Totals, invariant: str
) -> None:
    assert totals.checked[invariant] > 0


@pytest.mark.parametrize("seed", kept_seeds())
async def test_a_seed_that_once_found_something_holds(seed: int) -> None:
    async with Simulator.open() as simulator:
        await simulator.history(seed)


async def test_the_same_seed_tells_the_same_story() -> None:
    async with Simulator.open() as simulator:
        stories = [(await simulator.history(seed)).trace for seed in (7, 8, 7, 8)]
    assert stories[:2] == stories[2:]


async def test_histories_hold_on_the_threads_and_disk_of_sqlite(tmp_path: Path) -> None:
    async with Simulator.open(f"sqlite:///{tmp_path}/village.db") as simulator:
        assert (await simulator.histories(range(FIRST, FIRST + 15))).failed == {}


async def test_histories_hold_on_postgresql(postgresql_url: str) -> None:
    async with Simulator.open(postgresql_url) as simulator:
        assert (await simulator.histories(range(FIRST, FIRST + 40))).failed == {}
