"""One writer to a data folder: an advisory lock that dies with its process.

The kernel lets go of it when the process ends, however it ends, so a crash leaves nothing to tidy.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .words import Refusal

NAME = "lock"


class Held(Exception):
    """Another process, most likely the server, has the data folder."""


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Makes the folder if need be. Raises Held at once rather than wait, and Refusal where there can be no folder."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_to_own_what_is_not_ours(data)
        handle = os.open(data / NAME, os.O_CREAT | os.O_RDONLY, 0o644)
    except OSError as error:
        raise unwritable(data, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Held from None
    else:
        yield
    finally:
        os.close(handle)


def unwritable(data: Path, why: OSError) -> Refusal:
    return Refusal(
        f"不能写入 {data}：{why.strerror}。请检查磁盘和这个文件夹的权限。",
        f"Nothing can be written to {data}: {why.strerror}. Check the disk, and who may write to that folder.",
    )


def refuse_to_own_what_is_not_ours(data: Path) -> None:
    """Files that root makes in the service's folder could not be written by the service."""
    if os.geteuid() == 0 and (owner := data.stat().st_uid) != 0:
        raise Refusal(
            f"{data} 属于另一个用户（{owner}），请以该用户运行：sudo -u '#{owner}' zoufang …",
            f"{data} belongs to another user ({owner}); run this as that user: "
            f"sudo -u '#{owner}' zoufang ...",
        )
