"""`python -m tests.carried`: how large a day's visits are, as a sealed file and as a sequence of QR codes on a screen."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

from server.registry import now_ms, uuid7

VISITS = 20
SEAL = 65 + 12 + 16
"""One-time point, IV and tag."""
HEAD = 8
"""Of each code: which sequence, which part, how many."""
MISSED = 1.4
"""A camera misses codes; parts are sent round until each was seen."""
CAPACITY = {10: 271, 15: 520, 20: 858}
"""Bytes that a code of this version holds with the least correction (ISO/IEC 18004, level L)."""
PER_SECOND = 4
"""Codes that a cheap camera and a screen without haste manage."""
NOTES = "奶奶腰疼，下雨天去村口接孩子。爸爸在外地工地，每周日晚上视频一次，孩子说想爸爸妈妈。"


def visit(chance: random.Random) -> dict[str, Any]:
    """An op as a phone sends it: every area of the form answered, half of them with a sentence."""
    chosen: dict[str, Any] = {
        name: chance.choice(("01", "02", "03"))
        for name in ("visit_kind", "living", "study", "mood", "safety", "health", "guardian_duty")
    }
    if chance.random() < 0.5:
        chosen["note"] = "".join(chance.sample(NOTES, chance.randrange(12, len(NOTES))))
    edits = {
        "present": True, "occurred_on": "2026-11-22", "met/01": True, "met/03": True, **chosen,
        "household_id": old_id(chance), "child_id": old_id(chance),
    }  # fmt: skip
    change = {"record": 0, "type": "visit", "base": 0, "set": edits}
    return {
        "at": now_ms(),
        "clock": 7,
        "contact": now_ms(),
        "schema": "3f9a1c0b",
        "changes": [change],
    }


def old_id(chance: random.Random) -> str:
    """The id of a record made some time in the last years."""
    return uuid7(now_ms() - chance.randrange(3 * 365 * 86_400_000))


def request(first: int, ids: list[str], ops: list[dict[str, Any]]) -> bytes:
    told = {
        "magic": "zoufang-sync", "protocol": 1, "village": "990000101201", "device": "0123456789ab",
        "generation": 1, "epoch": "0" * 12, "now": now_ms(), "clock": 7, "programme": "3f9a1c0b",
        "first": first, "ids": ids, "ops": ops, "pull": {}, "budget": 0, "token": "x" * 56,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> None:
    chance = random.Random(1)
    ops = [visit(chance) for _ in range(VISITS)]
    ids = [uuid7() for _ in ops]
    boxes = sum(SEAL + len(request(1, [id], [op])) for id, op in zip(ids, ops, strict=True))
    for place, op in enumerate(ops):
        op["changes"][0]["record"] = place
    together = SEAL + len(gzip.compress(request(1, ids, ops), 9))
    print(f"{VISITS} visits: {boxes * 4 // 3:,} bytes as the file of sealed boxes")
    print(f"{VISITS} visits: {together:,} bytes packed and sealed as one\n")
    print("| sent as | code | codes | seconds |\n| --- | --- | --- | --- |")
    for name, size in (("boxes", boxes), ("one message", together)):
        for version, holds in CAPACITY.items():
            codes = -(-size // (holds - HEAD))
            print(f"| {name} | version {version} | {codes} | {codes * MISSED / PER_SECOND:.0f} |")


if __name__ == "__main__":
    main()
