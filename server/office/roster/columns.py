"""The columns of a roster as we write it: headings that the import reads back, and their values.

A column's key is a target of `headings.py` (`child.name`, `father.phones`), so what is exported can be
changed in Excel and imported again. Fields and headings come from the programme's tables.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.office.roster.choices import Choices
from server.office.roster.grids import names_of_grids
from server.office.roster.known import Record, Register, text
from server.programme import Field, Programme
from server.programme.derive import age_on, both_definitions

Cell = str | int | float | None

CHILD_COLUMNS: tuple[str, ...] = (
    "household.grid_code",
    "household.household_no",
    "household.head_name",
    "household.address",
    "child.file_no",
    "child.name",
    "child.sex",
    "child.birth_date",
    "child.age",
    "child.ethnic",
    "child.id_number",
    "child.left_behind_fact",
    "child.lbc_wide",
    "child.lbc_legal",
    "child.school_name",
    "child.school_stage",
    "child.grade",
    "child.class_name",
    "child.boarding",
    "child.health",
    "child.risk_level",
    "child.guardian_assess",
    "father.name",
    "father.phones",
    "father.away",
    "father.work_address",
    "mother.name",
    "mother.phones",
    "mother.away",
    "mother.work_address",
    "carer.name",
    "carer.relation",
    "carer.phones",
)
"""The usual columns of a list of children, in order."""

HOUSEHOLD_COLUMNS: tuple[str, ...] = (
    "household.grid_code",
    "household.household_no",
    "household.head_name",
    "household.address",
    "household.hukou_type",
    "household.population",
    "household.away_count",
    "household.children",
    "household.left_behind",
    "household.income_source",
    "household.welfare",
    "household.carer_language",
)
"""The usual columns of a list of households, in order."""

TEMPLATE_COLUMNS: tuple[str, ...] = (
    "household.grid_code",
    "household.head_name",
    "household.address",
    "household.hukou_type",
    "child.name",
    "child.sex",
    "child.birth_date",
    "child.id_number",
    "child.left_behind_fact",
    "child.school_name",
    "child.grade",
    "child.class_name",
    "child.boarding",
    "child.health",
    "father.name",
    "father.phones",
    "father.work_address",
    "mother.name",
    "mother.phones",
    "mother.work_address",
    "carer.name",
    "carer.relation",
    "carer.phones",
    "carer.id_number",
)
"""What a blank roster asks for."""

_SUBJECTS = {
    "father": ("父亲", "Father: "),
    "mother": ("母亲", "Mother: "),
    "carer": ("监护人", "Carer: "),
}
_LINKS = {"father": "parent_link", "mother": "parent_link", "carer": "guardianship"}
_OWN: dict[str, tuple[str, str, int]] = {
    "household.grid_code": ("村民组", "Grid", 10),
    "household.children": ("儿童人数", "Children", 9),
    "household.left_behind": ("留守儿童人数", "Left-behind children", 9),
    "father.work_address": ("父亲务工地点", "Father: place of work", 18),
    "mother.work_address": ("母亲务工地点", "Mother: place of work", 18),
    "father.away": ("父亲是否外出", "Father: away", 9),
    "mother.away": ("母亲是否外出", "Mother: away", 9),
    "father.phones": ("父亲电话", "Father: phones", 14),
    "mother.phones": ("母亲电话", "Mother: phones", 14),
    "carer.phones": ("监护人电话", "Carer: phones", 14),
    "carer.relation": ("与儿童关系", "Relation to the child", 11),
    "carer.id_number": ("监护人身份证号", "Carer: identity number", 21),
    "child.lbc_wide": ("留守（宽口径）", "Left behind (wide)", 9),
    "child.lbc_legal": ("留守（法定口径）", "Left behind (legal)", 9),
}
_WIDTHS = {
    "id_number": 21,
    "address": 26,
    "phones": 14,
    "name": 11,
    "head_name": 11,
    "birth_date": 12,
}
_WIDTHS |= {"school_name": 18, "household_no": 19, "file_no": 20, "left_behind_fact": 16}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its target, its heading, its width in characters, its list of choices if it has one."""

    key: str
    heading: str
    width: int
    choices: str = ""
    required: bool = False


