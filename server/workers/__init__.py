"""Short-lived processes of ours, with bounds on memory and time: what reads a stranger's file or loads heavy libraries
ends with them, and what would eat the machine ends a process instead of the server.

A worker is a module that is run (`python -m`): what it needs comes on stdin, what it answers leaves on stdout, and an
exit status other than 0 says that it could not. It calls `bound` before it reads a byte.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[2]
"""Where workers are started: modules are found from here."""
MB = 1024 * 1024


class Failed(Exception):
    """The worker ended without an answer. `status` is its exit status, None when it took too long."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"status {status}" if status is not None else "too slow")
        self.status = status


def command(module: str, *arguments: str) -> list[str]:
    """What starts a worker; its folder must be `HOME`."""
    return [sys.executable, "-m", module, *arguments]


def run(module: str, content: bytes, *, seconds: float) -> bytes:
    """What the worker answers to these bytes. Blocks for up to `seconds`: call it in a thread. Raises Failed."""
    try:
        done = subprocess.run(
            command(module), input=content, cwd=HOME, capture_output=True, timeout=seconds, check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise Failed(None) from late
    if done.returncode:
        raise Failed(done.returncode)
    return done.stdout


def ask(module: str, asked: Mapping[str, Any], content: bytes, *, seconds: float) -> Any:
    """The same for a worker that takes a line of JSON before the file and answers in JSON (`serve`)."""
    return json.loads(run(module, json.dumps(asked).encode() + b"\n" + content, seconds=seconds))


def serve(
    answer: Callable[[dict[str, Any], bytes], Any], *, memory: int, cpu_seconds: int | None = None
) -> int:
    """The worker's side of `ask`: the exit status of its `main`."""
    bound(memory, cpu_seconds)
    asked = json.loads(sys.stdin.buffer.readline())
    answered = answer(asked, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(answered, ensure_ascii=False).encode())
    return 0


def bound(memory: int, cpu_seconds: int | None = None) -> None:
    """This process gets no more bytes of address space and seconds of computing than these, and leaves no core."""
    try:
        import resource
    except ImportError:  # no such bounds on Windows; the limit on time still holds
        return
    wanted = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)]
    if cpu_seconds is not None:
        wanted.append((resource.RLIMIT_CPU, cpu_seconds))
    for what, most in wanted:
        soft, hard = resource.getrlimit(what)
        if soft == resource.RLIM_INFINITY or soft > most:
            resource.setrlimit(what, (most, hard))
