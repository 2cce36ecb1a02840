"""What the writing commands do, given an open register; run by the server or by the command itself."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from server.auth import Account, Auth
from server.errors import Problem
from server.programme import programme
from server.registry import Registry, Village
from server.settings import Settings

from . import orders
from .lock import Held, hold
from .orders import Answer
from .words import Refusal, is_chinese, say

Duty = Callable[..., Awaitable[Answer]]


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


async def describe(registry: Registry, auth: Auth) -> Answer:
    """Villages with their lineage and what they hold, for `zoufang doctor`."""
    lines = []
    for village in await registry.villages():
        rows = await registry.rows(village.code, *programme().types)
        counts = Counter(row.type for row in rows)
        held = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        phones = [device for device in await auth.devices(village.code) if device.kind == "phone"]
        lines.append(f"{village.code} {village.name}: epoch {village.epoch}, rev {village.rev}")
        lines.append(f"  {held or '-'}")
        lines.append("  " + say(f"{len(phones)} 部手机", f"{len(phones)} phones"))
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
    "describe": describe,
}
