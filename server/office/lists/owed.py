"""What has to be done by when: everything a rule asks for, tasks, birthdays, and parents who are expected home."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from server.office import values
from server.office.conflict_view import whose_of
from server.office.dues import all_due
from server.office.lists.helping import named
from server.office.lists.kinds import (
    CARE,
    CHILD,
    GRID,
    HELPER,
    NAME,
    RISK,
    Column,
    Desk,
    Filter,
    Kind,
    Line,
    coded,
    codes_of,
    grouped,
    of_child,
)
from server.office.month import is_late
from server.office.register import text_of
from server.office.statistics.book import UNKNOWN
from server.office.statistics.slots import days_between
from server.office.text import translate
from server.programme.due import Due, birthdays, homecomings
from server.registry import Row

STATES = {"overdue": "逾期", "this_week": "本周到期", "later": "以后"}
TASKS = {"late": "过期未完成", "TODO": "待办", "DONE": "完成", "CANCEL": "取消"}
WITHIN = {"7": "7 天以内", "30": "30 天以内", "90": "90 天以内"}
WHO = {"child": "孩子", "parent": "父母"}


def due(desk: Desk) -> Iterator[Line]:
    rules = desk.book.register.rules
    labels = {rule.name: values.label(rule.label, desk.language) for rule in rules}
    for it in all_due(desk.book.register, desk.book.on):
        yield _due_line(desk, it, labels[it.rule])


def _due_line(desk: Desk, it: Due[Row], rule: str) -> Line:
    late = max(0, days_between(it.due_on, desk.book.on))
    cells = {
        "due_on": it.due_on,
        "state": translate(desk.language, STATES[it.state]),
        "late": late or None,
        "rule": rule,
        "last_on": it.last_on,
    }
    marks = {"state": (it.state,), "rule": (it.rule,)}
    alerts = ("state",) if it.state == "overdue" else ()
    child = (
        it.subject if it.subject.type == "child" else desk.row(it.subject.fields.get("child_id"))
    )
    if child is not None:
        line = of_child(desk, child, cells, marks, id=it.subject.id, alerts=alerts)
    else:
        name, grid = (
            whose_of(it.subject.id, desk.book.register, desk.language),
            desk.grid(it.subject),
        )
        shown = {"name": name, "grid": desk.book.register.grid_names.get(grid), **cells}
        own = {"grid": (grid or UNKNOWN,), "risk": (UNKNOWN,), "helper": (UNKNOWN,), **marks}
        line = Line(it.subject.id, shown, own, alerts=alerts, order={"grid": grid}, names=(name,))
    return replace(line, order={**line.order, "state": it.due_on})


def tasks(desk: Desk) -> Iterator[Line]:
    found = desk.book.register.kind("task")
    for task in sorted(
        found,
        key=lambda it: (
            _task(it, desk.book.on) not in ("late", "TODO"),
            text_of(it.fields, "due_on"),
            it.id,
        ),
    ):
        state, title = _task(task, desk.book.on), text_of(task.fields, "title")
        who, source = text_of(task.fields, "assignee_id"), text_of(task.fields, "source")
        grid = desk.row(task.fields.get("grid_id"))
        yield Line(
            task.id,
            {
                "title": title,
                "due_on": text_of(task.fields, "due_on") or None,
                "state": translate(desk.language, TASKS[state]),
                "who": desk.name(who) or None,
                "source": desk.code("task_source", source),
                "grid": desk.book.register.name_of(grid) or None,
                "done": text_of(task.fields, "evidence") or None,
            },
            {"state": (state,), "helper": (who or UNKNOWN,), "source": (source or UNKNOWN,)},
            links={"who": who},
            alerts=("state",) if state == "late" else (),
            names=(title, desk.name(who)),
        )


def _task(task: Row, on: str) -> str:
    state = text_of(task.fields, "state")
    return "late" if is_late(task, on) else state if state in ("DONE", "CANCEL") else "TODO"


def _within(on: str, day: str) -> Sequence[str]:
    return [it for it in WITHIN if days_between(on, day) < int(it)]


def born(desk: Desk) -> Iterator[Line]:
    """Of the children who count and their parents, as far as the day is known, for the coming 90 days."""
    book = desk.book
    children = {it.id: it for it in book.children}
    of_parent: dict[str, tuple[Row, Row]] = {}
    for it in book.register.kind("parent_link"):
        of = children.get(text_of(it.fields, "child_id"))
        parent = desk.row(it.fields.get("parent_id"))
        if of is not None and parent is not None and parent.fields.get("alive") in (None, "", "Y"):
            of_parent.setdefault(parent.id, (of, it))
    people = [*children.values(), *(row for id in of_parent if (row := desk.row(id)))]
    link: Row | None
    for day, person in birthdays(people, book.on, int([*WITHIN][-1])):
        child, link = of_parent.get(person.id, (person, None))
        who = "child" if link is None else "parent"
        relation = desk.code("parent_relation", link.fields.get("relation")) if link else None
        line = of_child(
            desk,
            child,
            {
                "day": day,
                "who": translate(desk.language, WHO[who]) if link is None else relation,
                "person": desk.book.register.name_of(person),
                "turns": int(day[:4]) - int(text_of(person.fields, "birth_date")[:4]),
            },
            {"within": _within(book.on, day), "who": (who,), "month": (day[:7],)},
            id=person.id,
        )
        yield replace(line, links={"name": child.id, "person": person.id})


def coming(desk: Desk) -> Iterator[Line]:
    """Parents of the children who count."""
    book = desk.book
    links = [
        it for it in book.register.kind("parent_link") if it.fields.get("child_id") in book.ids
    ]
    for day, link in homecomings(links, book.on, int([*WITHIN][-1])):
        child, parent = (
            desk.row(link.fields.get("child_id")),
            desk.row(link.fields.get("parent_id")),
        )
        if child is None:
            continue
        area = text_of(link.fields, "work_area_code")
        phones = values.phones(parent.fields.get("phones")) if parent else []
        line = of_child(
            desk,
            child,
            {
                "day": day,
                "parent": desk.book.register.name_of(parent) or None,
                "relation": desk.code("parent_relation", link.fields.get("relation")),
                "habit": desk.code("home_habit", link.fields.get("home_habit")),
                "where": desk.code("work_area", area),
                "call": str(phones[0].get("number", "")) if phones else None,
            },
            {"within": _within(book.on, day)},
            id=link.id,
        )
        yield replace(line, links={"name": child.id, **({"parent": parent.id} if parent else {})})


def _rule_words(desk: Desk, name: str) -> str:
    labels: Mapping[str, str] = {
        it.name: values.label(it.label, desk.language) for it in desk.book.register.rules
    }
    return labels.get(name, name)


KINDS = (
    Kind(
        "due",
        "应做的",
        "按频次规则该做的每一件，逾期：应做日期在今天以前。手机上的名单用同一条规则；帮扶人按最早的有效结对算。",
        (
            Column("due_on", "应做日期", of="visit.occurred_on"),
            Column("state", "期限", of="visit.occurred_on"),
            Column("late", "逾期天数", is_number=True, of="visit.occurred_on"),
            *CHILD,
            Column("rule", "做什么", of="visit.occurred_on", width=22),
            Column("last_on", "上一次", of="visit.occurred_on"),
            CARE[2],
            *CARE[:2],
        ),
        (named(STATES, "state", "期限"), GRID, HELPER, RISK, Filter("rule", "做什么", _rule_words)),
        due,
        "没有到期的事",
        "登记了留守儿童以后，这里按规则列出该做什么。",
    ),
    Kind(
        "tasks",
        "工作任务",
        "过期未完成：应完成日期在今天以前，还没有完成也没有取消。",
        (
            Column("title", "任务", of="task.title", width=36),
            Column("due_on", "应完成日期", of="task.due_on"),
            Column("state", "状态", of="task.state"),
            Column("who", "负责人", of="task.assignee_id"),
            Column("source", "来源", of="task.source"),
            Column("grid", "网格", is_default=False, of="task.grid_id"),
            Column("done", "完成情况", is_default=False, of="task.evidence", width=36),
        ),
        (
            named(TASKS, "state", "状态"), Filter("helper", "负责人", HELPER.words_of, unknown="没有负责人"),
            Filter("source", "来源", coded("task_source"), codes_of("task_source")),
        ),
        tasks,
        "还没有任务",
        "到“活动与计划”里按行事历排一年的任务。",
        of_type="task",
        makes="task",
    ),
    Kind(
        "birthdays",
        "生日",
        "今天起 90 天内过生日的留守儿童和他们的父母；只知道年月的、按农历记的不算。",
        (
            Column("day", "日期", of="child.birth_date"),
            Column("person", "谁过生日", of="child.name"),
            Column("who", "关系", of="parent_link.relation"),
            Column("turns", "满几岁", is_number=True, of="child.birth_date"),
            NAME,
            *CHILD[1:],
            *CARE,
        ),
        (named(WITHIN, "within", "多久以内"), named(WHO, "who", "谁"), Filter("month", "月份", grouped("month")), GRID, HELPER),
        born,
        "90 天内没有人过生日",
        "填了出生日期的孩子和父母，到时候列在这里。",
        is_scoped=True,
    ),
    Kind(
        "homecomings",
        "家长要回来",
        "预计返乡日期在今天起 90 天内的留守儿童父母。",
        (
            Column("day", "预计返乡", of="parent_link.next_home_on"),
            Column("parent", "父亲或母亲", of="parent_link.parent_id"),
            Column("relation", "关系", of="parent_link.relation"),
            Column("call", "家长电话", of="person.phones", width=16),
            *CHILD,
            Column("where", "务工地点", of="parent_link.work_area_code", width=18),
            Column("habit", "返乡频率", is_default=False, of="parent_link.home_habit"),
            *CARE,
        ),
        (named(WITHIN, "within", "多久以内"), GRID, HELPER, RISK),
        coming,
        "90 天内没有家长预计回来",
        "走访时问一问家长什么时候回来，填了就列在这里。",
        is_scoped=True,
        of_type="parent_link",
    ),
)  # fmt: skip
