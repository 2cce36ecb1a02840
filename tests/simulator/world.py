"""One history: a village, its phones, its office and its server, and everything that goes wrong between them.

Everything follows from the seed. First a time of work and faults, then quiet: the network is sound, everybody
syncs until nothing is left to do, and the judge (judge.py) looks at everything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from sqlalchemy import bindparam, select

from server.auth import Account
from server.database import Work, ask
from server.database import schema as s
from server.registry import Row
from sync import Change, RecordId

from . import backups
from .oracle import Edit, Logged, Oracle, Violation
from .people import Hand, Words
from .phone import Disk, Form, Phone
from .server import Clock, Died, Server

START = 1_790_000_000_000
TEN_YEARS = 315_000_000_000
GRIDS = 3
LOG = select(
    s.op.c.device, s.op.c.generation, s.op.c.seq, s.op.c.rev, s.op.c.at, s.op.c.received_at,
    s.op.c.body, s.op.c.verdicts,
).where(s.op.c.village == bindparam("v"))  # fmt: skip
STATE = select(s.record.c.id, s.record.c.present, s.record.c.row, s.record.c.state).where(
    s.record.c.village == bindparam("v")
)


class Crash(Exception):
    """A phone died between two steps of its storage."""


@dataclass
class Chances:
    """How likely things are, per message or per step."""

    trouble: float = 0.35
    """That something happens to a message."""
    steps: int = 45


@dataclass
class Report:
    """What a history did."""

    seed: int
    ops: int = 0
    conflicts: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)


class World:
    def __init__(self, server: Server, village: str, seed: int, clock: Clock, random: Random) -> None:
        self.server, self.village, self.random, self.clock = server, village, random, clock
        self.chances = Chances()
        self.report = Report(seed)
        self.oracle = Oracle(checked=self.report.checked)
        self.words = Words(random)
        self.hands: list[Hand] = []
        self.late: list[tuple[str, bytes]] = []
        """Requests still under way though nobody waits for their answer: (token, body)."""
        self.past: list[tuple[str, bytes]] = []
        """Requests that arrived."""
        self._entries: dict[tuple[Any, ...], Logged] = {}
        self.backup: backups.Backup = {}
        self.backup_log: list[Logged] = []
        self.drafts: list[tuple[str, str, dict[str, frozenset[Edit]], int, dict[str, Any]]] = []
        """Pages open in the office: (record, type, key -> what they show, rev, values)."""
        self.old_disks: dict[str, tuple[Disk, dict[tuple[str, str], Edit]]] = {}
        self.moved = self.restored = False
        self.quiet = False
        self.eager = False
        """Judge after every act: slow, but a replay then shows where things first went wrong."""

    def say(self, text: str) -> None:
        self.report.trace.append(f"{(self.clock.now - START) / 1000:9.1f}  {text}")

    def fault(self, kind: str, text: str = "") -> None:
        self.report.faults[kind] += 1
        self.say(f"! {kind} {text}")

    def grid(self, number: int) -> str:
        return f"{self.village}{number:02d}"

    def fresh_id(self) -> str:
        return f"{self.clock.now:012x}7{self.random.getrandbits(76):019x}"

    def wait(self, most_ms: int = 3_600_000) -> None:
        self.clock.now += self.random.randint(1, most_ms)

    # Setting up

    async def begin(self) -> None:
        registry, auth = self.server.registry, self.server.auth
        await registry.create_village(self.village, "测试村")
        clerk = await auth.create_account(self.village, login="office", name="村办公室", role="clerk")
        self.office = await auth.office_device(clerk)
        for number in range(1, GRIDS + 1):
            await self.commit({self.fresh_id(): ("grid", {"grid_code": self.grid(number), "name": self.words.text()})})
        for _ in range(self.random.randint(2, 4)):
            house = self.fresh_id()
            born: dict[str, tuple[str, dict[str, Any]]] = {
                house: ("household", {"grid_code": self.grid(self.random.randint(1, GRIDS)),
                                      "head_name": self.words.text(), "house_safety": "A"})
            }  # fmt: skip
            for _ in range(self.random.randint(1, 2)):
                born[self.fresh_id()] = ("child", {"household_id": house, "name": self.words.text(), "hobby/01": True})
            await self.commit(born)
        for number in range(self.random.randint(3, 6)):
            role = self.random.choice(("surveyor", "surveyor", "surveyor", "volunteer", "official"))
            await self.add_person(f"p{number}", role)

    async def add_person(self, name: str, role: str) -> None:
        helper = ""
        if role == "volunteer":
            helper = self.fresh_id()
            await self.commit({helper: ("helper", {"name": self.words.text(), "helper_kind": "T"})})
        grids = sorted(self.random.sample([self.grid(n) for n in range(1, GRIDS + 1)], self.random.randint(1, 2)))
        account = await self.server.auth.create_account(
            self.village, login=name, name=name, role=role,
            grids=grids if role == "surveyor" else [], helper_id=helper,
        )  # fmt: skip
        if helper:
            await self.pair(helper)
        self.hands.append(await self.enrol(name, account))

    async def enrol(self, name: str, account: Account) -> Hand:
        hand = Hand(name, account, self.clock, booted=self.clock.now)
        if self.random.random() < 0.4:
            hand.skew = self.random.choice((-TEN_YEARS, -90_000_000, -5_000, 5_000, 90_000_000, TEN_YEARS))
            self.fault("clock is wrong", f"{name} by {hand.skew / 86_400_000:.1f} days")
        told = await self._new_device(account)
        disk = Disk(self.village, told["device"], told["token"], told["epoch"], told["buckets"])
        self._hold(hand, disk)
        self.say(f"{name} ({account.role}) enrols as {disk.device} for {disk.buckets}")
        return hand

    async def _new_device(self, account: Account) -> dict[str, Any]:
        code = await self.server.auth.issue_code(account)
        body = json.dumps({"code": code.text, "label": "phone"}).encode()
        status, told = await self.server.post("/api/enrol", body)
        assert status == 200, told
        return told

    def _hold(self, hand: Hand, disk: Disk) -> None:
        def before_commit() -> None:
            if hand.crashes_in is not None:
                hand.crashes_in -= 1
                if hand.crashes_in < 0:
                    hand.crashes_in = None
                    raise Crash

        hand.phone = Phone(disk, hand.wall, hand.steady, before_commit)

    # The office: online, through the registry's own door

    async def commit(self, records: dict[str, tuple[str, dict[str, Any]]],
                     seen: dict[str, frozenset[Edit]] | None = None, base: int = 0) -> None:  # fmt: skip
        """One op of the office. `seen` is what the page showed, by key; none where a record is made."""
        self.clock.now += 1
        while self.clock.now in self.oracle.ops:
            self.clock.now += 1
        shown, op, edits, changes = seen or {}, self.clock.now, [], []
        for id, (kind, values) in records.items():
            keys = values if base else {"present": True, **values}
            changes.append(Change(RecordId(id), kind, base, keys))
            edits += [Edit(op, id, kind, k, v, self.office, shown.get(k, frozenset()), False) for k, v in keys.items()]
        self.oracle.saved(op, edits)
        await self.server.registry.commit(self.village, self.office, [changes], author="村办公室", at=op)
        await self.look_at_log()
        self.report.acts["office op"] += 1
        self.say(f"office: {edits}")

    def shown_to_office(self, record: str) -> dict[str, frozenset[Edit]]:
        edits = self.oracle.current(record)
        return {key: frozenset(e for e in edits if e.key == key) for key in {e.key for e in edits}} | {"delete": edits}

    async def office_rows(self, kind: str) -> list[Any]:
        rows = await self.server.registry.rows(self.village, kind)
        return sorted((r for r in rows if "alias_of" not in r.fields), key=lambda row: row.id)

    async def pair(self, helper: str) -> None:
        children = await self.office_rows("child")
        if children:
            child = self.random.choice(children).id
            await self.commit({self.fresh_id(): ("pairing", {"child_id": child, "helper_id": helper, "from_on": "2026-09-01"})})

    # The wire

    async def look_at_log(self) -> None:
        self.oracle.observe(await self.read_log())

    async def read_log(self) -> list[Logged]:
        found = []
        for row in await self.server.database.read(_rows(LOG, self.village)):
            columns = tuple(row)
            if columns not in self._entries:
                *head, body, verdicts = columns
                self._entries[columns] = Logged(*head, json.loads(body), json.loads(verdicts))
            found.append(self._entries[columns])
        return found

    async def settle(self) -> None:
        """What the server notes on the side is written."""
        await self.server.database.settle()

    async def state(self) -> list[Any]:
        return sorted(map(tuple, await self.server.database.read(_rows(STATE, self.village))))

    async def rows(self) -> list[Row]:
        """Every record as it is stored, stubs and removed ones too."""
        found = []
        for id, present, text, _ in await self.state():
            _, kind, rev, fields, *contested = json.loads(text)
            found.append(Row(id, kind, rev, "", fields, contested[0] if contested else {}, bool(present)))
        return found

    async def deliver(self, token: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """The server gets a request and answers. Raises `Died`."""
        self.clock.now += self.random.randint(20, 3_000)
        try:
            status, answer = await self.server.post("/api/sync", body, token)
        except Died:
            self.server.restart()
            raise
        finally:
            await self.look_at_log()
        if status == 200:
            for page in answer["pages"].values():
                for row in page["rows"]:
                    self.oracle.sent(row)
        self.past.append((token, body))
        return status, answer

    async def exchange(self, hand: Hand) -> bool:
        """One request of a phone and, if all goes well, its answer. True while there is more to do."""
        phone = hand.phone
        trouble = not self.quiet and self.random.random() < self.chances.trouble
        if trouble and self.random.random() < 0.2:
            hand.crashes_in = self.random.randint(0, 4)
        budget = 1_000_000 if self.quiet and self.random.random() < 0.5 else self.random.randint(200, 6_000)
        most = 2_000 if self.random.random() < 0.6 else self.random.randint(1, 3)
        asked = phone.request(budget, most)
        body = json.dumps(asked).encode()
        token = phone.disk.token
        answer = await (self._trouble(hand, token, body) if trouble else self._deliver_one(hand, token, body))
        if answer is None:
            return True
        await self.check_answer(hand, asked, answer)
        before = dict(phone.disk.cursors)
        epoch = phone.disk.epoch
        more = phone.take(asked, answer)
        hand.crashes_in = None
        self.say(f"{hand.name} synced: sent {len(asked['ops'])} from {asked['generation']}/{asked['first']}, "
                 f"acked {answer['acked']}, pages "
                 + ", ".join(f"{b} {len(p['rows'])}r {len(p['gone'])}g to {p['cursor']}{'…' if p['more'] else ''}"
                             for b, p in answer["pages"].items()))  # fmt: skip
        self.check_step(hand, before, epoch)
        for bucket, page in answer["pages"].items():
            if not page["more"] and not hand.spoilt and bucket in phone.disk.rows and bucket not in phone.disk.repair:
                self.check_groups(hand, bucket)
        return more

    async def _deliver_one(self, hand: Hand, token: str, body: bytes) -> dict[str, Any] | None:
        status, answer = await self.deliver(token, body)
        if status == 401:
            await self.enrol_again(hand)
            return None
        if status != 200:
            raise Violation(f"{hand.name}: {status} {answer}")
        return answer

    async def _trouble(self, hand: Hand, token: str, body: bytes) -> dict[str, Any] | None:
        """A message meets something on its way."""
        kinds = ("lost request", "lost answer", "duplicate", "late request", "cut request", "server crash",
                 "stale replay", "reordered", "overtaken")  # fmt: skip
        kind = self.random.choice(kinds)
        faulty = self.server.database
        if kind == "lost request":
            self.fault(kind, hand.name)
            return None
        if kind == "late request":
            self.fault(kind, hand.name)
            self.late.append((token, body))
            return None
        if kind == "cut request":
            self.fault(kind, hand.name)
            status, _ = await self.deliver_cut(token, body)
            assert status in (400, 401), status
            return None
        if kind == "server crash":
            faulty.dies_after = self.random.choice((-1, 0, 1, 3, 6, 12, 99))
            try:
                await self.deliver(token, body)
            except Died:
                self.fault(f"server crash {faulty.died}", hand.name)
                return None
            finally:
                faulty.dies_after = None
            self.fault("lost answer", hand.name)
            return None
        if kind == "duplicate":
            self.fault(kind, hand.name)
            await self.deliver(token, body)
        if kind == "stale replay" and self.past:
            await self.replay()
        if kind == "reordered" and self.late:
            self.fault(kind, hand.name)
            await self._arrive_late()
        if kind == "overtaken":
            other = self.random.choice(self.hands)
            if other is not hand and other.active:
                async def slip() -> None:
                    self.fault(kind, f"{hand.name} by {other.name}")
                    await self._deliver_quietly(other)
                faulty.between = slip
        answer = await self._deliver_one(hand, token, body)
        faulty.between = None
        if kind == "lost answer":
            self.fault(kind, hand.name)
            return None
        return answer

    async def _deliver_quietly(self, hand: Hand) -> None:
        """Another phone's request arrives between somebody's push and pull; its answer is lost."""
        asked = hand.phone.request()
        await self.deliver(hand.phone.disk.token, json.dumps(asked).encode())

    async def deliver_cut(self, token: str, body: bytes) -> tuple[int, dict[str, Any]]:
        before = await self.state()
        answer = await self.server.post("/api/sync", body[: self.random.randint(0, len(body) - 1)], token)
        if await self.state() != before:
            raise Violation("a cut request changed something")
        return answer

    async def replay(self) -> None:
        """A request that arrived long ago arrives again."""
        self.fault("stale replay")
        token, body = self.random.choice(self.past)
        asked = json.loads(body)
        before = await self.state()
        status, answer = await self.deliver(token, body)
        if status != 200:
            return
        replayed = answer["generation"] == asked["generation"] and answer["acked"] >= asked["first"] + len(asked["ops"]) - 1
        if not self.restored and replayed and not self.late and await self.state() != before:
            raise Violation(f"I2: a replay changed the register: {asked}")
        self.oracle.checked["I2"] += bool(asked["ops"])

    async def _arrive_late(self) -> None:
        token, body = self.late.pop(self.random.randrange(len(self.late)))
        with suppress(Died):
            await self.deliver(token, body)

    async def enrol_again(self, hand: Hand) -> None:
        """The restored server does not know this phone."""
        told = await self._new_device(hand.account)
        hand.phone.enrol_again(told["device"], told["token"], told["epoch"], told["buckets"])
        self.fault("unknown after restore", f"{hand.name} is now {told['device']}")
        hand.revoked = False

    async def sync(self, hand: Hand, most: int = 6) -> bool:
        """Exchange until there is nothing more. False when the phone gave up."""
        for _ in range(most):
            try:
                if not await self.exchange(hand):
                    return True
            except Crash:
                self.crashed(hand)
            if not self.quiet and self.random.random() < 0.1:
                return False
        return False

    def crashed(self, hand: Hand) -> None:
        self.fault("phone crash", hand.name)
        hand.crashes_in = None
        hand.booted = self.clock.now
        hand.open.clear()
        self._hold(hand, hand.phone.disk)

    # Looking at every step

    async def check_answer(self, hand: Hand, asked: dict[str, Any], answer: dict[str, Any]) -> None:
        """What may leave the server for this phone."""
        allowed = [] if hand.revoked else await self.server.auth.buckets(await self.account(hand))
        if not {*answer["pages"]} <= {*allowed} or (hand.revoked and answer["pages"]):
            raise Violation(f"I24: {hand.name} was sent {[*answer['pages']]}, may hold {allowed}")
        self.oracle.checked["I24"] += self.moved or hand.revoked
        malformed = [v for v in answer["verdicts"] if v["verdict"] == "malformed"]
        if malformed and answer["acked"] >= asked["first"] + len(asked["ops"]) - 1:
            self.oracle.checked["I4"] += 1

    async def account(self, hand: Hand) -> Account:
        found = await self.server.auth.account(self.village, hand.account.id)
        assert found is not None
        return found

    def check_step(self, hand: Hand, before: dict[str, int], epoch: str) -> None:
        disk = hand.phone.disk
        for bucket, cursor in before.items():
            if epoch == disk.epoch and disk.cursors.get(bucket, cursor) < cursor:
                raise Violation(f"I19: {hand.name}'s cursor of {bucket} went back from {cursor}")
        self.oracle.checked["I19"] += len(before)
        if not hand.spoilt:
            self.check_screen(hand)

    def check_screen(self, hand: Hand) -> None:
        """Nobody sees a key older than their own last edit."""
        phone, oracle = hand.phone, self.oracle
        for (record, key), edit in [*hand.last.items()]:
            form = phone.open(record)
            if key in form.pinned or phone.disk.row(record) is None:
                continue
            if edit in oracle.stands_for(form.row) or "alias_of" in form.row[3]:
                oracle.checked["I21"] += 1
                del hand.last[record, key]
            elif oracle.accepted(edit.op):
                raise Violation(f"I21: {hand.name} sees {key} of {record} older than {edit}: {form}")
            elif any(s.head["at"] == edit.op and s.waits for s in phone.disk.saved):
                raise Violation(f"I21: {hand.name} does not see the waiting {edit}: {form}")

    def check_groups(self, hand: Hand, bucket: str) -> None:
        """After a complete pull a visit and what it taught are both there."""
        for row in hand.phone.disk.rows[bucket].values():
            if row[1] == "visit":
                self._check_group(hand, bucket, row)

    def _check_group(self, hand: Hand, bucket: str, row: list[Any]) -> None:
        edits = self.oracle.stands_for(row)
        rows = hand.phone.disk.rows[bucket]
        for op in {e.op for e in edits}:
            for edit in self.oracle.ops[op]:
                other = rows.get(edit.record)
                if other is None or edit.record == row[0] or "alias_of" in other[3]:
                    continue
                if edit not in self.oracle.stands_for(other):
                    raise Violation(f"I17: {hand.name} got the visit of {edit} without it")
                self.oracle.checked["I17"] += 1

    # Time

    async def run(self) -> Report:
        from .acts import ACTS
        from .judge import compare_records

        await self.begin()
        names = [*ACTS]
        weights = [ACTS[name][0] for name in names]
        for _ in range(self.chances.steps):
            self.wait()
            [name] = self.random.choices(names, weights)
            await ACTS[name][1](self)
            if self.eager:
                await compare_records(self)
            self.report.acts[name] += 1
        await self.calm()
        return self.report

    async def calm(self) -> None:
        """All faults end; everybody syncs until nothing is left to do."""
        from .judge import compare_records, judge

        self.quiet = True
        self.say("quiet")
        self.server.database.dies_after = None
        while self.late:
            await self._arrive_late()
        for round in range(4):
            for hand in self.hands:
                self.wait(60_000)
                if self.eager:
                    await compare_records(self)
                if hand.active and not await self.sync(hand, most=60):
                    raise Violation(f"I33: {hand.name} does not come to rest: {hand.phone.disk}")
        await judge(self)
        self.report.ops = len(self.oracle.log)


def _rows(statement: Any, village: str) -> Work[list[Sequence[Any]]]:
    return (yield ask(statement, v=village))
