"""School years as people write them: 三年级, 三(2)班, 初二, 八(1), 大班, 301班.

Codes of the programme: stage 0 not in kindergarten, 1 kindergarten, 2 primary, 3 junior, 4 senior,
5 vocational, 6 dropped out, 7 not at school; grade K1-K3, P1-P6, J1-J3, S1-S3.
"""

import re
from dataclasses import dataclass

from server.office.roster.cells import fold, is_blank
from server.office.roster.sheet import Value

_NUMBERS = {number: place for place, number in enumerate("一二三四五六七八九", start=1)}
_STAGES: tuple[tuple[str, str], ...] = (
    (r"辍学|失学", "6"),
    (r"未入学|未入园|未上学|学龄前|散居|未读书|^婴儿$|^幼儿$", "0"),
    (r"送教|特教|特殊教育", "8"),
    (r"中职|职高|中专|技校|职校", "5"),
    (r"毕业|不在学|未就读|务工", "7"),
    (r"幼儿园|学前", "1"),
    (r"小学", "2"),
    (r"初中|中学", "3"),
    (r"高中", "4"),
)
_CLASS = re.compile(r"\(?(\d{1,2})\)?班?$")


@dataclass(frozen=True, slots=True)
class Schooling:
    """Stage and grade as codes and the class as text; "" for what was not said."""

    stage: str = ""
    grade: str = ""
    class_name: str = ""


def read_grade(value: Value) -> Schooling | None:
    """What a cell says of the school year; `None` when it is blank or not understood."""
    if is_blank(value):
        return None
    text = fold(value).replace("〔", "(").replace("〕", ")").replace("[", "(").replace("]", ")")
    text = re.sub(r"(?<=[一二三四五六七八九])(?=\d)", "(", text)
    text = re.sub("|".join(_NUMBERS), lambda found: str(_NUMBERS[found[0]]), text)
    found = re.search(r"(小|(?<![初高])中|大)\d?班|学前班", text)
    if found:
        grade = {"小": "K1", "中": "K2", "大": "K3"}.get(found[0][0], "K3")
        return Schooling("1", grade, _class(text[found.end() :]))
    found = re.search(r"(初中?|高中?|职高?)([123])(?![\d班])", text)
    if found:
        letter = {"初": "J", "高": "S"}.get(found[1][0])
        if letter is None:
            return Schooling("5")
        return _made(letter, int(found[2]), text[found.end() :])
    found = re.search(r"(?:小学)?(?<!\d)([1-9])(?:年级|年|级)(.*)$", text)
    if found:
        return _numbered(int(found[1]), found[2], text)
    found = re.match(r"^(?:小学)?([1-9])[(.\-]?(\d{1,2})\)?班?$", text)
    if found and (len(text) > 1 or "班" in text):
        number = found[2].lstrip("0")
        return _numbered(int(found[1]), f"({number})班", text)
    if re.match(r"^[1-9]$", text):
        return _numbered(int(text), "", text)
    for pattern, stage in _STAGES:
        if re.search(pattern, text):
            return Schooling(stage)
    return None


def _numbered(number: int, rest: str, text: str) -> Schooling:
    if number > 6 or ("初" in text and number <= 3):
        return _made("J", number - 6 if number > 6 else number, rest)
    return _made("P", number, rest)


def _made(letter: str, number: int, rest: str) -> Schooling:
    stage = {"P": "2", "J": "3", "S": "4"}[letter]
    return Schooling(stage, f"{letter}{number}", _class(rest))


def _class(text: str) -> str:
    found = _CLASS.search(text.removeprefix("年级").removeprefix("年"))
    return f"{found[1]}班" if found else ""
