"""Excel and CSV out: lists of children and households, and the blank roster to fill in.

What a list holds is said here, row by row when it is asked for; `work/writing.py` has it written. Numbers of identity
and phones are text, which keeps their digits. What the columns are, `roster/columns.py` says.
"""

import io
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from server.office.roster.columns import (
    CHILD_COLUMNS,
    HOUSEHOLD_COLUMNS,
    TEMPLATE_COLUMNS,
    Cell,
    Column,
    Columns,
    Families,
)
from server.office.roster.known import Record
from server.programme import programme
from server.workers.sheets import Styles, new_book

TYPES = ("grid", "household", "person", "child", "parent_link", "guardianship")
"""Record types a list of children needs."""

_TEMPLATE_ROWS = 500
CHOICES = "选项"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list to write. `about` is the line under the title: the as-of day and the 口径. `count` says how many rows there
    are where they are made only while they are written."""

    title: str
    about: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]] = field(default=())
    count: int = 0

    @property
    def size(self) -> int:
        return len(self.rows) if isinstance(self.rows, Sized) else self.count


def children_sheet(
    rows: Iterable[Record],
    on: str,
    *,
    ids: Sequence[str] | None = None,
    keys: Sequence[str] = CHILD_COLUMNS,
    about: str = "",
    lang: str = "zh",
    coded: bool = False,
) -> Sheet:
    """The list of children as of a day. `rows` are the village's records of `TYPES`.

    `ids` chooses children and their order (all, by grid and household, without it), `keys` the columns,
    `about` the words of the filter in force. Raises `KeyError` for a key that is no column.
    """
    records = list(rows)
    columns = Columns(programme(), lang, coded=coded)
    families = Families(records, columns, on)
    chosen = _ordered(records, "child") if ids is None else ids
    return Sheet(
        "留守儿童花名册" if lang != "en" else "Children",
        _about(
            on, about or ("全部在册儿童" if lang != "en" else "all children in the register"), lang
        ),
        [columns.column(key) for key in keys],
        (families.child(record, keys) for record in chosen),
        len(chosen),
    )


def households_sheet(
    rows: Iterable[Record],
    on: str,
    *,
    ids: Sequence[str] | None = None,
    keys: Sequence[str] = HOUSEHOLD_COLUMNS,
    about: str = "",
    lang: str = "zh",
    coded: bool = False,
) -> Sheet:
    """The list of households as of a day; parameters as of `children_sheet`."""
    records = list(rows)
    columns = Columns(programme(), lang, coded=coded)
    families = Families(records, columns, on)
    chosen = _ordered(records, "household") if ids is None else ids
    return Sheet(
        "户册" if lang != "en" else "Households",
        _about(on, about or ("全部户" if lang != "en" else "all households"), lang),
        [columns.column(key) for key in keys],
        (families.household(record, keys) for record in chosen),
        len(chosen),
    )


def choosable(type_name: str, lang: str = "zh") -> list[Column]:
    """The columns a person may choose for a list of `child` or `household`, the usual ones first."""
    columns = Columns(programme(), lang)
    return [columns.column(key) for key in columns.choosable(type_name)]


def template(grids: Sequence[str] = (), lang: str = "zh") -> bytes:
    """A blank roster: the headings the import reads, and lists to choose from in their columns.

    `grids` are the names of the village's grids. Starred headings are those a file cannot do without.
    """
    columns = Columns(programme(), lang)
    asked = [columns.column(key) for key in TEMPLATE_COLUMNS]
    output = io.BytesIO()
    with new_book(output) as book:
        styles = Styles(book)
        page = book.add_worksheet("花名册" if lang != "en" else "Roster")
        choices = book.add_worksheet(CHOICES)
        page.write_string(
            0, 0, "留守儿童花名册" if lang != "en" else "Roster of children", styles.title
        )
        said = (
            "填报日期：        年    月    日（只知道年龄时，按这一天推算）；带 * 的请一定填写"
            if lang != "en"
            else "Filled in on:            (ages count on this day); please fill in what bears a *"
        )
        page.write_string(1, 0, said, styles.about)
        for place, column in enumerate(asked):
            star = "*" if column.required else ""
            page.write_string(2, place, f"{column.heading}{star}", styles.head)
            page.set_column(place, place, column.width, styles.text)
            labels = (
                list(grids)
                if column.key == "household.grid_code"
                else columns.labels(column.choices)
            )
            if labels:
                _write_choices(page, choices, place, column.heading, labels)
        page.freeze_panes(3, 0)
    return output.getvalue()


def _write_choices(page: Any, choices: Any, place: int, heading: str, labels: list[str]) -> None:
    choices.write_string(0, place, heading)
    for row, label in enumerate(labels, start=1):
        choices.write_string(row, place, label)
    letter = xlsxwriter.utility.xl_col_to_name(place)
    page.data_validation(
        3, place, 2 + _TEMPLATE_ROWS, place,
        {
            "validate": "list",
            "source": f"={CHOICES}!${letter}$2:${letter}${len(labels) + 1}",
            # Another word may be typed: the import says what it does not understand.
            "error_type": "information",
        },
    )  # fmt: skip


def _about(on: str, what: str, lang: str) -> str:
    return f"As of {on}; {what}" if lang == "en" else f"截至 {on}；口径：{what}"


def _ordered(rows: Sequence[Record], type_name: str) -> list[str]:
    houses = {row.id: row for row in rows if row.type == "household"}

    def place(row: Record) -> tuple[str, str, str, str]:
        house = row if type_name == "household" else houses.get(str(row.fields.get("household_id")))
        fields = house.fields if house is not None else {}
        return (
            str(fields.get("grid_code", "")),
            str(fields.get("household_no", "")),
            str(row.fields.get("birth_date", "")),
            row.id,
        )

    return [row.id for row in sorted((row for row in rows if row.type == type_name), key=place)]
