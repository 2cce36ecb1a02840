"""The recordings of protocol version 1: asked again, the server answers as it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.stage import Call, comparable, read, stage
from tests.golden.story import tell

RECORDED = read()


@pytest.fixture(scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Call]:
    """The whole story once, with the recorded questions."""
    folder: Path = tmp_path_factory.mktemp("golden")
    async with stage(folder, RECORDED) as village:
        await tell(village)
    return {call.name: call for call in village.calls}


@pytest.mark.parametrize("told", RECORDED, ids=lambda call: call.name)
async def test_a_recorded_question_is_answered_as_it_was(
    played: dict[str, Call], told: Call
) -> None:
    found = played[told.name]

    assert (found.path, found.phone, found.status) == (told.path, told.phone, told.status)
    assert comparable(found.answer) == comparable(told.answer)


def test_every_call_of_the_story_is_recorded(played: dict[str, Call]) -> None:
    assert list(played) == [call.name for call in RECORDED]
    assert len(RECORDED) > 40


def test_the_recordings_show_every_verdict_and_every_part_of_a_page() -> None:
    answers = [call.answer for call in RECORDED if call.path == "/api/sync" and call.status == 200]
    verdicts = {v["verdict"] for answer in answers for v in answer["verdicts"]}
    parts = {part for answer in answers for page in answer["pages"].values() for part in page}

    assert verdicts == {"conflict", "held", "quarantined", "malformed"}
    assert parts == {"rows", "gone", "cursor", "more", "digest", "agrees", "differ"}
    assert any(page["more"] for answer in answers for page in answer["pages"].values())
    assert any(answer["kept"] for answer in answers)
    assert any("wipe" in answer for answer in answers)
    assert len({answer["epoch"] for answer in answers}) == 2
    assert {answer["generation"] for answer in answers} == {1, 2}
