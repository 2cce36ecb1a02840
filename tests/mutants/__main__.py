"""`make mutants`: plant every trap, print which test caught it. A survivor fails it.

`python -m tests.mutants digest` plants only those that have the word in their mistake or file.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from . import engine, phone, registry
from .trap import Trap
from .tree import Result, Tree, load_libraries

AT_ONCE = 2


def main(words: list[str]) -> int:
    traps = [
        trap
        for trap in [*engine.TRAPS, *registry.TRAPS, *phone.TRAPS]
        if all(word in f"{trap.mistake} {trap.place}" for word in words)
    ]
    # Without any trap the same tests have to pass, or a failure would say nothing.
    untouched = [
        Trap("(none)", (), tuple(dict.fromkeys(t for trap in traps if trap.phone is on for t in trap.tests)), on)
        for on in (False, True)
    ]  # fmt: skip
    began = time.perf_counter()
    load_libraries()
    print(f"{'mistake':72} {'planted in':30} {'s':>5}  caught by")
    with tempfile.TemporaryDirectory(prefix="zoufang-mutants-") as folder:
        trees = [Tree(Path(folder) / str(n)) for n in range(AT_ONCE)]
        failed = run(trees, [*(trap for trap in untouched if trap.tests), *traps])
    seconds = time.perf_counter() - began
    print(f"\n{len(traps)} traps, {len(failed)} not caught, {seconds:.0f} s")
    return 1 if failed or not traps else 0


def run(trees: list[Tree], traps: list[Trap]) -> list[Trap]:
    """Plant the traps, one in each tree at a time; returns those that were not caught."""
    waiting, failed = list(traps), []
    free = list(trees)
    running: list[tuple[Tree, Trap, Callable[[], Result | None]]] = []
    while waiting or running:
        while waiting and free:
            tree, trap = free.pop(), waiting.pop(0)
            running.append((tree, trap, tree.run(trap)))
        time.sleep(0.05)
        for started in list(running):
            tree, trap, ask = started
            result = ask()
            if result is not None:
                running.remove(started)
                free.append(tree)
                if not report(trap, result):
                    failed.append(trap)
    return failed


def report(trap: Trap, result: Result) -> bool:
    """One line of the table. True when all is as it should be."""
    fine = not result.problem and bool(result.caught_by) is bool(trap.patches)
    ending = (
        result.problem
        or result.caught_by
        or ("NOT CAUGHT" if trap.patches else "nothing, as it should be")
    )
    if not fine and result.caught_by:
        ending = f"FAILS WITHOUT A TRAP: {result.caught_by}"
    print(f"{trap.mistake:72} {trap.place:30} {result.seconds:5.1f}  {ending}", flush=True)
    return fine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
