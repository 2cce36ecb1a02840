"""Between decoded JSON and the model: the only place that knows the key names of the wire.

Only the envelope can be refused whole. Inside it every op stands for itself: one that cannot be read becomes a
`Malformed` with its raw content kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from .canonical import MAX_INTEGER, canonical, normalised
from .errors import BadEnvelope, Malformed
from .merge import Contests
from .model import PRESENT, Change, Edit, Op, Prev, Record, RecordId, Stamp

MAGIC = "zoufang-sync"
PROTOCOL = 1
MAX_OPS = 2_000
MAX_FETCH = 500
MAX_LINEAGES = 100
MOST_KNOWN = 64
"""Keys of a change up to which they are remembered together."""
STUB = "alias_of"
"""The one field of the row of a record that another one stands for; nobody sets it."""
MIN_BUDGET, MAX_BUDGET = 16_000, 1_000_000
"""Bytes of an answer's rows: ten to fifteen seconds of a slow link, and the other end."""

_Read = tuple[str, Callable[[Any], Any]]
_RECORD_ID = re.compile(r"[0-9a-f]{32}").fullmatch
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}").fullmatch
_ELEMENT = re.compile(r"[^\x00-\x1f/]{1,64}").fullmatch
_is_digest = re.compile(r"[0-9a-f]{32}").fullmatch


@dataclass(frozen=True, slots=True)
class Request:
    """A sound envelope. `ops` are still raw, one by one."""

    village: str
    device: str
    generation: int
    epoch: str
    now: int
    clock: int
    programme: str
    first: int
    ids: Sequence[Any]
    ops: Sequence[Any]
    pull: Mapping[str, tuple[int, str]]
    """Bucket -> (cursor, digest as 32 hex digits or empty)."""
    compare: Mapping[str, Sequence[str]]
    """Bucket -> 16 digests, by the last hex digit of the record id."""
    fetch: Mapping[str, Sequence[str]]
    """Bucket -> ids whose rows are wanted whatever the cursor says."""
    budget: int


def read_request(body: Any) -> Request:
    """The envelope of a decoded request body. Raises `BadEnvelope`, having looked at no op."""
    if not isinstance(body, dict):
        raise BadEnvelope("bad_json", expected="object")
    if body.get("magic") != MAGIC:
        raise BadEnvelope("wrong_magic")
    if body.get("protocol") != PROTOCOL:
        raise BadEnvelope("wrong_protocol", spoken=PROTOCOL)
    ops = _typed(body, "ops", list, [])
    if len(ops) > MAX_OPS:
        raise BadEnvelope("too_large", ops=len(ops), at_most=MAX_OPS)
    return Request(
        village=_typed(body, "village", str),
        device=_typed(body, "device", str),
        generation=_whole(body, "generation", 1),
        epoch=_typed(body, "epoch", str, ""),
        now=_whole(body, "now", 0),
        clock=_whole(body, "clock", 0, 0),
        programme=_typed(body, "programme", str, ""),
        first=_whole(body, "first", 1),
        ids=_typed(body, "ids", list, []),
        ops=ops,
        pull=_pull(_typed(body, "pull", dict, {})),
        compare=_lists(body, "compare", _is_digest, exactly=16),
        fetch=_lists(body, "fetch", _RECORD_ID, at_most=MAX_FETCH),
        budget=min(max(_whole(body, "budget", 0, MAX_BUDGET), MIN_BUDGET), MAX_BUDGET),
    )


def read_op(raw: Any, ids: Sequence[Any]) -> Op:
    """One op. Raises `Malformed`; `ids` is the message's id table."""
    if not isinstance(raw, dict):
        raise Malformed("not_an_object")
    changes = raw.get("changes")
    if not isinstance(changes, list) or not changes:
        raise Malformed("no_changes")
    return Op(
        at=_instant(raw, "at"),
        clock=_instant(raw, "clock"),
        contact=_instant(raw, "contact"),
        schema=_text(raw.get("schema", "")),
        changes=tuple([_read_change(c, ids, place) for place, c in enumerate(changes)]),
        was=_was(raw.get("was", [])),
    )


def op_json(op: Op) -> dict[str, Any]:
    """An op with its ids spelled out: what is kept in the log, and hashed to know a replay from a fork. (Not its
    `was`: offered again, it is the same op.)"""
    return {
        "at": op.at,
        "clock": op.clock,
        "contact": op.contact,
        "schema": op.schema,
        "changes": [
            {"record": c.record, "type": c.type, "base": c.base, "set": dict(c.set)}
            | ({"prev": dict(c.prev)} if c.prev else {})
            for c in op.changes
        ],
    }


def op_from_json(raw: Mapping[str, Any]) -> Op:
    """The op of a log entry that `op_json` wrote."""
    return Op(
        raw["at"],
        raw["clock"],
        raw["contact"],
        raw["schema"],
        tuple(
            Change(
                c["record"],
                c["type"],
                c["base"],
                c["set"],
                {key: _prev(own) for key, own in c.get("prev", {}).items()},
            )
            for c in raw["changes"]
        ),
    )


