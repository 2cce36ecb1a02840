"""What follows from the facts of a file: computed on reading, never stored as typed.

Pure functions on the fields of records (`Row.fields`). Days are strings YYYY-MM-DD in the calendar
of Asia/Shanghai; each function names the source of its rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.forms.evaluate import Context, evaluate, holds, text
from server.programme.due import Due, Record, in_force, visit_due
from server.programme.model import FrequencyRule, RecordType

__all__ = [
    "Completeness",
    "Due",
    "abnormal_items",
    "age_on",
    "aid_cash_fen",
    "aid_goods_fen",
    "aid_total_fen",
    "both_definitions",
    "completeness",
    "duty_was_done",
    "file_completeness",
    "has_ended",
    "household_due",
    "household_state",
    "in_force",
    "in_register",
    "is_taken_back",
    "lbc_legal",
    "lbc_wide",
    "most_children",
    "siblings_left",
    "stock_count",
    "struck",
    "visit_due",
]

Fields = Mapping[str, Any]

AWAY = frozenset({"B", "F", "M"})
UNABLE = frozenset({"N1", "N2", "N3"})
IN_SCHOOL = frozenset({"2", "3", "4", "5", "8"})
OPEN_END = ""


def age_on(birth_date: Any, on: str) -> int | None:
    """周岁: full years on a day; None when the date of birth is missing, no date, or after that day.

    Source: rules for every number (information model §3.1): age is full years on the as-of date."""
    age = evaluate(["age", text(birth_date), on], Context({}, on))
    return age if isinstance(age, int) else None


def lbc_wide(child: Fields, on: str, *, count_in_school: bool = False) -> bool:
    """留守儿童，宽口径: both parents away or one of them, and under sixteen.

    Source: the practice described by schools and townships, 「由于父母双方或一方外出务工」; `count_in_school`
    also counts pupils of sixteen and over, as their lists do."""
    if child.get("left_behind_fact") not in AWAY:
        return False
    age = age_on(child.get("birth_date"), on)
    if age is not None and age < 16:
        return True
    return count_in_school and child.get("school_stage") in IN_SCHOOL


def lbc_legal(child: Fields, household: Fields, on: str) -> bool:
    """农村留守儿童，法定口径: under sixteen, rural registration, both parents away, or one away and the
    other without the capacity to care.

    Source: 国发〔2016〕13号, with 农村户籍 from the survey notice 民发〔2016〕42号. An unknown capacity,
    registration or date of birth does not count."""
    age = age_on(child.get("birth_date"), on)
    if age is None or age >= 16 or household.get("hukou_type") != "RUR":
        return False
    fact = child.get("left_behind_fact")
    return fact == "B" or (fact in {"F", "M"} and child.get("home_parent_capacity") in UNABLE)


def in_register(child: Fields) -> bool:
    """Whether a child counts at all: 在册. Source: indicators, N counts ward_status A."""
    return text(child.get("ward_status")) in {"", "A"}


def both_definitions(child: Fields, household: Fields, on: str) -> tuple[bool, bool]:
    """(wide, legal) of a child in the register; a child off the register is neither."""
    if not in_register(child):
        return False, False
    return lbc_wide(child, on), lbc_legal(child, household, on)


def siblings_left(children: Iterable[Fields], on: str) -> int:
    """同户留守人数: of the children of one household, those left behind by the wide definition."""
    return sum(in_register(child) and lbc_wide(child, on) for child in children)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a file is filled: 建档 when nothing is missing. `missing` names `type.field`."""

    filled: int
    required: int
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing

    def __add__(self, other: Completeness) -> Completeness:
        return Completeness(
            self.filled + other.filled,
            self.required + other.required,
            (*self.missing, *other.missing),
        )


def completeness(kind: RecordType, fields: Fields, on: str) -> Completeness:
    """The required fields of one record that apply to it, and which of them are empty.

    Source: 建档率, every R field filled. 未了解 is a field nobody has found out yet and counts as
    empty; 拒绝提供 is an answer. Fields the server gives (户号, 档案号) are not asked for."""
    context = Context(fields, on)
    missing, required = [], 0
    for entry in kind.fields.values():
        if entry.derived or not holds(entry.required, context, otherwise=False):
            continue
        if not holds(entry.relevant, context):
            continue
        required += 1
        value = fields.get(entry.name)
        if not text(value) or value == "UNK" or value == ["UNK"]:
            missing.append(f"{kind.name}.{entry.name}")
    return Completeness(required - len(missing), required, tuple(missing))


