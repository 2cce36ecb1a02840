"""Any form as tables: its records with codes and labels, what the columns mean, and a blank sheet to collect in.

Pure: record types and rows in, sheets out (`export.py` writes them). A choice has two columns, words for people
and the code for machines; a reference its name and its id. Works for every record type, a village's own forms too.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from server.forms.media import ENDINGS
from server.office import export, values
from server.office.export import Sheet
from server.office.register import Register
from server.office.roster.columns import Cell, Column
from server.office.sheet_form import CORRECTIONS
from server.office.text import translate
from server.programme import Field, RecordType, programme
from server.programme.derive import aid_total_fen, duty_was_done, stock_count
from server.registry import Row
from server.workers.sheets import Styles, new_book, sheet_name

TEMPLATE_ROWS = 500
MOST_WIDTH = 28
MOST_LISTED = 255
"""Characters Excel allows for a list written out in a cell's rule; ours stand on a sheet of their own."""


def data_sheets(
    kind: RecordType,
    rows: Iterable[Row],
    register: Register,
    language: str,
    *,
    hidden: frozenset[str] = frozenset(),
    whole: bool = False,
    about: str,
) -> list[Sheet]:
    """The records, the columns explained, the codes of their lists."""
    asked = exported(kind, hidden)
    columns = [Column("id", "id", 34), *_columns(asked, language)]
    ordered = sorted(rows, key=lambda row: row.id)
    lines = ([row.id, *_cells(row, asked, register, language, whole=whole)] for row in ordered)
    title = values.label(kind, language)
    return [
        Sheet(title, about, columns, lines, len(ordered)),
        _fields_sheet(kind, asked, language),
        _codes_sheet(asked, language),
    ]


def exported(kind: RecordType, hidden: frozenset[str]) -> list[Field]:
    """The fields a table holds, in the form's order: what is stored, and the sums that follow from it."""
    return [
        it
        for it in kind.fields.values()
        if it.type != "note"
        and it.name != "name_pinyin"
        # What is computed is in no projection; that it follows from what the role reads is said here.
        and ((kind.name, it.name) in _COMPUTED if it.computed else it.name not in hidden)
    ]


WHY_BACK = "退回原因（再导入时不用管）"
"""Heading of the column that says why a row came back; a sheet that was mended still has it."""

BY = "recorded_by"
"""Who recorded an event may stand in its sheet; else it is who takes the sheet in."""


def collected(kind: RecordType, hidden: frozenset[str]) -> list[Field]:
    """The fields a sheet to be filled in asks for, in the form's order. Of an event also who recorded it, and not
    what only a correction says."""
    asked = [it for it in exported(kind, hidden) if not it.derived]
    if kind.kind != "event":
        return asked
    return [*(it for it in asked if it.name not in CORRECTIONS), kind.fields[BY]]


_COMPUTED = {("aid", "total_fen"), ("inventory_item", "count"), ("roster_slot", "done")}


def computed(row: Row, name: str, register: Register) -> Cell:
    """A field that is worked out on reading."""
    if (row.type, name) == ("aid", "total_fen"):
        return aid_total_fen(row.fields)
    if (row.type, name) == ("inventory_item", "count"):
        moved = (it for it in register.kind("stock") if it.fields.get("item_id") == row.id)
        return stock_count(moved)
    if (row.type, name) == ("roster_slot", "done"):
        return "Y" if duty_was_done(row, register.kind("duty_done")) else "N"
    return None


def _columns(asked: Sequence[Field], language: str) -> Iterator[Column]:
    for it in asked:
        heading = heading_of(it, language)
        if it.list or it.ref:
            yield Column(f"{it.name}:words", heading, 16)
            code = translate(language, "%(name)s（代码）", name=heading)
            yield Column(it.name, code if it.list else f"{heading} id", 12 if it.list else 34)
        else:
            yield Column(it.name, heading, min(MOST_WIDTH, max(10, 2 * len(heading))))


def heading_of(it: Field, language: str) -> str:
    """What a column is called: as rosters call it in Chinese, by its label in English."""
    return it.roster[0] if it.roster and language != "en" else values.label(it, language)


def _cells(
    row: Row, asked: Sequence[Field], register: Register, language: str, *, whole: bool
) -> Iterator[Cell]:
    for it in asked:
        value = computed(row, it.name, register) if it.computed else row.fields.get(it.name)
        if it.list:
            several = value if isinstance(value, list) else [value] if value else []
            yield "、".join(values.code_label(it.list, code, language) for code in several) or None
            yield " ".join(map(str, several)) or None
        elif it.ref:
            yield register.name_of(register.rows.get(str(value))) or None
            yield str(value) if value else None
        else:
            yield _cell(it, value, language, whole=whole)


def _cell(it: Field, value: Any, language: str, *, whole: bool) -> Cell:
    if value in (None, "", [], {}):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if it.type in ENDINGS:
        return str(value)
    if it.type == "repeat" and isinstance(value, Mapping):
        return "；".join(_entry(it, entry, language) for entry in value.values())
    return values.shown(value, it, language, whole=whole)


