"""Phones, office logins and batches: whatever numbers ops; and what a phone could hold when it was last here or closed."""

from __future__ import annotations

import json

from server.database import Work, ask

from . import statements as sql
from .model import Device


def add(device: Device, token: str) -> Work[None]:
    yield ask(
        sql.NEW_DEVICE, village=device.village, id=device.id, account=device.account,
        kind=device.kind, label=device.label, token=token, generation=1, last_seq=0, last_at=0,
        seen_at=0, agreed_at=0, agreed_rev=0, enrolled_at=device.enrolled_at, kept_generation=0,
        kept_seq=0, revoked_at=0, holds="",
    )  # fmt: skip


def all_of(village: str) -> Work[list[Device]]:
    return [Device(*row) for row in (yield ask(sql.DEVICES, v=village))]


def revoke(village: str, device: str, now: int) -> Work[None]:
    yield ask(sql.REVOKE_DEVICE, v=village, b_id=device, now=now)


def last_held(village: str, device: str) -> Work[str]:
    rows = yield ask(sql.HOLDS, v=village, id=device)
    return str(rows[0][0]) if rows else ""


def keep_held(village: str, device: str, body: str, now: int) -> Work[None]:
    if (yield from held(village, device)) is None:
        yield ask(sql.PUT_PHONE_HELD, village=village, device=device, at=now, body=body)


def held(village: str, device: str) -> Work[tuple[int, str] | None]:
    rows = yield ask(sql.PHONE_HELD, v=village, of=device)
    return (rows[0][0], rows[0][1]) if rows else None


def forget_held(village: str, ids: frozenset[str]) -> Work[None]:
    for device, at, text in (yield ask(sql.PHONES_HELD, v=village)):
        body = json.loads(text)
        left = [it for it in body["children"] if it["id"] not in ids]
        if len(left) < len(body["children"]):
            body["children"] = left
            yield ask(
                sql.PUT_PHONE_HELD, village=village, device=device, at=at, body=json.dumps(body)
            )
