"""The due list: what has to be done for whom, by when. The same rules as pwa/src/due.ts, held together by
tests/vectors/due.json. Change both or neither.

Source of the periods: rules.md, which also says what `start` means. What counts:

- An event counts when the rule's `counts_if` holds (somebody was met), it was not corrected by a later
  one, and its day is not after tomorrow: a phone's clock may run a day ahead, a typed 2062 may
  not hide a child for years.
- The period begins with the last event that counts, else with the day the subject's record was made,
  which its id (UUIDv7) tells.
- A survey is about every child of its household; an activity or a training that names no place about every
  place; what follows an accident, a health check or a report is about its child, or where it names none about
  its household.
- What a later event corrects is neither counted nor followed up.
- A day agreed at the last visit, or at a door where nobody was, brings the date forward, never back.
- Subjects for whom `applies_if` does not hold (not left behind, off the register, sixteen) are not listed,
  nor children without a helper of the kinds a rule names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, Protocol, TypeGuard, TypeVar

from server.forms.evaluate import Context, holds
from server.programme.model import Calendar, FrequencyRule

_EIGHT_HOURS_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
SOON_DAYS = 7
ANY_HELPER = "*"
EVERYWHERE = "*"
"""What an event that names no place is about."""
OF_CHILD = frozenset({"illness_incident", "health_check", "mandatory_report"})
"""Events that are followed up: not by what names them, but by what is about their child."""
NO_CALENDAR = Calendar((), {})


class Record(Protocol):
    """What a row must offer: the registry's rows do."""

    @property
    def id(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


R = TypeVar("R", bound=Record)
Held = Mapping[str, Sequence[R]]
"""Records by type."""


@dataclass(frozen=True, slots=True)
class Due(Generic[R]):
    """`state`: overdue (before today), this_week (today and the six days after), later."""

    subject: R
    due_on: str
    state: str
    last_on: str | None
    rule: str


def visit_due(
    children: Iterable[R], visits: Iterable[R], rules: Sequence[FrequencyRule], today: str
) -> list[Due[R]]:
    """Every child who is visited again and again, earliest date first: 应访."""
    held = {"child": [*children], "visit": [*visits]}
    return due_list(held, visiting(rules), NO_CALENDAR, today)


def visiting(rules: Iterable[FrequencyRule]) -> list[FrequencyRule]:
    """The rules by which children are visited again and again."""
    return [
        rule
        for rule in rules
        if rule.subject == "child" and rule.start == "created" and [*rule.events] == ["visit"]
    ]


def due_list(
    held: Held[R], rules: Sequence[FrequencyRule], calendar: Calendar, today: str
) -> list[Due[R]]:
    """All that is due by the rules that are on, earliest date first; of one day in the order of the rules."""
    found = [due for rule in rules if rule.on for due in _by_rule(held, rule, calendar, today)]
    return sorted(found, key=lambda due: due.due_on)


def _by_rule(
    held: Held[R], rule: FrequencyRule, calendar: Calendar, today: str
) -> Iterator[Due[R]]:
    season = _season(rule, calendar, today)
    if season is None:
        return
    made, counted = _written(held, rule, today)
    among = helped(held, rule.helpers, today)
    subjects = held.get(rule.subject, ())
    corrected = {record.fields.get("corrects_id") for record in subjects}
    for record in sorted(subjects, key=lambda record: record.id):
        fields = record.fields
        if (among is not None and record.id not in among) or record.id in corrected:
            continue
        if not holds(rule.applies_if, Context(fields, today)):
            continue
        links = _links(rule.subject, record)
        done = {on for link in links for on in counted.get(link, ())}
        last_on = max(done, default=None)
        days = rule.every_days.get(str(fields.get(rule.by) or ""), rule.every_days[""])
        if rule.start == "created":
            due_on = add_days(last_on or min(created_on(record.id, today), today), days)
            agreed = [it for link in links for it in made.get(link, ())]
            due_on = min(due_on, _agreed(agreed, last_on or "") or due_on)
        elif season:
            first, last = season
            times = sum(on >= first for on in done)
            if times >= rule.times:
                continue
            due_on = add_days(first, _days_between(first, last) * (times + 1) // rule.times)
        else:
            begun = _begun(rule.start, fields)
            is_agreed = rule.start.startswith("field:")
            if not is_day(begun) or (begun > add_days(today, 1) and not is_agreed):
                continue
            if last_on and (is_agreed or last_on >= begun):
                continue
            due_on = add_days(begun, days)
        yield Due(record, due_on, state_of(due_on, today), last_on, rule.name)


def _season(
    rule: FrequencyRule, calendar: Calendar, today: str
) -> tuple[str, str] | tuple[()] | None:
    """First and last day of the rule's season when it is on; () where it has none; None out of season."""
    if rule.start in ("created", "once") or rule.start.startswith(("field:", "age:")):
        return ()
    times = calendar.seasons.get(rule.start, ())
    return next((time for time in times if time[0] <= today <= time[1]), None)


def _begun(start: str, fields: Mapping[str, Any]) -> Any:
    """The day from which something is due one time: of the event, of a field, or of a birthday."""
    kind, _, said = start.partition(":")
    if kind == "once":
        return fields.get("occurred_on")
    if kind == "field":
        return fields.get(said)
    born = fields.get("birth_date")
    return birthday(born, int(born[:4]) + int(said)) if is_day(born) else None


def _written(
    held: Held[R], rule: FrequencyRule, today: str
) -> tuple[dict[str, list[tuple[str, str]]], dict[str, set[str]]]:
    """By what they are about: days agreed (with the day on which), and the days of events that count."""
    tomorrow = add_days(today, 1)
    made: dict[str, list[tuple[str, str]]] = {}
    counted: dict[str, set[str]] = {}
    for kind in rule.events:
        events = held.get(kind, ())
        corrected = {event.fields.get("corrects_id") for event in events}
        for event in events:
            fields = event.fields
            abouts = _abouts(rule.subject, kind, fields)
            on, agreed = fields.get("occurred_on"), fields.get("next_visit_on")
            if event.id in corrected or not abouts:
                continue
            if not is_day(on) or on > tomorrow:
                continue
            if is_day(agreed):
                for about in abouts:
                    made.setdefault(about, []).append((on, agreed))
            if holds(rule.counts_if, Context(fields, today)):
                for about in abouts:
                    counted.setdefault(about, set()).add(on)
    return made, counted


def _abouts(subject: str, kind: str, fields: Mapping[str, Any]) -> list[str]:
    """What an event is about, for a rule of this subject."""
    if subject in OF_CHILD:
        names = ["child_id", "household_id"]
    elif subject == "child" and kind == "survey":
        names = ["household_id"]
    else:
        names = [f"{subject}_id"]
    found = [value for name in names if isinstance(value := fields.get(name), str)]
    return found or ([EVERYWHERE] if subject == "place" else [])


def _links(subject: str, record: Record) -> list[str]:
    """By what events about a record are found."""
    fields = record.fields
    if subject in OF_CHILD:
        return [str(fields.get("child_id") or fields.get("household_id") or "")]
    if subject == "child":
        return [record.id, str(fields.get("household_id") or "")]
    return [record.id, EVERYWHERE] if subject == "place" else [record.id]


def in_force(pairing: Mapping[str, Any], on: str) -> bool:
    """Whether a pairing counts on a day: 有效, begun and not over. 待补 waits for a helper and counts nowhere.

    Source: 结对率, children with at least one valid pairing (information model §3.2)."""
    first, last = str(pairing.get("from_on") or ""), str(pairing.get("to_on") or "")
    return pairing.get("state") in (None, "", "V") and first <= on <= (last or on)


def helped(held: Held[R], kinds: Sequence[str], today: str) -> set[str] | None:
    """Children paired with a helper of these kinds; None when a rule asks for none."""
    if not kinds:
        return None
    kind_of = {it.id: str(it.fields.get("helper_kind") or "") for it in held.get("helper", ())}
    return {
        str(it.fields.get("child_id"))
        for it in held.get("pairing", ())
        if in_force(it.fields, today)
        and (ANY_HELPER in kinds or kind_of.get(str(it.fields.get("helper_id"))) in kinds)
    }


def birthdays(people: Iterable[R], today: str, days: int = SOON_DAYS) -> list[tuple[str, R]]:
    """Whose birthday is today or in the days after, with the day; the 29th of February is kept on 1 March in
    other years, when one is a year older. Of whom only the month or year is known, nobody knows the day."""
    found = []
    for person in people:
        born = person.fields.get("birth_date")
        known = person.fields.get("birth_approximate") in (None, "", "exact")
        if not is_day(born) or not known or person.fields.get("birth_lunar") == "Y":
            continue
        for year in (int(today[:4]), int(today[:4]) + 1):
            on = birthday(born, year)
            if today <= on < add_days(today, days) and on > born:
                found.append((on, person))
                break
    return sorted(found, key=lambda it: (it[0], it[1].id))


def birthday(born: str, year: int) -> str:
    """The day in a year on which somebody is a year older."""
    on = f"{year:04d}{born[4:]}"
    return on if is_day(on) else f"{year:04d}-03-01"


def homecomings(links: Iterable[R], today: str, days: int = 2 * SOON_DAYS) -> list[tuple[str, R]]:
    """Links to parents who are expected home today or in the days after, with the day."""
    found = [
        (on, link)
        for link in links
        if is_day(on := link.fields.get("next_home_on")) and today <= on < add_days(today, days)
    ]
    return sorted(found, key=lambda it: (it[0], it[1].id))


def festivals(calendar: Calendar, today: str, days: int = 2 * SOON_DAYS) -> list[tuple[str, str]]:
    """Festivals today or in the days after: (day, name)."""
    end = add_days(today, days)
    return sorted(
        (day, it.name) for it in calendar.festivals for day in it.days if today <= day < end
    )


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


def _days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def is_day(value: Any) -> TypeGuard[str]:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
