"""A simulated village: its people and their phones, its office, its real server, and virtual time.

Everything follows from the seed. What happens is in acts.py and network.py, what must hold in watch.py and judge.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import bindparam, select

from server.auth import Account
from server.database import Work, ask
from server.database import schema as s
from server.registry import Row
from sync import Change, RecordId

from . import backups
from .disk import Disk
from .oracle import Edit, Logged, Oracle
from .people import Crash, Hand, Words
from .phone import Phone
from .server import Clock, Server

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


@dataclass
class Chances:
    """How long a history is, and how likely trouble."""

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
    def __init__(
        self, server: Server, village: str, seed: int, clock: Clock, random: Random
    ) -> None:
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
        self.hot: set[str] = set()
        """Records that everybody is busy with."""
        self.lost: list[tuple[int, int]] = []
        """Ranges of revs that restores have lost."""
        self.moved = self.restored = False
        self.saves_meanwhile: Callable[[World, Hand], Awaitable[None]] | None = None
        """What a person may do while a request is under way."""
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
        clerk = await auth.create_account(
            self.village, login="office", name="村办公室", role="clerk"
        )
        self.office = await auth.office_device(clerk)
        for number in range(1, GRIDS + 1):
            await self.commit(
                {
                    self.fresh_id(): (
                        "grid",
                        {"grid_code": self.grid(number), "name": self.words.text()},
                    )
                }
            )
        for _ in range(self.random.randint(2, 4)):
            house = self.fresh_id()
            born: dict[str, tuple[str, dict[str, Any]]] = {
                house: ("household", {"grid_code": self.grid(self.random.randint(1, GRIDS)),
                                      "head_name": self.words.text(), "house_safety": "A"})
            }  # fmt: skip
            for _ in range(self.random.randint(1, 2)):
                born[self.fresh_id()] = (
                    "child",
                    {"household_id": house, "name": self.words.text(), "hobby/01": True},
                )
            await self.commit(born)
        for number in range(self.random.randint(3, 6)):
            role = self.random.choice(("surveyor", "surveyor", "surveyor", "volunteer", "official"))
            await self.add_person(f"p{number}", role)

    async def add_person(self, name: str, role: str) -> None:
        helper = ""
        if role == "volunteer":
            helper = self.fresh_id()
            await self.commit({helper: ("helper", {"name": self.words.text(), "helper_kind": "T"})})
        grids = sorted(
            self.random.sample(
                [self.grid(n) for n in range(1, GRIDS + 1)], self.random.randint(1, 2)
            )
        )
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
            hand.skew = self.random.choice(
                (-TEN_YEARS, -90_000_000, -5_000, 5_000, 90_000_000, TEN_YEARS)
            )
            self.fault("clock is wrong", f"{name} by {hand.skew / 86_400_000:.1f} days")
        told = await self.new_device(account)
        disk = Disk(self.village, told["device"], told["token"], told["epoch"], told["buckets"])
        self.hold(hand, disk)
        self.say(f"{name} ({account.role}) enrols as {disk.device} for {disk.buckets}")
        return hand

    async def new_device(self, account: Account) -> dict[str, Any]:
        code = await self.server.auth.issue_code(account)
        body = json.dumps({"code": code.text, "label": "phone"}).encode()
        status, told = await self.server.post("/api/enrol", body)
        assert status == 200, told
        return told

    def hold(self, hand: Hand, disk: Disk) -> None:
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
            edits += [
                Edit(op, id, kind, k, v, self.office, shown.get(k, frozenset()), False)
                for k, v in keys.items()
            ]
        self.oracle.saved(op, edits)
        await self.server.registry.commit(
            self.village, self.office, [changes], author="村办公室", at=op
        )
        await self.look_at_log()
        self.report.acts["office op"] += 1
        self.say(f"office (base {base}): {edits}")

    def shown_to_office(self, record: str) -> dict[str, frozenset[Edit]]:
        edits = self.oracle.current(record)
        return {
            key: frozenset(e for e in edits if e.key == key) for key in {e.key for e in edits}
        } | {"delete": edits}

    async def office_rows(self, kind: str) -> list[Any]:
        rows = await self.server.registry.rows(self.village, kind)
        return sorted((r for r in rows if "alias_of" not in r.fields), key=lambda row: row.id)

    async def pair(self, helper: str) -> None:
        children = await self.office_rows("child")
        if children:
            child = self.random.choice(children).id
            await self.commit(
                {
                    self.fresh_id(): (
                        "pairing",
                        {"child_id": child, "helper_id": helper, "from_on": "2026-09-01"},
                    )
                }
            )

    # What the server holds

    async def look_at_log(self) -> None:
        self.oracle.observe(await self.read_log())

    async def read_log(self) -> list[Logged]:
        found = []
        for row in await self.server.database.read(_rows(LOG, self.village)):
            columns = tuple(row)
            if columns not in self._entries:
                device, generation, seq, rev, at, arrival, body, verdicts = columns
                self._entries[columns] = Logged(
                    device,
                    generation,
                    seq,
                    rev,
                    at,
                    arrival,
                    json.loads(body),
                    json.loads(verdicts),
                )
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
            found.append(
                Row(id, kind, rev, "", fields, contested[0] if contested else {}, bool(present))
            )
        return found

    async def account(self, hand: Hand) -> Account:
        found = await self.server.auth.account(self.village, hand.account.id)
        assert found is not None
        return found


def _rows(statement: Any, village: str) -> Work[list[Sequence[Any]]]:
    return (yield ask(statement, v=village))
