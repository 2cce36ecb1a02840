"""A village to be recorded: fixed ids, a clock that is handed in, and phones that call over HTTP.

What is random by nature (devices, tokens, codes, epochs, accounts) stands in the recordings as `{device a}`.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server.app import create_app
from server.auth import Account, Auth
from server.registry import Registry, ids, lineage
from sync import Change, RecordId
from tests.helpers import Phone

CODE, NAME = "990000101201", "青禾村"
BEGAN_AT = 1_795_320_000_000
RECORDINGS = Path(__file__).parent / "v1"
FREE = frozenset({"now", "expires_at", "message"})
"""Fields of answers that may differ."""
PLACEHOLDER = re.compile(r"\{[a-z]+(?: [a-z0-9]+)?\}")


@dataclass
class Clock:
    """The server's clock: it goes a second for each call, and as far as it is told."""

    now: int = BEGAN_AT

    def time_ns(self) -> int:
        return self.now * 1_000_000


@dataclass
class Call:
    """A question and its answer."""

    name: str
    path: str
    phone: str
    request: Any
    status: int
    answer: Any

    def json(self) -> dict[str, Any]:
        return {
            "path": self.path, "phone": self.phone, "request": self.request,
            "status": self.status, "answer": self.answer,
        }  # fmt: skip


