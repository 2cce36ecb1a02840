"""Numbers that people carry: identity numbers, phones, area codes. Checked, never refused.

pwa/src/forms/numbers.ts is the twin; tests/vectors/checks.json holds both to the same answers.

Sources: GB 11643-1999 for identity numbers (python-stdnum computes check digit and date; its list of
areas is left out, for numbers issued under withdrawn codes are real), the numbering plan for phones,
GB/T 10114 for area codes.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

DEMO_AREA = "990000"  # no such province: numbers of demo villages

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?", re.ASCII)
_SHORT = re.compile(r"\d{3,6}", re.ASCII)
_DEMO_PHONE = re.compile(r"1000000\d{4}", re.ASCII)


def tidy_id_number(typed: str) -> str:
    """Half-width, without spaces, x as X: how an identity number is compared."""
    return re.sub(r"[\s-]", "", _half_width(typed)).upper()


def _half_width(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).replace("—", "-")


def id_number_fault(typed: str) -> str:
    """Why this is no identity number: length, characters, date, checksum; "" when it is one."""
    number = tidy_id_number(typed)
    if len(number) != 18:
        return "length"
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        return "characters"
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return "date"
    if born < date(1900, 1, 1):
        return "date"
    return "" if ric.calc_check_digit(number) == number[-1] else "checksum"


def id_number_facts(typed: str) -> tuple[str, str] | None:
    """Date of birth (YYYY-MM-DD) and sex (1 male, 2 female) which a valid number states."""
    if id_number_fault(typed):
        return None
    number = tidy_id_number(typed)
    return ric.get_birth_date(number).isoformat(), "1" if int(number[16]) % 2 else "2"


def tidy_phone(typed: str) -> str:
    """Half-width digits without spaces and without the country code."""
    number = re.sub(r"[\s().]", "", _half_width(typed))
    number = re.sub(r"^(\+|00)86-?", "", number)
    bare = number.replace("-", "")
    return bare if _MOBILE.fullmatch(bare) or _DEMO_PHONE.fullmatch(bare) else number


def phone_kind(typed: str) -> str:
    """mobile, landline, short (a village's own 3 to 6 digits: allowed with a warning), demo, or ""."""
    number = tidy_phone(typed)
    for kind, form in (
        ("mobile", _MOBILE),
        ("landline", _LANDLINE),
        ("demo", _DEMO_PHONE),
        ("short", _SHORT),
    ):
        if form.fullmatch(number):
            return kind
    return ""


def is_area_code(code: str) -> bool:
    """Whether 12 digits can be the code of a village: province, city, county, town, village.

    Town 001 to 099 streets, 100 to 199 towns, 200 to 399 townships, 400 to 599 their like; village
    001 to 199 residents', 200 to 399 villagers' committees, 400 to 599 their like."""
    if not re.fullmatch(r"[1-9]\d{11}", code, re.ASCII):
        return False
    return 1 <= int(code[6:9]) <= 599 and 1 <= int(code[9:12]) <= 599
