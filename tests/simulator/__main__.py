"""`make simulate N=2000` runs many histories; `make simulate SEED=123` tells one of them step by step."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter

from .histories import Simulator
from .oracle import Violation


async def main() -> int:
    reader = argparse.ArgumentParser(prog="simulate")
    reader.add_argument("-n", type=int, default=2000)
    reader.add_argument("--seed", type=int)
    reader.add_argument("--first", type=int, default=1)
    reader.add_argument("--database", default="")
    asked = reader.parse_args()
    async with Simulator.open(asked.database) as simulator:
        if asked.seed is not None:
            return await tell(simulator, asked.seed)
        return await count(simulator, range(asked.first, asked.first + asked.n))


async def tell(simulator: Simulator, seed: int) -> int:
    try:
        report = await simulator.history(seed, eager=True)
    except Exception as error:
        print("\n".join(simulator.trace))
        print(f"\n{type(error).__name__}: {error}")
        if not isinstance(error, Violation):
            raise
        return 1
    print("\n".join(report.trace))
    print("\nno violation")
    return 0


async def count(simulator: Simulator, seeds: range) -> int:
    faults: Counter[str] = Counter()
    acts: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    ops = conflicts = 0
    failed: list[int] = []
    began = time.perf_counter()
    for seed in seeds:
        try:
            report = await simulator.history(seed)
        except Exception as error:
            failed.append(seed)
            print(f"{type(error).__name__}: {str(error)[:600]}\n  replay: make simulate SEED={seed}", flush=True)
            continue
        ops, conflicts = ops + report.ops, conflicts + report.conflicts
        faults += report.faults
        acts += report.acts
        checked += report.checked
    seconds = time.perf_counter() - began
    print(f"{len(seeds)} histories, {ops} ops, {conflicts} conflicts at the end, "
          f"{sum(faults.values())} faults, {len(failed)} violations, {seconds:.1f} s "
          f"({1000 * seconds / max(len(seeds), 1):.0f} ms each)")  # fmt: skip
    for title, counts in (("faults", faults), ("acts", acts), ("checked with something at stake", checked)):
        print(f"\n{title}")
        order = sorted(counts.items(), key=lambda i: (len(i[0]) > 3, int(i[0][1:]) if i[0][1:].isdigit() else 0, i[0]))
        print("\n".join(f"{number:9}  {name}" for name, number in order))
    if failed:
        print("\nfailed: " + " ".join(map(str, failed)))
    return 1 if failed else 0


sys.exit(asyncio.run(main()))
