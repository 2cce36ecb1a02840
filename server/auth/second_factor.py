"""A second factor for office accounts: six digits of an authenticator app (TOTP, RFC 6238).

A code works once: the time step it belongs to is written down, so one that was read over a shoulder is spent.
"""

from __future__ import annotations

import hmac
from time import time as clock

import pyotp

from server.database import Database, Work, ask
from server.errors import Problem
from server.registry.ids import now_ms

from . import statements as sql
from .model import Account

ISSUER = "Zoufang 走访"
STEP_SECONDS = 30
DRIFT_STEPS = (0, -1, 1)
"""A clock may be half a minute off, and typing takes its time."""


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(account: Account, secret: str) -> str:
    """The `otpauth:` address an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: float) -> int | None:
    """The time step a code belongs to; None when it is none of about now."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdecimal()):
        return None
    totp = pyotp.TOTP(secret)
    current = int(now) // STEP_SECONDS
    for step in (current + drift for drift in DRIFT_STEPS):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS), typed):
            return step
    return None


class SecondFactor:
    """Which accounts have one, and whether a code is theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_on(self, account: Account) -> bool:
        return await self._database.read(_secret(account)) is not None

    async def switch_on(self, account: Account, secret: str, code: str) -> None:
        """Raises `wrong_code` unless the app that is to be used knows the secret."""
        try:
            step = step_of(secret, code, clock())
        except ValueError:  # not base32: no secret of ours
            step = None
        if step is None:
            raise Problem("wrong_code")
        await self._database.write(_put(account, secret, step))

    async def switch_off(self, account: Account) -> None:
        await self._database.write(_forget(account))

    async def check(self, account: Account, code: str) -> None:
        """Raises `second_factor` when a code is wanted and none came, `wrong_code` when it is wrong or spent."""
        secret = await self._database.read(_secret(account))
        if secret is None:
            return
        if not code.strip():
            raise Problem("second_factor")
        step = step_of(secret, code, clock())
        if step is None or not await self._database.write(_spend(account, step)):
            raise Problem("wrong_code")


def _secret(account: Account) -> Work[str | None]:
    rows = yield ask(sql.SECOND_FACTOR, v=account.village, of=account.id)
    return str(rows[0][0]) if rows else None


def _put(account: Account, secret: str, step: int) -> Work[None]:
    yield ask(
        sql.PUT_SECOND_FACTOR, village=account.village, account=account.id, secret=secret,
        used_step=step, created_at=now_ms(),
    )  # fmt: skip


def _forget(account: Account) -> Work[None]:
    yield ask(sql.FORGET_SECOND_FACTOR, v=account.village, of=account.id)


def _spend(account: Account, step: int) -> Work[bool]:
    rows = yield ask(sql.SECOND_FACTOR, v=account.village, of=account.id)
    if not rows or rows[0][1] >= step:
        return False
    yield ask(sql.SPEND_SECOND_FACTOR, v=account.village, of=account.id, step=step)
    return True
