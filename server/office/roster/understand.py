"""Reads the sheets of a roster as children with their families: no register, no decisions yet.

A sheet without a heading row is skipped (choice lists, cover sheets); a file without any is refused.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.office.roster.adults import put_adults
from server.office.roster.cells import is_name, name_of, shown, tidy
from server.office.roster.choices import Choices
from server.office.roster.context import Context
from server.office.roster.dates import month_style, said_as_of
from server.office.roster.entry import Entry, SheetFacts
from server.office.roster.errors import RosterRefused
from server.office.roster.form2016 import put_capacity, put_disability, put_grandparents
from server.office.roster.grades import read_grade
from server.office.roster.header import Header, find_header, title_rows
from server.office.roster.headings import Headings
from server.office.roster.people import (
    answer,
    phones_of,
    put_choice,
    put_codes,
    put_day,
    put_identity,
    put_text,
)
from server.office.roster.rows import Line, Lines
from server.office.roster.sheet import Sheet, Workbook
from server.programme import Programme

ADULT_AT = 18
"""From this age on nobody is a `child` of the register."""

_BY_HAND = (
    "name sex birth_date birth_approximate birth_lunar id_number phones age id_absent_reason grade "
    "school_stage class_name left_behind_fact name_pinyin grid_code head_name household_no "
    "household_id file_no teacher_phone"
)
_HANDLED = frozenset(_BY_HAND.split())
_NUMBER = re.compile("[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Understood:
    """A roster's children and what was made of each sheet."""

    entries: list[Entry]
    sheets: list[SheetFacts]


Tell = Callable[[int, int], None]
"""Is told how many rows are done, of how many; may raise, which ends it."""


def untold(done: int, total: int) -> None:
    """For whoever does not ask how far it is."""


def understand(
    workbook: Workbook,
    programme: Programme,
    today: date,
    as_of: date | None = None,
    tell: Tell = untold,
) -> Understood:
    """Every child's row of a roster, in order.

    Ages count on `as_of`; without it on the day a sheet's titles say, else on `today`.
    Raises `RosterRefused` (`roster_no_header`) when no sheet has a heading row.
    """
    headings = Headings(roster_headings(programme))
    choices = Choices(programme)
    entries: list[Entry] = []
    facts: list[SheetFacts] = []
    done, total = 0, sum(len(sheet.rows) for sheet in workbook.sheets)
    for sheet in workbook.sheets:
        header = find_header(sheet, headings)
        if header is None:
            done += len(sheet.rows)
            continue
        titles = [sheet.name, *title_rows(sheet, header)]
        day = as_of or said_as_of(titles, today) or today
        lines = Lines(sheet, header, headings)
        reader = _Reader(sheet, header, programme, choices, day, titles)
        for line in lines:
            tell(done + line.row, total)
            entries.append(reader.entry(line))
        done += len(sheet.rows)
        facts.append(
            SheetFacts(
                sheet.name, day.isoformat(), header.top, header.depth, header.columns,
                list(header.unknown), dict(lines.skipped),
            )
        )  # fmt: skip
    if not facts:
        raise RosterRefused("roster_no_header")
    return Understood(entries, facts)


def roster_headings(programme: Programme) -> dict[str, tuple[str, ...]]:
    """The programme's own words for headings, by target. Subjects of one type share its fields."""
    found: dict[str, tuple[str, ...]] = {}
    for type_name in ("child", "household"):
        for name, field in programme.types[type_name].fields.items():
            if field.roster and not field.ref:
                found[f"{type_name}.{name}"] = (*field.roster, field.label.zh)
    return found


