"""The office of the demo village, for the official and for the township's supervisor."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from server.app import create_app
from server.demo.people import DEMO_PASSWORD
from server.settings import Settings
from tests.server.office.browser import Browser
from tests.server.office.statistics.conftest import Demo, demo

__all__ = ["demo"]


@pytest.fixture
async def app(demo: Demo, tmp_path: Path) -> AsyncIterator[Starlette]:
    made = create_app(Settings(data=tmp_path), registry=demo.registry)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def office(app: Starlette) -> AsyncIterator[Browser]:
    async with browser_of(app, "cunguan") as browser:
        yield browser


@pytest.fixture
async def township(app: Starlette) -> AsyncIterator[Browser]:
    async with browser_of(app, "dudao") as browser:
        yield browser


class browser_of:
    """Somebody who is signed in, as long as the block lasts."""

    def __init__(self, app: Starlette, login: str, password: str = DEMO_PASSWORD) -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self._client = httpx2.AsyncClient(transport=transport, base_url="http://localhost")
        self._login, self._password = login, password

    async def __aenter__(self) -> Browser:
        browser = Browser(await self._client.__aenter__())
        await browser.sign_in(self._login, self._password)
        return browser

    async def __aexit__(self, *raised: object) -> None:
        await self._client.aclose()
