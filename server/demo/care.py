"""What the village did for single children from September to November: goods, calls, talks, checks, counselling,
requests, plans. The numbers are those of the domain brief, section 5; who and when follow from each child's label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from server.demo.answers import chosen
from server.demo.calendar import AS_OF
from server.demo.house import House, Member, shuffle
from server.demo.records import Act, Edit

if TYPE_CHECKING:
    from server.demo.story import Story

OFFICIAL = "cunguan"
GOODS_DAY, SPONSORED_DAY = date(2026, 9, 18), date(2026, 9, 28)
GOODS_FEN, SPONSORED_FEN = 200_00, 500_00
CHECK_DAY, FOLLOWED_UP = date(2026, 10, 16), date(2026, 10, 24)
FIRST_VIDEO = date(2026, 10, 17)  # a Saturday; one each week since, for the 60
ABNORMAL = (
    "VISION",
    "TEETH",
    "VISION",
    "GROWTH",
    "ANAEMIA",
)  # of the last nobody has come back yet
COUNSELLED, PERSON_TIMES = 14, 35
REPORTED = date(2026, 8, 12)

# day, what, who, urgency, and the days on which it was taken on and closed; 7, of them one at once.
_REQUESTS = (
    (REPORTED, "10", "NEI", "NOW", 0, 9),
    (date(2026, 9, 3), "4", "CARER", "NORM", 2, 20),
    (date(2026, 9, 14), "3", "TCH", "DAY", 1, None),
    (date(2026, 9, 30), "2", "CARER", "NORM", 3, 12),
    (date(2026, 10, 13), "6", "TCH", "NORM", 1, 25),
    (date(2026, 10, 27), "5", "CARER", "NORM", 4, 15),
    (date(2026, 11, 17), "2", "BOX", "NORM", 2, None),
)

Fields = dict[str, Any]
Pair = tuple[House, Member]


def care(story: Story) -> Iterator[Act]:
    """Every act of this file, in no order."""
    children = [(h, c) for h in story.street if h.left_behind for c in h.children]
    gone_later = [(h, c) for h in story.street if h.exit and h.grid == "01" for c in h.children]
    by_label = sorted(children, key=lambda pair: shuffle(pair[1].label + " care"))
    yield from _aid(story, [*children, *gone_later], by_label)
    yield from _calls(story, children)
    yield from _talks(story, children)
    yield from _checks(story, by_label)
    yield from _counselling(story, by_label)
    yield from _requests(story, by_label)
    yield from _plans(story, children)


def _event(story: Story, of_type: str, pair: Pair, day: date, /, **fields: Any) -> Edit:
    house, child = pair
    label = f"{child.label}/{day.isoformat()}/{fields.get('party', '')}{fields.get('kind', '')}"
    about = {"household_id": story.id_of(house), "child_id": story.id_of(child)}
    on = story.calendar.day(day).isoformat()
    at = story.calendar.at(day, 18)
    return story.new(of_type, label, at, {**about, "occurred_on": on, **fields})


def _aid(story: Story, september: Sequence[Pair], by_label: Sequence[Pair]) -> Iterator[Act]:
    """School things for the 61 who counted in September, and four pupils sponsored."""
    donors = (("federation", "禾溪镇妇联", "GOV"), ("firm", "云岭爱心文具店", "COM"))
    at = story.calendar.at(date(2026, 9, 2), 9)
    made = {
        label: story.new("donor", label, at, {"name": name, "kind": kind})
        for label, name, kind in donors
    }
    yield Act(at, OFFICIAL, tuple(made.values()))
    goods = {
        "aid_kind": "4", "goods_fen": GOODS_FEN, "occasion": "开学", "batch_no": "2026-09",
        "donor_id": made["firm"].record, "receipt": "SIGN", "items_other": "书包、文具盒、字典各一",
        **chosen("items", ["01", "02", "03"]),
    }  # fmt: skip
    edits = [_event(story, "aid", pair, GOODS_DAY, **goods) for pair in september]
    yield Act(story.calendar.at(GOODS_DAY, 18), OFFICIAL, tuple(edits))
    sponsored = [p for p in by_label if p[1].cohort[0] in "PJ" and "welfare" in p[0].words][:4]
    money = {
        "aid_kind": "3", "cash_fen": SPONSORED_FEN, "occasion": "结对助学",
        "donor_id": made["federation"].record, "receipt": "SIGN",
    }  # fmt: skip
    edits = [_event(story, "aid", pair, SPONSORED_DAY, **money) for pair in sponsored]
    yield Act(story.calendar.at(SPONSORED_DAY, 18), OFFICIAL, tuple(edits))


def _calls(story: Story, children: Sequence[Pair]) -> Iterator[Act]:
    """The weekly video: some do not get through, and some phone on their own besides."""
    day = FIRST_VIDEO
    while day <= AS_OF:
        edits = []
        for pair in children:
            chance = shuffle(f"{pair[1].label} video {day}")
            mother = shuffle(f"{pair[1].label} whom") < 0.6
            connected = chance > 0.12 and "R" not in _words(pair)
            edits.append(
                _event(
                    story,
                    "family_call",
                    pair,
                    day,
                    kind="2",
                    connected="Y" if connected else "N",
                    with_whom="MO" if mother and pair[0].kind[0] == "B" else "FA",
                    initiated_by="HLP",
                    **({"minutes": 5 + int(20 * chance)} if connected else {}),
                )
            )
            if chance < 0.06:
                midweek = day + timedelta(days=3)
                if midweek <= AS_OF:
                    more = {"kind": "1", "connected": "Y", "with_whom": "FA", "minutes": 8}
                    edits.append(_event(story, "family_call", pair, midweek, **more))
        yield Act(story.calendar.at(day, 18) + 60_000, OFFICIAL, tuple(edits))
        day += timedelta(days=7)


def _talks(story: Story, children: Sequence[Pair]) -> Iterator[Act]:
    """A talk with most of the paired children in October and in November, with some of the carers too."""
    for month, first in ((10, date(2026, 10, 9)), (11, date(2026, 11, 6))):
        for house, child in children:
            helper = story.helper_of.get(child.label)
            chance = shuffle(f"{child.label} talk {month}")
            if helper is None or chance > 0.85:
                continue
            day = first + timedelta(days=int(chance * 14))
            concern = "B" if _words((house, child)) & set("ROY") else "A"
            said = {"study": concern, "mood": concern, "life": "A", "friends": "A", "body": "A"}
            fields = {"channel": "3", "mood_score": 3 if concern == "B" else 4, **said}
            edits = [_event(story, "talk", (house, child), day, party="CHI", **fields)]
            if chance < 0.4 and house.kind != "BN":
                edits.append(
                    _event(story, "talk", (house, child), day, party="CARER", channel="4", life="A")
                )
            at = story.calendar.at(day, 18) + int(60_000 * (2 + chance))
            yield Act(at, helper.login or OFFICIAL, tuple(edits))


def _checks(story: Story, by_label: Sequence[Pair]) -> Iterator[Act]:
    """One health check of the 47 of six to fifteen: 5 abnormal, 4 of them seen again."""
    of_age = [pair for pair in by_label if 6 <= pair[1].age <= 15]
    edits = []
    for n, pair in enumerate(of_age):
        abnormal = ABNORMAL[n : n + 1] or ("NONE",)
        height = 92 + 6 * pair[1].age + int(8 * shuffle(pair[1].label + " cm"))
        measured = {
            "height_cm": height, "weight_kg": round((height - 80) * 0.75 + 8),
            "chest_cm": 40 + 2 * pair[1].age, "bp_sys": 95 + pair[1].age, "bp_dia": 60,
            "vital_capacity_ml": 700 + 150 * pair[1].age,
            "vision_left": "4.6" if "VISION" in abnormal else "5.0", "vision_right": "5.0",
            "ent": "OK", "provider": "禾溪镇卫生院", "term": "1", **chosen("abnormal_kinds", list(abnormal)),
        }  # fmt: skip
        edits.append(_event(story, "health_check", pair, CHECK_DAY, **measured))
    yield Act(story.calendar.at(CHECK_DAY, 18), OFFICIAL, tuple(edits))
    again = [
        _event(
            story, "illness_incident", pair, FOLLOWED_UP, kind="ILL", severity="1",
            treatment="镇卫生院复查，按医嘱处理", **chosen("reported_to", ["FAMILY"]),
        )
        for pair in of_age[:4]
    ]  # fmt: skip
    yield Act(story.calendar.at(FOLLOWED_UP, 18), OFFICIAL, tuple(again))


def _counselling(story: Story, by_label: Sequence[Pair]) -> Iterator[Act]:
    """35 person-times on 14 children: seven with two talks, seven with three."""
    wanted = [p for p in by_label if _words(p) & set("ROY") and p[1].age >= 6][:COUNSELLED]
    for n, pair in enumerate(wanted):
        for times in range(3 if n < PERSON_TIMES - 2 * COUNSELLED else 2):
            day = date(2026, 9, 16) + timedelta(days=21 * times + n % 5)
            fields = {
                "form": "ONE", "counsellor": "谷心理教师甲", "persons": 1,
                "risk_flag": "WATCH" if "O" in _words(pair) else "NONE",
                **chosen("theme", ["FEELING"] if n % 2 else ["STUDY", "PEOPLE"]),
            }  # fmt: skip
            edit = _event(story, "counselling", pair, day, **fields)
            yield Act(story.calendar.at(day, 18) + n * 1000, OFFICIAL, (edit,))


def _requests(story: Story, by_label: Sequence[Pair]) -> Iterator[Act]:
    alone = next(pair for pair in by_label if pair[0].kind == "BN")
    others = [pair for pair in by_label if _words(pair) & set("OY")]
    for n, (day, kind, by_whom, urgency, taken, closed) in enumerate(_REQUESTS):
        pair = alone if kind == "10" else others[n]
        fields = {
            "request_kind": kind,
            "by_whom": by_whom,
            "urgency": urgency,
            "handler": "方村官甲",
        }
        request = _event(story, "help_request", pair, day, **fields)
        yield Act(story.calendar.at(day, 19), OFFICIAL, (request,))
        steps = [(taken, "TAKEN", "已上门了解情况")]
        if closed is not None:
            steps.append((closed, "CLOSED", "问题已解决，家人满意"))
        for after, state, action in steps:
            then = day + timedelta(days=after)
            step = {
                "help_request_id": request.record, "state": state, "action": action,
                "occurred_on": story.calendar.day(then).isoformat(),
            }  # fmt: skip
            at = story.calendar.at(then, 20)
            yield Act(at, OFFICIAL, (story.new("help_step", f"{n}/{state}", at, step),))
    report = {
        "circumstance": "6", "reported_at": "19:20", "method": "CALL", "informant_protected": "Y",
        "outcome": "派出所和镇政府当晚到场，由堂叔临时照看", **chosen("reported_to", ["POLICE", "TOWN"]),
    }  # fmt: skip
    edit = _event(story, "mandatory_report", alone, REPORTED, **report)
    yield Act(story.calendar.at(REPORTED, 19, 30), OFFICIAL, (edit,))


def _plans(story: Story, children: Sequence[Pair]) -> Iterator[Act]:
    """A plan for each of the gravest seven and for the pupil who left school; two have reached their goal."""
    focus = [pair for pair in children if _words(pair) & {"R", "O"}]
    begun = date(2026, 9, 21)
    owners = [helper for helper in story.helpers if helper.kind in "CTP"]
    for n, pair in enumerate(focus):
        kind = "RETURN" if "D" in _words(pair) else "POOR" if n % 2 else "STUDY"
        closed = n in (0, 3)
        fields = {
            "child_id": story.id_of(pair[1]), "kind": kind, "owner_id": story.helper_id(owners[n]),
            "trigger": "已离开学校" if kind == "RETURN" else "评估为中高风险",
            "goal": "回到学校" if kind == "RETURN" else "生活学习有人照应",
            "measures": "每周上门一次，联系父母和学校", "state": "CLOSED" if closed else "RUN",
            "from_on": story.calendar.day(begun).isoformat(),
            "due_on": story.calendar.day(date(2026, 12, 20)).isoformat(),
        }  # fmt: skip
        at = story.calendar.at(begun, 20) + n * 1000
        plan = story.new("plan", pair[1].label, at, fields)
        yield Act(at, OFFICIAL, (plan,))
        for place, result in enumerate(("DONE", "DONE" if closed else "PART"), start=1):
            day = begun + timedelta(days=28 * place)
            progress = {
                "child_id": fields["child_id"], "plan_id": plan.record, "stage": f"第{place}阶段",
                "stage_result": result, "occurred_on": story.calendar.day(day).isoformat(),
            }  # fmt: skip
            then = story.calendar.at(day, 20) + n * 1000
            label = f"{pair[1].label}/{place}"
            yield Act(then, OFFICIAL, (story.new("plan_progress", label, then, progress),))


def _words(pair: Pair) -> frozenset[str]:
    return pair[1].plan.words if pair[1].plan else frozenset()
