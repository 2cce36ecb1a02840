"""Templates and submitted reports in both databases."""

from dataclasses import replace

import pytest

from server.errors import Problem
from server.filing import Filing, Report, Template, hash_of
from tests.helpers import Village


def report(village: str, id: str = "r1", **fields: str) -> Report:
    made = Report(
        village=village, id=id, kind="monthly", since="2026-10-01", on="2026-10-31", scope="wide",
        state="submitted", replaces="", submitted_at=1, submitted_by="方村官甲", decided_at=0,
        decided_by="", remarks="", hash="", body={"rows": [1, None], "text": "月报"},
    )  # fmt: skip
    made = replace(made, **fields)  # type: ignore[arg-type]
    return replace(made, hash=hash_of(made))


@pytest.fixture
def filing(village: Village) -> Filing:
    return Filing(village.registry.database)


async def test_a_template_is_kept_replaced_and_given_up(filing: Filing, village: Village) -> None:
    for content in (b"one", b"two \x00\xff"):
        await filing.keep_template(
            village.code, Template("annual", "a.docx", content, "方村官甲", 5)
        )

    kept = await filing.template(village.code, "annual")
    assert kept is not None
    assert (kept.content, kept.author) == (b"two \x00\xff", "方村官甲")
    await filing.drop_template(village.code, "annual")
    assert await filing.template(village.code, "annual") is None


async def test_a_report_comes_back_as_it_was_submitted(filing: Filing, village: Village) -> None:
    await filing.submit(report(village.code))
    await filing.submit(report(village.code, submitted_by="石大叔甲"))

    kept = await filing.report(village.code, "r1")

    assert kept == report(village.code)
    assert kept is not None
    assert kept.is_whole


async def test_a_report_is_decided_once(filing: Filing, village: Village) -> None:
    await filing.submit(report(village.code))

    await filing.decide(village.code, "r1", "returned", who="石督导甲", remarks="请核对", now=9)

    kept = await filing.report(village.code, "r1")
    assert kept is not None
    assert (kept.state, kept.remarks, kept.is_whole) == ("returned", "请核对", True)
    with pytest.raises(Problem, match="decided_before"):
        await filing.decide(village.code, "r1", "accepted", who="石督导甲", remarks="", now=10)


async def test_a_township_reads_the_reports_of_its_villages_alone(
    filing: Filing, village: Village
) -> None:
    await filing.submit(report(village.code))

    found = await filing.heads(village.code[:9])

    assert [(it.village, it.village_name) for it in found if it.village == village.code] == [
        (village.code, "测试村")
    ]
    assert all(it.village.startswith(village.code[:9]) for it in found)
    assert await filing.heads("000000000") == []
