"""Repairing a phone whose rows differ: nothing is wiped, only what differs is found and sent (PROTOCOL.md §3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from server.database import Work, ask
from sync import Digest, row_digest

from . import rules
from . import statements as sql

DIGITS = "0123456789abcdef"


@dataclass(slots=True)
class Held:
    """What a bucket holds, row by row."""

    rows: dict[str, str] = field(default_factory=dict)
    """Record id -> the row's canonical text, as the bucket shows it."""

    def differ(self, sums: Sequence[str]) -> dict[str, list[list[str]]]:
        """For each last hex digit whose sum differs: `[id, first 8 hex digits of the row's SHA-256]` of every row."""
        own = dict.fromkeys(DIGITS, Digest())
        for id, text in self.rows.items():
            own[id[-1]] = own[id[-1]].plus(row_digest(text.encode()))
        wrong = {d for d, theirs in zip(DIGITS, sums, strict=True) if own[d].hex() != theirs}
        return {
            digit: [
                [id, sha256(text.encode()).hexdigest()[:8]]
                for id, text in sorted(self.rows.items())
                if id[-1] == digit
            ]
            for digit in sorted(wrong)
        }


def held(village: str, bucket: str) -> Work[Held]:
    """Everything a bucket holds now. Reads the whole bucket: repair is rare."""
    projection = rules.projection_of(bucket)
    found = Held()
    for statement in (sql.ALL_HOME_ROWS, sql.ALL_MEMBER_ROWS):
        for id, record_type, _rev, _present, text in (
            yield ask(statement, v=village, bucket=bucket)
        ):
            shown = rules.projected_text(record_type, text, projection)
            if shown is not None:
                found.rows[id] = shown
    return found


def repairs(
    village: str,
    allowed: Sequence[str],
    compare: Mapping[str, Sequence[str]],
    fetch: Mapping[str, Sequence[str]],
) -> Work[dict[str, tuple[dict[str, list[list[str]]], list[str]]]]:
    """Bucket -> (listing of what differs, rows asked for), for buckets the device may hold."""
    answer: dict[str, tuple[dict[str, list[list[str]]], list[str]]] = {}
    for bucket in allowed:
        if bucket in compare or bucket in fetch:
            whole = yield from held(village, bucket)
            listing = whole.differ(compare[bucket]) if bucket in compare else {}
            rows = [whole.rows[id] for id in fetch.get(bucket, ()) if id in whole.rows]
            answer[bucket] = (listing, rows)
    return answer