class _Reader:
    """Turns the lines of one sheet into entries."""

    def __init__(
        self,
        sheet: Sheet,
        header: Header,
        programme: Programme,
        choices: Choices,
        as_of: date,
        titles: Iterable[str],
    ) -> None:
        self._sheet, self._header, self._as_of = sheet, header, as_of
        self._programme, self._choices = programme, choices
        self._titles = [title for title in titles if title]
        rows = range(header.first_row, len(sheet.rows))
        self._styles = {
            target: month_style(sheet.value(row, column) for row in rows)
            for target, column in header.columns.items()
            if target.endswith(".birth_date")
        }

    def entry(self, line: Line) -> Entry:
        context = Context(
            line, self._header.columns, self._sheet.formulas, self._as_of, self._choices,
            self._styles,
        )  # fmt: skip
        entry = Entry(
            self._sheet.name, line.row + 1, refused=context.refused, warnings=context.warnings
        )
        self._put_name(context, entry)
        self._put_child(context, entry.child)
        self._put_household(context, entry)
        put_adults(context, entry)
        put_grandparents(context, entry)
        put_disability(context, entry.child)
        _put_fact(context, entry)
        put_capacity(context, entry.child)
        self._drop_unknown_fields(context, entry)
        return entry

    def _put_name(self, context: Context, entry: Entry) -> None:
        entry.name = shown(context.line.values.get("child.name"))[:40]
        name, _ = name_of(context.value("child.name"))
        if not name:
            if not context.refused:
                context.refuse("no_name", "child.name")
        elif not is_name(name):
            context.refuse("bad_name", "child.name", word=name[:20])
        else:
            entry.child["name"] = entry.name = name

    def _put_child(self, context: Context, child: dict[str, Any]) -> None:
        problem = put_identity(context, child, "child")
        if problem is not None:
            context.refuse("impossible_date", "child.birth_date", word=str(problem)[:30])
        elif _age(child.get("birth_date", ""), self._as_of) >= ADULT_AT:
            context.refuse("not_minor", "child.birth_date", birth=child["birth_date"])
        phones = phones_of(context, "child.phones")
        if phones:
            child["phones"] = phones
        if answer(context, "child.hukou_registered") is False:
            child.setdefault("id_absent_reason", "NOREG")
        self._put_school(context, child)
        self._put_fields(context, child, "child")

    def _put_school(self, context: Context, child: dict[str, Any]) -> None:
        for target in ("child.grade", "child.class_name", "child.school_stage"):
            value = context.value(target)
            if value is None:
                continue
            is_class = target == "child.class_name"
            if is_class and "grade" in child and _NUMBER.fullmatch(tidy(value)):
                child["class_name"] = f"{tidy(value)}班"
                continue
            found = read_grade(value)
            if found is None or (is_class and not found.grade):
                if is_class:
                    child.setdefault("class_name", tidy(value))
                else:
                    context.not_known(target, value)
                continue
            for name, code in (("school_stage", found.stage), ("grade", found.grade)):
                if code:
                    child.setdefault(name, code)
            if found.class_name:
                child["class_name"] = found.class_name
        put_text(context, child, "teacher.name", "head_teacher")
        phones = phones_of(context, "teacher.phones")
        if phones:
            child["teacher_phone"] = phones[0]["number"]

    def _put_household(self, context: Context, entry: Entry) -> None:
        entry.grid = tidy(context.value("household.grid_code"))
        address = tidy(context.value("household.address"))
        entry.hints = [hint for hint in (context.line.section, address, *self._titles) if hint]
        number = tidy(context.value("household.household_no"))
        if number:
            entry.household["household_no"] = number
        self._put_fields(context, entry.household, "household")

    def _put_fields(self, context: Context, into: dict[str, Any], type_name: str) -> None:
        """The plain fields of a type, each read as its kind says."""
        for name, field in self._programme.types[type_name].fields.items():
            target = f"{type_name}.{name}"
            if name in _HANDLED or target not in self._header.columns or field.derived:
                continue
            if field.type == "select_one":
                put_choice(context, into, target, type_name, name)
            elif field.type == "select_multiple":
                put_codes(context, into, target, type_name, name)
            elif field.type in ("date", "month"):
                put_day(context, into, target, name, field.type)
            elif field.type in ("integer", "decimal"):
                _put_number(context, into, target, name, field.type)
            else:
                put_text(context, into, target, name)

    def _drop_unknown_fields(self, context: Context, entry: Entry) -> None:
        """A word nobody has a field for is said to be lost, once per row: notes in the margin."""
        note = context.value("row.note")
        if note is not None:
            if "note" in self._programme.types["child"].fields:
                entry.child["note"] = tidy(note)
            else:
                context.warn("not_kept", "row.note", word=tidy(note)[:40])


def _put_number(context: Context, into: dict[str, Any], target: str, name: str, kind: str) -> None:
    value = context.value(target)
    if value is None:
        return
    found = re.findall(r"[0-9]+(?:\.[0-9]+)?", tidy(value))
    if len(found) != 1 or (kind == "integer" and not float(found[0]).is_integer()):
        context.not_known(target, value)  # 3-5, 5人（外出2人）: which one is meant, a person knows
        return
    into[name] = found[0] if kind == "decimal" else int(float(found[0]))


def _put_fact(context: Context, entry: Entry) -> None:
    """The left-behind fact: what a column says, else what the parents' whereabouts add up to."""
    child = entry.child
    put_choice(context, child, "child.left_behind_fact", "child", "left_behind_fact")
    if answer(context, "child.both_away"):
        child.setdefault("left_behind_fact", "B")
    parents = (entry.father, entry.mother)
    if "left_behind_fact" not in child:
        if any(parent and parent.link.get("gone") for parent in parents):
            child["left_behind_fact"] = "D"
        else:
            away = "".join(
                str(parent.link.get("away", "?")) if parent else "?" for parent in parents
            )
            fact = {"AA": "B", "AH": "F", "HA": "M", "HH": "N"}.get(away)
            if fact:
                child["left_behind_fact"] = fact
    if child.get("left_behind_fact") == "B":
        for parent in parents:
            if parent and parent.name:
                parent.link.setdefault("away", "A")
    for parent in parents:
        if parent:
            parent.link.pop("gone", None)
    entry.father = entry.father if entry.father and entry.father.name else None
    entry.mother = entry.mother if entry.mother and entry.mother.name else None


def _age(birth: str, on: date) -> int:
    if not birth:
        return 0
    born = date.fromisoformat(birth)
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
