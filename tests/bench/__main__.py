"""`python -m tests.bench [--full] [push|bytes|pull|merge|phone|taps|office|peak …]`: prints the table, writes tests/output/bench.jsonl."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

import msgspec

from . import figures
from .figures import FULL, QUICK, Figure
from .office import office
from .peak import peak
from .phone import phone
from .spread import spread
from .taps import taps

MEASURES = {
    **figures.MEASURES,
    "phone": phone,
    "taps": taps,
    "office": office,
    "peak": peak,
    "spread": spread,
}
OUTPUT = Path(__file__).resolve().parent.parent / "output" / "bench.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--full", action="store_true", help="more rounds, a larger register")
    parser.add_argument(
        "--persons",
        type=int,
        default=QUICK.persons,
        help="of the office's village, fewer for a quick look",
    )
    parser.add_argument("measures", nargs="*", choices=[*MEASURES, []], help="all by default")
    chosen = parser.parse_args()
    scale = (FULL if chosen.full else QUICK)._replace(persons=chosen.persons)
    began = time.monotonic()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {scale.rounds} rounds, medians\n"
    )
    print("| | what | ours | floor | × | wanted | |\n|---|---|---|---|---|---|---|")
    found: list[Figure] = []
    for name in chosen.measures or MEASURES:
        with tempfile.TemporaryDirectory(prefix="zoufang-bench-") as folder:
            for figure in MEASURES[name](Path(folder), scale):
                found.append(figure)
                print(line(figure), flush=True)
    OUTPUT.parent.mkdir(exist_ok=True)
    with OUTPUT.open("a", encoding="utf-8") as file:
        for figure in found:
            told = {"at": int(time.time()), "rounds": scale.rounds, **figure._asdict()}
            file.write(msgspec.json.encode(told).decode() + "\n")
    print(f"\n{time.monotonic() - began:.0f} s; as JSON lines in tests/output/{OUTPUT.name}")


def line(figure: Figure) -> str:
    ratio = "–" if figure.ratio is None else f"{figure.ratio:.2f}"
    cells = [figure.id, figure.what, figure.ours, figure.floor, ratio, figure.wanted]
    return "| " + " | ".join([*cells, "met" if figure.met else "**missed**"]) + " |"


if __name__ == "__main__":
    main()
