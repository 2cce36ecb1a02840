"""`make coverage`: the engine's own tests have to run every branch of it."""

from __future__ import annotations

import sys
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    measured = coverage.Coverage(
        branch=True, source=[str(ROOT / "sync")], data_file=None, config_file=False
    )
    measured.start()
    failed = pytest.main(["-q", "-p", "no:cacheprovider", str(ROOT / "tests" / "sync")])
    measured.stop()
    return int(failed) or int(measured.report(show_missing=True, skip_covered=True) < 100)


if __name__ == "__main__":
    sys.exit(main())
