"""sync/protocol.schema.json as a judge of messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

ROOT = Path(__file__).resolve().parent.parent
SCHEMA: dict[str, Any] = json.loads((ROOT / "sync" / "protocol.schema.json").read_text("utf-8"))
MESSAGES = {
    "/api/enrol/peek": ("peek_request", "peek_answer"),
    "/api/enrol": ("enrol_request", "enrol_answer"),
    "/api/sync": ("request", "answer"),
    "/api/carry": ("carry_request", "carry_answer"),
    "/api/drafts": ("drafts_request", "drafts_answer"),
}


@cache
def judge(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def faults(name: str, message: Any) -> list[str]:
    """What is wrong with a message: where, and the first words of why."""
    return [
        f"{name}/{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
        for error in judge(name).iter_errors(message)
    ]


def faults_of_call(path: str, request: Any, status: int, answer: Any) -> list[str]:
    """What is wrong with a question and its answer. Of a question that was refused nothing is asked; of one that
    was served everything, save what the server itself called malformed."""
    if status != 200:
        return faults("error", answer)
    asked, told = MESSAGES[path]
    if path == "/api/sync":
        request = without_malformed(request, answer)
    return faults(asked, request) + faults(told, answer)


def without_malformed(request: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """A request without the ops that could not be read, or were not even looked at."""
    bad = {v["seq"] for v in answer["verdicts"] if v["verdict"] == "malformed"}
    taken = answer["acked"] if answer["generation"] == request["generation"] else 0
    ops = [
        op for seq, op in enumerate(request.get("ops", ()), request["first"])
        if seq <= taken and seq not in bad
    ]  # fmt: skip
    ids = [id for id in request.get("ids", ()) if not bad or not faults("record_id", id)]
    return {**request, "ops": ops, "ids": ids}
