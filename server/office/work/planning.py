"""Reading a table and taking it in, as works: a large one shows how many rows are done, a small one is waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from server.office.pages import redirect
from server.office.security import account_of
from server.office.work.beginning import begun, works_of
from server.office.work.works import Again, Work

LARGE = 40_000
"""Bytes of a file that takes longer than a moment: about a thousand rows."""
MOST_TOLD = 4
"""Plans a person's works remember; a plan of 20,000 rows is large itself."""

T = TypeVar("T")


def is_large(content: bytes) -> bool:
    return len(content) > LARGE


async def planned(
    request: Request,
    filename: str,
    key: tuple[object, ...],
    make: Callable[[Work], Awaitable[T]],
    leads_to: str,
) -> T | Response:
    """What a large file's rows mean: as a work has told it under this key, else the page of the work that finds out
    and leads on to `leads_to`, where the same is asked again."""
    works, account = works_of(request), account_of(request)
    mine = [it for it in works.of(account) if it.key == key]
    for it in mine:
        if it.state == "ready" and it.told is not None:
            found: T = it.told
            return found
        if not it.is_over:
            return redirect(request, f"/office/progress/{it.id}")

    async def do(work: Work) -> None:
        work.key, work.leads_to = key, leads_to
        work.told = await make(work)
        for old in [it for it in works.of(account) if it.told is not None][MOST_TOLD:]:
            old.told = None

    work = works.begin(account, "import", do, "读表 %(file)s", again=Again(leads_to), file=filename)
    work.key = key
    return redirect(request, f"/office/progress/{work.id}")


def forget(request: Request, key: tuple[object, ...]) -> None:
    """The register has moved on: what was told under this key is no longer so."""
    works = works_of(request)
    for it in works.of(account_of(request)):
        if it.key == key and it.is_over:
            works.drop(it)


async def taken_in(
    request: Request,
    content: bytes,
    filename: str,
    back: str,
    do: Callable[[Work], Awaitable[None]],
) -> Response:
    """Take a table in and go where the work leads (`do` says so); `back` is where to look when it is refused, which a
    small file's refusal raises."""

    async def go(work: Work) -> None:
        work.leads_to = back
        await do(work)

    return await carried_out(
        request, go, "导入 %(file)s", back, is_short=not is_large(content), file=filename
    )


async def carried_out(
    request: Request,
    do: Callable[[Work], Awaitable[None]],
    words: str,
    back: str,
    *,
    is_short: bool,
    key: tuple[object, ...] = (),
    **values: Any,
) -> Response:
    """Do something with what a table brought, and go where the work leads; `back` is where to look should the server end
    meanwhile. Under a key it is under way only once."""
    works, account = works_of(request), account_of(request)
    for it in works.of(account):
        if key and it.key == key and not it.is_over:
            return redirect(request, f"/office/progress/{it.id}")

    async def go(work: Work) -> None:
        work.key = key
        await do(work)

    work = await begun(request, "import", go, words, is_short=is_short, again=Again(back), **values)
    if isinstance(work, Response):
        return work
    if work.told is None:
        works.drop(work)
    return redirect(request, work.leads_to, work.flash)
