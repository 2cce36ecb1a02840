"""The message of boxes, and the file that is carried by hand: the same text."""

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
    if not isinstance(body, dict):
        raise Problem("bad_json", expected="object")
    if body.get("magic") != magic:
        raise Problem("wrong_magic")
    if body.get("protocol") != PROTOCOL:
        raise Problem("wrong_protocol", spoken=PROTOCOL)
    village, boxes = body.get("village"), body.get("boxes")
    if not isinstance(village, str) or not isinstance(boxes, list):
        raise Problem("bad_json", field="boxes")
    if len(boxes) > most:
        raise Problem("too_large", boxes=len(boxes), at_most=most)
    try:
        return village, [b64decode(box, validate=True) for box in boxes]
    except (TypeError, ValueError) as error:
        raise Problem("bad_json", field="boxes") from error
