"""A file system that has become read-only, for one process: the kernel answers its writes to files with EROFS.

That is what a server gets from a disk whose file system was mounted read-only after an error, open files included. A
mount needs root and a free device; the filter (seccomp) is the kernel's own and needs neither.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path

OPEN_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# Numbers of system calls. `open`: those that open by name, with the place of their flags; `write`: those that are
# refused for the files of a folder; `change`: those that are refused always.
CALLS: dict[str, dict[str, dict[str, int]]] = {
    "x86_64": {
        "open": {"open": 2, "openat": 257},
        "write": {"write": 1, "pwrite64": 18, "writev": 20, "pwritev": 296, "ftruncate": 77},
        "change": {"rename": 82, "mkdir": 83, "unlink": 87, "mkdirat": 258, "unlinkat": 263, "renameat2": 316},
        "own": {"seccomp": 317},
    },
    "aarch64": {
        "open": {"openat": 56},
        "write": {"write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70, "ftruncate": 46},
        "change": {"mkdirat": 34, "unlinkat": 35, "renameat": 38, "renameat2": 276},
        "own": {"seccomp": 277},
    },
}  # fmt: skip
LOAD, AND, IS_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NUMBER, ARGUMENTS = 0, 16


def make_read_only(folder: Path) -> None:
    """From now on every thread of this process gets EROFS where it writes to an open file of this folder, opens any
    file to write, or makes, renames or removes one. There is no way back."""
    calls = CALLS[os.uname().machine]
    program: list[tuple[int, int, int, int]] = []
    for name, number in calls["open"].items():
        flags = ARGUMENTS + 8 * (1 if name == "open" else 2)
        program += [
            (LOAD, 0, 0, NUMBER),
            (IS_EQUAL, 0, 4, number),
            (LOAD, 0, 0, flags),
            (AND, 0, 0, OPEN_TO_WRITE),
            (IS_EQUAL, 1, 0, 0),
            (RETURN, 0, 0, ERRNO | errno.EROFS),
        ]
    for number in calls["change"].values():
        program += [
            (LOAD, 0, 0, NUMBER),
            (IS_EQUAL, 0, 1, number),
            (RETURN, 0, 0, ERRNO | errno.EROFS),
        ]
    for number in calls["write"].values():
        for file in _open_files(folder):
            program += [
                (LOAD, 0, 0, NUMBER),
                (IS_EQUAL, 0, 3, number),
                (LOAD, 0, 0, ARGUMENTS),
                (IS_EQUAL, 0, 1, file),
                (RETURN, 0, 0, ERRNO | errno.EROFS),
            ]
    program.append((RETURN, 0, 0, ALLOW))
    _install(program, calls["own"]["seccomp"])


def _open_files(folder: Path) -> list[int]:
    named = {
        int(it.name): it.readlink() for it in Path("/proc/self/fd").iterdir() if it.is_symlink()
    }
    return [number for number, path in named.items() if path.is_relative_to(folder.resolve())]


def _install(program: list[tuple[int, int, int, int]], number: int) -> None:
    packed = b"".join(struct.pack("HBBI", *step) for step in program)
    steps = ctypes.create_string_buffer(packed, len(packed))
    whole = struct.pack("HxxxxxxP", len(program), ctypes.addressof(steps))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_filter, all_threads = 38, 1, 1
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.syscall(
        number, set_filter, all_threads, ctypes.create_string_buffer(whole, len(whole))
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")
