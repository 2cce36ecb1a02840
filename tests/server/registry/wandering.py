"""A village in which anything may happen next: what people make, change, remove, merge, part and erase, at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from typing import Any

from server.registry import Row, uuid7
from tests.helpers import Village, change, create, op

Step = Callable[[], Coroutine[Any, Any, None]]
DAYS = ("2026-09-03", "2026-10-11", "2026-11-20")
NAMES = ("谷小满", "石惊蛰", "方白露", "田小暑")
TOLD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("talk", {"party": "CHI", "study": "1", "mood": "1"}),
    ("talk", {"party": "CARER"}),
    ("family_call", {"connected": "Y", "with_whom": "FA", "kind": "2"}),
    ("health_check", {"abnormal_kinds": ["VIS"]}),
    ("illness_incident", {"kind": "ILL"}),
    ("mandatory_report", {}),
    ("aid", {"aid_kind": "1", "cash_fen": 500}),
    ("visit", {"met": ["G"], "next_visit_on": "2026-12-01"}),
)


class Wandering:
    """Steps of a village, chosen by a seed; a step for which nothing is there yet is no step."""

    def __init__(self, village: Village, seed: int) -> None:
        self.village = village
        self.chance = random.Random(seed)
        self.pushed = 0

    async def step(self) -> str:
        """Do one thing; its name."""
        steps: tuple[Step, ...] = (
            self.home, self.home, self.child, self.child, self.child, self.visit, self.visit,
            self.pair, self.edit, self.edit, self.at_once, self.move, self.remove, self.merge,
            self.merge, self.part, self.erase, self.rehome, self.care, self.care, self.tell, self.tell,
            self.survey, self.come, self.ask, self.rerule,
        )  # fmt: skip
        chosen = self.chance.choice(steps)
        await chosen()
        return chosen.__name__

    async def some(self, *types: str) -> Row | None:
        rows = await self.village.registry.rows(self.village.code, *types)
        return self.chance.choice(sorted(rows, key=lambda it: it.id)) if rows else None

    async def home(self) -> None:
        await self.village.household(self.chance.choice((1, 2)), hukou_type="RUR")

    async def child(self) -> None:
        if home := await self.some("household"):
            await self.village.child(
                home.id, name=self.chance.choice(NAMES), birth_date="2016-05-04",
                left_behind_fact=self.chance.choice("BFN"),
            )  # fmt: skip

    async def visit(self) -> None:
        if child := await self.some("child"):
            about = {"child_id": child.id, "household_id": child.fields["household_id"]}
            if (earlier := await self.some("visit")) and self.chance.random() < 0.3:
                about["corrects_id"] = earlier.id
            on = self.chance.choice(DAYS)
            await self.village.commit(create(uuid7(), "visit", occurred_on=on, met=None, **about))

    async def pair(self) -> None:
        if child := await self.some("child"):
            helper = uuid7()
            await self.village.commit(
                create(helper, "helper", name="方老师", helper_kind="T"),
                create(uuid7(), "pairing", child_id=child.id, helper_id=helper, from_on=DAYS[0]),
            )

    async def rehome(self) -> None:
        """A child moves in with others; what was said of it names the old household still."""
        child, home = await self.some("child"), await self.some("household")
        if child and home:
            await self.village.commit(change(child.id, "child", child.rev, household_id=home.id))

    async def care(self) -> None:
        """Somebody, perhaps of another household, is a child's carer and parent."""
        child, home = await self.some("child"), await self.some("household")
        if child and home:
            person, about = uuid7(), {"child_id": child.id, "relation": "FA"}
            phones = [{"number": "13900000000", "verified_on": self.chance.choice(DAYS)}]
            await self.village.commit(
                create(person, "person", household_id=home.id, name="石大妈", phones=phones),
                create(uuid7(), "guardianship", carer_id=person, is_main="Y", carer_kind="GPM",
                       child_id=child.id),
                create(uuid7(), "parent_link", parent_id=person, **about),
            )  # fmt: skip

    async def tell(self) -> None:
        """Something is done with a child, a call or a check; the household it names may be any."""
        child, home = await self.some("child"), await self.some("household")
        if child and home:
            kind, said = self.chance.choice(TOLD)
            about = {"child_id": child.id, "household_id": home.id}
            on = self.chance.choice(DAYS)
            await self.village.commit(create(uuid7(), kind, occurred_on=on, **about, **said))

    async def survey(self) -> None:
        if home := await self.some("household"):
            result, on = self.chance.choice("VEMN"), self.chance.choice(DAYS)
            about = {"household_id": home.id, "occurred_on": on, "result": result}
            await self.village.commit(create(uuid7(), "survey", **about))

    async def come(self) -> None:
        """Children come to an activity, a new one or one that is moved to another day."""
        on = self.chance.choice(DAYS)
        if (activity := await self.some("activity")) and self.chance.random() < 0.5:
            edit = change(activity.id, "activity", activity.rev, occurred_on="2024-01-01")
            await self.village.commit(edit)
        elif child := await self.some("child"):
            activity_id = uuid7()
            await self.village.commit(
                create(activity_id, "activity", occurred_on=on, activity_kind="07"),
                create(uuid7(), "attendance", activity_id=activity_id, person_id=child.id,
                       occurred_on=on),
            )  # fmt: skip

    async def ask(self) -> None:
        """A child asks for help, or a request goes on."""
        if (asked := await self.some("help_request")) and self.chance.random() < 0.5:
            step = {"help_request_id": asked.id, "state": self.chance.choice(("OPEN", "CLOSED"))}
            await self.village.commit(create(uuid7(), "help_step", occurred_on=DAYS[2], **step))
        elif child := await self.some("child"):
            said = {"request_kind": "1", "urgency": "NOW", "occurred_on": DAYS[1]}
            await self.village.commit(create(uuid7(), "help_request", child_id=child.id, **said))

    async def rerule(self) -> None:
        """What rules go by: the risk of a child, or until when a pairing holds."""
        if row := await self.some("child", "pairing"):
            said: dict[str, Any] = (
                {"risk_level": "R"} if row.type == "child" else {"to_on": DAYS[1]}
            )
            await self.village.commit(change(row.id, row.type, row.rev, **said))

    async def edit(self) -> None:
        if row := await self.some("child", "helper", "person"):
            name = self.chance.choice(NAMES)
            await self.village.commit(change(row.id, row.type, row.rev, name=name))

    async def at_once(self) -> None:
        """Two phones give a field different values without having seen each other's."""
        if row := await self.some("child"):
            for n, name in enumerate(self.chance.sample(NAMES, 2)):
                device = await self.village.device(f"d{n}", key=str(self.pushed))
                edit = op(change(row.id, "child", row.rev, name=name))
                await self.village.push(device, 1, edit)
            self.pushed += 1

    async def move(self) -> None:
        if row := await self.some("household"):
            grid = self.village.grid(self.chance.choice((1, 2)))
            await self.village.commit(change(row.id, "household", row.rev, grid_code=grid))

    async def remove(self) -> None:
        if row := await self.some("child", "visit", "household", "pairing"):
            await self.village.commit(change(row.id, row.type, row.rev, present=False))

    async def merge(self) -> None:
        kind = self.chance.choice(("child", "household"))
        a, b = await self.some(kind), await self.some(kind)
        if a and b and a.id != b.id:
            await self.village.commit(create(uuid7(), "alias", a=a.id, b=b.id))

    async def part(self) -> None:
        if row := await self.some("alias"):
            await self.village.commit(change(row.id, "alias", row.rev, present=False))

    async def erase(self) -> None:
        if row := await self.some("visit", "child"):
            village = self.village
            ids = await village.registry.absorbed(village.code, row.id)
            gone = dict.fromkeys([row.id, *ids], row.type)
            await village.registry.erase(village.code, village.office, gone, author="村办公室")
