"""What phones saved and cannot open any more: sealed to the village's key, opened here, taken in as their own ops.

- box.py: the sealed box itself, pure
- keys.py: the village's key, kept in the database
- taking.py: boxes in, verdicts out (sync/PROTOCOL.md §3.8)
"""

from .box import Unopened
from .keys import public_key
from .taking import MAX_BOXES, Taken, take_in

__all__ = ["MAX_BOXES", "Taken", "Unopened", "public_key", "take_in"]
