"""The oracle: what a register must show, worked out from what was on each person's screen.

For every edit it knows the edits its author had been shown, themselves or what replaced them. It never looks at
base, prev or rev to learn who saw what: a row that a phone shows is looked up by its text, and stands for all
edits that the server had accepted when it first sent that text. From the log of accepted ops follow the maximal
edits of every key, and from these what shows, what is flagged and what is there at all.

`op` means the instant of saving: a world never saves two ops in one millisecond of one person's clock.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.registry import rules

GIVEN = {"household_no", "file_no", "name_pinyin", "recorded_by"}
"""Fields the server adds; nobody's edits."""
Json = dict[str, Any]


class Violation(AssertionError):
    """An invariant does not hold."""


@dataclass(frozen=True, eq=False)
class Edit:
    """One value somebody gave a key, and what they had been shown."""

    op: int
    record: str
    type: str
    key: str
    value: Any
    author: str
    """The phone (or the office) whose hand it was."""
    seen: frozenset[Edit]
    doubted: bool
    """The screen showed a guarded key as contested, and the author may not settle it."""
    row: frozenset[Edit] = frozenset()
    """All edits that the record's row stood for when the author, or the own edits this one replaces, began."""

    def __repr__(self) -> str:
        return f"{self.author}:{self.record[-4:]}.{self.key}={self.value!r}@{self.op}"

    def replaces(self) -> Iterable[Edit]:
        if not self.doubted:
            return self.seen
        return (x for x in self.seen if x.author == self.author)


@dataclass
class Logged:
    """An op in the server's log."""

    device: str
    generation: int
    seq: int
    rev: int
    at: int
    arrival: int
    body: Json
    verdicts: list[Json]

    @property
    def op(self) -> int:
        return int(self.body["at"])

    @property
    def dots(self) -> tuple[int, str, int, int]:
        return self.at, self.device, self.generation, self.seq


