"""Identifiers: UUIDv7, so that rows made together lie together."""

from __future__ import annotations

import secrets
import time

_last = 0


def uuid7(now_ms: int | None = None) -> str:
    """A UUIDv7 (RFC 9562) as 32 lower-case hex digits. `now_ms` is the instant inside it; left to the clock, ids
    made by this process come out in rising order, also within one millisecond (method 2 of the RFC)."""
    global _last
    at = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    noise = secrets.randbits(74)
    value = at << 80 | 0x7 << 76 | (noise >> 62) << 64 | 0b10 << 62 | noise & ((1 << 62) - 1)
    if now_ms is None:
        if _last >> 80 == at:
            value = max(value, _last + 1)
        _last = value
    return f"{value:032x}"


def short_id() -> str:
    """12 random hex digits: a device, an epoch."""
    return secrets.token_hex(6)


def now_ms() -> int:
    """The server's clock, milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000
