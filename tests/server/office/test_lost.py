"""A lost phone: closed with one press, and what it could have held is on paper."""

from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.sql.base import Executable

from server.auth import Grant
from server.database import Work, ask, schema
from server.office.pages import today
from server.registry import uuid7
from tests.helpers import Village, change, create, enrol
from tests.server.office.browser import PASSWORD, Browser, assert_refused, words


async def paired(village: Village, helper: str, name: str) -> tuple[str, str]:
    """A child paired with a helper: (child, pairing)."""
    child, pairing = await village.child(await village.household(), name=name), uuid7()
    await village.commit(
        create(pairing, "pairing", child_id=child, helper_id=helper, kind="TCH", state="V",
               from_on="2026-01-01")
    )  # fmt: skip
    return child, pairing


async def test_one_press_closes_the_phone_and_lists_what_it_held(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await village.child(await village.household(1), name="谷小满")
    await village.child(await village.household(2), name="江立夏")
    await phone.sync()
    await office.get("/office/people")

    answer = await office.post(f"/office/people/devices/{phone.device}/lost")

    [device] = [it for it in await village.auth.devices(village.code) if it.id == phone.device]
    assert device.revoked_at > 0
    page = await office.get(answer.headers["location"])
    said = words(page)
    assert "谷小满" in said
    assert "江立夏" not in said
    assert "儿童 1 人、户 1 户" in said
    assert "还没上传的：不知道" in said
    assert "有身份号码" in said
    assert "上坪组" in said
    await phone.sync()
    assert phone.wiped


async def test_a_child_that_left_since_the_phone_was_last_here_is_on_the_list(
    office: Browser, sqlite_village: Village
) -> None:
    village, helper = sqlite_village, uuid7()
    await village.commit(create(helper, "helper", name="江老师甲", helper_kind="T", active="Y"))
    gone, ended = await paired(village, helper, "谷小满")
    await paired(village, helper, "江立夏")
    owner = await village.auth.create_account(
        village.code, login="v", name="江老师甲", role="volunteer", helper_id=helper
    )
    phone = await enrol(office.client, village.auth, owner)
    await phone.sync()
    row = await village.registry.row(village.code, ended)
    assert row is not None
    await village.commit(change(ended, "pairing", row.rev, state="E", to_on="2026-10-01"))
    later, _ = await paired(village, uuid7(), "石惊蛰")

    page = words(await office.get(f"/office/people/devices/{phone.device}/held"))

    assert phone.row(gone) is not None
    assert phone.row(later) is None
    assert "谷小满 已不归这个人，但手机可能还没收到" in page
    assert "江立夏" in page
    assert "石惊蛰" not in page
    assert "没有身份号码" in page
    await phone.sync()
    assert "谷小满" not in words(await office.get(f"/office/people/devices/{phone.device}/held"))


async def test_a_grant_that_ended_unheard_is_on_the_list(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    owner = await village.surveyor("a", 1, 2)
    phone = await enrol(office.client, village.auth, owner)
    await village.child(await village.household(2), name="江立夏")
    await phone.sync()
    await village.auth.update_account(owner, grids=[village.grid(1)])

    page = words(await office.get(f"/office/people/devices/{phone.device}/held"))

    assert "江立夏" in page


async def test_a_grant_that_was_taken_in_an_answer_that_never_arrived_is_on_the_list(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    owner = await village.surveyor("a", 1, 2)
    phone = await enrol(office.client, village.auth, owner)
    await village.child(await village.household(2), name="江立夏")
    await phone.sync()
    await village.auth.update_account(owner, grids=[village.grid(1)])
    held = f"/office/people/devices/{phone.device}/held"

    await phone.send(phone.request())
    lost = words(await office.get(held))
    await phone.sync()
    heard = words(await office.get(held))

    assert "江立夏" in lost
    assert "江立夏" not in heard


async def test_a_grant_whose_last_day_was_set_afterwards_is_on_the_list_until_the_phone_hears(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    owner = await village.surveyor("a", 1, 2)
    phone = await enrol(office.client, village.auth, owner)
    await village.child(await village.household(2), name="江立夏")
    await phone.sync()
    one, two = village.grid(1), village.grid(2)
    await village.auth.update_account(owner, grants=[Grant(one), Grant(two, ends="2026-01-31")])
    held = f"/office/people/devices/{phone.device}/held"

    before = words(await office.get(held))
    await phone.sync()

    assert "江立夏" in before
    assert "江立夏" not in words(await office.get(held))


async def test_of_a_phone_last_here_before_it_was_kept_what_it_held_the_days_of_the_grants_tell(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    owner = await village.surveyor("a", 1, 2)
    phone = await enrol(office.client, village.auth, owner)
    await village.child(await village.household(2), name="江立夏")
    await phone.sync()
    await village.registry.database.settle()
    forget = update(schema.device).where(schema.device.c.village == bindparam("v")).values(holds="")
    await village.registry.database.write(asked(forget, v=village.code))
    await village.auth.update_account(owner, grids=[village.grid(1)])

    page = words(await office.get(f"/office/people/devices/{phone.device}/held"))

    assert "江立夏" in page


def asked(statement: Executable, **values: Any) -> Work[None]:
    yield ask(statement, **values)


async def test_a_phone_that_was_never_here_holds_nothing(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    await village.child(await village.household(1), name="谷小满")
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))

    page = words(await office.get(f"/office/people/devices/{phone.device}/held"))

    assert "手机里没有档案" in page
    assert "谷小满" not in page


async def test_the_administrator_closes_it_and_sees_numbers_alone(
    visitor: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(visitor.client, village.auth, await village.surveyor("a", 1))
    await village.child(await village.household(1), name="谷小满")
    await phone.sync()
    await village.auth.create_account(
        village.code, login="root", name="米管理甲", role="admin", password=PASSWORD
    )
    await visitor.sign_in("root")
    await visitor.get("/office/people")

    answer = await visitor.post(f"/office/people/devices/{phone.device}/lost")

    page = words(await visitor.get(answer.headers["location"]))
    assert "上坪组：1" in page
    assert "谷小满" not in page


async def test_what_is_no_phone_of_this_village_is_not_found(
    office: Browser, sqlite_village: Village
) -> None:
    for device in ("x", "0" * 12, sqlite_village.office):
        assert_refused(await office.post(f"/office/people/devices/{device}/lost"), 404, "not_found")


async def test_that_the_names_were_listed_stands_in_the_audit(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await village.child(await village.household(1), name="谷小满")
    await phone.sync()

    await office.get(f"/office/people/devices/{phone.device}/held")

    assert "看名单 测试手机 · 1" in words(await office.get("/office/audit"))


async def test_the_list_is_kept_as_it_was_when_the_phone_was_closed(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    household = await village.household(1)
    child = await village.child(household, name="谷小满")
    await phone.sync()
    await office.get("/office/people")
    before = words(await office.get(f"/office/people/devices/{phone.device}/held"))
    closed = await office.post(f"/office/people/devices/{phone.device}/lost")

    row = await village.registry.row(village.code, child)
    assert row is not None
    await village.commit(change(child, "child", row.rev, name="谷小寒"))
    await village.child(household, name="石惊蛰")
    await phone.sync()  # it was found, and is told to clear itself
    await office.post(f"/office/people/devices/{phone.device}/lost")

    said = words(await office.get(closed.headers["location"]))
    assert f"截至 {today()} · 内部资料" in said  # on paper “today” says nothing
    assert "按现在的档案算" in before
    assert "停用时留下的，以后不变" in said
    assert "谷小满" in said
    assert "谷小寒" not in said
    assert "石惊蛰" not in said
    assert "儿童 1 人" in said


async def test_a_closed_phone_of_which_no_list_was_kept_is_not_said_to_be_in_use(
    office: Browser, sqlite_village: Village
) -> None:
    """Closed before such lists were kept, or by a command."""
    village = sqlite_village
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    await village.child(await village.household(1), name="谷小满")
    await phone.sync()
    await village.auth.revoke(village.code, phone.device)

    said = words(await office.get(f"/office/people/devices/{phone.device}/held"))

    assert "停用时没有留名单，按现在的档案算" in said
    assert "还在用" not in said
    assert "谷小满" in said


async def test_an_erased_child_stands_on_no_kept_list(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    phone = await enrol(office.client, village.auth, await village.surveyor("a", 1))
    gone = await village.child(await village.household(1), name="谷小满")
    await village.child(await village.household(1), name="江立夏")
    await phone.sync()
    await office.get("/office/people")
    closed = await office.post(f"/office/people/devices/{phone.device}/lost")

    await office.get(f"/office/records/{gone}/erase")
    erased = await office.post(
        f"/office/records/{gone}/erase", {"name": "谷小满", "reason": "asked"}
    )

    assert erased.status_code == 303
    said = words(await office.get(closed.headers["location"]))
    assert "谷小满" not in said
    assert "江立夏" in said
    kept = await village.auth.held(village.code, phone.device)
    assert kept is not None
    assert "谷小满" not in str(kept)
