"""Which rules of frequency a village has turned on, and with what periods. Pure.

What a village said is kept whole, the newest last, so that a past day is judged by the rules of that day.
The tables decide what it may say: a rule that is on `always` stays on, a period stays within its bounds, also
when the tables were narrowed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.programme.model import FrequencyRule


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What a village said of one rule at an instant (ms). `every_days` by value, as in the tables."""

    number: int
    rule: str
    on: bool
    every_days: Mapping[str, int]
    at: int
    by: str


def rules_in_force(
    rules: Sequence[FrequencyRule], settings: Sequence[RuleSetting], until: int | None = None
) -> tuple[FrequencyRule, ...]:
    """The rules of the tables as a village has them, now or as of an instant (ms)."""
    said = {it.rule: it for it in settings if until is None or it.at <= until}
    return tuple(
        with_setting(rule, said[rule.name].on, said[rule.name].every_days)
        if rule.name in said
        else rule
        for rule in rules
    )


def with_setting(rule: FrequencyRule, on: bool, every_days: Mapping[str, int]) -> FrequencyRule:
    """A rule turned on or off with other periods, as far as it may be."""
    return replace(
        rule,
        on=on or rule.always,
        every_days={
            value: _within(rule, value, every_days.get(value, days))
            for value, days in rule.every_days.items()
        },
    )


def _within(rule: FrequencyRule, value: str, days: int) -> int:
    least, most = rule.bounds[value]
    return min(max(days, least), most)


def choosable(rule: FrequencyRule) -> list[str]:
    """The values for which a village may choose the period."""
    return [value for value, (least, most) in rule.bounds.items() if least < most]


def differs(rule: FrequencyRule, from_tables: FrequencyRule) -> bool:
    """Whether a village has a rule otherwise than the tables."""
    return (rule.on, dict(rule.every_days)) != (from_tables.on, dict(from_tables.every_days))
