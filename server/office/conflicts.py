"""The conflict desk: the list, and settling one field with everything on one screen."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.conflict_view import (
    POLICY_WORDS,
    REASONS,
    field_in,
    line_of,
    past_of,
    side_words,
    sides_of,
    what_of,
    whose_of,
)
from server.office.edit_form import Option, read_one
from server.office.pages import redirect, render
from server.office.record_file import field_of
from server.office.records import row_of
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.settling import Contest, can_keep_both, can_type, contest, settlement
from server.office.text import language_of, translate
from server.programme import may_write, programme
from server.registry import HistoryEdit, Review, Row, now_ms, short_id
from server.typed import whole
from sync import PRESENT, Change, RecordId

MOST_REASON = 200
CHOOSE_ONE = "请先选一个。"
UNFILLED: Mapping[str, str] = {"chosen": "", "typed": "", "reason": ""}
FILL_IN = "选了“都不对”，请把对的写上。"


@page("settle")
async def conflicts(request: Request) -> Response:
    """What has to be settled, and what stands for information."""
    account, registry, language = account_of(request), registry_of(request), language_of(request)
    reviews = await registry.contested(account.village)
    register = await load(registry, account.village)
    lines = [line for review in reviews if (line := line_of(review, register, language))]
    lines.sort(key=lambda line: (line.urgency, line.alike, line.opened_at))
    kinds = Counter(line.alike for line in lines)
    words = {line.alike: f"{values.label(line.type, language)} · {line.what}" for line in lines}
    alike = request.query_params.get("alike", "")
    if alike in kinds:
        lines = [line for line in lines if line.alike == alike]
    return render(
        request,
        "conflicts",
        {
            "required": [line for line in lines if line.required],
            "info": [line for line in lines if not line.required],
            "alike": alike if alike in kinds else "",
            "kinds": [(name, words[name], n) for name, n in kinds.most_common() if n > 1],
        },
    )


@page("settle")
async def settle(request: Request) -> Response:
    """One key's values with their base. A post settles it and goes on to the next."""
    row = await row_of(request)
    account, registry = account_of(request), registry_of(request)
    key = request.path_params["key"]
    siblings = await registry.siblings(account.village, row.id, key)
    history = await registry.history(account.village, row.id)
    it = contest(row, key, siblings, history) if siblings else None
    if it is None:
        return redirect(request, f"/office/records/{row.id}")
    if key != PRESENT and not may_write(account.role, row.type, field_of(key)):
        raise Problem("not_allowed")
    waiting = await registry.contested(account.village, required=True)
    if request.method != "POST":
        return await _page(request, row, it, history, waiting)

    form = await request.form(max_fields=20)
    if form.get("whole"):
        return await _whole(request, row, it, history, waiting)
    take, reason = str(form.get("take", "")), str(form.get("reason", "")).strip()[:MOST_REASON]
    typed = str(form.get("typed", "")).strip()
    filled = {"chosen": take, "typed": typed, "reason": reason}
    base = whole(form.get("base", "0"))
    newest = max((side.edit.rev for side in it.sides if side.edit), default=0)
    if base is None or base < newest:
        # A phone came in while this page was open: what it brought has to be seen first.
        return await _page(request, row, it, history, waiting, filled, status=409, moved=True)
    value, problem = typed, ""
    if take == "typed":
        value, problem = read_one(field_in(row.type, key), typed, language_of(request))
        problem = problem or ("" if typed else FILL_IN)
    chosen = settlement(it, take, value, short_id()) if not problem else None
    if chosen is None:
        problem = problem or CHOOSE_ONE
        return await _page(request, row, it, history, waiting, filled, status=422, problem=problem)
    change = Change(RecordId(row.id), row.type, base, chosen)
    auth = auth_of(request)
    device = await auth.office_device(account)
    await registry.commit(account.village, device, [[change]], author=account.name, at=now_ms())
    await auth.note(account.village, account.id, "settle", f"{row.id}/{key}", reason)
    left = [review for review in waiting if (review.record, review.key) != (row.id, key)]
    to = f"/office/conflicts/{left[0].record}/{left[0].key}" if left else "/office/conflicts"
    return redirect(request, to, "settled")


async def _whole(
    request: Request, row: Row, it: Contest, history: list[HistoryEdit], waiting: list[Review]
) -> Response:
    """The same page with whole identity numbers: two masked ones look alike."""
    account = account_of(request)
    if not request.state.can["see_id_number"]:
        raise Problem("not_allowed")
    await auth_of(request).note(account.village, account.id, "see_id_number", row.id)
    return await _page(request, row, it, history, waiting, whole=True)


async def _page(
    request: Request,
    row: Row,
    it: Contest,
    history: list[HistoryEdit],
    waiting: list[Review],
    filled: Mapping[str, str] = UNFILLED,
    *,
    status: int = 200,
    problem: str = "",
    moved: bool = False,
    whole: bool = False,
) -> Response:
    language = language_of(request)
    register = await load(registry_of(request), account_of(request).village)
    if row.id not in register.rows:
        register = Register.of([*register.rows.values(), row])
    field = field_in(row.type, it.key)
    others = [r for r in waiting if (r.record, r.key) != (row.id, it.key)]
    context: dict[str, Any] = {
        "record": row.id,
        "key": it.key,
        "whose": whose_of(row.id, register, language),
        "where": register.grid_names.get(register.grid_of(row), ""),
        "type": programme().types[row.type],
        "what": what_of(row.type, it.key, language),
        "policy_words": translate(language, POLICY_WORDS.get(it.policy, "")),
        "base": _base(it, row.type, register, language, whole),
        "base_rev": it.base_rev,
        "sides": sides_of(it, row.type, register, language, whole=whole),
        "is_masked": values.is_secret(field) and not whole,
        "can_type": can_type(it) and not (field and field.ref),
        "can_keep_both": can_keep_both(it),
        "options": _options(field, language) if it.kind == "scalar" else [],
        "input": field.type if field and field.type in ("date", "month", "time") else "text",
        "left": len(waiting) if len(others) < len(waiting) else 0,
        "next": f"{others[0].record}/{others[0].key}" if others else "",
        "past": past_of(it, row.type, history, register, language, whole=whole),
        "reasons": REASONS,
    }
    return render(
        request,
        "settle",
        {
            "c": context,
            "problem": translate(language, problem) if problem else "",
            "moved": moved,
            **filled,
        },
        status=status,
    )


def _options(field: Any, language: str) -> list[Option]:
    """The codes one may take instead, when the field has a list."""
    if field is None or not field.list:
        return []
    return [
        Option(choice.name, values.label(choice, language))
        for choice in programme().lists.get(field.list, ())
    ]


def _base(
    it: Contest, type_name: str, register: Register, language: str, whole: bool
) -> dict[str, Any]:
    """What both sides had seen before they changed it."""
    if it.base is None:
        return {"said": values.UNKNOWN, "author": "", "at": 0, "device_label": ""}
    return {
        "said": side_words(type_name, it.base.key, it.base.value, register, language, whole=whole),
        "author": it.base.author,
        "at": it.base.at,
        "device_label": it.base.device_label,
    }
