"""The web server that stands in front: one that is installed, or Debian's, unpacked into .cache/ and never installed,
since its package would begin to serve the whole machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

UNPACKED = Path(__file__).resolve().parent.parent / ".cache" / "caddy"
MISSING = (
    "The test of the front needs Caddy: none is installed, and Debian's could not be fetched "
    "({why}). Install it, or name one in ZOUFANG_CADDY."
)


def find() -> Path | None:
    named = os.environ.get("ZOUFANG_CADDY") or shutil.which("caddy")
    if named:
        return Path(named)
    own = UNPACKED / "usr" / "bin" / "caddy"
    return own if own.exists() else None


def fetch() -> Path:
    with tempfile.TemporaryDirectory(prefix="zoufang-caddy-") as folder:
        if _ran(["apt-get", "-qq", "download", "caddy"], folder):
            # A fresh machine knows of no package yet.
            _needed(["apt-get", "-qq", "update"], folder)
            _needed(["apt-get", "-qq", "download", "caddy"], folder)
        [package] = Path(folder).glob("caddy_*.deb")
        UNPACKED.mkdir(parents=True, exist_ok=True)
        _needed(["dpkg-deb", "--extract", str(package), str(UNPACKED)], folder)
    found = find()
    assert found is not None
    return found


def find_or_fetch() -> Path:
    """Raises LookupError with the sentence to show."""
    return find() or fetch()


def _ran(command: list[str], folder: str) -> str:
    """Why a command did not do its work; '' when it did."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    said = (done.stderr or done.stdout).strip().splitlines()
    return f"{' '.join(command[:3])}: {said[-1:]}" if done.returncode else ""


def _needed(command: list[str], folder: str) -> None:
    if why := _ran(command, folder):
        raise LookupError(MISSING.format(why=why))
