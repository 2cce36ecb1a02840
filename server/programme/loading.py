"""compiled.json -> Programme.

The file is made by server.programme.build and lies beside this one. When the tables were changed
since, a short-lived worker process compiles them, so that an edited table shows at the next start
and this process never loads the compiler.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from typing import Any

from server.forms.label import Label
from server.programme import source
from server.programme.model import (
    POLICIES,
    PRIVACY,
    Calendar,
    Choice,
    Festival,
    Field,
    FrequencyRule,
    Indicator,
    PlanTemplate,
    Programme,
    RecordType,
    Roles,
    Section,
)

_COMPILED = source.HERE / "compiled.json"
_FLAGS = {"volunteer", "village", "office_only", "derived", "computed", "card"}
ROLES = ("official", "clerk", "surveyor", "volunteer", "supervisor", "county", "admin")


def load() -> Programme:
    """Raises SourceError when a cell says what the programme does not know."""
    data = _data()
    programme = Programme(
        version="",
        types={name: _type(name, entry) for name, entry in data["types"].items()},
        lists={name: tuple(map(_choice, rows)) for name, rows in data["lists"].items()},
        rules=tuple(_rule(entry) for entry in data["rules"]),
        calendar=_calendar(data["calendar"]),
        plans=_plans(data["plans"]),
        roles=_roles(data["roles"]),
        indicators={row["indicator"]: _indicator(row) for row in data["indicators"]},
    )
    wire = json.dumps(programme.wire(), ensure_ascii=False, sort_keys=True).encode()
    return replace(programme, version=sha256(wire).hexdigest()[:12])


def _data() -> dict[str, Any]:
    if _COMPILED.exists():
        data: dict[str, Any] = json.loads(_COMPILED.read_bytes())
        if data["source"] == source.fingerprint():
            return data
    worker = subprocess.run(
        [sys.executable, "-m", "server.programme.build", "--stdout"],
        cwd=source.HERE.parent.parent,
        capture_output=True,
        check=False,
    )
    if worker.returncode:
        raise source.SourceError(worker.stderr.decode(errors="replace"))
    data = json.loads(worker.stdout)
    return data


def _type(name: str, entry: dict[str, Any]) -> RecordType:
    form = entry["form"]
    return RecordType(
        name=name,
        kind=entry["kind"],
        label=Label(**form["label"]),
        home=entry["home"],
        office_when=_answer(name, entry["office_when"]),
        fields={field["name"]: _field(name, field) for field in form["fields"]},
        sections=tuple(
            Section(section["name"], Label(**section["label"]), section["relevant"])
            for section in form["sections"]
        ),
        form=form,
    )


def _answer(type_name: str, said: str) -> tuple[str, str] | None:
    field, _, code = said.partition("=")
    if said and not (field and code):
        raise source.SourceError(f"types/{type_name}.md: office_when “{said}” is not field=code")
    return (field, code) if said else None


def _field(type_name: str, data: dict[str, Any]) -> Field:
    extra = data["extra"]
    flags = set(extra.get("flags", "").split())
    policy, privacy = extra.get("policy", ""), extra.get("privacy", "")
    where = f"types/{type_name}.md: {data['name']}"
    if flags - _FLAGS:
        raise source.SourceError(f"{where}: flags {flags - _FLAGS} are not known")
    if policy not in POLICIES or privacy not in PRIVACY:
        raise source.SourceError(f"{where}: policy “{policy}” or privacy “{privacy}” is not known")
    return Field(
        name=data["name"],
        type=data["type"],
        label=Label(**data["label"]),
        section=data["section"],
        list=data["list"],
        ref=extra.get("ref"),
        hint=Label(**data["hint"]) if data["hint"] else None,
        required=data["required"],
        relevant=data["relevant"],
        constraint=data["constraint"],
        constraint_message=Label(**data["constraint_message"])
        if data["constraint_message"]
        else None,
        default=data["default"],
        calculation=data["calculation"],
        choice_filter=data["choice_filter"],
        readonly=data["readonly"],
        appearance=data["appearance"],
        policy=policy,
        severity_order=tuple(extra.get("order", "").split()),
        review_on=tuple(extra.get("review_on", "").split()),
        privacy=privacy,
        volunteer="volunteer" in flags,
        village="village" in flags,
        office_only="office_only" in flags,
        derived=bool(flags & {"derived", "computed"}),
        computed="computed" in flags,
        search=extra.get("search", ""),
        roster=tuple(filter(None, extra.get("roster", "").split("、"))),
        card="card" in flags,
    )


def _choice(row: dict[str, str]) -> Choice:
    label = Label(row["label::中文 (zh)"], row["label::English (en)"])
    extra = {key: cell for key, cell in row.items() if key != "name" and "::" not in key and cell}
    return Choice(row["name"], label, extra)


def _rule(entry: dict[str, Any]) -> FrequencyRule:
    bounds = {value: (least, most) for value, (least, most) in entry["bounds"].items()}
    return FrequencyRule(**{**entry, "label": Label(**entry["label"]), "bounds": bounds})


def _indicator(row: dict[str, str]) -> Indicator:
    return Indicator(
        name=row["indicator"],
        label=Label(row["label::中文 (zh)"], row["label::English (en)"]),
        formula=Label(row["formula::中文 (zh)"], row["formula::English (en)"]),
        groups=tuple(row["groups"].split()),
        in_matrix=row["matrix"] == "yes",
        target=int(row["target"]) if row["target"] else None,
    )


def _calendar(data: dict[str, Any]) -> Calendar:
    return Calendar(
        tuple(
            Festival(it["name"], Label(**it["label"]), tuple(it["days"]))
            for it in data["festivals"]
        ),
        {
            name: tuple((first, last) for first, last in times)
            for name, times in data["seasons"].items()
        },
    )


def _plans(data: dict[str, list[dict[str, str]]]) -> dict[str, PlanTemplate]:
    def label(row: dict[str, str]) -> Label:
        return Label(row["label::中文 (zh)"], row["label::English (en)"])

    return {
        plan["plan"]: PlanTemplate(
            plan["plan"],
            label(plan),
            tuple(
                (int(task["month"]), label(task))
                for task in data["task of"]
                if task["task of"] == plan["plan"]
            ),
        )
        for plan in data["plan"]
    }


def _roles(data: dict[str, Any]) -> Roles:
    return Roles(
        actions={
            row["action"]: frozenset(role for role in ROLES if row[role] == "yes")
            for row in data["actions"]
        },
        action_labels={
            row["action"]: Label(row["label::中文 (zh)"], row["label::English (en)"])
            for row in data["actions"]
        },
        reads={row["type"]: {role: row[role] for role in ROLES} for row in data["records"]},
        writes={row["type"]: frozenset(row["write"].split()) for row in data["records"]},
        volunteer_fields={row["type"]: frozenset(row["fields"].split()) for row in data["fields"]},
        manages={row["role"]: frozenset(row["accounts"].split()) for row in data["accounts"]},
    )
