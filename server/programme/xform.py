"""A type's form as standard XForm XML. `python -m server.programme.xform TYPE` writes it out.

pyxform is loaded in a short-lived process only: a running server does not pay for it.
"""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache

from server.programme import source
from server.programme.source import SourceError

SECONDS = 60


def xform_of(type_name: str) -> bytes:
    """The XForm of a type of the programme. Blocking: a second for the first asking, then remembered.

    Raises SourceError where the tables cannot be read, KeyError for a type the programme does not have."""
    if type_name not in source.TYPES:
        raise KeyError(type_name)
    return _made(type_name, source.fingerprint())


@lru_cache(maxsize=64)
def _made(type_name: str, fingerprint: str) -> bytes:
    worker = subprocess.run(
        [sys.executable, "-m", "server.programme.xform", type_name],
        cwd=source.HERE.parent.parent,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if worker.returncode:
        raise SourceError(worker.stderr.decode(errors="replace"))
    return worker.stdout


def main() -> None:
    from server.forms.compile import to_xform
    from server.forms.standard import standard

    sys.stdout.buffer.write(standard(to_xform(source.assemble(sys.argv[1]))))


if __name__ == "__main__":
    main()
