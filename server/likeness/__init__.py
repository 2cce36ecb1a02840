"""Who may be the same: pairs of records that look like one child, adult, household or helper (domain: duplicate detection).

    features.py  what is compared of a record, and the keys under which its likes are found. Pure
    compare.py   two records' features -> a score with its reasons, for and against. Pure
    index.py     the kept features, keys and pairs of a village, brought up to date from the log of ops
    statements.py  its SQL

Nothing here merges: a pair is a question to the office. The index follows the log from where it stood, so an
evening's work costs what came in that evening, whatever the size of the village; it can be thrown away and made anew.
"""

from .compare import MEDIUM, STRONG, Reason
from .index import Likeness, Pair, Progress

__all__ = ["MEDIUM", "STRONG", "Likeness", "Pair", "Progress", "Reason"]
