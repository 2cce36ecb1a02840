"""The office in process: the real application, a real SQLite file, and a browser that is signed in."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from server.app import create_app
from server.settings import Settings
from tests.helpers import Village
from tests.server.office.browser import PASSWORD, Browser


@pytest.fixture
async def app(sqlite_village: Village, tmp_path: Path) -> AsyncIterator[Starlette]:
    made = create_app(Settings(data=tmp_path), registry=sqlite_village.registry)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def visitor(app: Starlette) -> AsyncIterator[Browser]:
    """A browser nobody has signed in with."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Browser(client)


@pytest.fixture
async def office(visitor: Browser, sqlite_village: Village) -> Browser:
    """A browser in which the village official has signed in."""
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="cunguan", name="方村官甲", role="official", password=PASSWORD
    )
    await visitor.sign_in("cunguan")
    return visitor
