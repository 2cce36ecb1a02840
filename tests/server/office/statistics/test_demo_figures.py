"""Every indicator on the demo village, against a figure from the brief (section 5) or counted here in its own way."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from server.office.statistics.indicators import COUNTED
from server.programme import programme
from tests.server.office.statistics.conftest import ON, Demo

LEFT_BEHIND = """
SELECT json_extract(row, '$[0]') AS id, json_extract(row, '$[3]') AS f FROM record
WHERE type = 'child' AND present AND json_extract(row, '$[3].ward_status') = 'A'
AND json_extract(row, '$[3].left_behind_fact') IN ('B', 'F', 'M')
"""
CODE = "990000101201"


async def n_d(demo: Demo, name: str, measure: str, **asked: str) -> tuple[int, int | None]:
    figure = await demo.total(name, measure, **asked)
    return figure.n, figure.d


def left_behind(demo: Demo) -> set[str]:
    return {row[0] for row in demo.sql(LEFT_BEHIND)}


def in_period(events: list[dict[str, Any]], since: str = "2026-09-01") -> list[dict[str, Any]]:
    return [it for it in events if since <= it["occurred_on"] <= ON]


def test_the_programme_and_the_office_know_the_same_indicators() -> None:
    assert list(programme().indicators) == list(COUNTED)


async def test_60_children_by_grid_sex_age_and_stage(demo: Demo) -> None:
    grids = {CODE + f"{n:02d}": count for n, count in enumerate((12, 11, 10, 9, 10, 8), start=1)}

    assert await n_d(demo, "left_behind", "count") == (60, None)
    assert await demo.lines("left_behind", "grid", "count") == grids
    assert await demo.lines("left_behind", "sex", "count") == {"1": 33, "2": 27}
    assert await demo.lines("left_behind", "age", "count") == {"0-5": 13, "6-13": 40, "14-15": 7}
    assert await demo.lines("left_behind", "stage", "count") == {
        "0": 6, "1": 8, "2": 33, "3": 11, "8": 1, "6": 1,
    }  # fmt: skip
    assert await demo.lines("left_behind", "fact", "count") == {
        "B": 42,
        **dict(
            demo.sql(
                f"SELECT json_extract(f, '$.left_behind_fact') AS fact, count(*) FROM ({LEFT_BEHIND}) "
                "WHERE fact <> 'B' GROUP BY fact"
            )
        ),
    }


async def test_45_by_the_legal_definition(demo: Demo) -> None:
    grids = {CODE + f"{n:02d}": count for n, count in enumerate((9, 8, 8, 7, 7, 6), start=1)}

    assert await demo.lines("left_behind", "grid", "count", scope="legal") == grids


@pytest.mark.parametrize(
    ("on", "count"), [("2026-08-31", 60), ("2026-09-30", 61), ("2026-10-31", 60), (ON, 60)]
)
async def test_the_number_of_any_past_day(demo: Demo, on: str, count: int) -> None:
    assert await n_d(demo, "left_behind", "count", on=on, since="2026-08-01") == (count, None)


async def test_nobody_was_known_before_the_booklets_were_typed_in(demo: Demo) -> None:
    figure = await n_d(demo, "left_behind", "count", on="2026-07-01", since="2026-01-01")

    assert figure == (0, None)


async def test_share_of_the_village_and_of_the_school(demo: Demo) -> None:
    pupils = demo.sql(
        f"SELECT count(*) FROM ({LEFT_BEHIND}) WHERE json_extract(f, '$.school_name') = '禾溪镇中心学校' "
        "AND json_extract(f, '$.school_stage') IN ('2', '3', '8')"
    )[0][0]

    assert await demo.lines("share", "unit", "share") == {
        "own": (60, 112),
        "青禾村·U16": (60, 112),
        "禾溪镇中心学校·PUPILS": (pupils, 721),
    }


async def test_survey_of_120_doors(demo: Demo) -> None:
    assert await n_d(demo, "survey", "done") == (115, 120)
    assert await n_d(demo, "survey", "reached") == (112, 120)
    assert await demo.lines("survey", "result", "reached") == {
        "V": (112, 112), "A": (0, 3), "R": (0, 2), "E": (0, 3),
    }  # fmt: skip


async def test_files_cards_and_what_is_clear(demo: Demo) -> None:
    nobody_cares_for = demo.sql(
        "SELECT count(*) FROM record WHERE type = 'guardianship' AND present "
        "AND json_extract(row, '$[3].carer_kind') = 'NONE'"
    )[0][0]
    files = await demo.table("files")
    clear = await demo.total("five_clears", "rate")

    assert (files.total.figures["rate"].n, files.total.figures["rate"].d) == (57, 60)
    assert await n_d(demo, "cards", "rate") == (60 - nobody_cares_for, 60)
    assert clear.d == 60
    assert clear.n == five_clear_by_hand(demo)


def five_clear_by_hand(demo: Demo) -> int:
    """Neither hobby nor consent missing, a visit or talk this term that noted study and mood, and a card that is valid."""
    noted: dict[str, set[str]] = {}
    for event in in_period(demo.fields("visit")) + in_period(demo.fields("talk")):
        for name in ("study", "mood"):
            if event.get(name, "UNK") != "UNK":
                noted.setdefault(event["child_id"], set()).add(name)
    kinds = {
        g["child_id"]: g["carer_kind"] for g in demo.fields("guardianship") if "valid_to" not in g
    }
    incomplete = {
        row[0]
        for row in demo.sql(LEFT_BEHIND)
        if not {"hobby", "consent_status"} <= set(json.loads(row[1]))
    }
    return sum(
        noted.get(id, set()) == {"study", "mood"}
        and kinds.get(id) != "NONE"
        and id not in incomplete
        for id in left_behind(demo)
    )


async def test_enrolment_and_retention(demo: Demo) -> None:
    pupil = (
        "json_extract(row, '$[3].school_stage') IN ('2', '3', '4', '5', '8') "
        "AND json_extract(row, '$[3].grade') <> 'P1'"
    )
    came_later = "json_extract(row, '$[3].left_since') = '2026-09'"
    # On 31 August: the pupils of today less the four newly left behind, and those of the four who left in the
    # autumn. Who moved away (X2) is in neither number, and who went to school in September was in no school then.
    [(now,)] = demo.sql(
        f"SELECT count(*) FROM record WHERE id IN (SELECT id FROM ({LEFT_BEHIND})) AND {pupil} AND NOT {came_later}"
    )
    [(left,)] = demo.sql(
        f"SELECT count(*) FROM record WHERE type = 'child' AND {pupil} "
        "AND json_extract(row, '$[3].ward_status') = 'X1'"
    )

    assert await n_d(demo, "enrolment", "rate") == (46, 47)
    assert (await demo.total("enrolment", "rate")).text == "97.9%"
    assert await n_d(demo, "retention", "rate") == (now + left, now + left)


async def test_who_cares_and_how_well(demo: Demo) -> None:
    assert await n_d(demo, "carers", "grandparents") == (33, 60)
    assert await n_d(demo, "carers", "relatives") == (8, 60)
    assert await n_d(demo, "carers", "parents") == (18, 60)
    assert await n_d(demo, "carers", "nobody") == (1, 60)
    assert await n_d(demo, "carers", "unknown") == (0, 60)
    assert (await demo.total("carers", "grandparents")).text == "55.0%"
    assert (await demo.total("carers", "relatives")).text == "13.3%"
    for measure, count in (("good", 38), ("fair", 17), ("poor", 5), ("unknown", 0)):
        assert await n_d(demo, "assess", measure) == (count, 60)


async def test_agreements_of_the_42_without_a_parent(demo: Demo) -> None:
    signed = [
        link
        for link in demo.fields("guardianship")
        if link["child_id"] in left_behind(demo)
        and link["carer_kind"] not in ("FA", "MO")
        and "agreement_signed_on" in link
    ]

    assert await n_d(demo, "agreements", "rate") == (len(signed), 42)


async def test_57_are_paired_by_22_helpers(demo: Demo) -> None:
    assert await n_d(demo, "paired", "rate") == (57, 60)
    assert await n_d(demo, "load", "mean") == (57, 22)
    assert (await demo.total("load", "mean")).text == "2.6"
    assert await n_d(demo, "load", "over") == (1, None)
    kinds = await demo.lines("load", "helper_kind", "helpers")
    assert (kinds["T"], kinds["C"] + kinds["P"], kinds["M"], kinds["V"]) == (8, 6, 5, 3)


async def test_visits_due_and_made(demo: Demo) -> None:
    """The periods of each child, walked day by day from the file or the month the parents left."""
    every = {"R": 30, "O": 30, "Y": 60, "G": 90}
    children = {c["id"]: c for c in demo.fields("child") if c["id"] in left_behind(demo)}
    met: dict[str, set[date]] = {}
    for visit in demo.fields("visit"):
        if visit["met"] != ["NONE"]:
            met.setdefault(visit["child_id"], set()).add(date.fromisoformat(visit["occurred_on"]))
    due = done = 0
    for id, child in children.items():
        made = date(1970, 1, 1) + timedelta(milliseconds=int(id[:12], 16) + 8 * 3_600_000)
        left = date.fromisoformat(f"{child['left_since']}-01")
        begin = max(made, left)
        days = every[child["risk_level"]]
        while begin + timedelta(days=days) <= date.fromisoformat(ON):
            end = begin + timedelta(days=days)
            if end >= date(2026, 9, 1):
                due += 1
                done += any(begin < on <= end for on in met.get(id, ()))
            begin = end
    visits = [v for v in in_period(demo.fields("visit")) if v["met"] != ["NONE"]]

    assert due > 60
    assert await n_d(demo, "visits", "rate") == (done, due)
    assert await n_d(demo, "visits", "made") == (len(visits), None)


async def test_talks_with_children_carers_and_all_three(demo: Demo) -> None:
    """September and October had ended; the four who came in September owe it too."""
    ids = left_behind(demo)
    talked = {m: set[str]() for m in ("2026-09", "2026-10")}
    carers = {m: set[str]() for m in talked}
    parents = {m: set[str]() for m in talked}
    for it in demo.fields("talk"):
        month = it["occurred_on"][:7]
        if month in talked:
            (talked if it["party"] == "CHI" else carers)[month].add(it["child_id"])
    for it in demo.fields("visit"):
        if it["occurred_on"][:7] in talked and "G" in it["met"]:
            carers[it["occurred_on"][:7]].add(it["child_id"])
    for it in demo.fields("family_call"):
        if it["occurred_on"][:7] in talked and it["connected"] == "Y":
            parents[it["occurred_on"][:7]].add(it["child_id"])

    def months(found: dict[str, set[str]]) -> int:
        return sum(len(who & ids) for who in found.values())

    three = {m: talked[m] & carers[m] & parents[m] for m in talked}
    assert await n_d(demo, "talks", "rate") == (months(talked), 120)
    assert await n_d(demo, "carer_talks", "rate") == (months(carers), 120)
    assert await n_d(demo, "three_contacts", "rate") == (months(three), 120)
    assert 0 < months(three) < months(talked)


async def test_weekly_family_contact(demo: Demo) -> None:
    """Eleven weeks from Monday 7 September have ended on Sunday 22 November; the video began in the sixth of them."""
    made = [it for it in demo.fields("family_call") if it["connected"] == "Y"]
    weeks = {
        (it["child_id"], date.fromisoformat(it["occurred_on"]).isocalendar()[:2]) for it in made
    }

    assert await n_d(demo, "calls", "rate") == (len(weeks), 60 * 11)
    assert await n_d(demo, "calls", "videos") == (sum(it["kind"] == "2" for it in made), None)
    assert await n_d(demo, "calls", "calls") == (sum(it["kind"] == "1" for it in made), None)


async def test_children_out_of_touch_with_their_parents(demo: Demo) -> None:
    last: dict[str, str] = {}
    for it in demo.fields("family_call"):
        if it["connected"] == "Y" and it["with_whom"] in ("FA", "MO"):
            last[it["child_id"]] = max(last.get(it["child_id"], ""), it["occurred_on"])
    month_ago = (date.fromisoformat(ON) - timedelta(days=30)).isoformat()
    out = [id for id in left_behind(demo) if last.get(id, "") < month_ago]

    assert out
    assert await n_d(demo, "lost", "over_30") == (len(out), 60)


async def test_61_got_school_things_and_four_are_sponsored(demo: Demo) -> None:
    assert await n_d(demo, "aid", "persons") == (61, None)
    assert await n_d(demo, "aid", "times") == (65, None)
    assert (await demo.total("aid", "goods")).text == "12,200"
    assert (await demo.total("aid", "cash")).n == demo.sql(
        "SELECT sum(json_extract(row, '$[3].cash_fen')) FROM record WHERE type = 'aid'"
    )[0][0]
    assert await demo.lines("aid", "kind", "times") == {"3": 4, "4": 61}


async def test_47_were_checked_5_abnormal_4_followed_up(demo: Demo) -> None:
    assert await n_d(demo, "health", "checked") == (47, 60)
    assert await n_d(demo, "health", "abnormal") == (5, 47)
    assert await n_d(demo, "health", "followed") == (4, 5)
    items = await demo.lines("abnormal", "item", "persons")
    assert sum(items.values()) == 5
    assert items["VISION"] == 2


async def test_35_person_times_of_counselling_on_14_children(demo: Demo) -> None:
    themes = Counter(theme for it in demo.fields("counselling") for theme in it["theme"])

    assert await n_d(demo, "counselling", "persons") == (14, None)
    assert await n_d(demo, "counselling", "times") == (35, None)
    assert await n_d(demo, "counselling", "referred") == (0, None)
    assert await demo.lines("themes", "theme", "sessions") == dict(themes)


async def test_ten_activities_five_of_them_birthdays(demo: Demo) -> None:
    kinds = await demo.lines("activities", "kind", "sessions", since="2026-08-01")
    signed = [it for it in demo.fields("attendance") if "activity_id" in it]
    came = {it["person_id"] for it in signed}

    assert (sum(kinds.values()), kinds["06"]) == (10, 5)
    assert await n_d(demo, "activities", "times", since="2026-08-01") == (len(signed), None)
    assert await n_d(demo, "activities", "persons", since="2026-08-01") == (len(came), None)
    assert await n_d(demo, "activities", "mean", since="2026-08-01") == (len(signed), 10)
    assert await n_d(demo, "taking_part", "rate", since="2026-08-01") == (
        len(came & left_behind(demo)),
        60,
    )


async def test_the_home_is_open_on_wednesdays_and_saturdays(demo: Demo) -> None:
    """23 Wednesdays and Saturdays from 5 September to 21 November; on one of them nobody opened."""
    days = [date(2026, 9, 5) + timedelta(days=n) for n in range(79)]
    planned = [day for day in days if day.weekday() in (2, 5) and day.isoformat() <= ON]
    came = [it for it in demo.fields("attendance") if "place_id" in it]

    assert await n_d(demo, "home_open", "opened") == (len(planned) - 1, len(planned))
    assert await n_d(demo, "home_open", "times") == (len(came), None)
    assert await n_d(demo, "home_open", "mean") == (len(came), len(planned) - 1)


async def test_42_at_the_training_of_carers(demo: Demo) -> None:
    carers = {
        link["carer_id"]
        for link in demo.fields("guardianship")
        if link["child_id"] in left_behind(demo) and "carer_id" in link
    }

    assert await n_d(demo, "training", "sessions") == (1, None)
    assert await n_d(demo, "training", "times") == (42, None)
    assert await n_d(demo, "training", "reached") == (36, len(carers))


async def test_seven_requests_one_of_them_at_once(demo: Demo) -> None:
    asked = {"since": "2026-08-01"}

    assert await n_d(demo, "help", "closed", **asked) == (5, 7)
    assert await n_d(demo, "help", "in_time", **asked) == (7, 7)
    assert await n_d(demo, "help", "open", **asked) == (2, None)
    assert await n_d(demo, "help", "open_week", **asked) == (1, None)
    assert await demo.lines("help", "age", "closed", **asked) == {
        "7": (0, 1), "31": (0, 1), "closed": (5, 5),
    }  # fmt: skip
    urgent = [it for it in demo.fields("help_request") if it["urgency"] == "NOW"]
    assert len(urgent) == 1


async def test_plans_and_what_came_of_them(demo: Demo) -> None:
    states = Counter(it["state"] for it in demo.fields("plan"))
    results = Counter(it["stage_result"] for it in demo.fields("plan_progress"))

    assert await n_d(demo, "plans", "running") == (states["RUN"], None)
    assert await n_d(demo, "plans", "closed") == (states["CLOSED"], None)
    assert await n_d(demo, "plans", "stages") == (results["DONE"], results.total())
    assert await n_d(demo, "plans", "turned") == (2, 2)


async def test_movement_balances_and_says_why(demo: Demo) -> None:
    """60 at the end of August, 4 new and 4 gone since: two parents back in September, one moved, one back in October."""
    table = await demo.table("movement", "reason")
    total = {name: figure.n for name, figure in table.total.figures.items()}

    assert total == {"start": 60, "new": 4, "left": 4, "end": 60}
    assert total["start"] + total["new"] - total["left"] == total["end"]
    assert await demo.lines("movement", "reason", "left") == {"X1": 3, "X2": 1}
    assert await demo.lines("movement", "reason", "new") == {"away": 4}
    september = {"since": "2026-09-01", "on": "2026-09-30"}
    assert await n_d(demo, "movement", "new", **september) == (4, None)
    assert await n_d(demo, "movement", "left", **september) == (3, None)
    assert await n_d(demo, "movement", "end", **september) == (61, None)


async def test_work_of_each_person_in_counts_alone(demo: Demo) -> None:
    authors = Counter(
        it["recorded_by"]
        for kind in ("visit", "talk", "family_call")
        for it in in_period(demo.fields(kind))
    )
    made = await demo.table("workload", "author")

    assert {
        line.value: sum(line.figures[name].n for name in ("visits", "talks", "calls"))
        for line in made.lines
        if line.value != "UNK"
    } == dict(authors)


async def test_four_duties_of_the_village_official(demo: Demo) -> None:
    """Since September: 11 weeks, six with a video; two months that ended, both with a film; two festivals, of which
    the national day had an activity and Mid-Autumn, a week before it, had none of its own but that one."""
    assert await demo.lines("four_duties", "duty", "done") == {
        "video": (6, 11), "film": (2, 2), "home": (22, 23), "festival": (2, 2),
    }  # fmt: skip


@pytest.mark.parametrize("scope", ["wide", "legal"])
async def test_every_grouping_of_every_indicator_adds_up(demo: Demo, scope: str) -> None:
    for name, indicator in programme().indicators.items():
        for by in indicator.groups:
            made = await demo.table(name, by, scope=scope)
            assert made.faults == [] or name == "share", (name, by, made.faults)
