"""和学校交换的表: a sheet a class with the school's fields alone, and what the school puts right comes back."""

import io

import openpyxl

from tests.helpers import Village
from tests.server.office.browser import Browser, assert_refused, hidden, words
from tests.server.office.test_class_prints import SCHOOL, a_class, tell
from tests.server.office.test_imports import upload
from tests.server.office.test_printouts import LEFT, a_family

PATH = "/office/school-file"


async def the_file(office: Browser) -> openpyxl.Workbook:
    await office.get(PATH)
    answer = await office.post(PATH, {"school": SCHOOL["school_name"]})
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def all_words(book: openpyxl.Workbook) -> str:
    return " ".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    )


async def test_each_class_is_a_sheet_with_the_fields_of_a_school_and_none_of_a_family(
    office: Browser, sqlite_village: Village
) -> None:
    _, child = await a_family(sqlite_village)
    await tell(sqlite_village, child, school_result="B", **SCHOOL)
    await a_class(sqlite_village, "谷小满", grade="P4")

    book = await the_file(office)

    assert book.sheetnames == ["小学三年级 1班", "小学四年级 1班"]
    said = all_words(book)
    for word in ("石惊蛰", "谷小满", "学习成绩", "良好", "班主任电话", "10000000007"):
        assert word in said
    for kept in ("石奶奶甲", "10000000001", "石大叔乙", "老槐树", "谷大叔甲", "身份"):
        assert kept not in said
    noted = await sqlite_village.auth.audit(sqlite_village.code)
    assert ("export", "school/测试小学", "2") in [
        (it.action, it.subject, it.details) for it in noted
    ]


async def test_classes_that_excel_takes_for_one_have_a_sheet_each(
    office: Browser, sqlite_village: Village
) -> None:
    """Excel tells sheets apart by neither case nor signs it forbids, and allows no apostrophe at an end."""
    for name, own in (("谷小满", "A/1班"), ("谷立夏", "a:1班"), ("谷立秋", "'火箭'")):
        [child] = await a_class(sqlite_village, name)
        await tell(sqlite_village, child, class_name=own)

    book = await the_file(office)

    assert book.sheetnames == ["小学三年级 '火箭", "小学三年级 A_1班", "小学三年级 a_1班 2"]
    said = all_words(book)
    for name in ("谷小满", "谷立夏", "谷立秋"):
        assert name in said


async def test_what_the_school_puts_right_comes_back_through_the_import(
    office: Browser, sqlite_village: Village
) -> None:
    village = sqlite_village
    ids = await a_class(village, "石立春", "石雨水")
    await tell(village, ids[0], sex="1", school_result="A")
    await tell(village, ids[1], sex="2")
    book = await the_file(office)
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(n for n, row in enumerate(rows) if "学习成绩" in row)
    result, teacher = rows[head].index("学习成绩"), rows[head].index("班主任电话")
    for number, said in ((head + 2, "明显滑坡"), (head + 3, "良好")):
        sheet.cell(number, result + 1, said)
        sheet.cell(number, teacher + 1, "10000000009")
    file = io.BytesIO()
    book.save(file)

    address = await upload(office, file.getvalue(), "学校交回.xlsx")
    page = await office.get(address)
    shown = await office.post(
        address, {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "overwrite": "1"}
    )
    await office.post(
        address,
        {
            "base": hidden(shown, "base"), "digest": hidden(shown, "digest"),
            "overwrite": "1", "apply": "1",
        },
    )  # fmt: skip

    found = {it.id: it.fields for it in await village.registry.rows(village.code, "child")}
    assert len(found) == 2
    assert [found[id].get("school_result") for id in ids] == ["E", "B"]
    assert [found[id].get("teacher_phone") for id in ids] == ["10000000009"] * 2


async def test_a_child_whose_guardian_refused_stays_out_of_the_file(
    office: Browser, sqlite_village: Village
) -> None:
    ids = await a_class(sqlite_village, "石立春", "石雨水")
    await tell(sqlite_village, ids[1], consent_status="X")

    page = words(await office.get(PATH))
    book = await the_file(office)

    assert "1 名没有放进来" in page
    assert "石雨水" not in all_words(book)


async def test_a_school_that_is_none_is_refused_and_no_school_says_what_to_do(
    office: Browser, sqlite_village: Village
) -> None:
    await sqlite_village.child(await sqlite_village.household(), **LEFT)

    assert "先在儿童档案里写上学校和班级" in words(await office.get(PATH))
    assert_refused(await office.post(PATH, {"school": "没有的学校"}), 422, "bad_field")
