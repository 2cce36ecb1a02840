"""规则: a village turns rules on and off and changes periods; phones, lists and figures go by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.office.register import Register, load
from server.office.statistics.asking import Asked, book_of
from server.office.statistics.contacts import visits
from server.programme import programme, programme_for, programme_of
from server.programme.village_rules import RuleSetting, choosable, rules_in_force, with_setting
from server.registry import now_ms
from tests.helpers import Village
from tests.server.office.browser import Browser, hidden, words

TABLES = {it.name: it for it in programme().rules}
DAY = 86_400_000


async def say(office: Browser, rule: str, number: str = "0", **data: str) -> Any:
    await office.get("/office/rules")
    return await office.post(f"/office/rules/{rule}", {"number": number, **data})


def rule_of(village: Village, name: str) -> Any:
    return next(it for it in programme_of(village.code).rules if it.name == name)


async def test_an_official_turns_a_rule_on_and_phones_get_it_with_the_next_programme(
    office: Browser, sqlite_village: Village
) -> None:
    before = programme_for(sqlite_village.code, "surveyor", ("1",))
    assert not rule_of(sqlite_village, "lecture_term").on

    answer = await say(office, "lecture_term", on="1")

    after = programme_for(sqlite_village.code, "surveyor", ("1",))
    wire = {it["name"]: it for it in after.wire()["rules"]}
    assert answer.status_code == 303
    assert wire["lecture_term"]["on"]
    assert after.version != before.version
    assert "本村定" in words(await office.get("/office/rules"))


async def test_a_period_changes_within_its_bounds_and_the_due_list_with_it(
    office: Browser, sqlite_village: Village
) -> None:
    household = await sqlite_village.household()
    child = await sqlite_village.child(
        household, left_behind_fact="B", ward_status="A", birth_date="2016-05-01", risk_level="R"
    )
    days = {"days_R": "7", "days_O": "30", "days_Y": "60", "days_G": "90", "days_": "90"}

    await say(office, "visit_by_risk", on="1", **days)

    register = await load(sqlite_village.registry, sqlite_village.code)
    assert rule_of(sqlite_village, "visit_by_risk").every_days["R"] == 7
    assert next(it for it in register.rules if it.name == "visit_by_risk").every_days["R"] == 7
    page = words(await office.get("/office/due"))
    assert register.rows[child].fields["name"] in page
    entries = await sqlite_village.auth.audit(sqlite_village.code, 5)
    assert [(it.action, it.subject) for it in entries if it.action == "set_rule"] == [
        ("set_rule", "visit_by_risk")
    ]


@pytest.mark.parametrize("days", ["6", "32", "-1", "1.5", "", "一"])
async def test_a_period_outside_its_bounds_is_refused_and_nothing_changes(
    office: Browser, sqlite_village: Village, days: str
) -> None:
    answer = await say(office, "visit_by_risk", on="1", days_R=days)

    assert answer.status_code == 422
    assert "要在 7 到 31 之间" in words(answer)
    assert await sqlite_village.registry.rule_settings(sqlite_village.code) == []


async def test_a_change_is_taken_back_and_both_stay_on_record(
    office: Browser, sqlite_village: Village
) -> None:
    await say(office, "lecture_term", on="1")
    await say(office, "lecture_term", "1")
    assert not rule_of(sqlite_village, "lecture_term").on

    page = await office.get("/office/rules")
    await office.post("/office/rules/lecture_term/undo", {"number": "2"})

    assert "撤销上一次改动" in words(page)
    assert rule_of(sqlite_village, "lecture_term").on
    settings = await sqlite_village.registry.rule_settings(sqlite_village.code)
    assert [it.on for it in settings] == [True, False, True]


async def test_two_who_change_one_rule_at_once_do_not_undo_each_other_unseen(
    office: Browser, sqlite_village: Village
) -> None:
    await say(office, "lecture_term", on="1")

    answer = await say(office, "lecture_term", "0")

    assert rule_of(sqlite_village, "lecture_term").on
    assert "这条规则刚被改过" in words(await office.get(answer.headers["location"]))


async def test_what_is_always_due_stays_on(office: Browser, sqlite_village: Village) -> None:
    await say(office, "mandatory_follow_up", days_="7")

    it = rule_of(sqlite_village, "mandatory_follow_up")
    assert (it.on, it.every_days[""]) == (True, 7)


async def test_only_an_official_sets_rules(visitor: Browser, sqlite_village: Village) -> None:
    from tests.server.office.browser import PASSWORD

    await sqlite_village.auth.create_account(
        sqlite_village.code, login="clerk", name="文书", role="clerk", password=PASSWORD
    )
    await visitor.sign_in("clerk")

    page = await visitor.get("/office/rules")
    answer = await visitor.post("/office/rules/lecture_term", {"number": "0", "on": "1"})

    assert page.status_code == 200
    assert "days_R" not in page.text
    assert answer.status_code == 403
    assert await sqlite_village.registry.rule_settings(sqlite_village.code) == []


async def test_an_unknown_rule_is_not_found(office: Browser) -> None:
    assert (await say(office, "no_such_rule", on="1")).status_code == 404


async def test_another_village_has_the_rules_of_the_tables(
    office: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.registry.create_village("990000101299", "邻村")
    await say(office, "lecture_term", on="1")

    await sqlite_village.registry.village("990000101299")

    assert programme_of("990000101299").rules == programme().rules
    assert not TABLES["lecture_term"].on


async def test_figures_say_which_rule_was_in_force_and_go_by_it(
    office: Browser, sqlite_village: Village
) -> None:
    household = await sqlite_village.household()
    await sqlite_village.child(
        household, left_behind_fact="B", ward_status="A", birth_date="2016-05-01", risk_level="R"
    )
    page = words(await office.get("/office/statistics/visits"))
    assert "按风险等级走访：高风险 每 30 天" in page

    await say(office, "visit_by_risk", on="1", days_R="7")

    page = words(await office.get("/office/statistics"))
    assert "按风险等级走访：高风险 每 7 天" in page
    assert "（本村定）" in page
    await say(office, "visit_by_risk", "1")
    page = words(await office.get("/office/statistics/visits"))
    assert "按风险等级走访：不要求（本村定）" in page
    today = hidden(await office.get("/office/statistics"), "on")
    wanted = Asked(f"{today[:4]}-01-01", today, "wide")
    book = await book_of(sqlite_village.registry, sqlite_village.code, wanted)
    assert [*visits(book)] == []


async def test_a_report_says_which_rule_was_in_force(office: Browser) -> None:
    await say(office, "visit_by_risk", on="1", days_R="7")

    assert "高风险 每 7 天" in words(await office.get("/office/reports/monthly"))


def test_a_past_day_is_judged_by_the_rules_of_that_day() -> None:
    now = now_ms()
    settings = [
        RuleSetting(1, "visit_by_risk", True, {"R": 7}, now - 10 * DAY, "甲"),
        RuleSetting(2, "visit_by_risk", False, {"R": 14}, now - DAY, "甲"),
    ]

    def then(ago: int) -> tuple[bool, int]:
        rules = rules_in_force(programme().rules, settings, now - ago * DAY)
        return next((it.on, it.every_days["R"]) for it in rules if it.name == "visit_by_risk")

    assert [then(11), then(10), then(2), then(0)] == [(True, 30), (True, 7), (True, 7), (False, 14)]


@pytest.mark.parametrize("rule", programme().rules, ids=lambda it: str(it.name))
def test_no_setting_leads_out_of_the_bounds(rule: Any) -> None:
    """Also one that was stored when the tables were wider, or of a value they no longer have."""
    for on in (True, False):
        for days in (-5, 0, 1, 10, 10_000):
            made = with_setting(rule, on, {**dict.fromkeys(rule.every_days, days), "gone": 3})

            assert made.on == (on or rule.always)
            assert made.every_days.keys() == rule.every_days.keys()
            for value, (least, most) in rule.bounds.items():
                assert least <= made.every_days[value] <= most
                assert value in choosable(rule) or made.every_days[value] == rule.every_days[value]
            assert replace(made, on=rule.on, every_days=rule.every_days) == rule


def test_the_tables_keep_their_own_bounds_and_name_their_sources() -> None:
    for rule in programme().rules:
        assert rule.source, rule.name
        assert with_setting(rule, rule.on, {}) == rule
        assert rule.on or not rule.always
        assert "" in rule.every_days


def test_a_register_without_a_village_goes_by_the_tables() -> None:
    assert Register.of([]).rules == programme().rules