@dataclass
class Stage:
    """The village, its phones, and the calls made so far. With `recorded` calls, their questions are asked."""

    folder: Path
    clock: Clock
    recorded: dict[str, Call] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    phones: dict[str, Phone] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Placeholder -> what it stands for here and now."""
    registry: Registry = field(init=False)
    client: httpx2.AsyncClient = field(init=False)

    @property
    def auth(self) -> Auth:
        return Auth(self.registry.database)

    # The office

    async def found(self) -> None:
        await self.registry.create_village(CODE, NAME)
        clerk = await self.auth.create_account(CODE, login="office", name="村办公室", role="clerk")
        self.office = await self.auth.office_device(clerk)

    async def commit(self, *changes: Change) -> None:
        """One op of the office."""
        self.clock.now += 1000
        await self.registry.commit(CODE, self.office, [changes], author="村办公室")

    async def head(self) -> int:
        """The rev the office has seen: the newest."""
        village = await self.registry.village(CODE)
        assert village is not None
        return village.rev

    async def person(self, login: str, role: str, *grids: int, helper_id: str = "") -> None:
        await self.auth.create_account(
            CODE, login=login, name=f"测试{login}", role=role, helper_id=helper_id,
            grids=[f"{CODE}{n:02d}" for n in grids],
        )  # fmt: skip

    async def account(self, login: str) -> Account:
        found = await self.auth.account_by_login(CODE, login)
        assert found is not None
        return found

    async def code_for(self, login: str) -> None:
        code = await self.auth.issue_code(await self.account(login))
        self.names[f"{{code {login}}}"] = code.text

    async def revoke(self, phone: str) -> None:
        await self.auth.revoke(CODE, self.names[f"{{device {phone}}}"])

    # Backups

    async def back_up(self) -> None:
        """Copy the database, and note what the copy holds."""
        copy = self.folder / "backup.db"
        database = sqlite3.connect(self.folder / "zoufang.db")
        database.execute("VACUUM INTO ?", [str(copy)])
        database.close()
        held = sqlite3.connect(copy)
        rows = held.execute(lineage.HELD).fetchall()
        held.close()
        await self.registry.database.write(lineage.keep(rows))

    async def restore(self) -> None:
        """Go on from the copy, in a new epoch."""
        await self.close()
        for file in self.folder.glob("zoufang.db*"):
            file.unlink()
        shutil.copy(self.folder / "backup.db", self.folder / "zoufang.db")
        await self.open()
        await self.registry.database.write(lineage.fork(0))

    async def open(self) -> None:
        self.registry = await Registry.open(f"sqlite:///{self.folder / 'zoufang.db'}")
        app = create_app(registry=self.registry)
        app.state.registry, app.state.auth = self.registry, self.auth
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def close(self) -> None:
        await self.client.aclose()
        await self.registry.close()

    # Calls

    async def call(self, name: str, path: str, phone: str, make: Callable[[], Any]) -> Any:
        """Ask, and keep question and answer under a name. `make` gives the question to be recorded."""
        self.clock.now += 1000
        told = self.recorded.get(name)
        request = self.filled(told.request) if told else make()
        token = self.names.get(f"{{token {phone}}}", "")
        answer = await self.client.post(
            path,
            content=json.dumps(request).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        body = answer.json()
        self._learn(phone, body, told.answer if told else None)
        self.calls.append(
            Call(name, path, phone, self.named(request), answer.status_code, self.named(body))
        )
        return body

    async def enrol(self, phone: str) -> None:
        """Enrol the phone of the person of the same login."""
        await self.code_for(phone)
        asked = {"code": self.names[f"{{code {phone}}}"]}
        await self.call(f"{phone}-peeks", "/api/enrol/peek", phone, lambda: asked)
        told = await self.call(
            f"{phone}-enrols", "/api/enrol", phone, lambda: {**asked, "label": f"手机{phone}"}
        )
        self.phones[phone] = Phone(
            _nobody, CODE, told["device"], 1, told["epoch"], told["buckets"]
        )  # fmt: skip

    async def sync(
        self, phone: str, what: str, ops: Sequence[dict[str, Any]] = (), *, first: int | None = None,
        skew: int = 0, lost: RecordId | None = None, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """One call of `/api/sync`. `ops` have ids spelled out; `lost` is a row the server has not any more; `more`
        replaces fields of the request."""
        held = self.phones[phone]

        def make() -> dict[str, Any]:
            table: list[str] = []
            for op in ops:
                for change in op.get("changes", ()):
                    if change["record"] not in table:
                        table.append(change["record"])
            packed = [
                op | {"changes": [{**c, "record": table.index(c["record"])} for c in op["changes"]]}
                if "changes" in op else op
                for op in ops
            ]  # fmt: skip
            return {
                **held.request(), "epoch": held.epoch, "now": self.clock.now - skew,
                "first": first or held.seq + 1, "ids": table, "ops": packed, **more,
            }  # fmt: skip

        answer = await self.call(f"{phone}-{what}", "/api/sync", phone, make)
        if not self.recorded:
            for rows in held.rows.values():
                rows.pop(lost or "", None)
            held.take({}, answer)
            held.epoch = answer["epoch"]
            held.seq = max(held.seq, answer["acked"])
        return dict(answer)

    # Placeholders

    def _learn(self, phone: str, body: Any, told: Any) -> None:
        if not isinstance(body, dict):
            return
        for key in ("device", "token"):
            if isinstance(body.get(key), str):
                self.names.setdefault(f"{{{key} {phone}}}", body[key])
        if isinstance(body.get("account"), dict) and "id" in body["account"]:
            self.names[f"{{account {phone}}}"] = body["account"]["id"]
        if "programme" in body:
            self.names["{programme}"] = body["programme"]
        if (epoch := body.get("epoch")) and epoch not in self.names.values():
            count = sum(name.startswith("{epoch") for name in self.names)
            self.names[f"{{epoch {count + 1}}}"] = epoch

    def named(self, value: Any) -> Any:
        """A value as it is recorded."""
        known = {real: name for name, real in self.names.items()}
        return _mapped(value, lambda text: known.get(text, text))

    def filled(self, value: Any) -> Any:
        """A recorded value as it is meant here and now."""
        return _mapped(
            value, lambda text: self.names[text] if PLACEHOLDER.fullmatch(text) else text
        )


@asynccontextmanager
async def stage(folder: Path, recorded: Sequence[Call] = ()) -> AsyncIterator[Stage]:
    """A village in an empty folder."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "time", clock)
        made = Stage(folder, clock, {call.name: call for call in recorded})
        await made.open()
        try:
            yield made
        finally:
            await made.close()


def read(folder: Path = RECORDINGS) -> list[Call]:
    """The recordings in the order they were made."""
    calls = []
    for file in sorted(folder.glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        calls.append(Call(file.stem.partition("-")[2], **told))
    return calls


def write(calls: Sequence[Call], folder: Path = RECORDINGS) -> None:
    for old in folder.glob("*.json"):
        old.unlink()
    for number, call in enumerate(calls, 1):
        text = json.dumps(call.json(), ensure_ascii=False, indent=1)
        (folder / f"{number:02d}-{call.name}.json").write_text(text + "\n", encoding="utf-8")


def comparable(value: Any) -> Any:
    """An answer without what may differ between two runs of one story."""
    if isinstance(value, dict):
        return {key: comparable(part) for key, part in value.items() if key not in FREE}
    if isinstance(value, list):
        return [comparable(part) for part in value]
    return value


def record_id(number: int) -> RecordId:
    """A UUIDv7 that says its number."""
    return RecordId(f"019aa0000000700080000000{number:08x}")


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    return value


async def _nobody(request: dict[str, Any]) -> dict[str, Any]:
    raise ConnectionError("the stage makes the calls")
