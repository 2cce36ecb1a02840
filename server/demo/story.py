"""What happened in the village from July to November, act by act; the village is their sum.

July: the office types the household booklets in. August: six surveyors knock at 120 doors, then
again where nobody answered; the office assesses what they found. September: four children become
left behind, three leave the register (two get their parents back, one goes with them), 61 for a
month; in October one more gets the parents back, so that the weekly video is "for 60". Helpers
are paired, visits go on until the day before the as-of day.

Pure: the same as-of day gives the same village, to the last id.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from server.demo import answers, events, plan, rounds, ties
from server.demo.calendar import AS_OF, Calendar, moment, years_before
from server.demo.care import care
from server.demo.helpers import Helper, helpers
from server.demo.home import home
from server.demo.house import House, Member, houses, parents
from server.demo.names import Names
from server.demo.records import Act, Edit, Village, record_id
from server.demo.rounds import NOBODY, SURVEYED, Call, Door
from server.demo.together import together

OFFICIAL = "cunguan"
GRIDS_DRAWN, BOOKLETS = date(2026, 7, 20), date(2026, 7, 27)
ASSESSED, HELPERS_FOUND, PAIRED = date(2026, 8, 31), date(2026, 9, 5), date(2026, 9, 12)
EXIT_DAYS = {"02": date(2026, 9, 9), "06": date(2026, 9, 15), "04": date(2026, 9, 17)}
LAST_EXIT = date(2026, 10, 20)
RESULTS = {SURVEYED: "V", NOBODY: "A", rounds.REFUSED: "R", rounds.EMPTY: "E"}
PAIRING_KINDS = {"T": "TCH", "M": "MUM", "C": "PAR", "P": "PAR", "V": "PAR"}
EXIT_REASONS = {"X1": "父母返乡就近务工", "X2": "随父母到外地上学"}

Fields = dict[str, Any]


@cache
def village(as_of: date = AS_OF) -> Village:
    """The demo village as it stands on `as_of`, with everything that led there."""
    story = Story(Calendar(as_of))
    return Village(as_of, tuple(sorted(story.acts(), key=lambda act: act.at)))


class Story:
    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.names = Names()
        self.street = houses(calendar, self.names)
        self.helpers = helpers(self.street, self.names)
        self.work = ties.work(list(ties.parents_away(self.street)), calendar)
        self.helper_of = {c.label: h for h in self.helpers for c in h.children}
        self.begun = calendar.at(BOOKLETS, 19)
        self.term_begins = moment(date(calendar.school_year, 9, 1), 0)

    def acts(self) -> Iterator[Act]:
        yield from self.grids()
        for n, house in enumerate(self.street):
            yield self.booklet(house, self.begun + n * 1000)
        for door in rounds.doors(self.street):
            yield self.survey(door)
        for house in self.street:
            if house.left_behind or house.exit:
                yield from self.office(house)
        yield from self.moved_up()
        for n, helper in enumerate(self.helpers):
            yield self.helper(helper, self.calendar.at(HELPERS_FOUND, 15, n))
            yield self.pairing(helper, self.calendar.at(PAIRED, 15, n))
        for call in rounds.calls(self.street):
            yield self.visit(call)
        yield from care(self)
        yield from home(self)
        yield from together(self)

    # ids: of residents and households from the day the booklets were typed in

    def id_of(self, what: House | Member) -> str:
        return record_id(self.begun, what.label)

    def new(self, type: str, label: str, at: int, fields: Fields) -> Edit:
        return Edit(record_id(at, f"{type}/{label}"), type, {"present": True, **fields})

    # July

    def grids(self) -> Iterator[Act]:
        at = self.calendar.at(GRIDS_DRAWN, 16)
        edits = []
        for n, (code, name) in enumerate(plan.GRIDS.items()):
            leader = self.names.adult("谷方安石田江"[n], "组长")
            fields = {"grid_code": plan.VILLAGE_CODE + code, "name": name, "leader_name": leader}
            edits.append(self.new("grid", code, at, fields))
        yield Act(at, OFFICIAL, tuple(edits))

    def booklet(self, house: House, at: int) -> Act:
        household = self.id_of(house)
        edits = [Edit(household, "household", _present(answers.household_paper(house)))]
        for member in house.members:
            kind = "child" if member.is_child else "person"
            fields = {"household_id": household, **answers.person_paper(member, self.names)}
            edits.append(Edit(self.id_of(member), kind, _present(fields)))
        return Act(at, "", tuple(edits))

    # August

    def survey(self, door: Door) -> Act:
        house = door.house
        at = self.calendar.at(door.day, door.hour, door.minute)
        on = self.calendar.day(door.day).isoformat()
        event: Fields = {
            "household_id": self.id_of(house),
            "result": RESULTS[door.found],
            "occurred_on": on,
            "occurred_time": f"{door.hour:02d}:{door.minute:02d}",
            "duration_min": 2,
        }
        edits: list[Edit] = []
        if door.found == SURVEYED:
            event |= events.conditions(house)
            edits += [
                Edit(self.id_of(house), "household", answers.household_heard(house)),
                *self.heard_adults(house),
                *self.heard_children(house, at),
            ]
        edits.append(self.new("survey", f"{house.label}/{on}", at, event))
        return Act(at, _surveyor(house), tuple(edits))

    def heard_adults(self, house: House) -> Iterator[Edit]:
        for member in house.adults:
            fields = answers.person_heard(house, member, self.names)
            yield Edit(self.id_of(member), "person", fields)

    def heard_children(self, house: House, at: int) -> Iterator[Edit]:
        for child in house.children:
            fields = answers.child_heard(house, child)
            if at < self.term_begins:
                fields |= answers.school_before(house, child)
                fields = {name: it for name, it in fields.items() if it is not None}
            yield from self.parents(house, child, at)
            if (house.left_behind and not _is_new(child)) or house.exit:
                fields |= answers.file_opened(house, child, self.calendar)
                yield self.carer(house, child, at)
            yield Edit(self.id_of(child), "child", fields)

    def moved_up(self) -> Iterator[Act]:
        """On the evening of 1 September the office moves up whom the surveyors had written down in the grade before."""
        at = moment(date(self.calendar.school_year, 9, 1), 19)
        for door in rounds.doors(self.street):
            heard = self.calendar.at(door.day, door.hour, door.minute)
            if door.found != SURVEYED or heard >= self.term_begins:
                continue
            for child in door.house.children:
                now = answers.child_heard(door.house, child)
                before = answers.school_before(door.house, child)
                fields = {name: now[name] for name in before}
                if fields:
                    yield Act(at, OFFICIAL, (Edit(self.id_of(child), "child", fields),))

    def parents(self, house: House, child: Member, at: int) -> Iterator[Edit]:
        for parent in parents(house):
            away = house.exit != "" or (parent.away and not _is_new(child))
            fields: Fields = {
                "child_id": self.id_of(child),
                "parent_id": self.id_of(parent),
                "relation": ties.parent_relation(parent),
                "away": "A" if away else "H",
            }
            if away:
                fields |= self.work.get(parent.label, {"work_area_code": ties.HOME_CITY})
                fields["away_since"] = answers.left_since(child, self.calendar)
            yield self.new("parent_link", f"{child.label}/{parent.role}", at, fields)

    def carer(self, house: House, child: Member, at: int) -> Edit:
        by = ties.carer(house, self.street)
        since = answers.left_since(child, self.calendar)
        fields = {"child_id": self.id_of(child), **ties.guardianship(house, child, by, since)}
        if by.member is not None:
            fields["carer_id"] = self.id_of(by.member)
        return self.new("guardianship", child.label, at, fields)

    # the office, and September's changes

    def office(self, house: House) -> Iterator[Act]:
        at = self.calendar.at(ASSESSED, 19, house.number) + int(house.grid) * 1000
        on = self.calendar.day(ASSESSED)
        settled = [c for c in house.children if not _is_new(c)]
        if settled:
            yield Act(at, OFFICIAL, tuple(self.assessment(house, child, on) for child in settled))
        if house.exit:
            yield self.exit(house)
        for child in house.children:
            if _is_new(child):
                yield from self.newly_left(house, child)

    def assessment(self, house: House, child: Member, on: date) -> Edit:
        fields = answers.assessed(house, child) | answers.focus(child, on)
        return Edit(self.id_of(child), "child", fields)

    def newly_left(self, house: House, child: Member) -> Iterator[Act]:
        """A parent went away since the survey: the surveyor opens the file, the office assesses."""
        day = rounds.moved_on(house)
        at = self.calendar.at(day, 17, 30)
        count = sum(m.away for m in house.members)
        yield Act(
            at,
            _surveyor(house),
            (
                Edit(self.id_of(house), "household", {"away_count": count}),
                Edit(self.id_of(child), "child", answers.file_opened(house, child, self.calendar)),
                *self.went_away(house, child),
                self.carer(house, child, at),
            ),
        )
        later = self.calendar.at(day, 20)
        yield Act(later, OFFICIAL, (self.assessment(house, child, self.calendar.day(day)),))

    def went_away(self, house: House, child: Member) -> Iterator[Edit]:
        surveyed = next(d for d in rounds.doors(self.street) if d.house is house)
        at = self.calendar.at(surveyed.day, surveyed.hour, surveyed.minute)
        for parent in parents(house):
            if parent.away:
                link = record_id(at, f"parent_link/{child.label}/{parent.role}")
                since = answers.left_since(child, self.calendar)
                work = {"away": "A", "away_since": since, **self.work[parent.label]}
                yield Edit(link, "parent_link", work)

    def exit(self, house: House) -> Act:
        day = EXIT_DAYS.get(house.grid, LAST_EXIT)
        at = self.calendar.at(day, 20)
        on = self.calendar.day(day).isoformat()
        (child,) = house.children
        surveyed = next(d for d in rounds.doors(self.street) if d.house is house)
        then = self.calendar.at(surveyed.day, surveyed.hour, surveyed.minute)
        fields = {
            "ward_status": house.exit,
            "exit_on": on,
            "exit_reason": EXIT_REASONS[house.exit],
        }
        guardianship = record_id(then, f"guardianship/{child.label}")
        edits = [Edit(guardianship, "guardianship", {"valid_to": on})]
        if house.exit == "X1":
            fields["left_behind_fact"] = "N"
            count = sum(m.away for m in house.members)
            edits.append(Edit(self.id_of(house), "household", {"away_count": count}))
            for parent in parents(house):
                link = record_id(then, f"parent_link/{child.label}/{parent.role}")
                edits.append(Edit(link, "parent_link", {"away": "H"}))
        return Act(at, OFFICIAL, (Edit(self.id_of(child), "child", fields), *edits))

    # helpers

    def helper(self, helper: Helper, at: int) -> Act:
        # A helper's birthday says nothing here; the year does, and the form says so.
        born = years_before(self.calendar.as_of, helper.age).replace(month=1, day=1)
        fields: Fields = {
            "name": helper.name,
            "sex": helper.sex,
            "birth_date": born.isoformat(),
            "birth_approximate": "year",
            "helper_kind": helper.kind,
            "unit": helper.unit,
            "max_children": 3,
            "active": "Y",
            "background_checked": "Y",
            "trained_on": self.calendar.day(PAIRED).isoformat(),
            **answers.phone(self.names, helper.label, "self"),
            **answers.chosen("grids", [plan.VILLAGE_CODE + helper.grid]),
        }
        return Act(at, OFFICIAL, (self.helper_edit(helper, fields),))

    def helper_edit(self, helper: Helper, fields: Fields) -> Edit:
        return Edit(self.helper_id(helper), "helper", _present(fields))

    def helper_id(self, helper: Helper) -> str:
        return record_id(self.calendar.at(HELPERS_FOUND, 15), helper.label)

    def pairing(self, helper: Helper, at: int) -> Act:
        """All children of a helper at once; a child who came to the register later, later."""
        edits = []
        for child in helper.children:
            fields = {
                "child_id": self.id_of(child),
                "helper_id": self.helper_id(helper),
                "kind": PAIRING_KINDS[helper.kind],
                "from_on": self.calendar.day(PAIRED).isoformat(),
                "state": "V",
                "duty_weekend": "Y" if helper.kind in "MCP" else "N",
            }
            edits.append(self.new("pairing", child.label, at, fields))
        return Act(at, OFFICIAL, tuple(edits))

    # visits

    def visit(self, call: Call) -> Act:
        at = self.calendar.at(call.day, call.hour, call.minute)
        on = self.calendar.day(call.day).isoformat()
        fields: Fields = {
            "household_id": self.id_of(call.house),
            "child_id": self.id_of(call.child),
            "visit_kind": call.kind,
            "channel": "1",
            "occurred_on": on,
            "occurred_time": f"{call.hour:02d}:{call.minute:02d}",
            **events.seen(call),
        }
        edit = self.new("visit", f"{call.child.label}/{on}", at, fields)
        return Act(at + 240_000, self.visitor(call), (edit,))

    def visitor(self, call: Call) -> str:
        """A student volunteer after school began, the official for the gravest, else the surveyor."""
        assert call.child.plan is not None
        helper = self.helper_of.get(call.child.label)
        if call.day > PAIRED and helper is not None and helper.login and call.met:
            return helper.login
        if call.day > PAIRED and call.child.plan.risk == "R":
            return OFFICIAL
        return _surveyor(call.house)


def _present(fields: Fields) -> Fields:
    return {"present": True, **fields}


def _surveyor(house: House) -> str:
    return f"diaocha{int(house.grid)}"


def _is_new(child: Member) -> bool:
    return child.plan is not None and "new" in child.plan.words
