"""The due list: who has to be visited, by when. The same rules as pwa/src/due.ts, held together by
tests/vectors/due.json. Change both or neither.

Source of the periods: rules.md. What counts:

- A visit counts when the rule's `counts_if` holds (somebody was met), it was not corrected by a later
  one, and its day is not after tomorrow: a phone's clock may run a day ahead, a typed 2062 may
  not hide a child for years.
- The period begins with the last visit that counts, else with the day the child's record was made,
  which its id (UUIDv7) tells.
- A day agreed at the last visit, or at a door where nobody was, brings the date forward, never back.
- Children for whom `applies_if` does not hold (not left behind, off the register, sixteen) are not listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, Protocol, TypeGuard, TypeVar

from server.forms.evaluate import Context, holds
from server.programme.model import FrequencyRule

_EIGHT_HOURS_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
SOON_DAYS = 7


class Record(Protocol):
    """What a row must offer: the registry's rows do."""

    @property
    def id(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Due(Generic[R]):
    """`state`: overdue (before today), this_week (today and the six days after), later."""

    child: R
    due_on: str
    state: str
    last_on: str | None
    rule: str


def visit_due(
    children: Iterable[R], visits: Iterable[Record], rules: Sequence[FrequencyRule], today: str
) -> list[Due[R]]:
    """Every child to whom a visiting rule applies, earliest date first."""
    visits = list(visits)
    corrected = {visit.fields.get("corrects_id") for visit in visits}
    standing = [visit for visit in visits if visit.id not in corrected]
    children = list(children)
    found: list[Due[R]] = []
    for rule in rules:
        if rule.event == "visit" and rule.subject == "child":
            found.extend(_by_rule(children, standing, rule, today))
    return sorted(found, key=lambda due: (due.due_on, due.child.id))


def _by_rule(
    children: list[R], visits: list[Record], rule: FrequencyRule, today: str
) -> Iterable[Due[R]]:
    tomorrow = add_days(today, 1)
    made: dict[str, list[tuple[str, str]]] = {}
    last: dict[str, str] = {}
    for visit in visits:
        fields = visit.fields
        child, on, agreed = (
            fields.get(key) for key in ("child_id", "occurred_on", "next_visit_on")
        )
        if not isinstance(child, str) or not is_day(on) or on > tomorrow:
            continue
        if is_day(agreed):
            made.setdefault(child, []).append((on, agreed))
        if holds(rule.counts_if, Context(fields, today)):
            last[child] = max(on, last.get(child, ""))
    for record in children:
        if not holds(rule.applies_if, Context(record.fields, today)):
            continue
        last_on = last.get(record.id)
        days = rule.every_days.get(str(record.fields.get(rule.by) or ""), rule.every_days[""])
        due_on = add_days(last_on or min(created_on(record.id, today), today), days)
        due_on = min(due_on, _agreed(made.get(record.id, []), last_on or "") or due_on)
        yield Due(record, due_on, state_of(due_on, today), last_on, rule.name)


def _agreed(made: list[tuple[str, str]], last_on: str) -> str | None:
    """The day agreed most recently, if it was agreed since the last visit that counts."""
    since = [(on, agreed) for on, agreed in made if on >= last_on and agreed > last_on]
    newest = max((on for on, _ in since), default="")
    return min((agreed for on, agreed in since if on == newest), default=None)


def state_of(due_on: str, today: str) -> str:
    if due_on < today:
        return "overdue"
    return "this_week" if due_on < add_days(today, SOON_DAYS) else "later"


def created_on(record_id: str, otherwise: str) -> str:
    """The day in Asia/Shanghai on which a UUIDv7 was made; `otherwise` for another kind of id."""
    try:
        instant_ms = int(record_id[:12], 16)
    except ValueError:
        return otherwise
    days = (instant_ms + _EIGHT_HOURS_MS) // _DAY_MS
    if record_id[12:13] != "7" or days > 100_000:
        return otherwise
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def add_days(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def is_day(value: Any) -> TypeGuard[str]:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
