"""What a page of figures was asked for: the day, the period, the definition; and the book that answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from server.errors import Problem
from server.office.pages import CHINA, today
from server.office.register import Register, load_under
from server.office.rule_words import visit_rule
from server.office.statistics.book import LEGAL, WIDE, Book
from server.office.statistics.slots import add_days
from server.office.text import translate
from server.programme import FrequencyRule, programme_of, rules_as_of
from server.registry import Registry
from server.typed import day

FIRST_DAY = "1990-01-01"
"""No figure goes back further."""
SCOPES = {WIDE: "宽口径", LEGAL: "法定口径"}


@dataclass(frozen=True)
class Asked:
    since: str
    on: str
    scope: str

    def query(self, **more: str) -> str:
        said = {"since": self.since, "on": self.on, "scope": self.scope, **more}
        return "?" + urlencode({name: value for name, value in said.items() if value})

    def about(self, language: str) -> str:
        """Period, day and definition."""
        return translate(
            language, "截至 %(on)s；期间 %(since)s 至 %(on)s；%(scope)s",
            on=self.on, since=self.since, scope=translate(language, SCOPES[self.scope]),
        )  # fmt: skip


def about(wanted: Asked, rules: Sequence[FrequencyRule], language: str) -> str:
    """The line every table carries: period, day, definition, and by which rule visits were asked for."""
    return translate(language, "；").join((wanted.about(language), visit_rule(rules, language)))


def new_year(on: str) -> str:
    """The first day of a day's year."""
    return f"{on[:4]}-01-01"


def asked(
    data: QueryParams | FormData | Mapping[str, str], begins: Callable[[str], str] = new_year
) -> Asked:
    """Read day, period and definition; `begins`: where the period of a day begins when nobody says. Raises
    `bad_field` for what is no day, or a day yet to come."""
    on = _day(str(data.get("on", "") or today()), "on")
    first = _day(str(data.get("since", "") or begins(on)), "since")
    scope = str(data.get("scope", "") or WIDE)
    if on > today():
        raise Problem("bad_field", field="on")
    if first > on or scope not in SCOPES:
        raise Problem("bad_field", field="since" if first > on else "scope")
    return Asked(first, on, scope)


def _day(text: str, field: str) -> str:
    found = day(text)
    if found is None or found < FIRST_DAY:
        raise Problem("bad_field", field=field)
    return found


async def book_of(
    registry: Registry, village: str, wanted: Asked, *, compares: bool = False
) -> Book:
    """The book of a day. Of a past day the entities are as they had been accepted by its end; `compares` fetches
    the day before the period too."""
    before = await first_day(registry, village, wanted) if compares else None
    if wanted.on != today():
        types = programme_of(village).types.values()
        entities = [kind.name for kind in types if kind.kind == "entity"]
        events = [kind.name for kind in types if kind.kind == "event"]
        rows = [
            *await registry.rows_as_of(village, end_of(wanted.on), *entities),
            *await registry.rows(village, *events),
        ]
        register = Register.of(rows, rules_as_of(village, end_of(wanted.on)))
        return Book(register, wanted.since, wanted.on, wanted.scope, before)
    register = await load_under(
        registry, village, wanted.on, lambda: rules_as_of(village, end_of(wanted.on))
    )
    if before is not None:
        return Book(register, wanted.since, wanted.on, wanted.scope, before)
    return register.once(wanted, lambda: Book(register, wanted.since, wanted.on, wanted.scope))


async def first_day(registry: Registry, village: str, wanted: Asked) -> Register:
    """The children as of the day before the period."""
    instant = end_of(add_days(wanted.since, -1))
    return Register.of(await registry.rows_as_of(village, instant, "grid", "household", "child"))


def end_of(day: str) -> int:
    """The last instant of a day in China, ms."""
    last = datetime.combine(date.fromisoformat(day), time.max, CHINA)
    return int(last.timestamp() * 1000)
