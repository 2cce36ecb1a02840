"""清单自查: the lists of the practice, computed from what is recorded: seven haves of a centre, four haves of each
child, nine ones of a term, four stages of setting up, three persons a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response

from server.office import home_checks
from server.office.lines import definitions_of
from server.office.pages import render, today
from server.office.register import ENTITIES, Register, load, text_of
from server.office.security import account_of, page, registry_of
from server.office.statistics.children import term_start
from server.registry import Row

YEARLY = ("activity", "award")
READ = (
    *ENTITIES,
    "place",
    "inventory_item",
    "org_role",
    "roster_slot",
    "duty_done",
    "attendance",
    "family_call",
    "deed",
    *YEARLY,
)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Item:
    """One point of a list: how many records speak for it, and the first few to open."""

    name: str
    count: int
    shown: list[Row]


@dataclass(frozen=True)
class ChildHaves:
    """A child who lacks one of the four."""

    id: str
    name: str
    grid_name: str
    has: Mapping[str, bool]


@page("read_records")
async def checklists(request: Request) -> Response:
    """The lists as of today."""
    register = await load(registry_of(request), account_of(request).village, *READ)
    children = left_behind(register, today())
    haves = [four_haves(child, register, today()) for child in children]
    ones = home_checks.child_ones(register, children, today())
    short, sessions = home_checks.short_sessions(register, today())
    return render(
        request,
        "checklists",
        {
            "village_ones": home_checks.village_ones(register, today()),
            "ones_done": {name: sum(it.has[name] for it in ones) for name in home_checks.OF_CHILD},
            "without": [it for it in ones if not all(it.has.values())],
            "since": term_start(today()),
            "stages": home_checks.stages(register, children, today()),
            "short": short,
            "sessions": sessions,
            "seven": seven_haves(register, today()),
            "children": len(children),
            "sums": {name: sum(it.has[name] for it in haves) for name in FOUR},
            "lacking": sorted(
                (it for it in haves if not all(it.has.values())),
                key=lambda it: (it.grid_name, it.name, it.id),
            ),
        },
    )


def left_behind(register: Register, on: str) -> list[Row]:
    """The children on the register who are left behind by the wide definition."""
    return [child for child in register.kind("child") if definitions_of(child, register, on)[0]]


def seven_haves(register: Register, on: str) -> list[Item]:
    """七个有 (B154): place, equipment, people, rules, activities, files, and what came of it."""
    since = (date.fromisoformat(on) - YEAR).isoformat()
    within = {
        kind: [
            row
            for row in register.kind(kind)
            if since < text_of(row.fields, "occurred_on") <= on and row.id not in register.corrected
        ]
        for kind in YEARLY
    }
    places = list(register.kind("place"))
    found = {
        "place": places,
        "equipment": list(register.kind("inventory_item")),
        "people": [
            *(it for it in register.kind("org_role") if not _until(it) or _until(it) >= on),
            *register.kind("helper"),
        ],
        "rules": [it for it in places if it.fields.get("rules_posted")],
        "activities": within["activity"],
        "files": left_behind(register, on),
        "results": within["award"],
    }
    return [Item(name, len(rows), rows[:3]) for name, rows in found.items()]


def _until(row: Row) -> str:
    return text_of(row.fields, "to_on")


FOUR = ("loved", "guarded", "taught", "helped")


def four_haves(child: Row, register: Register, on: str) -> ChildHaves:
    """四有 (A116): somebody who loves, guards, teaches and helps, by pairings and care of the day."""
    pairings = register.pairings(child.id, on)
    kinds = {text_of(it.fields, "kind") for it in pairings}
    helpers = [register.rows.get(text_of(it.fields, "helper_id")) for it in pairings]
    helper_kinds = {text_of(it.fields, "helper_kind") for it in helpers if it is not None}
    carers = [
        it for it in register.guardianships(child.id, on) if it.fields.get("carer_kind") != "NONE"
    ]
    return ChildHaves(
        child.id,
        register.name_of(child),
        register.grid_names.get(register.grid_of(child), ""),
        {
            "loved": bool(kinds & {"MUM", "PAR"}) or "M" in helper_kinds,
            "guarded": bool(carers),
            "taught": "TCH" in kinds or "T" in helper_kinds,
            "helped": bool(pairings),
        },
    )
