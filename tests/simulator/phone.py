"""A whole phone in memory, written from sync/PROTOCOL.md alone: the second, small client.

It shares no code with `sync/` or the phone app. It opens no connection: `request()` gives what to post, `take()`
takes what came back. What a phone must keep is on a `Disk`; every change of it is a transaction, and whoever
wants a crash raises one in `before_commit`: then exactly what was not committed is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from .disk import Disk, Row, Saved, digest_of, head_of

HEX = "0123456789abcdef"
JUMP_MS = 2_000
"""A wall clock that leaves the steady clock by more has been set."""


@dataclass(frozen=True)
class Form:
    """What a person was shown when a record was opened: the only thing the edits made on it may lean on."""

    record: str
    type: str
    base: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    """By key; elements and entries that are in, and `present`."""
    contested: frozenset[str] = frozenset()
    pinned: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Keys that show an own edit: (its base, its number)."""
    row: Row | None = None


class Phone:
    def __init__(
        self,
        disk: Disk,
        wall: Callable[[], int],
        steady: Callable[[], int],
        before_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.disk = disk
        self._wall, self._steady, self._before_commit = wall, steady, before_commit

    @contextmanager
    def _transaction(self) -> Iterator[Disk]:
        draft = self.disk.copy()
        yield draft
        self._before_commit()
        self.disk = draft

    # The screen

    def ids(self) -> list[str]:
        """Every record there is on the screen."""
        known = {id for rows in self.disk.rows.values() for id in rows} | {*self.disk.limbo}
        known |= {c["record"] for s in self._overlay() for c in s.changes}
        return sorted(id for id in known if self.open(id).values.get("present"))

    def row(self, record: str) -> Row | None:
        return self.disk.row(record) or self.disk.limbo.get(record, (None, 0))[0]

    def open(self, record: str) -> Form:
        """A record as the screen shows it: confirmed values under the own edits that wait or have not come back."""
        row = self.row(record)
        values = _by_key(row) if row else {}
        kind: str = row[1] if row else ""
        pinned: dict[str, tuple[int, int]] = {}
        for saved in self._overlay():
            for change in saved.changes:
                if change["record"] == record:
                    kind = kind or change["type"]
                    values |= change["set"]
                    pinned |= dict.fromkeys(change["set"], (change["base"], saved.number))
        values = {k: v for k, v in values.items() if v is not None and v is not False}
        contested = frozenset(row[4]) if row and len(row) > 4 else frozenset()
        return Form(record, kind, row[2] if row else 0, values, contested - {*pinned}, pinned, row)

    def _overlay(self) -> list[Saved]:
        return [s for s in self.disk.saved if not s.landed and not self.disk.still_shows(s)]

    # Saving

    def save(self, *edits: tuple[Form, Mapping[str, Any]]) -> Saved:
        """One op. An own edit that waits pins the base, for it hid what arrived; deleting has seen no more than
        the oldest of them."""
        changes: list[dict[str, Any]] = []
        for form, keys in edits:
            by_base: dict[int, dict[str, Any]] = {}
            for key, value in keys.items():
                base, number = form.pinned.get(key, (form.base, 0))
                if key == "present" and value is False:
                    base = min([base, *(pinned for pinned, _ in form.pinned.values())])
                    number = number or self._made(form.record)
                fresh = {"record": form.record, "type": form.type, "base": base, "set": {}}
                change = by_base.setdefault(base, fresh)
                change["set"][key] = value
                if number:
                    change.setdefault("prev", {})[key] = number
            changes += by_base.values()
        with self._transaction() as draft:
            self._tick(draft)
            draft.seq, draft.number = draft.seq + 1, draft.number + 1
            head = {
                "at": self._wall(),
                "clock": draft.clock,
                "contact": draft.contact,
                "schema": "",
            }
            made = Saved(draft.number, draft.generation, draft.seq, head, tuple(changes))
            draft.saved.append(made)
        return made

    def _made(self, record: str) -> int:
        """The number of the own edit that brought a record into being, if it is still known; else 0."""
        made = [s.number for s in self.disk.saved for c in s.changes
                if c["record"] == record and c["set"].get("present")]  # fmt: skip
        return made[-1] if made else 0

    def _tick(self, draft: Disk) -> None:
        """A new clock epoch when the wall clock was set, or the phone restarted."""
        drift = self._wall() - self._steady()
        if not draft.clock or abs(drift - draft.drift) > JUMP_MS:
            draft.clock += 1
            draft.drift = drift

    # Sending

    def request(self, budget: int = 1_000_000, most_ops: int = 2_000) -> dict[str, Any]:
        """What to post now. Ops of an older generation, wanted again after a restore, go first."""
        with self._transaction() as draft:
            self._tick(draft)
        disk = self.disk
        generation = min([s.generation for s in disk.saved if s.waits], default=disk.generation)
        queue = [s for s in disk.saved if s.waits and s.generation == generation][:most_ops]
        ids = sorted({change["record"] for saved in queue for change in saved.changes})
        next_seq = max((s.seq for s in disk.saved if s.generation == generation), default=0) + 1
        asked: dict[str, Any] = {
            "magic": "zoufang-sync", "protocol": 1, "village": disk.village, "device": disk.device,
            "generation": generation, "epoch": disk.epoch, "now": self._wall(),
            "clock": disk.clock, "programme": "",
            "first": queue[0].seq if queue else max(next_seq, disk.seq + 1),
            "ids": ids, "ops": [self._op(saved, ids) for saved in queue],
            "pull": {b: [disk.cursors.get(b, 0), self.digest(b) if b in disk.rows else ""]
                     for b in disk.buckets},
            "budget": budget,
        }  # fmt: skip
        if not queue:
            asked["compare"] = {b: self._sixteen(b) for b, ids in disk.repair.items() if not ids}
            asked["fetch"] = {b: ids[:500] for b, ids in disk.repair.items() if ids}
        return asked

    def _op(self, saved: Saved, ids: Sequence[str]) -> dict[str, Any]:
        known = self.disk.names | {s.number: (s.generation, s.seq) for s in self.disk.saved}
        changes = []
        for change in saved.changes:
            named = {k: known[n] for k, n in change.get("prev", {}).items() if n in known}
            prev = {k: n[1] if n[0] == saved.generation else [*n] for k, n in named.items()}
            sent = {**change, "record": ids.index(change["record"])}
            sent.pop("prev", None)
            changes.append(sent | ({"prev": prev} if prev else {}))
        op = {**saved.head, "changes": changes}
        return op | ({"was": [*saved.was]} if saved.was else {})

    # Taking the answer

    def take(self, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
        """Apply an answer, step by step. True while there is more to send or to fetch."""
        mine = ("zoufang-sync", asked["device"], asked["village"])
        if (answer["magic"], answer["device"], answer["village"]) != mine:
            return True
        with self._transaction() as draft:
            self._take_acks(draft, asked, answer)
            self._take_scope(draft, answer)
            draft.contact = max(draft.contact, answer["now"])
            draft.sweep()
        if self.disk.wiped:
            return False
        for bucket, page in answer["pages"].items():
            with self._transaction() as draft:
                self._take_page(draft, bucket, page)
                draft.sweep()
        disk, pages = self.disk, answer["pages"]
        unfinished = any(b not in pages or pages[b]["more"] for b in disk.buckets)
        return unfinished or bool(disk.repair) or any(s.waits for s in disk.saved)

    def _take_acks(self, draft: Disk, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Believe an ack only for what this request carried: a clone of this phone may have sent more."""
        sent, restored = asked["generation"], answer["epoch"] != draft.epoch
        draft.epoch = answer["epoch"]
        revs = dict(enumerate(answer["revs"][: len(asked["ops"])], asked["first"]))
        draft.verdicts += [v for v in answer["verdicts"] if v["seq"] in revs]
        for place, saved in enumerate(draft.saved):
            if saved.generation == sent and saved.waits and saved.seq in revs:
                rev = revs[saved.seq]
                draft.saved[place] = replace(saved, rev=rev, landed=not rev)
        if answer["generation"] != sent:
            draft.renumber(sent, answer["generation"])
        if restored:
            draft.offer_again()
        draft.forget(sent, answer["kept"])
        first = min((s.seq for s in draft.saved if s.waits and s.generation == sent), default=0)
        if first > answer["acked"] + 1:  # the server lost more than this phone still has
            draft.renumber(sent, draft.generation + 1)

    def _take_scope(self, draft: Disk, answer: Mapping[str, Any]) -> None:
        draft.buckets = list(answer["buckets"])
        draft.unfinished = {
            b for b in draft.buckets if b in draft.unfinished or b not in draft.rows
        }
        for bucket in [b for b in draft.rows if b not in draft.buckets]:
            for id, row in draft.rows.pop(bucket).items():
                draft.limbo.setdefault(id, (row, 0))
            draft.cursors.pop(bucket, None)
            draft.repair.pop(bucket, None)
        if answer.get("wipe") and not any(saved.waits for saved in draft.saved):
            draft.rows, draft.cursors, draft.limbo, draft.saved = {}, {}, {}, []
            draft.wiped = True

    def _take_page(self, draft: Disk, bucket: str, page: Mapping[str, Any]) -> None:
        held = draft.rows.setdefault(bucket, {})
        held |= {row[0]: row for row in page["rows"]}
        left = [held.pop(id) for id in page["gone"] if id in held]
        draft.limbo |= {row[0]: (row, page["cursor"]) for row in left}
        draft.cursors[bucket] = page["cursor"]
        draft.unfinished.discard(bucket)
        if page["more"]:
            draft.unfinished.add(bucket)
            return
        if "differ" in page:
            wanted: list[str] = []
            for digit, listed in page["differ"].items():
                theirs = dict(listed)
                for id in [id for id in held if id[-1] == digit and id not in theirs]:
                    del held[id]
                wanted += [id for id, head in theirs.items() if head != head_of(held.get(id))]
            draft.repair[bucket] = wanted or None
        elif bucket in draft.repair:
            draft.repair[bucket] = None
        if page["digest"] == digest_of(held.values()):
            draft.repair.pop(bucket, None)
        elif bucket not in draft.repair:
            draft.mismatches += 1
            draft.repair[bucket] = None

    def digest(self, bucket: str) -> str:
        return digest_of(self.disk.rows[bucket].values())

    def _sixteen(self, bucket: str) -> list[str]:
        held = self.disk.rows.get(bucket, {}).items()
        return [digest_of([row for id, row in held if id[-1] == digit]) for digit in HEX]

    def enrol_again(self, device: str, token: str, epoch: str, buckets: list[str]) -> None:
        """A restored server does not know this phone any more: all it still has goes under its new name."""
        with self._transaction() as draft:
            draft.device, draft.token, draft.epoch, draft.buckets = device, token, epoch, buckets
            draft.offer_again()
            draft.saved = [replace(saved, generation=0) for saved in draft.saved]
            draft.names = {}
            draft.renumber(0, 1)


def _by_key(row: Row) -> dict[str, Any]:
    values: dict[str, Any] = {"present": True}
    for name, value in row[3].items():
        if isinstance(value, list):
            values |= {f"{name}/{element}": True for element in value}
        elif isinstance(value, dict):
            values |= {f"{name}/{entry}": content for entry, content in value.items()}
        else:
            values[name] = value
    return values
