"""The server is killed, cut short and starved of disk while phones sync over HTTP; nothing is lost or double.

What `kill -9` cannot show, that COMMIT reaches the disk, is SQLite's promise under `synchronous=FULL`
(tests/server/registry/test_database.py); here is shown that no answer is faster than that COMMIT.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from server.auth import Auth
from server.registry import Registry, uuid7
from tests.helpers import Phone, digest_of, new_village
from tests.server_process import DIED, ROOT, Fault, ServerProcess, faulty, forks, left_behind

KILLS = 10
PHONES = 4
CODE = "990000101207"


class Scene(NamedTuple):
    """A village on disk that no process has open, and phones that have enrolled and synced once."""

    data: Path
    phones: list[Phone]
    tokens: list[str]
    homes: list[str]
    """One household for each phone to edit, and a last one for all."""

    def copy(self, to: Path) -> sqlite3.Connection:
        return left_behind(self.data, to)


@contextlib.asynccontextmanager
async def online(scene: Scene, port: int) -> AsyncIterator[None]:
    """The phones' network, for as long as it lasts."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        for phone, token in zip(scene.phones, scene.tokens, strict=True):
            phone.send = sending(client, token)
        yield


@contextlib.asynccontextmanager
async def at_rest(scene: Scene) -> AsyncIterator[Registry]:
    """The register opened again on the same data, in this process, and the phones connected to it."""
    registry = await Registry.open(f"sqlite:///{scene.data / 'zoufang.db'}")
    try:
        async with in_process(registry) as client:
            for phone, token in zip(scene.phones, scene.tokens, strict=True):
                phone.send = sending(client, token)
            yield registry
    finally:
        await registry.close()


@contextlib.asynccontextmanager
async def in_process(registry: Registry) -> AsyncIterator[httpx2.AsyncClient]:
    from server.app import create_app

    app = create_app(registry=registry)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield client


