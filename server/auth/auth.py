"""The door to people and access. Every method is one short transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

import structlog
from msgspec.structs import replace

from server.database import Database, Work, ask
from server.errors import Problem
from server.registry.ids import now_ms, short_id, uuid7

from . import audit, devices, ending
from . import grants as granting
from . import statements as sql
from .grants import Grant
from .model import (
    EVERYWHERE,
    ROLES,
    Account,
    Code,
    Device,
    Enrolled,
    Entry,
    OpenCode,
    Scope,
    Trail,
    buckets_of,
)
from .second_factor import SecondFactor
from .secrets import (
    code_as_typed,
    digest,
    hash_password,
    new_code,
    new_token,
    password_fits,
    village_of,
)

log = structlog.get_logger()
CODE_LIVES_MS = 10 * 60_000
SESSION_IDLE_MS = 30 * 60_000
SESSION_ABSOLUTE_MS = 10 * 3_600_000
FREE_TRIES = 5
FIRST_WAIT_MS, LONGEST_WAIT_MS = 60_000, 3_600_000
ANYWHERE = ""
"""Stands for the village where none is known yet."""


class Auth:
    """Accounts, devices, sessions, codes and the audit trail of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.second_factor = SecondFactor(database)
        self._looked: dict[str, str] = {}
        """Village -> the day on which grants that are over were looked for."""

    # Accounts

    async def create_account(
        self, village: str, *, login: str, name: str, role: str, password: str = "",
        grids: Sequence[str] = (), helper_id: str = "", grants: Sequence[Grant] = (),
    ) -> Account:  # fmt: skip
        """A new person. `grids` are given without end, `grants` with the days they hold. Without a password the account is for phones only. Raises `login_taken`, `unknown_role`,
        `weak_password`, `bad_field`."""
        if role not in ROLES:
            raise Problem("unknown_role")
        if not login.strip() or len(login) > 40:
            raise Problem("bad_field", field="login")
        if not name.strip() or len(name) > 40:
            raise Problem("bad_field", field="name")
        account = Account(
            uuid7(),
            village,
            login.strip(),
            name.strip(),
            role,
            [],
            helper_id,
            True,
            now_ms(),
        )
        account = _with(account, [*map(Grant, grids), *grants])
        stored = await hash_password(password) if password else ""
        await self._database.write(_create_account(account, stored))
        return account

    async def accounts(self, village: str) -> list[Account]:
        return await self._database.read(_accounts(village))

    async def account(self, village: str, id: str) -> Account | None:
        return await self._database.read(_account(village, id))

    async def account_by_login(self, village: str, login: str) -> Account | None:
        found = await self._database.read(_by_login(village, login))
        return found[0] if found else None

    async def update_account(
        self, account: Account, *, name: str | None = None, role: str | None = None,
        grids: Sequence[str] | None = None, helper_id: str | None = None, active: bool | None = None,
        grants: Sequence[Grant] | None = None,
    ) -> None:  # fmt: skip
        """Change what a person may do; `grids` and `grants` as of a new one. Taking the right to sign in ends all sessions at once."""
        if role is not None and role not in ROLES:
            raise Problem("unknown_role")
        changed = Account(
            account.id, account.village, account.login, name or account.name, role or account.role,
            [],
            account.helper_id if helper_id is None else helper_id,
            account.active if active is None else active, account.created_at,
        )  # fmt: skip
        if grids is None and grants is None:
            changed = _with(changed, account.grants)
        else:
            changed = _with(changed, [*map(Grant, grids or ()), *(grants or ())])
        await self._database.write(_update_account(changed))

    async def note_over(self, village: str) -> None:
        """See that each grant that ended by its day has its line in the audit; looked at once a day."""
        day = granting.today()
        if self._looked.get(village) == day:
            return
        self._looked[village] = day
        try:
            if await self._database.read(_over(village, day)):
                await self._database.write(_note_over(village, day, now_ms()))
        except Exception as error:
            # A full disk keeps nobody from syncing; who comes next tries again.
            self._looked.pop(village, None)
            log.warning("ends_not_noted", village=village, error=str(error))

    async def set_password(self, account: Account, password: str) -> None:
        """A new password; every open session of the account ends."""
        await self._database.write(_set_password(account, await hash_password(password)))

    # The office's sessions

    async def sign_in(
        self, village: str, login: str, password: str, code: str = "", *, address: str = ""
    ) -> str:
        """A session token for the cookie. Raises `wrong_login`, or `slow_down` after some failures; these wait
        per login and address, and no wait is for ever, so that nobody can lock somebody else out. Raises
        `second_factor` or `wrong_code` where the account has a second factor."""
        subject = f"login:{village}:{login}:{address}"
        await self._check_attempts(subject)
        found = await self._database.read(_by_login(village, login))
        fits = await password_fits(password, found[1] if found else "")
        if not found or not fits or not found[0].active:
            await self._failed(subject)
            await self.note(village, login, "sign_in_failed", "")
            raise Problem("wrong_login")
        try:
            await self.second_factor.check(found[0], code)
        except Problem as problem:
            if problem.code == "wrong_code":
                await self._failed(subject)
                await self.note(village, login, "sign_in_failed", "second_factor")
            raise
        token = new_token(village)
        await self._database.write(_open_session(village, digest(token), found[0].id, subject))
        await self.note(village, found[0].id, "sign_in", "")
        return token

    async def check_password(self, account: Account, password: str, *, address: str = "") -> None:
        """Raises `wrong_login` when this is not the account's password; wrong tries count as at the login."""
        subject = f"login:{account.village}:{account.login}:{address}"
        await self._check_attempts(subject)
        found = await self._database.read(_by_login(account.village, account.login))
        if not await password_fits(password, found[1] if found else ""):
            await self._failed(subject)
            raise Problem("wrong_login")

    async def session(self, token: str) -> Account | None:
        """Whose session it is; None when it has ended, was idle for 30 minutes, or is ten hours old.

        Most pages only look: what would be written waits its turn behind an evening's pushes.
        """
        village, secret, now = village_of(token), digest(token), now_ms()
        account, due = await self._database.glance(_session(village, secret, now))
        if due is not None:
            await self._database.write(due)
        return account

    async def sign_out(self, token: str) -> None:
        await self._database.write(_end_session(village_of(token), digest(token)))

    # Enrolment

    async def issue_code(self, account: Account) -> Code:
        """A one-time code, valid for ten minutes."""
        text = new_code()
        now = now_ms()
        await self._database.write(_new_code(account, digest(code_as_typed(text)), now))
        return Code(text, now + CODE_LIVES_MS)

    async def peek_code(self, text: str, *, address: str = "") -> tuple[Account, int]:
        """Whose code it is and until when; uses nothing up. Raises `code_unknown`, `slow_down`."""
        subject = f"code:{address}"
        await self._check_attempts(subject)
        found = await self._database.read(_find_code(digest(code_as_typed(text)), now_ms()))
        if found is None:
            await self._failed(subject)
            raise Problem("code_unknown")
        return found

    async def enrol(self, text: str, label: str, *, address: str = "") -> Enrolled:
        """Use a code up for a phone. Raises as `peek_code`."""
        account, _ = await self.peek_code(text, address=address)
        token = new_token(account.village)
        device = Device(
            short_id(),
            account.village,
            account.id,
            "phone",
            label[:80] or "手机",
            1,
            0,
            0,
            0,
            0,
            now_ms(),
            0,
        )
        used = await self._database.write(
            _enrol(device, digest(token), digest(code_as_typed(text)))
        )
        if not used:
            raise Problem("code_unknown")
        await self.note(account.village, account.id, "enrol", device.id)
        return Enrolled(device.id, token, account)

    async def codes(self, account: Account) -> list[OpenCode]:
        """The codes of an account that still work, newest first."""
        return await self._database.read(_codes(account, now_ms()))

    async def code_used_by(self, village: str, text: str) -> str:
        """The device that used a code, or ''."""
        return await self._database.read(_code_used_by(village, digest(code_as_typed(text))))

    # Devices

    async def device_by_token(self, token: str) -> tuple[Device, Account] | None:
        return await self._database.glance(_device_by_token(village_of(token), digest(token)))

    async def caller(self, token: str) -> tuple[Device, Account, Scope] | None:
        """Whose token it is, and what a phone of theirs may hold."""
        return await self._database.glance(_caller(village_of(token), digest(token)))

    async def devices(self, village: str) -> list[Device]:
        return await self._database.read(devices.all_of(village))

    async def revoke(self, village: str, device: str) -> None:
        """Cut a device off. What it still brings is kept aside for the office; it gets nothing any more."""
        await self._database.write(devices.revoke(village, device, now_ms()))

    async def last_held(self, village: str, device: str) -> list[str] | None:
        """The buckets a phone held when it was last here; None where that was not kept yet."""
        text = await self._database.read(devices.last_held(village, device))
        return json.loads(text) if text else None

    async def keep_held(self, village: str, device: str, body: dict[str, Any]) -> None:
        """Keep what a closed phone could hold, as it is now; what was kept first stays."""
        await self._database.write(devices.keep_held(village, device, json.dumps(body), now_ms()))

    async def held(self, village: str, device: str) -> tuple[int, dict[str, Any]] | None:
        """(when, what) was kept of a closed phone; None where nothing was."""
        rows = await self._database.read(devices.held(village, device))
        return (rows[0], json.loads(rows[1])) if rows else None

    async def forget_held(self, village: str, ids: Collection[str]) -> None:
        """Take erased children out of what was kept of closed phones."""
        await self._database.write(devices.forget_held(village, frozenset(ids)))

    async def office_device(self, account: Account) -> str:
        """The device of an account's office work; made on first use (decision 13)."""
        return await self.batch_device(account.village, "村办公室", account.id, kind="office")

    async def batch_device(self, village: str, label: str, key: str, kind: str = "import") -> str:
        """The device of a batch named by `key` (a file's hash): the same key is the same device."""
        id = sha256(f"{kind}:{key}".encode()).hexdigest()[:12]
        account = key if kind == "office" else ""
        device = Device(id, village, account, kind, label, 1, 0, 0, 0, 0, now_ms(), 0)
        await self._database.write(devices.add(device, ""))
        return id

    async def scope(self, account: Account) -> Scope:
        """What a phone of this account may hold now, and what it may hold no more."""
        return await self._database.read(_scope(account))

    async def buckets(self, account: Account) -> list[str]:
        """What a phone of this account may hold now."""
        return (await self.scope(account)).buckets

    async def village_name(self, village: str) -> tuple[str, str]:
        """(name, epoch) of a village."""
        return await self._database.read(_village_name(village))

    async def villages(self) -> list[str]:
        """The codes of all villages here."""
        return await self._database.read(_village_codes())

    # The audit trail

    async def note(
        self, village: str, account: str, action: str, subject: str, details: str = ""
    ) -> None:
        """Append a line. Lines are chained by hash, so that one taken out or changed shows."""
        await self._database.write(audit.note(village, account, action, subject, details, now_ms()))

    async def audit(self, village: str, most: int = 200) -> list[Entry]:
        """The newest lines, newest first."""
        return await self._database.read(audit.newest(village, most))

    async def audit_between(self, village: str, since: int, until: int) -> list[Entry]:
        """The lines from an instant to before another (ms), oldest first."""
        return await self._database.read(audit.between(village, since, until))

    async def check_audit(self, village: str) -> Trail:
        """Go through the whole trail and see whether each line follows from the one before it."""
        return await self._database.read(audit.check(village))

    async def audit_about(self, village: str, subjects: Sequence[str]) -> list[Entry]:
        """The lines about these records or accounts, oldest first."""
        return await self._database.read(audit.about(village, subjects))

    async def last(self, village: str, action: str) -> Entry | None:
        """The newest line of an action, None when there is none."""
        return await self._database.read(audit.last(village, action))

    async def settled(self, village: str, subjects: Sequence[str]) -> list[Entry]:
        """The lines that tell how these (`record/key`) were settled, oldest first."""
        return await self._database.read(audit.settled(village, subjects))

    # Guessing

    async def _check_attempts(self, subject: str) -> None:
        wait = await self._database.read(_waiting(subject, now_ms()))
        if wait > 0:
            raise Problem("slow_down", retry_after=wait // 1000 + 1)

    async def _failed(self, subject: str) -> None:
        await self._database.write(_fail(subject, now_ms()))


def _as_account(row: Sequence[Any]) -> Account:
    id, village, login, name, role, grids, helper_id, active, created_at = row
    account = Account(id, village, login, name, role, [], helper_id, bool(active), created_at)
    return _with(account, granting.read(grids))


def _with(account: Account, grants: Sequence[Grant]) -> Account:
    """The account with these grants, as they are today."""
    today = granting.today()
    return replace(account, grids=granting.in_force(grants, today), grants=list(grants))


def _create_account(account: Account, password: str) -> Work[None]:
    taken = yield ask(sql.ACCOUNT_BY_LOGIN, v=account.village, name=account.login)
    if taken:
        raise Problem("login_taken")
    yield ask(
        sql.NEW_ACCOUNT, village=account.village, id=account.id, login=account.login,
        name=account.name, role=account.role, grids=granting.stored(account.grants),
        helper_id=account.helper_id, password=password, active=True, created_at=account.created_at,
    )  # fmt: skip


def _accounts(village: str) -> Work[list[Account]]:
    return [_as_account(row) for row in (yield ask(sql.ACCOUNTS, v=village))]


def _account(village: str, id: str) -> Work[Account | None]:
    rows = yield ask(sql.ACCOUNT, v=village, id=id)
    return _as_account(rows[0]) if rows else None


def _by_login(village: str, login: str) -> Work[tuple[Account, str] | None]:
    rows = yield ask(sql.ACCOUNT_BY_LOGIN, v=village, name=login)
    return (_as_account(rows[0][:-1]), rows[0][-1]) if rows else None


def _update_account(account: Account) -> Work[None]:
    before = yield from _account(account.village, account.id)
    grids = yield from _grids(account.village)
    had = set(buckets_of(before, grids)) if before else set()
    has = set(buckets_of(account, grids)) if account.active else set()
    now, today = now_ms(), granting.today()
    over = granting.ended(before.grants, today) if before else {}
    known = granting.ended(account.grants, today)
    for bucket in sorted((had | over.keys()) - has - known.keys()):
        yield ask(
            sql.PUT_GRANT_ENDED, village=account.village, account=account.id, bucket=bucket,
            ended_at=over.get(bucket, now),
        )  # fmt: skip
    for bucket in sorted(has - had):
        yield ask(sql.FORGET_GRANT_ENDED, v=account.village, of=account.id, in_bucket=bucket)
    yield ask(
        sql.SET_ACCOUNT, v=account.village, b_id=account.id, new_name=account.name,
        new_role=account.role, new_grids=granting.stored(account.grants), new_helper=account.helper_id,
        new_active=account.active,
    )  # fmt: skip
    if not account.active:
        yield ask(sql.END_SESSIONS_OF, v=account.village, of=account.id)


def _over(village: str, day: str) -> Work[list[tuple[Account, Grant]]]:
    return (yield from ending.over((yield from _accounts(village)), day, village))


def _note_over(village: str, day: str, now: int) -> Work[None]:
    yield from ending.note_over((yield from _accounts(village)), day, village, now)


def _set_password(account: Account, password: str) -> Work[None]:
    yield ask(sql.SET_PASSWORD, v=account.village, b_id=account.id, new_password=password)
    yield ask(sql.END_SESSIONS_OF, v=account.village, of=account.id)


def _open_session(village: str, token: str, account: str, subject: str) -> Work[None]:
    now = now_ms()
    yield ask(
        sql.NEW_SESSION, village=village, token=token, account=account, created_at=now, seen_at=now
    )
    yield ask(sql.FORGET_ATTEMPT, v=ANYWHERE, of=subject)


def _session(village: str, token: str, now: int) -> Work[tuple[Account | None, Work[None] | None]]:
    """The session's account, and what there is to be written about it."""
    rows = yield ask(sql.SESSION, v=village, secret=token)
    if not rows:
        return None, None
    created_at, seen_at, *account = rows[0]
    found = _as_account(account)
    if (
        now - seen_at > SESSION_IDLE_MS
        or now - created_at > SESSION_ABSOLUTE_MS
        or not found.active
    ):
        return None, _end_session(village, token)
    if now - seen_at > 60_000:  # to the minute is enough, and saves a commit for every click
        return found, _seen(village, token, now)
    return found, None


def _seen(village: str, token: str, now: int) -> Work[None]:
    yield ask(sql.SESSION_SEEN, v=village, secret=token, now=now)


def _end_session(village: str, token: str) -> Work[None]:
    yield ask(sql.END_SESSION, v=village, secret=token)


def _new_code(account: Account, code: str, now: int) -> Work[None]:
    yield ask(
        sql.NEW_CODE, village=account.village, code=code, account=account.id, issued_at=now,
        expires_at=now + CODE_LIVES_MS, device="",
    )  # fmt: skip


def _codes(account: Account, now: int) -> Work[list[OpenCode]]:
    rows = yield ask(sql.CODES_OF, v=account.village, of=account.id)
    return [
        OpenCode(issued_at, expires_at)
        for issued_at, expires_at, device in rows
        if not device and expires_at > now
    ]


def _find_code(code: str, now: int) -> Work[tuple[Account, int] | None]:
    for village, account, expires_at, device in (yield ask(sql.CODE_ANYWHERE, secret=code)):
        found = yield from _account(village, account)
        if found is not None and found.active and not device and expires_at > now:
            return found, expires_at
    return None


def _enrol(device: Device, token: str, code: str) -> Work[bool]:
    yield ask(sql.USE_CODE, v=device.village, secret=code, used_by=device.id)
    [[used_by]] = yield ask(sql.CODE_USED_BY, v=device.village, secret=code)
    if used_by != device.id:  # somebody was faster
        return False
    yield from devices.add(device, token)
    return True


def _code_used_by(village: str, code: str) -> Work[str]:
    rows = yield ask(sql.CODE_USED_BY, v=village, secret=code)
    return str(rows[0][0]) if rows else ""


def _device_by_token(village: str, token: str) -> Work[tuple[Device, Account] | None]:
    rows = yield ask(sql.DEVICE_AND_ACCOUNT, v=village, secret=token)
    if not rows:
        return None
    columns = list(rows[0])
    return Device(*columns[:12]), _as_account(columns[12:])


def _caller(village: str, token: str) -> Work[tuple[Device, Account, Scope] | None]:
    found = yield from _device_by_token(village, token)
    if found is None:
        return None
    device, account = found
    return device, account, (yield from _scope(account))


def _scope(account: Account) -> Work[Scope]:
    grids = (yield from _grids(account.village)) if account.role in EVERYWHERE else []
    ended = yield ask(sql.GRANTS_ENDED, v=account.village, of=account.id)
    return Scope(
        buckets_of(account, grids) if account.active else [],
        {row[0]: row[1] for row in ended} | granting.ended(account.grants, granting.today()),
    )


def _grids(village: str) -> Work[list[str]]:
    rows = yield ask(sql.GRIDS, v=village)
    codes = (json.loads(row)[3].get("grid_code") for (row,) in rows)
    return [code for code in codes if isinstance(code, str)]


def _village_name(village: str) -> Work[tuple[str, str]]:
    rows = yield ask(sql.VILLAGE_NAME, v=village)
    return (rows[0][0], rows[0][1]) if rows else ("", "")


def _village_codes() -> Work[list[str]]:
    return [code for (code,) in (yield ask(sql.VILLAGE_CODES))]


def _waiting(subject: str, now: int) -> Work[int]:
    rows = yield ask(sql.ATTEMPT, v=ANYWHERE, of=subject)
    return int(rows[0][1]) - now if rows else 0


def _fail(subject: str, now: int) -> Work[None]:
    rows = yield ask(sql.ATTEMPT, v=ANYWHERE, of=subject)
    failures = rows[0][0] + 1 if rows else 1
    wait = FIRST_WAIT_MS * 2 ** max(0, failures - FREE_TRIES) if failures >= FREE_TRIES else 0
    yield ask(
        sql.PUT_ATTEMPT, village=ANYWHERE, subject=subject, failures=failures,
        blocked_until=now + min(wait, LONGEST_WAIT_MS) if wait else 0,
    )  # fmt: skip
