"""What the register says about each household and person: the answers of paper and of survey.

Every record has two parts, as in a real village: what the household booklet told the office in
July (`*_paper`), and what the surveyor heard at the door in August (`*_heard`). Values are codes
of the programme's lists; the tests hold every answer to the programme's own validation.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from server.demo import plan
from server.demo.calendar import Calendar, grade_before, grade_of
from server.demo.house import House, Member, parents, shuffle
from server.demo.names import Names
from server.demo.rounds import MOVES

Fields = dict[str, Any]

STAGES = {"N": "0", "K": "1", "P": "2", "J": "3"}
WALKS = ("村口大樟树往里走", "过小桥右手边", "晒谷场后面", "井台旁边", "竹林边", "坡上")
GATES = ("红色铁门", "木门", "门前有柿子树", "二层白墙", "院里有水缸", "门口有石阶")


def household_paper(house: House) -> Fields:
    """As the household booklets have it."""
    number = 3 * house.number - 2
    return {
        "grid_code": plan.VILLAGE_CODE + house.grid,
        "head_name": house.head.name,
        "address": f"{plan.VILLAGE_NAME}{plan.GRIDS[house.grid]}{number}号",
        "hukou_type": "RUR",
        "hukou_address": f"{plan.VILLAGE_FULL_NAME}{plan.GRIDS[house.grid]}",
        "population": len(house.members),
        "away_count": away_in_july(house),
    }


def away_in_july(house: House) -> int:
    """Before September's changes: the parents of the newly left were here, of the returned away."""
    away = sum(m.away for m in house.members)
    if any(c.plan and "new" in c.plan.words for c in house.children):
        return away - sum(m.away for m in house.members if m.role in {"father", "mother"})
    return away + 2 if house.exit == "X1" else away


def household_heard(house: House) -> Fields:
    """As the surveyor saw and heard it."""
    walk = WALKS[int(len(WALKS) * shuffle(house.label + " walk"))]
    gate = GATES[int(len(GATES) * shuffle(house.label + " gate"))]
    away = any(m.away for m in house.members)
    chance = shuffle(house.label + " house")
    fields: Fields = {
        "location_hint": f"{walk}，{gate}",
        "house_safety": "B" if chance < 0.12 else "A",
        **chosen("income_source", ["1", "2"] if away else ["2"]),
        **chosen("welfare", ["1"] if "welfare" in house.words else ["NONE"]),
        **chosen("water_risk", ["WATER"] if house.grid == "03" and chance < 0.6 else ["NONE"]),
        **chosen("carer_language", ["DIA"] if "dialect" in house.words else ["DIA", "PTH"]),
    }
    return fields


def person_paper(member: Member, names: Names) -> Fields:
    fields: Fields = {
        "name": member.name,
        "sex": member.sex,
        "birth_date": member.born.isoformat(),
        "birth_approximate": "exact",
        "birth_lunar": "N",
        "ethnic": "01",
    }
    if member.plan is not None and "nohukou" in member.plan.words:
        return fields | {"id_absent_reason": "NOREG"}
    return fields | {"id_number": names.id_number(member.born, member.sex)}


def person_heard(house: House, member: Member, names: Names) -> Fields:
    """An adult; those who are asked for on the telephone have one."""
    fields: Fields = {"alive": "Y", "health": "1"}
    if member.role in {"elder", "elder2"} and shuffle(member.label + " health") < 0.3:
        fields["health"] = "2"
    if member.role == "mother" and not member.away:
        if "N1" in house.words:
            fields |= {"health": "3", "illness": "慢性肾病"}
        if "N2" in house.words:
            fields |= {"health": "6", "disability_kind": "64", "disability_grade": "2"}
    fields["education"] = _education(member)
    fields["occupation"] = _occupation(house, member)
    if member.role not in {"adult"} or member.away:
        fields |= phone(names, member.label, "self")
    return fields


