"""Uploaded rosters between preview and import: files of the data folder, named by their hash.

They hold children's names, so they stay no longer than needed: gone once imported, and after a day.
"""

import asyncio
import re
import time
from hashlib import sha256
from pathlib import Path

KEEP_SECONDS = 86_400
MOST_NAME = 120


class Uploads:
    """The uploads of one village."""

    def __init__(self, data: Path, village: str) -> None:
        self._data = data
        self._folder = data / "uploads" / village

    async def put(self, content: bytes, filename: str) -> str:
        """Keep a file; its hash."""
        return await asyncio.to_thread(self._put, content, filename)

    async def get(self, name: str) -> tuple[bytes, str] | None:
        """(content, filename) of a hash, or None when it is gone or no hash at all."""
        return await asyncio.to_thread(self._get, name)

    async def waiting(self) -> list[tuple[str, str]]:
        """(hash, filename) of what was uploaded and not yet imported without remainder."""
        return await asyncio.to_thread(self._waiting)

    async def forget(self, name: str) -> None:
        await asyncio.to_thread(self._forget, name)

    def _put(self, content: bytes, filename: str) -> str:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget_old()
        name = sha256(content).hexdigest()
        (self._folder / name).write_bytes(content)
        plain = "".join(c for c in filename if c.isprintable())[-MOST_NAME:]
        (self._folder / f"{name}.name").write_text(plain, encoding="utf-8")
        return name

    def _get(self, name: str) -> tuple[bytes, str] | None:
        if not re.fullmatch(r"[0-9a-f]{64}", name):
            return None
        try:
            content = (self._folder / name).read_bytes()
            return content, (self._folder / f"{name}.name").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _waiting(self) -> list[tuple[str, str]]:
        self._forget_old()
        return sorted(
            (path.stem, path.read_text(encoding="utf-8")) for path in self._folder.glob("*.name")
        )

    def _forget(self, name: str) -> None:
        for path in (self._folder / name, self._folder / f"{name}.name"):
            path.unlink(missing_ok=True)

    def _forget_old(self) -> None:
        """Of every village, and of the filled templates below the same folder (`fill_in`): nobody may come back for
        those."""
        oldest = time.time() - KEEP_SECONDS
        for pattern in ("uploads/*/*", "filled/*/uploads/*/*"):
            for path in self._data.glob(pattern):
                try:
                    if path.stat().st_mtime < oldest:
                        path.unlink()
                except FileNotFoundError:
                    continue  # somebody else was faster
