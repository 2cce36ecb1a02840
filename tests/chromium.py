"""The browser of the browser tests: one that is installed, or one that we install.

`find()` gives its path. `python -m tests.chromium` installs one where there is none and prints the
path, or says in one sentence what is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# ZOUFANG_BROWSER names any other Chromium.
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
MISSING = (
    "The browser tests need Chromium, Chrome or Edge: none is installed, and none could be "
    "installed ({why}). Install one, or name one in ZOUFANG_BROWSER."
)


def find() -> Path | None:
    named = os.environ.get("ZOUFANG_BROWSER")
    if named:
        return Path(named)
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    for path in MAC:
        if Path(path).exists():
            return Path(path)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def install() -> Path:
    """Debian's own, with a Chinese font, where we may install packages; else Playwright's."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        steps = [
            ["apt-get", "-qq", "update"],
            ["apt-get", "-qq", "-y", "install", "chromium", "fonts-noto-cjk"],
        ]
    else:
        quiet = dict(os.environ)
        steps = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    print("Installing a Chromium for the browser tests", file=sys.stderr, flush=True)
    for step in steps:
        done = subprocess.run(step, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            why = f"{' '.join(step[:3])}: {said[-1] if said else 'no reason given'}"
            raise LookupError(MISSING.format(why=why))
    found = find()
    if found is None:
        raise LookupError(MISSING.format(why="the installation left no browser behind"))
    return found


def find_or_install() -> Path:
    """Raises LookupError with the sentence to show."""
    return find() or install()


if __name__ == "__main__":
    try:
        print(find_or_install())
    except LookupError as missing:
        sys.exit(str(missing))
