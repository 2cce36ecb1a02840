"""The second factor of one's own account: switched on with the app in hand, off with the password."""

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from server.auth import new_secret, otpauth_of
from server.errors import Problem
from server.office.pages import redirect, render
from server.office.security import account_of, address_of, auth_of, page
from server.office.text import language_of

ADDRESS = "/office/second-factor"


@page()
async def second_factor(request: Request) -> Response:
    """Shows the secret as a picture; a post with the app's digits switches it on, one with the password off."""
    account, auth = account_of(request), auth_of(request)
    is_on = await auth.second_factor.is_on(account)
    if request.method != "POST":
        return _page(request, is_on=is_on)
    form = await request.form(max_fields=10)
    try:
        if is_on:
            await auth.check_password(
                account, str(form.get("password", "")), address=address_of(request)
            )
            await auth.second_factor.switch_off(account)
            await auth.note(account.village, account.id, "second_factor_off", account.id)
            return redirect(request, ADDRESS, "second_factor_off")
        await auth.second_factor.switch_on(
            account, str(form.get("secret", "")), str(form.get("code", ""))
        )
    except Problem as problem:
        return _page(
            request,
            is_on=is_on,
            secret=str(form.get("secret", "")),
            problem=problem.message(language_of(request)),
            status=problem.status,
        )
    await auth.note(account.village, account.id, "second_factor_on", account.id)
    return redirect(request, ADDRESS, "second_factor_on")


def _page(
    request: Request, *, is_on: bool, secret: str = "", problem: str = "", status: int = 200
) -> Response:
    fresh = secret if secret.isalnum() and len(secret) == 32 else new_secret()
    picture = segno.make(otpauth_of(account_of(request), fresh), error="m").svg_inline(
        border=2, omitsize=True, svgclass="qr", lineclass=None
    )
    context = {
        "is_on": is_on,
        "secret": fresh,
        "spelled": " ".join(fresh[at : at + 4] for at in range(0, len(fresh), 4)),
        "picture": Markup(picture),
        "problem": problem,
    }
    return render(request, "second_factor", context, status=status)
