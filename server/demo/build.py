"""How the village enters a registry: act by act, through the same door as everybody's work.

Building is idempotent and can be resumed: the ops of each demo device come in a fixed order, so
the number of ops a device has given says where to go on, after a kill as after a second start.
The as-of day of an installation is kept in the label of the device that typed the booklets in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from server.auth import Account, Auth
from server.demo import plan
from server.demo.calendar import AS_OF, SHANGHAI, as_of_for
from server.demo.people import DEMO_PASSWORD, LOGINS, Login
from server.demo.records import Act, Edit, Village
from server.demo.story import village
from server.registry import Registry
from sync import Change, RecordId

BOOKLETS_AUTHOR = "村办公室"
_BOOKLETS_LABEL = "户口簿录入（演示数据截至 {}）"


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """How to walk into the demo village."""

    village: str
    name: str
    as_of: date
    password: str
    """Of every account that may use the office."""
    accounts: dict[str, Account]
    """By login."""


async def build(registry: Registry, auth: Auth, *, today: date | None = None) -> DemoAccess:
    """Make sure the demo village stands in the registry, whole. Takes seconds the first time.

    `today` (the day in Shanghai) decides the as-of day of a village that is not there yet.
    """
    code = plan.VILLAGE_CODE
    await registry.create_village(code, plan.VILLAGE_NAME, demo=True)
    as_of = await _settle_as_of(auth, today or datetime.now(SHANGHAI).date())
    whole = village(as_of)
    accounts = await _accounts(auth, whole)
    devices = await _devices(auth, accounts, as_of)
    await _play(registry, auth, whole, accounts, devices)
    return DemoAccess(code, plan.VILLAGE_NAME, as_of, DEMO_PASSWORD, accounts)


async def _settle_as_of(auth: Auth, today: date) -> date:
    """The as-of day written down at the first build, or the one that belongs to today."""
    before, after = _BOOKLETS_LABEL.split("{}")
    for device in await auth.devices(plan.VILLAGE_CODE):
        if device.label.startswith(before):
            return date.fromisoformat(device.label.removeprefix(before).removesuffix(after))
    return as_of_for(today)


async def _accounts(auth: Auth, whole: Village) -> dict[str, Account]:
    known = {a.login: a for a in await auth.accounts(plan.VILLAGE_CODE)}
    helpers = _helper_records(whole)
    for login in LOGINS:
        if login.login not in known:
            known[login.login] = await _account(auth, login, helpers)
    return {login.login: known[login.login] for login in LOGINS}


async def _account(auth: Auth, login: Login, helpers: dict[str, tuple[str, str]]) -> Account:
    helper, name = helpers.get(login.login, ("", login.name))
    return await auth.create_account(
        plan.VILLAGE_CODE,
        login=login.login,
        name=name,
        role=login.role,
        password=DEMO_PASSWORD if login.office else "",
        grids=[plan.VILLAGE_CODE + login.grid] if login.grid else [],
        helper_id=helper,
    )


def _helper_records(whole: Village) -> dict[str, tuple[str, str]]:
    """Login of a student volunteer -> the helper record and its name."""
    students = [r for r in whole.records("helper").values() if r.fields["helper_kind"] == "V"]
    logins = [login.login for login in LOGINS if login.role == "volunteer"]
    return {
        login: (record.id, record.fields["name"])
        for login, record in zip(logins, students, strict=True)
    }


async def _devices(auth: Auth, accounts: dict[str, Account], as_of: date) -> dict[str, str]:
    """Device of each login's acts; "" is the typing in of the booklets."""
    code = plan.VILLAGE_CODE
    booklets = await auth.batch_device(
        code, _BOOKLETS_LABEL.format(as_of.isoformat()), f"{code} booklets", kind="demo"
    )
    devices = {"": booklets}
    for login in LOGINS:
        account = accounts[login.login]
        if login.role == "official":
            devices[login.login] = await auth.office_device(account)
        elif login.phone:
            devices[login.login] = await auth.batch_device(
                code, f"{account.name}的{login.phone}", f"{code} {login.login}", kind="demo"
            )
    return devices


async def _play(
    registry: Registry,
    auth: Auth,
    whole: Village,
    accounts: dict[str, Account],
    devices: dict[str, str],
) -> None:
    stored = await auth.devices(plan.VILLAGE_CODE)
    given = {device.id: device.last_seq for device in stored}
    found = await registry.village(plan.VILLAGE_CODE)
    head = found.rev if found is not None else 0
    for run in _runs(whole.acts, devices, given):
        login = run[0].login
        committed = await registry.commit(
            plan.VILLAGE_CODE,
            devices[login],
            [[_change(edit, head) for edit in act.edits] for act in run],
            author=accounts[login].name if login else BOOKLETS_AUTHOR,
            at=run[0].at,
            accepted_at=run[0].at,
        )
        head = committed.revs[-1]


def _runs(
    acts: tuple[Act, ...], devices: dict[str, str], given: dict[str, int]
) -> list[tuple[Act, ...]]:
    """Acts still to be done. Those of one device at one time go in one transaction."""
    left = dict(given)
    runs: list[list[Act]] = []
    for act in acts:
        device = devices[act.login]
        if left.get(device, 0) > 0:
            left[device] -= 1
        elif runs and (runs[-1][0].login, runs[-1][0].at) == (act.login, act.at):
            runs[-1].append(act)
        else:
            runs.append([act])
    return [tuple(run) for run in runs]


def _change(edit: Edit, head: int) -> Change:
    """Whoever edits a record of the demo has seen all that went before: no conflict by accident."""
    base = 0 if "present" in edit.set else head
    return Change(RecordId(edit.record), edit.type, base, dict(edit.set))


__all__ = ["AS_OF", "DemoAccess", "build"]
