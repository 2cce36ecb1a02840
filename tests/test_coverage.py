"""No line of the engine is there untested."""

from __future__ import annotations

import subprocess
import sys

from tests.coverage import ROOT


def test_the_engines_own_tests_run_every_branch_of_it() -> None:
    """In a process of its own, since here the engine is loaded already."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.coverage"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]
