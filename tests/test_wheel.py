"""The wheel is the whole program: built here, run elsewhere, it serves phones and the office."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 30


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    subprocess.run([sys.executable, ROOT / "pwa" / "build.py", "build"], check=True)
    copy = tmp_path_factory.mktemp("source")
    for name in ("server", "sync"):
        shutil.copytree(
            ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", copy / "dist", copy],
        check=True,
    )
    return next((copy / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def address(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the unpacked wheel, started in an empty folder that isn't ours."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(elsewhere / "site")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", str(port), "--data", "data"],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(elsewhere / "site"), "LC_ALL": "en_GB.UTF-8"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    with server:
        try:
            assert "listens on" in server.stderr.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
        assert server.wait(PATIENCE_S) == -SIGTERM


def test_the_wheel_holds_every_file_beside_the_code(wheel: Path) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for room in ("server", "sync")
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())

    assert "server/pwa/index.html" in wanted
    assert wanted - held == set()


@pytest.mark.parametrize(
    "path", ["/healthz", "/app/", "/app/sw.js", "/app/manifest.webmanifest", "/office/"]
)
def test_the_wheel_serves_phones_and_the_office(address: str, path: str) -> None:
    with urllib.request.urlopen(address + path, timeout=PATIENCE_S) as answer:
        assert answer.status == 200
        assert answer.read()
