"""Beginning a year's plan from a template: looked over, made as tasks, and taken back while untouched."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.month import last_day
from server.office.pages import redirect, render, today
from server.office.register import load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.programme import programme
from server.programme.model import PlanTemplate
from server.registry import Row, uuid7
from server.typed import whole
from sync import PRESENT, Change, RecordId

FROM_CALENDAR = "CAL"


@dataclass(frozen=True)
class Planned:
    """One task of a template in a year, and the task that is there already."""

    title: str
    month: int
    due_on: str
    there: Row | None


@page("edit_records")
async def start(request: Request) -> Response:
    """A template in a year: first to be looked at, then made. Tasks that are there already are left alone."""
    account, language = account_of(request), language_of(request)
    template = programme().plans.get(request.path_params["plan"])
    if template is None:
        raise Problem("not_found")
    asked = request.query_params if request.method == "GET" else await request.form(max_fields=10)
    year = whole(asked.get("year"), least=2020, most=2100) or int(today()[:4])
    register = await load(registry_of(request), account.village, "task")
    planned = planned_in(template, year, register.kind("task"))
    made: list[Row] = []
    if request.method == "POST":
        ids = [uuid7() for it in planned if it.there is None]
        wanted = [it for it in planned if it.there is None]
        if ids:
            auth = auth_of(request)
            await registry_of(request).commit(
                account.village,
                await auth.office_device(account),
                [
                    [
                        Change(
                            RecordId(id), "task", 0,
                            {PRESENT: True, "title": it.title, "source": FROM_CALENDAR,
                             "template_month": it.month, "due_on": it.due_on, "state": "TODO"},
                        )
                        for id, it in zip(ids, wanted, strict=True)
                    ]
                ],
                author=account.name,
            )  # fmt: skip
            await auth.note(account.village, account.id, "start_plan", f"{template.name}/{year}")
        found = await registry_of(request).rows_by_id(account.village, ids)
        made = [found[id] for id in ids if id in found]
        planned = []
    return render(
        request,
        "plan_start",
        {
            "plan": template,
            "title": values.label(template, language),
            "year": year,
            "planned": planned,
            "fresh": sum(it.there is None for it in planned),
            "made": made,
            "is_made": request.method == "POST",
        },
    )


def planned_in(template: PlanTemplate, year: int, tasks: Sequence[Row]) -> list[Planned]:
    """The tasks of a template in a year. One of the same words and month is the same task."""
    there = {
        (text_of(it.fields, "title"), text_of(it.fields, "due_on")[:7]): it
        for it in reversed(tasks)
    }
    found = []
    for month, label in template.tasks:
        due = last_day(year, month)
        found.append(Planned(label.zh, month, due, there.get((label.zh, due[:7]))))
    return found


@page("edit_records")
async def undo(request: Request) -> Response:
    """Take back the tasks that were just made, save those somebody has touched since."""
    account, registry = account_of(request), registry_of(request)
    form = await request.form(max_fields=100)
    picked = [str(it).partition("@")[::2] for it in form.getlist("task")][:60]
    rows = await registry.rows_by_id(account.village, [id for id, _ in picked])
    changes = [
        [Change(RecordId(id), "task", int(rev), {PRESENT: False})]
        for id, rev in picked
        if id in rows and rows[id].type == "task" and str(rows[id].rev) == rev
    ]
    if changes:
        device = await auth_of(request).office_device(account)
        await registry.commit(account.village, device, changes, author=account.name)
    return redirect(request, "/office/month", "plan_undone")
