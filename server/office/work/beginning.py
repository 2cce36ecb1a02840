"""Beginning a work for somebody who asked for it: a short one is waited for, of a long one its page says how far it is."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office.pages import redirect
from server.office.security import account_of
from server.office.work.works import Again, Work, Works


def works_of(request: Request) -> Works:
    works: Works = request.app.state.works
    return works


async def as_asked(request: Request) -> Again:
    """How to ask the same again: what a form posted, or an address."""
    address = f"{request.url.path}?{request.url.query}".rstrip("?")
    if request.method != "POST":
        return Again(address)
    posted = (await request.form()).multi_items()
    return Again(address, [(k, v) for k, v in posted if k != "csrf" and isinstance(v, str)])


async def begun(
    request: Request,
    action: str,
    do: Callable[[Work], Awaitable[None]],
    words: str,
    *,
    is_short: bool,
    again: Again,
    **values: Any,
) -> Work | Response:
    """A short work when it is ready, else the page of a long one. Raises what a short one was refused for."""
    works = works_of(request)
    work = works.begin(
        account_of(request), action, do, words, is_short=is_short, again=again, **values
    )
    if not is_short:
        return redirect(request, f"/office/progress/{work.id}")
    await work.over()
    if work.state != "ready":
        works.drop(work)
        raise work.problem or Problem("busy", retry_after=10)  # stopped: the server is ending
    return work
