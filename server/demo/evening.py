"""One evening of the demo village: phones that were offline come in, and fifteen things disagree.

`zoufang demo --evening` plays it once on the village of `build`, through the same door as every phone's work. Each
story is one row of the information model's list of conflicts the demo must contain; what became of it is what the
engine made of it, nothing is written around the merge. The village's exact totals are those before the evening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.auth import Account, Auth
from server.demo.build import DemoAccess
from server.demo.calendar import SHANGHAI
from server.programme.derive import age_on
from server.registry import Batch, Pushed, Registry, Row, now_ms, uuid7
from sync import Change, Op, RecordId

HOUR, DAY = 3_600_000, 86_400_000
LABEL = "演示晚间"
Fields = dict[str, Any]


@dataclass
class Handset:
    """A phone that synced in the morning, went out of reach, and comes back in the evening."""

    device: str
    account: Account
    base: int
    """The head of the morning: everything it shows it saw then."""
    morning: int
    seq: int = 0
    skew: int = 0
    """How far its clock is ahead, ms."""
    waiting: list[Op] = field(default_factory=list)

    def save(self, *changes: Change, hours_later: float = 4) -> None:
        """One op, saved out of reach."""
        at = int(self.morning + hours_later * HOUR) + self.skew
        self.waiting.append(Op(at, 1, self.morning, "", changes))

    def change(self, row: Row, /, **keys: Any) -> Change:
        """An edit of what it saw in the morning; `phones__x` is the key `phones/x`."""
        named = {key.replace("__", "/"): value for key, value in keys.items()}
        return Change(RecordId(row.id), row.type, self.base, named)


def new(id: str, type: str, /, **fields: Any) -> Change:
    named = {key.replace("__", "/"): value for key, value in fields.items()}
    return Change(RecordId(id), type, 0, {"present": True, **named})


@dataclass
class Evening:
    """What the fifteen stories are about: by number, the records to look at, and each handset by login."""

    told: dict[int, dict[str, str]] = field(default_factory=dict)
    handsets: dict[str, Handset] = field(default_factory=dict)
    pushed: dict[str, Pushed] = field(default_factory=dict)


async def play(registry: Registry, auth: Auth, access: DemoAccess) -> Evening | None:
    """Play the evening; None when it was played before."""
    if any(device.label.startswith(LABEL) for device in await auth.devices(access.village)):
        return None
    stage = _Stage(registry, auth, access)
    await stage.set()
    stage.stories()
    await stage.office_in_the_afternoon()
    return await stage.come_in()


PHONES = (
    "diaocha1", "diaocha2", "diaocha3", "cunguan", "office", "zhiyuan1", "zhiyuan2", "zhiyuan3",
)  # fmt: skip


class _Stage:
    def __init__(self, registry: Registry, auth: Auth, access: DemoAccess) -> None:
        self.registry, self.auth, self.access = registry, auth, access
        self.village = access.village
        self.evening = Evening()
        self.now = now_ms()
        self.today = _day(self.now)

    async def set(self) -> None:
        """The cast: everybody's phone, and all rows as they stood in the morning."""
        found = await self.registry.village(self.village)
        assert found is not None
        self.morning = self.now - 10 * HOUR
        for login in PHONES:
            account = self.access.accounts[login]
            code = await self.auth.issue_code(account)
            enrolled = await self.auth.enrol(code.text, f"{LABEL} · {account.name}的手机")
            handset = Handset(enrolled.device, account, found.rev, self.morning)
            self.evening.handsets[login] = handset
        types = ("household", "child", "person", "guardianship", "helper", "pairing")
        self.rows = {row.id: row for row in await self.registry.rows(self.village, *types)}
        self.used: set[str] = set()

    def kind(self, type: str) -> list[Row]:
        return [row for row in self.rows.values() if row.type == type]

    def phone(self, login: str) -> Handset:
        return self.evening.handsets[login]

    def told(self, number: int, **records: str) -> None:
        self.evening.told[number] = records

    def active(self) -> list[Row]:
        return [it for it in self.kind("pairing") if it.fields.get("state") == "V"]

    def child(
        self, *, grid: str = "", helper: str = "", carer_phone: bool = False, **wanted: Any
    ) -> Row:
        """The next child in the register that no story has taken: of a grid, of a helper, with these answers."""
        of_helper = {
            it.fields["child_id"] for it in self.active() if it.fields["helper_id"] == helper
        }
        for row in self.kind("child"):
            home = self.rows[row.fields["household_id"]]
            in_register = row.fields.get("ward_status") == "A" and row.fields.get("risk_level")
            fits = all(row.fields.get(name) == value for name, value in wanted.items())
            here = not grid or str(home.fields["grid_code"]).endswith(grid)
            theirs = not helper or row.id in of_helper
            known = not carer_phone or self.carer_of(row) is not None
            if row.id not in self.used and in_register and fits and here and theirs and known:
                self.used.add(row.id)
                return row
        raise LookupError(f"the demo village has no child left in grid {grid} with {wanted}")

    def carer_of(self, child: Row) -> Row | None:
        """The main carer, where one with a telephone is named."""
        for link in self.kind("guardianship"):
            if link.fields["child_id"] == child.id and link.fields.get("is_main") == "Y":
                carer = self.rows.get(str(link.fields.get("carer_id", "")))
                if carer is not None and carer.fields.get("phones"):
                    return carer
        return None

    def helper_of(self, login: str) -> str:
        return self.access.accounts[login].helper_id

    # The day out of reach

    def stories(self) -> None:
        self._carers_phone()
        self._twice()
        self._risk()
        self._fourth_child()
        self._after_the_return()
        self._joint_visit()
        self._sign_in()
        self._wrong_amount()
        self._clock_ahead()
        self._revoked()
        self._consent()
        self._split()
        self._count()
        self._paper()
        self._dropped_out()

    def _carers_phone(self) -> None:
        """1: two volunteers write down another number for the same carer."""
        child = self.child(helper=self.helper_of("zhiyuan1"), carer_phone=True)
        carer = self.carer_of(child)
        assert carer is not None
        (old,) = list(carer.fields["phones"])[:1]
        for login, number in (("zhiyuan1", "10000009901"), ("cunguan", "10000009902")):
            entry = {"number": number, "replaces": old}
            phone = self.phone(login)
            phone.save(phone.change(carer, **{f"phones/{old}": None, f"phones/e{number}": entry}))
        self.told(1, carer=carer.id, old=old)

    def _twice(self) -> None:
        """2: one child entered twice, with a name that sounds alike and a birthday by the lunar calendar."""
        home = self._home("02")
        ids = (uuid7(), uuid7())
        said = (("谷梓涵", "2018-03-20", "N"), ("谷子涵", "2018-02-04", "Y"))
        for login, id, (name, born, lunar) in zip(("diaocha2", "cunguan"), ids, said, strict=True):
            self.phone(login).save(
                new(id, "child", household_id=home.id, name=name, sex="2", birth_date=born,
                    birth_lunar=lunar, ward_status="A", lawful_basis="DUTY"),
            )  # fmt: skip
        self.told(2, a=ids[0], b=ids[1])

    def _risk(self) -> None:
        """3: one finds a child in more danger, one in less."""
        child = self.child(grid="01", risk_level="Y")
        for login, level in (("diaocha1", "O"), ("cunguan", "G")):
            phone = self.phone(login)
            phone.save(phone.change(child, risk_level=level))
        self.told(3, child=child.id)

    def _fourth_child(self) -> None:
        """4: two phones each give the same teacher one more child; together that is one too many."""
        load: dict[str, int] = {}
        for pairing in self.active():
            load[pairing.fields["helper_id"]] = load.get(pairing.fields["helper_id"], 0) + 1
        teacher = next(
            row
            for row in self.kind("helper")
            if row.fields["helper_kind"] == "T" and load.get(row.id) == 2
        )
        ids = []
        for login, grid in (("diaocha1", "01"), ("diaocha3", "03")):
            child = self.child(grid=grid)
            ids.append(uuid7())
            self.phone(login).save(
                new(ids[-1], "pairing", child_id=child.id, helper_id=teacher.id, kind="TCH",
                    from_on=self.today, state="V"),
            )  # fmt: skip
        self.told(4, helper=teacher.id, a=ids[0], b=ids[1])

    def _after_the_return(self) -> None:
        """5: the office takes a child off the list because the parents are back; a phone brings a visit of before."""
        child = self.child(grid="03")
        self.told(5, child=child.id, visit=self._visit("diaocha3", child))

    def _joint_visit(self) -> None:
        """6: two who went together both write the visit down."""
        child = self.child(helper=self.helper_of("zhiyuan2"))
        a, b = self._visit("zhiyuan2", child), self._visit("cunguan", child)
        self.told(6, child=child.id, a=a, b=b)

    def _sign_in(self) -> None:
        """7: two sign children in at one activity; one child is on both lists."""
        activity = uuid7()
        self.phone("cunguan").save(
            new(activity, "activity", activity_kind="07", title="节日手工课", leader="方村官甲",
                occurred_on=self.today),
            hours_later=1,
        )  # fmt: skip
        children = [self.child(grid="02") for _ in range(3)]
        for login, signed in (("cunguan", children[:2]), ("diaocha2", children[1:])):
            for child in signed:
                self.phone(login).save(
                    new(uuid7(), "attendance", household_id=child.fields["household_id"],
                        person_id=child.id, activity_id=activity, occurred_on=self.today),
                )  # fmt: skip
        self.told(7, activity=activity, both=children[1].id)

    def _wrong_amount(self) -> None:
        """8: an amount typed with a nought too many, put right by a second record."""
        child = self.child(grid="01")
        wrong, right = uuid7(), uuid7()
        given = {"household_id": child.fields["household_id"], "child_id": child.id,
                 "aid_kind": "1", "receipt": "SIGN", "occurred_on": self.today}  # fmt: skip
        phone = self.phone("diaocha1")
        phone.save(new(wrong, "aid", cash_fen=200_000, **given))
        phone.save(new(right, "aid", cash_fen=20_000, corrects_id=wrong, **given), hours_later=5)
        self.told(8, child=child.id, wrong=wrong, right=right)

    def _clock_ahead(self) -> None:
        """9: a phone whose clock is a day ahead."""
        phone = self.phone("zhiyuan1")
        phone.skew = DAY
        child = self.child(helper=self.helper_of("zhiyuan1"))
        phone.save(phone.change(child, wish="想要一个新书包"))
        self.told(9, child=child.id)

    def _revoked(self) -> None:
        """10: a phone is cut off while it is out of reach; what it brings waits for the office."""
        child = self.child(helper=self.helper_of("zhiyuan3"))
        self.told(10, child=child.id, visit=self._visit("zhiyuan3", child))

    def _consent(self) -> None:
        """11: a guardian takes consent back in the office while a volunteer's phone holds the file."""
        child = self.child(helper=self.helper_of("zhiyuan2"))
        self.told(11, child=child.id, visit=self._visit("zhiyuan2", child))

    def _split(self) -> None:
        """12: a household becomes two on one phone while another writes in it."""
        child = next(
            row
            for row in self.kind("child")
            if row.id not in self.used
            and row.fields.get("risk_level")
            and len(self._lives_in(row)) > 2
            and str(self.rows[row.fields["household_id"]].fields["grid_code"]).endswith("01")
        )
        self.used.add(child.id)
        home = self.rows[child.fields["household_id"]]
        adult = next(row for row in self._lives_in(child) if row.type == "person")
        made, a, b = uuid7(), self.phone("diaocha1"), self.phone("cunguan")
        a.save(
            new(
                made,
                "household",
                grid_code=home.fields["grid_code"],
                head_name=adult.fields["name"],
            ),
            a.change(child, household_id=made),
            a.change(adult, household_id=made),
        )
        b.save(b.change(child, talent="会吹笛子"))
        self.told(12, old=home.id, new=made, child=child.id)

    def _count(self) -> None:
        """13: two people count the same shelf on the same evening."""
        item = uuid7()
        self.item = new(item, "inventory_item", name="跳绳", unit="根", place_id=uuid7())
        for login in ("cunguan", "office"):
            self.phone(login).save(
                new(uuid7(), "stock", item_id=item, change=-1, reason="COUNT",
                    occurred_on=self.today),
            )  # fmt: skip
        self.told(13, item=item)

    def _paper(self) -> None:
        """14: the clerk types in the paper of a survey that the phone brings too."""
        home = self._home("03")
        self.survey: Fields = {"household_id": home.id, "result": "V", "occurred_on": self.today}
        phone, typed = uuid7(), uuid7()
        self.phone("diaocha3").save(new(phone, "survey", **self.survey))
        self.told(14, household=home.id, phone=phone, typed=typed)

    def _dropped_out(self) -> None:
        """15: one writes that a child has left school, one that it goes there."""
        child = next(
            row for row in self.kind("child")
            if row.id not in self.used and row.fields.get("school_stage") == "3"
        )  # fmt: skip
        self.used.add(child.id)
        on = self.today
        assert (age_on(str(child.fields["birth_date"]), on) or 0) >= 10
        for login, stage in (("cunguan", "6"), ("office", "4")):
            phone = self.phone(login)
            phone.save(phone.change(child, school_stage=stage))
        self.told(15, child=child.id)

    # Meanwhile in the office, and the evening

    async def office_in_the_afternoon(self) -> None:
        """What the office did while the phones were away."""
        clerk = self.access.accounts["office"]
        device = await self.auth.office_device(clerk)
        told = self.evening.told
        back, child = self.rows[told[5]["child"]], self.rows[told[11]["child"]]
        head = self.phone("office").base
        exit = {"ward_status": "X1", "exit_on": self.today, "exit_reason": "父母返乡就近务工"}
        withdrawn = new(
            uuid7(), "consent", household_id=child.fields["household_id"], child_id=child.id,
            version="2026", scope__VOL=True, decision="BACK", form="ORAL", witness="石大叔甲",
            occurred_on=self.today,
        )  # fmt: skip
        await self.registry.commit(
            self.village,
            device,
            [
                [Change(RecordId(back.id), "child", head, exit)],
                [withdrawn],
                [self.item],
                [new(told[14]["typed"], "survey", **self.survey, note="按纸质表补录")],
            ],
            author=clerk.name,
            at=self.now - 3 * HOUR,
        )
        await self.auth.revoke(self.village, self.phone("zhiyuan3").device)

    async def come_in(self) -> Evening:
        """Phone after phone comes back into reach."""
        for login, phone in self.evening.handsets.items():
            if not phone.waiting:
                continue
            scope = await self.auth.scope(phone.account)
            revoked = login == "zhiyuan3"
            pushed = await self.registry.push(
                self.village,
                Batch(
                    device=phone.device,
                    ops=phone.waiting,
                    arrival=self.now,
                    author=phone.account.name,
                    generation=1,
                    first=1,
                    offset=-phone.skew,
                    clock=1,
                    buckets=frozenset(() if revoked else scope.buckets),
                    ended=scope.ended,
                    role=phone.account.role,
                ),
            )
            self.evening.pushed[login] = pushed
            self._note(phone, pushed)
        return self.evening

    def _note(self, phone: Handset, pushed: Pushed) -> None:
        said = [verdict["verdict"] for verdict in pushed.verdicts]
        receipt = {
            "device": phone.device, "at": self.now, "ops": pushed.applied, "changes": pushed.changes,
            "conflicts": said.count("conflict"), "held": said.count("held"),
            "refused": said.count("quarantined") + said.count("malformed"), "rows_sent": 0,
            "agreed": False,
        }  # fmt: skip
        self.registry.note_sync(self.village, receipt, agreed_rev=None)

    # Small parts of stories

    def _visit(self, login: str, child: Row) -> str:
        id = uuid7()
        self.phone(login).save(
            new(id, "visit", household_id=child.fields["household_id"], child_id=child.id,
                visit_kind="2", channel="1", met__C=True, living="A", study="B", mood="A",
                safety="A", health="A", guardian_duty="Y", occurred_on=self.today),
        )  # fmt: skip
        return id

    def _home(self, grid: str) -> Row:
        """A household of a grid that no story has taken."""
        taken = {self.rows[id].fields.get("household_id") for id in self.used}
        found = next(
            row
            for row in self.kind("household")
            if str(row.fields["grid_code"]).endswith(grid)
            and row.id not in taken
            and row.id not in self.used
        )
        self.used.add(found.id)
        return found

    def _lives_in(self, child: Row) -> list[Row]:
        home = child.fields["household_id"]
        people: Iterable[Row] = (*self.kind("person"), *self.kind("child"))
        return [row for row in people if row.fields.get("household_id") == home]


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, SHANGHAI).date().isoformat()
