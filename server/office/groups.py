"""小组: several children join a group at once, and one leaves without being forgotten.

A membership is a record of its own with a beginning and an end. Who leaves keeps it, with its last day.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office.daily import GROUP, MEMBER, members_of
from server.office.pages import redirect, today
from server.office.records import row_of
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.registry import Row, uuid7
from server.typed import whole
from sync import PRESENT, Change, RecordId

MOST = 500


async def _group(request: Request) -> tuple[Row, Register]:
    group = await row_of(request)
    if group.type != GROUP:
        raise Problem("not_found")
    village = account_of(request).village
    return group, await load(registry_of(request), village, "grid", "household", "child", MEMBER)


@page("edit_records")
async def join(request: Request) -> Response:
    """The children picked become members from today; who is one already stays as it is."""
    group, register = await _group(request)
    form = await request.form(max_fields=MOST + 10)
    inside = {text_of(it.fields, "child_id") for it in members_of(register, group.id, today())}
    picked = dict.fromkeys(str(it) for it in form.getlist("pick"))
    children = [
        it
        for id in picked
        if (it := register.rows.get(id)) is not None and it.type == "child" and it.id not in inside
    ]
    changes = [
        Change(
            RecordId(uuid7()), MEMBER, 0,
            {PRESENT: True, "child_id": it.id, "group_id": group.id, "role": "MEM", "from_on": today()},
        )
        for it in children[:MOST]
    ]  # fmt: skip
    return await _commit(request, group, changes)


@page("edit_records")
async def leave(request: Request) -> Response:
    """A member leaves as of today."""
    group, register = await _group(request)
    form = await request.form(max_fields=10)
    member = register.rows.get(str(form.get("member", "")))
    base = whole(form.get("base"))
    if member is None or member.fields.get("group_id") != group.id or base is None:
        raise Problem("no_record")
    last = (date.fromisoformat(today()) - timedelta(days=1)).isoformat()
    # Who joined today and leaves today was put in by mistake, and never was a member.
    said: dict[str, Any] = (
        {"to_on": last} if text_of(member.fields, "from_on") <= last else {PRESENT: False}
    )
    return await _commit(request, group, [Change(RecordId(member.id), MEMBER, base, said)])


async def _commit(request: Request, group: Row, changes: Sequence[Change]) -> Response:
    account = account_of(request)
    back = f"/office/records/{group.id}"
    if not changes:
        return redirect(request, back, "unchanged")
    device = await auth_of(request).office_device(account)
    await registry_of(request).commit(
        account.village, device, [[it] for it in changes], author=account.name
    )
    return redirect(request, back, "saved")
