"""People and devices: who is there with which phones, enrolment codes, cutting a phone off.

A code is shown in the answer to the post that made it and nowhere else: it never stands in an address,
which browsers and logs remember.
"""

import re
from typing import Any

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from server.auth import EVERYWHERE, ROLES, Account, Grant
from server.errors import Problem
from server.office import lost, periods
from server.office.pages import redirect, render, today
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import may, may_manage
from server.registry import now_ms
from server.typed import whole

ENROL_PATH = "/app/#/enrol/"
PHONE_PATH = "/app/"


@page("manage_people")
async def people(request: Request) -> Response:
    """Everybody with their phones, and the other sources of entries."""
    account, auth = account_of(request), auth_of(request)
    accounts = await auth.accounts(account.village)
    devices = await auth.devices(account.village)
    register = await load(registry_of(request), account.village, "grid", "household", "helper")
    language = language_of(request)
    phones = [device for device in devices if device.kind == "phone"]
    lines = [
        {
            "id": person.id,
            "name": person.name,
            "login": person.login,
            "role": person.role,
            "active": person.active,
            "takes_phone": may(person.role, "use_phone") and may_manage(account.role, person.role),
            "covers": covers(person, register, language),
            "ends": _ends(person, register, language) if person.active else [],
            "devices": [device for device in phones if device.account == person.id],
        }
        for person in sorted(accounts, key=lambda it: (list(ROLES).index(it.role), it.name))
    ]
    others = [device for device in devices if device.kind != "phone"]
    return render(request, "people", {"people": lines, "other_devices": others})


def covers(person: Account, register: Register, language: str) -> str:
    """What a person is there for: grids by name, and the helper record a volunteer is."""
    if person.role in EVERYWHERE:
        return translate(language, "全村")
    parts = [
        f"{register.grid_names.get(it.grid, it.grid)}{_days(it, language)}" for it in person.grants
    ]
    if person.helper_id:
        helper = register.rows.get(person.helper_id)
        parts.append(translate(language, "结对的孩子（%(name)s）", name=register.name_of(helper)))
    return "、".join(parts)


def _days(it: Grant, language: str) -> str:
    """The days of a grant that has some, after its grid."""
    if not it.begins and not it.ends:
        return ""
    return translate(language, "（%(begins)s 至 %(ends)s）", begins=it.begins or "…", ends=it.ends or "…")  # fmt: skip


def _ends(person: Account, register: Register, language: str) -> list[str]:
    """What is nearly over, or over, in words; nothing for whoever has the whole village anyway."""
    if person.role in EVERYWHERE:
        return []
    said = [
        translate(language, "%(grid)s 还有 %(n)s 天到期", grid=register.grid_names.get(grid, grid), n=left)
        if left
        else translate(language, "%(grid)s 今天到期", grid=register.grid_names.get(grid, grid))
        for grid, (_, left) in periods.soon(person, today()).items()
    ]  # fmt: skip
    over = [it for it in person.grants if it.ends and it.ends < today()]
    return said + [
        translate(language, "%(grid)s 已到期", grid=register.grid_names.get(it.grid, it.grid)) for it in over
    ]  # fmt: skip


@page("manage_phones")
async def code(request: Request) -> Response:
    """Make a code and show it: as a picture to scan, a link, and letters to type."""
    account, auth = account_of(request), auth_of(request)
    person = await auth.account(account.village, request.path_params["account"])
    if person is None or not person.active or not may(person.role, "use_phone"):
        raise Problem("not_found")
    if request.method != "POST":
        return redirect(request, f"/office/people/{person.id}")
    if person.id != account.id and not may_manage(account.role, person.role):
        raise Problem("higher_role")  # a phone of theirs would act in their name
    made = await auth.issue_code(person)
    await auth.note(account.village, account.id, "issue_code", person.id)
    link = f"{origin_of(request)}{ENROL_PATH}{made.text}"
    picture = segno.make(link, error="m").svg_inline(
        border=2, omitsize=True, svgclass="qr", lineclass=None
    )
    return render(
        request,
        "code",
        {
            "person": person,
            "code": made,
            "link": link,
            "place": f"{origin_of(request)}{PHONE_PATH}",
            "qr": Markup(picture),
            "status": _status(made.text, made.expires_at, ""),
        },
    )


@page("manage_phones")
async def code_status(request: Request) -> Response:
    """The line under a code that htmx asks for until the phone has enrolled."""
    account, auth = account_of(request), auth_of(request)
    person = await auth.account(account.village, request.path_params["account"])
    form = await request.form(max_fields=10)
    text, until = str(form.get("code", "")), whole(form.get("until"))
    if person is None or until is None:
        raise Problem("not_found")
    used_by = await auth.code_used_by(account.village, text)
    label = next((d.label for d in await auth.devices(account.village) if d.id == used_by), "")
    return render(
        request,
        "code_status",
        {"person": person, "status": _status(text, until, label)},
    )


def _status(text: str, until: int, label: str) -> dict[str, Any]:
    left = max(0, until - now_ms()) // 1000
    state = "enrolled" if label else "waiting" if left else "expired"
    return {
        "state": state,
        "label": label,
        "code": text,
        "until": until,
        "left": f"{left // 60}:{left % 60:02}",
    }


def origin_of(request: Request) -> str:
    """The address people open: the village's own when it is set, else the one this page came by."""
    origin: str = request.app.state.settings.origin
    return origin or str(request.base_url).rstrip("/").removesuffix("/office")


@page("manage_phones")
async def revoke(request: Request) -> Response:
    """Ask, then cut a phone off for good."""
    account, auth = account_of(request), auth_of(request)
    wanted = request.path_params["device"]
    if not re.fullmatch(r"[0-9a-f]{12}", wanted):
        raise Problem("not_found")
    devices = await auth.devices(account.village)
    device = next((d for d in devices if d.id == wanted and d.kind == "phone"), None)
    if device is None or device.revoked_at:
        raise Problem("not_found")
    if request.method == "POST":
        await auth.revoke(account.village, device.id)
        await auth.note(account.village, account.id, "revoke", device.id)
        await lost.keep(request, device)
        return redirect(request, "/office/people", "revoked")
    owner = await auth.account(account.village, device.account)
    return render(
        request, "revoke", {"device": device, "person_name": owner.name if owner else device.label}
    )
