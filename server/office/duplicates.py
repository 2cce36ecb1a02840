"""Duplicates: the queue of records that look alike, two of them side by side, merging, telling apart.

Nothing is merged but by a person here. "Not the same" is remembered as a record of its own (`distinct`), which can be
taken back; a merge is an `alias` record and can be taken apart (parting.py).
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.likeness import Likeness, Pair
from server.office import duplicate_view as view
from server.office import merge
from server.office.pages import redirect, render, today
from server.office.records import beside, hidden_fields
from server.office.register import Register
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.programme import programme
from server.registry import Row, uuid7
from sync import Change, RecordId

LIST = "/office/duplicates"
TYPES = ("child", "person", "household", "helper")
MOST_LINES = 60
MOST_REASON = 200
PICK = "pick."
CHOOSE_EACH = "还有没选的项：请为两边不一样的每一项选一个。"


def likeness_of(request: Request) -> Likeness:
    likeness: Likeness = request.app.state.likeness
    return likeness


@page("settle")
async def duplicates(request: Request) -> Response:
    """The queue, the most alike first; comparing goes on where it stood."""
    account, registry = account_of(request), registry_of(request)
    progress = await likeness_of(request).follow(account.village)
    pairs = await open_pairs(request)
    wanted = request.query_params.get("type", "")
    shown = [pair for pair in pairs if pair.type == wanted] if wanted in TYPES else pairs
    page = shown[:MOST_LINES]
    ids = sorted({id for pair in page for id in (pair.a, pair.b)})
    rows = await registry.rows_by_id(account.village, ids)
    register = await _around(request, list(rows.values()))
    origins = await registry.origins(account.village, ids)
    language = language_of(request)
    context = {
        "lines": [
            view.line_of(pair, rows, origins, register, today(), language)
            for pair in page
            if pair.a in rows and pair.b in rows
        ],
        "all": len(shown),
        "wanted": wanted,
        "kinds": [
            {"name": name, "type": programme().types[name], "count": count}
            for name in TYPES
            if (count := sum(pair.type == name for pair in pairs))
        ],
        "progress": progress,
        "compared": await likeness_of(request).compared(account.village),
        "told_apart": await _told_apart(request),
    }
    return render(request, "duplicates", context)


@page("settle")
async def compare(request: Request) -> Response:
    """Two records side by side. A post merges them or remembers that they are two."""
    a, b = await _two(request)
    if (a.id, b.id) != (request.path_params["a"], request.path_params["b"]):
        return redirect(
            request, f"{LIST}/{a.id}/{b.id}" if a.id != b.id else f"/office/records/{a.id}"
        )
    if request.method != "POST":
        return await _page(request, a, b)
    form = await request.form(max_fields=400)
    if form.get("whole"):
        if not request.state.can["see_id_number"]:
            raise Problem("not_allowed")
        account = account_of(request)
        await auth_of(request).note(account.village, account.id, "see_id_number", a.id, b.id)
        return await _page(request, a, b, whole=True)
    reason = str(form.get("reason", "")).strip()[:MOST_REASON]
    if form.get("do") == "distinct":
        return await _tell_apart(request, a, b, reason)
    if form.get("do") != "merge":
        raise Problem("bad_field", field="do")
    picks = {name[len(PICK) :]: str(value) for name, value in form.items() if name.startswith(PICK)}
    if (str(form.get("rev_a")), str(form.get("rev_b"))) != (str(a.rev), str(b.rev)):
        return await _page(request, a, b, picks, reason, status=409, moved=True)
    hidden = hidden_fields(account_of(request).role, a.type)
    if merge.missing_picks(a, b, picks, hidden):
        return await _page(request, a, b, picks, reason, status=422, problem=CHOOSE_EACH)
    return await _merge(request, a, b, picks, reason)


@page("settle")
async def reconsider(request: Request) -> Response:
    """Take back that two records are not the same: they are compared again."""
    account, registry = account_of(request), registry_of(request)
    row = await registry.row(account.village, request.path_params["record"])
    if row is None or row.type != "distinct":
        raise Problem("no_record")
    device = await auth_of(request).office_device(account)
    change = Change(RecordId(row.id), row.type, row.rev, {"present": False})
    await registry.commit(account.village, device, [[change]], author=account.name)
    await auth_of(request).note(account.village, account.id, "reconsider", row.id)
    return redirect(request, LIST, "reconsidered")


async def open_pairs(request: Request) -> list[Pair]:
    """The pairs nobody has decided, as far as the comparing has come."""
    account = account_of(request)
    told = await registry_of(request).rows(account.village, "distinct")
    apart = {frozenset((str(row.fields.get("a")), str(row.fields.get("b")))) for row in told}
    pairs = await likeness_of(request).pairs(account.village)
    return [pair for pair in pairs if frozenset((pair.a, pair.b)) not in apart]


async def _two(request: Request) -> tuple[Row, Row]:
    """The two records of the address, the elder first; of merged ones those that stand for them."""
    account = account_of(request)
    ids = [request.path_params["a"], request.path_params["b"]]
    found = await registry_of(request).rows_by_id(account.village, ids)
    rows = [found[id] for id in ids if id in found and found[id].present]
    if len(rows) != 2 or rows[0].type != rows[1].type or rows[0].type not in TYPES:
        raise Problem("no_record")
    first, second = sorted(rows, key=lambda row: row.id)
    return first, second


async def _merge(request: Request, a: Row, b: Row, picks: dict[str, str], reason: str) -> Response:
    """The alias, then what was decided, with the alias as its base. A change that a phone brings in between was
    shown to nobody, so its field stays as it is: contested."""
    account, registry = account_of(request), registry_of(request)
    village = await registry.village(account.village)
    before = village.rev if village else 0
    device = await auth_of(request).office_device(account)
    alias = Change(
        RecordId(uuid7()),
        "alias",
        0,
        {"present": True, "a": a.id, "b": b.id, "reason": reason or None},
    )
    joined = await registry.commit(account.village, device, [[alias]], author=account.name)
    since = joined.revs[0]
    unseen = {
        edit.key
        for edit in await registry.history(account.village, a.id)
        if before < edit.rev < since
    }
    chosen = {key: value for key, value in merge.settled(a, b, picks).items() if key not in unseen}
    if chosen:
        change = Change(RecordId(a.id), a.type, since, chosen)
        await registry.commit(account.village, device, [[change]], author=account.name)
    await auth_of(request).note(account.village, account.id, "merge", f"{a.id}/{b.id}", reason)
    await likeness_of(request).follow(account.village)
    return redirect(request, f"/office/records/{a.id}", "merged")


async def _tell_apart(request: Request, a: Row, b: Row, reason: str) -> Response:
    account, registry = account_of(request), registry_of(request)
    device = await auth_of(request).office_device(account)
    change = distinct(a.id, b.id, reason)
    await registry.commit(account.village, device, [[change]], author=account.name)
    await auth_of(request).note(account.village, account.id, "tell_apart", f"{a.id}/{b.id}", reason)
    left = [pair for pair in await open_pairs(request) if pair.type == a.type]
    to = f"{LIST}/{left[0].a}/{left[0].b}" if left else LIST
    return redirect(request, to, "told_apart")


def distinct(a: str, b: str, reason: str = "") -> Change:
    """The record that says: these two are not the same."""
    said = {"present": True, "a": a, "b": b, "reason": reason or None}
    return Change(RecordId(uuid7()), "distinct", 0, said)


async def _page(
    request: Request,
    a: Row,
    b: Row,
    picks: dict[str, str] | None = None,
    reason: str = "",
    *,
    status: int = 200,
    problem: str = "",
    moved: bool = False,
    whole: bool = False,
) -> Response:
    account, registry, language = account_of(request), registry_of(request), language_of(request)
    register = await _around(request, [a, b], deep=True)
    histories = {it.id: await registry.history(account.village, it.id) for it in (a, b)}
    origins = await registry.origins(account.village, [a.id, b.id])
    pair = await likeness_of(request).pair(account.village, a.id, b.id)
    left = await open_pairs(request)
    after = [it for it in left if it.type == a.type and {it.a, it.b} != {a.id, b.id}]
    fields = merge.field_pairs(
        a, b, histories, register, language,
        hidden=hidden_fields(account.role, a.type), picks=picks, whole=whole,
    )  # fmt: skip
    context: dict[str, Any] = {
        "type": programme().types[a.type],
        "pair": view.line_of(
            pair or Pair(a.id, b.id, a.type, 0, []), {a.id: a, b.id: b}, origins, register, today(), language,
        ),
        "a": {"row": a, "beside": beside(a, register, today(), language)},
        "b": {"row": b, "beside": beside(b, register, today(), language)},
        "fields": [it for it in fields if it.kind != "same"],
        "same": [it for it in fields if it.kind == "same"],
        "is_masked": "id_number" in a.fields.keys() | b.fields.keys() and not whole,
        "next": f"{LIST}/{after[0].a}/{after[0].b}" if after else "",
        "left": len(left),
        "reason": reason,
        "moved": moved,
        "problem": translate(language, problem) if problem else "",
    }  # fmt: skip
    return render(request, "duplicate", context, status=status)


async def _around(request: Request, rows: list[Row], *, deep: bool = False) -> Register:
    """A register of these records, their households and the grids; `deep`: of all that lives with them too. A large
    village is never read whole for one pair."""
    account, registry = account_of(request), registry_of(request)
    houses = sorted({str(row.fields.get("household_id") or "") for row in rows} - {""})
    found = {row.id: row for row in [*rows, *await registry.rows(account.village, "grid")]}
    found |= await registry.rows_by_id(account.village, houses)
    if deep:
        roots = {*houses, *(row.id for row in rows if row.type == "household")}
        for root in sorted(roots):
            found |= {row.id: row for row in await registry.related(account.village, root)}
        if any(row.type == "helper" for row in rows):
            found |= {row.id: row for row in await registry.rows(account.village, "pairing")}
        named = {
            str(row.fields[name])
            for row in found.values()
            for name in ("carer_id", "parent_id", "helper_id", "child_id", "household_id")
            if row.fields.get(name)
        }
        found |= await registry.rows_by_id(account.village, sorted(named - found.keys()))
    return Register.of(row for row in found.values() if row.present)


async def _told_apart(request: Request) -> list[dict[str, Any]]:
    """What was remembered as not the same, newest first."""
    account, registry = account_of(request), registry_of(request)
    told = sorted(
        await registry.rows(account.village, "distinct"), key=lambda it: it.id, reverse=True
    )
    told = told[:MOST_LINES]
    ids = sorted({str(row.fields.get(end)) for row in told for end in ("a", "b")})
    rows = await registry.rows_by_id(account.village, ids)
    origins = await registry.origins(account.village, [row.id for row in told])

    def name(id: Any) -> str:
        row = rows.get(str(id))
        return str(row.fields.get("name") or row.fields.get("head_name") or id) if row else str(id)

    return [
        {
            "id": row.id,
            "a": name(row.fields.get("a")),
            "b": name(row.fields.get("b")),
            "href": f"{LIST}/{row.fields.get('a')}/{row.fields.get('b')}",
            "reason": str(row.fields.get("reason") or ""),
            "origin": origins.get(row.id),
        }
        for row in told
    ]
