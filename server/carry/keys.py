"""The village's key. It lies in the database, so that every backup holds it and every process of a county's server
finds it; whoever has the database has the register itself, so nothing would be gained by hiding it elsewhere.
A village gets its key when the first phone asks for it. Rows are never changed: a box of any age names nothing, and
is tried with each key of the village.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from server.database import Database, Work, ask
from server.database import schema as s
from server.database.statement import insert_new
from server.errors import Problem
from server.gzipped import unzipped

from .box import Unopened, new_key, open_box, public_of

GZIP = b"\x1f\x8b"
_KEYS = (
    select(s.carry_key.c.private)
    .where(s.carry_key.c.village == bindparam("v"))
    .order_by(s.carry_key.c.number)
)
_NEW_KEY = insert_new(s.carry_key)
_decode = msgspec.json.Decoder().decode


async def public_key(database: Database, village: str, now: int) -> bytes:
    """The village's public key, an uncompressed point of P-256; made now if there is none, ms."""
    kept = await database.read(private_keys(village))
    return public_of(kept[-1] if kept else await database.write(_made(village, new_key(), now)))


def private_keys(village: str) -> Work[list[bytes]]:
    return [b64decode(row[0]) for row in (yield ask(_KEYS, v=village))]


def opened_body(keys: Sequence[bytes], box: bytes, at_most: int = 0) -> Any:
    """The JSON that was sealed with one of `keys`; None if it was with none. It may be gzip'ed if `at_most`, the bytes
    it may unfold to, says so."""
    for key in keys:
        try:
            text = open_box(key, box)
            if at_most and text.startswith(GZIP):
                text = unzipped(text, at_most)
            return _decode(text)
        except (Unopened, Problem, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
    return None


def _made(village: str, private: bytes, now: int) -> Work[bytes]:
    """Of two that make the first key at once, one is too late and gets the other's."""
    yield ask(
        _NEW_KEY, village=village, number=1, private=b64encode(private).decode(), created_at=now
    )
    kept = yield from private_keys(village)
    return kept[-1]
