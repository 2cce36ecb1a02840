"""What is missing: fields behind every rate, needs without a plan, files nobody has touched for long."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.office import values
from server.office.conflict_view import whose_of
from server.office.lists.helping import by_rule, named
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
    of_child,
)
from server.office.register import text_of
from server.office.roster.columns import Cell
from server.office.statistics.book import UNKNOWN
from server.office.statistics.indicators import marks_of, said
from server.office.statistics.marks import Mark, Picks
from server.office.statistics.slots import days_between
from server.office.text import translate
from server.programme import programme
from server.programme.due import created_on
from server.registry import Row


def _missed(mark: Mark) -> bool:
    return not mark.hit


@dataclass(frozen=True, slots=True)
class Rate:
    """Which marks of an indicator are missing something, and what; "" where the marks say it themselves."""

    picks: Picks = _missed
    words: str = ""


RATES: Mapping[str, Rate] = {
    "files": Rate(),
    "five_clears": Rate(),
    "cards": Rate(words="180 天内核实过的电话"),
    "enrolment": Rate(words="没有在学"),
    "agreements": Rate(words="委托照护书"),
    "paired": Rate(words="有效结对"),
    "survey": Rate(words="摸底没有完成"),
    "carers": Rate(lambda mark: mark.groups.get("carer_kind") == UNKNOWN, "主要照护人"),
    "assess": Rate(lambda mark: mark.groups.get("assess") == UNKNOWN, "监护评估"),
    "left_behind": Rate(lambda mark: mark.sort == "unclear", "留守类型或出生日期"),
}
AGES = {"365": "1 年以上", "180": "180 天以上", "90": "90 天以上", "30": "30 天以上"}
LACKS = ("L1", "L2", "L3", "L4", "L5")


def missing(desk: Desk) -> Iterator[Line]:
    for name, rate in RATES.items():
        for mark in marks_of(name, desk.book):
            row = desk.row(mark.record)
            if row is not None and rate.picks(mark):
                yield _gap(desk, row, name, [name] if rate.words else mark.words.split())


def _gap(desk: Desk, row: Row, rate: str, items: Sequence[str]) -> Line:
    cells: dict[str, Cell] = {
        "rate": _rate_words(desk, rate),
        "item": translate(desk.language, "、").join(
            dict.fromkeys(_item_words(desk, it) for it in items)
        ),
        "n": len(items),
    }
    marks = {"rate": (rate,), "item": items}
    if row.type == "child":
        return of_child(desk, row, cells, marks)
    name, grid = whose_of(row.id, desk.book.register, desk.language), desk.grid(row)
    return Line(
        row.id,
        {"name": name, "grid": desk.book.register.grid_names.get(grid), **cells},
        {"grid": (grid or UNKNOWN,), "helper": (UNKNOWN,), **marks},
        order={"grid": grid},
        names=(name,),
    )


def _rate_words(desk: Desk, name: str) -> str:
    return values.label(programme().indicators[name], desk.language)


def _item_words(desk: Desk, item: str) -> str:
    if item in RATES:
        return translate(desk.language, RATES[item].words)
    return said(item, desk.language)


def needs(desk: Desk) -> Iterator[Line]:
    planned = open_plans(desk)
    for child in desk.book.children:
        lacks = [it for it in child.fields.get("need_lack") or () if it in LACKS]
        if lacks and child.id not in planned:
            yield of_child(
                desk,
                child,
                {
                    "lacks": desk.code("need_lack", lacks),
                    "n": len(lacks),
                    "wish": text_of(child.fields, "wish") or None,
                },
                {"lack": lacks},
            )


def open_plans(desk: Desk) -> Mapping[str, Row]:
    """Child -> a plan that is drawn up or running."""
    return {
        text_of(it.fields, "child_id"): it
        for it in desk.book.register.kind("plan")
        if it.fields.get("state") != "CLOSED"
    }


def stale(desk: Desk) -> Iterator[Line]:
    """The children who count, the longest untouched first."""
    book, seen = desk.book, by_rule(desk.book, "stale_file")
    period = next(it for it in book.register.rules if it.name == "stale_file").every_days[""]
    lines = []
    for child in book.children:
        files = [child, *_rest_of_file(desk, child)]
        changed = max(desk.changed.get(it.id) or created_on(it.id, book.on) for it in files)
        due = seen.get(child.id)
        last = due.last_on if due else None
        days = max(0, days_between(max(changed, last or ""), book.on))
        cells: dict[str, Cell] = {"days": days, "changed_on": changed, "seen_on": last}
        marks = {"age": [it for it in AGES if days > int(it)]}
        lines.append(of_child(desk, child, cells, marks, alerts=("days",) if days > period else ()))
    yield from sorted(lines, key=lambda it: -int(str(it.cells["days"])))


def _rest_of_file(desk: Desk, child: Row) -> Iterator[Row]:
    """The household, and the child's parents and carers with their links."""
    register = desk.book.register
    if home := register.household_of(child):
        yield home
    for kind, pointer in (("parent_link", "parent_id"), ("guardianship", "carer_id")):
        for link in register.pointing(kind, "child_id", child.id):
            yield link
            if person := desk.row(link.fields.get(pointer)):
                yield person


KINDS = (
    Kind(
        "missing",
        "缺项",
        "每个率里没有算上的，逐个列出缺什么；和统计里“没有算上的”同一批。",
        (
            Column("rate", "哪个率", of="child.name", width=16),
            *CHILD[:2],
            Column("item", "缺什么", of="child.name", width=40),
            Column("n", "缺几项", is_number=True, of="child.name"),
            CHILD[2],
            *CARE,
        ),
        (Filter("rate", "哪个率", _rate_words, tuple(RATES)), Filter("item", "缺什么", _item_words), GRID, HELPER),
        missing,
        "什么也不缺",
        "每个率该有的都有了。",
        is_scoped=True,
    ),
    Kind(
        "needs",
        "有困难没有措施",
        "五缺里有一项以上，没有拟定或执行中方案的留守儿童。",
        (
            *CHILD,
            Column("lacks", "缺什么", of="child.need_lack", width=40),
            Column("n", "缺几项", is_number=True, of="child.need_lack"),
            Column("wish", "心愿", is_default=False, of="child.wish", width=24),
            CARE[2],
            *CARE[:2],
        ),
        (Filter("lack", "缺什么", coded("need_lack"), LACKS), GRID, HELPER, RISK),
        needs,
        "没有落下的",
        "有困难的孩子都有方案；打开孩子的档案可以写方案。",
        is_scoped=True,
        of_type="plan",
        is_logged=True,
    ),
    Kind(
        "stale",
        "久未更新的档案",
        "多少天没动：从最近一次改动到村里，或最近一次调查、走访、谈话、体检算起，取晚的一个；和规则“档案长期没有更新”同一个日期。",
        (
            *CHILD,
            Column("days", "多少天没动", is_number=True, of="child.name"),
            Column("changed_on", "最近改动", of="child.name"),
            Column("seen_on", "最近调查走访", of="visit.occurred_on", width=14),
            CARE[2],
            *CARE[:2],
        ),
        (named(AGES, "age", "多久没动"), GRID, HELPER, RISK),
        stale,
        "还没有留守儿童",
        "登记了留守儿童以后，这里看谁的档案很久没有动过。",
        is_scoped=True,
        asks_changed=True,
    ),
)  # fmt: skip
