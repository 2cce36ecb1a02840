"""The documentation answers without a login and without internet, and nothing else does through it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from server import docs
from server.app import create_app
from server.settings import Settings
from tests.helpers import Village


@pytest.fixture
async def reader(sqlite_village: Village, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(Settings(data=tmp_path), registry=sqlite_village.registry)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


async def test_the_index_leads_to_every_page(reader: httpx2.AsyncClient) -> None:
    index = await reader.get("/docs/")

    assert index.status_code == 200
    assert set(re.findall(r'href="/docs/([a-z-]+)"', index.text)) == set(docs.PAGES)


@pytest.mark.parametrize("name", docs.PAGES)
async def test_every_page_is_whole(reader: httpx2.AsyncClient, name: str) -> None:
    answer = await reader.get(f"/docs/{name}")

    assert answer.status_code == 200
    assert "<h1" in answer.text
    assert "| ---" not in answer.text
    assert " style=" not in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("name", docs.PAGES)
async def test_every_link_of_a_page_leads_somewhere(reader: httpx2.AsyncClient, name: str) -> None:
    text = (await reader.get(f"/docs/{name}")).text
    anchors = set(re.findall(r' id="([^"]+)"', text))

    for target in set(re.findall(r'(?:href|src)="([^"]+)"', text)):
        if target.startswith("#"):
            assert target[1:] in anchors
        elif target != "/office/":
            assert (await reader.get(target)).status_code == 200, target


async def test_pictures_are_served(reader: httpx2.AsyncClient) -> None:
    answer = await reader.get("/docs/pictures/office-start.png")

    assert answer.headers["content-type"] == "image/png"
    assert answer.content[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    "path", ["nothing", "..%2Fapp", "__init__.py", "layout.html", "pictures/..%2Flayout.html"]
)
async def test_nothing_else_is_served(reader: httpx2.AsyncClient, path: str) -> None:
    assert (await reader.get(f"/docs/{path}")).status_code == 404


async def test_a_page_is_found_by_the_name_of_its_file(reader: httpx2.AsyncClient) -> None:
    answer = await reader.get("/docs/roles.md")

    assert answer.headers["location"] == "/docs/roles"


def test_what_a_page_says_is_never_markup_of_its_own() -> None:
    assert "<script>" not in docs._markdown.render("<script>alert(1)</script>")
