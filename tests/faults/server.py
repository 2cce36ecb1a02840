"""kill -9 of the server while phones push and pull."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

from server.registry import Registry
from tests.server.test_faults import (
    CODE,
    Worker,
    acked,
    all_agree,
    online,
    prepare,
    work_until_killed,
)
from tests.server_process import ServerProcess

from .tally import Tally

LONGEST_S = 2.0
"""Long enough that a busy machine has acknowledged something before most kills."""


async def server_kills(what: str, url: str, data: Path, kills: int, chance: random.Random) -> Tally:
    """Four phones work; what they were told is stored is looked for in the register itself."""
    scene = await prepare(data, url)
    workers = [Worker(p, home, chance) for p, home in zip(scene.phones, scene.homes, strict=False)]
    os.environ["ZOUFANG_DATABASE_URL"] = url
    server = ServerProcess(data)
    told: set[str] = set()
    try:
        for _ in range(kills):
            await asyncio.to_thread(server.start)
            await work_until_killed(scene, workers, server.port, server.kill, chance, LONGEST_S)
            for worker in workers:
                # Each turn of a worker is two ops: an edit, then a child.
                told |= set(worker.made[: acked(worker.phone) // 2])
        await asyncio.to_thread(server.start)
        async with online(scene, server.port):
            await all_agree(scene)
    finally:
        server.stop()
        del os.environ["ZOUFANG_DATABASE_URL"]
    registry = await Registry.open(url)
    stored = [row.id for row in await registry.rows(CODE, "child")]
    await registry.close()
    made = {id for worker in workers for id in worker.made}
    return Tally(
        what, kills, len(told), len(told - set(stored)), len(stored) - len(made & set(stored))
    )
