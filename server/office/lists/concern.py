"""Children who need more: focus children, and candidates for hardship aid. Labels are the neutral ones."""

from collections.abc import Iterator, Mapping

from server.office.lists.gaps import open_plans
from server.office.lists.helping import named
from server.office.lists.kinds import (
    CARE,
    CHILD,
    GRID,
    HELPER,
    RISK,
    Column,
    Desk,
    Filter,
    Kind,
    Line,
    coded,
    codes_of,
    of_child,
)
from server.office.register import text_of
from server.office.statistics.book import day_of
from server.office.statistics.marks import yuan
from server.office.statistics.slots import add_days
from server.office.text import translate
from server.programme.derive import aid_total_fen
from server.registry import Row

PLANS = {"yes": "有方案", "no": "没有方案"}
SIGNS = {
    "tag": "困难关注", "welfare": "享受救助", "income": "靠救助或接济", "health": "患病或残疾",
    "house": "危房", "capacity": "在家一方重病重残", "care": "生活上缺照顾",
}  # fmt: skip
AIDED = {"never": "没有资助过", "old": "半年以上没有", "recent": "半年以内有"}
WELFARE = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "10"})
GIVEN = frozenset({"3", "4"})


def focus(desk: Desk) -> Iterator[Line]:
    plans = open_plans(desk)
    for child in desk.book.children:
        if tags := [str(it) for it in child.fields.get("focus_tag") or ()]:
            plan = plans.get(child.id)
            seen = max(
                (day_of(it) for it in desk.book.by_child("visit").get(child.id, ())), default=None
            )
            yield of_child(
                desk,
                child,
                {
                    "tags": desk.code("focus_tag", tags),
                    "reason": text_of(child.fields, "focus_reason") or None,
                    "since": text_of(child.fields, "focus_on") or None,
                    "plan": desk.code("plan_kind", plan.fields.get("kind")) if plan else None,
                    "seen_on": seen,
                },
                {"tag": tags, "plan": ("yes",) if plan else ("no",)},
            )  # fmt: skip


def hardship(desk: Desk) -> Iterator[Line]:
    for child in desk.book.children:
        home = desk.book.register.household_of(child)
        signs = [name for name, it in _signs(child, home.fields if home else {}).items() if it]
        if not signs:
            continue
        given = desk.book.by_child("aid").get(child.id, ())
        last = max((day_of(it) for it in given), default=None)
        period = _half_year(desk)
        aided = (
            "never"
            if last is None
            else "old"
            if last <= add_days(desk.book.on, -period)
            else "recent"
        )
        yield of_child(
            desk,
            child,
            {
                "signs": translate(desk.language, "、").join(
                    translate(desk.language, SIGNS[it]) for it in signs
                ),
                "n": len(signs),
                "aided": translate(desk.language, AIDED[aided]),
                "last_on": last,
                "sum": yuan(sum(aid_total_fen(it.fields) for it in given)) if given else None,
                "welfare": desk.code("welfare", home.fields.get("welfare")) if home else None,
            },
            {"sign": signs, "aided": (aided,)},
            alerts=("aided",) if aided != "recent" else (),
        )  # fmt: skip


def _signs(child: Row, home: Mapping[str, object]) -> Mapping[str, bool]:
    def several(fields: Mapping[str, object], name: str) -> set[str]:
        value = fields.get(name)
        return set(map(str, value)) if isinstance(value, list) else set()

    income = several(home, "income_source")
    return {
        "tag": "DIFF" in several(child.fields, "focus_tag"),
        "welfare": bool(several(home, "welfare") & WELFARE),
        "income": bool(income) and income <= GIVEN,
        "health": child.fields.get("health") in ("3", "6"),
        "house": home.get("house_safety") == "C",
        "capacity": child.fields.get("home_parent_capacity") in ("N1", "N2"),
        "care": "L1" in several(child.fields, "need_lack"),
    }


def _half_year(desk: Desk) -> int:
    """Days between two gifts, by the rule."""
    return next(it.every_days[""] for it in desk.book.register.rules if it.name == "aid_half_year")


KINDS = (
    Kind(
        "focus",
        "重点对象",
        "有重点标签的留守儿童，标签用中性的说法。只给村官和督导员看，每看一次记进审计。",
        (
            *CHILD,
            Column("tags", "重点", of="child.focus_tag", width=22),
            Column("reason", "原因", of="child.focus_reason", width=28),
            Column("since", "从何时", of="child.focus_on"),
            Column("plan", "方案", of="plan.kind", width=14),
            Column("seen_on", "最近走访", of="visit.occurred_on"),
            CARE[2],
            *CARE[:2],
        ),
        (Filter("tag", "重点", coded("focus_tag"), codes_of("focus_tag")), named(PLANS, "plan", "方案"), GRID, HELPER, RISK),
        focus,
        "没有重点对象",
        "在孩子的档案里写上重点和原因，就列在这里。",
        is_scoped=True,
        action="read_focus",
        is_logged=True,
    ),
    Kind(
        "hardship",
        "资助候选",
        "有一项以上困难情形的留守儿童：困难关注、享受救助、靠救助或接济、患病或残疾、危房、在家一方重病重残、生活上缺照顾。每看一次记进审计。",
        (
            *CHILD,
            Column("signs", "困难情形", of="household.welfare", width=32),
            Column("n", "几项", is_number=True, of="household.welfare"),
            Column("aided", "资助", of="aid.occurred_on", width=14),
            Column("last_on", "最近资助", of="aid.occurred_on"),
            Column("sum", "资助合计（元）", is_default=False, of="aid.cash_fen", width=14),
            Column("welfare", "救助情况", is_default=False, of="household.welfare", width=20),
            CARE[2],
            *CARE[:2],
        ),
        (named(SIGNS, "sign", "困难情形"), named(AIDED, "aided", "资助"), GRID, HELPER, RISK),
        hardship,
        "没有困难情形",
        "摸底时记下救助情况、身体状况和住房，符合的列在这里。",
        is_scoped=True,
        of_type="aid",
        is_logged=True,
    ),
)  # fmt: skip
