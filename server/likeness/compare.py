"""Two records' features -> how alike they are, with the reasons for and against.

The rules are the village's own (domain: duplicate detection). Exact: one identity number. Strong: one name and one
birth, also where variant characters (梓/子, 轩/萱, 李/黎) or a lunar date explain the difference. Medium: one sound, one
month of birth and one grid; or one main carer's phone and one first name. The score only orders the queue.
"""

from __future__ import annotations

from datetime import date

import msgspec
from rapidfuzz.distance import Levenshtein

from .features import LUNAR_LEAST, LUNAR_MOST, Features, blurred, given_name

EXACT, STRONG, MEDIUM = 100, 80, 50
"""From this score on a pair is called so; below MEDIUM it is none."""
SURE = 99


class Reason(msgspec.Struct, frozen=True):
    """Why two records may be one, or may not. `code` is a name; the office has its words."""

    code: str
    against: bool = False
    said: str = ""
    """What a sentence needs: a number of days, a phone."""


Found = tuple[int, list[Reason]]


def compare(type_name: str, a: Features, b: Features) -> Found:
    """(score, reasons). A score under MEDIUM: not alike."""
    if type_name == "household":
        return _households(a, b)
    if type_name == "helper":
        return _helpers(a, b)
    return _people(a, b)


def _people(a: Features, b: Features) -> Found:
    name, birth = _names(a, b), _births(a, b)
    same_grid = bool(a.grid) and a.grid == b.grid
    same_house = bool(a.household) and a.household == b.household
    carer = sorted({*a.carers} & {*b.carers})
    phone = sorted({*a.phones} & {*b.phones})
    found: list[tuple[int, list[str]]] = []
    if a.number and a.number == b.number:
        found.append((100, ["number"]))
    if name in ("name", "former") and birth == "day":
        found.append((92, [name, "birth_day"]))
    if name == "variant" and birth == "day":
        found.append((86, [name, "birth_day"]))
    if name in ("name", "former", "variant") and birth == "lunar":
        # Across a large village such a pair is often chance; near each other it seldom is.
        far = 0 if same_grid or carer else 18
        found.append(((84 if name == "name" else 80) - far, [name, "birth_lunar"]))
    if name and birth == "month" and same_grid:
        found.append((74 if name != "near" else 62, [name, "birth_month"]))
    if name in ("name", "former", "variant") and birth == "unknown" and same_grid:
        found.append((60, [name, "birth_unknown"]))
    if name == "near" and birth == "day" and same_grid:
        found.append((66, [name, "birth_day"]))
    if carer and (name in ("name", "former", "variant") or _first_names(a, b)):
        found.append((74, ["carer_phone", name or "first_name"]))
    if phone and name in ("name", "former", "variant"):
        found.append((78, ["own_phone", name]))
    if not found:
        return 0, []
    score, codes = max(found)
    for_ = [*codes, *(["same_house"] if same_house else ["same_grid"] if same_grid else [])]
    if carer and "carer_phone" not in codes:
        for_.append("carer_phone")
    reasons = [Reason(code, said=_said(code, a, b, carer, phone)) for code in for_]
    score += 2 * (same_house + bool(carer) + bool(phone))
    against: list[Reason] = []
    if a.sex and b.sex and a.sex != b.sex:
        against.append(Reason("sex", True))
        score -= 25
    if a.number and b.number and a.number != b.number:
        against.append(Reason("number", True))
        score -= 45
    if birth == "other":
        against.append(Reason("birth", True, str(_days(a, b))))
        score -= 30
    if same_house and birth == "day" and name in ("near", "variant") and "number" not in codes:
        against.append(Reason("twins", True))
        score -= 10
    return (100 if "number" in codes else max(0, min(score, SURE))), reasons + against


