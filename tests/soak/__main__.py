"""`python -m tests.soak [--hours 8]`: what a server holds while the evenings of so many hours pass: in the first half the village grows, in the second it stands still."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.server_process import ROOT, free_port, wait_for

from .evening import SYNCS_AN_HOUR, Evening, prepare
from .watch import Sample, look, verdict

HEADS = ("hour", "village", "syncs", "records", "memory MB", "files", "threads", "log kB", "WAL MB", "database MB", "left over")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--hours", type=int, default=8, help=f"of {SYNCS_AN_HOUR} syncs each")
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory(prefix="zoufang-soak-") as folder:
        return soak(Path(folder), max(hours, 8))


def soak(folder: Path, hours: int) -> int:
    """Prints a line each hour, and the verdict; 1 when something grew or was refused."""
    data, temporary, log = folder / "data", folder / "tmp", folder / "log"
    temporary.mkdir()
    asyncio.run(prepare(data))
    port, begun = free_port(), time.monotonic()
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--data", data, "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(temporary)},
            stderr=said,
        )
    evening = Evening(data, f"http://127.0.0.1:{port}", random.Random(19))
    samples: list[Sample] = []

    async def pass_by() -> None:
        for hour in range(1, hours + 1):
            grows = hour <= hours // 2
            await evening.hour(hour, grows=grows)
            samples.append(
                look(process.pid, data, log, temporary, hour, evening.syncs, grows=grows)
            )
            print(line(samples[-1]), flush=True)
        await evening.close()

    print("| " + " | ".join(HEADS) + " |\n|" + "---|" * len(HEADS))
    try:
        wait_for(port, process)
        asyncio.run(pass_by())
    finally:
        process.terminate()
        process.wait(60)
    took = time.monotonic() - begun
    print(f"\n{hours} hours of {SYNCS_AN_HOUR} syncs in {took / 60:.0f} minutes\n")
    findings = verdict(samples)
    for it in findings:
        print(f"| {it.what} | {it.found} | {it.wanted} | {'met' if it.met else '**missed**'} |")
    for asked, times in Counter(evening.refused).items():
        print(f"\n{asked.path} answered {asked.status}, {times} times")
    if said_anything := log.read_text().splitlines()[1:]:
        print("\nThe server said:\n" + "\n".join(said_anything[:20]))
    return 0 if all(it.met for it in findings) and not evening.refused else 1


def line(it: Sample) -> str:
    said = it._asdict() | {"grows": "grows" if it.grows else "still"}
    cells = [f"{value:.1f}" if isinstance(value, float) else str(value) for value in said.values()]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
