"""The door to templates and submitted reports. Every method is one short transaction."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from server.database import Database, Work, ask, ask_each
from server.errors import Problem
from server.filing import statements as sql


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    filename: str
    content: bytes
    author: str
    uploaded_at: int


@dataclass(frozen=True, slots=True)
class Report:
    """`state`: submitted, accepted, returned. `replaces`: the id of the report it corrects, or ''."""

    village: str
    id: str
    kind: str
    since: str
    on: str
    scope: str
    state: str
    replaces: str
    submitted_at: int
    submitted_by: str
    decided_at: int
    decided_by: str
    remarks: str
    hash: str
    body: Mapping[str, Any]
    village_name: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether what is stored is what was submitted."""
        return self.hash == hash_of(self)


def hash_of(it: Report) -> str:
    """Over everything that was submitted: what was decided later is not in it."""
    told = [
        it.village,
        it.id,
        it.kind,
        it.since,
        it.on,
        it.scope,
        it.replaces,
        it.submitted_at,
        it.submitted_by,
    ]
    return sha256(_text([*told, it.body]).encode()).hexdigest()


class Filing:
    """Templates and submitted reports of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def template(self, village: str, name: str) -> Template | None:
        """The village's own template of a report, None when it has none."""
        return await self._database.read(_template(village, name))

    async def template_names(self, village: str) -> frozenset[str]:
        """What the village has templates of its own for."""
        return await self._database.read(_template_names(village))

    async def keep_template(self, village: str, it: Template) -> None:
        await self._database.write(_keep_template(village, it))

    async def drop_template(self, village: str, name: str) -> None:
        await self._database.write(_drop_template(village, name))

    async def submit(self, it: Report) -> None:
        """Keep a report for good. It is submitted once: the same id again changes nothing."""
        await self._database.write(_submit(it))

    async def report(self, village: str, id: str) -> Report | None:
        return await self._database.read(_report(village, id))

    async def heads(self, beginning: str) -> list[Report]:
        """Reports of all villages whose code begins like this, the newest first, without their bodies."""
        return await self._database.read(_heads(beginning))

    async def sums(self, beginning: str) -> list[Report]:
        """What townships whose code begins like this have sent up, the newest first. Their `village` is the
        township's nine digits."""
        return await self._database.read(_sums(beginning))

    async def deadlines(self, area: str) -> dict[str, str]:
        """Kind of report -> the day set by the township or county that it goes to; empty where none is set."""
        return await self._database.read(_deadlines(area))

    async def set_deadline(self, area: str, kind: str, day: str, *, who: str, now: int) -> None:
        """`day` is DD for a monthly report, MM-DD for an annual one."""
        await self._database.write(_set_deadline(area, kind, day, who, now))

    async def decide(
        self, village: str, id: str, state: str, *, who: str, remarks: str, now: int
    ) -> None:
        """Accept or return a report that waits. Raises `decided_before` when somebody already has."""
        await self._database.write(_decide(village, id, state, who, remarks, now))


def _template(village: str, name: str) -> Work[Template | None]:
    rows = yield ask(sql.TEMPLATE, v=village, of=name)
    for kept, filename, content, author, uploaded_at in rows:
        return Template(kept, filename, base64.b64decode(content), author, uploaded_at)
    return None


def _template_names(village: str) -> Work[frozenset[str]]:
    return frozenset(str(row[0]) for row in (yield ask(sql.TEMPLATE_NAMES, v=village)))


def _keep_template(village: str, it: Template) -> Work[None]:
    row = {
        "village": village, "name": it.name, "filename": it.filename, "author": it.author,
        "content": base64.b64encode(it.content).decode(), "uploaded_at": it.uploaded_at,
    }  # fmt: skip
    yield ask_each(sql.PUT_TEMPLATE, [row])


def _drop_template(village: str, name: str) -> Work[None]:
    yield ask(sql.DROP_TEMPLATE, v=village, of=name)


def _submit(it: Report) -> Work[None]:
    row = {
        "village": it.village, "id": it.id, "kind": it.kind, "since": it.since, "on_day": it.on,
        "scope": it.scope, "state": "submitted", "replaces": it.replaces,
        "submitted_at": it.submitted_at, "submitted_by": it.submitted_by, "decided_at": 0,
        "decided_by": "", "remarks": "", "hash": it.hash, "body": _text(it.body),
    }  # fmt: skip
    yield ask_each(sql.NEW_REPORT, [row])


def _report(village: str, id: str) -> Work[Report | None]:
    rows = yield ask(sql.REPORT, v=village, of=id)
    return _made(rows[0]) if rows else None


def _heads(beginning: str) -> Work[list[Report]]:
    found = yield ask(sql.HEADS, beginning=beginning, length=len(beginning))
    return [_made([*row[:-1], "{}", row[-1]]) for row in found]


def _sums(beginning: str) -> Work[list[Report]]:
    found = yield ask(sql.SUMS, beginning=beginning, length=len(beginning))
    made = [_made(row) for row in found]
    return [replace(it, village_name=str(it.body.get("place", ""))) for it in made]


def _deadlines(area: str) -> Work[dict[str, str]]:
    return {row[0]: row[1] for row in (yield ask(sql.DEADLINES, v=area))}


def _set_deadline(area: str, kind: str, day: str, who: str, now: int) -> Work[None]:
    row = {"village": area, "kind": kind, "day": day, "set_by": who, "set_at": now}
    yield ask_each(sql.PUT_DEADLINE, [row])


def _decide(village: str, id: str, state: str, who: str, remarks: str, now: int) -> Work[None]:
    rows = yield ask(sql.REPORT, v=village, of=id)
    if not rows or _made(rows[0]).state != "submitted":
        raise Problem("decided_before")
    yield ask(sql.DECIDE, v=village, of=id, new_state=state, now=now, who=who, said=remarks)


def _made(row: Sequence[Any]) -> Report:
    stored = dict(zip(sql.REPORT_COLUMNS, row, strict=False))
    body, on = json.loads(stored.pop("body")), stored.pop("on_day")
    return Report(
        **stored,
        on=on,
        body=body,
        village_name=row[-1] if len(row) > len(sql.REPORT_COLUMNS) else "",
    )


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
