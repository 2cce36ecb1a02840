"""The application as a whole: the phone app's files, and what nobody expected."""

from __future__ import annotations

import gzip
from pathlib import Path
from sqlite3 import OperationalError

import httpx2
import pytest

from server import app as app_module
from tests.helpers import Village, app_of


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built phone app, small enough to look at."""
    folder = tmp_path / "pwa"
    folder.mkdir()
    for name in ("index.html", "sw.js", "app.0123456789ab.js", "icon.svg"):
        (folder / name).write_text(f"{name} 走访 " * 40)
    monkeypatch.setattr(app_module, "PHONE_APP", folder)
    return folder


async def get(village: Village, path: str, **headers: str) -> httpx2.Response:
    app = app_of(village)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, headers=headers)


async def test_hashed_files_are_kept_for_ever_and_the_rest_is_asked_for_anew(
    sqlite_village: Village, built: Path
) -> None:
    hashed = await get(sqlite_village, "/app/app.0123456789ab.js")
    for path in ("/app/", "/app/index.html", "/app/sw.js"):
        answer = await get(sqlite_village, path)
        assert answer.headers["Cache-Control"] == "no-cache"

    assert "immutable" in hashed.headers["Cache-Control"]
    assert hashed.headers["Content-Type"].startswith("text/javascript")


async def test_the_app_travels_as_gzip_to_whom_takes_it(
    sqlite_village: Village, built: Path
) -> None:
    zipped = await get(sqlite_village, "/app/app.0123456789ab.js", **{"Accept-Encoding": "gzip"})
    plain = await get(sqlite_village, "/app/app.0123456789ab.js", **{"Accept-Encoding": "identity"})

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert zipped.text == plain.text
    assert len(gzip.compress(plain.content)) < len(plain.content)


async def test_a_rebuilt_file_is_not_served_from_memory(
    sqlite_village: Village, built: Path
) -> None:
    await get(sqlite_village, "/app/sw.js", **{"Accept-Encoding": "gzip"})
    (built / "sw.js").write_text("new")

    answer = await get(sqlite_village, "/app/sw.js", **{"Accept-Encoding": "gzip"})

    assert answer.text == "new"


@pytest.mark.parametrize(
    "path", ["/app/../app.py", "/app/%2e%2e/app.py", "/app/.hidden", "/app/x/y"]
)
async def test_nothing_beside_the_app_is_served(
    sqlite_village: Village, built: Path, path: str
) -> None:
    assert (await get(sqlite_village, path)).status_code == 404


async def test_an_app_that_is_not_built_says_how_to_build_it(
    sqlite_village: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "PHONE_APP", tmp_path / "nowhere")

    answer = await get(sqlite_village, "/app/")

    assert answer.status_code == 503
    assert "make pwa" in answer.text


async def test_what_nobody_expected_tells_a_number_and_no_detail(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(sqlite_village.registry, "villages", broken)

    answer = await get(sqlite_village, "/healthz")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("words", "status"),
    [("database or disk is full", 507), ("database is locked", 503), ("no such column: x", 500)],
)
async def test_a_failing_database_is_answered_by_what_can_be_done_about_it(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch, words: str, status: int
) -> None:
    async def broken() -> None:
        raise OperationalError(words)

    monkeypatch.setattr(sqlite_village.registry, "villages", broken)

    assert (await get(sqlite_village, "/healthz")).status_code == status


async def test_a_traceback_in_the_log_shows_no_values(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken() -> None:
        child = "谷小满" * 2
        raise RuntimeError(len(child))

    monkeypatch.setattr(sqlite_village.registry, "villages", broken)

    await get(sqlite_village, "/healthz")

    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "谷小满谷小满" not in logged
