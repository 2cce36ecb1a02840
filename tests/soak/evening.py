"""What people do in an hour of an evening: phones come and sync, the office reads, prints, takes Excel out."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx2

from server.auth import Auth
from server.registry import Registry, uuid7
from tests.bench.office import homes
from tests.bench.village import store
from tests.helpers import Phone, create, new_village, sender
from tests.server_process import ROOT

CODE = "990000101209"
PASSWORD = "soak-2026-office"
GRIDS, HOUSEHOLDS, PHONES = 9, 117, 20
SYNCS_AN_HOUR = 150
"""300 phones in two hours, as in quality.md."""
OPS = 20
VISITS = 4
"""Of these, in an hour in which the village grows: 600 an hour, so that what a record costs stands out."""
PAGES = (
    "/office/", "/office/children", "/office/children?risk=O&left_behind=wide", "/office/households",
    "/office/due", "/office/conflicts", "/office/statistics", "/office/lists/coverage", "/office/month",
    "/office/duplicates", "/office/odd", "/office/audit", "/office/reports/monthly",
)  # fmt: skip
PRINTS = (
    "/office/print/contact-cards", "/office/print/wall-roll", "/office/print/entrustment",
    "/office/programme/visit/blank", "/office/programme/child/template.xlsx",
)  # fmt: skip
EXPORTS = (
    "/office/export/children.xlsx", "/office/export/households.xlsx", "/office/programme/visit/data.xlsx",
    "/office/reports/monthly/docx", "/office/programme/everything.zip",
)  # fmt: skip


class Asked(NamedTuple):
    """Of the office: how often what was answered."""

    path: str
    status: int


async def prepare(data: Path) -> None:
    """A village of 117 households in nine grids, a clerk, and twenty people with phones."""
    registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
    auth = Auth(registry.database)
    village = await new_village(registry, auth, CODE)
    for number in range(3, GRIDS + 1):
        await village.commit(create(uuid7(), "grid", grid_code=village.grid(number), name="组"))
    await auth.create_account(
        CODE, login="cunguan", name="村办公室", role="official", password=PASSWORD
    )
    for number in range(PHONES):
        await village.surveyor(f"s{number}", number % GRIDS + 1)
    await registry.close()
    await store(data, CODE, list(homes(CODE, HOUSEHOLDS, random.Random(19), grids=GRIDS)))


class Evening:
    """Everybody of the village, at one server's address."""

    def __init__(self, data: Path, address: str, chance: random.Random) -> None:
        self.data, self.address, self.chance = data, address, chance
        self.client = httpx2.AsyncClient(base_url=address, timeout=60)
        self.phones: list[Phone] = []
        self.brief: dict[str, list[str]] = {}
        """Persons a phone made and will strike out again: the register stays as large as it is."""
        self.syncs = 0
        self.refused: list[Asked] = []

    async def hour(self, hour: int, *, grows: bool) -> None:
        """What phones bring adds to the village or, unless it `grows`, changes what is there."""
        await self._sign_in()
        await self._enrol(hour)
        for turn in range(SYNCS_AN_HOUR // 2):
            pair = self.chance.sample(self.phones, min(2, len(self.phones)))
            await asyncio.gather(*(self._sync(phone, grows=grows) for phone in pair))
            self.syncs += 2
            await self._get(PAGES[turn % len(PAGES)])
            if turn % 15 == 0:
                await self._get(PRINTS[turn // 15 % len(PRINTS)])
                await self._post(EXPORTS[turn // 15 % len(EXPORTS)], what="roster")
                await self._post("/office/children", q="小满")
        await self._backup(hour)

    async def close(self) -> None:
        await self.client.aclose()

    # Phones

    async def _enrol(self, hour: int) -> None:
        """All phones in the first hour; then one more each hour, in the place of the eldest."""
        for number in range(PHONES) if not self.phones else [hour % PHONES]:
            said = await self._command("enrol-code", f"s{number}")
            code = said.split()[0]
            answer = await self.client.post("/api/enrol", json={"code": code, "label": "测试手机"})
            told = answer.raise_for_status().json()
            phone = Phone(
                sender(self.client, told["token"]), CODE, told["device"], told["generation"],
                told["epoch"], told["buckets"],
            )  # fmt: skip
            await phone.sync()
            self.brief[phone.device] = []
            self.phones = [*self.phones, phone][-PHONES:]

    async def _sync(self, phone: Phone, *, grows: bool) -> None:
        """Twenty things done since the last time: visits or none, edits, a person written down by mistake."""
        rows = [row for held in phone.rows.values() for row in held.values()]
        households = [row[0] for row in rows if row[1] == "household"]
        children = [row for row in rows if row[1] == "child"]
        today = datetime.now(UTC).date().isoformat()
        for child in self.chance.choices(children, k=VISITS if grows else 0):
            home = child[3]["household_id"]
            phone.create("visit", household_id=home, child_id=child[0], occurred_on=today)
        for person in self.brief[phone.device]:
            phone.edit(person, present=False)
        home = self.chance.choice(households)
        self.brief[phone.device] = [phone.create("person", household_id=home, name="谷小满")]
        while phone.pending[-1][0] - phone.pending[0][0] < OPS - 1:
            phone.edit(self.chance.choice(households), population=self.chance.randrange(1, 9))
        await phone.sync()
        while not phone.agreed:  # somebody else's work came in between
            await phone.sync()
        assert phone.pending == []
        phone.verdicts.clear()

    # The office

    async def _sign_in(self) -> None:
        self.client.cookies.clear()
        await self._get("/office/login")
        await self._post("/office/login", login="cunguan", password=PASSWORD)

    async def _get(self, path: str) -> None:
        self._judge(path, await self.client.get(path))

    async def _post(self, path: str, **fields: str) -> None:
        headers = {"Origin": self.address, "Sec-Fetch-Site": "same-origin"}
        sent = {"csrf": self.token, **fields}
        self._judge(path, await self.client.post(path, data=sent, headers=headers))

    token = ""

    def _judge(self, path: str, answer: httpx2.Response) -> None:
        if answer.status_code not in (200, 303):
            self.refused.append(Asked(path, answer.status_code))
        if answer.headers.get("content-type", "").startswith("text/html") and (
            found := re.search(r'name="csrf" value="([0-9a-f]+)"', answer.text)
        ):
            self.token = found[1]

    # Whoever keeps the machine

    async def _backup(self, hour: int) -> None:
        file = self.data.parent / f"backup-{hour}.db"
        await self._command("backup", str(file))
        file.unlink()

    async def _command(self, *words: str) -> str:
        """One of the `zoufang` commands beside the running server; what it said."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "server", *words, "--data", str(self.data)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout
