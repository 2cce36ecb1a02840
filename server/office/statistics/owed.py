"""What a village's own rules of frequency ask for: the stretches in which a talk or a call was due to each child. Pure.

Without such a rule the figures count by calendar months and weeks, as the source documents do. With one they count as
the due list asks: of the children the rule asks for, in periods of its days, or so many times in its season.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.forms import Label
from server.forms.evaluate import Context, holds
from server.office import rule_words
from server.office.register import text_of
from server.office.statistics.book import Book
from server.office.statistics.slots import Slot, add_days, days_between, periods
from server.office.text import translate
from server.programme import FrequencyRule, Indicator, programme
from server.programme.due import helped
from server.registry import Row

RULES: Mapping[str, Sequence[str]] = {
    "talks": ("talk_weekly", "talk_monthly", "talk_term"),
    "carer_talks": ("carer_monthly",),
    "calls": ("family_call_weekly",),
}
"""Figure -> the rules it counts by when they are on."""
FORMULA = Label(
    "按本村规则（{rules}）应做的时段中做到的 ÷ 已到期的时段；规则没有要求到的孩子不算",
    "Periods due by the village's own rule ({rules}) in which it was done ÷ periods that have ended; a child the rule "
    "does not ask for is not counted",
)


@dataclass(frozen=True)
class _Asking:
    """A rule that is on, and whom of the children it asks for; None for all to whom it applies."""

    rule: FrequencyRule
    children: frozenset[str] | None


def rules_of(figure: str, rules: Iterable[FrequencyRule]) -> list[FrequencyRule]:
    """The rules in force that a figure counts by."""
    return [it for it in rules if it.on and it.name in RULES.get(figure, ())]


def as_counted(known: Indicator, rules: Iterable[FrequencyRule]) -> Indicator:
    """The figure with the formula it is counted by under these rules."""
    own = rules_of(known.name, rules)
    if not own:
        return known
    said = {
        language: translate(language, "；").join(rule_words.in_words(own, language))
        for language in ("zh", "en")
    }
    zh, en = FORMULA.zh.format(rules=said["zh"]), FORMULA.en.format(rules=said["en"])
    return replace(known, formula=Label(zh, en))


def slots_of(figure: str, book: Book, usual: Sequence[Slot]) -> Callable[[Row], Iterable[Slot]]:
    """Child -> the slots in which something was owed to it. `usual` are those without a rule of the village's own."""
    own = [_asking(rule, book) for rule in rules_of(figure, book.register.rules)]

    def slots(child: Row) -> Iterable[Slot]:
        if not own:
            return [it for it in usual if it.last >= book.entered(child)]
        asks = [it.rule for it in own if _asks(it, child, book.on)]
        # Who is asked for by several rules is owed what the most frequent of them asks.
        rule = min(asks, key=lambda it: _days(it, child), default=None)
        if rule is None:
            return []
        if rule.start == "created":
            return periods(book.entered(child), _days(rule, child), book.since, book.on)
        return list(_of_seasons(rule, book, book.entered(child)))

    return slots


def _asking(rule: FrequencyRule, book: Book) -> _Asking:
    held = {name: book.register.kind(name) for name in ("helper", "pairing")}
    found = helped(held, rule.helpers, book.on)
    return _Asking(rule, None if found is None else frozenset(found))


def _asks(it: _Asking, child: Row, on: str) -> bool:
    is_helped = it.children is None or child.id in it.children
    return is_helped and holds(it.rule.applies_if, Context(child.fields, on))


def _days(rule: FrequencyRule, child: Row) -> int:
    """How many days one slot of a rule has, about so many for a season's."""
    if rule.start == "created":
        days = rule.every_days
        return days.get(text_of(child.fields, rule.by) if rule.by else "", days[""])
    first, last = programme().calendar.seasons[rule.start][0]
    return days_between(first, last) // rule.times


def _of_seasons(rule: FrequencyRule, book: Book, entered: str) -> Iterable[Slot]:
    """The nth time of a season is due when n parts of it are over."""
    for first, last in programme().calendar.seasons[rule.start]:
        for n in range(1, rule.times + 1):
            due = add_days(first, days_between(first, last) * n // rule.times)
            if book.since <= due <= book.on and due >= entered:
                yield Slot(due[:7], first, due, n)