def file_completeness(
    types: Mapping[str, RecordType],
    child: Fields,
    household: Fields,
    parents: Sequence[tuple[Fields, Fields]],
    carers: Sequence[tuple[Fields, Fields]],
    on: str,
) -> Completeness:
    """Completeness of a child's whole file: 一人一档.

    `parents` are pairs of parent_link and person, `carers` of guardianship and person. Beside every
    R field of child and household: a parent at least with name and 健在 (of the dead and those out of
    touch no more), a main carer with every R field of the relation, and one carer with a phone
    (`phones` R for at least one carer) and an occupation (R for carers)."""
    total = completeness(types["child"], child, on) + completeness(
        types["household"], household, on
    )
    checks = {"parent_link": bool(parents)}
    for link, person in parents:
        total += completeness(types["parent_link"], link, on)
        checks["person.name"] = checks.get("person.name", True) and bool(text(person.get("name")))
        checks["person.alive"] = checks.get("person.alive", True) and person.get("alive") in {
            "Y",
            "N",
            "L",
        }
    current = [
        (link, person)
        for link, person in carers
        if link.get("is_main", "Y") == "Y" and not has_ended(link, on)
    ]
    checks["guardianship"] = bool(current)
    for link, _ in current:
        total += completeness(types["guardianship"], link, on)
    if any(link.get("carer_kind") != "NONE" for link, _ in current):
        checks["person.phones"] = any(text(person.get("phones")) for _, person in current)
        checks["person.occupation"] = any(text(person.get("occupation")) for _, person in current)
    absent = tuple(name for name, present in checks.items() if not present)
    return total + Completeness(len(checks) - len(absent), len(checks), absent)


def has_ended(link: Fields, on: str) -> bool:
    """Whether somebody's care of a child was over before a day: one with an end still ahead goes on until then."""
    until = text(link.get("valid_to"))
    return until != OPEN_END and until < on


def household_state(surveys: Iterable[Record]) -> tuple[str, str]:
    """(last_survey_on, survey_result) of a household from its surveys; ("", "") before the first.

    The latest day decides; of one day the later made (ids are in order of making). A corrected
    survey is out. Source: household, last_survey_on and survey_result, derived from events."""
    surveys = list(surveys)
    corrected = {survey.fields.get("corrects_id") for survey in surveys}
    dated = [
        (text(survey.fields.get("occurred_on")), survey.id, text(survey.fields.get("result")))
        for survey in surveys
        if survey.id not in corrected
    ]
    on, _, result = max(dated, default=("", "", ""))
    return on, result


def is_taken_back(event: Fields) -> bool:
    """Whether an event says nothing but that another was a mistake: it names that one and has no day of its own."""
    return bool(event.get("corrects_id")) and not event.get("occurred_on")


def struck(events: Iterable[Record]) -> frozenset[str]:
    """Ids of events that do not count: those another one corrects, and those that only take one back."""
    events = list(events)
    corrected = {text(event.fields.get("corrects_id")) for event in events}
    taken_back = {event.id for event in events if is_taken_back(event.fields)}
    return frozenset((corrected | taken_back) - {""})


def household_due(
    children: Iterable[Record],
    visits: Iterable[Record],
    rules: Sequence[FrequencyRule],
    today: str,
) -> str:
    """next_due_on: the earliest day on which a child of the household is due; "" when none is."""
    return next((due.due_on for due in visit_due(children, visits, rules, today)), "")


MOST_CHILDREN = 3


def most_children(helper: Fields) -> int:
    """最多结对人数: what was agreed, else three. Source: helper, max_children (two or three a teacher, 3.01)."""
    agreed = _whole(helper.get("max_children"))
    return MOST_CHILDREN if agreed is None else agreed


def aid_cash_fen(aid: Fields) -> int:
    """The money of an aid, in fen."""
    return _whole(aid.get("cash_fen")) or 0


def aid_goods_fen(aid: Fields) -> int:
    """What the goods of an aid are worth, in fen: without a sum of their own, by number and price."""
    goods = _whole(aid.get("goods_fen"))
    if goods is None:
        goods = (_whole(aid.get("qty")) or 0) * (_whole(aid.get("unit_fen")) or 0)
    return goods


def aid_total_fen(aid: Fields) -> int:
    """合计: what the goods are worth and the money, in fen.

    Source: aid, total = Σ qty·unit + cash."""
    return aid_goods_fen(aid) + aid_cash_fen(aid)


def abnormal_items(check: Fields) -> frozenset[str]:
    """异常项目 of a health check; what was found of ear, nose or throat alone is 其他."""
    items = frozenset(check.get("abnormal_kinds") or ()) - {"NONE"}
    return items or frozenset({"OTH"} if check.get("ent") == "ABN" else ())


def stock_count(movements: Iterable[Record]) -> int:
    """现有数量 of one item from its stock movements; a corrected one is out.

    Source: inventory_item, counted by stock event. Below zero is shown as it is: the office looks into it."""
    movements = list(movements)
    corrected = {movement.fields.get("corrects_id") for movement in movements}
    return sum(
        _whole(movement.fields.get("change")) or 0
        for movement in movements
        if movement.id not in corrected
    )


def duty_was_done(slot: Record, duties: Iterable[Record]) -> bool:
    """已值班: whether a duty was recorded for this slot. Source: roster_slot, done follows from duty_done."""
    duties = list(duties)
    corrected = {duty.fields.get("corrects_id") for duty in duties}
    return any(
        duty.fields.get("roster_slot_id") == slot.id and duty.id not in corrected for duty in duties
    )


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
