"""`python -m tests.leaves` writes the page of what leaves the server anew."""

from __future__ import annotations

import asyncio
import tempfile

import httpx2

from server.auth import Auth
from server.registry import Registry
from tests.helpers import app_of, new_village

from .page import PAGE, written
from .village import Leaving, leaving, plant


async def sent() -> list[Leaving]:
    with tempfile.TemporaryDirectory(prefix="zoufang-leaves-") as folder:
        registry = await Registry.open(f"sqlite:///{folder}/zoufang.db")
        village = await new_village(registry, Auth(registry.database), "990012345678")
        helper = await plant(village)
        app = app_of(village)
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                found = await leaving(client, village, helper)
        await registry.close()
    return found


def main() -> None:
    found = asyncio.run(sent())
    PAGE.write_text(written(found), encoding="utf-8")
    print(f"{PAGE.name}: {sum(map(len, found[0].rows.values()))} fields to a volunteer, "
          f"{sum(map(len, found[1].rows.values()))} to a surveyor")  # fmt: skip


main()
