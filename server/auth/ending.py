"""Grants that ended by their day: each has its line in the audit, though nothing runs at midnight. It is written by whoever
comes first after that, and says the day."""

from __future__ import annotations

import json
from collections.abc import Sequence

from server.database import Work, ask
from server.registry.placement import grid_bucket

from . import audit, grants
from . import statements as sql
from .grants import Grant
from .model import Account


def over(accounts: Sequence[Account], day: str, village: str) -> Work[list[tuple[Account, Grant]]]:
    """The grants that are over on a day and of which nothing is noted yet."""
    found = []
    for account in accounts:
        ended = grants.ended(account.grants, day) if account.active else {}
        if not ended:
            continue
        rows = yield ask(sql.GRANTS_ENDED, v=village, of=account.id)
        noted = {row[0]: row[1] for row in rows}
        for it in account.grants:
            bucket = grid_bucket(it.grid)
            is_over = bucket in ended and it.grid not in account.grids
            if is_over and noted.get(bucket, 0) < ended[bucket]:
                found.append((account, it))
    return found


def note_over(accounts: Sequence[Account], day: str, village: str, now: int) -> Work[None]:
    names = {}
    for (row,) in (yield ask(sql.GRIDS, v=village)):
        fields = json.loads(row)[3]
        names[fields.get("grid_code")] = fields.get("name")
    for account, it in (yield from over(accounts, day, village)):
        [(bucket, ended_at)] = grants.ended([it], day).items()
        yield ask(
            sql.PUT_GRANT_ENDED, village=village, account=account.id, bucket=bucket,
            ended_at=ended_at,
        )  # fmt: skip
        said = f"{names.get(it.grid) or it.grid} {it.begins or '…'} → {it.ends}"
        yield from audit.note(village, "", "period_over", account.id, said, now)
