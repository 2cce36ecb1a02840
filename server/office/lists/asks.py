"""Who asked for help, and what was reported because the law says so: open first, with how long it has been open."""

from collections.abc import Collection, Iterator, Mapping

from server.office.conflict_view import whose_of
from server.office.lists.helping import named
from server.office.lists.kinds import (
    CHILD,
    GRID,
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
from server.office.roster.columns import Cell
from server.office.statistics.book import UNKNOWN, day_of
from server.office.statistics.marks import Mark
from server.office.statistics.services import help_requests
from server.office.statistics.slots import days_between
from server.office.text import translate
from server.registry import Row

STATES = {"open": "未办结", "closed": "已办结"}
OUTCOMES = {"open": "还没有结果", "closed": "有结果"}
OPEN_DAYS = {"7": "7天以内", "30": "8至30天", "31": "超过30天"}
URGENT = ("NOW", "DAY", "NORM")


def requests(desk: Desk) -> Iterator[Line]:
    steps: dict[str, list[Row]] = {}
    for step in desk.book.standing("help_step"):
        if day_of(step) <= desk.book.on:
            steps.setdefault(text_of(step.fields, "help_request_id"), []).append(step)

    def first(mark: Mark) -> tuple[bool, int, str]:
        row = desk.row(mark.record)
        urgency = text_of(row.fields, "urgency") if row else ""
        return mark.hit, URGENT.index(urgency) if urgency in URGENT else len(URGENT), mark.on

    for mark in sorted(help_requests(desk.book), key=first):
        it = desk.row(mark.record)
        if it is None:
            continue
        own = sorted(steps.get(it.id, ()), key=lambda step: (day_of(step), step.id))
        last = own[-1] if own else None
        kind, urgency = text_of(it.fields, "request_kind"), text_of(it.fields, "urgency")
        state = "closed" if mark.hit else "open"
        is_late = not mark.hit and (urgency == "NOW" or mark.amounts["days"] > 7)
        yield _about(
            desk,
            it,
            {
                "on": day_of(it),
                "state": translate(desk.language, STATES[state]),
                "days": None if mark.hit else mark.amounts["days"],
                "urgency": desk.code("urgency", urgency),
                "kind": desk.code("request_kind", kind),
                "by": desk.code("request_by", it.fields.get("by_whom")),
                "handler": text_of(it.fields, "handler") or None,
                "step": desk.code("help_state", last.fields.get("state")) if last else None,
                "step_on": day_of(last) if last else None,
                "late": desk.code("yes_no", "Y" if mark.amounts["late"] else "N"),
            },
            {
                "state": (state,), "kind": (kind or UNKNOWN,), "urgency": (urgency or UNKNOWN,),
                "age": () if mark.hit else (mark.groups["age"],),
            },
            alerts=("state",) if is_late else (),
        )  # fmt: skip


def reports(desk: Desk) -> Iterator[Line]:
    found = [it for it in desk.book.standing("mandatory_report") if day_of(it) <= desk.book.on]
    for it in sorted(found, key=lambda it: (bool(it.fields.get("outcome")), day_of(it), it.id)):
        outcome, kind = text_of(it.fields, "outcome"), text_of(it.fields, "circumstance")
        state = "closed" if outcome else "open"
        days = days_between(day_of(it), desk.book.on)
        yield _about(
            desk,
            it,
            {
                "on": day_of(it),
                "state": translate(desk.language, OUTCOMES[state]),
                "days": None if outcome else days,
                "kind": desk.code("circumstance", kind),
                "to": desk.code("report_to", it.fields.get("reported_to")),
                "at": text_of(it.fields, "reported_at") or None,
                "outcome": outcome or None,
            },
            {"state": (state,), "kind": (kind or UNKNOWN,)},
            alerts=() if outcome else ("state",),
        )


def _about(
    desk: Desk,
    it: Row,
    cells: Mapping[str, Cell],
    marks: Mapping[str, Collection[str]],
    *,
    alerts: Collection[str],
) -> Line:
    """A line about an event of a child, or of a household where no child is named."""
    child = desk.row(it.fields.get("child_id"))
    if child is not None:
        return of_child(desk, child, cells, marks, id=it.id, alerts=alerts)
    home = desk.row(it.fields.get("household_id"))
    grid = desk.grid(home)
    name = whose_of(home.id, desk.book.register, desk.language) if home else None
    return Line(
        it.id,
        {"name": name, "grid": desk.book.register.grid_names.get(grid), **cells},
        {"grid": (grid or UNKNOWN,), **marks},
        links={"name": home.id} if home else {},
        alerts=alerts,
        order={"grid": grid},
        names=(name or "",),
    )


KINDS = (
    Kind(
        "requests",
        "求助",
        "未办结：还没有写“办结”的一步。立即的，和超过 7 天未办结的，标出来。",
        (
            Column("on", "日期", of="help_request.occurred_on"),
            Column("state", "办理", of="help_step.state"),
            Column("days", "开了几天", is_number=True, of="help_request.occurred_on"),
            Column("urgency", "紧急程度", of="help_request.urgency"),
            Column("kind", "求助内容", of="help_request.request_kind", width=16),
            *CHILD[:2],
            Column("by", "谁求助", is_default=False, of="help_request.by_whom"),
            Column("handler", "由谁处理", of="help_request.handler", width=14),
            Column("step", "最近进展", of="help_step.state"),
            Column("step_on", "进展日期", is_default=False, of="help_step.occurred_on"),
            Column("late", "处理晚了", is_default=False, of="help_step.occurred_on"),
        ),
        (
            named(STATES, "state", "办理"), Filter("urgency", "紧急程度", coded("urgency"), URGENT),
            Filter("kind", "求助内容", coded("request_kind"), codes_of("request_kind")),
            named(OPEN_DAYS, "age", "开了多久"), GRID,
        ),
        requests,
        "没有人求助",
        "手机上和信箱里的求助，来了就列在这里。",
        of_type="help_request",
    ),
    Kind(
        "reports",
        "强制报告",
        "已经向公安等报告的情形。还没有结果：没有写结果。只给办公室和督导员看，每看一次记进审计。",
        (
            Column("on", "日期", of="mandatory_report.occurred_on"),
            Column("state", "结果", of="mandatory_report.outcome", width=14),
            Column("days", "几天了", is_number=True, of="mandatory_report.occurred_on"),
            Column("kind", "发现的情形", of="mandatory_report.circumstance", width=28),
            *CHILD[:2],
            Column("to", "向谁报告", of="mandatory_report.reported_to", width=20),
            Column("at", "报告时间", of="mandatory_report.reported_at"),
            Column("outcome", "怎么处理的", is_default=False, of="mandatory_report.outcome", width=28),
        ),
        (
            named(OUTCOMES, "state", "结果"),
            Filter("kind", "发现的情形", coded("circumstance"), codes_of("circumstance")), GRID,
        ),
        reports,
        "没有强制报告",
        "发现孩子受侵害、独自生活或有危险，先打 110；手机上的紧急求助会带着记下来。",
        of_type="mandatory_report",
        is_logged=True,
    ),
)  # fmt: skip
