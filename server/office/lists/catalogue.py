"""All lists by name, in the groups of the page that names them."""

from collections.abc import Mapping, Sequence

from server.office.lists import asks, concern, daily, gaps, helping, owed, priority, reviews, things
from server.office.lists.kinds import Kind

GROUPS: Sequence[tuple[str, Sequence[Kind]]] = (
    ("该做的", (*owed.KINDS[:2], *asks.KINDS)),
    ("孩子", (helping.KINDS[2], *priority.KINDS, *concern.KINDS, *gaps.KINDS, *owed.KINDS[2:])),
    ("帮扶人和结对", (*helping.KINDS[:2], *reviews.KINDS)),
    ("之家的日常", daily.KINDS),
    ("场所和物品", things.KINDS),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for _, kinds in GROUPS for kind in kinds}