def _education(member: Member) -> str:
    if member.age >= 60:
        return "1" if shuffle(member.label + " school") < 0.4 else "2"
    return "3" if shuffle(member.label + " school") < 0.8 else "4"


def _occupation(house: House, member: Member) -> str:
    if member.away:
        return "外出务工"
    if (house.grid, house.place) == plan.TEACHER_HOUSE and house.kind == "C":
        return "教师" if member.role == "elder" else "务农"
    return "务农"


def child_heard(house: House, member: Member) -> Fields:
    """A child's school and health, asked of every child at the door."""
    fields: Fields = {
        "ward_status": "A",
        "left_behind_fact": "N" if len(parents(house)) == 2 else "D",
        "lawful_basis": "DUTY",
        "photo_consent": "N",
    }
    return fields | _school(house, member) | _health(member)


def file_opened(house: House, member: Member, calendar: Calendar) -> Fields:
    """What a file of a left-behind child holds beyond that."""
    assert member.plan is not None
    fields = fact(house) | _nature(member)
    fields["left_since"] = left_since(member, calendar)
    fields["consent_status"] = "O" if "dialect" in house.words else "W"
    if "gap" not in member.plan.words:
        return fields
    # One is not asked for consent yet, of the others nobody wrote down what they like.
    missing = ("consent_status",) if "new" in member.plan.words else ("hobby",)
    return {name: value for name, value in fields.items() if not name.startswith(missing)}


def assessed(house: House, member: Member) -> Fields:
    """What the office decides from the survey: risk and guardianship."""
    assert member.plan is not None
    words = member.plan.words
    fields: Fields = {"risk_level": member.plan.risk}
    fair = member.plan.risk == "Y" or words & {"ill", "disabled"}
    fields["guardian_assess"] = "3" if "bad" in words else "2" if fair else "1"
    if "bad" in words:
        fields["guardian_assess_reason"] = {"BN": "31", "ON": "32"}.get(house.kind, "33")
    return fields


def fact(house: House) -> Fields:
    """left_behind_fact and what goes with it."""
    if house.kind.startswith("B") or house.exit:  # those who left the register had both away
        return {"left_behind_fact": "B"}
    father = house.one("father")
    assert father is not None
    capacity = next((w for w in ("N1", "N2") if w in house.words), "Y")
    return {"left_behind_fact": "F" if father.away else "M", "home_parent_capacity": capacity}


def left_since(member: Member, calendar: Calendar) -> str:
    """Month in which the parents left: never before the child was five months old."""
    assert member.plan is not None
    if "new" in member.plan.words:
        return f"{calendar.day(MOVES):%Y-%m}"
    earliest = member.born.year * 12 + member.born.month + 4
    latest = calendar.day(date(2026, 7, 1))
    last = latest.year * 12 + latest.month - 1
    earliest = max(min(earliest, last), last - 60)
    month = earliest + int(shuffle(member.label + " since") * (last - earliest + 1))
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def focus(member: Member, on: date) -> Fields:
    """Tags for those the office keeps an eye on, with the reason."""
    assert member.plan is not None
    words = member.plan.words
    tags = {"diff": "DIFF", "behv": "BEHV", "potl": "POTL"}
    reasons = {"diff": "家庭生活困难", "behv": "近来作业常拖欠", "potl": "有特长，值得多鼓励"}
    found = [word for word in tags if word in words]
    if not found:
        return {}
    return {
        **chosen("focus_tag", [tags[word] for word in found]),
        "focus_reason": "；".join(reasons[word] for word in found),
        "focus_on": on.isoformat(),
    }


