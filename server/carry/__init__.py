"""What phones saved and cannot send: sealed to the village's key, opened here, taken in as their own ops.

- box.py: the sealed box itself, pure
- keys.py: the village's key, kept in the database
- message.py: boxes as JSON, sent or carried
- taking.py: boxes in, verdicts out (sync/PROTOCOL.md §3.8, §3.12)
- drafts.py: drafts given back to a phone enrolled anew (§3.11)
- receipt.py: what goes back to a phone that has no network (§3.10)
"""

from .box import Unopened
from .drafts import drafts_in
from .keys import public_key
from .message import MAGIC, MAX_BOXES, MAX_FILE_BOXES, read_boxes, read_packed
from .receipt import Receipt, file_of
from .taking import Brought, Taken, take_in, take_packed

__all__ = [
    "MAGIC", "MAX_BOXES", "MAX_FILE_BOXES", "Brought", "Receipt", "Taken", "Unopened", "drafts_in", "file_of",
    "public_key", "read_boxes", "read_packed", "take_in", "take_packed",
]  # fmt: skip
