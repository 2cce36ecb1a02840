"""What is recorded: a surveyor `a`, another `b` whose clock is a day behind, a volunteer `v`."""

from __future__ import annotations

from typing import Any

from sync import RecordId
from tests.helpers import change, create

from .stage import CODE, Stage
from .stage import record_id as id

DAY = 86_400_000
HOUR = 3_600_000
GRID = [id(1), id(2)]
HOMES = [id(100 + n) for n in range(30)]
AWAY = id(130)
"""A household of grid 02."""
CHILDREN = [id(200 + n) for n in range(3)]
HELPER, PAIRING, ALIAS = id(300), id(301), id(302)
NEW_HOME, NEW_CHILD, NEW_PARENT, NEW_SURVEY, NEW_VISIT = (id(400 + n) for n in range(5))
BRANCH_HOME, LOST_HOME, LATE_HOME = (id(410 + n) for n in range(3))


async def tell(stage: Stage) -> None:
    await stage.found()
    await settle_the_village(stage)
    for login, role, grids in (("a", "surveyor", [1]), ("b", "surveyor", [1, 2])):
        await stage.person(login, role, *grids)
    await stage.person("v", "volunteer", helper_id=HELPER)
    for login in "abv":
        await stage.enrol(login)
    await first_pulls(stage)
    evening = await an_evening(stage)
    await conflicts(stage)
    await what_cannot_be_taken(stage)
    await gaps_and_forks(stage, evening)
    await repair(stage)
    await records_that_are_one(stage)
    await scope(stage)
    await a_restored_server(stage)
    await the_end(stage)
    await refusals(stage)


def grid(number: int) -> str:
    return f"{CODE}{number:02d}"


async def settle_the_village(stage: Stage) -> None:
    for n in (1, 2):
        await stage.commit(
            create(GRID[n - 1], "grid", grid_code=grid(n), name=f"{'上下'[n - 1]}坪组")
        )
    for n, home in enumerate(HOMES):
        name, road = f"谷大叔{n}", "上坪组 " + "远" * 400
        await stage.commit(
            create(home, "household", grid_code=grid(1), head_name=name, address=road)
        )
    await stage.commit(create(AWAY, "household", grid_code=grid(2), head_name="石大叔甲"))
    for n, (child, name) in enumerate(zip(CHILDREN, ("谷小满", "谷梓涵", "谷子涵"), strict=True)):
        await stage.commit(
            create(child, "child", household_id=HOMES[n], name=name, sex="2", risk_level="G",
                   birth_date="2016-05-20", hobby__01=True)
        )  # fmt: skip
    await stage.commit(
        create(HELPER, "helper", name="安老师", helper_kind="T", active="Y"),
        create(PAIRING, "pairing", child_id=CHILDREN[0], helper_id=HELPER, from_on="2026-09-01"),
    )


def op(
    stage: Stage, age: int, *changes: dict[str, Any], skew: int = 0, **more: Any
) -> dict[str, Any]:
    """An op saved `age` ms before now, by a clock that is `skew` behind."""
    head = {"at": stage.clock.now - age - skew, "clock": 1, "contact": 0, "schema": ""}
    return head | more | {"changes": list(changes)}


