"""Talks and calls are counted by the rules a village has on, as its due list asks; by months and weeks without one."""

from dataclasses import replace
from datetime import date
from typing import Any

from server.office.register import Register
from server.office.statistics.book import Book
from server.office.statistics.contacts import calls, carer_talks, talks
from server.office.statistics.marks import Mark
from server.office.statistics.owed import as_counted
from server.programme import programme
from server.programme.due import due_list
from server.registry import Row

LEFT_BEHIND = {"left_behind_fact": "B", "ward_status": "A", "birth_date": "2017-02-11"}
ENTERED, ON = "2026-09-01", "2026-11-22"


def id_of(n: int, day: str = ENTERED) -> str:
    """A UUIDv7 made on a day."""
    at = (date.fromisoformat(day) - date(1970, 1, 1)).days * 86_400_000
    return f"{at:012x}7{n:03x}8{n:015x}"


def row(n: int, type_name: str, **fields: Any) -> Row:
    return Row(id_of(n), type_name, n, "", fields, {})


def book(*rows: Row, **days: int) -> Book:
    """`days`: the rules that are on, with their period (0: as the tables have it)."""
    rules = [
        replace(
            it,
            on=it.name in days,
            every_days={"": days[it.name]} if days.get(it.name) else it.every_days,
        )
        for it in programme().rules
    ]
    return Book(Register.of(rows, rules), ENTERED, ON)


def rate(marks: list[Mark]) -> tuple[int, int]:
    asked = [it for it in marks if it.sort == ""]
    return sum(it.hit for it in asked), len(asked)


CHILD = row(1, "child", **LEFT_BEHIND)
OTHER = row(2, "child", **LEFT_BEHIND)
MOTHER = row(3, "helper", helper_kind="M")
PAIR = row(4, "pairing", child_id=CHILD.id, helper_id=MOTHER.id, from_on=ENTERED, state="V")


def talk(n: int, on: str, party: str = "CHI", child: Row = CHILD) -> Row:
    return row(n, "talk", child_id=child.id, party=party, occurred_on=on)


def test_without_a_rule_talks_are_counted_by_the_month() -> None:
    made = book(CHILD, OTHER, talk(9, "2026-09-20"))

    assert rate([*talks(made)]) == (1, 4)  # two children, September and October


def test_a_weekly_rule_asks_those_it_is_for_and_in_its_own_periods() -> None:
    rows = (CHILD, OTHER, MOTHER, PAIR, talk(9, "2026-09-04"), talk(10, "2026-09-05"))

    assert rate([*talks(book(*rows, talk_weekly=0))]) == (1, 11)  # 82 days hold 11 weeks
    assert rate([*talks(book(*rows, talk_weekly=10))]) == (1, 8)


def test_the_most_frequent_of_several_rules_counts() -> None:
    teacher = row(5, "helper", helper_kind="T")
    pairs = (
        row(6, "pairing", child_id=CHILD.id, helper_id=teacher.id, from_on=ENTERED, state="V"),
        row(7, "pairing", child_id=OTHER.id, helper_id=teacher.id, from_on=ENTERED, state="V"),
    )
    rows = (CHILD, OTHER, MOTHER, PAIR, teacher, *pairs)

    assert rate([*talks(book(*rows, talk_weekly=0, talk_monthly=0))]) == (0, 11 + 2)


def test_a_rule_of_so_many_a_term_counts_days_and_not_talks() -> None:
    """Autumn term has 136 days from 1 September: of two talks the first is due on 7 November, as the due list says."""
    due = "2026-11-07"
    rows = (CHILD, MOTHER, PAIR)
    made = book(*rows, talk_term=0)
    held = {"child": [CHILD], "helper": [MOTHER], "pairing": [PAIR]}
    [owed] = due_list(held, made.register.rules, programme().calendar, ON)
    assert owed.due_on == due

    assert rate([*talks(made)]) == (0, 1)
    assert rate([*talks(book(*rows, talk(9, due), talk_term=0))]) == (1, 1)
    assert rate([*talks(book(*rows, talk(9, "2026-11-08"), talk_term=0))]) == (0, 1)


def test_calls_and_talks_with_carers_follow_their_rules() -> None:
    call = row(9, "family_call", child_id=CHILD.id, connected="Y", occurred_on="2026-09-10")

    assert rate([*calls(book(CHILD, call))]) == (1, 11)  # weeks from Monday that have ended
    assert rate([*calls(book(CHILD, call, family_call_weekly=14))]) == (1, 5)
    spoken = talk(9, "2026-10-20", "CARER")
    assert rate([*carer_talks(book(CHILD, spoken, carer_monthly=20))]) == (1, 4)


def test_a_child_whose_parents_are_home_is_asked_for_by_no_rule() -> None:
    home = row(1, "child", **{**LEFT_BEHIND, "left_behind_fact": "N"})

    assert rate([*calls(book(home, family_call_weekly=7))]) == (0, 0)


def test_the_formula_names_the_rule_the_figure_was_counted_by() -> None:
    known = programme().indicators["calls"]

    said = as_counted(known, book(CHILD, family_call_weekly=14).register.rules).formula

    assert "每周亲情视频或电话：每 14 天" in said.zh
    assert "every 14 days" in said.en
    assert as_counted(known, book(CHILD).register.rules) is known
    visits = programme().indicators["visits"]
    assert as_counted(visits, book(CHILD, family_call_weekly=14).register.rules) is visits
