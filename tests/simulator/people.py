"""The people of a simulated village: what they hold, see and do, and what the oracle is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from server.auth import Account
from server.registry import rules

from .disk import Saved
from .oracle import Edit, Oracle
from .phone import Form, Phone
from .server import Clock

HOUSEHOLD = ("address", "location_hint", "population", "hukou_type", "house_safety", "water_risk/*",
             "head_name", "x_future")  # fmt: skip
CHILD = ("name", "risk_level", "school_name", "wish", "hobby/*", "phones/*", "illness", "x_future")
KEYS = {"household": HOUSEHOLD, "child": CHILD}
VOLUNTEER = {
    "household": ("location_hint",),
    "child": ("school_name", "hobby/*", "wish", "phones/*"),
}
"""A key or two of every policy; `x_future` is a field only newer phones know."""
CHOICES = {"hukou_type": ("1", "2", "3"), "house_safety": ("C", "B", "UNK", "A"),
           "risk_level": ("R", "O", "Y", "G")}  # fmt: skip
SETTLES = ("official", "clerk")


class Crash(Exception):
    """A phone died between two steps of its storage."""


@dataclass(eq=False)
class Hand:
    """A phone in somebody's hand."""

    name: str
    account: Account
    clock: Clock
    skew: int = 0
    booted: int = 0
    crashes_in: int | None = None
    """Commits until the phone crashes."""
    open: list[Form] = field(default_factory=list)
    """Forms somebody is filling in."""
    shown: dict[tuple[str, str], frozenset[Edit]] = field(default_factory=dict)
    """(record, key) of the open forms -> what the author was shown."""
    rows: dict[tuple[str, str], frozenset[Edit]] = field(default_factory=dict)
    """(record, key that shows an own edit, else "") of the open forms -> what the row it was begun on stood for."""
    doubted: set[tuple[str, str]] = field(default_factory=set)
    last: dict[tuple[str, str], Edit] = field(default_factory=dict)
    """The newest own edit of every key this phone still answers for."""
    spoilt: set[str] = field(default_factory=set)
    """Records with a planted fault in storage."""
    active: bool = True
    revoked: bool = False
    phone: Phone = field(init=False)

    def wall(self) -> int:
        return max(self.clock.now + self.skew, 1)

    def steady(self) -> int:
        return self.clock.now - self.booted

    @property
    def settles(self) -> bool:
        return self.account.role in SETTLES

    def keys(self, record_type: str) -> Sequence[str]:
        table = VOLUNTEER if self.account.role == "volunteer" else KEYS
        return table.get(record_type, ())

    # What the screen shows

    def look(self, oracle: Oracle, record: str) -> Form:
        """Open a record's form, and note for the oracle what it shows."""
        form = self.phone.open(record)
        row_edits = oracle.stands_for(form.row)
        own = {
            key: next(e for e in oracle.ops[self._op(number)] if (e.record, e.key) == (record, key))
            for key, (_, number) in form.pinned.items()
        }
        self.shown = {k: seen for k, seen in self.shown.items() if k[0] != record}
        self.rows = {k: seen for k, seen in self.rows.items() if k[0] != record}
        self.rows |= {(record, key): e.row for key, e in own.items()} | {(record, ""): row_edits}
        for key in {*form.values, *own, *(e.key for e in row_edits)}:
            seen = {e for e in row_edits if e.key == key}
            if key in own:
                seen = {own[key], *own[key].seen}
            self.shown[record, key] = frozenset(seen)
        for edit in self._of_stubs(oracle, record):
            if edit.key in own:
                continue  # and what that stands on knows them, or is older than the merge
            self.shown[record, edit.key] = self.shown.get((record, edit.key), frozenset()) | {edit}
        # Behind an own edit that waits things may have arrived unseen: then no more than the row it was begun on.
        whole = min((e.row for e in own.values()), key=len, default=row_edits)
        mine = {e for e in row_edits if e.author == self.phone.disk.device}
        mine = {e for e in mine if self.phone.disk.generation in oracle.generations(e.op)}
        self.shown[record, "delete"] = whole | mine | {*own.values()}
        self.doubted -= {(r, k) for r, k in self.doubted if r == record}
        self.doubted |= {(record, k) for k in form.contested if rules.guarded(form.type, k)}
        self.doubted |= {(record, k) for k, e in own.items() if e.doubted}
        return form

    def _of_stubs(self, oracle: Oracle, record: str) -> list[Edit]:
        """Own edits of records that this one stands for: their author knows them."""
        ops = [oracle.ops[s.head["at"]] for s in self.phone.disk.saved]
        stubs = {e.record for edits in ops for e in edits if e.record != record}
        rows = [self.phone.row(id) for id in stubs]
        ours = {row[0] for row in rows if row and row[3].get("alias_of") == record}
        return [e for edits in ops for e in edits if e.record in ours]

    def _op(self, number: int) -> int:
        [saved] = [s for s in self.phone.disk.saved if s.number == number]
        return int(saved.head["at"])

    # What the person saves

    def save(self, oracle: Oracle, *edits: tuple[Form, Mapping[str, Any]]) -> Saved:
        saved = self.phone.save(*edits)
        op, made = int(saved.head["at"]), []
        for form, keys in edits:
            for key, value in keys.items():
                deletes = key == "present" and value is False
                seen = self.shown.get((form.record, "delete" if deletes else key), frozenset())
                doubted = (form.record, key) in self.doubted and not self.settles
                begun = self.rows.get((form.record, ""), frozenset())
                made.append(
                    Edit(
                        op,
                        form.record,
                        form.type,
                        key,
                        value,
                        self.phone.disk.device,
                        seen,
                        doubted,
                        self.rows.get((form.record, key), begun),
                    )
                )
                self.last[form.record, key] = made[-1]
        oracle.saved(op, made)
        return saved


class Words:
    """What people type: every text once, so that a value tells who wrote it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0
        self._favourites = {key for keys in KEYS.values() for key in random.sample(keys, 3)}

    def text(self) -> str:
        self._count += 1
        return f"t{self._count}"

    def number(self) -> int:
        self._count += 1
        return self._count

    def edits(self, keys: Sequence[str], shown: Mapping[str, Any]) -> dict[str, Any]:
        """New values for one to three of the keys."""
        made: dict[str, Any] = {}
        wanted = [key for key in keys if key in self._favourites]
        if not wanted or self._random.random() < 0.4:
            wanted = list(keys)
        for key in self._random.sample(wanted, min(len(wanted), self._random.choice((1, 1, 2, 3)))):
            made |= self._edit(key, shown)
        return made

    def _edit(self, key: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        if key in CHOICES:
            return {key: self._random.choice(CHOICES[key])}
        if key == "population":
            return {key: self.number()}
        if key == "phones/*":
            return self._phones(shown)
        if key.endswith("/*"):
            element = key.replace("*", self._random.choice(("01", "02", "03")))
            return {element: element not in shown}
        return {key: self.text() if self._random.random() < 0.9 else None}

    def _phones(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Add an entry, take one away, or put another in its place."""
        held = sorted(k for k in shown if k.startswith("phones/"))
        old = self._random.choice(held) if held and self._random.random() < 0.6 else None
        fresh = f"phones/p{self.number():04d}"
        if old is None:
            return {fresh: {"number": self.text()}}
        if self._random.random() < 0.4:
            return {old: None}
        return {old: None, fresh: {"number": self.text(), "replaces": old.partition("/")[2]}}
