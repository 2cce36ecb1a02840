"""The pairs of a village, kept up from the log of ops.

One step reads the next ops, works out afresh whatever they touched (a child also when its household or carer
changed), and compares it with what shares a key. A step is one short transaction, so phones never wait for it.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from server.database import Database, Work, ask, ask_each

from . import statements as sql
from .compare import MEDIUM, Reason, compare
from .features import TYPES, Features, carer_key, kept_keys, of_household, of_person, sought_keys

RULES = 1
"""The version of features and rules; with another one a village is compared anew."""
MOST_OPS = 50
MOST_ALIKE = 60
"""More records than this under one key say nothing about any two of them."""
BATCH = 400
POINTERS = {
    "guardianship": ("child_id",), "child": ("household_id",), "person": ("household_id",), "alias": ("a", "b"),
}  # fmt: skip
"""Whose features say something of the record they point to."""


class Pair(msgspec.Struct, frozen=True):
    """Two records that may be one; `a` is the elder."""

    a: str
    b: str
    type: str
    score: int
    reasons: list[Reason]


class Progress(NamedTuple):
    """How far the comparing has come, in revs."""

    reached: int
    head: int

    @property
    def is_done(self) -> bool:
        return self.reached >= self.head


class Likeness:
    """Pairs of records that look alike, of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow(self, village: str, seconds: float = 1.5) -> Progress:
        """Compare what came in since, for about so many seconds; call again while it is not done."""
        until = time.monotonic() + seconds
        progress = await self.progress(village)
        while not progress.is_done:
            progress = await self._database.write(_step(village, progress.reached))
            if time.monotonic() > until:
                break
        return progress

    async def progress(self, village: str) -> Progress:
        return await self._database.read(_progress(village))

    async def pairs(self, village: str) -> list[Pair]:
        """All pairs, the most alike first; those the office has told apart as well."""
        return await self._database.read(_pairs(village))

    async def pair(self, village: str, a: str, b: str) -> Pair | None:
        return await self._database.read(_pair(village, *sorted((a, b))))

    async def compared(self, village: str) -> dict[str, int]:
        """How many records of each type are in the comparison."""
        return await self._database.read(_compared(village))


_read_features = msgspec.json.Decoder(Features).decode
_read_reasons = msgspec.json.Decoder(list[Reason]).decode


def _name() -> str:
    return f"likeness {RULES}"


def _progress(village: str) -> Work[Progress]:
    rows = yield ask(sql.HEAD, v=village)
    reached = yield ask(sql.REACHED, v=village, name=_name())
    return Progress(reached[0][0] if reached else 0, rows[0][0] if rows else 0)


def _pairs(village: str) -> Work[list[Pair]]:
    return [_as_pair(row) for row in (yield ask(sql.PAIRS, v=village))]


def _pair(village: str, a: str, b: str) -> Work[Pair | None]:
    rows = yield ask(sql.PAIR, v=village, first=a, second=b)
    return _as_pair(rows[0]) if rows else None


def _compared(village: str) -> Work[dict[str, int]]:
    return {row[0]: row[1] for row in (yield ask(sql.SIZES, v=village))}


def _as_pair(row: Sequence[Any]) -> Pair:
    a, b, type_name, score, reasons = row
    return Pair(a, b, type_name, score, _read_reasons(reasons))


def _step(village: str, reached: int) -> Work[Progress]:
    """Take the next ops in. Whatever somebody else did meanwhile is done again and comes out the same."""
    [[head]] = yield ask(sql.HEAD, v=village)
    if reached == 0:
        for statement in sql.FORGET_ALL:
            yield ask(statement, v=village)
    ops = yield ask(sql.OPS_AFTER, v=village, after=reached, most=MOST_OPS)
    touched = {change["record"] for _, body in ops for change in json.loads(body)["changes"]}
    affected = yield from _affected(village, touched)
    ids = sorted(affected)
    for at in range(0, len(ids), BATCH):
        yield from _renew(village, ids[at : at + BATCH])
    # The last ops may be of a rev that is higher than any op: restores leave gaps.
    to = ops[-1][0] if len(ops) == MOST_OPS else head
    yield ask_each(sql.SET_REACHED, [{"village": village, "name": _name(), "value": to}])
    return Progress(to, head)


def _affected(village: str, touched: set[str]) -> Work[set[str]]:
    """The records whose features may differ now."""
    rows = yield ask(sql.RECORDS, v=village, ids=sorted(touched))
    found: set[str] = set()
    heads: set[str] = set()
    for id, type_name, _present, alias_of, text in rows:
        if alias_of:
            heads.add(alias_of)
        if type_name in TYPES:
            found.add(id)
        fields = json.loads(text)[3]
        for name in POINTERS.get(type_name, ()):
            if isinstance(fields.get(name), str):
                found.add(fields[name])
    for _, text in (yield ask(sql.FEATURES, v=village, ids=sorted(touched))):
        if house := _read_features(text).household:  # the one it may have left
            found.add(house)
    if heads:
        for id, type_name, alias_of in (yield ask(sql.OF_CLASSES, v=village, heads=sorted(heads))):
            if type_name in TYPES:
                found |= {id, alias_of}
    houses = [row[0] for row in rows if row[1] == "household"]
    if houses:
        found |= {
            row[0] for row in (yield ask(sql.OF_ROOTS, v=village, roots=houses)) if row[1] in TYPES
        }
    people = [carer_key(row[0]) for row in rows if row[1] == "person"]
    if people:
        found |= {row[1] for row in (yield ask(sql.FOUND, v=village, keys=people))}
    return found


