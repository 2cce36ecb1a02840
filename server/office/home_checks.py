"""The lists about a centre and its term: nine ones, four stages of setting up, three persons a session. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from server.office.register import Register, text_of
from server.office.statistics.children import term_start
from server.office.statistics.slots import add_days
from server.registry import Row

LECTURE, OUTING = "04", "09"
PLATFORM = frozenset({"06", "07", "08", "10", "12"})
"""Activities in which children show themselves: birthdays, festivals, contests, groups, class meetings."""
LETTER = "3"
OF_VILLAGE = ("home", "phone", "platform")
OF_CHILD = ("peer", "mother", "lecture", "outing", "letter", "deed")
STAGES = ("found", "open", "build", "run")
ROLES = ("CADRE", "TCH", "TUTOR")
"""B153: who deals with emergencies, who with attendance and safety, who with homework and games."""
STANDS_FOR = {"VOL": "TUTOR"}
"""A volunteer may do homework and games."""
DAYS_BACK, DAYS_AHEAD, RUNNING_DAYS = 30, 14, 90


@dataclass(frozen=True)
class ChildOnes:
    """Which of the ones that are about a child it has."""

    child: Row
    name: str
    grid_name: str
    has: Mapping[str, bool]


@dataclass(frozen=True)
class Session:
    """One opening of a place that has not three persons in three roles. `persons`: how many different ones."""

    place: str
    on: str
    slot: str
    missing: Sequence[str]
    persons: int


def of_term(register: Register, kind: str, on: str) -> list[Row]:
    """Events of the running term that stand."""
    since = term_start(on)
    return [
        it
        for it in register.kind(kind)
        if since <= text_of(it.fields, "occurred_on") <= on and it.id not in register.corrected
    ]


def village_ones(register: Register, on: str) -> dict[str, list[Row]]:
    """The ones a village or school has once for all: what speaks for each (B355-B373)."""
    places = list(register.kind("place"))
    return {
        "home": places,
        "phone": [
            *(it for it in places if it.fields.get("phone")),
            *(it for it in register.kind("inventory_item") if "电话" in text_of(it.fields, "name")),
        ],
        "platform": [
            it
            for it in of_term(register, "activity", on)
            if it.fields.get("activity_kind") in PLATFORM
        ],
    }


def child_ones(register: Register, children: Sequence[Row], on: str) -> list[ChildOnes]:
    """The ones each child has this term; a peer and a loving mother by the pairings of the day."""
    activities = {
        it.id: text_of(it.fields, "activity_kind") for it in of_term(register, "activity", on)
    }
    attended: dict[str, set[str]] = defaultdict(set)
    for it in register.kind("attendance"):
        if it.id not in register.corrected:
            kind = activities.get(text_of(it.fields, "activity_id"), "")
            attended[text_of(it.fields, "person_id")].add(kind)
    wrote = {
        text_of(it.fields, "child_id")
        for it in of_term(register, "family_call", on)
        if it.fields.get("kind") == LETTER
    }
    did = {text_of(it.fields, "child_id") for it in of_term(register, "deed", on)}
    found = []
    for child in children:
        pairings = register.pairings(child.id, on)
        helpers = [register.rows.get(text_of(it.fields, "helper_id")) for it in pairings]
        kinds = {text_of(it.fields, "kind") for it in pairings}
        helper_kinds = {text_of(it.fields, "helper_kind") for it in helpers if it is not None}
        has = {
            "peer": "PEER" in kinds or "K" in helper_kinds,
            "mother": "MUM" in kinds or "M" in helper_kinds,
            "lecture": LECTURE in attended[child.id],
            "outing": OUTING in attended[child.id],
            "letter": child.id in wrote,
            "deed": child.id in did,
        }
        grid = register.grid_names.get(register.grid_of(child), "")
        found.append(ChildOnes(child, register.name_of(child), grid, has))
    return sorted(found, key=lambda it: (it.grid_name, it.name, it.child.id))


def stages(register: Register, children: Collection[Row], on: str) -> dict[str, bool]:
    """创、办、建、管 (B150): a group that leads, a place, rules on its wall and files, and that it runs: somebody was on
    duty or an activity took place in the last ninety days."""
    places = register.kind("place")
    since = add_days(on, -RUNNING_DAYS)
    ran = any(
        since <= text_of(it.fields, "occurred_on") <= on and it.id not in register.corrected
        for kind in ("duty_done", "activity")
        for it in register.kind(kind)
    )
    return {
        "found": any(
            it.fields.get("role") == "HEAD" and (text_of(it.fields, "to_on") or on) >= on
            for it in register.kind("org_role")
        ),
        "open": bool(places),
        "build": bool(children) and any(it.fields.get("rules_posted") for it in places),
        "run": ran,
    }


def short_sessions(register: Register, on: str) -> tuple[list[Session], int]:
    """Sessions of the duty roster, a month back and two weeks ahead, without three persons in the three roles; and
    how many sessions there are. Who stands in two roles is one person."""
    first, last = add_days(on, -DAYS_BACK), add_days(on, DAYS_AHEAD)
    rosters: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for it in register.kind("roster_slot"):
        if first <= (day := text_of(it.fields, "on_date")) <= last:
            place, slot = text_of(it.fields, "place_id"), text_of(it.fields, "slot")
            rosters[day, place, slot].append(it)
    found = []
    for (day, place, slot), rows in sorted(rosters.items()):
        filled = [it for it in rows if it.fields.get("helper_id")]
        given = [text_of(it.fields, "role") for it in filled]
        roles = {STANDS_FOR.get(role, role) for role in given}
        persons = len({text_of(it.fields, "helper_id") for it in filled})
        missing = [role for role in ROLES if role not in roles]
        if missing or persons < len(ROLES):
            name = register.name_of(register.rows.get(place))
            found.append(Session(name, day, slot, missing, persons))
    return found, len(rosters)
