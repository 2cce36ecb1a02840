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
    reader.add_argument("-n", type=int, default=2000, help="how many histories")
    reader.add_argument("--first", type=int, default=1, help="seed of the first")
    reader.add_argument("--seed", type=int, help="tell this one, judged after every act")
    reader.add_argument("--database", default="", help="sqlite:///… or postgresql://…")
    asked = reader.parse_args()
    async with Simulator.open(asked.database) as simulator:
        if asked.seed is not None:
            return await tell(simulator, asked.seed)
        return await count(simulator, range(asked.first, asked.first + asked.n))


async def tell(simulator: Simulator, seed: int) -> int:
    try:
        await simulator.history(seed, eager=True)
    except Violation as violation:
        print("\n".join(simulator.trace), f"\nViolation: {violation}", sep="\n")
        return 1
    print("\n".join(simulator.trace), "\nno violation", sep="\n")
    return 0


async def count(simulator: Simulator, seeds: range) -> int:
    began = time.perf_counter()
    totals = await simulator.histories(seeds)
    seconds = time.perf_counter() - began
    table("what people did", totals.acts)
    table("faults", totals.faults)
    table("invariants checked with something at stake", totals.checked)
    print(
        f"\n{totals.histories} histories, {totals.ops} ops, {totals.conflicts} conflicts left at the end, "
        f"{totals.faults.total()} faults, {totals.checked.total()} checks, {len(totals.failed)} violations, "
        f"{seconds:.1f} s ({1000 * seconds / totals.histories:.0f} ms each)"
    )
    for seed in totals.failed:
        print(f"violation: make simulate SEED={seed}")
    return 1 if totals.failed else 0


def table(title: str, counts: Counter[str]) -> None:
    print(f"\n{title}")
    for name in sorted(counts, key=lambda name: (len(name) if name[1:].isdigit() else 9, name)):
        print(f"{counts[name]:9}  {name}")


sys.exit(asyncio.run(main()))
