"""Excel and CSV out: text stays text, digits stay, and what was written is read back."""

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from server.office import export
from server.office.roster import read
from server.office.roster.columns import CHILD_COLUMNS, TEMPLATE_COLUMNS, Column
from server.office.work.writing import frames
from server.workers.sheets import read as frames_of
from server.workers.sheets import write_book, write_csv
from tests.server.office.roster import rosters
from tests.server.office.roster.cast import GRIDS, VILLAGE, id_number, phone
from tests.server.office.roster.village import TODAY, Record, previewed, registered

DANGEROUS = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "http://x.y",
]


def village() -> list[Record]:
    return registered(previewed(rosters.merged()))


def sent(sheets: Sequence[export.Sheet]) -> Iterator[list[Any]]:
    """What reaches the process that writes."""
    return frames_of(io.BytesIO(b"".join(frame for _, frame in frames(sheets))))


def workbook(sheets: Sequence[export.Sheet]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write_book(path, sent(sheets))
        return path.read_bytes()


def csv_file(sheet: export.Sheet) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write_csv(path, sent([sheet]))
        return path.read_bytes()


def sheets_xml(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [
            archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name
        ]


def grid_of(data: bytes, sheet: int = 0) -> Sequence[Sequence[object]]:
    return read(data, "x.xlsx").sheets[sheet].rows


def test_no_cell_is_ever_a_formula_or_a_link() -> None:
    columns = [Column("child.name", "姓名", 10)]
    sheet = export.Sheet("名册", "口径", columns, [[text] for text in DANGEROUS])

    data = workbook([sheet])

    (xml,) = sheets_xml(data)
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert [row[0] for row in grid_of(data)[3:]] == DANGEROUS


def test_csv_cells_that_look_like_formulas_are_escaped() -> None:
    columns = [Column("child.name", "姓名", 10)]
    rows = [*([text] for text in DANGEROUS), ["谷小满"]]

    data = csv_file(export.Sheet("名册", "", columns, rows))

    assert data.startswith(b"\xef\xbb\xbf")
    cells = [row[0] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    assert cells[-1] == "谷小满"
    assert all(cell.startswith("'") for cell in cells[1:-2])


def test_csv_headings_that_look_like_formulas_are_escaped_too() -> None:
    columns = [Column("own.water", text, 10) for text in (*DANGEROUS, "水源")]

    data = csv_file(export.Sheet("饮水", "", columns, []))

    [heads] = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert heads[-1] == "水源"
    assert all(head.startswith("'") for head in heads[:-2])


def test_a_cell_with_commas_quotes_and_lines_survives_csv() -> None:
    nasty = '一,"二"\r\n三'
    sheet = export.Sheet("名册", "", [Column("child.name", "姓名", 10)], [[nasty]])

    rows = list(csv.reader(io.StringIO(csv_file(sheet).decode("utf-8-sig"), newline="")))

    assert rows == [["姓名"], [nasty]]


def test_the_list_names_its_day_and_its_definition_above_frozen_headings() -> None:
    data = workbook([export.children_sheet(village(), "2025-12-01", about="河湾组")])
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]

    assert page["A1"].value == "留守儿童花名册"
    assert page["A2"].value == "截至 2025-12-01；口径：河湾组"
    assert page.freeze_panes == "A4"
    assert page.auto_filter.ref == "A3:AG6"


def test_a_childs_line_holds_the_family() -> None:
    keys = ["household.grid_code", "household.head_name", "child.name", "child.sex", "child.birth_date",
            "child.id_number", "child.lbc_wide", "child.grade", "father.name", "father.phones",
            "father.work_address", "mother.away", "carer.name", "carer.relation", "carer.phones"]  # fmt: skip

    sheet = export.children_sheet(village(), "2025-12-01", keys=keys)
    line = next(row for row in sheet.rows if row[2] == "谷小满")

    number = line[5]
    assert isinstance(number, str)
    assert number.startswith("99000020140312")
    assert line == [
        "上坪组", "谷大叔甲", "谷小满", "女", "2014-03-12", number, "是", None, "谷大哥乙", phone(1),
        "广东东莞", "在外", "谷大叔甲", "祖父", f"{phone(3)}、{phone(4)}",
    ]  # fmt: skip


def test_numbers_of_identity_and_phones_are_text_cells() -> None:
    data = workbook([export.children_sheet(village(), "2025-12-01")])
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    number = page.cell(4, CHILD_COLUMNS.index("child.id_number") + 1)
    telephone = page.cell(4, CHILD_COLUMNS.index("father.phones") + 1)

    assert (number.data_type, number.number_format) == ("s", "@")
    assert (telephone.data_type, telephone.value) == ("s", phone(1))


def test_codes_are_written_instead_of_labels_when_asked() -> None:
    keys = ["child.sex", "child.left_behind_fact", "carer.relation"]
    sheet = export.children_sheet(village(), "2025-12-01", keys=keys, coded=True)

    assert ["2", "B", "61"] in [list(row) for row in sheet.rows]


def test_children_are_chosen_and_ordered_by_their_ids() -> None:
    rows = village()
    ids = [row.id for row in rows if row.type == "child"][::-1][:2]

    sheet = export.children_sheet(rows, "2025-12-01", ids=ids, keys=["child.name"])

    assert [list(row) for row in sheet.rows] == [["安白露"], ["谷立夏"]]


def test_households_count_their_children() -> None:
    keys = ["household.head_name", "household.children", "household.left_behind"]

    sheet = export.households_sheet(village(), "2025-12-01", keys=keys)

    assert [list(row) for row in sheet.rows] == [["谷大叔甲", 2, 2], ["安大婶丁", 1, 0]]


def test_lists_come_in_english_too() -> None:
    sheet = export.children_sheet(
        village(), "2025-12-01", lang="en", keys=["child.sex", "father.name"]
    )

    assert sheet.title == "Children"
    assert [column.heading for column in sheet.columns] == ["Sex", "Father: Name"]
    assert [row[0] for row in sheet.rows][:1] == ["Female"]


@pytest.mark.parametrize("type_name", ["child", "household"])
def test_every_choosable_column_has_a_heading_of_its_own(type_name: str) -> None:
    headings = [column.heading for column in export.choosable(type_name)]

    assert all(headings)
    assert len(set(headings)) == len(headings)


def test_an_unknown_column_is_an_error() -> None:
    with pytest.raises(KeyError):
        export.children_sheet([], "2025-12-01", keys=["child.nonsense"])


@pytest.mark.parametrize(
    "name", ["02-merged-headings.xlsx", "04-typed-gb18030.csv", "01-clean-300.xlsx"]
)
def test_an_exported_list_is_imported_without_a_change(name: str) -> None:
    rows = registered(previewed(rosters.ROSTERS[name](), name))
    data = workbook([export.children_sheet(rows, TODAY.isoformat())])

    back = previewed(data, rows=rows, base=8)

    children = sum(row.type == "child" for row in rows)
    assert back.counts()["matched"] == children
    assert back.changes() == []
    assert [match.differs for match in back.matches if match.differs] == []


def test_the_template_is_understood_by_the_import() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export.template(GRIDS)))
    page = book.worksheets[0]
    values = {
        "household.grid_code": "上坪组", "household.head_name": "谷大叔甲", "child.name": "谷小满",
        "child.sex": "女", "child.birth_date": "2014-03-12", "child.grade": "小学三年级",
        "child.id_number": id_number(TODAY.replace(year=2014), 2), "carer.name": "谷大叔甲",
        "carer.relation": "祖父", "carer.phones": phone(1), "father.name": "谷大哥乙",
        "father.work_address": "广东东莞",
    }  # fmt: skip
    for key, value in values.items():
        page.cell(4, TEMPLATE_COLUMNS.index(key) + 1, value)
    output = io.BytesIO()
    book.save(output)

    planned = previewed(output.getvalue())

    assert planned.sheets[0].unknown == []
    assert set(planned.sheets[0].columns) == set(TEMPLATE_COLUMNS)
    assert planned.counts()["created"] == 1
    assert planned.households[0].grid_code == f"{VILLAGE}01"


