"""One definition of a pairing that counts: every page and every figure says the same of it."""

import re

import pytest

from server.registry import uuid7
from tests.helpers import Village, create
from tests.server.office.browser import Browser, words

COUNTED = {
    "valid": ({"state": "V", "from_on": "2026-01-01"}, True),
    "valid until its last day": (
        {"state": "V", "from_on": "2026-01-01", "to_on": "2999-01-01"},
        True,
    ),
    "waiting for a helper": ({"state": "W", "from_on": "2026-01-01"}, False),
    "ended": ({"state": "E", "from_on": "2026-01-01"}, False),
    "over": ({"state": "V", "from_on": "2026-01-01", "to_on": "2026-02-01"}, False),
    "not begun": ({"state": "V", "from_on": "2999-01-01"}, False),
}


@pytest.mark.parametrize(("fields", "counts"), COUNTED.values(), ids=COUNTED.keys())
async def test_every_page_counts_the_same_pairings(
    office: Browser, sqlite_village: Village, fields: dict[str, str], counts: bool
) -> None:
    village, helper = sqlite_village, uuid7()
    child = await village.child(
        await village.household(), name="石惊蛰", left_behind_fact="B", ward_status="A",
        birth_date="2017-02-11",
    )  # fmt: skip
    await village.commit(
        create(helper, "helper", name="江老师甲", helper_kind="T", max_children=0, active="Y"),
        create(uuid7(), "pairing", child_id=child, helper_id=helper, kind="TCH", **fields),
    )

    children = words(await office.get("/office/children"))
    checks = words(await office.get("/office/checks"))
    haves = words(await office.get("/office/checklists"))
    paired = words(await office.get("/office/statistics/paired"))
    load = words(await office.get("/office/statistics/load/list?measure=over"))
    cards = words(await office.get("/office/print/pairing-cards"))

    assert ("江老师甲" in children) is counts
    assert ("帮扶人结对超过约定人数" in checks) is counts
    assert f"难有人帮 {int(counts)} / 1" in haves
    assert re.search(rf"\b{int(counts)}/1\b", paired)
    assert ("江老师甲" in load) is counts
    assert ("江老师甲" in cards) is counts
