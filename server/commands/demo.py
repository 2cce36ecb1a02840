"""`make demo`: an invented village, served on this machine, with what one needs to walk in."""

import asyncio
import shutil
from pathlib import Path

from starlette.applications import Starlette

from server.auth import Auth
from server.registry import Registry
from server.settings import Settings

from .lock import Held, hold
from .words import Refusal, say


def run(settings: Settings, host: str, port: int, *, reset: bool) -> None:
    """Build the village unless it is there, then serve. Raises Refusal as `serve` does."""
    from .serve import serve

    try:
        with hold(settings.data):
            asyncio.run(prepare(settings, reset=reset))
    except Held:
        raise Refusal(
            f"演示已经在运行（{settings.data}）。",
            f"The demo is running already (in {settings.data}).",
        ) from None
    serve(settings, host, port, greet)


async def prepare(settings: Settings, *, reset: bool) -> None:
    from server.demo import build

    registry = await Registry.open(settings.database_url)
    try:
        villages = await registry.villages()
        if not all(village.demo for village in villages):
            raise Refusal(
                f"{settings.data} 里有真实的村，演示不会动它。",
                f"{settings.data} holds a real village; the demo keeps away from it.",
            )
    finally:
        await registry.close()
    if reset and villages:
        throw_away(settings.data)
    registry = await Registry.open(settings.database_url)
    try:
        if reset or not villages:
            print(say("正在建立演示村……", "Building the demo village ..."), flush=True)
        await build(registry, Auth(registry.database))
    finally:
        await registry.close()


def throw_away(data: Path) -> None:
    """Everything but the lock, which we hold."""
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
