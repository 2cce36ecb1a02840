"""What one batch brought, such as an import: for looking it over, and for taking it back."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec
from sqlalchemy import bindparam

from server.database import Work, ask
from server.database import schema as s
from server.database.statement import any_of

from .statements import of

_OPS = (
    of(s.op, "rev", "body")
    .where(s.op.c.device == bindparam("device"), s.op.c.rev > 0, s.op.c.copy_of == "")
    .order_by(s.op.c.rev)
)
_BORN = of(s.record, "id", "type", "born").where(any_of(s.record.c.id, "ids"))
_TOUCHES = of(s.touch, "record", "rev").where(any_of(s.touch.c.record, "ids"))


class Brought(msgspec.Struct, frozen=True):
    """`made`: the records a batch made, by type. `edited`: record that was there before -> the keys it changed.
    `touched`: those of both that somebody else has changed since."""

    made: Mapping[str, str]
    edited: Mapping[str, frozenset[str]]
    touched: frozenset[str]


def brought(code: str, device: str) -> Work[Brought]:
    """What a batch device brought, from the log."""
    keys: dict[str, set[str]] = {}
    last: dict[str, int] = {}
    revs = set()
    for rev, body in (yield ask(_OPS, v=code, device=device)):
        revs.add(rev)
        for change in json.loads(body)["changes"]:
            keys.setdefault(change["record"], set()).update(change["set"])
            last[change["record"]] = rev
    born = yield ask(_BORN, v=code, ids=sorted(keys))
    made = {id: type for id, type, rev in born if rev in revs}
    touches = yield ask(_TOUCHES, v=code, ids=sorted(keys))
    return Brought(
        made,
        {id: frozenset(changed) for id, changed in keys.items() if id not in made},
        frozenset(id for id, rev in touches if rev not in revs and rev > last[id]),
    )
