"""What an answer says of own ops: the second client on the vectors that the phone app runs too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.disk import Disk, Saved
from tests.simulator.phone import Phone

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "answers.json").read_text("utf-8")
)["cases"]
VILLAGE, DEVICE = "990000101201", "device"


def disk_of(given: Mapping[str, Any]) -> Disk:
    disk = Disk(VILLAGE, DEVICE, "token", given["epoch"], ["village"])
    disk.generation = given["generation"]
    for number, op in enumerate(given["ops"], 1):
        change = {"record": f"child_{number}", "type": "child", "base": 0, "set": {"name": "甲"}}
        head = {"at": 0, "clock": 1, "contact": 0, "schema": ""}
        disk.saved.append(
            Saved(
                *(number, op.get("generation", 1), op["seq"], head, (change,)),
                rev=op.get("rev"),
                was=tuple(op.get("was", ())),
                landed=op.get("landed", False),
            )
        )
        disk.seq, disk.number = op["seq"], number
    return disk


def messages_of(case: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The request that carried `sent`, and the answer to it."""
    given, sent = case["given"], case["sent"]
    shared = {"generation": sent.get("generation", 1), "epoch": given["epoch"]}
    mine = {"magic": "zoufang-sync", "device": DEVICE, "village": VILLAGE, "now": 0, **shared}
    asked = mine | {"first": sent["first"], "ops": [{}] * sent["count"]}
    said = {"revs": [], "verdicts": [], "kept": 0, "buckets": ["village"], "pages": {}}
    return asked, mine | said | case["answer"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_an_answer_does_to_own_ops_what_the_vectors_tell(case: dict[str, Any]) -> None:
    phone = Phone(disk_of(case["given"]), lambda: 0, lambda: 0)
    names = [saved.number for saved in phone.disk.saved]

    phone.take(*messages_of(case))

    saved = {each.number: each for each in phone.disk.saved}
    for number, then in zip(names, case["then"], strict=True):
        found = saved[number]
        assert (found.generation, found.seq) == (then.get("generation", 1), then["seq"])
        assert (found.rev, list(found.was)) == (then.get("rev"), then.get("was", []))
    told = [v["verdict"] for v in phone.disk.verdicts]
    assert told == [word for then in case["then"] for word in then.get("verdicts", [])]
