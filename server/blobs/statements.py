"""The SQL of attachments. Every statement carries the village."""

from sqlalchemy import BindParameter, bindparam, delete, func, select, update

from server.database import schema as s
from server.database.statement import any_of, insert_new, upsert

_VILLAGE: BindParameter[str] = bindparam("v")
_BLOB = (s.blob.c.village == _VILLAGE, s.blob.c.name == bindparam("of_name"))
_CHUNKS = (s.blob_chunk.c.village == _VILLAGE, s.blob_chunk.c.name == bindparam("of_name"))

BLOB = select(s.blob.c.size, s.blob.c.held, s.blob.c.device, s.blob.c.done_at).where(*_BLOB)
LOCK_BLOB = BLOB.with_for_update()
NEW_BLOB = insert_new(s.blob)
SET_BLOB = (
    update(s.blob)
    .where(*_BLOB)
    .values(
        size=bindparam("new_size"), held=bindparam("new_held"), done_at=bindparam("new_done_at")
    )
)
DROP_BLOB = delete(s.blob).where(*_BLOB)
DROP_HALF = (
    delete(s.blob)
    .where(
        s.blob.c.village == _VILLAGE,
        s.blob.c.done_at == 0,
        s.blob.c.created_at < bindparam("before"),
    )
    .returning(s.blob.c.name)
)
WHOLE = select(s.blob.c.name).where(
    s.blob.c.village == _VILLAGE, any_of(s.blob.c.name, "names"), s.blob.c.done_at > 0
)
BEGUN = select(func.coalesce(func.sum(s.blob.c.size), 0)).where(
    s.blob.c.village == _VILLAGE,
    s.blob.c.device == bindparam("of_device"),
    s.blob.c.created_at >= bindparam("since"),
)
PUT_CHUNK = upsert(s.blob_chunk)
CHUNKS = select(s.blob_chunk.c.bytes).where(*_CHUNKS).order_by(s.blob_chunk.c.start)
DROP_CHUNKS = delete(s.blob_chunk).where(*_CHUNKS)
NAMED = (
    select(s.op.c.seq)
    .where(
        s.op.c.village == _VILLAGE,
        s.op.c.device == bindparam("of_device"),
        s.op.c.body.like(bindparam("pattern")),
    )
    .limit(1)
)
"""An op of the device whose body holds the name, applied or kept aside: what waits in quarantine keeps its pictures."""
