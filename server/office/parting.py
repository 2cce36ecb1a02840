"""Taking a merged record apart again: the alias ends, and each record is what it was, with what came since."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import merge
from server.office.duplicate_view import source_words
from server.office.duplicates import distinct, likeness_of
from server.office.pages import redirect, render
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.programme import programme
from server.registry import HistoryEdit, Row, uuid7
from sync import PRESENT, Change, RecordId


@page("settle")
async def part(request: Request) -> Response:
    """A link asks which one leaves; a post takes it out."""
    account, registry = account_of(request), registry_of(request)
    head = await registry.row(account.village, request.path_params["record"])
    members = await registry.absorbed(account.village, head.id) if head else []
    if head is None or not members:
        raise Problem("no_record")
    if request.method != "POST":
        return await _page(request, head, [head.id, *members])
    form = await request.form(max_fields=10)
    leaving = str(form.get("leaving", ""))
    if leaving not in (head.id, *members):
        raise Problem("no_record")
    await _part(request, head, members, leaving, bool(form.get("distinct")))
    return redirect(request, f"/office/records/{leaving}", "parted")


async def _part(
    request: Request, head: Row, members: Sequence[str], leaving: str, remember: bool
) -> None:
    """End every alias at the one that leaves, keep the others together, and give the record that stood for all of them
    back what it had said itself."""
    account, registry = account_of(request), registry_of(request)
    device = await auth_of(request).office_device(account)
    group = {head.id, *members}
    aliases = [
        it
        for it in await registry.rows(account.village, "alias")
        if {it.fields["a"], it.fields["b"]} <= group
    ]
    ended = [it for it in aliases if leaving in (it.fields["a"], it.fields["b"])]
    edits = [edit for alias in ended for edit in await _merge_edits(request, head, alias)]
    changes = [Change(RecordId(it.id), "alias", it.rev, {PRESENT: False}) for it in ended]
    neighbours = sorted(
        {str(end) for it in ended for end in (it.fields["a"], it.fields["b"])} - {leaving}
    )
    changes += [
        Change(RecordId(uuid7()), "alias", 0, {PRESENT: True, "a": one, "b": other})
        for one, other in pairwise(neighbours)
    ]
    if remember:
        changes += [distinct(*sorted((leaving, other))) for other in sorted(group - {leaving})]
    await registry.commit(account.village, device, [changes], author=account.name)
    row = await registry.row(account.village, head.id)
    # With the others still one with it, the head goes on saying what was decided for them.
    own = await registry.history(account.village, head.id)
    still = await registry.absorbed(account.village, head.id)
    back = {} if still or row is None or row.id != head.id else merge.restored(edits, own)
    if back and row is not None:
        change = Change(RecordId(head.id), head.type, row.rev, back)
        await registry.commit(account.village, device, [[change]], author=account.name)
    await auth_of(request).note(account.village, account.id, "part", f"{head.id}/{leaving}")
    await likeness_of(request).follow(account.village)


async def _merge_edits(request: Request, head: Row, alias: Row) -> list[HistoryEdit]:
    """The edits with which a merge settled what differed: those of its device whose base is the alias."""
    account, registry = account_of(request), registry_of(request)
    began = (await registry.history(account.village, alias.id))[0]
    return [
        edit
        for edit in await registry.history(account.village, head.id)
        if edit.base == began.rev and edit.device == began.device
    ]


async def _page(request: Request, head: Row, group: Sequence[str]) -> Response:
    account, registry, language = account_of(request), registry_of(request), language_of(request)
    origins = await registry.origins(account.village, group)
    lines: list[dict[str, Any]] = [
        {
            "id": id,
            "source": source_words(origins.get(id), language),
            "author": origins[id].author if id in origins else "",
            "at": origins[id].at if id in origins else 0,
            "is_head": id == head.id,
        }
        for id in group
    ]
    name = str(head.fields.get("name") or head.fields.get("head_name") or "")
    context = {
        "record": head.id,
        "name": name,
        "type": programme().types[head.type],
        "lines": lines,
    }
    return render(request, "part", context)