def _households(a: Features, b: Features) -> Found:
    same_head = _names(a, b)
    same_place = bool(a.address) and a.address == b.address and a.grid == b.grid
    common = sorted({*a.others} & {*b.others})
    reasons: list[Reason] = []
    score = 0
    if a.number and a.number == b.number:
        score, reasons = 80, [Reason("household_no")]
    if same_head and a.grid == b.grid:
        score = max(score, 66 if same_head == "name" else 56)
        reasons.append(Reason(f"head_{same_head}"))
    if same_place:
        score = max(score + 14, 46)
        reasons.append(Reason("address"))
    if not reasons:
        return 0, []
    if common:
        score += min(20, 10 * len(common))
        reasons.append(Reason("members", said="、".join(common[:4])))
    elif a.others and b.others:
        score -= 16
        reasons.append(Reason("members", True))
    return max(0, min(score, SURE)), reasons


def _helpers(a: Features, b: Features) -> Found:
    name = _names(a, b)
    phone = sorted({*a.phones} & {*b.phones})
    if a.number and a.number == b.number:
        return 100, [Reason("number")]
    if a.stands_for and a.stands_for == b.stands_for:
        return 96, [Reason("stands_for")]
    if name not in ("name", "former", "variant"):
        return 0, []
    score, reasons = (58 if name == "name" else 50), [Reason(name)]
    if phone:
        score += 30
        reasons.append(Reason("own_phone", said=phone[0]))
    if a.unit and b.unit:
        same = a.unit == b.unit
        score += 14 if same else -12
        reasons.append(Reason("unit", not same))
    if a.number and b.number:
        score -= 45
        reasons.append(Reason("number", True))
    if a.sex and b.sex and a.sex != b.sex:
        score -= 25
        reasons.append(Reason("sex", True))
    return max(0, min(score, SURE)), reasons


def _names(a: Features, b: Features) -> str:
    """`name` the same characters; `former` one's other name; `variant` the same sound; `near` as dialects or a
    slip of the pen have it; '' another."""
    if not a.name or not b.name:
        return ""
    if a.name == b.name:
        return "name"
    if a.former == b.name or b.former == a.name:
        return "former"
    if a.pinyin == b.pinyin:
        return "variant"
    first, second = blurred(a.pinyin).split(), blurred(b.pinyin).split()
    if first == second:
        return "near"
    if len(first) != len(second) or len(first) < 2:
        return ""
    differing = [(x, y) for x, y in zip(first, second, strict=True) if x != y]
    close = len(differing) == 1 and Levenshtein.normalized_similarity(*differing[0]) >= 0.6
    return "near" if close else ""


def _first_names(a: Features, b: Features) -> bool:
    first, second = given_name(a.name, a.pinyin), given_name(b.name, b.pinyin)
    return bool(first) and first == second


def _births(a: Features, b: Features) -> str:
    """`day`, `lunar`, `month`, `unknown` (one is missing or only a year, and the years fit) or `other`."""
    if not a.birth or not b.birth:
        return "unknown"
    precisions = {a.precision, b.precision}
    if "year" in precisions:
        return "unknown" if abs(int(a.birth[:4]) - int(b.birth[:4])) <= 1 else "other"
    if a.birth == b.birth:
        return "month" if "month" in precisions else "day"
    # The lunar date is the earlier one; where the later one is the lunar, the day is another. A "no" counts for
    # nothing: it is the form's own answer, seldom a person's.
    later = max(a, b, key=lambda it: it.birth)
    exact = precisions == {"exact"}
    if exact and later.lunar != "Y" and LUNAR_LEAST <= _days(a, b) <= LUNAR_MOST:
        return "lunar"
    return "month" if a.birth[:7] == b.birth[:7] else "other"


def _days(a: Features, b: Features) -> int:
    return abs((date.fromisoformat(a.birth) - date.fromisoformat(b.birth)).days)


def _said(code: str, a: Features, b: Features, carer: list[str], phone: list[str]) -> str:
    if code == "birth_lunar":
        return str(_days(a, b))
    if code == "carer_phone":
        return carer[0]
    if code == "own_phone":
        return phone[0]
    return f"{a.name} / {b.name}" if code in ("variant", "near", "former") else ""
