"""The refused rows come back as the same sheet with a reason, safe to open and to import again."""

import io
import zipfile

import openpyxl

from server.office.roster import read, refused_sheet
from tests.server.office.roster import rosters
from tests.server.office.roster.village import previewed


def returned(data: bytes, lang: str = "zh") -> bytes:
    return refused_sheet(read(data, "x.xlsx"), previewed(data, "x.xlsx"), lang)


def test_titles_headings_columns_and_order_are_kept() -> None:
    sheet = read(returned(rosters.refused()), "x.xlsx").sheets[0]

    assert sheet.name == "名册"
    assert sheet.rows[0][0] == "退回示例"
    assert sheet.rows[1] == [
        "村民组", "户主", "姓名", "性别", "出生日期", "身份证号", "监护人", "关系", "退回原因",
    ]  # fmt: skip
    assert [row[2] for row in sheet.rows[2:]] == [
        None, "林123", "林雨水", "林惊蛰", "林春分", "林清明", "林谷雨", "林立夏", "田小满", "+林芒种",
    ]  # fmt: skip
    assert sheet.rows[7][4] == "2015-02-30"


def test_every_returned_row_bears_its_reason() -> None:
    sheet = read(returned(rosters.refused()), "x.xlsx").sheets[0]

    reasons = [str(row[-1]) for row in sheet.rows[2:]]
    assert all(reasons)
    assert "云上组" in reasons[2]


def test_reasons_come_in_english_too() -> None:
    sheet = read(returned(rosters.refused(), "en"), "x.xlsx").sheets[0]

    assert sheet.rows[1][-1] == "Reason"
    assert "no child's name" in str(sheet.rows[2][-1])


def test_no_cell_of_the_returned_sheet_is_computed() -> None:
    for make in (rosters.refused, rosters.doubtful):
        with zipfile.ZipFile(io.BytesIO(returned(make()))) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]

        assert all(b"<f>" not in sheet and b"<f " not in sheet for sheet in sheets)


def test_merged_headings_come_back_merged() -> None:
    rows: list[list[str | None]] = [
        ["名册"],
        ["村民组", "儿童", None, "监护人"],
        [None, "姓名", "性别"],
        ["云上组", "谷小满", "女", "谷大叔甲"],
    ]
    data = rosters.by_openpyxl({"名册": rows}, ["A1:D1", "A2:A3", "B2:C2", "D2:D3"])

    page = openpyxl.load_workbook(io.BytesIO(returned(data))).worksheets[0]

    assert {str(merge) for merge in page.merged_cells.ranges} == {
        "A1:D1",
        "A2:A3",
        "B2:C2",
        "D2:D3",
    }


def test_a_corrected_sheet_is_imported_as_it_came_back() -> None:
    book = openpyxl.load_workbook(io.BytesIO(returned(rosters.refused())))
    page = book.worksheets[0]
    for row in range(3, page.max_row + 1):
        page.cell(row, 1, "上坪组")
        page.cell(row, 3, f"林{'春夏秋冬甲乙丙丁戊己'[row - 3]}生")
        page.cell(row, 2, "林大叔甲")
        page.cell(row, 5, "2014-05-06")
        page.cell(row, 6, None)
    output = io.BytesIO()
    book.save(output)

    counts = previewed(output.getvalue()).counts()

    assert (counts["created"], counts["refused"]) == (10, 0)


def test_a_preview_without_refused_rows_gives_an_empty_sheet() -> None:
    assert read(returned(rosters.merged()), "x.xlsx").sheets == ()
