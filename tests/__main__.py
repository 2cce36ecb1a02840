"""`python -m tests` is `make test` after its lint: every test of every kind, none skipped."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import caddy, chromium
from tests.kinds import Kinds
from tests.sharing import TWO, Sharing

ROOT = Path(__file__).resolve().parent.parent
CLOSING = re.compile(r"^[#ℹ] (tests|skipped|todo) (\d+)$", re.MULTILINE)


def phone_tests() -> int:
    """Builds the phone app, runs its tests with Node's runner, gives their number."""
    done = subprocess.run(
        [sys.executable, ROOT / "pwa" / "build.py", "build", "test"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    said = {name: int(number) for name, number in CLOSING.findall(done.stdout)}
    if done.returncode != 0 or said.get("skipped") != 0 or said.get("todo") != 0:
        sys.exit(f"{done.stdout}\nThe phone app's tests failed, or some did not run.")
    return said["tests"]


def main() -> int:
    phone = phone_tests()
    try:
        chromium.find_or_install()
        caddy.find_or_fetch()
    except LookupError as missing:
        sys.exit(str(missing))
    # Commands, servers and workers are started hundreds of times: none of them compiles its modules anew.
    os.environ |= {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "python"),
    }
    plugins = [Kinds({"phone": phone}), Sharing()]
    return pytest.main(["-q", *TWO, "--durations", "20", str(ROOT / "tests")], plugins=plugins)


if __name__ == "__main__":
    sys.exit(main())
