"""Orders: writing commands, carried out by the running server or, where none runs, by ourselves.

While it runs, the server holds the data folder's lock and listens on a loopback port whose number
and token it writes into the folder. Who can read that file could read the database as well, so the
token gives nobody more than they have. One connection carries one order: the bytes of an Order up to
the end of the sender's half, then those of an Answer.
"""

import asyncio
import hmac
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from .words import Refusal, asker_is_chinese, is_chinese

ADDRESS = "orders.json"
LARGEST = 64 * 1024 * 1024
PATIENCE_S = 10.0  # how long a server that has the lock may take until it listens


class Order(msgspec.Struct, frozen=True):
    token: str
    command: str
    arguments: dict[str, Any]
    chinese: bool


class Answer(msgspec.Struct, frozen=True):
    """What to print, whether it was done, and files to write beside it, by name."""

    text: str
    done: bool = True
    files: dict[str, bytes] = {}


class Address(msgspec.Struct, frozen=True):
    port: int
    token: str


Obey = Callable[[str, dict[str, Any]], Awaitable[Answer]]


@asynccontextmanager
async def listening(data: Path, obey: Obey) -> AsyncIterator[None]:
    """Take orders for as long as the block lasts."""
    token = secrets.token_urlsafe(32)

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            order = await read_order(reader)
            if order is not None and hmac.compare_digest(order.token.encode(), token.encode()):
                asker_is_chinese.set(
                    order.chinese
                )  # each connection is a task, with a context of its own
                writer.write(msgspec.msgpack.encode(await obey(order.command, order.arguments)))
                await writer.drain()
        except ConnectionError:
            pass  # who asked has gone; what was ordered stands
        finally:
            writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    publish(data / ADDRESS, Address(port, token))
    try:
        yield
    finally:
        (data / ADDRESS).unlink(missing_ok=True)
        server.close()


async def read_order(reader: asyncio.StreamReader) -> Order | None:
    """None when it is none: cut, oversized or from somebody else."""
    body = bytearray()
    while piece := await reader.read(1 << 16):
        body += piece
        if len(body) > LARGEST:
            return None
    try:
        return msgspec.msgpack.decode(body, type=Order)
    except msgspec.DecodeError:
        return None


def publish(path: Path, address: Address) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(address))
    unfinished.replace(path)


def send(data: Path, command: str, arguments: dict[str, Any]) -> Answer:
    """Have the running server carry out a command. Raises Refusal when it can't be reached."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            address = msgspec.json.decode((data / ADDRESS).read_bytes(), type=Address)
            connection = socket.create_connection(("127.0.0.1", address.port))
            break
        except OSError as error:
            if time.monotonic() > until:
                raise Refusal(
                    f"另一个程序占用着 {data}，但没有应答。请稍后再试，或先停止它。",
                    f"Another process holds {data} and does not answer. "
                    "Try again later, or stop it first.",
                ) from error
            time.sleep(0.1)
    with connection:
        order = Order(address.token, command, arguments, is_chinese())
        connection.sendall(msgspec.msgpack.encode(order))
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as file:
            body = file.read()
    if not body:
        raise Refusal(
            "服务器没有接受这个命令；它的日志里有原因。",
            "The server did not take the command; its log says why.",
        )
    return msgspec.msgpack.decode(body, type=Answer)
