"""Excel and CSV out: lists of children and households, and the blank roster to fill in.

Every text is written as text: no formula, no link, whatever it begins with, so that a file made from
villagers' words is safe to open in Excel and WPS. Numbers of identity and phones are text too, which
keeps their digits. What the columns are, `roster/columns.py` says.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from server.office.roster.cells import INJECTION
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

TYPES = ("grid", "household", "person", "child", "parent_link", "guardianship")
"""Record types a list of children needs."""

_TEMPLATE_ROWS = 500
CHOICES = "选项"
_FORBIDDEN = str.maketrans("[]:*?/\\", "_______")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list to write. `about` is the line under the title: the as-of day and the 口径."""

    title: str
    about: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]] = field(default=())


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
    )


def choosable(type_name: str, lang: str = "zh") -> list[Column]:
    """The columns a person may choose for a list of `child` or `household`, the usual ones first."""
    columns = Columns(programme(), lang)
    return [columns.column(key) for key in columns.choosable(type_name)]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx with one worksheet a list: title, as-of line, frozen headings, filter."""
    output = io.BytesIO()
    with new_book(output) as book:
        styles = Styles(book)
        for sheet in sheets:
            _write(book, sheet, styles)
    return output.getvalue()


def csv_file(sheet: Sheet) -> bytes:
    """A .csv for Excel: UTF-8 with a mark, RFC 4180, an apostrophe before what looks like a formula."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([column.heading for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow(["" if cell is None else _escaped(cell) for cell in row])
    return b"\xef\xbb\xbf" + output.getvalue().encode()


def template(grids: Sequence[str] = (), lang: str = "zh") -> bytes:
    """A blank roster: the headings the import reads, and lists to choose from in their columns.

    `grids` are the names of the village's grids. Starred headings are those a file cannot do without.
    """
    columns = Columns(programme(), lang)
    asked = [columns.column(key) for key in TEMPLATE_COLUMNS]
    output = io.BytesIO()
    with new_book(output, constant_memory=False) as book:
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


def new_book(output: io.BytesIO, *, constant_memory: bool = True) -> xlsxwriter.Workbook:
    return xlsxwriter.Workbook(
        output,
        {
            "constant_memory": constant_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )


class Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.about = book.add_format({"font_color": "#555555"})
        self.head = book.add_format(
            {
                "bold": True,
                "border": 1,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": "#EEF2EE",
            }
        )
        self.text = book.add_format({"num_format": "@"})
        self.number = book.add_format({"num_format": "0"})
        self.decimal = book.add_format({"num_format": "General"})


def _write(book: xlsxwriter.Workbook, sheet: Sheet, styles: Styles) -> None:
    page = book.add_worksheet(sheet.title.translate(_FORBIDDEN)[:31])
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    page.freeze_panes(3, 0)
    page.set_landscape()
    page.set_paper(9)
    page.repeat_rows(2)
    page.fit_to_pages(1, 0)
    page.write_string(0, 0, sheet.title, styles.title)
    page.write_string(1, 0, sheet.about, styles.about)
    for place, column in enumerate(sheet.columns):
        page.write_string(2, place, column.heading, styles.head)
    last = 2
    for last, row in enumerate(sheet.rows, start=3):
        for place, cell in enumerate(row):
            if isinstance(cell, int):
                page.write_number(last, place, cell, styles.number)
            elif isinstance(cell, float):
                page.write_number(last, place, cell, styles.decimal)
            elif cell:
                # Excel holds 32,767 characters in a cell; XlsxWriter would leave a longer one out.
                page.write_string(last, place, cell[:32_767], styles.text)
    if sheet.columns:
        page.autofilter(2, 0, last, len(sheet.columns) - 1)


def _escaped(cell: str | float) -> str:
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(INJECTION) else text


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
