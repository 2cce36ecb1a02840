"""The server process: the data folder's lock, the application, and the ear for orders."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette

from server import disk
from server.app import create_app
from server.settings import Settings

from . import duties, orders
from .lock import Held, hold, unwritable
from .words import Refusal, say

Greet = Callable[[Starlette, str], Awaitable[None]]

# Caddy waits 3 minutes for an idle phone; what is being answered at a stop gets this long.
GRACE_S = 20
BETWEEN_COLLECTIONS = 20_000
"""New objects after which Python looks for rings among them, which alone it cannot let go of at once."""


class Server(uvicorn.Server):
    """uvicorn's, that takes orders and greets once it listens."""

    def __init__(self, config: uvicorn.Config, app: Starlette, settings: Settings, greet: Greet):
        super().__init__(config)
        self.app, self.settings, self.greet = app, settings, greet
        self.ears = AsyncExitStack()

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.should_exit:
            return
        collect_seldom()
        state = self.app.state

        async def obey(command: str, arguments: dict[str, Any]) -> orders.Answer:
            return await duties.obey(state.registry, state.auth, command, arguments)

        await self.ears.enter_async_context(orders.listening(self.settings.data, obey))
        await self.greet(self.app, f"http://{self.config.host}:{self.config.port}")

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        await self.ears.aclose()
        await super().shutdown(sockets)


def serve(settings: Settings, host: str, port: int, greet: Greet | None = None) -> None:
    """Serve until told to stop. Raises Refusal when the folder or the port is in use, or the folder takes nothing. A
    full disk is no reason: what is there can still be read."""
    try:
        with hold(settings.data):
            why = disk.trouble(settings.data)
            if why is not None and why.errno not in disk.FULL:
                raise unwritable(settings.data, why)
            app = create_app(settings)
            config = uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
            run(Server(config, app, settings, greet or say_where))
    except Held:
        raise Refusal(
            f"已有一个服务器在使用 {settings.data}。",
            f"A server is already using {settings.data}.",
        ) from None


def run(server: Server) -> None:
    """Until a signal, which uvicorn passes on when all is answered, so that the parent sees it."""
    with suppress(KeyboardInterrupt, SystemExit):  # uvicorn has said why, and closed all
        asyncio.run(server.serve())
    if not server.started:
        where = f"{server.config.host}:{server.config.port}"
        raise Refusal(
            f"不能在 {where} 上启动；上面一行说明原因。",
            f"The server could not start on {where}; the line above says why.",
        )


def collect_seldom() -> None:
    """A push makes thousands of objects, none of them in a ring. Python would walk them after every 700, and all that
    was loaded at the start with them now and then: a sixth of an evening's processor."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(BETWEEN_COLLECTIONS)


async def say_where(app: Starlette, address: str) -> None:
    print(
        say(f"走访运行在 {address}", f"Zoufang listens on {address}"), file=sys.stderr, flush=True
    )
