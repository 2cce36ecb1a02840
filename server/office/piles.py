"""Paper sheets that came to the office: how many of which form, from whom, and how many of them are typed in."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.pages import redirect, render, today
from server.office.register import text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.statistics.slots import add_days
from server.office.text import language_of, translate
from server.programme import RecordType, may_write, programme_of
from server.programme.derive import struck
from server.registry import Row, uuid7
from server.typed import day, whole
from sync import PRESENT, Change, RecordId

PILE = "paper_pile"
MOST_SHEETS = 1000
REMEMBERED_DAYS = 60
"""Piles older than this are neither listed nor asked for."""
NOT_A_PILE = "请选一种表，写上谁填的、哪天收到的、收到几张（1 到 1000）。"


@dataclass(frozen=True)
class Pile:
    """Sheets of one form that one person handed in on a day."""

    id: str
    form: str
    words: str
    filled_by: str
    on: str
    received: int
    typed: int

    @property
    def left(self) -> int:
        return max(0, self.received - self.typed)


def forms_of(village: str, role: str) -> list[RecordType]:
    """The forms this role may type in: events, the village's own forms among them that are in use."""
    return [
        it
        for it in programme_of(village).types.values()
        if it.kind == "event"
        and may_write(role, it.name)
        and not (it.own is not None and it.own.retired)
    ]


def counted(piles: Sequence[Row], events: Sequence[Row], language: str) -> list[Pile]:
    """The piles with what is typed of each; sheets that were taken back count as not typed. Newest first."""
    gone = struck(events)
    typed = Counter(text_of(it.fields, "pile_id") for it in events if it.id not in gone)
    found = []
    for row in piles:
        received = row.fields.get("received")
        form = text_of(row.fields, "form")
        found.append(
            Pile(
                id=row.id,
                form=form,
                words=values.type_words(form, language),
                filled_by=text_of(row.fields, "filled_by"),
                on=text_of(row.fields, "received_on"),
                received=received if isinstance(received, int) else 0,
                typed=typed[row.id],
            )
        )
    return sorted(found, key=lambda it: (it.on, it.id), reverse=True)


async def piles_of(request: Request) -> list[Pile]:
    """The village's piles of late, of forms this role may type in."""
    account, registry = account_of(request), registry_of(request)
    forms = {it.name for it in forms_of(account.village, account.role)}
    since = add_days(today(), -REMEMBERED_DAYS)
    piles = [
        it
        for it in await registry.rows(account.village, PILE)
        if it.fields.get("form") in forms and text_of(it.fields, "received_on") >= since
    ]
    types = sorted({text_of(it.fields, "form") for it in piles})
    events = await registry.rows(account.village, *types) if types else []
    return counted(piles, events, language_of(request))


@page("edit_records")
async def piles(request: Request) -> Response:
    """The piles, and a new one: form, who filled it in, how many sheets there are."""
    account, language = account_of(request), language_of(request)
    forms = forms_of(account.village, account.role)
    names = ("form", "filled_by", "received_on", "received")
    typed = {**dict.fromkeys(names, ""), "received_on": today()}
    problem = ""
    if request.method == "POST":
        form = await request.form()
        typed = {name: str(form.get(name, "")).strip() for name in names}
        if found := _new(form, {it.name for it in forms}):
            return redirect(request, f"/office/paper/{await _made(request, found)}")
        problem = translate(language, NOT_A_PILE)
    people = await registry_of(request).rows(account.village, "helper")
    accounts = await auth_of(request).accounts(account.village)
    names_known = {text_of(it.fields, "name") for it in people} | {
        it.name for it in accounts if it.active
    }
    context = {
        "forms": [(it.name, values.label(it, language)) for it in forms],
        "names": sorted(names_known - {""}),
        "piles": await piles_of(request),
        "typed": typed,
        "problem": problem,
    }
    return render(request, "piles", context, status=422 if problem else 200)


def _new(form: FormData, forms: set[str]) -> dict[str, str | int] | None:
    """A pile as it was posted, None if something of it is missing."""
    name, by = str(form.get("form", "")), str(form.get("filled_by", "")).strip()[:40]
    on, received = str(form.get("received_on", "")), count_of(form)
    if name not in forms or not by or received is None or day(on) is None:
        return None
    return {"form": name, "filled_by": by, "received_on": on, "received": received}


def count_of(form: FormData) -> int | None:
    """How many sheets were received, None for no such number."""
    text = str(form.get("received", "")).strip()
    return whole(text, least=1, most=MOST_SHEETS)


async def _made(request: Request, found: Mapping[str, str | int]) -> str:
    """The id of the pile; one of the same form, person and day is the same pile, with a new count."""
    account, registry = account_of(request), registry_of(request)
    same = ("form", "filled_by", "received_on")
    for row in await registry.rows(account.village, PILE):
        if all(row.fields.get(name) == found[name] for name in same):
            await recount(request, row, int(found["received"]))
            return row.id
    id = uuid7()
    await _commit(request, Change(RecordId(id), PILE, 0, {PRESENT: True, **found}))
    return id


async def recount(request: Request, pile: Row, received: int) -> None:
    """Say anew how many sheets a pile has."""
    if pile.fields.get("received") != received:
        await _commit(request, Change(RecordId(pile.id), PILE, pile.rev, {"received": received}))


async def _commit(request: Request, change: Change) -> None:
    account = account_of(request)
    device = await auth_of(request).office_device(account)
    await registry_of(request).commit(account.village, device, [[change]], author=account.name)


async def pile_of(request: Request) -> Row:
    """The pile of the address. Raises `no_record`; `not_allowed` for a form the role may not write."""
    account, wanted = account_of(request), request.path_params["pile"]
    row = None
    if re.fullmatch(r"[0-9a-f]{32}", wanted):
        row = await registry_of(request).row(account.village, wanted)
    if row is None or row.type != PILE or not row.present:
        raise Problem("no_record")
    form = text_of(row.fields, "form")
    if form not in {it.name for it in forms_of(account.village, account.role)}:
        raise Problem("not_allowed")
    return row
