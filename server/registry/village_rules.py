"""What villages said of the rules of frequency, as it is kept: added to, never changed.

A change gives the village's row a new stamp, by which every process and every phone notices it (own_forms.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import bindparam, insert, update

from server.database import Work, ask
from server.database import schema as s
from server.programme.village_rules import RuleSetting

from .ids import now_ms, short_id
from .statements import HERE, LOCK_VILLAGE, of

_SETTINGS = of(s.village_rule, "number", "rule", "is_on", "every_days", "at", "by").order_by(
    s.village_rule.c.number
)
_NEW = insert(s.village_rule)
SET_STAMP = update(s.village).where(s.village.c.village == HERE).values(forms=bindparam("stamp"))


def settings(village: str) -> Work[list[RuleSetting]]:
    """All that a village ever said, the newest last."""
    return [
        RuleSetting(number, rule, bool(is_on), json.loads(every_days), at, by)
        for number, rule, is_on, every_days, at, by in (yield ask(_SETTINGS, v=village))
    ]


def set_rule(
    village: str, rule: str, is_on: bool, every_days: Mapping[str, int], author: str
) -> Work[int]:
    """Say how a rule holds from now on; the number of what was said."""
    yield ask(LOCK_VILLAGE, v=village)
    before = yield ask(_SETTINGS, v=village)
    number = (before[-1][0] if before else 0) + 1
    yield ask(
        _NEW, village=village, number=number, rule=rule, is_on=is_on,
        every_days=json.dumps(dict(every_days)), at=now_ms(), by=author,
    )  # fmt: skip
    yield ask(SET_STAMP, v=village, stamp=short_id())
    return number
