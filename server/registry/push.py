"""Taking ops in: know replays, gaps and forks, merge the rest, store. One transaction, a handful of statements.

`push` is a work (see server/database): it knows no driver. The village's row is locked first, so revisions are
given in commit order, and a reader that sees revision n sees everything up to n. merging.py merges in memory,
storing.py writes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from server.database import Work, ask
from server.errors import Problem
from sync import Op
from sync.wire import op_from_json, op_json, raw_json

from . import statements as sql
from .batch import Batch, Pushed, Unreadable
from .merging import Merging
from .own_forms import known as known_forms
from .storing import store
from .text import encoded, parsed

MOST_ASIDE = 10_000
"""Ops of a phone that was cut off, or whose person's term has ended, which may wait for the office, and their bytes
below: weeks of a whole village's survey. Whoever found the phone may have its token, and must not fill the disk."""
MOST_ASIDE_BYTES = 32_000_000


def push(village: str, batch: Batch) -> Work[Pushed]:
    """Take a batch in. Replays change nothing and are answered as before; a gap or a fork stores nothing.

    Raises `cut_off_full` for a phone that was cut off and has brought as much as may wait."""
    [[epoch, head, forms]] = yield ask(sql.LOCK_VILLAGE, v=village)
    yield from known_forms(village, forms)
    [device] = yield ask(sql.DEVICE, v=village, device=batch.device)
    generation, newest, newest_at, *_ = device
    answer, last_at = yield from _begun(village, batch, epoch, head, device)
    current, last = answer.generation, answer.acked
    first = batch.first or last + 1
    if batch.epoch and batch.epoch != epoch:
        # Sent to a lineage that is gone: the device first has to hear which of its ops were lost (§3.6).
        return answer
    bodies = [_body(o) for o in batch.ops]
    hashes = [_hash(*brought) for brought in zip(batch.ops, bodies, strict=True)]
    old = max(0, min(last - first + 1, len(batch.ops)))
    if old:
        stored = yield ask(
            sql.OPS, v=village, device=batch.device, generation=current,
            first=first, last=first + old - 1,
        )  # fmt: skip
        known = {row[0]: row for row in stored}
        for i in range(old):
            _, rev, hash, verdicts = known[first + i]
            if hash != hashes[i]:
                answer.acked = first + i - 1
                return (yield from _fork(village, batch, generation, answer))
            answer.revs.append(rev)
            answer.verdicts.extend(parsed(verdicts))
    if first > last + 1 or old == len(batch.ops):
        return answer
    if (answer.revoked or batch.buckets == frozenset()) and not batch.by_hand:
        yield from _bound(village, batch.device, bodies[old:])
    merging = Merging(village, batch, answer, head)
    yield from merging.load(batch.ops[old:])
    if generation > 1:
        yield from merging.load_twins(hashes[old:])
    for i in range(old, len(batch.ops)):
        last_at = merging.take(batch.ops[i], first + i, bodies[i].decode(), hashes[i], last_at)
    yield from store(merging)
    answer.shown = {
        e.id: e.fields for e in merging.entries.values() if e.revs and e.alias_of in ("", e.id)
    }
    answer.acked = first + len(batch.ops) - 1
    answer.head = merging.head
    yield ask(
        sql.SET_DEVICE, v=village, device=batch.device,
        new_generation=max(current, generation),
        new_seq=answer.acked if current >= generation else newest,
        new_at=last_at if current >= generation else newest_at,
    )  # fmt: skip
    return answer


def standing(village: str, batch: Batch, epoch: str, head: int) -> Work[Pushed]:
    """The answer to a batch that brings nothing: how far the device has come. Only reads."""
    [device] = yield ask(sql.DEVICE, v=village, device=batch.device)
    answer, _ = yield from _begun(village, batch, epoch, head, device)
    return answer


def _begun(
    village: str, batch: Batch, epoch: str, head: int, device: Sequence[Any]
) -> Work[tuple[Pushed, int]]:
    """The answer before anything is taken in, and the corrected time of the last op of the generation spoken of,
    ms. `device` are the columns of `statements.DEVICE`."""
    generation, last, last_at, kept_generation, kept_seq, revoked_at = device
    if batch.first and batch.generation != generation:
        generation = batch.generation
        found = yield ask(
            sql.NEWEST_OP, v=village, device=batch.device, generation=batch.generation
        )
        [last, last_at] = found[0] if found else [0, 0]
    answer = Pushed(epoch, head, generation, last, revoked=bool(revoked_at))
    answer.kept = kept_seq if kept_generation == generation else 0
    return answer, last_at


def release(
    village: str, device: str, generation: int, seq: int, arrival: int
) -> Work[Pushed | None]:
    """Apply an op that was kept aside, with its own base, author and time; None if there is nothing to release.

    The office has looked at it: scope and role are not asked again, but its author's authority is not the office's.
    """
    [[epoch, head, forms]] = yield ask(sql.LOCK_VILLAGE, v=village)
    yield from known_forms(village, forms)
    rows = yield ask(sql.QUARANTINED_OP, v=village, device=device, generation=generation, seq=seq)
    waits = yield ask(
        sql.STILL_OPEN, v=village, of_kind="quarantine", of=device, of_key=f"{generation}/{seq}"
    )
    if not rows or not waits:
        return None
    body, at, author, verdicts, hash = rows[0]
    if not any(v["verdict"] == "quarantined" for v in parsed(verdicts)):
        return None
    op = op_from_json(parsed(body))
    answer = Pushed(epoch, head, generation, seq)
    batch = Batch(device, [op], arrival, author, buckets=frozenset())  # a phone's still
    merging = Merging(village, batch, answer, head)
    yield from merging.load([op])
    yield from merging.load_twins([hash])
    merging.release(op, seq, at, hash)
    yield from store(merging)
    answer.head = merging.head
    return answer


def _bound(village: str, device: str, bodies: Sequence[bytes]) -> Work[None]:
    """Nothing while a phone that was cut off brings no more than may wait."""
    [[count, size]] = yield ask(sql.ASIDE_SIZE, v=village, device=device)
    if count + len(bodies) > MOST_ASIDE or size + sum(map(len, bodies)) > MOST_ASIDE_BYTES:
        raise Problem("cut_off_full", at_most=MOST_ASIDE, bytes_at_most=MOST_ASIDE_BYTES)


def _body(op: Op | Unreadable) -> bytes:
    return raw_json(op.raw) if isinstance(op, Unreadable) else encoded(op_json(op))


def _hash(op: Op | Unreadable, body: bytes) -> str:
    """What an op is known by: all that was saved. (Which own edits it replaces is said in numbers, and these change
    with the generation.)"""
    if isinstance(op, Op) and any(change.prev for change in op.changes):
        body = encoded(op_json(replace(op, changes=tuple(replace(c, prev={}) for c in op.changes))))
    return sha256(body).hexdigest()[:32]


def _fork(village: str, batch: Batch, generation: int, answer: Pushed) -> Work[Pushed]:
    """Same seq, other content: a cloned or rolled back phone goes on in a new generation (§3.5). What it has in
    common with the log, up to `acked`, stays stored once."""
    answer.generation = max(generation, batch.generation) + 1
    answer.kept = 0
    yield ask(
        sql.SET_DEVICE, v=village, device=batch.device, new_generation=answer.generation,
        new_seq=0, new_at=0,
    )  # fmt: skip
    return answer
