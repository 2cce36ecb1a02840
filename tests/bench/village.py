"""What is measured with: villages, phones that are enrolled, and documents as people fill them in.

Everything is invented, sized as the promise says, and made before anything is timed.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from server.auth import Auth
from server.programme import programme
from server.registry import Registry, now_ms, uuid7
from sync import Change, RecordId, canonical

from .load import post

PHONES_A_VILLAGE = 20
FIELDS = 15
WORDS = "山坡村口老槐树下第三户水塘边田埂竹林石桥旁住爷奶带孙上学走路翻岭父母外地务工过年回来想念电话每周"
"""Signs that short answers are made of."""

_encode = msgspec.json.Encoder().encode


class Member(NamedTuple):
    """A phone, enrolled."""

    village: str
    grid: str
    device: str
    token: str
    buckets: tuple[str, ...]


class Document(NamedTuple):
    """A record as it is made on a phone."""

    id: str
    type: str
    set: dict[str, Any]


def village_code(number: int) -> str:
    return f"9900001{number:05d}"


def shared_grid(village: str) -> str:
    return f"{village}99"


async def enrol(
    where: Path | str, phones: int, *, a_village: int = PHONES_A_VILLAGE, after: int = 0
) -> list[Member]:
    """Villages with so many surveyors each: a phone and a grid of their own, and one grid for all of them. `where` is a
    data folder, or the address of a PostgreSQL; the villages are numbered from `after` on."""
    url = where if isinstance(where, str) else f"sqlite:///{where / 'zoufang.db'}"
    registry = await Registry.open(url)
    auth = Auth(registry.database)
    members: list[Member] = []
    for number in range(phones):
        code = village_code(after + number // a_village)
        grid = f"{code}{number % a_village + 1:02d}"
        if number % a_village == 0:
            await registry.create_village(code, "测试村")
        login = f"s{number}"
        account = await auth.create_account(
            code, login=login, name="调查员", role="surveyor", grids=[grid, shared_grid(code)]
        )
        enrolled = await auth.enrol((await auth.issue_code(account)).text, "测试手机")
        buckets = tuple(await auth.buckets(account))
        members.append(Member(code, grid, enrolled.device, enrolled.token, buckets))
    await registry.close()
    return members


async def store(data: Path, village: str, documents: Sequence[Document]) -> int:
    """Put documents into a village without a phone; returns its head."""
    registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
    await registry.create_village(village, "测试村")
    device = await Auth(registry.database).batch_device(village, "导入", village)
    for start in range(0, len(documents), 1000):
        part = documents[start : start + 1000]
        await registry.commit(village, device, [[_change(d)] for d in part], author="导入")
    found = await registry.village(village)
    await registry.close()
    assert found is not None
    return found.rev


def _change(document: Document) -> Change:
    fields = {"present": True, **document.set}
    return Change(RecordId(document.id), document.type, 0, fields)


# Documents


def evening(grid: str, count: int, chance: random.Random, *, size: int) -> list[Document]:
    """What a surveyor brings: households, and of each one adult, two children and a survey."""
    made: list[Document] = []
    home = ""
    for place in range(count):
        kind = ("household", "person", "child", "child", "survey")[place % 5]
        id = uuid7()
        if kind == "household":
            home = id
        made.append(document(kind, id, chance, size=size, household_id=home, grid_code=grid))
    return made


def document(type: str, id: str, chance: random.Random, *, size: int, **given: str) -> Document:
    """A record with 15 answers, about `size` bytes of JSON together, keys included."""
    fields = [
        f
        for f in programme().types[type].fields.values()
        if f.type not in ("list", "ref") and "id-number" not in f.appearance
    ]
    wordy = [f for f in fields if f.type == "text"]
    coded = [f for f in fields if f.type != "text"]
    # Long answers are words; short ones are choices and days beside a name and one word.
    chosen = wordy + coded if size > 400 else wordy[:2] + coded + wordy[2:]
    answers: dict[str, Any] = {
        k: v for k, v in given.items() if k in programme().types[type].fields
    }
    padded = []
    for field in chosen:
        if len(answers) == FIELDS:
            break
        if field.computed or field.derived or field.name in answers:
            continue
        if field.type == "select_multiple":
            answers[f"{field.name}/{_code(field.list, chance)}"] = True
            continue
        if field.type == "select_one":
            answers[field.name] = _code(field.list, chance)
            continue
        answers[field.name] = _answer(field.type, chance)
        if field.type == "text" and not field.name.endswith("name"):
            padded.append(field.name)
    while len(canonical(answers)) < size:
        answers[chance.choice(padded)] += chance.choice(WORDS)
    return Document(id, type, answers)


def _answer(type: str, chance: random.Random) -> Any:
    match type:
        case "integer":
            return chance.randrange(1, 9)
        case "date":
            return f"20{chance.randrange(10, 26)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
        case "month":
            return f"20{chance.randrange(10, 26)}-{chance.randrange(1, 13):02d}"
        case "time":
            return f"{chance.randrange(8, 20):02d}:{chance.randrange(60):02d}"
        case "decimal":
            return f"{chance.randrange(1, 9)}.5"
        case _:
            return "".join(chance.choice(WORDS) for _ in range(3))


def _code(list_name: str | None, chance: random.Random) -> str:
    codes = [choice.name for choice in programme().lists[list_name or ""]]
    return chance.choices(codes[:4], (70, 15, 10, 5)[: len(codes)])[0]  # most are the usual one


# Requests


def sync_body(
    member: Member,
    first: int,
    changes: Sequence[Change],
    *,
    pull: dict[str, tuple[int, str]] | None = None,
) -> bytes:
    """The body of a sync request: each change an op of its own."""
    places: dict[str, int] = {}
    ops = [
        {
            "at": now_ms(), "clock": 1, "contact": now_ms() - 3_600_000, "schema": "a1b2c3d4e5f6",
            "changes": [{"record": places.setdefault(c.record, len(places)), "type": c.type,
                         "base": c.base, "set": c.set}],
        }
        for c in changes
    ]  # fmt: skip
    return _encode(
        {
            "magic": "zoufang-sync", "protocol": 1, "village": member.village,
            "device": member.device, "generation": 1, "epoch": "", "now": now_ms(), "clock": 1,
            "programme": "a1b2c3d4e5f6", "first": first, "ids": list(places), "ops": ops,
            "pull": pull or {}, "budget": 1_000_000,
        }
    )  # fmt: skip


def push_request(member: Member, first: int, changes: Sequence[Change], **asked: Any) -> bytes:
    packed = gzip.compress(sync_body(member, first, changes, **asked), 6)
    return post("/api/sync", packed, member.token, packed=True)


def pull_request(member: Member, pull: dict[str, tuple[int, str]], first: int = 1) -> bytes:
    return post("/api/sync", sync_body(member, first, [], pull=pull), member.token)


def floor_push(documents: Sequence[tuple[str, dict[str, Any]]]) -> bytes:
    return post("/push", gzip.compress(_encode(documents), 6), packed=True)


def floor_pull(cursor: int) -> bytes:
    return post("/pull", _encode({"cursor": cursor}))


def creations(documents: Sequence[Document]) -> list[Change]:
    return [_change(d) for d in documents]
