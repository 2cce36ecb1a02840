"""彻底删除: one child's file and everything that is about the child alone, out of the register and out of the log.

Asked for by a guardian (PIPL 47), or because the time is over. It cannot be undone, so the page says what goes and what
stays, and wants the child's name typed.
"""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office.pages import redirect, render
from server.office.records import row_of
from server.office.register import text_of
from server.office.rights.held import held_about
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.registry import StillPresent

REASONS = {
    "asked": "监护人要求",
    "over": "保存期满",
    "mistake": "不该建的档案（误录）",
}
STAYS = frozenset({"mandatory_report"})
"""A report of harm is evidence, and whoever asks may be who it is about: it stays with the office."""


@page("erase")
async def erasure(request: Request) -> Response:
    """Say what would go; after the name was typed and a reason chosen, take it away."""
    row, account, registry = await row_of(request), account_of(request), registry_of(request)
    if row.type != "child" or not row.present:
        raise Problem("no_record")
    held = await held_about(registry, account.village, row)
    ids = {id: type for id, type in held.ids.items() if type not in STAYS}
    name = held.register.name_of(row)
    form = await request.form(max_fields=10) if request.method == "POST" else None
    reason = str(form.get("reason", "")) if form else ""
    typed = str(form.get("name", "")).strip() if form else ""
    if form and reason in REASONS and typed == name:
        auth = auth_of(request)
        device = await auth.office_device(account)
        try:
            await registry.erase(account.village, device, ids, author=account.name)
        except StillPresent:
            raise Problem("erased_in_part") from None
        await auth.forget_held(account.village, ids)
        words = translate("zh", REASONS[reason])
        await auth.note(account.village, account.id, "erase", row.id, f"{words} · {len(ids)}")
        return redirect(request, "/office/children", "erased")
    return render(
        request,
        "erasure",
        {
            "record": row.id,
            "name": name,
            "is_active": not text_of(row.fields, "ward_status").startswith("X"),
            "kinds": sorted(Counter(it.type for it in held.rows if it.id in ids).items()),
            "reasons": REASONS,
            "reason": reason,
            "typed": typed,
            "is_refused": form is not None,
            "language": language_of(request),
        },
        status=422 if form is not None else 200,
    )
