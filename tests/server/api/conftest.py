"""A client that talks to the application in process, as a phone does over HTTP. Whatever is asked and answered is held
to the protocol's schema."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.helpers import Village, app_of
from tests.protocol import MESSAGES, faults_of_call


async def fits_the_schema(answer: httpx2.Response) -> None:
    path = answer.request.url.path
    if path not in MESSAGES or answer.request.method != "POST":
        return
    await answer.aread()
    served = answer.status_code == 200
    zipped = "content-encoding" in answer.request.headers
    asked = json.loads(answer.request.content) if served and not zipped else {}
    assert faults_of_call(path, asked, answer.status_code, answer.json()) == []


@pytest.fixture
async def client(sqlite_village: Village) -> AsyncIterator[httpx2.AsyncClient]:
    app = app_of(sqlite_village)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(
            transport=transport,
            base_url="http://localhost",
            event_hooks={"response": [fits_the_schema]},
        ) as made:
            yield made
