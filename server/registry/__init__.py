"""The registry: loading and storing what phones and the office agree on. The only SQL for synced data.

registry.py is the door; push.py takes ops in, pull.py gives rows out, reads.py answers the office. working.py is
the working set of a push, placement.py decides who gets a record, rules.py asks the programme about types.
"""

from .batch import Batch, Pushed, Unreadable
from .ids import now_ms, short_id, uuid7
from .reads import HistoryEdit, Quarantined, Receipt, Review, Row, Siblings, Village
from .registry import Committed, Registry

__all__ = [
    "Batch",
    "Committed",
    "HistoryEdit",
    "Pushed",
    "Quarantined",
    "Receipt",
    "Registry",
    "Review",
    "Row",
    "Siblings",
    "Unreadable",
    "Village",
    "now_ms",
    "short_id",
    "uuid7",
]
