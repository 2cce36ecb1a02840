"""三个优先 (B85): whom to help with study first, whom to care for first, whom to take along first; and whether it was done.
The grounds are what the files say; a label of a focus child is none of them."""

from collections.abc import Callable, Iterator, Mapping

from server.office.daily import is_in
from server.office.lines import RISK_ORDER
from server.office.lists.helping import named
from server.office.lists.kinds import (
    CARE,
    CHILD,
    GRID,
    HELPER,
    RISK,
    Column,
    Desk,
    Kind,
    Line,
    of_child,
)
from server.office.register import text_of
from server.office.statistics.book import day_of
from server.office.statistics.children import term_start
from server.office.text import translate
from server.registry import Row

FIRST = {"study": "学习上优先辅导", "life": "生活上优先照顾", "activity": "活动上优先参加"}
SERVED = {"all": "都落实了", "part": "落实了一部分", "none": "还没落实"}
GROUNDS = {
    "result": "成绩待提高", "tutoring": "学习上缺辅导", "tired": "厌学", "daily": "生活上缺照顾",
    "unsafe": "安全上缺保障", "health": "患病或残疾", "welfare": "享受救助", "care": "监护差或无人照护",
    "shy": "自卑、孤僻或忧郁", "alone": "父母都在外", "absent": "本学期没参加过活动",
}  # fmt: skip
WELFARE = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "10"})
HOMEWORK = "11"

Grounds = Mapping[str, Mapping[str, bool]]


def priorities(desk: Desk) -> Iterator[Line]:
    """The children with a priority: most grounds first, of as many the graver risk."""
    served_by = _served(desk)
    lines = []
    for child in desk.book.children:
        found = {
            first: [name for name, holds in grounds.items() if holds]
            for first, grounds in _grounds(desk, child, served_by).items()
        }
        wanted = [first for first, names in found.items() if names]
        if not wanted:
            continue
        done = [first for first in wanted if served_by[first](child)]
        served = "all" if len(done) == len(wanted) else "part" if done else "none"
        n = sum(map(len, found.values()))
        line = of_child(
            desk,
            child,
            {
                **{first: _words(desk, names) for first, names in found.items()},
                "n": n,
                "wanted": len(wanted),
                "done": len(done),
                "served": translate(desk.language, SERVED[served]),
            },
            {"first": wanted, "served": (served,)},
            alerts=("served",) if served == "none" else (),
        )
        lines.append(
            (-len(wanted), -n, -RISK_ORDER.find(text_of(child.fields, "risk_level") or " "), line)
        )
    yield from (it[-1] for it in sorted(lines, key=lambda it: it[:-1]))


def _words(desk: Desk, names: list[str]) -> str | None:
    join = translate(desk.language, "、")
    return join.join(translate(desk.language, GROUNDS[it]) for it in names) or None


def _several(row: Row | None, name: str) -> set[str]:
    value = row.fields.get(name) if row else None
    return set(map(str, value)) if isinstance(value, list) else set()


def _grounds(desk: Desk, child: Row, served_by: Mapping[str, Callable[[Row], bool]]) -> Grounds:
    lacks, mood = _several(child, "need_lack"), _several(child, "temperament")
    link = desk.book.main_carer(child)
    uncared = link is not None and link.fields.get("carer_kind") == "NONE"
    shy, alone = bool(mood & {"11", "12", "13"}), child.fields.get("left_behind_fact") == "B"
    return {
        "study": {
            "result": child.fields.get("school_result") in ("D", "E"),
            "tutoring": "L3" in lacks,
            "tired": "16" in mood,
        },
        "life": {
            "daily": "L1" in lacks,
            "unsafe": "L5" in lacks,
            "health": child.fields.get("health") in ("3", "6"),
            "welfare": bool(_several(desk.book.register.household_of(child), "welfare") & WELFARE),
            "care": uncared or child.fields.get("guardian_assess") == "3",
        },
        # That both parents are away, or that it came to nothing yet, is a ground beside another alone.
        "activity": {
            "shy": shy,
            "alone": shy and alone,
            "absent": shy and not served_by["activity"](child),
        },
    }


def _served(desk: Desk) -> Mapping[str, Callable[[Row], bool]]:
    """Whether a child was tutored, was helped, or took part, this term or by a pairing or plan that runs."""
    book, register = desk.book, desk.book.register
    since = term_start(book.on)
    held = {it.id: it for it in book.standing("activity") if since <= day_of(it) <= book.on}
    came: dict[str, set[str]] = {}
    for it in book.standing("attendance"):
        activity = held.get(text_of(it.fields, "activity_id"))
        if activity is not None:
            kind = text_of(activity.fields, "activity_kind")
            came.setdefault(text_of(it.fields, "person_id"), set()).add(kind)
    learning = {
        text_of(it.fields, "child_id")
        for it in register.kind("group_member")
        if is_in(it, book.on)
        and (group := desk.row(it.fields.get("group_id"))) is not None
        and group.fields.get("kind") == "STUDY"
    }
    plans: dict[str, set[str]] = {}
    for it in register.kind("plan"):
        if it.fields.get("state") == "RUN":
            plans.setdefault(text_of(it.fields, "child_id"), set()).add(text_of(it.fields, "kind"))

    def tutored(child: Row) -> bool:
        taught = any(it.fields.get("kind") == "TCH" for it in book.pairings(child))
        return (
            taught
            or child.id in learning
            or HOMEWORK in came.get(child.id, ())
            or "STUDY" in plans.get(child.id, ())
        )

    def helped(child: Row) -> bool:
        given = (day_of(it) >= since for it in book.by_child("aid").get(child.id, ()))
        return any(given) or bool(plans.get(child.id, set()) - {"STUDY"})

    return {"study": tutored, "life": helped, "activity": lambda child: child.id in came}


KINDS = (
    Kind(
        "priorities",
        "三个优先",
        "学习：成绩待提高、缺辅导或厌学；生活：缺照顾、不安全、患病或残疾、享受救助、监护差；活动：自卑、孤僻或忧郁。"
        "依据多的排在前面，一样多的看风险。落实：学习看结对教师、学习小组、作业辅导或学习方案，生活看本学期的资助慰问或执行中的方案，活动看本学期签到。",
        (
            *CHILD,
            Column("study", "学习上优先辅导", of="child.school_result", width=24),
            Column("life", "生活上优先照顾", of="child.need_lack", width=24),
            Column("activity", "活动上优先参加", of="child.temperament", width=24),
            Column("n", "依据", is_number=True, of="child.need_lack"),
            Column("wanted", "应优先", is_number=True, is_summed=True, of="child.need_lack"),
            Column("done", "已落实", is_number=True, is_summed=True, of="plan.state"),
            Column("served", "落实情况", of="plan.state", width=14),
            CARE[2],
            *CARE[:2],
        ),
        (named(FIRST, "first", "哪个优先"), named(SERVED, "served", "落实情况"), GRID, HELPER, RISK),
        priorities,
        "没有要优先的",
        "档案里写了成绩、五缺、性格和身体状况，这里排出先帮谁。",
        is_scoped=True,
        of_type="plan",
        is_logged=True,
    ),
)  # fmt: skip
