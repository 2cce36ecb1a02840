"""One writer to a data folder: an advisory lock that dies with its process.

The kernel lets go of it when the process ends, however it ends, so a crash leaves nothing to tidy.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "lock"


class Held(Exception):
    """Another process, most likely the server, has the data folder."""


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Makes the folder if need be. Raises Held at once rather than wait."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held from None
        yield