def _entry(it: Field, entry: Any, language: str) -> str:
    """One entry of a repeat, its answers by their questions."""
    if not isinstance(entry, Mapping):
        return str(entry)
    return "，".join(f"{name}={value}" for name, value in entry.items() if name != "replaces")


def _fields_sheet(kind: RecordType, asked: Sequence[Field], language: str) -> Sheet:
    headings = ("项", "名称", "English", "类型", "选项表", "必填", "说明")
    return Sheet(
        translate(language, "各列说明"),
        values.label(kind, language),
        [Column(it, translate(language, it), 18) for it in headings],
        [
            [
                it.name, it.label.zh, it.label.en, it.type, it.list or it.ref,
                translate(language, "必填") if it.required not in (None, False) else None,
                values.label(it.hint, language) or None,
            ]
            for it in asked
        ],
    )  # fmt: skip


def _codes_sheet(asked: Sequence[Field], language: str) -> Sheet:
    names = dict.fromkeys(it.list for it in asked if it.list)
    headings = ("选项表", "代码", "名称", "English")
    return Sheet(
        translate(language, "代码表"),
        translate(language, "代码和它的名称"),
        [Column(it, translate(language, it), 20) for it in headings],
        [
            [name, choice.name, choice.label.zh, choice.label.en]
            for name in names
            for choice in programme().lists.get(name, ())
        ],
    )


def template(
    kind: RecordType,
    language: str,
    *,
    grids: Sequence[str] = (),
    hidden: frozenset[str] = frozenset(),
) -> bytes:
    """A blank sheet: a column a question under the heading the import knows, choices to pick from, and a
    page that says of each column what belongs in it."""
    asked = collected(kind, hidden)
    output = io.BytesIO()
    with new_book(output) as book:
        styles = Styles(book)
        title = values.label(kind, language)
        explained = translate(language, "填写说明")
        page = book.add_worksheet(sheet_name(title, (explained, export.CHOICES)))
        guide = book.add_worksheet(explained)
        choices = book.add_worksheet(export.CHOICES)
        page.write_string(0, 0, title, styles.title)
        page.write_string(
            1, 0, translate(language, "一行一条；带 * 的请一定填写；不清楚的留空"), styles.about
        )
        _write_guide(guide, asked, language, styles)
        for place, it in enumerate(asked):
            star = "*" if it.required not in (None, False) else ""
            page.write_string(2, place, f"{heading_of(it, language)}{star}", styles.head)
            page.set_column(
                place,
                place,
                min(MOST_WIDTH, max(11, 2 * len(heading_of(it, language)))),
                styles.text,
            )
            labels = list(grids) if "grid" in it.appearance.split() else _labels(it, language)
            if labels:
                column = xl_col_to_name(place)
                choices.write_column(0, place, [heading_of(it, language), *labels])
                source = f"={export.CHOICES}!${column}$2:${column}${len(labels) + 1}"
                # More than one may be picked, and another word typed: the reader says what it does not know.
                rule = {"validate": "list", "source": source, "error_type": "information"}
                page.data_validation(3, place, 2 + TEMPLATE_ROWS, place, rule)
        page.freeze_panes(3, 0)
    return output.getvalue()


def _labels(it: Field, language: str) -> list[str]:
    return [values.label(choice, language) for choice in programme().lists.get(it.list or "", ())]


def _write_guide(guide: Any, asked: Sequence[Field], language: str, styles: Any) -> None:
    headings = ("列", "必填", "怎么填", "核对")
    guide.write_string(0, 0, translate(language, "填写说明"), styles.title)
    for place, (heading, width) in enumerate(zip(headings, (24, 8, 60, 40), strict=True)):
        guide.write_string(2, place, translate(language, heading), styles.head)
        guide.set_column(place, place, width)
    for row, it in enumerate(asked, start=3):
        required = translate(language, "必填") if it.required not in (None, False) else ""
        how = "；".join(filter(None, [_how(it, language), values.label(it.hint, language)]))
        cells = (
            heading_of(it, language),
            required,
            how,
            values.label(it.constraint_message, language),
        )
        for place, cell in enumerate(cells):
            guide.write_string(row, place, cell, styles.text)


_HOW = {
    "integer": "写整数",
    "decimal": "写数字，可带小数",
    "range": "写数字",
    "date": "写日期，如 2024-03-01",
    "month": "写年月，如 2024-03",
    "time": "写时间，如 08:30",
    "datetime": "写日期和时间，如 2024-03-01T08:30",
    "list": "写号码，几个号码用“、”隔开",
    "image": "照片用手机拍，这一列空着",
    "audio": "录音用手机录，这一列空着",
    "select_one": "从下拉选项里选一个",
    "select_multiple": "从下拉选项里选；选几个的用“、”隔开",
    "ref": "写名字或编号",
    "repeat": "一条一条写，用“；”隔开",
    "text": "写文字",
}


def _how(it: Field, language: str) -> str:
    return translate(language, _HOW.get(it.type, "写文字"))
