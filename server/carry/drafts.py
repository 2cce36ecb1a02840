"""Drafts of a phone that was enrolled anew: it brings the boxes it can't open, and gets back what its own person began.
Nothing of it is kept here (PROTOCOL.md §3.11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.auth import Account, Auth
from server.database import Database

from .keys import opened_body, private_keys

MAGIC = "zoufang-drafts"
SEALED = "zoufang-draft"


async def drafts_in(
    auth: Auth, database: Database, account: Account, boxes: Sequence[bytes]
) -> list[Any]:
    """What lies in each box, in the order brought; None for what does not open, is no draft, or was begun by another
    person than `account`."""
    keys = await database.read(private_keys(account.village))
    return [await _own(auth, account, opened_body(keys, box)) for box in boxes]


async def _own(auth: Auth, account: Account, body: Any) -> Any:
    if not isinstance(body, dict) or body.get("magic") != SEALED:
        return None
    token = body.get("token")
    caller = await auth.caller(token) if isinstance(token, str) else None
    if caller is None:
        return None
    device, author, _ = caller
    is_own = (author.village, author.id) == (account.village, account.id)
    return body.get("draft") if is_own and device.id == body.get("device") else None
