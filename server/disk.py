"""Whether the disk takes what is written: asked only where writing has failed, or is about to begin."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def trouble(folder: Path) -> OSError | None:
    """Why nothing can be written to a folder, None when it can. Tried with a file without a name: nothing is left."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error
    return None


def is_unwritable(why: OSError | None) -> bool:
    """Whether it is not room that is missing: the disk is broken or read-only, and waiting helps nobody."""
    return why is not None and why.errno in (errno.EROFS, errno.EIO)
