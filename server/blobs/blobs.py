"""The door to attachments. Every method is one short transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from server.blobs import statements as sql
from server.database import Database, Work, ask
from server.errors import Problem
from server.forms.media import begins_right, is_attachment

MOST_BYTES = 2 * 1024 * 1024
"""Of one attachment."""
MOST_CUT_OFF = 256_000_000
"""Bytes of attachments that a phone may bring after it was cut off, or its person's term ended; ten times what a phone
keeps."""
MOST_PART = 65_536
"""Bytes of one part: some seconds of a slow link, so that little is sent twice when it breaks."""
KEEP_HALF_DAYS = 60
"""What has not come whole after so many days is dropped when the next one of its village begins. A phone that still
has it is told to begin anew."""
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Held:
    """How much of an attachment is here, in bytes. `size` 0: not known yet."""

    offset: int = 0
    size: int = 0
    done: bool = False


class Blobs:
    """The attachments of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, village: str, device: str, name: str) -> Held:
        """How much has come. Raises `blob_unnamed` when no stored op of the device names it."""
        return await self._database.read(_held(village, device, name))

    async def take(
        self, village: str, device: str, name: str, offset: int, size: int, part: bytes, now: int,
        *, cut_off_at: int | None = None,
    ) -> Held:  # fmt: skip
        """Keep the part at `offset` of an attachment of `size` bytes. A part that is here already changes nothing.

        With the last part the whole is held against its name. Raises `blob_unnamed`, `blob_too_large`,
        `blob_offset` with where to go on, `blob_broken` (all that was held is dropped then), and `cut_off_full` when
        a phone that was cut off (`cut_off_at`, ms) has brought as much since as it may.
        """
        if size > MOST_BYTES:
            raise Problem("blob_too_large", at_most=MOST_BYTES)
        held = await self._database.write(
            _take(village, device, name, offset, size, part, now, cut_off_at)
        )
        if held is None:
            raise Problem("blob_broken")
        return held

    async def whole(self, village: str, names: Iterable[str]) -> frozenset[str]:
        """Those of these names whose bytes are all here."""
        return await self._database.read(_whole(village, sorted(set(names))))

    async def content(self, village: str, name: str) -> bytes | None:
        """An attachment's bytes; None while they are not all here."""
        return await self._database.read(_content(village, name))


def _held(village: str, device: str, name: str) -> Work[Held]:
    found = yield ask(sql.BLOB, v=village, of_name=name)
    yield from _named(village, device, name, found[0][2] if found else "")
    return Held(found[0][1], found[0][0], found[0][3] > 0) if found else Held()


def _named(village: str, device: str, name: str, began: str) -> Work[None]:
    """Nothing when `device` may bring this: it began it, or an op of it names it. Whether others have is not told."""
    if device == began:
        return
    if not is_attachment(name):
        raise Problem("blob_unnamed")
    if not (yield ask(sql.NAMED, v=village, of_device=device, pattern=f'%"{name}"%')):
        raise Problem("blob_unnamed")


def _take(
    village: str, device: str, name: str, offset: int, size: int, part: bytes, now: int,
    cut_off_at: int | None,
) -> Work[Held | None]:  # fmt: skip
    """None when the whole is not what its name says."""
    before = yield ask(sql.BLOB, v=village, of_name=name)
    yield from _named(village, device, name, before[0][2] if before else "")
    # Who brings a part may say another size than at first.
    more = size - before[0][0] if before else size
    if cut_off_at is not None and more > 0:
        [[begun]] = yield ask(sql.BEGUN, v=village, of_device=device, since=cut_off_at)
        if begun + more > MOST_CUT_OFF:
            raise Problem("cut_off_full", bytes_at_most=MOST_CUT_OFF)
    if not before:
        yield from _sweep(village, now)
    yield ask(
        sql.NEW_BLOB, village=village, name=name, size=size, held=0, device=device,
        created_at=now, done_at=0,
    )  # fmt: skip
    [[told, held, _, done_at]] = yield ask(sql.LOCK_BLOB, v=village, of_name=name)
    if done_at:
        return Held(held, told, True)
    if told != size:  # one of the two who bring it is wrong; the hash will tell
        yield ask(sql.DROP_CHUNKS, v=village, of_name=name)
        held = 0
    end = offset + len(part)
    if end <= held and part:
        return Held(held, size)
    if offset != held or end > size or not part:
        raise Problem("blob_offset", offset=held, size=size)
    yield ask(sql.PUT_CHUNK, village=village, name=name, start=offset, bytes=part)
    if end == size:
        content = yield from _bytes(village, name)
        if f"{sha256(content).hexdigest()}." != name[:65] or not begins_right(name, content):
            yield ask(sql.DROP_CHUNKS, v=village, of_name=name)
            yield ask(sql.DROP_BLOB, v=village, of_name=name)
            return None
    done = end == size
    yield ask(
        sql.SET_BLOB, v=village, of_name=name, new_size=size, new_held=end,
        new_done_at=now if done else 0,
    )  # fmt: skip
    return Held(end, size, done)


def _sweep(village: str, now: int) -> Work[None]:
    for (name,) in (yield ask(sql.DROP_HALF, v=village, before=now - KEEP_HALF_DAYS * DAY_MS)):
        yield ask(sql.DROP_CHUNKS, v=village, of_name=name)


def _bytes(village: str, name: str) -> Work[bytes]:
    return b"".join(row[0] for row in (yield ask(sql.CHUNKS, v=village, of_name=name)))


def _whole(village: str, names: list[str]) -> Work[frozenset[str]]:
    return frozenset(row[0] for row in (yield ask(sql.WHOLE, v=village, names=names)))


def _content(village: str, name: str) -> Work[bytes | None]:
    found = yield ask(sql.BLOB, v=village, of_name=name)
    if not found or not found[0][3]:
        return None
    return (yield from _bytes(village, name))
