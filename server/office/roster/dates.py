"""Days as people write them: 2014.3, 2014年3月5日, 20140305, 14.3.5, serials, ages.

A birth known only to the month or the year is kept as a day with its precision said beside it. A
number such as 2014.1 is January or October (a sheet drops the last zero of 2014.10): where the
column does not tell, only the year is taken.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from server.office.roster.cells import fold, is_blank
from server.office.roster.sheet import Value

Precision = Literal["exact", "month", "year"]
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_PARTS = re.compile(
    r"^(\d{2}|\d{4})[年.\-/、。,，_](\d{1,2})(?:[月.\-/、。,，_](\d{1,2})?)?[日号]?$"
)
_YEAR = re.compile(r"^(\d{4})年?$")
_AGE = re.compile(r"^(?:虚岁|约|大约|实岁)?(\d{1,3})(?:\.\d)?(?:周?岁半?|虚岁)?$")
_MONTHS = re.compile(r"^(\d{1,2})个月$")
_CLOCK = re.compile(r"[\sT]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*$")
_OLDEST = 125


@dataclass(frozen=True, slots=True)
class Day:
    """A day read from a cell. `unsure` means the month could not be told from the number."""

    on: date
    precision: Precision = "exact"
    lunar: bool = False
    unsure: bool = False


class ImpossibleDay(ValueError):
    """The cell is written like a day, and there is no such day (or it lies in the future)."""


def month_style(values: Iterable[Value]) -> Literal["two", "one", "unknown"]:
    """How a column of numbers like 2014.03 writes its months, told from all its cells."""
    tenths = hundredths = False
    for value in values:
        if isinstance(value, float) and not value.is_integer() and 1900 < value < 2100:
            decimals = repr(round(value, 4)).partition(".")[2]
            tenths = tenths or (len(decimals) == 1 and decimals != "1")
            hundredths = hundredths or (len(decimals) == 2 and decimals.startswith("0"))
    if hundredths:
        return "two"
    return "one" if tenths else "unknown"


def read_day(value: Value, as_of: date, style: str = "unknown") -> Day | None:
    """The day a cell means, `None` when it says none.

    Raises `ImpossibleDay` for the 30th of February, a day after `as_of`, or one beyond any life.
    """
    if is_blank(value) or isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return _checked(Day(value.date()), as_of)
    if isinstance(value, date):
        return _checked(Day(value), as_of)
    if isinstance(value, int | float):
        return _number(float(value), as_of, style)
    return _text(fold(_CLOCK.sub("", value if isinstance(value, str) else "")), as_of)


def _number(value: float, as_of: date, style: str) -> Day:
    if value.is_integer():
        number = int(value)
        if 19_000_101 <= number <= 21_001_231:
            return _day(number // 10_000, number // 100 % 100, number % 100, as_of)
        if 190_001 <= number <= 210_012:
            return _day(number // 100, number % 100, None, as_of)
        if 1900 <= number <= 2100:
            return _day(number, None, None, as_of)
    if 1900 < value < 2100:
        decimals = repr(round(value, 4)).partition(".")[2]
        year = int(value)
        if decimals == "1":
            # 2014.1 in a column that also has 2014.03 can only be October; beside 2014.3 it may
            # be January or a shortened 2014.10.
            if style == "two":
                return _day(year, 10, None, as_of)
            day = _day(year, None, None, as_of)
            return Day(day.on, "year", unsure=True)
        if len(decimals) <= 2:
            return _day(year, int(decimals), None, as_of)
        if len(decimals) == 4:
            return _day(year, int(decimals[:2]), int(decimals[2:]), as_of)
    if 10_000 <= value < 80_000:  # days since 1899-12-30, as Excel counts them
        return _checked(Day(date(1899, 12, 30) + timedelta(days=int(value))), as_of)
    raise ImpossibleDay(repr(value))


def _text(text: str, as_of: date) -> Day | None:
    lunar = any(
        word in text for word in ("农历", "阴历", "(农)", "(阴)", "旧历", "初", "廿", "腊月")
    )
    text = re.sub(r"农历|阴历|旧历|公历|阳历|新历|\([^)]*\)|出生|生$", "", text)
    text = text.rstrip(".。-/、")
    if re.search(r"[一二三四五六七八九〇○零]", text):
        text = _chinese(text)
    if text.isdecimal():
        if len(text) in (5, 8):
            return _marked(_number(float(text), as_of, "unknown"), lunar)
        if len(text) == 6:
            year = int(text[:4])
            if 1900 <= year <= 2100:
                return _marked(_number(float(text), as_of, "unknown"), lunar)
            day = _day(_century(int(text[:2]), as_of), int(text[2:4]), int(text[4:]), as_of)
            return _marked(day, lunar)
    found = _YEAR.match(text)
    if found:
        return _marked(_day(int(found[1]), None, None, as_of), lunar)
    found = _PARTS.match(text)
    if found is None:
        raise ImpossibleDay(text)
    year = int(found[1]) if len(found[1]) == 4 else _century(int(found[1]), as_of)
    day = _day(year, int(found[2]), int(found[3]) if found[3] else None, as_of)
    return _marked(day, lunar)


def _chinese(text: str) -> str:
    """二〇一四年十二月初五 as 2014年12月5."""
    text = re.sub(
        "廿", "二十", text.replace("初", "").replace("正月", "一月").replace("腊月", "十二月")
    )
    text = re.sub(r"(?<![一二三四五六七八九])十(?=[一二三四五六七八九])", "一", text)
    text = re.sub(r"(?<![一二三四五六七八九])十", "一〇", text)
    text = re.sub(r"(?<=[一二三四五六七八九])十(?=[一二三四五六七八九])", "", text)
    text = re.sub(r"(?<=[一二三四五六七八九])十", "〇", text)
    return text.translate(_DIGITS)


def _century(year: int, as_of: date) -> int:
    return 2000 + year if 2000 + year <= as_of.year else 1900 + year


def _day(year: int, month: int | None, day: int | None, as_of: date) -> Day:
    precision: Precision = "exact" if day else "month" if month else "year"
    try:
        # `0` in the place of a month is a typing mistake, not "unknown".
        on = date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError as error:
        raise ImpossibleDay(f"{year}-{month}-{day}") from error
    return _checked(Day(on, precision), as_of)


def _checked(day: Day, as_of: date) -> Day:
    if day.on > as_of or day.on.year < as_of.year - _OLDEST:
        raise ImpossibleDay(day.on.isoformat())
    return day


def _marked(day: Day, lunar: bool) -> Day:
    return Day(day.on, day.precision, lunar, day.unsure)


def birth_from_age(value: Value, as_of: date, nominal: bool = False) -> Day | None:
    """The middle of the year in which somebody of this age was born, kept to the year.

    Of all births that give this age on `as_of` the middle one is half a year before the last
    possible birthday, so the age computed from it is the age that was written. A nominal age
    (虚岁) counts one at birth and one more at each new year.
    """
    if is_blank(value):
        return None
    text = fold(value)
    months = _MONTHS.match(text)
    if months:
        on = as_of - timedelta(days=int(int(months[1]) * 30.44) + 15)
        return Day(on.replace(day=1), "month")
    found = _AGE.match(text)
    if found is None or int(found[1]) > _OLDEST:
        raise ImpossibleDay(text)
    age = int(found[1])
    if nominal or "虚岁" in text:
        return _checked(Day(date(as_of.year - age + 1, 1, 1), "year"), as_of)
    middle = as_of - timedelta(days=round(365.25 * age + 182))
    return Day(middle.replace(day=1), "year")


_SAID = re.compile(r"(20\d\d)[年.\-/](\d{1,2})(?!\d)(?:[月.\-/](\d{1,2}))?")


def said_as_of(texts: Iterable[str], today: date) -> date | None:
    """The day a sheet says it was filled in: 填报日期：2025年8月31日 in one of its titles."""
    for text in texts:
        for found in _SAID.finditer(fold(text)):
            year, month = int(found[1]), int(found[2])
            try:
                day = date(year, month, int(found[3] or monthrange(year, month)[1]))
            except ValueError:
                continue
            if day <= today:
                return day
    return None
