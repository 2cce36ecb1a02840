"""What a list is made of: columns, filters, lines. Pure.

A line says what stands in each column and under which values of each filter it is found. Words are messages of
text.py; a cell holds what is sorted and written, which is what is shown.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.office import listing, values
from server.office.lines import RISK_ORDER
from server.office.register import text_of
from server.office.roster.columns import Cell
from server.office.statistics.book import UNKNOWN, Book
from server.office.statistics.indicators import value_words
from server.office.text import translate
from server.programme import programme, projection, projection_of
from server.registry import Row


@dataclass(frozen=True, slots=True)
class Column(listing.Column):
    """`of` is the type.field it shows or follows from: who may not read that has no such column, and its class of
    privacy is the column's. `shows` is `risk` for a level of risk, else the cell itself. `is_summed`:
    the sum of all lines is said over the list."""

    of: str = ""
    shows: str = ""
    width: int = 12
    is_summed: bool = False

    @property
    def is_public(self) -> bool:
        type_name, _, name = self.of.partition(".")
        return programme().types[type_name].fields[name].privacy == "public"


@dataclass(frozen=True)
class Desk:
    """What lists are made from: the book of the day, the reader's language, and when records were last changed
    (record -> YYYY-MM-DD; empty unless the list asks for it)."""

    book: Book
    language: str
    changed: Mapping[str, str] = field(default_factory=dict)

    def row(self, id: object) -> Row | None:
        return self.book.register.rows.get(str(id or ""))

    def name(self, id: object) -> str:
        return self.book.register.name_of(self.row(id))

    def code(self, list_name: str, value: object) -> str | None:
        """A code, or several, in words; None where nothing is said."""
        if not value:
            return None
        several = value if isinstance(value, list) else [value]
        join = translate(self.language, "、")
        return join.join(values.code_label(list_name, it, self.language) for it in several)

    def grid(self, row: Row | None) -> str:
        return self.book.register.grid_of(row) if row is not None else ""


@dataclass(frozen=True, slots=True)
class Line:
    """`id` is the record it opens. `marks`: filter -> the values under which it is found. `links`: column -> another
    record it opens. `alerts`: columns that stand out. `order`: column -> what it sorts by where that is not the cell.
    `names` and `pinyins` are what a search finds."""

    id: str
    cells: Mapping[str, Cell]
    marks: Mapping[str, Collection[str]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    alerts: Collection[str] = ()
    order: Mapping[str, Any] = field(default_factory=dict)
    names: Sequence[str] = ()
    pinyins: Sequence[str] = ()

    def key(self, column: str) -> Any:
        return self.order[column] if column in self.order else self.cells.get(column)


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice among the values the lines are found under: those of `first` in that order, then the others by their
    words. `words_of` says what a value is called."""

    name: str
    words: str
    words_of: Callable[[Desk, str], str]
    first: Sequence[str] = ()
    unknown: str = "未了解"

    def said(self, desk: Desk, value: str) -> str:
        if value == UNKNOWN:
            return translate(desk.language, self.unknown)
        return self.words_of(desk, value)


@dataclass(frozen=True)
class Kind:
    """A list. `definition` is its 口径. `is_scoped`: it counts the children of the chosen definition. `action` is what a
    role must be allowed, `of_type` the type it must read. `is_logged`: each look is noted in the audit. `is_assigned`:
    several of its children can be paired at once. `makes`: the type of a new record."""

    name: str
    words: str
    definition: str
    columns: Sequence[Column]
    filters: Sequence[Filter]
    lines: Callable[[Desk], Iterable[Line]]
    empty: str
    advice: str
    is_scoped: bool = False
    action: str = "read_records"
    of_type: str = "child"
    is_logged: bool = False
    asks_changed: bool = False
    is_assigned: bool = False
    makes: str = ""

    def is_open_to(self, role: str, can: Mapping[str, bool]) -> bool:
        return can[self.action] and projection_of(role, self.of_type) != ""

    def columns_for(self, role: str) -> list[Column]:
        return [it for it in self.columns if _reads(role, it.of)]


def _reads(role: str, of: str) -> bool:
    type_name, _, name = of.partition(".")
    known = programme().types[type_name].fields[name]
    # What is computed is in no projection: who reads the type reads what follows from it.
    seen = projection(type_name, projection_of(role, type_name))
    return seen is not None and (known.computed or name in seen)


def coded(list_name: str) -> Callable[[Desk, str], str]:
    """The words of a filter whose values are codes of a list."""
    return lambda desk, value: values.short(values.code_label(list_name, value, desk.language))


def grouped(by: str) -> Callable[[Desk, str], str]:
    """The words of a filter whose values are a grouping's of the statistics."""
    return lambda desk, value: value_words("", by, value, desk.book.register, desk.language)


def codes_of(list_name: str) -> Sequence[str]:
    return [choice.name for choice in programme().lists[list_name]]


GRID = Filter("grid", "网格", grouped("grid"))
HELPER = Filter("helper", "帮扶人", grouped("helper"), unknown="没有帮扶人")
RISK = Filter("risk", "风险", coded("risk_level"), tuple(reversed(RISK_ORDER)))

# What most lists of children show of a child.
NAME = Column("name", "姓名", of="child.name")
CHILD = (
    NAME,
    Column("grid", "网格", of="household.grid_code"),
    Column("risk", "风险", of="child.risk_level", shows="risk"),
)
CARE = (
    Column("carer", "主要照护人", of="guardianship.carer_id", is_default=False, width=16),
    Column("phone", "联系电话", of="person.phones", is_default=False, width=16),
    Column("helpers", "帮扶人", of="pairing.helper_id", width=18),
)


def of_child(
    desk: Desk,
    child: Row,
    cells: Mapping[str, Cell],
    marks: Mapping[str, Collection[str]],
    *,
    id: str = "",
    alerts: Collection[str] = (),
) -> Line:
    """A line about a child: who it is and who cares for it, then the list's own cells. Opens the child, or `id`."""
    known = desk.book.register.about(
        child, ("line", desk.book.on, desk.language), lambda whole, it: _about(desk, it)
    )
    return Line(
        id or child.id,
        {**known.cells, **cells},
        {**known.marks, **marks},
        known.links,
        alerts,
        known.order,
        known.names,
        known.pinyins,
    )


def _about(desk: Desk, child: Row) -> Line:
    """What all lists of children say of one."""
    book, register = desk.book, desk.book.register
    link = book.main_carer(child)
    carer = desk.row(link.fields.get("carer_id")) if link else None
    phones = values.phones((carer or child).fields.get("phones"))
    helped = register.pairings(child.id, book.on)
    helper = book.helper_of(child)
    risk, grid = text_of(child.fields, "risk_level"), register.grid_of(child)
    name, pinyin = text_of(child.fields, "name"), text_of(child.fields, "name_pinyin")
    return Line(
        child.id,
        {
            "name": name,
            "grid": register.grid_names.get(grid),
            "risk": risk or None,
            "carer": register.name_of(carer) or None,
            "phone": str(phones[0].get("number", "")) if phones else None,
            "helpers": "、".join(filter(None, (desk.name(it.fields.get("helper_id")) for it in helped)))
            or None,
        },
        {
            "grid": (grid or UNKNOWN,),
            "risk": (risk or UNKNOWN,),
            "helper": (helper.id if helper else UNKNOWN,),
        },
        links={"name": child.id},
        order={"name": pinyin or name, "grid": grid, "risk": RISK_ORDER.find(risk) if risk else ""},
        names=(name,),
        pinyins=(pinyin,),
    )  # fmt: skip
