"""What surveys and visits noted down: in keeping with the child's risk, and never the same twice."""

from __future__ import annotations

from typing import Any

from server.demo.answers import chosen
from server.demo.house import House, shuffle
from server.demo.rounds import Call

Fields = dict[str, Any]


def conditions(house: House) -> Fields:
    """The survey's five areas; only households with children are asked."""
    fields: Fields = {
        "duration_min": 12 + int(20 * shuffle(house.label + " minutes")),
        "informant_relation": _informant(house),
        "signature_kind": "FINGER" if "dialect" in house.words else "SIGN",
    }
    if not house.left_behind:
        return fields
    risks = {c.plan.risk for c in house.children if c.plan}
    grave, fair = bool(risks & set("RO")), "Y" in risks
    fields |= {
        "study": "C" if grave or fair else "A",
        "living": "C" if grave else "B" if "welfare" in house.words else "A",
        "mind": "C" if grave else "B" if fair else "A",
        "safety": "C" if "R" in risks else "A",
        "health": "A",
    }
    if grave or fair:
        fields["study_note"] = "放学后没人辅导作业"
    if grave:
        fields |= {"living_note": "日常照料不够", "mind_note": "话少，需要有人陪"}
        fields["needs"] = "希望村里多来看看"
    if "R" in risks:
        fields["safety_note"] = "独处时间长"
    return fields


def _informant(house: House) -> str:
    if house.kind == "BN":
        return "NEI"
    if house.kind in {"BP", "BM"}:
        return "GRA"
    return "PAR" if house.kind in {"OA", "ON", "W"} else "HEAD"


def seen(call: Call) -> Fields:
    """What a visit noted about the child; nothing where nobody was met."""
    if not call.met:
        return {**chosen("met", ["NONE"]), "action": "家里没人，已留字条，改日再来"}
    assert call.child.plan is not None
    risk = call.child.plan.risk
    chance = shuffle(f"{call.child.label} {call.day}")
    carer = call.house.kind not in {"BN", "BT", "BF"}
    at_home = call.house.kind in {"OA", "ON"}
    problems = {"R": ["05", "06"], "O": ["05"], "Y": ["01"], "G": ["NONE"]}[risk]
    return {
        **chosen("met", ["C", "G"] if carer and chance < 0.8 else ["C"]),
        "living": {"R": "C", "O": "B", "Y": "B", "G": "A"}[risk],
        "study": {"R": "C", "O": "B", "Y": "C" if chance < 0.5 else "B", "G": "A"}[risk],
        "mood": "B" if risk in "ROY" and chance < 0.7 else "A",
        "safety": "B" if risk == "R" else "A",
        "health": "B" if call.child.plan.words & {"ill", "disabled"} else "A",
        "guardian_duty": {"R": "N", "O": "P", "Y": "Y", "G": "Y"}[risk],
        "parent_home": "Y" if at_home else "N",
        **chosen("problem_kinds", problems),
        **chosen("guidance_topic", ["03"] if chance < 0.5 else ["02", "06"]),
        **({"note": "孩子说想爸爸妈妈了，约好周末视频"} if risk in "ROY" and chance < 0.35 else {}),
    }
