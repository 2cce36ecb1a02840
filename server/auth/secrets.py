"""Passwords, tokens and codes: how they are made, kept and compared."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from server.errors import Problem

SHORTEST = 8
COMMON = frozenset(
    [
        "password",
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "87654321",
        "qwertyuiop",
        "abc12345",
        "a1234567",
        "password1",
        "iloveyou",
        "1qaz2wsx",
        "zoufang1",
        "5201314520",
    ]
)
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


@cache
def _turns() -> asyncio.Semaphore:
    """Argon2 takes 46 MiB; two at a time, so that guessing cannot fill the memory."""
    return asyncio.Semaphore(2)


@cache
def _decoy() -> str:
    """A hash of nothing, so that an unknown login takes as long as a wrong password."""
    return _hasher.hash(secrets.token_hex(16))


async def hash_password(password: str) -> str:
    """Argon2id. Raises `weak_password`."""
    if len(password) < SHORTEST or password.lower() in COMMON:
        raise Problem("weak_password", at_least=SHORTEST)
    async with _turns():
        return await asyncio.to_thread(_hasher.hash, password)


async def password_fits(password: str, stored: str) -> bool:
    """Compare in a time that does not tell whether the account exists. '' fits nothing."""
    async with _turns():
        return await asyncio.to_thread(_fits, password, stored)


def _fits(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored or _decoy(), password) and bool(stored)
    except Argon2Error:
        return False


def new_token(village: str) -> str:
    """A bearer token or session cookie: the village, and 256 random bits."""
    return f"{village}.{secrets.token_urlsafe(32)}"


def village_of(token: str) -> str:
    """The village a token claims to be of."""
    return token.partition(".")[0]


def digest(secret: str) -> str:
    """What is kept of a token or code."""
    return sha256(secret.encode()).hexdigest()


def new_code() -> str:
    """12 letters and digits in groups of four: 59 bits, easy to read out."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def code_as_typed(text: str) -> str:
    """A code as people type it: case, spaces and hyphens do not count (PROTOCOL.md §2)."""
    kept = (c for c in text.upper() if c.isalnum())
    return "".join(kept)[:64]