@dataclass
class Oracle:
    checked: Counter[str] = field(default_factory=Counter)
    """Invariant -> how often it was checked with something at stake."""
    ops: dict[int, list[Edit]] = field(default_factory=dict)
    log: dict[tuple[str, int, int], Logged] = field(default_factory=dict)
    of: dict[str, set[Edit]] = field(default_factory=dict)
    """Record -> its accepted edits."""
    rank: dict[int, tuple[int, str, int, int]] = field(default_factory=dict)
    """Op -> its place in time, as the server fixed it."""
    released: set[tuple[str, int, int]] = field(default_factory=set)
    """Names of ops the office let out of quarantine."""
    crossed: set[int] = field(default_factory=set)
    """Ops saved before a restore, or on a screen from before it, and accepted after it."""
    forked: set[int] = field(default_factory=set)
    """Ops accepted in a later generation: their deletes have not seen the phone's own edits of an earlier one."""
    unheard: set[int] = field(default_factory=set)
    """Ops a restore lost before their phone had heard which rev they had been given."""
    twice: set[int] = field(default_factory=set)
    """Ops of a cloned phone that a restored server did not know any more: each clone brought them under a new name."""
    rows: dict[str, frozenset[Edit]] = field(default_factory=dict)
    """Text of a row -> the edits it stands for."""

    # What people did

    def saved(self, op: int, edits: list[Edit]) -> None:
        if op in self.ops:
            raise AssertionError(f"two ops at {op}")
        self.ops[op] = edits

    def uncertain(self, edit: Edit) -> bool:
        """What was merged, contested or numbered only in a lost lineage the server cannot know any more."""
        if (
            edit.op in self.twice
            or edit.op in self.unheard
            or any(x.op in self.unheard for x in edit.seen)
        ):
            return True
        deletes = edit.key == "present" and not edit.value
        if deletes and any(x.op in self.forked for x in (edit, *edit.seen)):
            return True
        if any(self.log[name].op == edit.op for name in self.released if name in self.log):
            return self._forgotten(edit)
        if edit.op not in self.crossed:
            return False
        strangers = any(x.record != edit.record for x in edit.seen)
        strangers |= edit.record in self.classes()
        return strangers or rules.guarded(edit.type, edit.key) or self._forgotten(edit)

    def _forgotten(self, edit: Edit) -> bool:
        """It came so late that the edit whose author had seen it had been replaced, by somebody who had not."""
        others = self.current(edit.record)
        witnesses = {x for x in others if edit in x.seen}
        return any(
            edit not in z.seen and z.seen & witnesses and self._revs(z.op) < self._revs(edit.op)
            for z in others
        )

    # What the server accepted

    def observe(self, entries: Iterable[Logged]) -> None:
        """Take in the server's whole log as it stands now."""
        found = {(e.device, e.generation, e.seq): e for e in entries}
        for name, old in self.log.items():
            now = found.get(name)
            if now is None:
                raise Violation(f"I1: {name} left the log")
            same = (now.body, now.at, now.arrival) == (old.body, old.at, old.arrival)
            if now is not old and (not same or (now.rev != old.rev and old.rev)):
                raise Violation(f"I2 I12: {name} changed from {old} to {now}")
        for name, entry in sorted(found.items(), key=lambda item: item[1].rev):
            old_rev = self.log[name].rev if name in self.log else 0
            if not old_rev and entry.rev:
                self._accept(entry)
        self.log = found

    def restored(self, entries: list[Logged], heard: set[int]) -> None:
        """The server went back to an older log. `heard`: ops whose rev some phone knows."""
        kept = {entry.op for entry in entries if "at" in entry.body}
        self.crossed |= {*self.ops} - kept
        self.unheard |= {op for op in {*self.ops} - kept if op in self.rank} - heard
        self.log, self.of, self.rank = {}, {}, {}
        self.observe(entries)

    def _accept(self, entry: Logged) -> None:
        if entry.op in self.rank:
            self._again(entry)
            return
        self.rank[entry.op] = entry.dots
        if entry.generation > 1:
            self.forked.add(entry.op)
        refused = {v["change"] for v in entry.verdicts if v["verdict"] == "malformed"}
        lost = {c["record"] for i, c in enumerate(entry.body["changes"]) if i in refused}
        for edit in self.ops[entry.op]:
            if edit.record not in lost:
                self.of.setdefault(edit.record, set()).add(edit)

    def _again(self, entry: Logged) -> None:
        """A clone brought an op that was merged already."""
        for known in self.log.values():
            if known.op != entry.op or known.rev in (0, entry.rev):
                continue
            if known.device == entry.device:
                raise Violation(f"I2: {entry} was merged before")
            self.twice.add(entry.op)

    def accepted(self, op: int) -> bool:
        return op in self.rank

    def generations(self, op: int) -> set[int]:
        """The generations in which an op was accepted: clones bring it more than once."""
        return {entry.generation for entry in self.log.values() if entry.rev and entry.op == op}

    # Classes of records that are one

    def classes(self) -> dict[str, list[str]]:
        """Record -> members of its class, eldest first; only records that are not alone."""
        parent: dict[str, str] = {}

        def root(id: str) -> str:
            while parent.get(id, id) != id:
                id = parent[id]
            return id

        for edits in self.of.values():
            sample = next(iter(edits))
            if sample.type != "alias" or any(e.key == "present" and not e.value for e in edits):
                continue
            ends = {e.key: e.value for e in edits}
            if ends.get("a") in self.of and ends.get("b") in self.of:
                parent[root(ends["a"])] = root(ends["b"])
        grouped: dict[str, list[str]] = {}
        for id in {*parent, *parent.values()}:
            grouped.setdefault(root(id), []).append(id)
        return {id: sorted(names) for names in grouped.values() for id in names if len(names) > 1}

    # What rows stand for

    def sent(self, row: list[Any]) -> None:
        """The server has just sent a row."""
        text = text_of(row)
        if text not in self.rows:
            self.rows[text] = self.current(row[0]) if "alias_of" not in row[3] else frozenset()

    def current(self, record: str) -> frozenset[Edit]:
        members = self.classes().get(record, [record])
        return frozenset(e for id in members for e in self.of.get(id, ()))

    def stands_for(self, row: list[Any] | None) -> frozenset[Edit]:
        if row is None:
            return frozenset()
        text = text_of(row)
        if text not in self.rows:
            raise Violation(f"I20: a phone shows a row that was never sent: {text}")
        return self.rows[text]

    # What must show

    def maximal(self, edits: Iterable[Edit]) -> dict[str, list[Edit]]:
        """Key -> the edits nobody has seen and replaced, oldest first."""
        given = set(edits)
        alone = {x for y in given for x in self._gone(y) if x.record == y.record}
        left = given - alone  # what was replaced in its own record does not speak for it any more
        gone = alone | {x for y in left for x in self._gone(y)}
        kept: dict[str, list[Edit]] = {}
        for edit in sorted((e for e in given if e not in gone), key=lambda e: self.rank[e.op]):
            kept.setdefault(edit.key, []).append(edit)
        return kept

    def _gone(self, edit: Edit) -> Iterable[Edit]:
        if edit.key == "present" and not edit.value:
            return (x for x in edit.seen if x.key == "present")
        return edit.replaces()

    def expected(self, record: str) -> tuple[bool, Json, dict[str, list[str]]]:
        """(present, fields, contested) of a record or of the class it stands for."""
        kept = self.maximal(self.current(record))
        fields: Json = {}
        contested: dict[str, list[str]] = {}
        for key, edits in kept.items():
            if key == "present":
                continue
            shown = self._pick(edits)
            name, slash, element = key.partition("/")
            if slash and shown.value is True:
                fields.setdefault(name, []).append(element)
            elif slash and isinstance(shown.value, dict):
                fields.setdefault(name, {})[element] = shown.value
            elif not slash and shown.value is not None:
                fields[name] = shown.value
            others = {text_of(e.value) for e in edits} - {text_of(shown.value)}
            if others:
                contested[key] = sorted(others)
        for name, value in fields.items():
            if isinstance(value, list):
                value.sort()
            elif isinstance(value, dict):
                _flag_rivals(name, value, contested)
        present = self._present(kept)
        if present and any(not e.value for e in kept.get("present", ())):
            contested["present"] = ["false"]
        return present, fields, contested

    def _present(self, kept: Mapping[str, list[Edit]]) -> bool:
        deletes = [e for e in kept.get("present", ()) if not e.value]
        if not deletes or len(deletes) < len(kept["present"]):
            return True
        rest = {e for key, edits in kept.items() if key != "present" for e in edits}
        members = {e.record for edits in kept.values() for e in edits}
        return any(
            all({e for e in rest if e.record == member} - delete.seen for delete in deletes)
            for member in members
        )

    def _pick(self, edits: list[Edit]) -> Edit:
        policy = rules.policy(edits[0].type, edits[0].key.partition("/")[0])
        if "/" in edits[0].key:
            edits = [e for e in edits if e.value] or edits
        elif policy.name in ("severe", "hold") and policy.order:
            gravest = max(_grade(policy.order, e.value) for e in edits)
            edits = [e for e in edits if _grade(policy.order, e.value) == gravest]
        newest = self.rank[edits[-1].op]
        return min((e for e in edits if self.rank[e.op] == newest), key=lambda e: e.record)

    # Comparing

    def compare(self, record: str, present: bool, fields: Json, contested: Json) -> None:
        """One record of the server (not a stub) against what people saw and did."""
        told = {k: sorted(text_of(v) for v in values) for k, values in contested.items()}
        own = {k: v for k, v in fields.items() if k not in GIVEN}
        told = {k: v for k, v in told.items() if k not in GIVEN}
        expected = self.expected(record)
        vague = {e.key for e in self.current(record) if self.uncertain(e)}
        if vague:
            self._blur(vague, own, told, *expected[1:])
            if "present" in vague or any(
                not e.value for e in self.current(record) if e.key == "present"
            ):
                expected = (present, *expected[1:])
        if expected != (present, own, told):
            raise Violation(self._wrong(record, (present, own, told), expected))
        self._count(record, present, told)

    def _blur(self, vague: set[str], *tables: Json) -> None:
        """Leave out what cannot be judged."""
        names = {key.partition("/")[0] for key in vague} | {"present"}
        for table in tables:
            for key in [key for key in table if key.partition("/")[0] in names]:
                del table[key]

    def _wrong(
        self, record: str, is_: tuple[bool, Json, Json], must: tuple[bool, Json, Json]
    ) -> str:
        lines = [f"I7 I8 I14 I15 I16 I28: {record} is not what people saw and did"]
        lines += [f"  present: is {is_[0]}, must be {must[0]}"] * (is_[0] != must[0])
        for title, now, right in (("", is_[1], must[1]), ("others of ", is_[2], must[2])):
            wrong = sorted(k for k in {*now, *right} if now.get(k) != right.get(k))
            lines += [f"  {title}{k}: is {now.get(k)}, must be {right.get(k)}" for k in wrong]
        names = {line.split(":")[0].split()[-1] for line in lines[1:]}
        for edit in sorted(self.current(record), key=lambda e: self._revs(e.op)):
            if edit.key.partition("/")[0] in names or edit.key in names:
                seen = sorted(repr(e) for e in edit.seen if e.key == edit.key)
                lines.append(f"  {self._revs(edit.op)} {edit!r} doubted {edit.doubted} saw {seen}")
        return "\n".join(lines)

    def _count(self, record: str, present: bool, told: Json) -> None:
        edits = self.current(record)
        kept = self.maximal(edits)
        self.checked["I7"] += len(edits) - sum(map(len, kept.values()))
        deletes = [e for e in edits if e.key == "present" and e.value is False]
        self.checked["I27"] += bool(deletes) and not present
        self.checked["I28"] += "present" in told
        for key, rivals in kept.items():
            if len(rivals) < 2:
                continue
            policy = rules.policy(rivals[0].type, key.partition("/")[0]).name
            self.checked["I8"] += 1
            by_arrival = sorted(rivals, key=lambda e: self._revs(e.op))
            self.checked["I9"] += by_arrival != sorted(rivals, key=lambda e: self.rank[e.op])
            self.checked["I14"] += "/" in key
            self.checked["I15"] += policy == "both"
            self.checked["I16"] += policy in ("hold", "severe")

    def _revs(self, op: int) -> int:
        return next(e.rev for e in self.log.values() if e.op == op and e.rev)

    def check_log(self) -> None:
        """Gapless seqs, terminal verdicts, sound times."""
        lines: dict[tuple[str, int], list[Logged]] = {}
        for entry in self.log.values():
            lines.setdefault((entry.device, entry.generation), []).append(entry)
        for (device, generation), entries in lines.items():
            entries.sort(key=lambda e: e.seq)
            if [e.seq for e in entries] != list(range(1, len(entries) + 1)):
                raise Violation(f"I3: {device}/{generation} has a gap")
            self.checked["I3"] += 1
            latest = 0
            for entry in entries:
                self._check_entry(entry, latest)
                latest = entry.at

    def _check_entry(self, entry: Logged, latest: int) -> None:
        aside = any(v["verdict"] in ("malformed", "quarantined") for v in entry.verdicts)
        if not entry.rev and not aside:
            raise Violation(f"I4: {entry} has no verdict")
        self.checked["I4"] += aside
        if not entry.rev:
            return
        if not entry.body["contact"] <= entry.at <= entry.arrival or entry.at < latest:
            raise Violation(f"I12: {entry} lies outside its interval")
        wrong = abs(entry.body["at"] - entry.arrival) > 30 * 86_400_000
        self.checked["I12"] += 1
        self.checked["I13"] += wrong


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _grade(order: tuple[str, ...], value: Any) -> int:
    return order.index(value) if value in order else -1


def _flag_rivals(name: str, entries: Json, contested: dict[str, list[str]]) -> None:
    """Several entries that replace the same one are all shown, and all but the first are flagged."""
    heirs: dict[str, list[str]] = {}
    for entry in sorted(entries):
        if "replaces" in entries[entry]:
            heirs.setdefault(entries[entry]["replaces"], []).append(entry)
    for rivals in heirs.values():
        for entry in rivals[1:]:
            others = [text_of(entries[other]) for other in rivals if other != entry]
            contested[f"{name}/{entry}"] = sorted(others)
