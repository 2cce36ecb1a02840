"""The audit trail: a line for everything somebody did or looked at, each chained to the one before it by its hash, so that
a line changed or left out shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from server.database import Work, ask

from . import statements as sql
from .model import Entry, Trail


def note(
    village: str, account: str, action: str, subject: str, details: str, now: int
) -> Work[None]:
    last = yield ask(sql.LAST_AUDIT, v=village)
    number, chain = (last[0][0] + 1, last[0][1]) if last else (1, "")
    said = (number, now, account, action, subject, details)
    yield ask(
        sql.NEW_AUDIT, village=village, number=number, at=now, account=account, action=action,
        subject=subject, details=details, chain=_chained(chain, said),
    )  # fmt: skip


def _chained(before: str, said: Sequence[Any]) -> str:
    """The hash of a line, after that of the line before it."""
    return sha256((before + json.dumps(said, ensure_ascii=False)).encode()).hexdigest()


def check(village: str) -> Work[Trail]:
    rows = yield ask(sql.AUDIT_CHAIN, v=village)
    chain, broken = "", 0
    for place, (*said, stored) in enumerate(rows, start=1):
        if not broken and (said[0] != place or stored != _chained(chain, said)):
            broken = place
        chain = stored
    return Trail(len(rows), chain, broken)


def between(village: str, since: int, until: int) -> Work[list[Entry]]:
    rows = yield ask(sql.AUDITS_BETWEEN, v=village, since=since, until=until)
    return [Entry(*row) for row in rows]


def newest(village: str, most: int) -> Work[list[Entry]]:
    return [Entry(*row) for row in (yield ask(sql.AUDITS, v=village, most=most))]


def about(village: str, subjects: Sequence[str]) -> Work[list[Entry]]:
    rows = yield ask(sql.AUDITS_ABOUT, v=village, subjects=list(subjects))
    return [Entry(*row) for row in rows]


def last(village: str, action: str) -> Work[Entry | None]:
    rows = yield ask(sql.LAST_OF_ACTION, v=village, of_action=action)
    return Entry(*rows[0]) if rows else None


def settled(village: str, subjects: Sequence[str]) -> Work[list[Entry]]:
    rows = yield ask(sql.SETTLED, v=village, subjects=list(subjects))
    return [Entry(*row) for row in rows]
