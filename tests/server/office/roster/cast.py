"""Invented people for rosters: twelve surnames, twenty-four solar terms, numbers of no real area."""

from datetime import date, timedelta

SURNAMES = "谷方安石江丘林田乔卫温宁"
TERMS = [
    "立春",
    "雨水",
    "惊蛰",
    "春分",
    "清明",
    "谷雨",
    "立夏",
    "小满",
    "芒种",
    "夏至",
    "小暑",
    "大暑",
    "立秋",
    "处暑",
    "白露",
    "秋分",
    "寒露",
    "霜降",
    "立冬",
    "小雪",
    "大雪",
    "冬至",
    "小寒",
    "大寒",
]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
GRIDS = ("上坪组", "下坪组", "河湾组", "竹林组", "学堂组", "新桥组")
VILLAGE = "990000101201"


def id_number(birth: date, sequence: int) -> str:
    """A number of the unassigned area 990000 with the right check digit; odd sequences are boys."""
    digits = f"990000{birth:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def wrong(number: str) -> str:
    """The number with another check digit."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def phone(number: int) -> str:
    """A phone number with a prefix that does not exist."""
    return f"1000000{number:04d}"


def child_name(number: int) -> str:
    """288 different names."""
    return SURNAMES[number % 12] + TERMS[number // 12 % 24]


def birth(number: int) -> date:
    """Births from 2011 to 2020."""
    return date(2011, 3, 1) + timedelta(days=(number * 97) % 3500)
