"""A helper's children go to another: looked over first, by ordinary edits, and taken back while untouched."""

import html
import re
from typing import Any

import httpx2
import pytest

from server.office.pages import today
from server.registry import Row, uuid7
from tests.helpers import Village, change, create, enrol
from tests.server.office.browser import Browser, assert_refused, words


class Load:
    """Two helpers; the first has two children in grid 1 and one in grid 2."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.giver, self.taker = uuid7(), uuid7()
        self.children: dict[str, str] = {}

    async def make(self) -> "Load":
        for id, name in ((self.giver, "江老师甲"), (self.taker, "叶老师甲")):
            await self.village.commit(
                create(id, "helper", name=name, helper_kind="T", active="Y", max_children=2)
            )
        for name, grid in (("谷小满", 1), ("石惊蛰", 1), ("田立夏", 2)):
            child = await self.village.child(await self.village.household(grid), name=name)
            self.children[name] = child
            await self.pair(child, self.giver)
        return self

    async def pair(self, child: str, helper: str) -> None:
        await self.village.commit(
            create(uuid7(), "pairing", child_id=child, helper_id=helper, kind="TCH", state="V",
                   from_on="2026-01-01", goal="多陪伴")
        )  # fmt: skip

    async def pairings(self, name: str) -> list[Row]:
        rows = await self.village.registry.rows(self.village.code, "pairing")
        own = [it for it in rows if it.fields.get("child_id") == self.children[name]]
        return sorted(own, key=lambda it: it.id)

    async def helpers(self, name: str) -> list[str]:
        """Who has a child now."""
        return [
            it.fields["helper_id"]
            for it in await self.pairings(name)
            if it.fields.get("state") == "V"
        ]


@pytest.fixture
async def load(sqlite_village: Village) -> Load:
    return await Load(sqlite_village).make()


def offered(page: httpx2.Response) -> list[str]:
    return re.findall(r'name="pick" value="([^"]+)"', page.text)


async def look(office: Browser, load: Load, grid: str = "", **more: Any) -> httpx2.Response:
    """Choose all that is offered and look it over."""
    who = {"from": load.giver, "to": load.taker, "grid": grid}
    page = await office.get(f"/office/handover?from={load.giver}&to={load.taker}&grid={grid}")
    form = {**who, "pick": offered(page), "on": today(), "word": "周三走访", "stage": "look"}
    return await office.post("/office/handover", {**form, **more})


async def save(office: Browser, load: Load, page: httpx2.Response, **more: Any) -> httpx2.Response:
    who = {"from": load.giver, "to": load.taker, "on": today(), "word": "周三走访"}
    return await office.post(
        "/office/handover", {**who, "pick": offered(page), "stage": "save", **more}
    )


async def test_a_whole_grid_is_looked_over_and_handed_over_with_the_word_on_both(
    office: Browser, load: Load
) -> None:
    page = await look(office, load, load.village.grid(1))
    assert "谷小满" in words(page)
    assert "田立夏" not in words(page)
    assert await load.helpers("谷小满") == [load.giver]

    done = await save(office, load, page)

    assert "交接了 2 个孩子" in words(done)
    assert await load.helpers("谷小满") == [load.taker]
    assert await load.helpers("石惊蛰") == [load.taker]
    assert await load.helpers("田立夏") == [load.giver]
    old, new = await load.pairings("谷小满")
    assert (old.fields["state"], old.fields["to_on"]) == ("E", today())
    assert (new.fields["from_on"], new.fields["kind"], new.fields["goal"]) == (
        today(), "TCH", "多陪伴",
    )  # fmt: skip
    assert old.fields["handover"] == new.fields["handover"] == "周三走访"
    audit = words(await office.get("/office/audit"))
    assert "移交结对的孩子 江老师甲 · → 叶老师甲 · 2" in audit


async def test_phones_follow_the_hand_over(office: Browser, load: Load) -> None:
    village = load.village
    phones = []
    for number, helper in enumerate((load.giver, load.taker)):
        owner = await village.auth.create_account(
            village.code, login=f"v{number}", name=f"志愿者{number}", role="volunteer",
            helper_id=helper,
        )  # fmt: skip
        phones.append(await enrol(office.client, village.auth, owner))
    for phone in phones:
        await phone.sync()
    child = load.children["谷小满"]
    assert phones[0].row(child) is not None
    assert phones[1].row(child) is None

    await save(office, load, await look(office, load))
    for phone in phones:
        await phone.sync()

    assert phones[0].row(child) is None
    assert phones[1].row(child) is not None
    [_, new] = await load.pairings("谷小满")
    assert phones[1].shown(new.id)["handover"] == "周三走访"


async def test_more_than_was_agreed_is_said_before(office: Browser, load: Load) -> None:
    assert "接的人会有 3 个孩子，约定最多 2 个" in words(await look(office, load))


async def test_a_child_the_other_has_already_gets_no_second_pairing(
    office: Browser, load: Load
) -> None:
    await load.pair(load.children["谷小满"], load.taker)

    await save(office, load, await look(office, load))

    assert await load.helpers("谷小满") == [load.taker]
    assert len(await load.pairings("谷小满")) == 2


async def test_what_somebody_changed_since_it_was_shown_is_left(
    office: Browser, load: Load
) -> None:
    page = await look(office, load, load.village.grid(1))
    [moved] = await load.pairings("谷小满")
    await load.village.commit(change(moved.id, "pairing", moved.rev, goal="辅导作业"))

    done = await save(office, load, page)

    assert "有 1 个刚才有人改过，没有动" in words(done)
    assert await load.helpers("谷小满") == [load.giver]
    assert await load.helpers("石惊蛰") == [load.taker]


async def test_a_hand_over_is_taken_back_save_what_was_touched_since(
    office: Browser, load: Load
) -> None:
    done = await save(office, load, await look(office, load))
    [_, touched] = await load.pairings("石惊蛰")
    await load.village.commit(change(touched.id, "pairing", touched.rev, goal="辅导作业"))

    undo = [html.unescape(it) for it in re.findall(r'name="done" value="([^"]+)"', done.text)]
    await office.post("/office/handover/undo", {"done": undo})

    assert await load.helpers("谷小满") == [load.giver]
    assert await load.helpers("田立夏") == [load.giver]
    assert await load.helpers("石惊蛰") == [load.taker]
    [old] = await load.pairings("谷小满")
    assert "to_on" not in old.fields
    assert "handover" not in old.fields


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on": "2999-01-01"}, "今天或以前"),
        ({"to": ""}, "请选交的人和接的人"),
        ({"word": "长" * 201}, "200 字以内"),
        ({"pick": []}, "还没有选孩子"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_done(
    office: Browser, load: Load, wrong: dict[str, Any], said: str
) -> None:
    answer = await save(office, load, await look(office, load), **wrong)

    assert answer.status_code == 422
    assert said in words(answer)
    assert await load.helpers("谷小满") == [load.giver]


async def test_nobody_takes_over_from_oneself(office: Browser, load: Load) -> None:
    answer = await save(office, load, await look(office, load), to=load.giver)

    assert "是同一个人" in words(answer)


async def test_an_undo_that_is_not_one_is_refused(office: Browser, load: Load) -> None:
    await office.get("/office/handover")
    assert_refused(await office.post("/office/handover/undo", {"done": "x@1"}), 422, "bad_field")


async def test_nobody_takes_over_who_is_no_helper_any_more(office: Browser, load: Load) -> None:
    page = await look(office, load)
    row = await load.village.registry.row(load.village.code, load.taker)
    assert row is not None
    await load.village.commit(change(load.taker, "helper", row.rev, active="N"))

    answer = await save(office, load, page)

    assert answer.status_code == 422
    assert "已经不做帮扶人了" in words(answer)
    assert await load.helpers("谷小满") == [load.giver]


async def test_taking_a_hand_over_back_is_noted(office: Browser, load: Load) -> None:
    done = await save(office, load, await look(office, load))

    undo = [html.unescape(it) for it in re.findall(r'name="done" value="([^"]+)"', done.text)]
    await office.post("/office/handover/undo", {"done": undo})

    assert "撤销移交结对的孩子 江老师甲 · 3" in words(await office.get("/office/audit"))
