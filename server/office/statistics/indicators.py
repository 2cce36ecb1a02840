"""Every indicator of the programme with its marks and measures, and the groups in words. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.office import values
from server.office.register import Register
from server.office.statistics import children as who
from server.office.statistics import contacts, movement, services
from server.office.statistics.book import UNKNOWN, Book
from server.office.statistics.marks import Mark, Measure, Table, table
from server.office.text import translate
from server.programme import programme


@dataclass(frozen=True)
class Counted:
    """How an indicator is counted. `shown`: the measures that stand in the matrix (the first when empty)."""

    measures: Sequence[Measure]
    marks: Callable[[Book], Iterable[Mark]]
    shown: Sequence[str] = ()
    is_summed: bool = True
    """Whether all groups together mean anything: shares of different denominators do not add up."""

    @property
    def in_matrix(self) -> Sequence[Measure]:
        wanted = self.shown or (self.measures[0].name,)
        return [it for it in self.measures if it.name in wanted]


COUNTED: Mapping[str, Counted] = {
    "left_behind": Counted(who.N, who.count),
    "share": Counted(who.SHARE, who.share, is_summed=False),
    "survey": Counted(who.SURVEY, who.survey, ("done", "reached")),
    "files": Counted(who.RATE, who.files),
    "five_clears": Counted(who.RATE, who.five_clears),
    "cards": Counted(who.RATE, who.cards),
    "enrolment": Counted(who.RATE, who.enrolment),
    "retention": Counted(who.RATE, who.retention),
    "carers": Counted(who.CARERS, who.every_child, tuple(it.name for it in who.CARERS)),
    "assess": Counted(who.ASSESS, who.every_child, tuple(it.name for it in who.ASSESS)),
    "agreements": Counted(who.RATE, who.agreements),
    "paired": Counted(who.RATE, who.paired),
    "load": Counted(who.LOAD, who.load),
    "visits": Counted(contacts.VISITS, contacts.visits, ("rate", "made")),
    "talks": Counted(contacts.TALKS, contacts.talks, ("rate", "made")),
    "carer_talks": Counted(contacts.CARER_TALKS, contacts.carer_talks),
    "calls": Counted(contacts.CALLS, contacts.calls),
    "lost": Counted(contacts.LOST, contacts.lost, ("over_30", "over_90")),
    "three_contacts": Counted(contacts.RATE, contacts.three_contacts),
    "aid": Counted(services.AID, services.aid, ("persons", "times", "cash", "goods")),
    "health": Counted(services.HEALTH, services.health, ("checked", "abnormal", "followed")),
    "abnormal": Counted(services.ABNORMAL, services.abnormal),
    "counselling": Counted(services.COUNSELLING, services.counselling, ("persons", "times")),
    "themes": Counted(services.THEMES, services.themes),
    "activities": Counted(services.ACTIVITIES, services.activities),
    "taking_part": Counted(who.RATE, services.taking_part),
    "deeds": Counted(services.DEEDS, services.deeds, ("rate", "chores")),
    "home_open": Counted(services.HOME_OPEN, services.home_open),
    "training": Counted(services.TRAINING, services.training),
    "help": Counted(services.HELP, services.help_requests, ("closed", "open")),
    "plans": Counted(services.PLANS, services.plans),
    "movement": Counted(movement.MOVEMENT, movement.movement),
    "workload": Counted(contacts.WORKLOAD, contacts.workload),
    "four_duties": Counted(services.FOUR_DUTIES, services.four_duties),
}

# Groups whose values are codes of a list; of "kind" the list depends on the indicator.
LISTS = {
    "sex": "sex", "stage": "school_stage", "grade": "grade", "fact": "left_behind_fact",
    "risk": "risk_level", "health": "health", "assess": "guardian_assess",
    "carer_kind": "carer_kind", "helper_kind": "helper_kind", "result": "survey_result",
    "item": "abnormal_kind", "theme": "counselling_theme", "form": "counselling_form",
    "audience": "audience",
}  # fmt: skip
KINDS = {
    "aid": "aid_kind", "activities": "activity_kind", "help": "request_kind", "plans": "plan_kind",
}  # fmt: skip
GROUP_WORDS = {
    "grid": "网格", "sex": "性别", "age": "年龄", "stage": "学段", "grade": "年级", "school": "学校",
    "fact": "留守类型", "risk": "风险", "health": "身体状况", "assess": "监护评估", "carer_kind": "照护人",
    "helper": "帮扶人", "helper_kind": "帮扶人类型", "surveyor": "调查员", "result": "摸底结果",
    "month": "月份", "week": "周", "place": "地点", "kind": "类型", "occasion": "由头", "donor": "资助方",
    "item": "项目", "theme": "主题", "form": "形式", "audience": "对象", "unit": "基数", "reason": "原因",
    "author": "记录人", "duty": "职责",
}  # fmt: skip
OWN_WORDS = {
    "0-5": "0–5岁", "6-13": "6–13岁", "14-15": "14–15岁", "16+": "16岁以上",
    "video": "联络员：每周视频", "film": "播放员：每月专题片", "home": "管理员：之家开放",
    "festival": "组织员：节日活动",
    "new": "新建档", "away": "父母外出", "back": "重新在册", "stay": "一直在册",
    "closed": "已办结", "7": "7天以内", "30": "8至30天", "31": "超过30天",
    "own": "本册未满16岁",
}  # fmt: skip
AGES = ("0-5", "6-13", "14-15")


def marks_of(name: str, book: Book) -> list[Mark]:
    return list(COUNTED[name].marks(book))


def table_of(name: str, by: str, book: Book, marks: Sequence[Mark]) -> Table:
    """An indicator by one of its groupings; "" for the total alone."""
    return table(COUNTED[name].measures, marks, by, order_of(name, by, book.register))


def order_of(name: str, by: str, register: Register) -> Sequence[str]:
    """The values of a group that are lines even when they are empty, in their own order."""
    if by == "grid":
        return list(register.grid_names)
    if name == "help" and by == "age":
        return ("7", "30", "31", "closed")
    if by == "age":
        return AGES
    if by == "duty":
        return ("video", "film", "home", "festival")
    if by in ("stage", "assess", "carer_kind", "risk", "result", "fact"):
        codes = [choice.name for choice in programme().lists[LISTS[by]]]
        return [code for code in codes if code not in (UNKNOWN, "REF")]
    if by == "sex":
        return ("1", "2")
    return ()


def value_words(name: str, by: str, value: str, register: Register, language: str) -> str:
    """What a group is called."""
    if value == UNKNOWN:
        return translate(language, "未了解")
    if by == "grid":
        return register.grid_names.get(value, value)
    if by in ("helper", "place", "donor"):
        row = register.rows.get(value)
        return register.name_of(row) or value
    if by == "unit" and "·" in value:
        unit, _, kind = value.rpartition("·")
        return f"{unit} · {values.code_label('denominator_kind', kind, language)}"
    if by == "reason" and value.startswith(("X", "T")):
        return values.code_label("ward_status", value, language)
    list_name = LISTS.get(by) or (KINDS.get(name) if by == "kind" else None)
    if name == "help" and by == "age":
        list_name = None
    if list_name:
        return values.short(values.code_label(list_name, value, language))
    return translate(language, OWN_WORDS[value]) if value in OWN_WORDS else value


def said(words: str, language: str) -> str:
    """What a mark has to say: names of missing fields, or messages, one after the other."""
    found = []
    for word in words.split():
        type_name, _, field = word.partition(".")
        kind = programme().types.get(type_name)
        if kind is not None:
            found.append(values.label(kind.fields.get(field, kind), language))
        else:
            found.append(translate(language, word))
    return translate(language, "、").join(dict.fromkeys(found))
