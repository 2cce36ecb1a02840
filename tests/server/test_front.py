"""Caddy with the project's own Caddyfile in front of a real server: who hangs is cut off, who is slow gets through.

The file is run as it stands, but for its name and certificate, its log, and the limits, which are made short.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from server.registry import Registry
from tests import caddy
from tests.server_process import ROOT, Fault, faulty, free_port, wait_for

CADDYFILE = ROOT / "deploy" / "Caddyfile"
SECOND = 1_000_000_000
HEAD = b"POST /api/sync HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


class Front(NamedTuple):
    """Where Caddy listens, and the process of the server behind it."""

    port: int
    server: int


@pytest.fixture(scope="module")
def program() -> Path:
    return caddy.find_or_fetch()


def adapted(program: Path) -> dict[str, Any]:
    """The Caddyfile as Caddy reads it."""
    done = subprocess.run(
        [program, "adapt", "--config", CADDYFILE, "--adapter", "caddyfile"],
        capture_output=True, check=True,
    )  # fmt: skip
    config: dict[str, Any] = json.loads(done.stdout)
    return config


def handlers(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The one server's handlers by their name."""
    [route] = config["apps"]["http"]["servers"]["srv0"]["routes"]
    return {it["handler"]: it for it in route["handle"][0]["routes"][0]["handle"]}


@contextlib.asynccontextmanager
async def front(program: Path, folder: Path, **limits: int) -> AsyncIterator[Front]:
    """`limits` in seconds."""
    data, config = folder / "data", adapted(program)
    registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
    await registry.close()
    with faulty(data, Fault()) as (process, behind):
        port = free_port()
        [server] = config["apps"]["http"]["servers"].values()
        server["listen"], server["automatic_https"] = [f"127.0.0.1:{port}"], {"disable": True}
        server["routes"][0]["match"] = [{"host": ["127.0.0.1"]}]
        del config["logging"], server["logs"]
        config["admin"] = {"disabled": True}
        handlers(config)["reverse_proxy"]["upstreams"] = [{"dial": f"127.0.0.1:{behind}"}]
        for name, seconds in limits.items():
            if name == "response_header_timeout":
                handlers(config)["reverse_proxy"]["transport"][name] = seconds * SECOND
            else:
                server[name] = seconds * SECOND
        written = folder / "caddy.json"
        written.write_text(json.dumps(config), encoding="utf-8")
        own = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
        running = await asyncio.create_subprocess_exec(
            program, "run", "--config", written, env=os.environ | own, stderr=subprocess.DEVNULL
        )
        try:
            await asyncio.to_thread(wait_for, port)
            assert process.pid is not None
            yield Front(port, process.pid)
        finally:
            running.kill()
            await running.wait()


async def hang(port: int, begun: bytes) -> float:
    """Send this much and no more; the seconds until the other end lets go."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    since = time.monotonic()
    with contextlib.suppress(ConnectionError):
        await reader.read()
    writer.close()
    return time.monotonic() - since


async def trickle(port: int, body: bytes, seconds: float) -> bytes:
    """A whole request at the pace of a bad signal; the status line of its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode())
    for place in range(10):
        part = len(body) // 10
        writer.write(body[place * part : (place + 1) * part if place < 9 else len(body)])
        await writer.drain()
        await asyncio.sleep(seconds / 10)
    status = await reader.readline()
    writer.close()
    return status


def test_the_front_cuts_off_after_the_times_we_say(program: Path) -> None:
    config = adapted(program)
    [server] = config["apps"]["http"]["servers"].values()
    kept = {name: server[name] // SECOND for name in server if name.endswith("_timeout")}
    transport = handlers(config)["reverse_proxy"]["transport"]

    assert kept == {
        "read_header_timeout": 15,
        "read_timeout": 180,
        "write_timeout": 300,
        "idle_timeout": 180,
    }
    assert transport["response_header_timeout"] == 90 * SECOND
    assert handlers(config)["request_body"]["max_size"] == 20_000_000


async def test_who_hangs_is_cut_off_by_the_front_and_who_is_slow_gets_through(
    program: Path, tmp_path: Path
) -> None:
    limits = {"read_header_timeout": 1, "read_timeout": 6, "response_header_timeout": 1}
    async with front(program, tmp_path, **limits) as (port, server):
        half, whole, slow = await asyncio.gather(
            hang(port, HEAD),
            hang(port, HEAD + b"Content-Length: 90000\r\n\r\n{"),
            trickle(port, b"{" + b" " * 2000 + b"}", seconds=2),
        )
        assert half < 5
        assert 5 < whole < 15
        assert slow.split()[1] == b"401"  # the server's own word: no phone's token was with it

        address = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=address, timeout=20) as client:
            assert (await client.get("/healthz")).status_code == 200
            os.kill(server, signal.SIGSTOP)  # it takes requests and answers none
            assert (await client.get("/healthz")).status_code == 504
            os.kill(server, signal.SIGCONT)
            assert (await client.get("/healthz")).status_code == 200
            assert "server" not in (await client.get("/healthz")).headers
