"""The bytes that leave the server hold, for each role, its scope and its fields and nothing else."""

from __future__ import annotations

import httpx2

from server.programme import programme
from tests.helpers import Village
from tests.leaves.page import PAGE, written
from tests.leaves.village import Leaving, leaving, plant

SERVERS_ALONE = frozenset({
    "mandatory_report", "donor", "donation_in", "stock", "plan", "plan_progress", "task", "target", "denominator", "paper_pile", "column_name",
    "award", "publicity", "material_sent", "group_member", "loan", "call_booking", "budget_line",
})  # fmt: skip
"""What stays in the office (information model: privacy of events; decision 20)."""
VOLUNTEERS_NEVER = frozenset({
    "id_number", "id_absent_reason", "illness", "disability_kind", "disability_grade", "hukou_address", "work_unit",
    "work_address", "guardian_assess", "income_source", "welfare", "unfit_flag", "unfit_found",
})  # fmt: skip
"""Numbers, diagnoses, addresses of work, what a household lives on and how it was judged (decision 20)."""


async def sent_to(client: httpx2.AsyncClient, village: Village) -> dict[str, Leaving]:
    helper = await plant(village)
    return {it.role: it for it in await leaving(client, village, helper)}


async def test_the_page_of_what_leaves_is_what_leaves(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    sent = await sent_to(client, sqlite_village)

    assert PAGE.read_text(encoding="utf-8") == written([*sent.values()]), (
        "run `python -m tests.leaves` and look at what changed"
    )


async def test_every_word_that_leaves_stands_in_a_row_of_its_own_record(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    for role, it in (await sent_to(client, sqlite_village)).items():
        assert len(it.words) > 100, role
        assert not [word for word in it.words if word[1] not in it.rows[word[0]]], role


async def test_the_other_grid_and_the_other_child_reach_nobody(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    sent = await sent_to(client, sqlite_village)
    everybodys = {it.name for it in programme().types.values() if it.home == "village"}

    for role in ("surveyor", "volunteer"):
        assert {kind for kind, _ in sent[role].foreign} <= everybodys, role
    assert {kind for kind, _ in sent["official"].foreign} > everybodys & {"activity"}


async def test_what_is_the_offices_leaves_for_no_phone(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    for role, it in (await sent_to(client, sqlite_village)).items():
        assert not SERVERS_ALONE & it.rows.keys(), role
        assert not SERVERS_ALONE & {kind for kind, _ in it.words | it.foreign}, role


async def test_a_volunteer_is_sent_no_number_no_diagnosis_and_no_judgement(
    client: httpx2.AsyncClient, sqlite_village: Village
) -> None:
    it = (await sent_to(client, sqlite_village))["volunteer"]

    assert not VOLUNTEERS_NEVER & {name for _, name in it.words | it.foreign}
    assert not VOLUNTEERS_NEVER & {name for fields in it.rows.values() for name in fields}


def test_every_entity_and_event_stands_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for it in programme().types.values():
        assert f"\n| {it.name} | {it.label.zh} {it.label.en} |" in page
