"""新学年: grades move up on 1 September, looked over first and taken back at will; whom the move leaves without a
school; and who turns sixteen. Once a year: whoever has been moved is not offered again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.office.pages import redirect, render, today
from server.office.register import Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.statistics.asking import end_of
from server.programme import school_year as years
from server.programme.due import add_days, created_on
from server.registry import Row
from server.typed import whole
from sync import Change, RecordId

MOST_PICKED = 1900
"""Children of one post: more than any village has in school, fewer than a form may have parts."""


DISMISSED = "roll_over_dismissed"


@dataclass(frozen=True)
class Pupil:
    """A child whose grade was known on 31 August. `after`: the grade it moves to, or moved to."""

    row: Row
    name: str
    grid_name: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    school: str
    is_odd: bool


@dataclass(frozen=True)
class Sixteen:
    """A child who turns sixteen this school year, or has and is still in the register; `pairings` not yet ended."""

    row: Row
    name: str
    grid_name: str
    on: str
    is_past: bool
    pairings: int


@dataclass(frozen=True)
class Year:
    """The children of a village by how they stand at the turn of the school year."""

    to_move: list[Pupil]
    moved: list[Pupil]
    to_ask: list[Pupil]
    new_school: list[Pupil]
    changed: int


@page("read_records")
async def rollover(request: Request) -> Response:
    year, register, before = await _read(request)
    found = sorted_out(register, before, year)
    return render(
        request,
        "rollover",
        {"year": year, "found": found, "sixteen": turning_sixteen(register, today())},
    )


@page("edit_records")
async def dismiss(request: Request) -> Response:
    """Not to be reminded again this school year."""
    account = account_of(request)
    year = str(years.school_year(today()))
    await auth_of(request).note(account.village, account.id, DISMISSED, year)
    return redirect(request, "/office/", "not_reminded")


async def is_to_be_done(request: Request, register: Register) -> bool:
    """Whether to remind the office: from 1 September on, until somebody has moved children up or said not to be reminded.
    A village whose files were opened since then has nobody to move."""
    year, village = years.school_year(today()), account_of(request).village
    if not any(_was_at_school(it, years.first_day(year)) for it in register.kind("child")):
        return False
    auth = auth_of(request)
    said = [await auth.last(village, it) for it in (DISMISSED, "roll_over", "roll_back")]
    lines = [it for it in said if it is not None and it.subject == str(year)]
    newest = max(lines, key=lambda it: it.number, default=None)
    return newest is None or newest.action == "roll_back"


def _was_at_school(child: Row, on: str) -> bool:
    """Whether a child in the register has a grade to move up from, and a file from before a day."""
    gone = text_of(child.fields, "ward_status").startswith("X")
    return not gone and created_on(child.id, on) < on and years.moved_up(child.fields) is not None


@page("edit_records")
async def move(request: Request) -> Response:
    """Move the picked children up, each an edit of its own. Whose grade somebody changed meanwhile is left alone."""
    year, register, before = await _read(request)
    found = {it.row.id: it for it in sorted_out(register, before, year).to_move}
    return await _write(
        request, year, {id: it.after for id, it in found.items()}, "roll_over", "rolled_over"
    )


@page("edit_records")
async def undo(request: Request) -> Response:
    """Give the picked children the grade they had on 31 August, unless somebody changed it since they moved."""
    year, register, before = await _read(request)
    found = {it.row.id: it for it in sorted_out(register, before, year).moved}
    return await _write(
        request, year, {id: it.before for id, it in found.items()}, "roll_back", "rolled_back"
    )


async def _read(request: Request) -> tuple[int, Register, Register]:
    """The school year, the register of today, and the children at the end of the last 31 August."""
    village, registry = account_of(request).village, registry_of(request)
    year = years.school_year(today())
    instant = end_of(add_days(years.first_day(year), -1))
    before = Register.of(await registry.rows_as_of(village, instant, "child"))
    return year, await load(registry, village), before


async def _write(
    request: Request, year: int, wanted: Mapping[str, Mapping[str, str]], action: str, flash: str
) -> Response:
    """Ops that set grade and stage of those picked, on the revision the page showed."""
    account, auth = account_of(request), auth_of(request)
    form = await request.form(max_fields=MOST_PICKED + 10)
    picked = dict(str(it).partition("@")[::2] for it in form.getlist("child"))
    ops = [
        [Change(RecordId(id), "child", base, dict(wanted[id]))]
        for id, rev in sorted(picked.items())
        if id in wanted and (base := whole(rev)) is not None
    ]
    if not ops:
        return redirect(request, "/office/rollover", "nothing_to_move")
    device = await auth.office_device(account)
    await registry_of(request).commit(account.village, device, ops, author=account.name)
    await auth.note(account.village, account.id, action, str(year), f"{year} · {len(ops)}")
    return redirect(request, "/office/rollover", flash)


def sorted_out(register: Register, before: Register, year: int) -> Year:
    """The children who have not left the register, by how they stand."""
    found = Year([], [], [], [], 0)
    changed = 0
    for child in register.kind("child"):
        was = before.rows.get(child.id)
        if was is None or text_of(child.fields, "ward_status").startswith("X"):
            continue
        standing = years.standing(was.fields, child.fields)
        pupil = _pupil(child, was, register, year)
        if standing == "to_move":
            found.to_move.append(pupil)
        elif standing == "moved":
            found.moved.append(pupil)
            if years.needs_new_school(was.fields, child.fields):
                found.new_school.append(pupil)
        elif standing == "to_ask":
            found.to_ask.append(pupil)
        changed += standing == "changed"
    for pupils in (found.to_move, found.moved, found.to_ask, found.new_school):
        pupils.sort(key=_order)
    return Year(found.to_move, found.moved, found.to_ask, found.new_school, changed)


def _pupil(child: Row, was: Row, register: Register, year: int) -> Pupil:
    return Pupil(
        child,
        register.name_of(child),
        register.grid_names.get(register.grid_of(child), ""),
        years.schooling(was.fields),
        years.moved_up(was.fields) or {},
        text_of(child.fields, "school_name"),
        years.is_odd(was.fields, year),
    )


GRADES = "KPJS"


def _order(it: Pupil) -> tuple[int, str, str, str]:
    grade = it.before["grade"]
    return GRADES.find(grade[:1]), grade, it.grid_name, it.row.id


def turning_sixteen(register: Register, on: str) -> Sequence[Sixteen]:
    """Who is sixteen and still in the register, and who will be before the school year ends, the eldest first."""
    whole = register.whole

    def made(whole: Register, missing: Sequence[Row]) -> dict[str, Sixteen | None]:
        return {it.id: _turning_sixteen(it, whole, on) for it in missing}

    def all_of_them() -> list[Sixteen]:
        found = [it for it in whole.of_all("child", ("sixteen", on), made) if it]
        return sorted(found, key=lambda it: (it.on, it.row.id))

    return whole.once(("sixteen", on), all_of_them)


def _turning_sixteen(child: Row, register: Register, on: str) -> Sixteen | None:
    end = years.first_day(years.school_year(on) + 1)
    day = years.sixteen_on(child.fields)
    if not day or day >= end:
        return None
    name, grid = register.name_of(child), register.grid_of(child)
    pairs = len(register.pairings(child.id, on))
    return Sixteen(child, name, register.grid_names.get(grid, ""), day, day <= on, pairs)
