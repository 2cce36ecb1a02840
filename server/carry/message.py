"""The message of boxes, and the file that is carried by hand: the same text. What a screen's codes carry comes in one
box, packed."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from server.errors import Problem
from sync.wire import PROTOCOL

MAGIC = "zoufang-carry"
MAX_BOXES = 500
"""Of one message."""
MAX_FILE_BOXES = 5_000
"""Of one file that is carried to the office."""


def read_boxes(body: Any, magic: str = MAGIC, most: int = MAX_BOXES) -> tuple[str, list[bytes]]:
    """Village and boxes of a decoded message or file. Raises `wrong_magic`, `wrong_protocol`, `bad_json`,
    `too_large`."""
    village, boxes = _told(body, magic, "boxes", list)
    if len(boxes) > most:
        raise Problem("too_large", boxes=len(boxes), at_most=most)
    return village, [_bytes(box, "boxes") for box in boxes]


def read_packed(body: Any) -> tuple[str, bytes]:
    """Village and the one box of a decoded file of what a screen's codes carried. Raises as `read_boxes`."""
    village, box = _told(body, MAGIC, "packed", str)
    return village, _bytes(box, "packed")


def _told(body: Any, magic: str, field: str, kind: type) -> tuple[str, Any]:
    if not isinstance(body, dict):
        raise Problem("bad_json", expected="object")
    if body.get("magic") != magic:
        raise Problem("wrong_magic")
    if body.get("protocol") != PROTOCOL:
        raise Problem("wrong_protocol", spoken=PROTOCOL)
    village, held = body.get("village"), body.get(field)
    if not isinstance(village, str) or not isinstance(held, kind):
        raise Problem("bad_json", field=field)
    return village, held


def _bytes(box: Any, field: str) -> bytes:
    try:
        return b64decode(box, validate=True)
    except (TypeError, ValueError) as error:
        raise Problem("bad_json", field=field) from error
