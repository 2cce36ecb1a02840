"""Identity numbers (GB 11643-1999) and telephone numbers as rosters hold them.

A wrong identity number is kept as typed and flagged; it is never used to find anybody. The area
part is not looked up: withdrawn area codes are real.
"""

import re
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric

from server.office.roster.cells import fold, is_blank, shown, tidy
from server.office.roster.sheet import Value

_ID = re.compile(r"^\d{17}[\dX]$")
_MOBILE = re.compile(r"^1[3-9]\d{9}$")
_FICTIONAL = re.compile(r"^1000000\d{4}$")
_LANDLINE = re.compile(r"^0\d{2,3}-?\d{7,8}(-\d{1,6})?$")


@dataclass(frozen=True, slots=True)
class IdNumber:
    """An identity number as typed (tidied) and what it tells when it is sound."""

    number: str
    sound: bool
    rounded: bool = False
    birth: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """One telephone number. `known_form` is false for short numbers and typing mistakes."""

    number: str
    owner: str = ""
    known_form: bool = True


def read_id(value: Value) -> IdNumber | None:
    """The identity number of a cell, `None` when there is none.

    A sheet keeps 15 digits of a number; an 18-digit number typed as one has lost its end.
    """
    if is_blank(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = shown(value)
        return IdNumber(text, False, rounded=len(text) > 15)
    text = re.sub(r"[\s'’‘`\"-]", "", tidy(value)).upper().replace("×", "X")
    if not _ID.match(text) or ric.calc_check_digit(text) != text[-1]:
        return IdNumber(text, False)
    try:
        birth = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return IdNumber(text, False)
    return IdNumber(text, True, birth=birth, sex="1" if int(text[16]) % 2 else "2")


def is_sound(number: str) -> bool:
    """Whether an identity number has the right form, check digit and a real day of birth."""
    found = read_id(number)
    return found is not None and found.sound


def read_phones(value: Value) -> list[Phone]:
    """All numbers of a cell: cut at / 、 ； , new lines and, where needed, at spaces.

    A word beside a number says whose it is: `1000000 0012（奶奶）`.
    """
    if is_blank(value):
        return []
    text = re.sub(r"[、,，;；/\\|\n\r]|或|和", "\n", shown(value))
    phones: list[Phone] = []
    for piece in text.split("\n"):
        whole = _number(piece)
        parts = [piece] if whole is None or whole.known_form else piece.split()
        for part in parts:
            phone = _number(part)
            if phone is not None and phone.number not in {known.number for known in phones}:
                phones.append(phone)
    return phones


def _number(piece: str) -> Phone | None:
    text = fold(piece)
    owner = "".join(re.findall(r"[\u4e00-\u9fff]+", text))
    owner = re.sub(r"^(电话|手机|联系电话|号码|转)+", "", owner)
    number = re.sub(r"[^\d+-]", "", re.sub(r"转|ext\.?", "-", text))
    number = re.sub(r"^(\+86|0086|86(?=1\d{10}$))-?", "", number).strip("+-")
    if not number:
        return None
    compact = number.replace("-", "")
    if _MOBILE.match(compact) or _FICTIONAL.match(compact):
        return Phone(compact, owner)
    return Phone(number, owner, _LANDLINE.match(number) is not None)
