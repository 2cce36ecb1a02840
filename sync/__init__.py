"""The heart of Zoufang: what a change is, who had seen what, which value shows, which is contested.

Pure: values in, values out. No clock, no randomness, no I/O, nothing of forms or children. What it promises:

- a value is superseded only by an edit whose author was shown it (merge.py);
- the order in which ops arrive, and how often, changes nothing;
- a key is contested exactly when two edits differ that had not seen each other (shown.py);
- two stores with equal rows have equal digests (digest.py, canonical.py).

Read model.py, then merge.py, then shown.py. PROTOCOL.md is the same for the wire.
"""

from .alias import Edge, class_record, edge_of, group, representative, watched
from .canonical import canonical, normalised
from .clock import corrected
from .digest import Digest, digest, row_digest
from .errors import BadEnvelope, Malformed, SyncError
from .merge import Guarded, created, joined, merged, supersedes
from .model import (
    LATEST,
    PRESENT,
    Change,
    Edit,
    Key,
    Op,
    Policy,
    Prev,
    Record,
    RecordId,
    Stamp,
    Verdict,
    Village,
)
from .shown import (
    MUST_SETTLE,
    Policies,
    Shown,
    distinct,
    field_of,
    is_contested,
    must_settle,
    pick,
    presence,
    show,
    verdict,
)

__all__ = [
    "LATEST",
    "MUST_SETTLE",
    "PRESENT",
    "BadEnvelope",
    "Change",
    "Digest",
    "Edge",
    "Edit",
    "Guarded",
    "Key",
    "Malformed",
    "Op",
    "Policies",
    "Policy",
    "Prev",
    "Record",
    "RecordId",
    "Shown",
    "Stamp",
    "SyncError",
    "Verdict",
    "Village",
    "canonical",
    "class_record",
    "corrected",
    "created",
    "digest",
    "distinct",
    "edge_of",
    "field_of",
    "group",
    "is_contested",
    "joined",
    "merged",
    "must_settle",
    "normalised",
    "pick",
    "presence",
    "representative",
    "row_digest",
    "show",
    "supersedes",
    "verdict",
    "watched",
]
