"""One person's account: adding it, changing what the person may do, a new password, switching it off.

Whoever manages people can't take away the own role or access: somebody has to be left who can. Nobody changes
the account of a higher role, nor gives one (the table of accounts in roles.md).
"""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.auth import ROLES, Account, Grant
from server.errors import Problem
from server.office import periods, values
from server.office.pages import redirect, render, today
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import may, may_manage
from server.registry import short_id

LONGEST_NAME = 40
ADDRESS = "/office/people"
NO_PROBLEM: dict[str, str] = {"": "", "password": "", "again": ""}
OWN_ROLE = "不能改自己的角色，请另一位管理人员来改。"
OWN_ACCESS = "不能停用自己，请另一位管理人员来停用。"


@page("manage_people")
async def new(request: Request) -> Response:
    """The form of a new person."""
    account, language = account_of(request), language_of(request)
    register = await _register(request)
    blank = {"name": "", "role": "", "grants": [], "helper_id": "", "login": ""}
    if request.method != "POST":
        return _page(request, None, register, blank)
    form = await request.form()
    wanted = _wanted(form)
    if sentence := _missing(wanted, register, ()):
        problem = {**NO_PROBLEM, "": translate(language, sentence)}
        return _page(request, None, register, wanted, problem, status=422)
    _check_manages(account, wanted["role"])
    try:
        made = await auth_of(request).create_account(
            account.village,
            login=wanted["login"] or f"p-{short_id()[:6]}",
            name=wanted["name"],
            role=wanted["role"],
            password=str(form.get("password", "")),
            grants=wanted["grants"],
            helper_id=wanted["helper_id"],
        )
    except Problem as refused:
        at = "password" if refused.code == "weak_password" else ""
        problem = {**NO_PROBLEM, at: refused.message(language)}
        return _page(request, None, register, wanted, problem, status=refused.status)
    await auth_of(request).note(account.village, account.id, "add_user", made.id)
    await _note_periods(request, made.id, wanted["grants"], (), register)
    return redirect(request, ADDRESS, "person_added")


@page("manage_people")
async def edit(request: Request) -> Response:
    """One person with phones and codes; a post changes name, role, grids and helper."""
    register = await _register(request)
    account, language = account_of(request), language_of(request)
    if request.method != "POST":
        return await _edit_page(request, await _person(request), register)
    person = await _managed(request)
    wanted = _wanted(await request.form()) | {"login": person.login}
    if person.id == account.id:
        wanted["role"] = wanted["role"] or person.role
    sentence = _missing(wanted, register, person.grants)
    if person.id == account.id and wanted["role"] != person.role:
        sentence = OWN_ROLE
    if sentence:
        problem = {**NO_PROBLEM, "": translate(language, sentence)}
        return await _edit_page(request, person, register, wanted, problem)
    if wanted["role"] != person.role:
        _check_manages(account, wanted["role"])
    changed = [
        name
        for name in ("name", "role", "grants", "helper_id")
        if wanted[name] != getattr(person, name)
    ]
    if not changed:
        return redirect(request, f"{ADDRESS}/{person.id}", "unchanged")
    await auth_of(request).update_account(
        person,
        name=wanted["name"],
        role=wanted["role"],
        grants=wanted["grants"],
        helper_id=wanted["helper_id"],
    )
    auth = auth_of(request)
    await auth.note(account.village, account.id, "change_user", person.id, ",".join(changed))
    await _note_periods(request, person.id, wanted["grants"], person.grants, register)
    return redirect(request, f"{ADDRESS}/{person.id}", "saved")


@page("manage_people")
async def password(request: Request) -> Response:
    """A new office password, typed twice. All sessions of the person end, one's own too."""
    person = await _managed(request)
    account, auth, language = account_of(request), auth_of(request), language_of(request)
    if not may(person.role, "use_office"):
        raise Problem("not_found")
    if request.method != "POST":
        return redirect(request, f"{ADDRESS}/{person.id}")
    form = await request.form(max_fields=10)
    typed, again = str(form.get("password", "")), str(form.get("again", ""))
    problem = dict(NO_PROBLEM)
    if typed != again:
        problem["again"] = translate(language, "两次写的不一样。")
    else:
        try:
            await auth.set_password(person, typed)
        except Problem as refused:
            problem["password"] = refused.message(language)
    if problem != NO_PROBLEM:
        return await _edit_page(request, person, await _register(request), problem=problem)
    await auth.note(account.village, account.id, "set_password", person.id)
    if person.id == account.id:
        return redirect(request, "/office/login", "own_password_set")
    return redirect(request, f"{ADDRESS}/{person.id}", "password_set")


@page("manage_people")
async def second_factor_off(request: Request) -> Response:
    """Switch somebody's second factor off, for whoever has lost the phone with the app."""
    person, account, auth = await _managed(request), account_of(request), auth_of(request)
    if person.id == account.id:  # one's own asks for the password
        return redirect(request, "/office/second-factor")
    await auth.second_factor.switch_off(person)
    await auth.note(account.village, account.id, "second_factor_off", person.id)
    return redirect(request, f"{ADDRESS}/{person.id}", "second_factor_off")


