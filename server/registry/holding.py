"""What a phone could hold: the records of its buckets, and those that have left them since it was last seen to agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from server.database import Work, ask

from . import rules
from . import statements as sql
from .reads import Row
from .text import parsed

NO_END = 2**62


class Holding(NamedTuple):
    """A record, and whether it has left the phone's buckets: then the phone may not have heard of it."""

    row: Row
    bucket: str
    has_left: bool


def could_hold(
    village: str, buckets: Sequence[str], since: int, types: Sequence[str]
) -> Work[list[Holding]]:
    """Records of some types in these buckets now, and those that have left after a revision. Each once, by its first
    bucket, as the bucket shows it."""
    found: dict[str, Holding] = {}
    for bucket in buckets:
        projection = rules.projection_of(bucket)
        at_home = yield ask(sql.ALL_HOME_ROWS, v=village, bucket=bucket)
        members = yield ask(sql.ALL_MEMBER_ROWS, v=village, bucket=bucket)
        moved = yield ask(
            sql.MEMBER_ROWS, v=village, bucket=bucket, cursor=since, head=NO_END, most=NO_END
        )
        for id, type, _rev, present, text in [
            *at_home,
            *members,
            *(row for row in moved if not row[3]),
        ]:
            if type not in types or id in found:
                continue
            shown = rules.projected_text(type, text, projection)
            if shown is not None:
                _id, _type, rev, fields, *_ = parsed(shown)
                row = Row(id, type, rev, bucket, fields, {}, bool(present))
                found[id] = Holding(row, bucket, not present)
    return list(found.values())
