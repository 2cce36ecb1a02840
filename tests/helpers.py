"""Builders, and `Phone`: a whole phone in memory, written from sync/PROTOCOL.md alone.

`Phone` keeps confirmed rows per bucket, an outbox and cursors, and talks to an application through a `send`
function that a test can make lossy. It shares no code with `sync/` but the hash function's name.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx2
from starlette.applications import Starlette

from server.auth import Account, Auth
from server.registry import Batch, Pushed, Registry, Unreadable, now_ms, uuid7
from sync import Change, Op, Prev, RecordId

Send = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass
class Village:
    """A village to test with: two grids, a clerk, and a device that made them."""

    registry: Registry
    auth: Auth
    code: str
    office: str
    """Device id of the office."""
    clerk: Account

    def grid(self, number: int) -> str:
        return f"{self.code}{number:02d}"

    async def commit(self, *changes: Change) -> None:
        """One op of the office."""
        await self.registry.commit(self.code, self.office, [changes], author="村办公室")

    async def surveyor(self, login: str, *grids: int) -> Account:
        return await self.auth.create_account(
            self.code, login=login, name=f"调查员{login}", role="surveyor",
            grids=[self.grid(n) for n in grids],
        )  # fmt: skip

    async def device(self, login: str = "d1", *, key: str = "") -> str:
        """A device to push with directly, without a phone around it."""
        return await self.auth.batch_device(
            self.code, login, f"{self.code}{login}{key}", kind="phone"
        )

    async def push(self, device: str, first: int, *ops: Op | Unreadable, **batch: Any) -> Pushed:
        arrival = batch.pop("arrival", now_ms())
        settings = {"author": "调查员", "generation": 1, **batch}
        return await self.registry.push(
            self.code, Batch(device=device, ops=ops, arrival=arrival, first=first, **settings)
        )

    async def household(self, grid: int = 1, **fields: Any) -> str:
        """A household made by the office; returns its id."""
        id = uuid7()
        await self.commit(
            create(id, "household", grid_code=self.grid(grid), head_name="谷大叔甲", **fields)
        )
        return id

    async def child(self, household: str, **fields: Any) -> str:
        id = uuid7()
        await self.commit(
            create(id, "child", household_id=household, **{"name": "谷小满", **fields})
        )
        return id


def create(id: str, type: str, **fields: Any) -> Change:
    """The change that makes a record."""
    return Change(RecordId(id), type, 0, {"present": True, **fields})


def change(
    id: str, type: str, base: int, /, _prev: Mapping[str, Prev] | None = None, **fields: Any
) -> Change:
    """The change that edits a record. Keys of elements are written with `__`: `hobby__01=True`."""
    keys = {name.replace("__", "/"): value for name, value in fields.items()}
    return Change(RecordId(id), type, base, keys, _prev or {})


def op(*changes: Change, at: int = 0, clock: int = 0, contact: int = 0) -> Op:
    return Op(at or now_ms(), clock, contact, "", changes)


async def new_village(registry: Registry, auth: Auth, code: str) -> Village:
    await registry.create_village(code, "测试村")
    clerk = await auth.create_account(code, login="office", name="村办公室", role="clerk")
    made = Village(registry, auth, code, await auth.office_device(clerk), clerk)
    for number, name in ((1, "上坪组"), (2, "下坪组")):
        await made.commit(create(uuid7(), "grid", grid_code=made.grid(number), name=name))
    return made


def app_of(village: Village) -> Starlette:
    """The application on a village's registry; the registry outlives it."""
    from server.app import create_app  # heavy, and most tests need no application

    return create_app(registry=village.registry)


def canonical_text(value: Any) -> str:
    """Canonical JSON as PROTOCOL.md §7 says it."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return unicodedata.normalize("NFC", text)


def digest_of(rows: list[list[Any]]) -> str:
    """A bucket's digest as PROTOCOL.md §3.4 says it."""
    lanes = [0, 0, 0, 0]
    for row in rows:
        head = sha256(canonical_text(row).encode()).digest()
        for i in range(4):
            lanes[i] = (lanes[i] + int.from_bytes(head[4 * i : 4 * i + 4], "big")) % 2**32
    return "".join(f"{lane:08x}" for lane in lanes)


