"""The lines of the office's lists and the four numbers of its first page, all from one register. Pure.

Definitions come from the programme (`server.programme.derive`), the same the phones use: who is left behind
in which sense, when a visit is due, what a complete file needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.office import values
from server.office.dues import Dues, dues_of
from server.office.listing import Column
from server.office.register import Register, text_of
from server.programme import programme
from server.programme.derive import (
    Completeness,
    Due,
    age_on,
    both_definitions,
    completeness,
    file_completeness,
    household_state,
)
from server.registry import Row

# 摸底完成率 (domain 3.2): a household counts as surveyed when somebody was met or nobody lives there.
SURVEYED = frozenset({"V", "E", "M"})
RISK_ORDER = "GYOR"

HOUSEHOLD_COLUMNS = (
    Column("household_no", "户号"),
    Column("head_name", "户主"),
    Column("grid", "网格"),
    Column("population", "人口", is_number=True),
    Column("away", "外出", is_number=True),
    Column("left_behind", "留守儿童", is_number=True),
    Column("risk", "最高风险"),
    Column("result", "摸底"),
    Column("surveyed_on", "最近摸底"),
    Column("address", "住址", is_default=False),
    Column("hukou", "户籍", is_default=False),
    Column("children", "儿童", is_number=True, is_default=False),
)
CHILD_COLUMNS = (
    Column("file_no", "档案号"),
    Column("name", "姓名"),
    Column("sex", "性别"),
    Column("age", "年龄", is_number=True),
    Column("grid", "网格"),
    Column("fact", "留守类型"),
    Column("risk", "风险"),
    Column("school", "学校年级"),
    Column("carer", "主要照护人"),
    Column("helpers", "帮扶人"),
    Column("due_on", "应访日"),
    Column("missing", "缺项", is_number=True),
    Column("birth_date", "出生日期", is_default=False),
    Column("phone", "联系电话", is_default=False),
    Column("head_name", "户主", is_default=False),
    Column("address", "住址", is_default=False),
)


@dataclass(frozen=True)
class HouseholdLine:
    id: str
    household_no: str
    head_name: str
    name_pinyin: str
    grid_code: str
    grid_name: str
    address: str
    population: int | None
    away: int | None
    children: int
    left_behind: int
    risk: str
    result: str
    result_words: str
    surveyed_on: str
    hukou: str
    phones: Sequence[str]
    contested: bool

    @property
    def is_surveyed(self) -> bool:
        return self.result in SURVEYED

    def key(self, column: str) -> Any:
        """What a column sorts by."""
        if column == "grid":
            return self.grid_code
        if column == "head_name":
            return self.name_pinyin or self.head_name
        if column == "risk":
            return RISK_ORDER.find(self.risk) if self.risk else ""
        return getattr(self, column)

    def words(self, column: str) -> str:
        value = self.grid_name if column == "grid" else getattr(self, column)
        return values.UNKNOWN if value in (None, "") else str(value)


@dataclass(frozen=True)
class ChildLine:
    id: str
    file_no: str
    name: str
    name_pinyin: str
    sex: str
    age: int | None
    birth_date: str
    household_id: str
    head_name: str
    address: str
    grid_code: str
    grid_name: str
    fact: str
    is_wide: bool
    is_legal: bool
    risk: str
    school: str
    grade: str
    grade_words: str
    carer: str
    carer_relation: str
    phone: str
    phones: Sequence[str]
    helpers: str
    due: Due[Row] | None
    missing: int | None
    survey_result: str
    contested: bool

    def key(self, column: str) -> Any:
        """What a column sorts by."""
        if column == "grid":
            return self.grid_code
        if column == "name":
            return self.name_pinyin or self.name
        if column == "risk":
            return RISK_ORDER.find(self.risk) if self.risk else ""
        if column == "due_on":
            return self.due.due_on if self.due else ""
        if column == "school":
            return (self.school, self.grade)
        return getattr(self, column)

    def words(self, column: str) -> str:
        value = self.grid_name if column == "grid" else getattr(self, column)
        return values.UNKNOWN if value in (None, "") else str(value)


@dataclass(frozen=True)
class Figures:
    """The four numbers. Every one is the length of a list that the same rules filter."""

    households: int
    surveyed: int
    wide: int
    legal: int
    overdue: int
    this_week: int
    files: int


def definitions(
    register: Register, today: str, children: Sequence[Row]
) -> Mapping[str, tuple[bool, bool]]:
    """Whether children are left behind, by child: (宽口径, 法定口径)."""

    def made(whole: Register, missing: Sequence[Row]) -> dict[str, tuple[bool, bool]]:
        homes = ((it, whole.household_of(it)) for it in missing)
        return {
            it.id: both_definitions(it.fields, home.fields if home else {}, today)
            for it, home in homes
        }

    return register.each(("definitions", today), children, made)


def definitions_of(child: Row, register: Register, today: str) -> tuple[bool, bool]:
    """The same of one child."""
    return definitions(register, today, [child])[child.id]


def file_of(child: Row, register: Register, today: str) -> Completeness:
    """How complete a child's whole file is: child, household, parents and main carer."""
    return register.about(child, ("file", today), lambda whole, it: _file_of(it, whole, today))


