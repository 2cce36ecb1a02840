"""Names, telephone numbers and ID numbers of people who do not exist.

Children: one of twelve surnames and one of the twenty-four solar terms (谷小满). Adults: surname,
form of address and a heavenly stem or earthly branch (谷大叔甲). Telephones begin with 1000000,
which no network has; ID numbers come from area 990000, which no province has, with a correct
check digit (GB 11643-1999).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

SURNAMES = "谷方安石田江林叶白米柳麦"
SOLAR_TERMS = [
    *(
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
    ),
    *(
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
    ),
]
ORDINALS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
ID_AREA = "990000"

MALE, FEMALE = "1", "2"  # GB/T 2261.1

_FIRST_TERMS = {"谷": "小满", "方": "立夏", "安": "白露", "石": "惊蛰"}
_TERM_STEP = 7  # coprime to 24: neighbours in a class do not sound like brothers
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def address_of(sex: str, age: int) -> str:
    """How a village calls an adult of that age; the last word of the name before the ordinal."""
    if age >= 55:
        return "大爷" if sex == MALE else "大娘"
    if age >= 28:
        return "大叔" if sex == MALE else "大婶"
    return "大哥" if sex == MALE else "大姐"


def check_digit(first17: str) -> str:
    """Eighteenth character of an ID number (GB 11643-1999)."""
    total = sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


class Names:
    """Hands out names and numbers, each once, in a fixed order."""

    def __init__(self) -> None:
        self._terms = {surname: _terms_for(surname) for surname in SURNAMES}
        self._ordinals: defaultdict[str, Iterator[str]] = defaultdict(lambda: iter(ORDINALS))
        self._sequences: defaultdict[tuple[date, str], int] = defaultdict(int)
        self._phones = 0

    def child(self, surname: str) -> str:
        return surname + next(self._terms[surname])

    def adult(self, surname: str, address: str) -> str:
        called = surname + address
        return called + next(self._ordinals[called])

    def id_number(self, born: date, sex: str) -> str:
        """18 characters; the sequence is odd for men, even for women."""
        self._sequences[born, sex] += 1
        sequence = 2 * self._sequences[born, sex] - (1 if sex == MALE else 0)
        first17 = f"{ID_AREA}{born:%Y%m%d}{sequence:03d}"
        return first17 + check_digit(first17)

    def phone(self) -> str:
        self._phones += 1
        return f"1000000{self._phones:04d}"


def _terms_for(surname: str) -> Iterator[str]:
    first = _FIRST_TERMS.get(surname)
    start = SOLAR_TERMS.index(first) if first else 5 * SURNAMES.index(surname)
    for n in range(len(SOLAR_TERMS)):
        yield SOLAR_TERMS[(start + _TERM_STEP * n) % len(SOLAR_TERMS)]