class Refused(Exception):
    """The server's refusal of a sync."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__(answer.text)
        self.status = answer.status_code
        self.code = answer.json()["error"]["code"]


def sending(client: httpx2.AsyncClient, token: str) -> Any:
    async def send(request: dict[str, Any]) -> dict[str, Any]:
        answer = await client.post(
            "/api/sync", json=request, headers={"Authorization": f"Bearer {token}"}
        )
        if answer.status_code != 200:
            raise Refused(answer)
        body: dict[str, Any] = answer.json()
        return body

    return send


async def prepare(data: Path, url: str) -> Scene:
    """A village with phones on a database of either kind."""
    registry = await Registry.open(url)
    village = await new_village(registry, Auth(registry.database), CODE)
    homes = [await village.household(grid=1) for _ in range(PHONES + 1)]
    phones, tokens = [], []
    async with in_process(registry) as client:
        for n in range(PHONES):
            account = await village.surveyor(f"s{n}", 1)
            code = await village.auth.issue_code(account)
            enrolled = await village.auth.enrol(code.text, "测试手机")
            phone = Phone(
                sending(client, enrolled.token), CODE, enrolled.device, 1, "",
                ["village", "grid:01"],
            )  # fmt: skip
            await phone.sync()
            phones.append(phone)
            tokens.append(enrolled.token)
    await registry.close()
    return Scene(data, phones, tokens, homes)


@pytest.fixture
async def scene(tmp_path: Path) -> Scene:
    data = tmp_path / "data"
    return await prepare(data, f"sqlite:///{data / 'zoufang.db'}")


def acked(phone: Phone) -> int:
    return phone.pending[0][0] - 1 if phone.pending else phone.seq


def stored_seqs(database: sqlite3.Connection, phone: Phone) -> list[int]:
    found = database.execute(
        "SELECT seq FROM op WHERE village = ? AND device = ? ORDER BY seq", [CODE, phone.device]
    )
    return [seq for (seq,) in found]


def examine(scene: Scene, to: Path) -> None:
    """The files as they lie there: sound, every acknowledged op once, and whole ops only."""
    database = scene.copy(to)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for phone in scene.phones:
        seqs = stored_seqs(database, phone)
        assert seqs == list(range(1, len(seqs) + 1))
        assert acked(phone) <= len(seqs) <= phone.seq
    revs = [rev for (rev,) in database.execute("SELECT rev FROM op ORDER BY rev")]
    assert revs == list(range(1, len(revs) + 1))
    assert database.execute("SELECT rev FROM village").fetchall() == [(len(revs),)]
    for bucket, rows in rows_by_bucket(database).items():
        [[kept]] = database.execute("SELECT digest FROM digest WHERE bucket = ?", [bucket])
        if bucket != "village":  # that one is over what a projection leaves of each row
            assert kept == digest_of(rows), bucket
    database.close()


def rows_by_bucket(database: sqlite3.Connection) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for bucket, text in database.execute("SELECT bucket, row FROM record WHERE present"):
        found.setdefault(bucket, []).append(json.loads(text))
    return found


async def all_agree(scene: Scene) -> None:
    for _ in range(2):
        for phone in scene.phones:
            await phone.sync()
    for phone in scene.phones:
        assert phone.agreed
        assert phone.digest("grid:01") == scene.phones[0].digest("grid:01")
    assert [phone.verdicts for phone in scene.phones] == [[]] * len(scene.phones)


class Worker:
    """A phone whose person goes on surveying while it syncs, until the server is gone."""

    def __init__(self, phone: Phone, own: str, chance: random.Random) -> None:
        self.phone = phone
        self.own = own
        self.chance = chance
        self.made: list[str] = []
        self.count = 0
        self.interrupted = 0

    async def until_the_server_dies(self) -> None:
        try:
            while True:
                for _ in range(self.chance.randrange(1, 30)):
                    self.count += 1
                    self.phone.edit(self.own, population=self.count)
                    self.made.append(
                        self.phone.create("child", household_id=self.own, name="谷小满")
                    )
                await self.phone.step()
        except httpx2.TransportError:
            self.interrupted += 1


async def work_until_killed(
    scene: Scene,
    workers: list[Worker],
    port: int,
    kill: Callable[[], None],
    chance: random.Random,
    longest_s: float = 0.5,
) -> None:
    """Every phone pushes and pulls; at some moment there is SIGKILL."""
    async with online(scene, port):
        working = [asyncio.create_task(w.until_the_server_dies()) for w in workers]
        await asyncio.sleep(chance.uniform(0.05, longest_s))
        kill()
        await asyncio.gather(*working)


async def test_ten_kills_during_pushes_lose_nothing_and_double_nothing(
    scene: Scene, tmp_path: Path
) -> None:
    chance = random.Random(20261122)
    server = ServerProcess(
        scene.data
    )  # as people start it: the first of the killed, and the last one
    workers = [
        Worker(phone, home, chance) for phone, home in zip(scene.phones, scene.homes, strict=False)
    ]
    try:
        server.start()
        await work_until_killed(scene, workers, server.port, server.kill, chance)
        examine(scene, tmp_path / "found")
        for _ in range(KILLS - 1):
            with faulty(scene.data, Fault()) as (process, port):
                await work_until_killed(scene, workers, port, process.kill, chance)
                await asyncio.to_thread(process.join)
            examine(scene, tmp_path / "found")
        server.start()
        async with online(scene, server.port):
            await all_agree(scene)
    finally:
        server.stop()

    assert [w.interrupted for w in workers] == [KILLS] * PHONES
    examine(scene, tmp_path / "found")
    for worker in workers:
        assert acked(worker.phone) == worker.phone.seq == 2 * worker.count
        for phone in scene.phones:
            assert phone.shown(worker.own)["population"] == worker.count
            assert all(phone.row(id) is not None for id in worker.made)
    held = scene.phones[0].rows["grid:01"]
    children = [row for row in held.values() if row[1] == "child"]
    assert len(children) == sum(len(w.made) for w in workers)
    numbers = [row[3]["file_no"] for row in children]
    assert len(set(numbers)) == len(numbers)


async def test_a_server_that_dies_after_any_statement_of_a_push_has_done_all_or_nothing(
    scene: Scene, tmp_path: Path
) -> None:
    """A push that touches every table; the process ends after its 1st, 2nd … statement, past COMMIT."""
    phone, rival = scene.phones[:2]
    shared = scene.homes[-1]
    outcomes: list[str] = []
    while "answered" not in outcomes:
        async with at_rest(
            scene
        ):  # both begin from the same state, so that their edits differ blindly
            for each in (phone, rival):
                await each.sync()
            rival.edit(shared, head_name=f"谷大叔{len(outcomes)}")
            await rival.sync()
        before = acked(phone)
        work_of_an_evening(phone, scene, len(outcomes))
        with faulty(scene.data, Fault(die_after=len(outcomes) + 1)) as (process, port):
            async with online(scene, port):
                try:
                    await phone.step()
                    outcomes.append("answered")
                except httpx2.TransportError:
                    await asyncio.to_thread(process.join)
                    assert process.exitcode == DIED
                    outcomes.append("died")
        database = scene.copy(tmp_path / "found")
        stored = len(stored_seqs(database, phone))
        database.close()
        assert stored in (before, phone.seq)
        if outcomes[-1] == "died":
            outcomes[-1] = "all" if stored == phone.seq else "nothing"
        examine(scene, tmp_path / "found")
        async with at_rest(scene) as registry:
            await phone.sync()
            assert acked(phone) == phone.seq
            assert phone.agreed
            assert len(await registry.rows(CODE, "visit")) == len(outcomes)
        examine(scene, tmp_path / "found")

    nothing, everything = outcomes.count("nothing"), outcomes.count("all")
    assert outcomes == ["nothing"] * nothing + ["all"] * everything + ["answered"]
    assert nothing >= 15
    assert everything >= 1


def work_of_an_evening(phone: Phone, scene: Scene, n: int) -> None:
    """Ops that reach every table: new people, an event, a contested edit, a pairing, a move between grids."""
    own, shared = scene.homes[0], scene.homes[-1]
    phone.edit(shared, head_name=f"谷大婶{n}")
    child = phone.create("child", household_id=own, name="谷小满")
    phone.create("visit", household_id=own, child_id=child, occurred_on="2026-11-22")
    phone.create("pairing", child_id=child, helper_id=uuid7(), from_on="2026-11-22")
    phone.edit(own, population=n)


async def test_no_answer_is_sent_before_commit_has_returned(scene: Scene, tmp_path: Path) -> None:
    phone = scene.phones[0]
    phone.edit(scene.homes[0], population=3)
    reached, go_on = forks.Event(), forks.Event()
    with faulty(scene.data, Fault(hold_commit=(reached, go_on))) as (_, port):
        async with online(scene, port):
            answer = asyncio.create_task(phone.step())
            assert await asyncio.to_thread(reached.wait, 20)
            await asyncio.sleep(0.5)

            assert not answer.done()
            assert phone.pending != []
            database = scene.copy(tmp_path / "found")
            assert stored_seqs(database, phone) == []
            database.close()

            go_on.set()
            await answer
            assert phone.pending == []
            database = scene.copy(tmp_path / "found")
            assert stored_seqs(database, phone) == [1]
            database.close()


async def fill(phone: Phone, home: str) -> Refused:
    """Push until the disk is full."""
    for _ in range(200):
        for _ in range(20):
            phone.create("child", household_id=home, name="谷小满", wish="想爸爸妈妈" * 40)
        try:
            await phone.step()
        except Refused as refused:
            return refused
    raise AssertionError("the disk did not fill up")


async def test_a_full_disk_is_said_reads_go_on_and_room_lets_the_push_in(
    scene: Scene, tmp_path: Path
) -> None:
    roomy = forks.Event()
    with faulty(scene.data, Fault(more_pages=40, roomy=roomy)) as (_, port):
        async with online(scene, port):
            refused = await fill(scene.phones[0], scene.homes[0])
            assert (refused.status, refused.code) == (507, "disk_full")
            await reads_go_on(scene, port)
            examine(scene, tmp_path / "found")

            roomy.set()
            await all_agree(scene)
            assert scene.phones[0].pending == []
    examine(scene, tmp_path / "found")


async def test_a_quota_is_said_as_a_full_disk_reads_go_on_and_room_lets_the_push_in(
    scene: Scene, tmp_path: Path
) -> None:
    with faulty(scene.data, Fault(largest_file=400_000)) as (process, port):
        async with online(scene, port):
            refused = await fill(scene.phones[0], scene.homes[0])
            assert (refused.status, refused.code) == (507, "disk_full")
            await reads_go_on(scene, port)
            examine(scene, tmp_path / "found")

            assert process.pid is not None
            _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
            await all_agree(scene)
            assert scene.phones[0].pending == []
    examine(scene, tmp_path / "found")


async def test_a_disk_that_turns_read_only_is_said_reads_go_on_and_a_start_on_a_sound_one_loses_nothing(
    scene: Scene, tmp_path: Path
) -> None:
    phone, home = scene.phones[0], scene.homes[0]
    wanted, done = forks.Event(), forks.Event()
    with faulty(scene.data, Fault(read_only=(wanted, done))) as (process, port):
        async with online(scene, port):
            phone.edit(home, population=3)
            await phone.sync()
            wanted.set()
            assert await asyncio.to_thread(done.wait, 20)

            phone.edit(home, population=4)
            for _ in range(3):
                with pytest.raises(Refused) as refused:
                    await phone.step()
                assert (refused.value.status, refused.value.code) == (507, "disk_unwritable")
            assert "管理员" in str(refused.value)
            assert len(phone.pending) == 1
            await reads_go_on(scene, port)
            assert process.is_alive()

    with faulty(scene.data, Fault()) as (_, port):
        async with online(scene, port):
            await all_agree(scene)
    assert phone.pending == []
    assert scene.phones[1].shown(home)["population"] == 4
    examine(scene, tmp_path / "found")


async def test_a_server_is_not_started_on_a_read_only_disk_and_says_so(tmp_path: Path) -> None:
    """With its files there already, as after a restart, and without any."""
    for data in (tmp_path / "there", tmp_path / "new"):
        if data.name == "there":
            registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
            await registry.close()
        program = (
            "import sys; from pathlib import Path; import server.commands.serve;"
            "from server.__main__ import main; from tests.read_only import make_read_only;"
            "make_read_only(Path(sys.argv[-1])); main()"
        )

        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-B", "-c", program, "serve", "--data", str(data)],
            cwd=ROOT, env=os.environ | {"LC_ALL": "en_GB.UTF-8"}, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip

        assert done.returncode == 1
        assert done.stderr.strip().splitlines() == [
            f"Nothing can be written to {data}: Read-only file system. "
            "Check the disk, and who may write to that folder."
        ]


async def reads_go_on(scene: Scene, port: int) -> None:
    """Another phone still gets what was stored, and the health check answers."""
    other = scene.phones[1]
    await other.sync()
    assert other.agreed
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_three_hundred_half_sent_requests_hold_nobody_up(scene: Scene) -> None:
    half = b"POST /api/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    begun = b"Content-Length: 90000\r\n\r\n{"
    with faulty(scene.data, Fault()) as (_, port):
        hanging = []
        for place in range(300):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(half + (begun if place % 2 else b""))
            await writer.drain()
            hanging.append(writer)
        async with online(scene, port):
            async with asyncio.timeout(20):
                for phone, home in zip(scene.phones, scene.homes, strict=False):
                    phone.edit(home, population=7)
                await all_agree(scene)
        for writer in hanging:
            writer.close()
