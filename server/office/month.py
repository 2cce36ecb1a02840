"""活动与计划: a month as a calendar of festivals, tasks, activities, birthdays and visits that come due."""

import calendar
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.daily import money, signed_in
from server.office.dues import dues_of
from server.office.judging import no_photos
from server.office.pages import redirect, render, today
from server.office.records import row_of
from server.office.register import ENTITIES, Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.statistics.marks import yuan
from server.office.text import language_of
from server.programme import programme
from server.programme.due import birthdays
from server.registry import Row
from server.typed import whole
from sync import Change, RecordId

READ = (*ENTITIES, "visit", "survey", "task", "activity", "attendance")
LAST_DAY = "9999-12-31"
STATES = ("TODO", "DONE", "CANCEL")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass
class Day:
    """One square of the month."""

    on: str
    number: int
    is_other_month: bool
    is_today: bool
    festivals: list[str] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    activities: list[Row] = field(default_factory=list)
    birthdays: list[Row] = field(default_factory=list)
    due: int = 0


@page("read_records")
async def month(request: Request) -> Response:
    """The month of the address, or this one."""
    account, language = account_of(request), language_of(request)
    asked = request.query_params.get("month", "")
    shown = asked if re.fullmatch("20[0-9]{2}-(0[1-9]|1[0-2])", asked) else today()[:7]
    register = await load(registry_of(request), account.village, *READ)
    weeks = weeks_of(shown, today(), register, language)
    tasks = sorted(register.kind("task"), key=lambda it: (text_of(it.fields, "due_on"), it.id))
    first = date.fromisoformat(f"{shown}-01")
    return render(
        request,
        "month",
        {
            "month": shown,
            "before": (first - timedelta(days=1)).isoformat()[:7],
            "after": (first + timedelta(days=31)).isoformat()[:7],
            "weeks": weeks,
            "weekdays": WEEKDAYS,
            "tasks": [it for it in tasks if text_of(it.fields, "due_on").startswith(shown)],
            "late": [it for it in tasks if is_late(it, today())],
            "activities": sorted(
                (
                    it
                    for it in register.kind("activity")
                    if _on(it).startswith(shown) and it.id not in register.corrected
                ),
                key=_on,
            ),
            "signed": signed_in(register),
            "name_of": lambda id: register.name_of(register.rows.get(str(id or ""))),
            "plans": programme().plans.values(),
            "year": today()[:4],
        },
    )


def weeks_of(shown: str, on: str, register: Register, language: str) -> list[list[Day]]:
    """The month in weeks from Monday, with what each day holds."""
    year, number = map(int, shown.split("-"))
    days: dict[str, Day] = {}
    weeks = []
    for week in calendar.Calendar().monthdatescalendar(year, number):
        made = [
            Day(it.isoformat(), it.day, it.month != number, it.isoformat() == on) for it in week
        ]
        days |= {it.on: it for it in made}
        weeks.append(made)
    for festival in programme().calendar.festivals:
        for day in festival.days:
            if day in days:
                days[day].festivals.append(values.label(festival, language))
    for task in register.kind("task"):
        if (day := text_of(task.fields, "due_on")) in days:
            days[day].tasks.append(task)
    for activity in register.kind("activity"):
        if _on(activity) in days and activity.id not in register.corrected:
            days[_on(activity)].activities.append(activity)
    children = [
        it for it in register.kind("child") if not text_of(it.fields, "ward_status").startswith("X")
    ]
    for day, child in birthdays(children, min(days), len(days)):
        days[day].birthdays.append(child)
    for day, count in Counter(due.due_on for due in dues_of(register, on).values()).items():
        if day in days:
            days[day].due = count
    return weeks


def _on(row: Row) -> str:
    return text_of(row.fields, "occurred_on")


def is_late(task: Row, on: str) -> bool:
    """Whether a task should have been done before a day and was not: late is told by the day, never stored."""
    due = text_of(task.fields, "due_on")
    return bool(due) and due < on and task.fields.get("state") in (None, "TODO", "LATE")


@page("read_records")
async def sheet(request: Request) -> Response:
    """活动纪实: one activity with everybody who signed in, from all phones together; prints."""
    activity = await row_of(request)
    if activity.type != "activity":
        raise Problem("no_record")
    village = account_of(request).village
    register = await load(registry_of(request), village, *READ, "budget_line")
    came, went, _ = money(register.kind("budget_line"), "", LAST_DAY, activity=activity.id)
    people = [
        {
            "id": text_of(row.fields, "person_id"),
            "name": register.name_of(register.rows.get(text_of(row.fields, "person_id"))),
            "in_time": text_of(row.fields, "in_time"),
            "out_time": text_of(row.fields, "out_time"),
            "by": text_of(row.fields, "picked_up_by"),
            "recorded_by": text_of(row.fields, "recorded_by"),
            "is_shut": no_photos(register.rows.get(text_of(row.fields, "person_id"))),
        }
        for row in signed_in(register).get(activity.id, ())
    ]
    return render(
        request,
        "activity_sheet",
        {
            "it": activity,
            "people": sorted(people, key=lambda it: it["name"]),
            "money": {"came": yuan(came), "went": yuan(went)} if came or went else None,
        },
    )


@page("edit_records")
async def mark(request: Request) -> Response:
    """Say that a task is done, called off, or still to be done; an ordinary edit of what the page showed."""
    task = await row_of(request)
    account = account_of(request)
    form = await request.form(max_fields=10)
    state, base = str(form.get("state", "")), whole(form.get("base"))
    back = f"/office/month?month={text_of(task.fields, 'due_on')[:7]}"
    if task.type != "task" or state not in STATES or base is None:
        return redirect(request, back, "unchanged")
    auth = auth_of(request)
    change = Change(RecordId(task.id), "task", base, {"state": state})
    device = await auth.office_device(account)
    await registry_of(request).commit(account.village, device, [[change]], author=account.name)
    return redirect(request, back, "saved")


def last_day(year: int, number: int) -> str:
    return date(year, number, calendar.monthrange(year, number)[1]).isoformat()