@dataclass
class Phone:
    """A phone: enrol it, edit without network, sync when there is one."""

    send: Send
    village: str
    device: str
    generation: int
    epoch: str
    buckets: list[str]
    rows: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    pending: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """(seq, op with ids spelled out)."""
    seq: int = 0
    contact: int = 0
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    budget: int = 1_000_000
    agreed: bool = False
    skew: int = 0
    """How wrong this phone's clock is, ms."""
    requests: int = 0
    wiped: bool = False

    # What the person does

    def row(self, id: str) -> list[Any] | None:
        for bucket in self.rows.values():
            if id in bucket:
                return bucket[id]
        return None

    def shown(self, id: str) -> dict[str, Any]:
        """Confirmed fields under the own pending edits, scalars only."""
        row = self.row(id)
        fields = dict(row[3]) if row else {}
        for _, op in self.pending:
            for c in op["changes"]:
                if c["record"] == id:
                    fields |= {k: v for k, v in c["set"].items() if "/" not in k}
        return fields

    def create(self, type: str, id: str | None = None, **fields: Any) -> str:
        made = id or uuid7()
        self._save([{"record": made, "type": type, "base": 0, "set": {"present": True, **fields}}])
        return made

    def edit(self, id: str, /, **keys: Any) -> None:
        """Edit a record as the screen shows it now; bases are pinned while own edits wait (§3.1)."""
        row = self.row(id)
        base_now = row[2] if row else 0
        kind = row[1] if row else self._pending_type(id)
        groups: dict[int, dict[str, Any]] = {}
        for name, value in keys.items():
            key = name.replace("__", "/")
            waiting = [(seq, c) for seq, op in self.pending for c in op["changes"]
                       if c["record"] == id and key in c["set"]]  # fmt: skip
            base = waiting[0][1]["base"] if waiting else base_now
            made = groups.setdefault(base, {"record": id, "type": kind, "base": base, "set": {}})
            made["set"][key] = value
            if waiting:
                made.setdefault("prev", {})[key] = waiting[-1][0]
        self._save(list(groups.values()))

    def _pending_type(self, id: str) -> str:
        kinds = [c["type"] for _, op in self.pending for c in op["changes"] if c["record"] == id]
        return str(kinds[0])

    def _save(self, changes: list[dict[str, Any]]) -> None:
        self.seq += 1
        now = int(time.time() * 1000) + self.skew
        op = {"at": now, "clock": 1, "contact": self.contact, "schema": "", "changes": changes}
        self.pending.append((self.seq, op))

    # The loop

    async def sync(self) -> None:
        """Push, pull page after page, confirm."""
        more = True
        while more:
            more = await self.step()
        await self.step()

    async def step(self) -> bool:
        """One request and its answer. True while there is more to fetch or to send."""
        request = self.request()
        self.requests += 1
        answer = await self.send(request)
        return self.take(request, answer)

    def request(self) -> dict[str, Any]:
        ids: list[str] = []
        ops = []
        for _, op in self.pending:
            changes = []
            for c in op["changes"]:
                if c["record"] not in ids:
                    ids.append(c["record"])
                changes.append({**c, "record": ids.index(c["record"])})
            ops.append({**op, "changes": changes})
        return {
            "magic": "zoufang-sync", "protocol": 1, "village": self.village, "device": self.device,
            "generation": self.generation, "epoch": self.epoch,
            "now": int(time.time() * 1000) + self.skew, "clock": 1, "programme": "",
            "first": self.pending[0][0] if self.pending else self.seq + 1, "ids": ids, "ops": ops,
            "pull": {b: [self.cursors.get(b, 0), self.digest(b) if b in self.cursors else ""]
                     for b in self.buckets},
            "budget": self.budget,
        }  # fmt: skip

    def take(self, request: dict[str, Any], answer: dict[str, Any]) -> bool:
        assert answer["magic"] == "zoufang-sync"
        assert answer["device"] == self.device
        if answer["generation"] != self.generation:
            self._fork(answer)
            return True
        self.contact, self.epoch = answer["now"], answer["epoch"]
        self.pending = [(seq, op) for seq, op in self.pending if seq > answer["acked"]]
        self.verdicts += answer["verdicts"]
        self.buckets = answer["buckets"]
        if answer.get("wipe"):
            self.rows, self.cursors, self.wiped = {}, {}, True
            return False
        for gone in [b for b in self.rows if b not in self.buckets]:
            self.rows.pop(gone)
            self.cursors.pop(gone, None)
        more = bool(self.pending) or any(b not in answer["pages"] for b in self.buckets)
        self.agreed = bool(answer["pages"])
        for bucket, page in answer["pages"].items():
            held = self.rows.setdefault(bucket, {})
            for row in page["rows"]:
                held[row[0]] = row
            for id in page["gone"]:
                held.pop(id, None)
            self.cursors[bucket] = page["cursor"]
            more = more or page["more"]
            if not page["more"]:
                assert page["digest"] == self.digest(bucket), f"{bucket} differs"
            self.agreed = self.agreed and page.get("agrees") is True
        return more

    def _fork(self, answer: dict[str, Any]) -> None:
        """Go on in the new generation with what the server does not have yet (§3.5)."""
        old, self.generation = self.generation, answer["generation"]
        behind = [(seq, op) for seq, op in self.pending if seq > answer["acked"]]
        new_seq = {seq: place for place, (seq, _) in enumerate(behind, 1)}
        for _, op in behind:
            for c in op["changes"]:
                for key, prev in c.get("prev", {}).items():
                    c["prev"][key] = new_seq.get(prev, [old, prev])
        self.pending = [(new_seq[seq], op) for seq, op in behind]
        self.seq = len(behind)

    def digest(self, bucket: str) -> str:
        return digest_of(list(self.rows.get(bucket, {}).values()))


def sender(client: httpx2.AsyncClient, token: str) -> Send:
    """Send over HTTP, as a phone with a good network does."""

    async def send(request: dict[str, Any]) -> dict[str, Any]:
        answer = await client.post(
            "/api/sync", json=request, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    return send


async def enrol(client: httpx2.AsyncClient, auth: Auth, account: Account) -> Phone:
    """Enrol a phone for a person, over HTTP, with a fresh code."""
    code = await auth.issue_code(account)
    answer = await client.post("/api/enrol", json={"code": code.text, "label": "测试手机"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return Phone(
        sender(client, told["token"]), told["village"]["code"], told["device"],
        told["generation"], told["epoch"], told["buckets"],
    )  # fmt: skip
