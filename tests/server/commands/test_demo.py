"""What the demo does at its start besides building the village."""

from __future__ import annotations

from datetime import date

from server.commands.demo import move_nobody_up
from server.demo.build import DemoAccess
from server.office.rollover import DISMISSED
from tests.helpers import Village


async def test_nobody_is_reminded_to_move_the_demos_children_up_once_more(
    sqlite_village: Village,
) -> None:
    village = sqlite_village
    official = await village.auth.create_account(
        village.code, login="cunguan", name="方村官", role="official", password="qinghe-demo-2026"
    )
    access = DemoAccess(village.code, "青禾村", date(2026, 11, 28), "", {"cunguan": official})

    await move_nobody_up(village.auth, access)
    await move_nobody_up(village.auth, access)

    lines = await village.auth.audit(village.code, 10)
    assert [it.action for it in lines].count(DISMISSED) == 1