def _school(house: House, member: Member) -> Fields:
    assert member.plan is not None
    words = member.plan.words
    if "D" in words:
        return {"school_stage": "6", "school_result": "E"}
    grade = grade_of(member.cohort)
    if not grade:
        return {"school_stage": "0", "school_result": "UNK"}
    stage = "8" if "X" in words else STAGES[grade[0]]
    boards = "board" in words
    return {
        "school_stage": stage,
        "school_name": plan.KINDERGARTEN if stage == "1" else plan.SCHOOL,
        "grade": grade,
        "class_name": "1班" if shuffle(member.label + " class") < 0.5 else "2班",
        "boarding": "2" if boards else "1",
        "lunch_at_school": "N" if stage == "8" else "Y",
        "school_distance_km": f"{1.2 + 0.4 * int(house.grid):.1f}",
        "head_teacher": f"{'柳林江田叶白'[int(6 * shuffle(grade))]}老师{'丙丁戊'[int(grade[1]) % 3]}",
        "teacher_phone": f"1000000{8000 + int(1000 * shuffle(grade))}",
        "school_result": _result(member),
    }


def school_before(house: House, member: Member) -> Fields:
    """What was otherwise about a child's school in the year before this one: the grade, and the school it was in."""
    now = _school(house, member)
    if "grade" not in now:
        return {}
    grade = grade_before(member.cohort)
    if not grade:
        return {name: None for name in now if name != "school_result"} | {"school_stage": "0"}
    stage = now["school_stage"] if grade[0] == now["grade"][0] else STAGES[grade[0]]
    before = {"grade": grade, "school_stage": stage}
    if stage != now["school_stage"]:  # another school, or another class of the same
        before["school_name"] = plan.KINDERGARTEN if stage == "1" else plan.SCHOOL
        before["class_name"] = "2班" if now["class_name"] == "1班" else "1班"
    return before


def _result(member: Member) -> str:
    assert member.plan is not None
    chance = shuffle(member.label + " result")
    if "potl" in member.plan.words:
        return "A"
    if member.plan.risk == "G":
        return "ABC"[int(3 * chance)]
    return "CD"[int(2 * chance)] if member.plan.risk == "Y" else "D"


def _health(member: Member) -> Fields:
    assert member.plan is not None
    if "disabled" in member.plan.words:
        return {
            "health": "6",
            "disability_kind": "64",
            "disability_grade": "2",
            "disability_card": "Y",
        }
    if "ill" in member.plan.words:
        return {"health": "3", "illness": "先天性心脏病", "health_alert": "不能剧烈运动，按时服药"}
    return {"health": "1"}


def _nature(member: Member) -> Fields:
    assert member.plan is not None
    words = member.plan.words
    chance = shuffle(member.label + " nature")
    if member.age < 3:
        temper, hobby = ["01" if chance < 0.6 else "02"], ["03"]
    elif "behv" in words:
        temper, hobby = ["14", "17"], ["06"]
    elif member.plan.risk in "ROY":
        temper, hobby = (
            ["02", "04"] if chance < 0.6 else ["02", "13"],
            ["07" if chance < 0.5 else "01"],
        )
    else:
        temper = ["01", "03"] if chance < 0.5 else ["01", "04"]
        hobby = ["01", "06"] if chance < 0.4 else ["03", "04"] if chance < 0.7 else ["06", "09"]
    lacks = {"R": ["L1", "L2"], "O": ["L1"], "Y": ["L3"], "G": ["NONE"]}[member.plan.risk]
    fields = {
        **chosen("temperament", temper),
        **chosen("hobby", hobby),
        **chosen("need_lack", lacks),
    }
    if "potl" in words:
        fields["talent"] = "画画" if chance < 0.5 else "跑步"
    if member.age >= 6 and chance < 0.6:
        fields["wish"] = ("想要一套彩笔", "想学骑自行车", "想爸爸妈妈常打电话", "想去县城图书馆")[
            int(4 * shuffle(member.label + " wish"))
        ]
    return fields


def chosen(field: str, codes: list[str]) -> Fields:
    """A set as it is written: one key per element (sync/PROTOCOL.md, section 4)."""
    return {f"{field}/{code}": True for code in codes}


def phone(names: Names, label: str, use: str) -> Fields:
    """A list of one telephone."""
    entry = f"p{int(shuffle(label + ' phone') * 36**4):07d}"
    return {f"phones/{entry}": {"number": names.phone(), "use": use}}
