"""The home for left-behind children and what the village organised: who leads, activities, opening hours, things.

Numbers: the domain brief, section 5. Ten activities, five of them collective birthdays; the home is open on Wednesdays
and Saturdays with three on duty; the parents' meeting had 38 and the training 42."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from server.demo import plan
from server.demo.answers import chosen
from server.demo.calendar import AS_OF
from server.demo.house import House, Member, shuffle
from server.demo.records import Act, Edit

if TYPE_CHECKING:
    from server.demo.story import Story

OFFICIAL = "cunguan"
FOUNDED, OPEN_SINCE = date(2026, 8, 8), date(2026, 9, 5)
WEDNESDAY, SATURDAY = 2, 5
CLOSED_DAY = date(2026, 9, 30)  # on the roster, and nobody came to open

# day, kind, title, adults, parents, share of the 60 who came
_ACTIVITIES = (
    (date(2026, 8, 29), "06", "八月集体生日", 4, 2, 0.3),
    (date(2026, 9, 19), "06", "九月集体生日", 4, 3, 0.3),
    (date(2026, 9, 26), "05", "励志专题片", 3, 0, 0.4),
    (date(2026, 10, 1), "07", "庆国庆主题活动", 8, 6, 0.75),
    (date(2026, 10, 10), "06", "十月集体生日", 4, 2, 0.3),
    (date(2026, 10, 24), "05", "励志专题片", 3, 0, 0.4),
    (date(2026, 10, 31), "06", "秋季集体生日", 4, 1, 0.3),
    (date(2026, 11, 7), "04", "安全知识讲座", 5, 0, 0.5),
    (date(2026, 11, 14), "01", "留守儿童家长会", 6, 38, 0.0),
    (date(2026, 11, 21), "06", "十一月集体生日", 4, 2, 0.3),
)
_THINGS = (
    ("电脑", "台", 1), ("电视", "台", 1), ("乒乓球桌", "张", 2), ("球拍", "副", 2), ("跳绳", "根", 2),
    ("图书", "册", 150), ("亲情电话", "部", 1), ("药箱", "个", 1),
)  # fmt: skip
_LEADERS = (
    ("HEAD", "谷支书甲", "全面负责"), ("VICE", "田主任甲", "组织协调"), ("DIR", "方村官甲", "摸底建档、走访"),
    ("MEM", "安文书甲", "档案与统计"), ("MEM", "江妇联甲", "爱心妈妈"), ("MEM", "白校长甲", "学校帮扶"),
    ("MEM", "林民警甲", "安全与法制"),
)  # fmt: skip
_CONTACTS = (
    ("POLICE", "禾溪镇派出所", "10000000901"), ("HOSP", "青禾村卫生室", "10000000902"),
    ("CIVIL", "青禾村办公室", "10000000903"), ("SCH", "禾溪镇中心学校", "10000000904"),
)  # fmt: skip

Pair = tuple[House, Member]


def home(story: Story) -> Iterator[Act]:
    """Every act of this file, in no order."""
    children = [(h, c) for h in story.street if h.left_behind for c in h.children]
    place = yield from _founded(story)
    yield from _opened(story, place, children)
    yield from _activities(story, place, children)
    yield from _others(story)


def _founded(story: Story) -> Generator[Act, None, str]:
    at = story.calendar.at(FOUNDED, 16)
    place = story.new(
        "place", "home", at,
        {
            "name": "青禾村留守儿童之家", "kind": "VIL", "address": "青禾村村委会一楼", "area_m2": 42,
            "opened_on": story.calendar.day(OPEN_SINCE).isoformat(), "investment_fen": 10_000_00,
            "open_hours": "周三、周六 14:00–17:00，节假日", **chosen("rules_posted", ["DUTY", "ACT", "SAFE"]),
        },
    )  # fmt: skip
    edits = [place]
    on = story.calendar.day(FOUNDED).isoformat()
    for name, unit, count in _THINGS:
        fields = {"place_id": place.record, "name": name, "unit": unit, "source": "UP"}
        item = story.new("inventory_item", name, at, fields)
        come = {"item_id": item.record, "change": count, "reason": "IN", "occurred_on": on}
        edits += [item, story.new("stock", name, at, come)]
    for role, name, duty in _LEADERS:
        fields = {
            "unit": "青禾村关爱留守儿童领导小组", "role": role, "name": name, "duty": duty, "from_on": on
        }  # fmt: skip
        edits.append(story.new("org_role", name, at, fields))
    for kind, name, phone in _CONTACTS:
        fields = {"name": name, "kind": kind, "phone": phone}
        edits.append(story.new("contact", name, at, fields))
    yield Act(at, OFFICIAL, tuple(edits))
    return place.record


def _opened(story: Story, place: str, children: Sequence[Pair]) -> Iterator[Act]:
    """Three on duty each time; some of the children come."""
    on_duty = {"CADRE": "CP", "TCH": "T", "VOL": "VM"}
    day, n = OPEN_SINCE, 0
    while day <= AS_OF:
        if day.weekday() in (WEDNESDAY, SATURDAY):
            at = story.calendar.at(day, 9)
            on = story.calendar.day(day).isoformat()
            slots = []
            for role, kinds in on_duty.items():
                able = [it for it in story.helpers if it.kind in kinds]
                fields = {
                    "place_id": place, "on_date": on, "slot": "AFTER", "role": role,
                    "helper_id": story.helper_id(able[n % len(able)]),
                }  # fmt: skip
                slots.append(story.new("roster_slot", f"{on}/{role}", at, fields))
            yield Act(at, OFFICIAL, tuple(slots))
            if day != CLOSED_DAY:
                yield _duty(story, place, day, children)
            n += 1
        day += timedelta(days=1)


def _duty(story: Story, place: str, day: date, children: Sequence[Pair]) -> Act:
    at = story.calendar.at(day, 17, 30)
    on = story.calendar.day(day).isoformat()
    came = [p for p in children if p[1].age >= 6 and shuffle(f"{p[1].label} home {day}") < 0.2]
    done = {
        "place_id": place, "occurred_on": on, "opened": "14:00", "closed": "17:00", "headcount": len(came)
    }  # fmt: skip
    edits = [story.new("duty_done", on, at, done)]
    edits += [_came(story, pair, at, on, "place_id", place) for pair in came]
    return Act(at, OFFICIAL, tuple(edits))


def _came(story: Story, pair: Pair, at: int, on: str, where: str, what: str) -> Edit:
    house, child = pair
    fields = {
        "household_id": story.id_of(house), "person_id": story.id_of(child), "occurred_on": on, where: what,
    }  # fmt: skip
    return story.new("attendance", f"{child.label}/{on}/{where}", at, fields)


def _activities(story: Story, place: str, children: Sequence[Pair]) -> Iterator[Act]:
    for day, kind, title, adults, parents, share in _ACTIVITIES:
        at = story.calendar.at(day, 18)
        on = story.calendar.day(day).isoformat()
        fields: dict[str, Any] = {
            "activity_kind": kind, "title": title, "occurred_on": on, "place_id": place,
            "leader": "方村官甲", "adults_present": adults, "parents_present": parents,
        }  # fmt: skip
        held = story.new("activity", f"{on}/{kind}", at, fields)
        came = [p for p in children if p[1].age >= 4 and shuffle(f"{p[1].label} {day}") < share]
        signed = [_came(story, pair, at, on, "activity_id", held.record) for pair in came]
        yield Act(at, OFFICIAL, (held, *signed))


def _others(story: Story) -> Iterator[Act]:
    """Training, the letter to parents, awards, the numbers every share is of, and the aims of the year."""
    day = date(2026, 11, 15)
    at = story.calendar.at(day, 18)
    on = story.calendar.day(day).isoformat()
    year = story.calendar.as_of.year
    of_whom: Mapping[str, Sequence[dict[str, Any]]] = {
        "denominator": (
            {"unit": plan.SCHOOL, "indicator": "PUPILS", "value": 721, "source": "学校学籍"},
            {"unit": plan.VILLAGE_NAME, "indicator": "U16", "value": 112, "source": "村户口簿"},
        ),
        "target": tuple(
            {"year": year, "indicator": name, "value": 100, "owner": "方村官甲"}
            for name in ("建档率", "入学率", "巩固率")
        ),
        "award": (
            {"recipient": "江妈妈甲", "kind": "MUM", "level": "TOWN", "occurred_on": on},
            {"recipient": "优秀小老师两名", "kind": "HELPER", "level": "VIL", "occurred_on": on},
        ),
        "training": (
            {
                "audience": "CARER", "topic": "隔代照护与亲子沟通", "occurred_on": on, "trainer": "谷心理教师甲",
                "attendees": 42, "attendees_distinct": 36, "material": "《家教歌谣》", "copies": 42,
            },
        ),
        "material_sent": ({"title": "致家长一封信", "copies": 60, "occurred_on": on},),
        "publicity": (
            {"channel": "WALL", "title": "青禾村的周末", "children_identifiable": "N", "occurred_on": on},
        ),
    }  # fmt: skip
    edits = []
    for kind, rows in of_whom.items():
        for n, fields in enumerate(rows):
            fields = {**fields, **({"on_date": on} if kind == "denominator" else {})}
            edits.append(story.new(kind, f"{kind} {n}", at, fields))
    yield Act(at, OFFICIAL, tuple(edits))
