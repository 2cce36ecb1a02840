"""视频预约: what came of a booked call. One that got through becomes a family call; in the same step the booking says so."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office.daily import BOOKING
from server.office.pages import redirect, today
from server.office.records import row_of
from server.office.register import text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.registry import Moved, uuid7
from server.typed import whole
from sync import PRESENT, Change, RecordId

RESULTS = ("DONE", "MISSED", "CANCEL")
LONGEST = 180


@page("edit_records")
async def settle(request: Request) -> Response:
    """Say what came of it: `DONE` and `MISSED` are written down as a call that did or did not get through."""
    booking, account, registry = await row_of(request), account_of(request), registry_of(request)
    form = await request.form(max_fields=10)
    state, base = str(form.get("state", "")), whole(form.get("base"))
    back = f"/office/records/{booking.id}"
    child = await registry.row(account.village, text_of(booking.fields, "child_id"))
    if booking.type != BOOKING or child is None:
        raise Problem("no_record")
    if state not in RESULTS or base is None:
        raise Problem("bad_field", field="state")
    if booking.fields.get("state") not in (None, "", "BOOKED"):
        return redirect(request, back, "unchanged")  # the button was pressed twice
    said = {"state": state}
    changes = [Change(RecordId(booking.id), BOOKING, base, said)]
    if state != "CANCEL":
        call = uuid7()
        said["call_id"] = call
        known = ("with_whom", "kind", "place_id")
        spoke = state == "DONE"
        length = (whole(form.get("minutes"), most=999) or 0) if spoke else 0
        event = {
            PRESENT: True,
            "household_id": text_of(child.fields, "household_id"),
            "child_id": child.id,
            "connected": "Y" if spoke else "N",
            "occurred_on": min(text_of(booking.fields, "on_date") or today(), today()),
            "occurred_time": text_of(booking.fields, "at_time"),
            **{name: booking.fields[name] for name in known if booking.fields.get(name)},
            **({"minutes": length} if 1 <= length <= LONGEST else {}),
        }
        changes.insert(0, Change(RecordId(call), "family_call", 0, event))
    device = await auth_of(request).office_device(account)
    try:
        await registry.commit(account.village, device, [changes], author=account.name, seen=booking)
    except Moved:  # somebody else pressed it at the same instant: the page says what is true now
        return redirect(request, back, "unchanged")
    return redirect(request, back, "saved")
