"""Runs the expression trees of server.forms.expression.

The same rules as pwa/src/forms/expression.ts, held together by tests/vectors/expressions.json. Change
both or neither. Where XPath and people disagree, people win:

- A value is a string, a number, a boolean, or a list of codes. What is not there is "".
- `=` compares booleans if one side is one, else numbers if one side is one, else texts. A list is
  its codes with spaces between. `!=` is the opposite of `=`.
- `< <= > >= + - * div mod` work on numbers. A day is the number of days since 1970-01-01, a month
  its first day, a time of day a fraction, so days can be compared and subtracted as they stand.
- What is no number ("", "abc", 1 div 0) makes every comparison of order false; a formula that yields
  none yields "", and equals "".
- True is: a number other than 0, a text other than "", a list with a code in it.
- Texts count in code points, so that one Chinese character is one.
- `age` is 周岁, full years on the day (GB 11643 dates, civil reckoning): one born on 29 February
  is a year older on 1 March of a common year.

Pure: today, the clock and the words of choices come in with the context.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec

Value = Any  # str | int | float | bool | list[str]; a list field may come as its entries by id

_EPOCH = date(1970, 1, 1)
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_CLOCK = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
_NAN = math.nan


class Context(msgspec.Struct, frozen=True):
    """What an expression may look at.

    `today` is the day YYYY-MM-DD in the calendar of Asia/Shanghai, `now` milliseconds since 1970;
    `current` the value of the question itself; `label` gives the words of a list's code; `position`
    is the place, from 1, of the repeat's entry the question stands in; `record` the fields of a
    record by type and id, empty when it is not known here.
    """

    values: Mapping[str, Value]
    today: str
    now: int = 0
    label: Callable[[str, str], str] = lambda _list, code: code
    current: Value = ""
    uuid: Callable[[], str] = lambda: str(uuid4())
    position: int = 0
    record: Callable[[str, str], Mapping[str, Value]] = lambda _type, _id: {}


def evaluate(expr: Any, context: Context) -> Value:
    """The value of a tree. Raises ValueError for an operation that is not known."""
    value = _run(expr, context)
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value


def holds(expr: Any, context: Context, otherwise: bool = True) -> bool:
    """Whether a condition is met; `otherwise` when there is none."""
    return otherwise if expr is None else truth(_run(expr, context))


def truth(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0 and not math.isnan(value)
    return len(text(value)) > 0


def text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            return ""
        written = format(Decimal(repr(float(value))), "f")
        written = written.rstrip("0").rstrip(".") if "." in written else written
        return "0" if written == "-0" else written
    if isinstance(value, (list, tuple, Mapping)):
        return " ".join(_items(value))
    return str(value)


def number(value: Value) -> float:
    if isinstance(value, (bool, int, float)):
        return float(value)
    said = text(value).strip(" \t\r\n")
    if _NUMBER.fullmatch(said):
        return float(said)
    day, _, clock = said.partition("T")
    if clock:
        return _days(day) + _fraction(clock)
    return _fraction(said) if ":" in said else _days(said)


def _days(said: str) -> float:
    match = _DAY.fullmatch(said)
    if not match:
        return _NAN
    try:
        return float((date(int(match[1]), int(match[2]), int(match[3] or 1)) - _EPOCH).days)
    except ValueError:
        return _NAN


def _fraction(said: str) -> float:
    match = _CLOCK.fullmatch(said)
    if not match or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        return _NAN
    return (int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)) / 86400


def _items(value: Value) -> list[str]:
    if isinstance(value, Mapping):
        value = [
            entry.get("number", "") if isinstance(entry, Mapping) else entry
            for entry in value.values()
        ]
    if isinstance(value, (list, tuple)):
        return [text(item) for item in value]
    return text(value).split()


def _day(value: Value) -> date | None:
    # A text such as 2014.3 is no day, though it is a number.
    days = _NAN if _NUMBER.fullmatch(text(value)) and isinstance(value, str) else number(value)
    if not math.isfinite(days) or not -719162 <= days <= 2932896:
        return None
    return _EPOCH + timedelta(days=math.floor(days))


def _equal(left: Value, right: Value) -> bool:
    left, right = ("" if value != value else value for value in (left, right))  # no number is ""
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, (int, float)) or isinstance(right, (int, float)):
        return number(left) == number(right)
    return text(left) == text(right)


def _run(expr: Any, context: Context) -> Value:
    if not isinstance(expr, list):
        return "" if expr is None else expr
    name, *arguments = expr
    if name == "field":
        found = context.values.get(arguments[0])
        return "" if found is None else found
    if name == ".":
        return "" if context.current is None else context.current
    if name == "and":
        return all(truth(_run(argument, context)) for argument in arguments)
    if name == "or":
        return any(truth(_run(argument, context)) for argument in arguments)
    if name == "if":
        return _run(arguments[1] if truth(_run(arguments[0], context)) else arguments[2], context)
    values = [_run(argument, context) for argument in arguments]
    if name in _PLAIN:
        return _PLAIN[name](*values)
    if name in _IN_CONTEXT:
        return _IN_CONTEXT[name](context, *values)
    raise ValueError(f"no operation {name!r}")


def _divide(left: Value, right: Value) -> float:
    by = number(right)
    return number(left) / by if by else _NAN


def _modulo(left: Value, right: Value) -> float:
    of, by = number(left), number(right)
    return math.fmod(of, by) if by and math.isfinite(of) and math.isfinite(by) else _NAN


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if text(value)), "")


def _substr(value: Value, start: Value, end: Value = None) -> str:
    said = text(value)
    first = number(start)
    last = float(len(said)) if end is None else number(end)
    if math.isnan(first) or math.isnan(last):
        return ""
    first, last = (max(at + len(said), 0) if at < 0 else at for at in (first, last))
    return said[int(min(first, len(said))) : int(min(last, len(said)))]


def _regex(value: Value, pattern: str) -> bool:
    return re.fullmatch(pattern, text(value), re.ASCII) is not None


def _int(value: Value) -> float:
    whole = number(value)
    return float(math.trunc(whole)) if math.isfinite(whole) else _NAN


def _round(value: Value, digits: Value = 0) -> float:
    power = 10 ** _int(digits)
    scaled = number(value) * power
    return math.floor(scaled + 0.5) / power if math.isfinite(scaled) else _NAN


def _date(value: Value) -> str:
    day = _day(value)
    return day.isoformat() if day else ""


def _format_date(value: Value, pattern: Value) -> str:
    day = _day(value)
    if day is None:
        return ""
    seconds = math.floor((number(value) % 1) * 86400 + 0.5)
    hours, minutes = divmod(seconds // 60, 60)
    parts = {
        "%Y": f"{day.year:04d}",
        "%y": f"{day.year % 100:02d}",
        "%m": f"{day.month:02d}",
        "%n": str(day.month),
        "%d": f"{day.day:02d}",
        "%e": str(day.day),
        "%H": f"{hours:02d}",
        "%h": str(hours),
        "%M": f"{minutes:02d}",
        "%S": f"{seconds % 60:02d}",
    }
    return re.sub(r"%[YymndeHhMS]", lambda match: parts[match[0]], text(pattern))


def _selected_at(value: Value, place: Value) -> str:
    """The code at a place, the first is 0; '' where there is none."""
    codes, at = _items(value), number(place)
    return codes[int(at)] if 0 <= at < len(codes) else ""


def _texts(values: tuple[Value, ...]) -> list[str]:
    """Every value of the arguments as a text, lists opened."""
    found: list[str] = []
    for value in values:
        is_list = isinstance(value, (list, tuple, Mapping))
        found.extend(_items(value) if is_list else [text(value)])
    return found


def _power(value: Value, exponent: Value) -> float:
    """Whole exponents from -99 to 99, so that both languages come to the same number."""
    base, by = number(value), number(exponent)
    if not by.is_integer() or abs(by) > 99 or not math.isfinite(base) or (base == 0 and by < 0):
        return _NAN
    raised = 1.0
    for _ in range(int(abs(by))):
        raised *= base
    return 1 / raised if by < 0 else raised


def _numbers(values: tuple[Value, ...]) -> list[float]:
    """Every value of the arguments, lists opened, empties left out."""
    found: list[float] = []
    for value in values:
        if isinstance(value, (list, tuple, Mapping)):
            found.extend(number(item) for item in _items(value))
        elif text(value):
            found.append(number(value))
    return found


def _extreme(pick: Callable[[list[float]], float], values: tuple[Value, ...]) -> float:
    found = _numbers(values)
    return _NAN if not found or any(map(math.isnan, found)) else pick(found)


def _age(context: Context, birth: Value, on: Value = None) -> float:
    born, day = _day(birth), _day(context.today if on is None else on)
    if born is None or day is None or born > day:
        return _NAN
    return float(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def _now(context: Context) -> str:
    there = datetime.fromtimestamp(context.now / 1000, UTC) + timedelta(hours=8)
    return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03d}+08:00"


def _choice_name(context: Context, value: Value, list_name: str) -> str:
    codes = value if isinstance(value, (list, tuple)) else [text(value)] if text(value) else []
    return "、".join(context.label(list_name, code) for code in codes)


def _pulldata(context: Context, record: str, column: str, key: Value) -> Value:
    found = context.record(record, text(key)).get(column) if text(key) else None
    return "" if found is None else found


_PLAIN: dict[str, Callable[..., Value]] = {
    "=": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": lambda left, right: number(left) < number(right),
    "<=": lambda left, right: number(left) <= number(right),
    ">": lambda left, right: number(left) > number(right),
    ">=": lambda left, right: number(left) >= number(right),
    "+": lambda left, right: number(left) + number(right),
    "-": lambda left, right: number(left) - number(right),
    "*": lambda left, right: number(left) * number(right),
    "div": _divide,
    "mod": _modulo,
    "neg": lambda value: -number(value),
    "not": lambda value: not truth(value),
    "coalesce": _coalesce,
    "selected": lambda value, code: text(code) in _items(value),
    "selected-at": _selected_at,
    "count-non-empty": lambda *values: float(sum(bool(text(value)) for value in values)),
    "join": lambda between, *values: text(between).join(filter(None, _texts(values))),
    "abs": lambda value: abs(number(value)),
    "pow": _power,
    "count-selected": lambda value: float(len(_items(value))),
    "string-length": lambda value: float(len(text(value))),
    "substr": _substr,
    "concat": lambda *values: "".join(map(text, values)),
    "contains": lambda value, part: text(part) in text(value),
    "starts-with": lambda value, part: text(value).startswith(text(part)),
    "regex": _regex,
    "int": _int,
    "round": _round,
    "number": number,
    "string": text,
    "date": _date,
    "format-date": _format_date,
    "decimal-date-time": number,
    "count": lambda value: float(len(_items(value))),
    "sum": lambda *values: sum(_numbers(values), 0.0),
    "min": lambda *values: _extreme(min, values),
    "max": lambda *values: _extreme(max, values),
}
_IN_CONTEXT: dict[str, Callable[..., Value]] = {
    "today": lambda context: context.today,
    "now": _now,
    "age": _age,
    "once": lambda context, value: context.current if text(context.current) else value,
    "uuid": lambda context: context.uuid(),
    "choice-name": _choice_name,
    "position": lambda context: context.position or "",
    "pulldata": _pulldata,
}
