"""Who is here and what may happen: headers, sessions, the two checks against forged posts, and roles.

Every page is made with `page(...)`: it finds the session, refuses a post that another site made (by
Sec-Fetch-Site or Origin, and by a token that only our own pages carry), checks the role's action in the
programme's matrix, and turns a Problem into a page. A route without it does not exist (a test walks them).
"""

import hmac
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import wraps
from hashlib import sha256
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.auth import Account, Auth
from server.errors import Problem
from server.office.pages import is_fragment, render
from server.office.text import language_of
from server.programme import may, programme
from server.registry import Registry
from server.typed import whole

Endpoint = Callable[[Request], Awaitable[Response]]

LOGIN = "/office/login"
SAFE = frozenset({"GET", "HEAD"})
MOST_FORM_PARTS = 2000
MOST_BODY = 11 * 1024 * 1024
SESSION_SECONDS = 10 * 3600

# Stricter than what app.py puts on everything else. htmx writes our own server's HTML into the page, so the policy "default" may make HTML and nothing may make a script (static/office.js).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'; require-trusted-types-for 'script'; trusted-types default"
)


class OfficePolicy:
    """ASGI middleware: the office's content security policy on every answer, refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)  # a picture's own is stricter
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
            await send(message)

        await self.app(scope, receive, send_with_policy)


def registry_of(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def auth_of(request: Request) -> Auth:
    auth: Auth = request.app.state.auth
    return auth


def account_of(request: Request) -> Account:
    """Who is signed in; only on pages that ask for a session."""
    account: Account = request.state.session
    return account


def page(action: str = "", *, needs_session: bool = True) -> Callable[[Endpoint], Endpoint]:
    """A page of the office. `action` is one of the matrix in roles.md; "" lets every office role in."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            try:
                if request.method not in SAFE:
                    check_origin(request)
                    check_size(request)
                if needs_session and not await _enter(request):
                    return _to_login(request)
                if request.method not in SAFE and needs_session:
                    await _check_token(request)
                if action and not request.state.can[action]:
                    raise Problem("not_allowed")
                return await endpoint(request)
            except Problem as problem:
                return refusal(request, problem)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is there to read it; nothing was done
            finally:
                await request.close()  # an upload lies in a temporary file

        guarded.is_guarded = True  # type: ignore[attr-defined]
        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def refusal(request: Request, problem: Problem) -> Response:
    """A Problem as a page, with the sentence of the catalogue."""
    headers = {}
    if "retry_after" in problem.details:
        headers["Retry-After"] = str(problem.details["retry_after"])
    context = {"message": problem.message(language_of(request)), "code": problem.code}
    return render(request, "error", context, status=problem.status, headers=headers)


def check_origin(request: Request) -> None:
    """Only our own pages may post. Browsers say where a request comes from; one that says nothing is
    not a browser showing our page. Raises `wrong_origin`."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise Problem("wrong_origin")
        return
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc or origin.netloc != request.headers.get("host", ""):
        raise Problem("wrong_origin")


def check_size(request: Request) -> None:
    """Before a form is read: it must say how long it is, and be no longer than the largest roster.
    Raises `too_large`."""
    length = request.headers.get("content-length", "")
    if whole(length, most=MOST_BODY) is None:
        raise Problem("too_large")


async def _check_token(request: Request) -> None:
    sent = request.headers.get("x-csrf", "")
    if not sent:
        form = await request.form(max_fields=MOST_FORM_PARTS)
        sent = str(form.get("csrf", ""))
    if not hmac.compare_digest(sent.encode(errors="replace"), request.state.csrf.encode()):
        raise Problem("wrong_origin")


async def _enter(request: Request) -> bool:
    """Find the session and put on the request what every page shows."""
    token = request.cookies.get(cookie_name(request), "")
    account = await auth_of(request).session(token) if token else None
    if account is None or not may(account.role, "use_office"):
        return False
    can = actions_of(account.role)
    request.state.session = account
    request.state.csrf = sha256(f"csrf:{token}".encode()).hexdigest()[:40]
    request.state.can = can
    village = await registry_of(request).village(account.village)
    request.state.village_name = village.name if village else account.village
    mine = request.app.state.works.of(account)
    request.state.works = (bool(mine), sum(not it.is_over for it in mine))
    if can["settle"] and not is_fragment(request):
        kinds = Counter(
            it.kind for it in await registry_of(request).reviews(account.village, required=True)
        )
        request.state.counts = {
            "conflicts": kinds["conflict"],
            "quarantine": kinds["quarantine"],
        }
    return True


def actions_of(role: str) -> dict[str, bool]:
    """What a role may do: the actions of roles.md, and whether it reads children's records at all."""
    can = {name: may(role, name) for name in programme().roles.actions}
    return {**can, "read_records": programme().roles.reads["child"][role] != ""}


def _to_login(request: Request) -> Response:
    """To the login page and back; a post is not repeated, so it comes back to its page."""
    path = request.url.path
    back = path if request.method in SAFE and path != "/office/" else ""
    query = f"?next={quote(back)}" if back else ""
    if request.cookies.get(cookie_name(request)):
        query = f"{query}&expired=1" if query else "?expired=1"
    to = LOGIN + query
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Redirect": to, "Cache-Control": "no-store"})
    return RedirectResponse(to, 303, {"Cache-Control": "no-store"})


def cookie_name(request: Request) -> str:
    """`__Host-` pins the cookie to this host over https; plain http (localhost) cannot have it."""
    return "__Host-zf_session" if request.url.scheme == "https" else "zf_session"


def give_session(request: Request, response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=SESSION_SECONDS,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def end_session(request: Request, response: Response) -> None:
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True
    )


def address_of(request: Request) -> str:
    """Who asks, for the rate limit: the peer's address, as the server in front told uvicorn."""
    return request.client.host if request.client else ""


def local_path(text: str) -> str:
    """A path of our own to go on to, or the start page: never another site (open redirect)."""
    sound = text.startswith("/office/") and "\\" not in text and not text.startswith("//")
    return text if sound and text.isprintable() and len(text) < 300 else "/office/"


async def problem_page(request: Request, problem: Problem) -> Response:
    """A refusal that was raised outside a page (the server is busy, no such address)."""
    return refusal(request, problem)