def _file_of(child: Row, register: Register, today: str) -> Completeness:
    household = register.household_of(child)

    def people(type_name: str, pointer: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        links = register.pointing(type_name, "child_id", child.id)
        persons = [register.rows.get(text_of(link.fields, pointer)) for link in links]
        return [
            (link.fields, person.fields if person else {})
            for link, person in zip(links, persons, strict=True)
        ]

    return file_completeness(
        programme().types,
        child.fields,
        household.fields if household else {},
        people("parent_link", "parent_id"),
        people("guardianship", "carer_id"),
        today,
    )


def surveyed(register: Register, households: Sequence[Row]) -> Mapping[str, tuple[str, str]]:
    """The last survey of households: (day, result) by household, empty before the first."""

    def made(whole: Register, missing: Sequence[Row]) -> dict[str, tuple[str, str]]:
        surveys = ((it.id, whole.pointing("survey", "household_id", it.id)) for it in missing)
        return {id: household_state(found) for id, found in surveys}

    return register.each("surveyed", households, made)


def missing_of(row: Row, today: str) -> frozenset[str]:
    """The fields of one record that a complete file asks for and nobody has filled."""
    kind = programme().types[row.type]
    found = completeness(kind, row.fields, today).missing
    return frozenset(name.partition(".")[2] for name in found)


def household_line(row: Row, register: Register, today: str, language: str) -> HouseholdLine:
    surveyed_on, result = surveyed(register, [row])[row.id]
    children = register.pointing("child", "household_id", row.id)
    wide = [child for child in children if definitions_of(child, register, today)[0]]
    risks = [text_of(child.fields, "risk_level") for child in wide]
    phones = [
        str(entry.get("number", ""))
        for person in register.people_of(row.id)
        for entry in values.phones(person.fields.get("phones"))
    ]
    return HouseholdLine(
        id=row.id,
        household_no=text_of(row.fields, "household_no"),
        head_name=text_of(row.fields, "head_name"),
        name_pinyin=text_of(row.fields, "name_pinyin"),
        grid_code=text_of(row.fields, "grid_code"),
        grid_name=register.grid_names.get(text_of(row.fields, "grid_code"), ""),
        address=text_of(row.fields, "address"),
        population=_count(row, "population"),
        away=_count(row, "away_count"),
        children=len(children),
        left_behind=len(wide),
        risk=max(risks, key=RISK_ORDER.find, default=""),
        result=result,
        result_words=values.code_label("survey_result", result, language),
        surveyed_on=surveyed_on,
        hukou=_said("hukou_type", row, language),
        phones=phones,
        contested=bool(row.contested),
    )


def child_line(row: Row, register: Register, today: str, language: str, dues: Dues) -> ChildLine:
    household = register.household_of(row)
    home = household.fields if household else {}
    link = next(iter(register.guardianships(row.id, today)), None)
    carer = register.rows.get(text_of(link.fields, "carer_id")) if link else None
    own = values.phones(row.fields.get("phones"))
    theirs = values.phones(carer.fields.get("phones")) if carer else []
    numbers = [str(entry.get("number", "")) for entry in [*theirs, *own]]
    helpers = [
        register.name_of(register.rows.get(text_of(pairing.fields, "helper_id")))
        for pairing in register.pairings(row.id, today)
        if not register.is_peer(pairing)
    ]
    is_wide, is_legal = definitions_of(row, register, today)
    school = text_of(row.fields, "school_name") or _said("school_stage", row, language)
    grade = _said("grade", row, language)
    return ChildLine(
        id=row.id,
        file_no=text_of(row.fields, "file_no"),
        name=text_of(row.fields, "name"),
        name_pinyin=text_of(row.fields, "name_pinyin"),
        sex=_said("sex", row, language),
        age=age_on(text_of(row.fields, "birth_date"), today),
        birth_date=text_of(row.fields, "birth_date"),
        household_id=household.id if household else "",
        head_name=text_of(home, "head_name"),
        address=text_of(home, "address"),
        grid_code=text_of(home, "grid_code"),
        grid_name=register.grid_names.get(text_of(home, "grid_code"), ""),
        fact=_said("left_behind_fact", row, language),
        is_wide=is_wide,
        is_legal=is_legal,
        risk=text_of(row.fields, "risk_level"),
        school=school,
        grade=text_of(row.fields, "grade"),
        grade_words=grade,
        carer=register.name_of(carer) or (_said("carer_kind", link, language) if link else ""),
        carer_relation=_said("relation", link, language) if link else "",
        phone=numbers[0] if numbers else "",
        phones=numbers,
        helpers="、".join(filter(None, helpers)),
        due=dues.get(row.id),
        missing=len(file_of(row, register, today).missing) if is_wide else None,
        survey_result=surveyed(register, [household])[household.id][1] if household else "",
        contested=bool(row.contested),
    )


def child_lines(register: Register, today: str, language: str) -> Sequence[ChildLine]:
    """Every child, by grid and file number."""
    whole, key = register.whole, ("children", today, language)

    def made(whole: Register, missing: Sequence[Row]) -> dict[str, ChildLine]:
        dues = dues_of(whole, today, missing)
        return {it.id: child_line(it, whole, today, language, dues) for it in missing}

    def place(line: ChildLine) -> tuple[str, ...]:
        return line.grid_code, line.file_no, line.id

    return whole.once(key, lambda: sorted(whole.of_all("child", key, made), key=place))


def household_lines(register: Register, today: str, language: str) -> Sequence[HouseholdLine]:
    """Every household, by grid and number."""
    whole, key = register.whole, ("households", today, language)

    def made(whole: Register, missing: Sequence[Row]) -> dict[str, HouseholdLine]:
        return {it.id: household_line(it, whole, today, language) for it in missing}

    def place(line: HouseholdLine) -> tuple[str, ...]:
        return line.grid_code, line.household_no, line.id

    return whole.once(key, lambda: sorted(whole.of_all("household", key, made), key=place))


@dataclass(frozen=True)
class Tally:
    """What one child, or one household, adds to the numbers of the first page."""

    grid_code: str
    surveyed: bool = False
    wide: bool = False
    legal: bool = False
    overdue: bool = False
    this_week: bool = False
    file: bool = False


def tallies(register: Register, today: str) -> tuple[Sequence[Tally], Sequence[Tally]]:
    """(of the households, of the children)."""
    whole = register.whole

    def of_homes(whole: Register, missing: Sequence[Row]) -> dict[str, Tally]:
        results = surveyed(whole, missing)
        return {
            it.id: Tally(whole.grid_of(it), surveyed=results[it.id][1] in SURVEYED)
            for it in missing
        }

    def of_children(whole: Register, missing: Sequence[Row]) -> dict[str, Tally]:
        dues = dues_of(whole, today, missing)
        return {it.id: _tally(it, whole, today, dues.get(it.id)) for it in missing}

    def made() -> tuple[list[Tally], list[Tally]]:
        homes = whole.of_all("household", "home tally", of_homes)
        return homes, whole.of_all("child", ("child tally", today), of_children)

    return whole.once(("tallies", today), made)


def _tally(child: Row, register: Register, today: str, due: Due[Row] | None) -> Tally:
    is_wide, is_legal = definitions_of(child, register, today)
    return Tally(
        register.grid_of(child),
        wide=is_wide,
        legal=is_legal,
        overdue=due is not None and due.state == "overdue",
        this_week=due is not None and due.state == "this_week",
        file=is_wide and file_of(child, register, today).complete,
    )


def figures(register: Register, today: str) -> Figures:
    """The four numbers of the first page."""
    households, children = tallies(register, today)
    return Figures(
        households=len(households),
        surveyed=sum(it.surveyed for it in households),
        wide=sum(it.wide for it in children),
        legal=sum(it.legal for it in children),
        overdue=sum(it.overdue for it in children),
        this_week=sum(it.this_week for it in children),
        files=sum(it.file for it in children),
    )


def _said(name: str, row: Row, language: str) -> str:
    """A field's label of its list, "" when it is empty."""
    value = row.fields.get(name)
    if value in (None, ""):
        return ""
    return values.shown(value, programme().types[row.type].fields[name], language)


def _count(row: Row, name: str) -> int | None:
    value = row.fields.get(name)
    return value if isinstance(value, int) else None