def _renew(village: str, ids: list[str]) -> Work[None]:
    """Work some records' features, keys and pairs out afresh."""
    types, features = yield from _features(village, ids)
    yield ask(sql.FORGET_KEYS, v=village, ids=ids)
    gone = [id for id in ids if id not in features]
    if gone:
        yield ask(sql.FORGET_FEATURES, v=village, ids=gone)
    yield ask(sql.FORGET_PAIRS_A, v=village, ids=ids)
    yield ask(sql.FORGET_PAIRS_B, v=village, ids=ids)
    if not features:
        return
    kept = {id: kept_keys(types[id], it) for id, it in features.items()}
    keys = [
        {"village": village, "key": key, "record": id}
        for id, it in features.items()
        for key in (*kept[id], *map(carer_key, it.carer_ids))
    ]
    yield ask_each(
        sql.PUT_FEATURES,
        [
            {"village": village, "record": id, "type": types[id], "features": _text(it)}
            for id, it in features.items()
        ],
    )
    if keys:
        yield ask_each(sql.PUT_KEY, keys)
    sought = {id: sought_keys(types[id], it) for id, it in features.items()}
    met: dict[str, list[str]] = defaultdict(list)
    for key, other in (yield ask(sql.FOUND, v=village, keys=sorted(set().union(*sought.values())))):
        met[key].append(other)
    pairs = {
        (min(id, other), max(id, other)): types[id]
        for id, wanted in sought.items()
        for key in wanted
        if len(met[key]) <= MOST_ALIKE
        for other in met[key]
        if other != id
    }
    others = sorted({id for pair in pairs for id in pair} - features.keys())
    known = dict(features)
    if others:
        rows = yield ask(sql.FEATURES, v=village, ids=others)
        known |= {id: _read_features(text) for id, text in rows}
    alike = []
    for (a, b), type_name in pairs.items():
        if a not in known or b not in known:
            continue
        score, reasons = compare(type_name, known[a], known[b])
        if score >= MEDIUM:
            alike.append(
                {
                    "village": village, "a": a, "b": b, "type": type_name, "score": score,
                    "reasons": _text(reasons),
                }
            )  # fmt: skip
    if alike:
        yield ask_each(sql.PUT_PAIR, alike)


def _features(village: str, ids: list[str]) -> Work[tuple[dict[str, str], dict[str, Features]]]:
    """The features of those of the records that are there and stand for themselves."""
    rows = yield ask(sql.RECORDS, v=village, ids=ids)
    here = {
        id: (type_name, json.loads(text)[3])
        for id, type_name, present, alias_of, text in rows
        if present and type_name in TYPES and alias_of in ("", id)
    }
    roots = {
        id if type_name == "household" else str(fields.get("household_id") or "")
        for id, (type_name, fields) in here.items()
    } - {""}
    near = yield ask(sql.OF_ROOTS, v=village, roots=sorted(roots))
    around = {row[0]: (row[1], json.loads(row[3])[3]) for row in near if row[2] in ("", row[0])}
    # A household that was merged away is called by who stands for it.
    stands_for = {row[0]: row[2] for row in near if row[2] not in ("", row[0])}
    away = sorted((roots | {*stands_for.values()}) - around.keys())
    links = [fields for kind, fields in around.values() if kind == "guardianship"]
    carers = {str(link["carer_id"]) for link in links if link.get("carer_id")} - around.keys()
    for id, type_name, present, alias_of, text in (
        yield ask(sql.RECORDS, v=village, ids=sorted({*away, *carers}))
    ):
        if present and alias_of in ("", id):
            around[id] = (type_name, json.loads(text)[3])
    members: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for kind, fields in around.values():
        if kind in ("child", "person"):
            house = str(fields.get("household_id") or "")
            members[stands_for.get(house, house)].append(fields)
    main = _main_carers(links)
    found: dict[str, Features] = {}
    for id, (type_name, fields) in here.items():
        if type_name == "household":
            found[id] = of_household(fields, members[id])
            continue
        house = str(fields.get("household_id") or "")
        house = stands_for.get(house, house)
        _, place = around.get(house, ("", {}))
        found[id] = of_person(
            {**fields, "household_id": house} if house else fields,
            place,
            [(carer, around[carer][1]) for carer in main.get(id, ()) if carer in around],
        )
    return {id: type_name for id, (type_name, _) in here.items()}, found


def _main_carers(links: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Child -> its main carers; all of them where none is called the main one."""
    main: dict[str, list[str]] = defaultdict(list)
    rest: dict[str, list[str]] = defaultdict(list)
    for link in links:
        child, carer = str(link.get("child_id") or ""), str(link.get("carer_id") or "")
        if child and carer and not link.get("valid_to"):
            (main if link.get("is_main") == "Y" else rest)[child].append(carer)
    return {child: main.get(child) or rest[child] for child in {*main, *rest}}


def _text(it: Any) -> str:
    return msgspec.json.encode(it).decode()