class Columns:
    """Columns for a programme in one language; `coded` writes codes where there are lists."""

    def __init__(self, programme: Programme, lang: str = "zh", *, coded: bool = False) -> None:
        self._programme, self._lang, self._coded = programme, lang, coded
        self._choices = Choices(programme)

    def column(self, key: str) -> Column:
        """The column of a key. Raises `KeyError` for a key that is no field."""
        subject, _, name = key.partition(".")
        field = self.field(key)
        if key in _OWN:
            zh, en, width = _OWN[key]
            heading = en if self._lang == "en" else zh
        elif field is None:
            raise KeyError(key)
        else:
            zh, en = _SUBJECTS.get(subject, ("", ""))
            own = field.roster[0] if field.roster else field.label.zh
            heading = f"{en}{field.label.en}" if self._lang == "en" else f"{zh}{own}"
            width = _WIDTHS.get(name, max(8, min(20, 2 * len(heading))))
        required = field is not None and field.required is True
        return Column(key, heading, width, (field.list or "") if field else "", required)

    def choosable(self, type_name: str) -> list[str]:
        """Every key a list of this type (`child` or `household`) can show, the usual ones first."""
        usual = CHILD_COLUMNS if type_name == "child" else HOUSEHOLD_COLUMNS
        fields = self._programme.types[type_name].fields.values()
        more = (f"{type_name}.{field.name}" for field in fields if not field.ref)
        hidden = {"child.name_pinyin", "household.name_pinyin", "child.siblings_left"}
        hidden |= {
            f"household.{name}" for name in ("last_survey_on", "next_due_on", "survey_result")
        }
        return [key for key in dict.fromkeys((*usual, *more)) if key not in hidden]

    def field(self, key: str) -> Field | None:
        """The programme's field behind a key, `None` for a column that is worked out."""
        subject, _, name = key.partition(".")
        types = (_LINKS[subject], "person") if subject in _LINKS else (subject,)
        for type_name in types:
            if name in self._programme.types[type_name].fields:
                return self._programme.types[type_name].fields[name]
        return None

    def labels(self, list_name: str) -> list[str]:
        """The labels of a list, for the choices of a template."""
        return [
            choice.label.en if self._lang == "en" else choice.label.zh
            for choice in self._programme.lists.get(list_name, ())
        ]

    def shown(self, key: str, value: Any, of: Mapping[str, Any]) -> Cell:
        """A value as a cell holds it; `of` are all fields of its record."""
        if value in (None, "", [], {}):
            return None
        name = key.partition(".")[2]
        if name == "birth_date":
            length = {"month": 7, "year": 4}.get(str(of.get("birth_approximate")), 10)
            return f"{'农历' if of.get('birth_lunar') == 'Y' else ''}{str(value)[:length]}"
        if name == "phones":
            return "、".join(_phone(entry) for entry in value.values())
        field = self.field(key)
        if field is not None and field.list:
            codes = value if isinstance(value, list) else [value]
            if self._coded:
                return "、".join(map(str, codes))
            return "、".join(
                self._choices.label(field.list, str(code), self._lang) for code in codes
            )
        if isinstance(value, bool):
            return self.yes(value)
        return value if isinstance(value, int) else str(value)

    def yes(self, value: bool) -> str:
        """Yes or no in the language."""
        return ("Yes" if value else "No") if self._lang == "en" else ("是" if value else "否")


class Families:
    """The register's rows put together as the lines of a list."""

    def __init__(self, rows: Iterable[Record], columns: Columns, on: str) -> None:
        self._register = Register(rows)
        self._columns, self._on = columns, on
        self._grids = names_of_grids(grid.fields for grid in self._register.grids())
        self._children: dict[str, list[Record]] = {}
        for row in self._register.by_id.values():
            if row.type == "child":
                self._children.setdefault(text(row, "household_id"), []).append(row)

    def child(self, record: str, keys: Iterable[str]) -> list[Cell]:
        """One child's line."""
        row = self._register.by_id[record]
        house = self._register.household(row)
        parts = {"child": dict(row.fields), "household": dict(house.fields) if house else {}}
        for subject, relations in (("father", ("51", "57")), ("mother", ("52", "58"))):
            parts[subject] = self._parent(record, relations)
        parts["carer"] = self._carer(record)
        wide, legal = both_definitions(parts["child"], parts["household"], self._on)
        parts["child"] |= {
            "age": age_on(text(row, "birth_date"), self._on),
            "lbc_wide": self._columns.yes(wide),
            "lbc_legal": self._columns.yes(legal),
        }
        return [self._cell(key, parts) for key in keys]

    def household(self, record: str, keys: Iterable[str]) -> list[Cell]:
        """One household's line."""
        row = self._register.by_id[record]
        fields = dict(row.fields)
        children = self._children.get(record, [])
        fields["children"] = len(children)
        fields["left_behind"] = sum(
            both_definitions(child.fields, row.fields, self._on)[0] for child in children
        )
        return [self._cell(key, {"household": fields}) for key in keys]

    def _cell(self, key: str, parts: Mapping[str, Mapping[str, Any]]) -> Cell:
        subject, _, name = key.partition(".")
        value = parts.get(subject, {}).get(name)
        if key == "household.grid_code":
            return self._grids.get(str(value), str(value)) if value else None
        if name in ("lbc_wide", "lbc_legal") or isinstance(value, int):
            return value
        return self._columns.shown(key, value, parts.get(subject, {}))

    def _parent(self, child: str, relations: tuple[str, ...]) -> dict[str, Any]:
        for link in self._register.links.get(child, ()):
            if text(link, "relation") in relations:
                return self._joined(link, "parent_id")
        return {}

    def _carer(self, child: str) -> dict[str, Any]:
        links = self._register.guardianships.get(child, [])
        now = [link for link in links if not "" < text(link, "valid_to") < self._on]
        main = [link for link in now if text(link, "is_main") == "Y"]
        return self._joined((main or now)[0], "carer_id") if now else {}

    def _joined(self, link: Record, pointer: str) -> dict[str, Any]:
        person = self._register.by_id.get(text(link, pointer))
        return {**(person.fields if person is not None else {}), **link.fields}


def _phone(entry: Mapping[str, Any]) -> str:
    owner = f"（{entry['owner']}）" if entry.get("owner") else ""
    return f"{entry.get('number', '')}{owner}"
