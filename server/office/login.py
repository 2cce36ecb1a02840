"""Signing in and out, and the choice of language."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.errors import Problem
from server.office.pages import redirect, render
from server.office.security import (
    address_of,
    auth_of,
    cookie_name,
    end_session,
    give_session,
    local_path,
    page,
    registry_of,
)
from server.office.text import LANGUAGE_COOKIE, LANGUAGES, language_of, translate
from server.programme import may

YEAR_SECONDS = 365 * 86_400
PHONE_ONLY = "这个账号只用于手机，不能登录办公室网页。"


@page(needs_session=False)
async def login(request: Request) -> Response:
    """The form; a post opens a session and goes on to where one wanted to be."""
    villages = await registry_of(request).villages()
    if request.method != "POST":
        return render(request, "login", _context(request, villages))
    form = await request.form(max_fields=10)
    name = str(form.get("login", "")).strip()
    village = str(form.get("village", "")) or (villages[0].code if villages else "")
    auth = auth_of(request)
    try:
        token = await auth.sign_in(
            village,
            name,
            str(form.get("password", "")),
            str(form.get("code", "")),
            address=address_of(request),
        )
        account = await auth.account_by_login(village, name)
        if account is None or not may(account.role, "use_office"):
            await auth.sign_out(token)
            context = _context(request, villages)
            sentence = translate(language_of(request), PHONE_ONLY)
            return render(
                request, "login", {**context, "login": name, "problem": sentence}, status=403
            )
    except Problem as problem:
        headers = {}
        if "retry_after" in problem.details:
            headers["Retry-After"] = str(problem.details["retry_after"])
        context = {
            **_context(request, villages),
            "login": name,
            "village": village,
            "next": local_path(str(form.get("next", ""))),
            "problem": problem.message(language_of(request)),
            "wants_code": problem.code in ("second_factor", "wrong_code"),
        }
        return render(request, "login", context, status=problem.status, headers=headers)
    response = redirect(request, local_path(str(form.get("next", ""))))
    give_session(request, response, token)
    return response


def _context(request: Request, villages: object) -> dict[str, object]:
    return {
        "login": "",
        "village": "",
        "villages": villages,
        "problem": "",
        "wants_code": False,
        "expired": request.query_params.get("expired") == "1",
        "next": local_path(request.query_params.get("next", "")),
        "village_name": "",
    }


@page()
async def logout(request: Request) -> Response:
    """End the session here and on the server; the browser forgets what it cached."""
    await auth_of(request).sign_out(request.cookies.get(cookie_name(request), ""))
    response = redirect(request, "/office/login", "signed_out")
    end_session(request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@page(needs_session=False)
async def language(request: Request) -> Response:
    """Remember the language and come back to the page."""
    form = await request.form(max_fields=10)
    chosen = str(form.get("language", ""))
    response = RedirectResponse(
        local_path(str(form.get("back", ""))), 303, {"Cache-Control": "no-store"}
    )
    if chosen in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=YEAR_SECONDS,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response
