"""Life at the home from day to day: groups of children, books lent, calls booked, and the money it costs."""

from collections.abc import Iterator
from dataclasses import replace

from server.office.daily import (
    booked_at,
    booking_time,
    fen_of,
    loan_state,
    members_of,
    signed_by_group,
)
from server.office.lists.helping import named
from server.office.lists.kinds import (
    CARE,
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
from server.office.statistics.book import UNKNOWN
from server.office.statistics.marks import yuan
from server.office.statistics.slots import days_between
from server.office.text import translate

GOING = {"yes": "在活动", "no": "已结束"}
LOAN_STATES = {"late": "逾期未还", "out": "借出", "back": "已还"}
TIMES = {"today": "今天", "ahead": "以后", "past": "已过没结果", "over": "已有结果"}


def groups(desk: Desk) -> Iterator[Line]:
    register, on = desk.book.register, desk.book.on
    signed = signed_by_group(register)
    for group in register.kind("child_group"):
        kind, name = text_of(group.fields, "kind"), text_of(group.fields, "name")
        going = (text_of(group.fields, "to_on") or on) >= on
        leader = text_of(group.fields, "leader_id")
        meetings = signed.get(group.id, {})
        yield Line(
            group.id,
            {
                "name": name,
                "kind": desk.code("group_kind", kind),
                "subject": text_of(group.fields, "subject") or None,
                "leader": desk.name(leader) or None,
                "place": desk.name(group.fields.get("place_id")) or None,
                "meets": text_of(group.fields, "meets") or None,
                "members": len(members_of(register, group.id, on)),
                "meetings": len(meetings),
                "came": sum(meetings.values()),
                "state": translate(desk.language, GOING["yes" if going else "no"]),
            },
            {"kind": (kind or UNKNOWN,), "state": ("yes" if going else "no",)},
            links={"leader": leader} if desk.row(leader) else {},
            names=(name, text_of(group.fields, "subject")),
        )


def loans(desk: Desk) -> Iterator[Line]:
    """What is late first, then what is out, then what came back."""
    found = [(loan_state(it, desk.book.on), it) for it in desk.book.register.kind("loan")]
    order = [*LOAN_STATES]
    for state, loan in sorted(
        found, key=lambda it: (order.index(it[0]), text_of(it[1].fields, "due_on"), it[1].id)
    ):
        child = desk.row(loan.fields.get("child_id"))
        if child is None:
            continue
        due_on = text_of(loan.fields, "due_on")
        book = text_of(loan.fields, "book")
        line = of_child(
            desk,
            child,
            {
                "book": book,
                "book_no": text_of(loan.fields, "book_no") or None,
                "place": desk.name(loan.fields.get("place_id")) or None,
                "lent_on": text_of(loan.fields, "lent_on") or None,
                "due_on": due_on or None,
                "returned_on": text_of(loan.fields, "returned_on") or None,
                "state": translate(desk.language, LOAN_STATES[state]),
                "late": days_between(due_on, desk.book.on) if state == "late" else None,
            },
            {"state": (state,)},
            id=loan.id,
            alerts=("state",) if state == "late" else (),
        )
        yield replace(line, names=(*line.names, book, text_of(loan.fields, "book_no")))


def bookings(desk: Desk) -> Iterator[Line]:
    found = desk.book.register.kind("call_booking")
    for booking in sorted(found, key=booked_at):
        child = desk.row(booking.fields.get("child_id"))
        if child is None:
            continue
        day, state = text_of(booking.fields, "on_date"), text_of(booking.fields, "state")
        time = booking_time(booking, desk.book.on)
        yield of_child(
            desk,
            child,
            {
                "on_date": day or None,
                "at_time": text_of(booking.fields, "at_time") or None,
                "with_whom": desk.code("call_with", booking.fields.get("with_whom")),
                "kind": desk.code("call_kind", booking.fields.get("kind")),
                "place": desk.name(booking.fields.get("place_id")) or None,
                "state": desk.code("booking_state", state or "BOOKED"),
            },
            {"when": (time,), "state": (state or "BOOKED",)},
            id=booking.id,
            alerts=("state",) if time == "past" else (),
        )


def budget(desk: Desk) -> Iterator[Line]:
    """Each sum with the balance after it, by day."""
    balance = 0
    rows = desk.book.register.kind("budget_line")
    for line in sorted(rows, key=lambda it: (text_of(it.fields, "on_date"), it.id)):
        fen, way = fen_of(line), text_of(line.fields, "way")
        balance += fen if way == "IN" else -fen if way == "OUT" else 0
        on, title = text_of(line.fields, "on_date"), text_of(line.fields, "title")
        pointed = (desk.row(line.fields.get(name)) for name in ("activity_id", "task_id"))
        used = [it for it in pointed if it is not None]
        yield Line(
            line.id,
            {
                "on": on or None,
                "title": title,
                "way": desk.code("budget_way", way),
                "in": yuan(fen) if way == "IN" else None,
                "out": yuan(fen) if way == "OUT" else None,
                "balance": yuan(balance),
                "source": text_of(line.fields, "source") or None,
                "for": "、".join(text_of(it.fields, "title") for it in used) or None,
            },
            {"way": (way or UNKNOWN,), "year": (on[:4] or UNKNOWN,)},
            links={"for": used[0].id} if used else {},
            order={"in": fen, "out": fen, "balance": balance},
            names=(title, text_of(line.fields, "source")),
        )


KINDS = (
    Kind(
        "groups",
        "小组",
        "合作学习小组和兴趣小组；组员是今天在组里的，活动是写明是这个小组的活动，到场按签到的人次。",
        (
            Column("name", "小组", of="child_group.name", width=16),
            Column("kind", "小组类型", of="child_group.kind", width=14),
            Column("subject", "学科或兴趣", of="child_group.subject", width=14),
            Column("leader", "辅导人", of="child_group.leader_id"),
            Column("meets", "活动时间", of="child_group.meets", width=16),
            Column("place", "所在地点", is_default=False, of="child_group.place_id", width=20),
            Column("members", "组员", is_number=True, is_summed=True, of="group_member.child_id"),
            Column("meetings", "活动", is_number=True, is_summed=True, of="activity.group_id"),
            Column("came", "到场人次", is_number=True, is_summed=True, of="attendance.person_id"),
            Column("state", "状态", of="child_group.to_on"),
        ),
        (Filter("kind", "小组类型", coded("group_kind"), codes_of("group_kind")), named(GOING, "state", "状态")),
        groups,
        "还没有小组",
        "新建一个小组，再在它的页面上把孩子加进来。",
        of_type="group_member",
        makes="child_group",
    ),
    Kind(
        "bookings",
        "视频预约",
        "孩子和父母约好的时间；打开一条，说接通没接通，接通的就记成一次亲情联络。已过没结果：约的日子过了，没人说结果。",
        (
            Column("on_date", "哪一天", of="call_booking.on_date"),
            Column("at_time", "几点", of="call_booking.at_time", width=8),
            *CHILD[:2],
            Column("with_whom", "和谁联络", of="call_booking.with_whom"),
            Column("kind", "联络方式", is_default=False, of="call_booking.kind"),
            Column("place", "所在地点", of="call_booking.place_id", width=20),
            Column("state", "状态", of="call_booking.state"),
            *CARE[:2],
        ),
        (named(TIMES, "when", "什么时候"), Filter("state", "状态", coded("booking_state"), codes_of("booking_state")), GRID),
        bookings,
        "还没有预约",
        "给孩子约一个和父母视频的时间，到时候在这里看轮到谁。",
        of_type="call_booking",
        makes="call_booking",
    ),
    Kind(
        "loans",
        "图书借阅",
        "逾期未还：没有归还日期，应还日期早于今天。",
        (
            Column("book", "书名", of="loan.book", width=20),
            *CHILD[:2],
            Column("state", "状态", of="loan.returned_on"),
            Column("late", "逾期天数", is_number=True, of="loan.due_on"),
            Column("lent_on", "借出日期", of="loan.lent_on"),
            Column("due_on", "应还日期", of="loan.due_on"),
            Column("returned_on", "归还日期", of="loan.returned_on"),
            Column("book_no", "图书编号", is_default=False, of="loan.book_no"),
            Column("place", "所在地点", is_default=False, of="loan.place_id", width=20),
            *CARE,
        ),
        (named(LOAN_STATES, "state", "状态"), GRID),
        loans,
        "还没有借阅",
        "孩子借了书就新建一条；还了书，打开那一条写上归还日期。",
        of_type="loan",
        makes="loan",
    ),
    Kind(
        "budget",
        "经费",
        "收入减去支出是结余，按日期一笔一笔往下算；金额以元计。",
        (
            Column("on", "日期", of="budget_line.on_date"),
            Column("title", "事由", of="budget_line.title", width=24),
            Column("in", "收入（元）", is_number=True, of="budget_line.amount_yuan"),
            Column("out", "支出（元）", is_number=True, of="budget_line.amount_yuan"),
            Column("balance", "结余（元）", is_number=True, of="budget_line.amount_yuan"),
            Column("source", "来源或付给谁", of="budget_line.source", width=20),
            Column("for", "用在哪里", of="budget_line.activity_id", width=20),
            Column("way", "收支", is_default=False, of="budget_line.way"),
        ),
        (Filter("way", "收支", coded("budget_way"), codes_of("budget_way")), Filter("year", "年份", lambda _, year: year)),
        budget,
        "还没有经费",
        "收到或花了一笔钱就新建一条，这里看还剩多少。",
        of_type="budget_line",
        makes="budget_line",
    ),
)  # fmt: skip
