"""The registry: loading and storing what phones and the office agree on. The only SQL for synced data.

registry.py is the door. Taking ops in: push.py knows replays, gaps and forks, merging.py merges in memory (working.py is
its working set, classes.py the records that are one), storing.py writes back, placement.py decides who gets a
record. Giving out: pull.py pages, repair.py rows that differ, reads.py the office's questions,
kept.py the rows it keeps between two of them. lineage.py is about
backups and restores. rules.py asks the programme about types; statements.py has the SQL;
own_forms.py keeps the villages' own forms. erasing.py, alone, takes out of the log what must be forgotten.
"""

from .batch import Batch, Pushed, Unreadable
from .batches import Brought
from .erasing import StillPresent
from .holding import Holding
from .ids import now_ms, short_id, uuid7
from .kept import Kept, Made
from .own_forms import FormVersion, KeptForm
from .reads import HistoryEdit, Origin, Quarantined, Receipt, Review, Row, Siblings, Village
from .registry import Committed, Moved, Registry

__all__ = [
    "Batch",
    "Brought",
    "Committed",
    "FormVersion",
    "HistoryEdit",
    "Holding",
    "Kept",
    "KeptForm",
    "Made",
    "Moved",
    "Origin",
    "Pushed",
    "Quarantined",
    "Receipt",
    "Registry",
    "Review",
    "Row",
    "Siblings",
    "StillPresent",
    "Unreadable",
    "Village",
    "now_ms",
    "short_id",
    "uuid7",
]
