"""Canonical JSON (PROTOCOL.md §7): the one byte form that is stored, hashed and compared.

`tests/vectors/canonical.json` holds this and the phone's own implementation together.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from .errors import Malformed

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode

MAX_TEXT = 20_000
"""Characters in one value: about forty handwritten pages."""
MAX_DEPTH = 4
MAX_INTEGER = 2**53 - 1
"""What JavaScript's numbers hold exactly."""


def canonical(value: Any) -> bytes:
    """The canonical bytes of a value made of dicts, lists, strings, integers and booleans."""
    return _encode(value).encode()


def normalised(value: Any, depth: int = 0) -> Any:
    """The value as it may be stored: strings in NFC, no fractions, nothing too big.

    Raises `Malformed`. What is fine comes back as it is, not as a copy.
    """
    kind = type(value)
    if kind is str:
        text: str = value
        if not unicodedata.is_normalized("NFC", value):
            text = unicodedata.normalize("NFC", value)
        if len(text) > MAX_TEXT:
            raise Malformed("text_too_long")
        return text
    if kind is bool or value is None:
        return value
    if kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise Malformed("number_too_large")
        return value
    if depth >= MAX_DEPTH:
        raise Malformed("value_too_deep")
    if kind is dict:
        return {
            normalised(name, depth + 1): normalised(part, depth + 1)
            for name, part in value.items()
            if part is not None
        }
    if kind is list:
        return [normalised(part, depth + 1) for part in value]
    raise Malformed("fraction" if kind is float else "bad_value")
