"""A client that talks to the application in process, as a phone does over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.helpers import Village, app_of


@pytest.fixture
async def client(sqlite_village: Village) -> AsyncIterator[httpx2.AsyncClient]:
    app = app_of(sqlite_village)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as made:
            yield made