@page("manage_people")
async def active(request: Request) -> Response:
    """Switch an account off, or on again."""
    person = await _managed(request)
    account, auth = account_of(request), auth_of(request)
    if request.method != "POST":
        return redirect(request, f"{ADDRESS}/{person.id}")
    form = await request.form(max_fields=10)
    wanted = form.get("active") == "1"
    if person.id == account.id and not wanted:
        problem = {**NO_PROBLEM, "": translate(language_of(request), OWN_ACCESS)}
        return await _edit_page(request, person, await _register(request), problem=problem)
    if wanted != person.active:
        await auth.update_account(person, active=wanted)
        done = "reactivate" if wanted else "deactivate"
        await auth.note(account.village, account.id, done, person.id)
    return redirect(request, f"{ADDRESS}/{person.id}", "reactivated" if wanted else "deactivated")


async def _person(request: Request) -> Account:
    """The account of the address, of the own village. Raises `not_found`."""
    village, wanted = account_of(request).village, request.path_params["account"]
    person = await auth_of(request).account(village, wanted)
    if person is None:
        raise Problem("not_found")
    return person


async def _managed(request: Request) -> Account:
    """The same, when it is one's own or of a role that one manages. Raises `higher_role` too."""
    person, account = await _person(request), account_of(request)
    if person.id != account.id:
        _check_manages(account, person.role)
    return person


def _check_manages(account: Account, role: str) -> None:
    if not may_manage(account.role, role):
        raise Problem("higher_role")


async def _register(request: Request) -> Register:
    village = account_of(request).village
    return await load(registry_of(request), village, "grid", "household", "helper")


async def _edit_page(
    request: Request,
    person: Account,
    register: Register,
    wanted: dict[str, Any] | None = None,
    problem: dict[str, str] = NO_PROBLEM,
) -> Response:
    auth = auth_of(request)
    held = {
        "name": person.name,
        "role": person.role,
        "grants": person.grants,
        "helper_id": person.helper_id,
        "login": person.login,
    }
    devices = [it for it in await auth.devices(person.village) if it.account == person.id]
    more = {
        "phones": [it for it in devices if it.kind == "phone"],
        "codes": await auth.codes(person),
        "has_second_factor": await auth.second_factor.is_on(person),
        "is_own": person.id == account_of(request).id,
        "uses_office": may(person.role, "use_office"),
        "takes_phone": may(person.role, "use_phone"),
    }
    status = 200 if problem == NO_PROBLEM else 422
    return _page(request, person, register, wanted or held, problem, status=status, **more)


def _page(
    request: Request,
    person: Account | None,
    register: Register,
    filled: dict[str, Any],
    problem: dict[str, str] = NO_PROBLEM,
    *,
    status: int = 200,
    **more: Any,
) -> Response:
    language, account = language_of(request), account_of(request)
    context = {
        "person": person,
        "is_own": False,
        "is_managed": person is None
        or person.id == account.id
        or may_manage(account.role, person.role),
        "roles": [
            {"name": name, "words": values.role_words(name, language)}
            for name in ROLES
            if may_manage(account.role, name)
        ],
        "grids": [{"number": code, "name": name} for code, name in register.grid_names.items()],
        "granted": {it.grid: it for it in filled["grants"]},
        "soon": periods.soon(person, today()) if person else {},
        "helpers": [
            {"id": row.id, "words": _helper_words(row.fields, language)}
            for row in register.kind("helper")
        ],
        "values": filled,
        "problem": problem,
        **more,
    }
    return render(request, "person", context, status=status)


def _helper_words(fields: Any, language: str) -> str:
    kind = values.code_label("helper_kind", fields.get("helper_kind"), language)
    unit = text_of(fields, "unit")
    return " · ".join(filter(None, [text_of(fields, "name"), kind, unit]))


def _wanted(form: FormData) -> dict[str, Any]:
    return {
        "name": str(form.get("name", "")).strip(),
        "role": str(form.get("role", "")),
        "login": str(form.get("login", "")).strip(),
        "helper_id": str(form.get("helper_id", "")),
        "grants": periods.typed(form),
    }


async def _note_periods(
    request: Request, person: str, grants: Sequence[Grant], before: Sequence[Grant], register: Register
) -> None:  # fmt: skip
    """A line in the audit for each grid that was taken back, and each whose days were set or changed."""
    account = account_of(request)
    for name in periods.taken(grants, before, register.grid_names, today()):
        await auth_of(request).note(account.village, account.id, "take_grid", person, name)
    for words in periods.changed(grants, before, register.grid_names):
        await auth_of(request).note(account.village, account.id, "set_period", person, words)


def _missing(wanted: dict[str, Any], register: Register, before: Sequence[Grant]) -> str:
    """What stands in the way, as a message of text.py; "" when nothing does."""
    role = wanted["role"]
    if not wanted["name"]:
        return "请写姓名。"
    if len(wanted["name"]) > LONGEST_NAME:
        return "姓名太长，请写 40 个字以内。"
    if role not in ROLES:
        return "请选角色。"
    if role == "surveyor" and not wanted["grants"]:
        return "请选调查员负责的网格，不选的话手机里什么也没有。"
    if role == "volunteer" and not wanted["helper_id"] and not wanted["grants"]:
        return "请选志愿者是哪位帮扶人，或负责哪个网格，不选的话手机里什么也没有。"
    if not may(role, "use_phone") and not wanted["login"]:
        return "这个角色只用办公室网页，请写登录名和密码。"
    if any(it.grid not in register.grid_names for it in wanted["grants"]):
        return "没有这个网格，请重新选。"
    if wanted["helper_id"] and wanted["helper_id"] not in register.rows:
        return "没有这位帮扶人，请重新选。"
    return periods.missing(wanted["grants"], before, today())