def test_the_template_offers_choices_from_the_programme() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export.template(GRIDS)))
    page, choices = book.worksheets
    column = TEMPLATE_COLUMNS.index("child.sex") + 1
    rules = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    letter = xlsxwriter.utility.xl_col_to_name(column - 1)

    assert choices.title == "选项"
    assert [choices.cell(row, column).value for row in (2, 3)] == ["男", "女"]
    assert [choices.cell(row, 1).value for row in range(2, 8)] == list(GRIDS)
    assert rules[f"{letter}4:{letter}503"] == f"选项!${letter}$2:${letter}$5"
    assert re.fullmatch(r"村民组\*?", str(page["A3"].value))


def test_a_long_text_is_cut_rather_than_lost() -> None:
    sheet = export.Sheet("名册", "", [Column("child.name", "姓名", 10)], [["谷" * 40_000]])

    assert len(str(grid_of(workbook([sheet]))[3][0])) == 32_767


def test_a_list_longer_than_excel_holds_goes_on_on_a_further_sheet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.workers.sheets.XLSX_ROWS", 5)
    rows = [[f"第{n}行"] for n in range(5)]
    data = workbook([export.Sheet("名册", "口径", [Column("child.name", "姓名", 10)], rows)])

    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["名册", "名册 2", "名册 3"]
    assert [row[0].value for page in book for row in page.iter_rows(min_row=4)] == [
        "第0行", "第1行", "第2行", "第3行", "第4行",
    ]  # fmt: skip
    assert all(page.cell(3, 1).value == "姓名" for page in book)
