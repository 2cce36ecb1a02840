"""Pictures and recordings as answers. The answer is the attachment's name, `<SHA-256 of its bytes>.<ending>`: it can be
merged, compared and typed into a list like any text, and the bytes come after it (sync/PROTOCOL.md §3.9).
"""

from __future__ import annotations

import re
from types import MappingProxyType

ENDINGS = MappingProxyType({"image": ("jpg", "webp"), "audio": ("webm", "m4a", "ogg")})
"""Question type -> endings its answers may have."""
MEDIA_TYPES = MappingProxyType(
    {
        "jpg": "image/jpeg", "webp": "image/webp",
        "webm": "audio/webm", "m4a": "audio/mp4", "ogg": "audio/ogg",
    }
)  # fmt: skip
_NAME = re.compile(r"[0-9a-f]{64}\.(" + "|".join(MEDIA_TYPES) + ")").fullmatch


def is_attachment(name: object, kind: str = "") -> bool:
    """Whether this is an attachment's name; with `kind` (image, audio), whether it can answer such a question."""
    found = _NAME(name) if isinstance(name, str) else None
    return found is not None and (not kind or found[1] in ENDINGS[kind])


def begins_right(name: str, content: bytes) -> bool:
    """Whether the first bytes are those of a file with this ending: a renamed document is not a picture."""
    match name.rpartition(".")[2]:
        case "jpg":
            return content.startswith(b"\xff\xd8\xff")
        case "webp":
            return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
        case "webm":
            return content.startswith(b"\x1a\x45\xdf\xa3")
        case "m4a":
            return content[4:8] == b"ftyp"
        case "ogg":
            return content.startswith(b"OggS")
        case _:
            return False
