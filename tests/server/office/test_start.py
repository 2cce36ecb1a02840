"""The first page: what waits is there whatever else is, and nobody is led where they may not go."""

from tests.helpers import Village, change, enrol
from tests.server.office.browser import PASSWORD, Browser, words
from tests.server.office.test_quarantine import revoked_phone


async def test_the_report_due_is_asked_for_beside_work_that_waits_for_release(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household())
    await revoked_phone(office, village, child, talent="跑步")
    for account in await village.auth.accounts(village.code):
        if account.role == "surveyor":
            await village.auth.update_account(account, active=False)

    page = words(await office.get("/office/"))

    assert "待放行 1" in page
    assert "月报还没上报" in page


async def test_who_may_not_settle_sees_how_many_conflicts_came_and_no_way_to_them(
    visitor: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    child = await village.child(await village.household(), risk_level="Y")
    phone = await enrol(visitor.client, village.auth, await village.surveyor("a", 1))
    await phone.sync()
    row = await village.registry.row(village.code, child)
    assert row is not None
    await village.commit(change(child, "child", row.rev, risk_level="G"))
    phone.edit(child, risk_level="R")
    await phone.sync()
    await village.auth.create_account(
        village.code, login="duban", name="方督导甲", role="supervisor", password=PASSWORD
    )
    await visitor.sign_in("duban")

    page = await visitor.get("/office/")

    assert '<td class="number">1</td>' in page.text
    assert "/office/conflicts" not in page.text
