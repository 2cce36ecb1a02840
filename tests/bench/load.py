"""The client: sends requests that are bytes already, over connections that stay open.

It runs in a process of its own and does next to nothing, so that what is measured is the server.
"""

from __future__ import annotations

import asyncio
import gzip
import pickle
import subprocess
import sys
import time
from typing import Any, NamedTuple

import msgspec


class Answers(NamedTuple):
    """What came back, in the order of the requests."""

    seconds: float
    """From the first byte sent to the last received."""
    latencies: list[float]
    statuses: list[int]
    bodies: list[bytes]
    """As on the wire."""
    packed: list[bool]
    """Which of them are gzip."""

    def body(self, place: int) -> Any:
        raw = self.bodies[place]
        return msgspec.json.decode(gzip.decompress(raw) if self.packed[place] else raw)


def post(path: str, body: bytes, token: str = "", *, packed: bool = False) -> bytes:
    """One HTTP request as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
             f"Content-Length: {len(body)}", "Accept-Encoding: gzip"]  # fmt: skip
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if packed:
        lines.append("Content-Encoding: gzip")
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(
    port: int, requests: list[bytes], *, at_a_time: int = 1, checked: bool = True
) -> Answers:
    """Send them from a fresh process, so many at a time, each connection kept open. All have to succeed, unless the
    answers are not `checked`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=pickle.dumps((port, requests, at_a_time)),
        stdout=subprocess.PIPE,
        check=True,
    )
    answers = Answers(*pickle.loads(done.stdout))
    assert not checked or set(answers.statuses) == {200}, [
        answers.bodies[i] for i, status in enumerate(answers.statuses) if status != 200
    ][:1]
    return answers


async def _send(port: int, requests: list[bytes], at_a_time: int) -> Answers:
    found: list[Any] = [None] * len(requests)
    waiting = iter(range(len(requests)))

    async def lane() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        for place in waiting:
            begun = time.perf_counter()
            writer.write(requests[place])
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            took = time.perf_counter() - begun
            found[place] = (took, int(head[9:12]), body, b"content-encoding: gzip" in head)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(at_a_time)))
    seconds = time.perf_counter() - begun
    return Answers(seconds, *(list(column) for column in zip(*found, strict=True)))


if __name__ == "__main__":
    port, requests, at_a_time = pickle.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pickle.dumps(tuple(asyncio.run(_send(port, requests, at_a_time)))))
