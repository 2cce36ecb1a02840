"""One helper for many children: looked over, paired as one edit a child, and taken back while untouched.

Each pairing is a record and an op of its own, made as everywhere in the office: what a phone pairs meanwhile stands
beside it, and one pairing can be ended or taken back without the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office.pages import redirect, render, today
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.programme.derive import most_children
from server.registry import Row, uuid7
from sync import PRESENT, Change, RecordId

MOST = 500
LIST = "/office/lists/coverage"
KIND_OF = {"T": "TCH", "R": "TCH", "M": "MUM", "K": "PEER"}
"""What a pairing is by the kind of helper; of the others 代理家长."""
THERE = "已经和这位帮扶人结对。"


@dataclass(frozen=True)
class Case:
    """One picked child and the pairing it would get, or why it is left."""

    child: Row
    pairing: str
    grid_name: str
    now: str
    left: str = ""


@page("pair")
async def assign(request: Request) -> Response:
    """First who would be paired; once confirmed, all for whom it still makes a difference."""
    account, registry = account_of(request), registry_of(request)
    form = await request.form(max_fields=MOST + 20)
    register = await load(registry, account.village)
    helper = register.rows.get(str(form.get("helper", "")))
    if not form.getlist("pick"):
        return redirect(request, LIST, "nobody_picked")
    if helper is None or helper.type != "helper" or helper.fields.get("active") == "N":
        raise Problem("no_record")
    cases = cases_of(form, helper, register)
    chosen = [it for it in cases if not it.left]
    load_now = sum(
        it.fields.get("helper_id") == helper.id for it in register.adult_pairings(today())
    )
    made: list[Row] = []
    if form.get("confirmed") and chosen:
        made = await _pair(request, helper, chosen)
    return render(
        request,
        "assign",
        {
            "helper": helper,
            "chosen": [] if made else chosen,
            "left": [it for it in cases if it.left],
            "made": [(it, register.name_of(register.rows.get(text_of(it.fields, "child_id")))) for it in made],
            "load": load_now,
            "most": most_children(helper.fields),
            "is_peer": helper.fields.get("helper_kind") == "K",
        },
    )  # fmt: skip


def cases_of(form: FormData, helper: Row, register: Register) -> list[Case]:
    """Every child picked, once each. `pick` is a child, or child@pairing from the page that was looked over: a form
    sent twice makes one pairing."""
    cases: dict[str, Case] = {}
    for picked in [str(it) for it in form.getlist("pick")][:MOST]:
        id, _, pairing = picked.partition("@")
        child = register.rows.get(id)
        if child is None or child.type != "child":
            continue
        pairs = register.pairings(id, today())
        ids = [text_of(it.fields, "helper_id") for it in pairs]
        known = bool(re.fullmatch(r"[0-9a-f]{32}", pairing)) and pairing not in register.rows
        cases[id] = Case(
            child,
            pairing if known else uuid7(),
            register.grid_names.get(register.grid_of(child), ""),
            "、".join(filter(None, (register.name_of(register.rows.get(it)) for it in ids))),
            THERE if helper.id in ids else "",
        )
    return list(cases.values())


async def _pair(request: Request, helper: Row, chosen: Sequence[Case]) -> list[Row]:
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)
    kind = KIND_OF.get(text_of(helper.fields, "helper_kind"), "PAR")
    changes = [
        [
            Change(
                RecordId(it.pairing), "pairing", 0,
                {PRESENT: True, "child_id": it.child.id, "helper_id": helper.id, "kind": kind,
                 "from_on": today(), "state": "V"},
            )
        ]
        for it in chosen
    ]  # fmt: skip
    device = await auth.office_device(account)
    await registry.commit(account.village, device, changes, author=account.name)
    await auth.note(account.village, account.id, "assign", helper.id, f"{len(changes)}")
    found = await registry.rows_by_id(account.village, [it.pairing for it in chosen])
    return [found[it.pairing] for it in chosen if it.pairing in found]


@page("pair")
async def undo(request: Request) -> Response:
    """Take back the pairings that were just made, save those somebody has touched since."""
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)
    form = await request.form(max_fields=MOST + 20)
    picked = [str(it).partition("@")[::2] for it in form.getlist("pairing")][:MOST]
    rows = await registry.rows_by_id(account.village, [id for id, _ in picked])
    changes = [
        [Change(RecordId(id), "pairing", int(rev), {PRESENT: False})]
        for id, rev in picked
        if id in rows and rows[id].type == "pairing" and str(rows[id].rev) == rev
    ]  # fmt: skip
    if changes:
        device = await auth.office_device(account)
        await registry.commit(account.village, device, changes, author=account.name)
        helper = text_of(rows[changes[0][0].record].fields, "helper_id")
        await auth.note(account.village, account.id, "unassign", helper, f"{len(changes)}")
    return redirect(request, LIST, "assign_undone")
