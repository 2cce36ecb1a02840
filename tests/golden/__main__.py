"""`python -m tests.golden` records the story anew. Only for a new protocol version, or before the first release."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from .stage import RECORDINGS, stage, write
from .story import tell


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="zoufang-golden-") as folder:
        async with stage(Path(folder)) as village:
            await tell(village)
        write(village.calls)
    print(f"{len(village.calls)} calls in {RECORDINGS.name}/")


asyncio.run(main())
