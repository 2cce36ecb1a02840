"""The SQL of likeness. Every statement carries the village."""

from __future__ import annotations

from sqlalchemy import BindParameter, Delete, Table, bindparam, delete, func, select

from server.database import schema as s
from server.database.statement import any_of, insert_new, upsert

HERE: BindParameter[str] = bindparam("v")

HEAD = select(s.village.c.rev).where(s.village.c.village == HERE)
REACHED = select(s.counter.c.value).where(
    s.counter.c.village == HERE, s.counter.c.name == bindparam("name")
)
SET_REACHED = upsert(s.counter)

OPS_AFTER = (
    select(s.op.c.rev, s.op.c.body)
    .where(s.op.c.village == HERE, s.op.c.rev > bindparam("after"))
    .order_by(s.op.c.rev)
    .limit(bindparam("most"))
)
RECORDS = select(
    s.record.c.id, s.record.c.type, s.record.c.present, s.record.c.alias_of, s.record.c.row
).where(s.record.c.village == HERE, any_of(s.record.c.id, "ids"))
OF_ROOTS = select(s.record.c.id, s.record.c.type, s.record.c.alias_of, s.record.c.row).where(
    s.record.c.village == HERE, any_of(s.record.c.root, "roots"), s.record.c.present
)
OF_CLASSES = select(s.record.c.id, s.record.c.type, s.record.c.alias_of).where(
    s.record.c.village == HERE, any_of(s.record.c.alias_of, "heads")
)

PUT_FEATURES = upsert(s.likeness)
FEATURES = select(s.likeness.c.record, s.likeness.c.features).where(
    s.likeness.c.village == HERE, any_of(s.likeness.c.record, "ids")
)
PUT_KEY = insert_new(s.likeness_key)
KEYS_OF = select(s.likeness_key.c.key, s.likeness_key.c.record).where(
    s.likeness_key.c.village == HERE, any_of(s.likeness_key.c.record, "ids")
)
FOUND = select(s.likeness_key.c.key, s.likeness_key.c.record).where(
    s.likeness_key.c.village == HERE, any_of(s.likeness_key.c.key, "keys")
)
PUT_PAIR = upsert(s.duplicate)
_PAIR = ("a", "b", "type", "score", "reasons")
PAIRS = (
    select(*(s.duplicate.c[name] for name in _PAIR))
    .where(s.duplicate.c.village == HERE)
    .order_by(s.duplicate.c.score.desc(), s.duplicate.c.a, s.duplicate.c.b)
)
PAIR = select(*(s.duplicate.c[name] for name in _PAIR)).where(
    s.duplicate.c.village == HERE,
    s.duplicate.c.a == bindparam("first"),
    s.duplicate.c.b == bindparam("second"),
)
PAIRS_OF = select(s.duplicate.c.a, s.duplicate.c.b).where(
    s.duplicate.c.village == HERE,
    any_of(s.duplicate.c.a, "ids") | any_of(s.duplicate.c.b, "ids"),
)
COUNT = select(func.count()).select_from(s.duplicate).where(s.duplicate.c.village == HERE)
SIZES = (
    select(s.likeness.c.type, func.count())
    .where(s.likeness.c.village == HERE)
    .group_by(s.likeness.c.type)
)


def _forget(table: Table, name: str) -> Delete:
    return delete(table).where(table.c.village == HERE, any_of(table.c[name], "ids"))


FORGET_FEATURES = _forget(s.likeness, "record")
FORGET_KEYS = _forget(s.likeness_key, "record")
FORGET_PAIRS_A = _forget(s.duplicate, "a")
FORGET_PAIRS_B = _forget(s.duplicate, "b")
FORGET_ALL = [
    delete(table).where(table.c.village == HERE)
    for table in (s.likeness, s.likeness_key, s.duplicate)
]
