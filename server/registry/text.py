"""JSON text as it is stored: the bytes of `sync.canonical`, written by msgspec in a tenth of the time."""

from __future__ import annotations

from typing import Any

import msgspec

encoded = msgspec.json.Encoder(order="sorted").encode
"""The canonical bytes of a value (PROTOCOL.md §7)."""
parsed = msgspec.json.Decoder().decode
"""The value of a stored text."""


def text(value: Any) -> str:
    """The canonical text of a value."""
    return encoded(value).decode()