class State(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is stored of a record beside its id, type and rev."""

    origin: Stamp = msgspec.field(name="o")
    values: Mapping[str, Any] = msgspec.field(name="v", default_factory=dict)
    edits: Mapping[str, tuple[Edit, ...]] = msgspec.field(name="e", default_factory=dict)
    contests: Contests = msgspec.field(name="c", default_factory=dict)

    def record(self, id: RecordId, type: str, rev: int, values: Mapping[str, Any]) -> Record:
        return Record(id, type, rev, self.origin, values, self.edits, self.contests)


read_state = msgspec.json.Decoder(State).decode
write_state = msgspec.json.Encoder().encode


def row(record: Record, fields: Mapping[str, Any], contested: Mapping[str, Any]) -> list[Any]:
    """A record as a row of the wire, already projected."""
    head = [record.id, record.type, record.rev, fields]
    return [*head, contested] if contested else head


def with_ids(raw: Any, ids: Sequence[Any]) -> Any:
    """An op that cannot be read, with ids in place of positions where that much is clear: sent again with another
    id table it is the same op."""
    if not isinstance(raw, dict) or not isinstance(raw.get("changes"), list):
        return raw
    changes = [
        {**c, "record": ids[c["record"]]}
        if isinstance(c, dict) and type(c.get("record")) is int and 0 <= c["record"] < len(ids)
        else c
        for c in raw["changes"]
    ]
    return {**raw, "changes": changes}


def raw_json(raw: Any) -> bytes:
    """Something malformed as it came, for keeping; canonical so that a replay is recognised."""
    return canonical(raw)


def _read_change(raw: Any, ids: Sequence[Any], place: int) -> Change:
    try:
        if not isinstance(raw, dict):
            raise Malformed("not_an_object")
        reference = raw.get("record")
        if type(reference) is not int or not 0 <= reference < len(ids):
            raise Malformed("bad_record")
        record = ids[reference]
        if type(record) is not str or not _RECORD_ID(record):
            raise Malformed("bad_record")
        kind = raw.get("type")
        if type(kind) is not str or not _NAME(kind):
            raise Malformed("bad_type")
        edits = raw.get("set")
        if not isinstance(edits, dict) or not edits:
            raise Malformed("no_edits")
        prev = raw.get("prev", {})
        if not isinstance(prev, dict):
            raise Malformed("bad_prev")
        return Change(
            RecordId(record),
            kind,
            _instant(raw, "base"),
            {
                key: read(v)
                for (key, read), v in zip(_keys(tuple(edits)), edits.values(), strict=True)
            },
            {key: _prev(own) for key, own in prev.items()},
        )
    except Malformed as problem:
        raise Malformed(problem.reason, place) from None


def _prev(own: Any) -> Prev:
    match own:
        case bool():
            raise Malformed("bad_prev")
        case int():
            return own
        case [int(generation), int(seq)]:
            return generation, seq
        case _:
            raise Malformed("bad_prev")


def _keys(keys: tuple[str, ...]) -> Sequence[_Read]:
    return _known_keys(keys) if len(keys) <= MOST_KNOWN else [_key(key) for key in keys]


@lru_cache(maxsize=1024)  # people fill in the same forms over and over
def _known_keys(keys: tuple[str, ...]) -> Sequence[_Read]:
    return [_key(key) for key in keys]


@lru_cache(maxsize=4096)  # the same few hundred field names for ever
def _key(key: str) -> _Read:
    """A key as it is kept, and what reads its values."""
    name, slash, element = key.partition("/")
    if not _NAME(name) or name == STUB or (slash and not _ELEMENT(element)):
        raise Malformed("bad_key")
    kept = key if key.isascii() else str(normalised(key))
    return kept, _presence if key == PRESENT else _element if slash else _scalar


def _scalar(value: Any) -> Any:
    if type(value) in (dict, list):
        raise Malformed("bad_value")
    return normalised(value)


def _element(value: Any) -> Any:
    if value is not None and type(value) not in (bool, dict):
        raise Malformed("bad_value")
    return normalised(value)


def _presence(value: Any) -> bool:
    if type(value) is not bool:
        raise Malformed("bad_value")
    return value


def _was(revs: Any) -> tuple[int, ...]:
    fits = type(revs) is list and len(revs) <= MAX_LINEAGES
    if not fits or not all(type(rev) is int and 0 < rev <= MAX_INTEGER for rev in revs):
        raise Malformed("bad_was")
    return tuple(revs)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Malformed("bad_value")
    return str(normalised(value))


def _instant(raw: Mapping[str, Any], name: str) -> int:
    value = raw.get(name, 0)
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise Malformed(f"bad_{name}")
    return value


_REQUIRED = object()


def _typed(body: Mapping[str, Any], name: str, kind: type, default: Any = _REQUIRED) -> Any:
    value = body.get(name, default)
    if value is _REQUIRED:
        raise BadEnvelope("bad_json", missing=name)
    if type(value) is not kind:
        raise BadEnvelope("bad_json", field=name, expected=kind.__name__)
    return value


def _whole(body: Mapping[str, Any], name: str, least: int, default: Any = _REQUIRED) -> int:
    value = _typed(body, name, int, default)
    if not least <= value <= MAX_INTEGER:
        raise BadEnvelope("bad_json", field=name)
    return int(value)


def _pull(raw: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    wanted: dict[str, tuple[int, str]] = {}
    for bucket, known in raw.items():
        match known:
            case [int(cursor), str(held)] if 0 <= cursor <= MAX_INTEGER and (
                not held or _is_digest(held)
            ):
                wanted[bucket] = (cursor, held)
            case _:
                raise BadEnvelope("bad_json", field=f"pull.{bucket}")
    return wanted


def _lists(
    body: Mapping[str, Any],
    name: str,
    fits: Callable[[str], object],
    *,
    exactly: int | None = None,
    at_most: int = 16,
) -> dict[str, list[str]]:
    raw: dict[str, Any] = _typed(body, name, dict, {})
    for bucket, listed in raw.items():
        right = isinstance(listed, list) and all(type(x) is str and fits(x) for x in listed)
        if not right or len(listed) > at_most or (exactly and len(listed) != exactly):
            raise BadEnvelope("bad_json", field=f"{name}.{bucket}")
    return raw
