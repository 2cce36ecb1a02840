"""What a phone that reached nobody is told of the boxes that were carried for it (PROTOCOL.md §3.10).

    token --HKDF-SHA-256, info--> AES-256-GCM key
    receipt = IV (12) | ciphertext and tag, in base64 for addresses

Only the village and the phone itself know the phone's token (each box holds it), so a receipt that opens with it is the
village's own. `seal` is all the village does with one; it keeps none.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.registry import Pushed

INFO = b"zoufang-receipt 1"
MAGIC = "zoufang-receipt"


class Receipt(NamedTuple):
    """Of one run of ops; all of them are stored."""

    device: str
    ops: int
    text: str
    """Sealed; letters that may stand in an address."""
    brief: str
    """The same without what is odd about answers, for a code that is to be read by a cheap camera."""
    findings: int
    """How many answers are told to be odd."""


def receipt(
    village: str,
    device: str,
    token: str,
    generation: int,
    first: int,
    boxes: str,
    pushed: Pushed,
    findings: Sequence[dict[str, Any]],
    now: int,
) -> Receipt:
    """Of the ops `first` onwards, as `pushed` answers them. Other words under the same numbers, on a clone of the phone,
    are not meant: so it names by their sum the very `boxes` in which the phone keeps them."""
    told = {
        "village": village, "device": device, "generation": generation, "epoch": pushed.epoch,
        "now": now, "kept": pushed.kept, "first": first, "revs": pushed.revs,
        "verdicts": pushed.verdicts, "boxes": boxes,
    }  # fmt: skip
    brief = seal(token, told)
    return Receipt(
        device,
        len(pushed.revs),
        seal(token, {**told, "findings": findings}) if findings else brief,
        brief,
        len(findings),
    )


def sum_of(boxes: Sequence[bytes]) -> str:
    """Of the boxes of a run, in order."""
    return sha256(b"".join(boxes)).hexdigest()[:32]


def seal(token: str, told: Any) -> str:
    key = HKDF(SHA256(), 32, salt=None, info=INFO).derive(token.encode())
    iv = os.urandom(12)
    sealed = iv + AESGCM(key).encrypt(iv, msgspec.json.encode(told), None)
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def file_of(village: str, receipts: Sequence[Receipt]) -> dict[str, Any]:
    """The file that goes back: each phone finds its own."""
    return {
        "magic": MAGIC, "protocol": 1, "village": village, "receipts": [it.text for it in receipts],
    }  # fmt: skip
