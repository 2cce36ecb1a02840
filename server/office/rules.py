"""规则: what is due how often in this village. Everybody may read it, the official turns rules on and off and
changes their periods within the bounds of the tables; every change can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.pages import redirect, render
from server.office.rule_words import how_often, said, value_words
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import FrequencyRule, RuleSetting, programme, programme_of
from server.programme.village_rules import choosable, differs, rules_in_force
from server.typed import whole

MOST_CHANGES = 30


@dataclass(frozen=True)
class Period:
    """One period of a rule that may be chosen, and between what."""

    value: str
    words: str
    days: int
    least: int
    most: int


@dataclass(frozen=True)
class Line:
    """A rule as the village has it, and as it would be without the village. `number` is what the village said of it
    last, 0 for nothing."""

    rule: FrequencyRule
    words: str
    periods: Sequence[Period]
    is_other: bool
    number: int


@page("read_records")
async def rules(request: Request) -> Response:
    return await _shown(request)


async def _shown(request: Request, fault: str = "") -> Response:
    account, language = account_of(request), language_of(request)
    settings = await registry_of(request).rule_settings(account.village)
    tables = {it.name: it for it in programme().rules}
    lines = [
        Line(
            rule,
            how_often(rule, language),
            periods_of(rule, language),
            differs(rule, tables[rule.name]),
            last_number(settings, rule.name),
        )
        for rule in rules_in_force(programme().rules, settings)
    ]
    context = {
        "lines": lines,
        "changes": [
            {"it": it, "rule": tables[it.rule], "words": _change(it, settings, language)}
            for it in reversed(settings)
            if it.rule in tables
        ][:MOST_CHANGES],
        "fault": fault,
    }
    return render(request, "rules", context, status=422 if fault else 200)


@page("manage_rules")
async def change(request: Request) -> Response:
    """Turn one rule on or off, or choose its periods."""
    rule, settings, data = await _asked(request)
    if str(last_number(settings, rule.name)) != data.get("number"):
        return redirect(request, "/office/rules", "rule_changed")
    every_days = dict(rule.every_days)
    for period in periods_of(rule, language_of(request)):
        text = str(data.get(f"days_{period.value}", period.days)).strip()
        days = whole(text, least=period.least, most=period.most)
        if days is None:
            sentence = "“%(rule)s”的天数要在 %(least)s 到 %(most)s 之间，什么也没改。"
            language = language_of(request)
            return await _shown(
                request,
                translate(
                    language, sentence, rule=values.label(rule, language),
                    least=period.least, most=period.most,
                ),
            )  # fmt: skip
        every_days[period.value] = days
    is_on = data.get("on") == "1" or rule.always
    if (is_on, every_days) == (rule.on, dict(rule.every_days)):
        return redirect(request, "/office/rules", "unchanged")
    return await _say(request, rule, is_on, every_days, "rule_set")


@page("manage_rules")
async def undo(request: Request) -> Response:
    """Have a rule again as it was before the last change."""
    rule, settings, data = await _asked(request)
    if str(last_number(settings, rule.name)) != data.get("number"):
        return redirect(request, "/office/rules", "rule_changed")
    own = [it for it in settings if it.rule == rule.name]
    if not own:
        return redirect(request, "/office/rules", "unchanged")
    before = next(it for it in rules_in_force(programme().rules, own[:-1]) if it.name == rule.name)
    return await _say(request, rule, before.on, before.every_days, "rule_undone")


async def _asked(request: Request) -> tuple[FrequencyRule, list[RuleSetting], FormData]:
    """The rule of the address as the village has it, and all it ever said. Raises `not_found`."""
    village = account_of(request).village
    data = await request.form(max_fields=20)
    settings = await registry_of(request).rule_settings(village)
    for rule in rules_in_force(programme().rules, settings):
        if rule.name == request.path_params["rule"]:
            return rule, settings, data
    raise Problem("not_found")


async def _say(
    request: Request, rule: FrequencyRule, on: bool, every_days: Mapping[str, int], flash: str
) -> Response:
    account = account_of(request)
    await registry_of(request).set_rule(
        account.village, rule.name, on=on, every_days=every_days, author=account.name
    )
    await registry_of(request).village(account.village)
    details = next(
        said(it, "zh") for it in programme_of(account.village).rules if it.name == rule.name
    )
    await auth_of(request).note(
        account.village, account.id, "set_rule", rule.name, f"{rule.label.zh}：{details}"
    )
    return redirect(request, "/office/rules", flash)


def last_number(settings: Sequence[RuleSetting], rule: str) -> int:
    return max((it.number for it in settings if it.rule == rule), default=0)


def periods_of(rule: FrequencyRule, language: str) -> list[Period]:
    """The periods a village may choose."""
    return [
        Period(
            value, value_words(rule, value, language), rule.every_days[value], *rule.bounds[value]
        )
        for value in choosable(rule)
    ]


def _change(setting: RuleSetting, settings: Sequence[RuleSetting], language: str) -> str:
    """What one change made of its rule."""
    until = [it for it in settings if it.number <= setting.number]
    return next(
        said(it, language)
        for it in rules_in_force(programme().rules, until)
        if it.name == setting.rule
    )
