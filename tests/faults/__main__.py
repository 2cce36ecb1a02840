"""`python -m tests.faults [-n 30] [--seed 1]`: kills shared among a phone's browser and servers on both databases."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import started_postgresql
from tests.server_process import ROOT

from .phone import phone_kills
from .server import server_kills
from .tally import Tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("-n", type=int, default=30, help="kills altogether")
    parser.add_argument("--seed", type=int, default=None)
    chosen = parser.parse_args()
    seed = chosen.seed if chosen.seed is not None else random.randrange(10**6)
    chance = random.Random(seed)
    share = max(1, chosen.n // 3)
    subprocess.run(
        [sys.executable, ROOT / "pwa" / "build.py", "build"], check=True, stdout=subprocess.DEVNULL
    )
    began = time.monotonic()
    print(
        f"seed {seed}\n\n| killed | kills | acknowledged | lost | surplus |\n|---|---|---|---|---|"
    )
    tallies: list[Tally] = []
    with _folder() as folder:
        url = f"sqlite:///{folder / 'zoufang.db'}"
        tallies.append(
            _told(asyncio.run(server_kills("server on SQLite", url, folder, share, chance)))
        )
    with started_postgresql() as url, _folder() as folder:
        tallies.append(
            _told(asyncio.run(server_kills("server on PostgreSQL", url, folder, share, chance)))
        )
    with _folder() as folder:
        rest = max(1, chosen.n - 2 * share)
        tallies.append(_told(asyncio.run(phone_kills(folder, rest, chance))))
    lost, surplus = sum(it.lost for it in tallies), sum(it.surplus for it in tallies)
    kills, acknowledged = sum(it.kills for it in tallies), sum(it.acknowledged for it in tallies)
    print(f"\n{lost} acknowledged records lost in {kills} kills", end="")
    print(
        f" ({acknowledged:,} acknowledged, {surplus} stored twice, {time.monotonic() - began:.0f} s)"
    )
    return 1 if lost or surplus or not all(it.acknowledged for it in tallies) else 0


def _told(tally: Tally) -> Tally:
    print("| " + " | ".join(map(str, tally)) + " |", flush=True)
    return tally


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zoufang-faults-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