def edits(
    record: RecordId, type: str, base: int, set: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {"record": record, "type": type, "base": base, "set": set} | more


def made(record: RecordId, type: str, **fields: Any) -> dict[str, Any]:
    return edits(record, type, 0, {"present": True, **fields})


def rev(stage: Stage, phone: str, record: RecordId) -> int:
    """The rev of a record on a phone; any number while a recording is asked again."""
    row = stage.phones[phone].row(record)
    return int(row[2]) if row else 0


async def first_pulls(stage: Stage) -> None:
    """`a` in pages as small as they get; `b` and `v` at once; then each confirms."""
    for page in range(1, 4):
        await stage.sync("a", f"pulls-page-{page}", budget=16_000)
    await stage.sync("a", "confirms")
    for phone in "bv":
        await stage.sync(phone, "pulls-all")
        await stage.sync(phone, "confirms")


async def an_evening(stage: Stage) -> list[dict[str, Any]]:
    """Every kind of key; a group of new records; a chain of own edits; the same again."""
    base = rev(stage, "a", CHILDREN[0])
    home = rev(stage, "a", HOMES[0])
    ops = [
        op(stage, 9 * HOUR,
           made(NEW_HOME, "household", grid_code=grid(1), head_name="方大叔甲", population=4),
           made(NEW_CHILD, "child", household_id=NEW_HOME, name="方立夏", school_distance_km="2.5",
                **{"hobby/02": True, "hobby/01": True,
                   "phones/k3f9": {"number": "10000001234", "owner": "方大叔甲"}}),
           made(NEW_PARENT, "person", household_id=NEW_HOME, name="方大叔甲"),
           made(NEW_SURVEY, "survey", household_id=NEW_HOME, occurred_on="2026-11-20", result="1")),
        op(stage, 8 * HOUR,
           edits(CHILDREN[0], "child", base, {
               "talent": "唱歌", "school_name": "青禾小学", "hobby/01": False, "hobby/03": True,
               "phones/a1b2": {"number": "10000005678"}})),
        op(stage, 7 * HOUR,
           edits(CHILDREN[0], "child", base, {
               "talent": "画画", "school_name": None, "phones/a1b2": None,
               "phones/c3d4": {"number": "10000009999", "replaces": "a1b2"}},
               prev={"talent": 2, "school_name": 2, "phones/a1b2": 2})),
        op(stage, 6 * HOUR, made(NEW_VISIT, "visit", household_id=HOMES[0], child_id=CHILDREN[0],
                                 occurred_on="2026-11-21", note="都好 e\u0301")),
        op(stage, 5 * HOUR, edits(HOMES[0], "household", home, {"population": 5})),
        op(stage, 4 * HOUR, edits(HOMES[29], "household", rev(stage, "a", HOMES[29]), {"present": False})),
    ]  # fmt: skip
    await stage.sync("a", "pushes-every-kind-of-key", ops)
    await stage.sync("a", "pushes-it-again", ops, first=1)
    await stage.sync("a", "is-idle")
    return ops


async def conflicts(stage: Stage) -> None:
    """`b` has not pulled since: other values, a graver risk, a delete that missed an edit."""
    base, home = rev(stage, "b", CHILDREN[0]), rev(stage, "b", HOMES[0])
    await stage.sync(
        "b", "conflicts",
        [
            op(stage, 3 * HOUR, edits(HOMES[0], "household", home, {"population": 6}), skew=DAY),
            op(stage, 3 * HOUR, edits(CHILDREN[0], "child", base, {
                "talent": "画画", "risk_level": "O", "hobby/01": True}), skew=DAY),
            op(stage, 2 * HOUR, edits(HOMES[0], "household", home, {"present": False}), skew=DAY),
        ],
        skew=DAY,
    )  # fmt: skip
    await stage.sync(
        "a", "is-held",
        [op(stage, HOUR, edits(CHILDREN[0], "child", rev(stage, "a", CHILDREN[0]) , {"risk_level": "Y"}))],
    )  # fmt: skip
    await stage.sync("a", "cannot-settle", [
        op(stage, 0, edits(CHILDREN[0], "child", rev(stage, "a", CHILDREN[0]), {"risk_level": "G"}))])  # fmt: skip
    await stage.commit(change(CHILDREN[0], "child", await stage.head(), wish="一本字典"))


async def what_cannot_be_taken(stage: Stage) -> None:
    """Malformed ops among good ones; ops beyond scope or role."""
    home = HOMES[1]
    base = rev(stage, "a", home)
    good = op(stage, 0, edits(home, "household", base, {"away_count": 2}))
    await stage.sync(
        "a", "pushes-malformed",
        [
            {"at": 1},
            op(stage, 0, edits(home, "household", base, {"Bad Key": 1})),
            op(stage, 0, edits(home, "household", base, {"population": 1.5})),
            op(stage, 0, edits(home, "child", base, {"name": "另一种"})),
            op(stage, 0, edits(NEW_VISIT, "visit", base, {"note": "改"})),
            good,
        ],
    )  # fmt: skip
    await stage.sync(
        "a", "pushes-beyond-scope",
        [op(stage, 0, edits(AWAY, "household", 1, {"population": 1}))],
    )  # fmt: skip
    await stage.sync(
        "v", "pushes-beyond-role",
        [op(stage, 0, edits(CHILDREN[0], "child", rev(stage, "v", CHILDREN[0]), {"name": "改名"})),
         op(stage, 0, made(id(500), "visit", household_id=HOMES[0], child_id=CHILDREN[0],
                           occurred_on="2026-11-22"))],
    )  # fmt: skip


async def gaps_and_forks(stage: Stage, evening: list[dict[str, Any]]) -> None:
    """A phone that was rolled back to its second op goes another way from there."""
    branch = op(
        stage, HOUR, made(BRANCH_HOME, "household", grid_code=grid(1), head_name="安大叔甲")
    )
    await stage.sync("a", "leaves-a-gap", [branch], first=stage.phones["a"].seq + 7)
    await stage.sync("a", "uses-a-seq-twice", [*evening[:2], branch], first=1)
    await stage.sync("a", "goes-on-in-the-new-generation", [branch], first=1)


async def repair(stage: Stage) -> None:
    """Sixteen sums of which the last fits only an empty bucket; then rows by id."""
    await stage.sync("b", "catches-up")
    await stage.sync("b", "compares", compare={"village": ["0" * 32] * 16})
    await stage.sync("b", "fetches", fetch={"grid:01": [HOMES[3], AWAY], "grid:02": [AWAY]})


async def records_that_are_one(stage: Stage) -> None:
    await stage.commit(create(ALIAS, "alias", a=CHILDREN[2], b=CHILDREN[1]))
    await stage.sync("b", "sees-a-stub")
    late = edits(CHILDREN[2], "child", rev(stage, "b", CHILDREN[2]), {"wish": "一支笔"})
    await stage.sync("b", "edits-the-stub", [op(stage, 0, late)])
    await stage.commit(change(ALIAS, "alias", await stage.head(), present=False))
    await stage.sync("b", "sees-them-apart")


async def scope(stage: Stage) -> None:
    """`a` moves to grid 02; a household moves to it as well."""
    before = stage.clock.now
    await stage.auth.update_account(await stage.account("a"), grids=[grid(2)])
    stage.clock.now += 10_000
    home = HOMES[2]
    edit = edits(home, "household", rev(stage, "a", home), {"population": 3})
    await stage.sync("a", "brings-work-of-the-lost-grid", [
        op(stage, 11_000, edit, contact=before - 1), op(stage, 0, edit, contact=before + 9_000)])  # fmt: skip
    await stage.sync("a", "pulls-the-new-grid")
    await stage.commit(change(HOMES[4], "household", await stage.head(), grid_code=grid(2)))
    await stage.sync("a", "gets-what-moved")
    await stage.sync("b", "sees-it-move")


async def a_restored_server(stage: Stage) -> None:
    await stage.back_up()
    await stage.sync("b", "is-told-what-is-kept")
    lost = op(stage, HOUR, made(LOST_HOME, "household", grid_code=grid(1), head_name="白大叔甲"))
    answer = await stage.sync("b", "pushes-what-will-be-lost", [lost])
    await stage.restore()
    await stage.sync("b", "hears-of-a-new-epoch", lost=LOST_HOME)
    seq = stage.phones["b"].seq
    again = {**lost, "rev": answer["revs"][0]}
    fresh = op(stage, 0, made(LATE_HOME, "household", grid_code=grid(1), head_name="柳大叔甲"))
    await stage.sync("b", "offers-again", [again, fresh], first=seq)
    await stage.sync("b", "is-idle")


async def the_end(stage: Stage) -> None:
    await stage.revoke("a")
    late = op(stage, 0, made(id(501), "household", grid_code=grid(2), head_name="夏大叔甲"))
    await stage.sync("a", "is-revoked-and-hands-in", [late])


async def refusals(stage: Stage) -> None:
    def whole(**spoiled: Any) -> Any:
        held = stage.phones["b"]
        request = {**held.request(), "now": stage.clock.now, "first": 1, **spoiled}
        return {key: value for key, value in request.items() if value is not None}

    for name, phone, make in (
        ("no-magic", "b", lambda: whole(magic="html")),
        ("another-protocol", "b", lambda: whole(protocol=99)),
        ("a-field-missing", "b", lambda: whole(device=None)),
        ("a-field-of-another-kind", "b", lambda: whole(pull=[])),
        ("another-village", "b", lambda: whole(village="990000999999")),
        ("too-many-ops", "b", lambda: whole(ops=[{}] * 2001)),
        ("nobodys-token", "nobody", whole),
    ):
        await stage.call(f"refused-{name}", "/api/sync", phone, make)
    await stage.call(
        "refused-used-code", "/api/enrol/peek", "b", lambda: {"code": stage.names["{code b}"]}
    )
