"""Digests: a 128-bit sum over a bucket's rows, cheap to keep up as rows come, change and go.

Four 32-bit lanes, each summed modulo 2**32, so that order does not matter and two equal errors do not
cancel (as they would under XOR). It guards against bugs and bit rot, not against a hostile phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

_MASK = 0xFFFFFFFF
_lanes = Struct(">4I").unpack_from


class Digest(NamedTuple):
    """The sum over a set of rows; add and subtract rows as they come and go."""

    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0

    def plus(self, other: Digest) -> Digest:
        a, b, c, d = other
        return Digest(
            self.a + a & _MASK, self.b + b & _MASK, self.c + c & _MASK, self.d + d & _MASK
        )

    def minus(self, other: Digest) -> Digest:
        a, b, c, d = other
        return Digest(
            self.a - a & _MASK, self.b - b & _MASK, self.c - c & _MASK, self.d - d & _MASK
        )

    def hex(self) -> str:
        """32 hex digits, as on the wire."""
        return "{:08x}{:08x}{:08x}{:08x}".format(*self)

    @classmethod
    def of(cls, rows: Sequence[Digest]) -> Digest:
        """The sum of many."""
        return cls(*(sum(lane) & _MASK for lane in zip(*rows, strict=True))) if rows else cls()

    @classmethod
    def from_hex(cls, text: str) -> Digest:
        return cls(*(int(text[i : i + 8], 16) for i in range(0, 32, 8)))


def row_digest(row: bytes) -> Digest:
    """The digest of one row from its canonical bytes."""
    return Digest._make(_lanes(sha256(row).digest()))


def digest(rows: Iterable[bytes]) -> Digest:
    """The digest of many rows, counted afresh."""
    return Digest.of([row_digest(row) for row in rows])
