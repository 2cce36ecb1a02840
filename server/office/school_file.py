"""给学校的表: an Excel of one school, a sheet a class, with what the school knows of each left-behind child and nothing
else. What the school puts right in it comes back through the import of rosters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import export
from server.office.lines import definitions_of
from server.office.pages import render, today
from server.office.prints import classes
from server.office.register import ENTITIES, Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of, translate
from server.office.work.writing import answer_with
from server.registry import Row

COLUMNS = (
    "child.name",
    "child.sex",
    "child.birth_date",
    "child.school_name",
    "child.school_stage",
    "child.grade",
    "child.class_name",
    "child.head_teacher",
    "child.teacher_phone",
    "child.boarding",
    "child.lunch_at_school",
    "child.school_result",
    "household.grid_code",
    "household.household_no",
)
"""Whom it is about, what a school keeps, and by which household the import knows the child again: no carer, no
address, no number of a person."""
REFUSED = frozenset({"R", "X"})
"""A guardian who refused or withdrew consent: the child's name leaves the office in no file."""


@page("export")
async def school_file(request: Request) -> Response:
    """The schools with their classes; a post makes the file of one. Noted in the audit."""
    register = await load(registry_of(request), account_of(request).village, *ENTITIES)
    children, held_back = _children(register)
    schools = classes.by_school(children)
    if request.method != "POST":
        context = {
            "schools": [
                (name, len(found), sum(classes.is_in(it, name) for it in children))
                for name, found in schools.items()
            ],
            "held_back": held_back,
        }
        return render(request, "school_file", context)
    school = str((await request.form()).get("school", ""))
    if school not in schools:
        raise Problem("bad_field", field="school")
    sheets = _sheets(register, children, schools, school, language_of(request))
    account = account_of(request)
    count = sum(classes.is_in(it, school) for it in children)
    await auth_of(request).note(
        account.village, account.id, "export", f"school/{school}", f"{count}"
    )
    return await answer_with(request, f"zoufang-school-{today()}.xlsx", sheets)


def _children(register: Register) -> tuple[list[Row], int]:
    """The left-behind children who are in a school, and how many more are held back for want of consent."""
    there = [
        it
        for it in register.kind("child")
        if classes.class_of(it) is not None and definitions_of(it, register, today())[0]
    ]
    kept = [it for it in there if text_of(it.fields, "consent_status") not in REFUSED]
    return kept, len(there) - len(kept)


def _sheets(
    register: Register,
    children: Sequence[Row],
    schools: Mapping[str, Sequence[classes.SchoolClass]],
    school: str,
    language: str,
) -> list[export.Sheet]:
    about = translate(language, "%(school)s；老师核对、改完后交回村里导入", school=school)
    sheets = []
    for own in schools[school]:
        ids = [it.id for it in sorted(children, key=classes.seat) if classes.is_in(it, own.key)]
        made = export.children_sheet(
            register.rows.values(), today(), ids=ids, keys=COLUMNS, about=about, lang=language
        )
        title = classes.words(own, language) or translate(language, "没写班级")
        sheets.append(replace(made, title=title))
    return sheets
