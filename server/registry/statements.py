"""The SQL of synced data, in one place. Every statement carries the village."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    union_all,
    update,
)

from server.database import schema as s
from server.database.statement import Octets, any_of, insert_new, upsert
from sync import Verdict

HERE: BindParameter[str] = bindparam("v")
"""The village. (Not `village`: in an update that name is the column's own.)"""


def here(table: Table) -> ColumnElement[bool]:
    return table.c.village == HERE


def of(table: Table, *names: str) -> Select[Any]:
    return select(*(table.c[name] for name in names)).where(here(table))


_RECORD = (
    "id",
    "type",
    "bucket",
    "root",
    "rev",
    "born",
    "present",
    "shared",
    "alias_of",
    "row",
    "state",
)

VILLAGES = select(s.village.c.village, s.village.c.name, s.village.c.epoch, s.village.c.rev, s.village.c.demo,
                  s.village.c.created_at).order_by(s.village.c.village)  # fmt: skip
VILLAGE = of(s.village, "village", "name", "epoch", "rev", "demo", "created_at", "forms")
LOCK_VILLAGE = of(s.village, "epoch", "rev", "forms").with_for_update()
NEW_VILLAGE = insert_new(s.village)
SET_HEAD = update(s.village).where(here(s.village)).values(rev=bindparam("head"))

DEVICE = of(
    s.device, "generation", "last_seq", "last_at", "kept_generation", "kept_seq", "revoked_at"
).where(s.device.c.id == bindparam("device"))
SET_DEVICE = (
    update(s.device)
    .where(here(s.device), s.device.c.id == bindparam("device"))
    .values(
        generation=bindparam("new_generation"),
        last_seq=bindparam("new_seq"),
        last_at=bindparam("new_at"),
    )
)
_HOLDS = func.coalesce(bindparam("holding", type_=Text), s.device.c.holds)
DEVICE_SEEN = (
    update(s.device)
    .where(here(s.device), s.device.c.id == bindparam("device"))
    .values(seen_at=bindparam("now"), holds=_HOLDS)
)
DEVICE_AGREED = (
    update(s.device)
    .where(here(s.device), s.device.c.id == bindparam("device"))
    .values(
        seen_at=bindparam("now"),
        agreed_at=bindparam("now"),
        agreed_rev=bindparam("head"),
        holds=_HOLDS,
    )
)
NEWEST_OP = (
    of(s.op, "seq", "at")
    .where(
        s.op.c.device == bindparam("device"),
        s.op.c.generation == bindparam("generation"),
    )
    .order_by(s.op.c.seq.desc())
    .limit(1)
)

OPS = of(s.op, "seq", "rev", "hash", "verdicts").where(
    s.op.c.device == bindparam("device"),
    s.op.c.generation == bindparam("generation"),
    s.op.c.seq >= bindparam("first"),
    s.op.c.seq <= bindparam("last"),
)
TWINS = of(s.op, "hash", "generation", "seq", "rev", "verdicts").where(
    s.op.c.device == bindparam("device"),
    s.op.c.rev > 0,
    s.op.c.copy_of == "",
    any_of(s.op.c.hash, "hashes"),
)
COPIES = of(s.op, "generation", "seq", "copy_of").where(
    s.op.c.device == bindparam("device"), s.op.c.copy_of != ""
)
NEW_OP = insert_new(s.op)
_ONE_OP = (
    here(s.op)
    & (s.op.c.device == bindparam("device"))
    & (s.op.c.generation == bindparam("generation"))
)
QUARANTINED_OP = select(s.op.c.body, s.op.c.at, s.op.c.author, s.op.c.verdicts, s.op.c.hash).where(
    _ONE_OP, s.op.c.seq == bindparam("seq"), s.op.c.rev == 0
)
_QUARANTINED = s.op.c.verdicts.contains(str(Verdict.QUARANTINED))
ASIDE = of(s.op, "generation", "seq", "body").where(
    s.op.c.device == bindparam("device"), s.op.c.rev == 0, _QUARANTINED
)
ASIDE_SIZE = select(func.count(), func.coalesce(func.sum(Octets(s.op.c.body)), 0)).where(
    here(s.op), s.op.c.device == bindparam("device"), s.op.c.rev == 0
)
_OP_TO_SET = (
    here(s.op),
    s.op.c.device == bindparam("b_device"),
    s.op.c.generation == bindparam("b_generation"),
    s.op.c.seq == bindparam("b_seq"),
)
"""One op, in an update: there `device` names the column."""
SET_RELEASED = (
    update(s.op)
    .where(*_OP_TO_SET)
    .values(
        rev=bindparam("new_rev"), given=bindparam("new_given"), copy_of=bindparam("new_copy_of")
    )
)
LINEAGE = of(s.lineage, "forked_at", "resumed_at")

RECORDS = of(s.record, *_RECORD).where(any_of(s.record.c.id, "ids"))
RECORDS_OF_ROOTS = of(s.record, *_RECORD).where(any_of(s.record.c.root, "roots"))
PAIRINGS = of(s.record, "id", "root", "row").where(s.record.c.type == "pairing", s.record.c.present)
RECORDS_OF_CLASSES = of(s.record, *_RECORD).where(any_of(s.record.c.alias_of, "heads"))
PUT_RECORD = upsert(s.record)
PUT_TOUCH = insert_new(s.touch)

MEMBERS = of(s.member, "record", "bucket", "rev", "present").where(any_of(s.member.c.record, "ids"))
PUT_MEMBER = upsert(s.member)

DIGESTS = of(s.digest, "bucket", "digest", "rows", "rev").where(
    any_of(s.digest.c.bucket, "buckets")
)
PUT_DIGEST = upsert(s.digest)

COUNTERS = of(s.counter, "name", "value").where(any_of(s.counter.c.name, "names"))
PUT_COUNTER = upsert(s.counter)

OPEN_CONFLICTS = of(s.review, "record", "key", "required", "opened_rev", "opened_at").where(
    any_of(s.review.c.record, "ids"), s.review.c.kind == "conflict", s.review.c.closed_rev == 0
)
PUT_REVIEW = upsert(s.review)
STILL_OPEN = of(s.review, "record").where(
    s.review.c.kind == bindparam("of_kind"),
    s.review.c.record == bindparam("of"),
    s.review.c.key == bindparam("of_key"),
    s.review.c.closed_rev == 0,
)
CLOSE_REVIEW = (
    update(s.review)
    .where(
        here(s.review),
        s.review.c.kind == bindparam("of_kind"),
        s.review.c.record == bindparam("of"),
        s.review.c.key == bindparam("of_key"),
    )
    .values(closed_rev=bindparam("at_rev"))
)
REVIEWS = (
    of(s.review, "kind", "record", "type", "key", "required", "opened_rev", "opened_at")
    .where(s.review.c.closed_rev == 0)
    .order_by(s.review.c.opened_rev.desc(), s.review.c.record, s.review.c.key)
)

PUT_RECEIPT = upsert(s.receipt)
RECEIPTS = (
    select(
        s.receipt.c.device,
        func.min(s.receipt.c.at),
        func.max(s.receipt.c.at),
        *(
            func.sum(s.receipt.c[name])
            for name in ("ops", "changes", "conflicts", "held", "refused", "rows_sent")
        ),
    )
    .where(here(s.receipt), s.receipt.c.at >= bindparam("since"))
    .group_by(s.receipt.c.device)
)
DEVICES = select(
    s.device.c.id, s.device.c.label, s.device.c.kind, s.device.c.seen_at, s.device.c.agreed_at,
    s.device.c.agreed_rev, s.account.c.name,
).select_from(
    s.device.outerjoin(
        s.account,
        (s.account.c.village == s.device.c.village) & (s.account.c.id == s.device.c.account),
    )
).where(here(s.device))  # fmt: skip

# Pull: a bucket's rows and those that have left it, in order of rev.
HOME_ROWS = (
    of(s.record, "id", "type", "rev", "present", "row")
    .where(
        s.record.c.bucket == bindparam("bucket"),
        s.record.c.rev > bindparam("cursor"),
        s.record.c.rev <= bindparam("head"),
    )
    .order_by(s.record.c.rev, s.record.c.id)
    .limit(bindparam("most"))
)
MEMBER_ROWS = (
    select(
        s.member.c.record,
        s.record.c.type,
        s.member.c.rev,
        s.member.c.present & s.record.c.present,
        s.record.c.row,
    )
    .select_from(
        s.member.join(
            s.record,
            (s.record.c.village == s.member.c.village) & (s.record.c.id == s.member.c.record),
        )
    )
    .where(
        here(s.member),
        s.member.c.bucket == bindparam("bucket"),
        s.record.c.bucket != bindparam("bucket"),
        s.member.c.rev > bindparam("cursor"),
        s.member.c.rev <= bindparam("head"),
    )
    .order_by(s.member.c.rev, s.member.c.record)
    .limit(bindparam("most"))
)

ALL_HOME_ROWS = of(s.record, "id", "type", "rev", "present", "row").where(
    s.record.c.bucket == bindparam("bucket"), s.record.c.present
)
ALL_MEMBER_ROWS = (
    select(s.record.c.id, s.record.c.type, s.record.c.rev, s.record.c.present, s.record.c.row)
    .select_from(
        s.member.join(
            s.record,
            (s.record.c.village == s.member.c.village) & (s.record.c.id == s.member.c.record),
        )
    )
    .where(
        here(s.member),
        s.member.c.bucket == bindparam("bucket"),
        s.record.c.bucket != bindparam("bucket"),
        s.member.c.present,
        s.record.c.present,
    )
)

# Counting afresh.
ALL_RECORDS = of(s.record, *_RECORD)
ALL_DIGESTS = of(s.digest, "bucket", "digest")
ALL_OPS = (
    of(s.op, "rev", "was", "device", "generation", "seq", "at", "authority", "body", "given")
    .where(s.op.c.rev > 0, s.op.c.copy_of == "")
    .order_by(s.op.c.rev)
)
FIRST_REV_AFTER = select(func.min(s.op.c.rev)).where(
    here(s.op), s.op.c.received_at > bindparam("instant"), s.op.c.rev > 0, s.op.c.copy_of == ""
)
ALL_COPIES = of(s.op, "device", "generation", "seq", "copy_of").where(s.op.c.copy_of != "")
EVER_ASIDE = of(s.op, "device", "generation", "seq", "body").where(_QUARANTINED)

# The rows a process keeps (kept.py).
COUNT_RECORDS = select(func.count()).select_from(s.record).where(here(s.record))
ALL_ROWS = of(s.record, "row", "bucket").where(s.record.c.present)
BUCKETS_SINCE = of(s.digest, "bucket").where(s.digest.c.rev > bindparam("since"))
"""Every home but the office's has a digest, and its rev is that of the last change in it."""
ROWS_SINCE = of(s.record, "row", "bucket", "present").where(
    any_of(s.record.c.bucket, "buckets"), s.record.c.rev > bindparam("since")
)

# Erasing (erasing.py), which alone rewrites the log.
OP_TEXTS = of(s.op, "device", "generation", "seq", "body", "given")
SET_OP_TEXT = (
    update(s.op).where(*_OP_TO_SET).values(body=bindparam("new_body"), given=bindparam("new_given"))
)
SET_RECORD_TEXT = (
    update(s.record)
    .where(here(s.record), s.record.c.id == bindparam("b_id"))
    .values(row=bindparam("new_row"), state=bindparam("new_state"))
)
FORGET_BLOBS = [
    delete(table).where(here(table), any_of(table.c.name, "names"))
    for table in (s.blob_chunk, s.blob)
]
FORGET_LIKENESS = [
    delete(column.table).where(here(column.table), any_of(column, "ids"))
    for column in (s.likeness.c.record, s.likeness_key.c.record, s.duplicate.c.a, s.duplicate.c.b)
]

# The office's reads.
ROWS_OF_TYPES = of(s.record, "row", "bucket").where(
    any_of(s.record.c.type, "types"), s.record.c.present
)
ROWS_BY_ID = of(s.record, "row", "bucket", "present").where(any_of(s.record.c.id, "ids"))
ROWS_OF_ROOTS = (
    of(s.record, "row", "bucket")
    .where(any_of(s.record.c.root, "roots"), s.record.c.present)
    .order_by(s.record.c.born)
)
STUBS = of(s.record, "id", "alias_of").where(
    s.record.c.alias_of > "", s.record.c.alias_of != s.record.c.id, s.record.c.type != "alias"
)  # `> ""`, because no index serves `!=`
TOUCHES = of(s.touch, "rev").where(any_of(s.touch.c.record, "ids"))
OPS_BY_REV = (
    select(
        s.op.c.rev, s.op.c.was, s.op.c.device, s.op.c.generation, s.op.c.seq, s.op.c.at, s.op.c.received_at,
        s.op.c.author, s.op.c.body, s.op.c.given, s.device.c.label,
    )
    .select_from(
        s.op.outerjoin(
            s.device, (s.device.c.village == s.op.c.village) & (s.device.c.id == s.op.c.device)
        )
    )
    .where(here(s.op), any_of(s.op.c.rev, "revs"), s.op.c.copy_of == "")
    .order_by(s.op.c.rev)
)  # fmt: skip

ORIGINS = (
    select(s.record.c.id, s.op.c.author, s.op.c.at, s.device.c.kind, s.device.c.label)
    .select_from(
        s.record.join(
            s.op, (s.op.c.village == s.record.c.village) & (s.op.c.rev == s.record.c.born)
        ).outerjoin(
            s.device, (s.device.c.village == s.op.c.village) & (s.device.c.id == s.op.c.device)
        )
    )
    .where(here(s.record), any_of(s.record.c.id, "ids"))
)

# `touch` holds what came after a record was made.
_REVS_OF = union_all(
    select(s.touch.c.record.label("id"), s.touch.c.rev).where(here(s.touch)),
    select(s.record.c.id, s.record.c.born.label("rev")).where(here(s.record)),
).subquery()
LAST_CHANGED = (
    select(s.record.c.id, func.max(s.op.c.received_at))
    .select_from(
        s.record.join(_REVS_OF, _REVS_OF.c.id == s.record.c.id).join(
            s.op, (s.op.c.village == s.record.c.village) & (s.op.c.rev == _REVS_OF.c.rev)
        )
    )
    .where(here(s.record), any_of(s.record.c.type, "types"), s.op.c.copy_of == "")
    .group_by(s.record.c.id)
)

CHANGES_OF_TYPE = (
    select(func.count())
    .select_from(
        s.touch.join(
            s.record,
            (s.record.c.village == s.touch.c.village) & (s.record.c.id == s.touch.c.record),
        ).join(s.op, (s.op.c.village == s.touch.c.village) & (s.op.c.rev == s.touch.c.rev))
    )
    .where(
        s.touch.c.village == HERE,
        s.record.c.type == bindparam("of_type"),
        s.op.c.copy_of == "",
        s.op.c.received_at >= bindparam("since"),
        s.op.c.received_at <= bindparam("until"),
    )
)
"""How often records of a type were changed after they were made."""
