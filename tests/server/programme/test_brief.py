"""Nothing of the information model that was asked for is missing, and the page that says so is the truth."""

from dataclasses import replace

from server.programme import programme
from tests.brief.page import OFFICE_TABLES, PAGE, asked, missing, written


def test_nothing_that_was_asked_for_is_missing() -> None:
    assert missing() == []


def test_every_entity_and_event_was_asked_for_by_name() -> None:
    own = {
        "grid",
        "help_step",
        "paper_pile",
        "column_name",
        # What the checklist's rows ask for by their capability alone (3.07, 5.02, 9.09, 9.11, 10.07, 10.12, 10.15).
        "deed",
        "child_group",
        "group_member",
        "loan",
        "call_booking",
        "budget_line",
    }  # the frame of the others: where a household is, how a request goes on, what comes in from paper and Excel
    assert asked().keys() - OFFICE_TABLES | own == programme().types.keys()
    assert sum(map(len, asked().values())) > 500


def test_a_field_that_is_taken_away_would_be_named() -> None:
    visit = programme().types["visit"]
    less = {name: field for name, field in visit.fields.items() if name != "guardian_duty"}

    assert missing({**programme().types, "visit": replace(visit, fields=less)}) == [
        "visit.guardian_duty"
    ]


def test_the_page_is_what_the_programme_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(), "run `python -m tests.brief`"
