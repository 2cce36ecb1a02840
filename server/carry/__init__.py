"""What phones saved and cannot open any more: sealed to the village's key, opened here, taken in as their own ops.

- box.py: the sealed box itself, pure
- keys.py: the village's key, kept in the database
- message.py: boxes as JSON, sent or carried
- taking.py: boxes in, verdicts out (sync/PROTOCOL.md §3.8)
"""

from .box import Unopened
from .keys import public_key
from .message import MAGIC, MAX_BOXES, read_boxes
from .taking import Taken, take_in

__all__ = ["MAGIC", "MAX_BOXES", "Taken", "Unopened", "public_key", "read_boxes", "take_in"]
