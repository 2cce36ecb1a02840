"""The rules of frequency in words: how often each asks, and which were in force where figures are shown. Pure."""

from collections.abc import Sequence

from server.office import values
from server.office.text import translate
from server.programme import FrequencyRule, programme
from server.programme.due import visiting
from server.programme.village_rules import differs

SEASONS = {
    "family_festival": "春节、端午、中秋前后各一次",
    "term": "开学后一个月内",
    "school_term": "每学期一次",
    "visit_window": "每学期期初、期中、期末各一次",
}


def value_words(rule: FrequencyRule, value: str, language: str) -> str:
    """For whom a period is: a code of the subject's field, or all others."""
    if value == "":
        return translate(language, "其余") if len(rule.every_days) > 1 else ""
    field = programme().types[rule.subject].fields[rule.by]
    return values.short(values.code_label(field.list, value, language))


def said(rule: FrequencyRule, language: str) -> str:
    """How often a rule asks, in words; 不要求 when it is off."""
    return how_often(rule, language) if rule.on else translate(language, "不要求")


def how_often(rule: FrequencyRule, language: str) -> str:
    if rule.start in SEASONS:
        if rule.times > 1:
            return translate(language, "每学期 %(n)s 次", n=rule.times)
        return translate(language, SEASONS[rule.start])
    if rule.start.startswith("field:"):
        return translate(language, "到期那天")
    sentence = "每 %(n)s 天" if rule.start == "created" else "%(n)s 天以内"
    parts = [
        (value_words(rule, value, language), translate(language, sentence, n=days))
        for value, days in rule.every_days.items()
    ]
    return translate(language, "、").join(
        f"{words} {days}" if words else days for words, days in parts
    )


def in_words(rules: Sequence[FrequencyRule], language: str) -> list[str]:
    """The rules in force, for the foot of tables and reports; those a village has otherwise say so."""
    tables = {it.name: it for it in programme().rules}
    found = []
    for it in rules:
        is_other = differs(it, tables[it.name])
        if it.on or is_other:
            sentence = (
                f"{values.label(it, language)}{translate(language, '：')}{said(it, language)}"
            )
            own = translate(language, "本村定")
            found.append(values.in_brackets(sentence, own, language) if is_other else sentence)
    return found


def visit_rule(rules: Sequence[FrequencyRule], language: str) -> str:
    """By which rule visits were asked for: what the rate of visits is counted by."""
    return translate(language, "；").join(in_words(visiting(rules), language))
