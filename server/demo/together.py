"""What the children did with one another and for themselves: good deeds and chores, groups, books
taken home, how they did at school, times booked for a video with the parents; and the money it cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from server.demo.calendar import AS_OF
from server.demo.home import FOUNDED, OFFICIAL
from server.demo.house import House, Member, shuffle
from server.demo.records import Act, Edit, record_id

if TYPE_CHECKING:
    from server.demo.story import Story

Pair = tuple[House, Member]

_DEEDS = (
    ("HOME", "放学回家洗碗、扫院子", "奶奶"), ("ELDER", "给爷爷洗脚、捶背", "邻居"),
    ("HELP", "每天陪低年级同学走过河边的路", "班主任"), ("PUB", "周末和同学清扫村口", "方村官甲"),
    ("SELF", "自己整理书包和房间", "爷爷"),
)  # fmt: skip
DEEDS_FROM, DEED_SHARE = date(2026, 9, 12), 0.75
GROUPS_FROM = date(2026, 9, 16)
# name, kind, subject, kind of helper who leads, meets, from and to age
_GROUPS = (
    ("晨读小组", "STUDY", "语文", "T", "周三 16:30", 6, 9),
    ("数学互助组", "STUDY", "数学", "T", "周六 15:00", 9, 12),
    ("书画小组", "INTEREST", "书法、绘画", "M", "周六 14:00", 7, 13),
    ("乒乓球小组", "INTEREST", "体育", "V", "周三 15:30", 8, 15),
)  # fmt: skip
# title, number, taken home, days until due, days until it came back (None: it has not)
_LOANS = (
    ("十万个为什么", "B012", date(2026, 9, 23), 14, 12), ("草房子", "B031", date(2026, 9, 30), 14, 14),
    ("格林童话", "B007", date(2026, 10, 14), 14, 20), ("夏洛的网", "B044", date(2026, 10, 21), 14, None),
    ("昆虫记", "B052", date(2026, 11, 4), 14, None), ("西游记（少年版）", "B019", date(2026, 11, 11), 14, None),
    ("唐诗三百首", "B003", date(2026, 11, 18), 14, None), ("海底两万里", "B060", date(2026, 11, 21), 14, None),
)  # fmt: skip
_BOOKED = (("14:00", "MO"), ("14:20", "FA"), ("14:40", "MO"), ("15:00", "FA"), ("15:20", "MO"))
TESTED = (date(2026, 9, 11), date(2026, 10, 23), date(2026, 11, 20))
_MONEY = (
    (date(2026, 8, 8), "IN", "之家建设经费", "10000", "禾溪镇妇联"), (date(2026, 8, 20), "OUT", "桌椅、书柜", "6200", "云岭家具店"),
    (date(2026, 9, 10), "IN", "爱心捐款", "3000", "云岭爱心文具店"), (date(2026, 10, 1), "OUT", "庆国庆活动奖品", "860.5", "禾溪镇超市"),
    (date(2026, 11, 14), "OUT", "家长会茶水、资料", "240", "禾溪镇文印店"),
)  # fmt: skip


def together(story: Story) -> Iterator[Act]:
    """Every act of this file, in no order."""
    children = [(h, c) for h in story.street if h.left_behind for c in h.children]
    by_label = sorted(children, key=lambda pair: shuffle(pair[1].label + " together"))
    place = record_id(story.calendar.at(FOUNDED, 16), "place/home")
    yield from _deeds(story, children)
    yield from _groups(story, by_label, place)
    yield from _loans(story, by_label, place)
    yield from _results(story, children)
    yield _bookings(story, by_label, place)
    yield _money(story)


def _deeds(story: Story, children: Sequence[Pair]) -> Iterator[Act]:
    """Three quarters of those of school age, one or two each."""
    able = [p for p in children if p[1].age >= 6 and shuffle(p[1].label + " deed") < DEED_SHARE]
    for n, (house, child) in enumerate(able):
        for again in range(1 + n % 2):
            kind, deed, seen_by = _DEEDS[(n + again) % len(_DEEDS)]
            day = DEEDS_FROM + timedelta(days=(n * 5 + again * 17) % 60)
            fields = {
                "household_id": story.id_of(house), "child_id": story.id_of(child), "kind": kind,
                "deed": deed, "seen_by": seen_by, "occurred_on": story.calendar.day(day).isoformat(),
            }  # fmt: skip
            at = story.calendar.at(day, 19) + n * 1000
            helper = story.helper_of.get(child.label)
            edit = story.new("deed", f"{child.label}/{again}", at, fields)
            yield Act(at, (helper.login if helper else "") or OFFICIAL, (edit,))


def _groups(story: Story, by_label: Sequence[Pair], place: str) -> Iterator[Act]:
    at, on = story.calendar.at(GROUPS_FROM, 17), story.calendar.day(GROUPS_FROM).isoformat()
    edits: list[Edit] = []
    for name, kind, subject, helper, meets, first, last in _GROUPS:
        leader = next(it for it in story.helpers if it.kind == helper)
        fields = {
            "name": name, "kind": kind, "subject": subject, "meets": meets, "place_id": place,
            "leader_id": story.helper_id(leader), "from_on": on,
        }  # fmt: skip
        group = story.new("child_group", name, at, fields)
        members = [pair for pair in by_label if first <= pair[1].age <= last][:6]
        edits.append(group)
        for n, pair in enumerate(members):
            member = {
                "child_id": story.id_of(pair[1]), "group_id": group.record, "from_on": on,
                "role": "MEM" if n else "HEAD",
            }  # fmt: skip
            edits.append(story.new("group_member", f"{name}/{pair[1].label}", at, member))
    yield Act(at, OFFICIAL, tuple(edits))


def _loans(story: Story, by_label: Sequence[Pair], place: str) -> Iterator[Act]:
    readers = [pair for pair in by_label if pair[1].age >= 7]
    for (book, number, lent, days, back), (_, child) in zip(_LOANS, readers, strict=False):
        at = story.calendar.at(lent, 16)
        fields: dict[str, Any] = {
            "child_id": story.id_of(child), "book": book, "book_no": number, "place_id": place,
            "lent_on": story.calendar.day(lent).isoformat(),
            "due_on": story.calendar.day(lent + timedelta(days=days)).isoformat(),
        }  # fmt: skip
        loan = story.new("loan", number, at, fields)
        yield Act(at, OFFICIAL, (loan,))
        if back is not None:
            day = lent + timedelta(days=back)
            came = {"returned_on": story.calendar.day(day).isoformat()}
            yield Act(story.calendar.at(day, 16), OFFICIAL, (Edit(loan.record, "loan", came),))


def _results(story: Story, children: Sequence[Pair]) -> Iterator[Act]:
    """Three tests of the term for a third of the pupils: most come on a little."""
    pupils = [p for p in children if p[1].age >= 7 and shuffle(p[1].label + " tested") < 0.33]
    for n, day in enumerate(TESTED):
        at, on = story.calendar.at(day, 17), story.calendar.day(day).isoformat()
        edits = []
        for house, child in pupils:
            score = 58 + int(24 * shuffle(child.label + " score")) + 4 * n
            fields = {
                "household_id": story.id_of(house), "child_id": story.id_of(child), "kind": "SCHOOL",
                "score": score, "occurred_on": on,
            }  # fmt: skip
            edits.append(story.new("assessment", f"{child.label}/{on}", at, fields))
        yield Act(at, OFFICIAL, tuple(edits))


def _bookings(story: Story, by_label: Sequence[Pair], place: str) -> Act:
    """The next Saturday's times, booked on the last one."""
    at = story.calendar.at(AS_OF - timedelta(days=1), 18)
    day = story.calendar.day(AS_OF + timedelta(days=6)).isoformat()
    edits = []
    for (time, parent), (_, child) in zip(_BOOKED, by_label, strict=False):
        fields = {
            "child_id": story.id_of(child), "on_date": day, "at_time": time, "with_whom": parent,
            "kind": "2", "place_id": place, "state": "BOOKED",
        }  # fmt: skip
        edits.append(story.new("call_booking", f"{child.label}/{day}", at, fields))
    return Act(at, OFFICIAL, tuple(edits))


def _money(story: Story) -> Act:
    at = story.calendar.at(_MONEY[-1][0], 20)
    edits = []
    for n, (day, way, title, yuan, source) in enumerate(_MONEY):
        fields = {
            "way": way, "title": title, "amount_yuan": yuan, "source": source,
            "on_date": story.calendar.day(day).isoformat(),
        }  # fmt: skip
        edits.append(story.new("budget_line", f"{n}", at, fields))
    return Act(at, OFFICIAL, tuple(edits))
