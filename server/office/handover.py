"""交接: children paired with one helper go to another, all of a grid or those chosen: looked over, done by ordinary
edits, taken back while untouched.

The old pairing ends on the day, a new one of the same kind begins, and both carry the word said at the hand-over. A
child that the other helper already has is only ended here. What somebody has changed since it was shown is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.pages import redirect, render, today
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme.derive import most_children
from server.programme.due import in_force, is_day
from server.registry import Row, uuid7
from sync import PRESENT, Change, RecordId

MOST = 300
LONGEST_WORD = 200
CARRIED = ("kind", "duty_weekend", "goal")
"""What the new pairing keeps of the old one."""


@dataclass(frozen=True)
class Case:
    """One child to hand over. `twin`: the other helper has this child already, so nothing new begins."""

    pairing: Row
    child: Row
    grid: str
    twin: Row | None

    @property
    def pick(self) -> str:
        return f"{self.pairing.id}@{self.pairing.rev}"


@dataclass(frozen=True)
class Asked:
    """What the page was asked for. `problem` says what stands in the way of going on."""

    giver: Row | None
    taker: Row | None
    grid: str
    on: str
    word: str
    problem: str


@page("pair")
async def handover(request: Request) -> Response:
    """Choose, look over, do. The last two are posts; what was picked travels as id and revision."""
    account, language = account_of(request), language_of(request)
    register = await load(registry_of(request), account.village)
    is_post = request.method == "POST"
    form: FormData | QueryParams = (
        await request.form(max_fields=MOST + 20) if is_post else request.query_params
    )
    wanted = _asked(form, register)
    cases = cases_of(wanted, register) if wanted.giver else []
    picks = {str(it) for it in form.getlist("pick")}
    chosen = [it for it in cases if it.pick in picks]
    stage = str(form.get("stage", "")) if is_post and not wanted.problem and chosen else "choose"
    problem = wanted.problem
    if is_post and not problem and not chosen:
        problem = "还没有选孩子，或刚才有人改过：请重新选。"
    context: dict[str, Any] = {
        "asked": wanted,
        "problem": translate(language, problem) if problem and is_post else "",
        "helpers": _helpers(register, language),
        "grids": register.grid_names,
        "names": {it.id: register.name_of(it) for it in (wanted.giver, wanted.taker) if it},
        "cases": chosen if stage != "choose" else cases,
        "register": register,
        "over": _over(chosen, wanted, register),
        "today": today(),
        "done": [],
        "stage": stage,
    }
    if stage == "save" and wanted.taker is not None and wanted.giver is not None:
        context["done"] = await _hand_over(request, chosen, wanted)
        context["left"] = len(picks) - len(chosen)
    return render(request, "handover", context, status=422 if context["problem"] else 200)


def _asked(form: FormData | QueryParams, register: Register) -> Asked:
    def helper(name: str) -> Row | None:
        row = register.rows.get(str(form.get(name, "")))
        return row if row is not None and row.type == "helper" else None

    giver, taker = helper("from"), helper("to")
    on, word = str(form.get("on", "")) or today(), str(form.get("word", "")).strip()
    problem = ""
    if giver is None or taker is None:
        problem = "请选交的人和接的人。"
    elif giver.id == taker.id:
        problem = "交的人和接的人是同一个人。"
    elif taker.fields.get("active") == "N":
        problem = "接的人已经不做帮扶人了，请另选一位。"
    elif not is_day(on) or on > today():
        problem = "交接日期请写今天或以前的日期。"
    elif len(word) > LONGEST_WORD:
        problem = "交接说明请控制在 200 字以内。"
    return Asked(giver, taker, str(form.get("grid", "")), on, word, problem)


def cases_of(wanted: Asked, register: Register) -> list[Case]:
    """The valid pairings of who gives, of one grid or of all, by grid and name."""
    giver = wanted.giver.id if wanted.giver else ""
    found = []
    for pairing in register.pointing("pairing", "helper_id", giver):
        child = register.rows.get(text_of(pairing.fields, "child_id"))
        if child is None or not in_force(pairing.fields, today()):
            continue
        code = register.grid_of(child)
        if wanted.grid and code != wanted.grid:
            continue
        twins = [
            it
            for it in register.pairings(child.id, today())
            if wanted.taker is not None and it.fields.get("helper_id") == wanted.taker.id
        ]
        found.append(
            Case(pairing, child, register.grid_names.get(code, code), twins[0] if twins else None)
        )
    return sorted(found, key=lambda it: (it.grid, register.name_of(it.child), it.child.id))


def _helpers(register: Register, language: str) -> list[dict[str, Any]]:
    """All helpers with how many children they have now, those who have some first."""
    found = []
    for row in register.kind("helper"):
        load_now = len(_held(row, register))
        kind = values.code_label("helper_kind", row.fields.get("helper_kind"), language)
        words = " · ".join(filter(None, [register.name_of(row), kind, text_of(row.fields, "unit")]))
        found.append({"id": row.id, "words": words, "load": load_now})
    return sorted(found, key=lambda it: (not it["load"], it["words"]))


def _held(helper: Row, register: Register) -> list[Row]:
    pairings = register.pointing("pairing", "helper_id", helper.id)
    return [it for it in pairings if in_force(it.fields, today())]


def _over(chosen: Sequence[Case], wanted: Asked, register: Register) -> tuple[int, int] | None:
    """(children after the hand-over, what was agreed) when it is more than was agreed; else None."""
    if wanted.taker is None:
        return None
    after = len(_held(wanted.taker, register)) + sum(it.twin is None for it in chosen)
    agreed = most_children(wanted.taker.fields)
    return (after, agreed) if after > agreed else None


async def _hand_over(
    request: Request, chosen: Sequence[Case], wanted: Asked
) -> list[dict[str, Any]]:
    """An op a child: the old pairing ends, the new one begins. What is needed to take each back."""
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)
    assert wanted.taker is not None
    assert wanted.giver is not None
    new = {it.pairing.id: uuid7() for it in chosen if it.twin is None}
    ops = [_op(it, wanted, new.get(it.pairing.id, "")) for it in chosen]
    device = await auth.office_device(account)
    await registry.commit(account.village, device, ops, author=account.name)
    about = f"→ {wanted.taker.fields.get('name', '')} · {len(chosen)}"
    await auth.note(account.village, account.id, "hand_over", wanted.giver.id, about)
    rows = await registry.rows_by_id(
        account.village, [*new.values(), *(it.pairing.id for it in chosen)]
    )
    done = []
    for it in chosen:
        made = rows.get(new.get(it.pairing.id, ""))
        words = [it.pairing.id, str(rows[it.pairing.id].rev), text_of(it.pairing.fields, "to_on")]
        words += [made.id, str(made.rev)] if made else ["", ""]
        done.append({"child": it.child, "grid": it.grid, "undo": "@".join(words)})
    return done


def _op(it: Case, wanted: Asked, new: str) -> list[Change]:
    began = text_of(it.pairing.fields, "from_on")
    ended = {"state": "E", "to_on": max(wanted.on, began), "handover": wanted.word or None}
    changes = [Change(RecordId(it.pairing.id), "pairing", it.pairing.rev, ended)]
    if new and wanted.taker is not None:
        kept = {name: it.pairing.fields[name] for name in CARRIED if name in it.pairing.fields}
        said = {"handover": wanted.word} if wanted.word else {}
        begun = {
            PRESENT: True, "child_id": it.child.id, "helper_id": wanted.taker.id,
            "from_on": wanted.on, "state": "V", **kept, **said,
        }  # fmt: skip
        changes.append(Change(RecordId(new), "pairing", 0, begun))
    return changes


@page("pair")
async def undo(request: Request) -> Response:
    """Take a hand-over back, child by child, save where somebody has touched either pairing since."""
    account, registry = account_of(request), registry_of(request)
    form = await request.form(max_fields=MOST + 20)
    asked = [str(it).split("@") for it in form.getlist("done")][:MOST]
    if any(len(it) != 5 for it in asked):
        raise Problem("bad_field", field="done")
    ids = [id for it in asked for id in (it[0], it[3]) if id]
    rows = await registry.rows_by_id(account.village, ids)

    def stands(id: str, rev: str) -> bool:
        return id in rows and rows[id].type == "pairing" and str(rows[id].rev) == rev

    ops = []
    for old, rev, until, new, new_rev in asked:
        if not stands(old, rev) or (new and not stands(new, new_rev)):
            continue
        back = {"state": "V", "to_on": until if is_day(until) else None, "handover": None}
        op = [Change(RecordId(old), "pairing", int(rev), back)]
        if new:
            op.append(Change(RecordId(new), "pairing", int(new_rev), {PRESENT: False}))
        ops.append(op)
    if ops:
        device = await auth_of(request).office_device(account)
        await registry.commit(account.village, device, ops, author=account.name)
        giver = text_of(rows[ops[0][0].record].fields, "helper_id")
        await auth_of(request).note(account.village, account.id, "hand_back", giver, f"{len(ops)}")
    return redirect(request, "/office/handover", "handover_undone" if ops else "unchanged")
