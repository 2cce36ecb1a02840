"""A village that says in every field of every type a word that is nowhere else, and what each role's phone is sent of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx2

from server.auth import Account
from server.programme import programme
from server.programme.model import Field
from server.registry import uuid7
from tests.helpers import Village, create, enrol

OWN, OTHER = "«", "‹"
"""What opens the words of one's own grid and child, and those of the other grid."""
MARK = re.compile(r"«([a-z_]+)\.([a-z_0-9]+)»")
FOREIGN = re.compile(r"‹([a-z_]+)\.([a-z_0-9]+)›")
PHONES = ("volunteer", "surveyor", "clerk", "official")
"""Roles that sync a phone (roles.md, `use_phone`)."""
CLOSE = {OWN: "»", OTHER: "›"}


class Leaving:
    """What one role was sent: `words`, `foreign` (type, field) wherever the bytes say them, `rows` by the keys of rows."""

    def __init__(self, role: str, bodies: list[str]) -> None:
        self.role = role
        text = "".join(bodies)
        self.words = {(m[1], m[2]) for m in MARK.finditer(text)}
        self.foreign = {(m[1], m[2]) for m in FOREIGN.finditer(text)}
        self.rows: dict[str, set[str]] = {}
        for body in bodies:
            for page in json.loads(body).get("pages", {}).values():
                for _id, kind, _rev, fields, *_ in page["rows"]:
                    self.rows.setdefault(kind, set()).update(fields)

    def fields(self, type_name: str) -> list[str]:
        return sorted(self.rows.get(type_name, ()))


async def plant(village: Village) -> str:
    """Fill two grids with everything; a helper is paired with the child of the first. Returns the helper's id."""
    ids = {opens: {name: uuid7() for name in programme().types} for opens in (OWN, OTHER)}
    for opens, grid in ((OWN, 1), (OTHER, 2)):
        for name in programme().types:
            if name != "grid":
                fields = _fields(name, opens, ids[opens])
                if "grid_code" in programme().types[name].fields:
                    fields["grid_code"] = village.grid(grid)
                await village.commit(create(ids[opens][name], name, **fields))
    # The helper of the other child is nobody's who syncs here.
    return ids[OWN]["helper"]


async def leaving(client: httpx2.AsyncClient, village: Village, helper: str) -> list[Leaving]:
    """Sync a fresh phone of each role over HTTP, and read the bytes."""
    found = []
    for role in PHONES:
        bodies: list[str] = []

        async def keep(answer: httpx2.Response, into: list[str] = bodies) -> None:
            into.append((await answer.aread()).decode())

        client.event_hooks = {"response": [keep]}
        phone = await enrol(client, village.auth, await _account(village, role, helper))
        phone.budget = 100_000_000
        await phone.sync()
        client.event_hooks = {"response": []}
        found.append(Leaving(role, bodies))
    return found


async def _account(village: Village, role: str, helper: str) -> Account:
    grids = [village.grid(1)] if role == "surveyor" else []
    return await village.auth.create_account(
        village.code, login=f"the-{role}", name=role, role=role, grids=grids,
        helper_id=helper if role == "volunteer" else "",
    )  # fmt: skip


def _fields(type_name: str, opens: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """A value for every stored field: who it is about where a record is placed by it, else its word."""
    made: dict[str, Any] = {}
    for name, field in programme().types[type_name].fields.items():
        if field.computed or name in ("name_pinyin", "recorded_by", "state", "to_on", "private"):
            continue  # worked out by the server, or they end a pairing or hide a talk
        word = f"{opens}{type_name}.{name}{CLOSE[opens]}"
        if (type_name, name) == ("pairing", "from_on"):
            word = f"1{word}"  # comes before every day, so that the pairing has begun
        made |= _value(name, field, word, ids)
    return made


def _value(name: str, field: Field, word: str, ids: Mapping[str, str]) -> dict[str, Any]:
    if field.type == "ref" and field.ref and field.ref in ids:
        return {name: ids[field.ref]}
    if field.type == "list":
        return {f"{name}/one": {"number": word}}
    if field.type == "select_multiple":
        return {f"{name}/{word}": True}
    return {name: word}
