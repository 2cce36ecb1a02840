"""Settling alike conflicts together: picked in the list, looked at once more, settled one by one.

Each case is settled by an edit of its own, as on its own page, so each can be taken back by itself. What cannot
be decided by one rule for all (two phone numbers, deleted against edited, three values) is left and said so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.office.conflict_view import side_words, what_of, whose_of
from server.office.pages import redirect, render
from server.office.record_file import field_of
from server.office.register import Register, load
from server.office.security import account_of, auth_of, page, registry_of
from server.office.settling import Contest, Side, contest, settlement
from server.office.text import language_of
from server.programme import may_write
from server.registry import Registry, Row, now_ms, short_id
from sync import Change, RecordId

MOST = 200
WAYS = ("shown", "other")
MOVED = "刚才又有新的说法，请单独看。"
ALONE = "这一条要单独定。"
NOT_YOURS = "这一项您不能改。"
SETTLED = "已经定了。"


@dataclass(frozen=True)
class Case:
    """One picked conflict: the edit that would settle it, or why it is left."""

    pick: str
    row: Row
    key: str
    side: Side | None
    it: Contest | None
    left: str = ""


@page("settle")
async def together(request: Request) -> Response:
    """First what each picked case would become; once confirmed, all that still stands as it was shown is settled."""
    account, registry = account_of(request), registry_of(request)
    form = await request.form(max_fields=MOST + 20)
    way = str(form.get("way", ""))
    picks = [str(pick) for pick in form.getlist("pick")][:MOST]
    if not picks or way not in WAYS:
        return redirect(request, "/office/conflicts", "nothing_picked")
    cases = [case for pick in picks if (case := await _case(registry, account, pick, way))]
    chosen = [case for case in cases if not case.left]
    if form.get("confirmed") and chosen:
        changes = [[_change(case)] for case in chosen]
        auth = auth_of(request)
        device = await auth.office_device(account)
        await registry.commit(account.village, device, changes, author=account.name, at=now_ms())
        reason = str(form.get("reason", "")).strip()[:200]
        for case in chosen:
            await auth.note(
                account.village, account.id, "settle", f"{case.row.id}/{case.key}", reason
            )
        if len(chosen) == len(cases):
            return redirect(request, "/office/conflicts", "settled")
        cases = [case for case in cases if case.left]
    register = await load(registry, account.village)
    language = language_of(request)
    known = {case.row.id: case.row for case in cases if case.row.id not in register.rows}
    if known:
        register = Register.of([*register.rows.values(), *known.values()])
    return render(
        request,
        "settle_together",
        {
            "way": way,
            "done": len(chosen) if form.get("confirmed") else 0,
            "chosen": [_words(case, register, language) for case in cases if not case.left],
            "left": [_words(case, register, language) for case in cases if case.left],
        },
    )


async def _case(registry: Registry, account: Any, pick: str, way: str) -> Case | None:
    """`pick` is record/key@rev as the list showed it; None for what is no record of this village."""
    named, _, rev = pick.rpartition("@")
    record, _, key = named.partition("/")
    row = await registry.row(account.village, record) if len(record) == 32 else None
    if row is None or not key:
        return None
    siblings = await registry.siblings(account.village, row.id, key)
    it = contest(row, key, siblings, []) if siblings and key in row.contested else None
    if it is None:
        return Case(pick, row, key, None, None, SETTLED)
    if not may_write(account.role, row.type, field_of(key)):
        return Case(pick, row, key, None, it, NOT_YOURS)
    if str(row.rev) != rev:
        return Case(pick, row, key, None, it, MOVED)
    side = _side(it, way)
    return Case(pick, row, key, side, it, "" if side else ALONE)


def _side(it: Contest, way: str) -> Side | None:
    """The side a rule for all takes: what shows now, or the one other value."""
    if it.kind not in ("scalar", "element"):
        return None
    wanted: Sequence[Side] = [s for s in it.sides if (s.value == it.shown) is (way == "shown")]
    return wanted[0] if len(wanted) == 1 else None


def _change(case: Case) -> Change:
    assert case.it is not None
    assert case.side is not None
    chosen = settlement(case.it, case.side.name, "", short_id())
    assert chosen is not None
    return Change(RecordId(case.row.id), case.row.type, case.it.base_rev, chosen)


def _words(case: Case, register: Register, language: str) -> dict[str, Any]:
    def said(value: Any) -> str:
        return side_words(case.row.type, case.key, value, register, language)

    return {
        "pick": case.pick,
        "record": case.row.id,
        "key": case.key,
        "whose": whose_of(case.row.id, register, language),
        "what": what_of(case.row.type, case.key, language),
        "shown": said(case.it.shown) if case.it else "",
        "becomes": said(case.side.value) if case.side else "",
        "left": case.left,
    }
