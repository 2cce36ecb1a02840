"""What the writing commands do, given an open register; run by the server or by the command itself."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from server.auth import Account, Auth
from server.errors import Problem
from server.programme import programme_of
from server.registry import Registry, Village, lineage
from server.settings import Settings

from . import orders
from .lock import Held, hold
from .orders import Answer
from .words import Refusal, is_chinese, say

Duty = Callable[..., Awaitable[Answer]]
SHANGHAI = timezone(timedelta(hours=8))  # China keeps one time, the whole year round


def carry_out(settings: Settings, command: str, **arguments: Any) -> Answer:
    """By the running server, or here with the data folder's lock. A refusal is an Answer as well."""
    try:
        with hold(settings.data):
            return asyncio.run(alone(settings, command, arguments))
    except Held:
        return orders.send(settings.data, command, arguments)


async def alone(settings: Settings, command: str, arguments: dict[str, Any]) -> Answer:
    registry = await Registry.open(settings.database_url)
    try:
        return await obey(registry, Auth(registry.database), command, arguments)
    finally:
        await registry.close()


async def obey(registry: Registry, auth: Auth, command: str, arguments: dict[str, Any]) -> Answer:
    try:
        return await DUTIES[command](registry, auth, **arguments)
    except Refusal as refusal:
        return Answer(str(refusal), done=False)
    except Problem as problem:
        return Answer(problem.message("zh" if is_chinese() else "en"), done=False)


async def add_village(registry: Registry, auth: Auth, *, code: str, name: str) -> Answer:
    if not (len(code) == 12 and code.isascii() and code.isdigit()):
        raise Refusal("村代码是 12 位数字。", "A village's code has 12 digits.")
    if await registry.village(code) is not None:
        raise Refusal(f"村 {code} 已经有了。", f"Village {code} is there already.")
    await registry.create_village(code, name)
    return Answer(say(f"已建立 {name}（{code}）。", f"{name} ({code}) is ready."))


async def note_backup(
    registry: Registry, auth: Auth, *, held: list[list[Any]], name: str, size: int
) -> Answer:
    """Phones may forget what a backup holds; until then they keep it, to offer it again after a restore. Every village
    in it reads in its audit that a copy was made, and on its first page how old that is."""
    await registry.database.write(lineage.keep(held))
    for village in await auth.villages():
        await auth.note(village, "", "backup", name, str(size))
    return Answer("")


async def add_user(
    registry: Registry,
    auth: Auth,
    *,
    village: str | None,
    login: str,
    name: str,
    role: str,
    password: str,
    grids: list[str],
) -> Answer:
    where = await village_meant(registry, village)
    account = await auth.create_account(
        where.code, login=login, name=name, role=role, password=password, grids=grids
    )
    await auth.note(where.code, "", "add_user", account.id)
    return Answer(
        say(
            f"已为 {name} 建立账号 {login}（{where.name}）。",
            f"{name} can use {login} ({where.name}).",
        )
    )


async def enrol_code(registry: Registry, auth: Auth, *, village: str | None, login: str) -> Answer:
    """The code alone on the first line, for scripts."""
    account = await account_meant(registry, auth, village, login)
    code = await auth.issue_code(account)
    await auth.note(account.village, "", "issue_code", account.id)
    return Answer(
        f"{code.text}\n"
        + say(
            f"{account.name} 的登记码，10 分钟内有效，只能用一次。",
            f"For {account.name}; works once, within ten minutes.",
        )
    )


async def import_roster(
    registry: Registry,
    auth: Auth,
    *,
    village: str | None,
    content: bytes,
    name: str,
    do_apply: bool,
    options: dict[str, Any],
) -> Answer:
    """Preview or import; the refused rows come back as the file `refused`."""
    from server.office.roster import Options, command  # reads Excel: loaded by who imports

    where = await village_meant(registry, village)
    as_of = options.get("as_of")
    if as_of and not is_day(as_of):
        raise Refusal(f"{as_of} 不是日期。", f"{as_of} is no day written YYYY-MM-DD.")
    outcome = await command.run(
        registry,
        auth,
        village=where.code,
        data=content,
        filename=name,
        author=say("名册导入", "Roster import"),
        today=datetime.now(SHANGHAI).date(),
        options=Options(**options),
        do_apply=do_apply,
        lang="zh" if is_chinese() else "en",
    )
    files = {"refused": outcome.refused} if outcome.refused else {}
    return Answer(outcome.text, outcome.done, files)


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def content_of(roster: Path) -> bytes:
    """A roster's bytes. What is far too large is refused before it is read."""
    try:
        if roster.stat().st_size > orders.LARGEST // 2:
            raise Refusal(f"{roster} 太大。", f"{roster} is too large.")
        return roster.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise Refusal(f"不能读取 {roster}：{why}", f"{roster} can't be read: {why}") from error


async def describe(registry: Registry, auth: Auth) -> Answer:
    """Villages with their lineage and what they hold, for `zoufang doctor`."""
    lines = []
    for village in await registry.villages():
        await registry.village(village.code)  # makes its own forms known
        rows = await registry.rows(village.code, *programme_of(village.code).types)
        counts = Counter(row.type for row in rows)
        held = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        phones = [device for device in await auth.devices(village.code) if device.kind == "phone"]
        lines.append(f"{village.code} {village.name}: epoch {village.epoch}, rev {village.rev}")
        lines.append(f"  {held or '-'}")
        lines.append("  " + say(f"{len(phones)} 部手机", f"{len(phones)} phones"))
        wrong = await registry.recount(village.code)
        named = ", ".join(f"{difference.what} {difference.name}" for difference in wrong[:5])
        lines.append(
            "  "
            + (
                say(f"复算不符 {len(wrong)} 处：{named}", f"recount: {len(wrong)} differ: {named}")
                if wrong
                else say("复算：全部相符", "recount: everything adds up")
            )
        )
        trail = await auth.check_audit(village.code)
        lines.append(
            "  "
            + (
                say(
                    f"审计第 {trail.broken} 条起对不上：有人改过或抽掉过",
                    f"audit: broken from line {trail.broken} on: changed or taken out",
                )
                if trail.broken
                else say(
                    f"审计 {trail.lines} 条，首尾相连，末条 {trail.head[:16]}",
                    f"audit: {trail.lines} lines, unbroken, head {trail.head[:16]}",
                )
            )
        )
    return Answer("\n".join(lines))


async def village_meant(registry: Registry, code: str | None) -> Village:
    """The one named, or the only one there is."""
    villages = await registry.villages()
    if code is None and len(villages) == 1:
        return villages[0]
    for village in villages:
        if village.code == code:
            return village
    known = ", ".join(f"{village.code} {village.name}" for village in villages)
    raise Refusal(
        f"请用 --village 指明村代码。现有：{known or '还没有村，先运行 zoufang add-village'}",
        f"Name the village with --village. There are: {known or 'none; run zoufang add-village'}",
    )


async def account_meant(registry: Registry, auth: Auth, village: str | None, login: str) -> Account:
    where = await village_meant(registry, village)
    account = await auth.account_by_login(where.code, login)
    if account is None:
        raise Refusal(f"{where.name}没有账号 {login}。", f"{where.name} has no account {login}.")
    return account


DUTIES: dict[str, Duty] = {
    "add-village": add_village,
    "add-user": add_user,
    "enrol-code": enrol_code,
    "import": import_roster,
    "describe": describe,
    "note-backup": note_backup,
}
