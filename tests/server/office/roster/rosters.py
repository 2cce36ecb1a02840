"""Messy rosters as villages keep them, all invented, each made by the library that suits the mess.

`python -m tests.server.office.roster.rosters DIR` writes them as files for `zoufang import`.
"""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
import xlwt

from tests.server.office.roster.cast import (
    GRIDS,
    birth,
    child_name,
    id_number,
    phone,
    wrong,
)

Rows = Sequence[Sequence[Any]]
AS_OF = "填报单位：禾溪镇青禾村    填报日期：2025年8月31日"


def by_openpyxl(
    sheets: dict[str, Rows], merges: Iterable[str] = (), formats: dict[str, str] | None = None
) -> bytes:
    """An .xlsx by openpyxl; the merges are those of the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    for merge in merges:
        book.worksheets[0].merge_cells(merge)
    for cell, number_format in (formats or {}).items():
        book.worksheets[0][cell].number_format = number_format
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def by_xlsxwriter(sheets: dict[str, Rows], hidden: Iterable[str] = ()) -> bytes:
    """An .xlsx by XlsxWriter; text stays text, days become day cells."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy/m/d"})
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            if name in hidden:
                page.hide()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        page.write_datetime(number, column, value, day)
                    elif value is not None:
                        page.write(number, column, value)
    return output.getvalue()


def by_xlwt(name: str, rows: Rows) -> bytes:
    """An old .xls by xlwt; a tuple of the name 'formula' and a text is a formula."""
    book = xlwt.Workbook()
    page = book.add_sheet(name)
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, date):
                page.write(number, column, value, day)
            elif isinstance(value, tuple):
                page.write(number, column, xlwt.Formula(value[1]))
            elif value is not None:
                page.write(number, column, value)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def by_csv(rows: Rows, encoding: str) -> bytes:
    """A .csv as a sheet program saves it."""
    output = io.StringIO(newline="")
    csv.writer(output).writerows(rows)
    return output.getvalue().encode(encoding)


def wide(text: str) -> str:
    """Digits and letters in full width, as a Chinese input method leaves them."""
    return "".join(
        chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalnum() else sign for sign in text
    )


HEADINGS = [
    "序号",
    "村民组",
    "户主姓名",
    "儿童姓名",
    "性别",
    "出生日期",
    "身份证号",
    "父亲姓名",
    "父亲电话",
    "父亲务工地点",
    "母亲姓名",
    "母亲务工地点",
    "监护人姓名",
    "与儿童关系",
    "监护人电话",
    "家庭住址",
    "学校",
    "年级",
]


def clean() -> bytes:
    """300 rows without a fault: 288 names, two children a household, six grids."""
    rows: list[list[Any]] = [["青禾村农村留守儿童花名册"], [AS_OF], HEADINGS]
    for number in range(300):
        house, name = number // 2, child_name(number % 288)
        surname = child_name(house * 2)[0]
        # Beyond 288 names begin again; births keep the namesakes apart.
        born = birth(number)
        rows.append(
            [
                number + 1, GRIDS[house % 6], f"{surname}大叔{house + 1:03d}".translate(_HAN), name,
                "男" if number % 2 else "女", born, id_number(born, number * 2 % 998 + number % 2 + 1),
                f"{surname}大哥{house + 1:03d}".translate(_HAN), phone(house), "广东省东莞市",
                f"田大姐{house + 1:03d}".translate(_HAN), "广东省东莞市",
                f"{surname}大叔{house + 1:03d}".translate(_HAN), "爷爷", phone(1000 + house),
                f"{GRIDS[house % 6]}{house + 1}号", "禾溪镇中心学校", "三年级",
            ]
        )  # fmt: skip
        rows[-1][4] = "男" if int(str(rows[-1][6])[16]) % 2 else "女"
    return by_xlsxwriter({"花名册": rows})


_HAN = str.maketrans("0123456789", "零一二三四五六七八九")


def merged() -> bytes:
    """Titles, headings in two rows with merged groups, heads merged over their children."""
    rows: list[list[Any]] = [
        ["青禾村留守儿童基本情况登记表"], [AS_OF],
        ["序号", "组别", "户主", "儿童基本情况", None, None, None, "父亲", None, None, "母亲", None, None,
         "监护人", None, None, "家庭住址", "备注"],
        [None, None, None, "姓 名", "性别", "出生年月", "身份证号", "姓名", "电话", "务工地点", "姓名", "电话",
         "务工地点", "姓名", "与儿童关系", "联系电话"],
        [1, "上坪组", "谷大叔甲", "谷 小 满", "女", "2014.3", id_number(date(2014, 3, 12), 2), "谷大哥乙",
         phone(1), "广东东莞", "方大姐丙", phone(2), "广东东莞", "谷大叔甲", "爷爷",
         f"{phone(3)}/{phone(4)}", "上坪组12号"],
        [2, None, None, "谷立夏", "男", date(2016, 9, 5), None, "谷大哥乙", phone(1), "广东东莞", "方大姐丙",
         phone(2), "广东东莞", "谷大叔甲", "爷爷", phone(3), "上坪组12号"],
        [3, "河湾组", "安大婶丁", "安白露", "女", "2012年11月20日", id_number(date(2012, 11, 20), 14),
         "安大哥戊（已故）", None, None, "石大姐己", None, "浙江", "安大婶丁", "祖孙", "不详", "河湾组3号", "低保"],
    ]  # fmt: skip
    merges = [
        "A1:R1",
        "A2:R2",
        "A3:A4",
        "B3:B4",
        "C3:C4",
        "D3:G3",
        "H3:J3",
        "K3:M3",
        "N3:P3",
        "Q3:Q4",
        "R3:R4",
        "B5:B6",
        "C5:C6",
    ]
    return by_openpyxl({"登记表": rows}, merges)


def paged() -> bytes:
    """An old .xls as printed: subtotals, titles and headings on each page, blank rows, notes."""
    head = ["序号", "小组", "户主", "姓名", "性别", "出生年月", "监护人", "关系", "电话", "住址"]
    rows: list[list[Any]] = [["青禾村留守儿童花名册（2025年3月）"], [], head]
    births = [2014.03, 2013.1, 2015.12, 2016.07, "2015.5.6", "14.3.5", 41703, "20170908"]
    for number, born in enumerate(births):
        if number == 4:
            rows += [["小计", None, None, "4人"], [], ["青禾村留守儿童花名册（2025年3月）"], head]
        surname = child_name(number)[0]
        rows.append(
            [number + 1, GRIDS[number % 2], f"{surname}大叔甲", child_name(number), number % 2 + 1, born,
             f"{surname}大叔甲", "奶孙" if number % 2 else "爷孙", int(phone(number)), f"{number + 1}号"]
        )  # fmt: skip
    rows += [["合计", None, None, "共8人"], [], ["注：本表一式两份"], ["填表人：谷大姐乙"]]
    return by_xlwt("Sheet1", rows)


def typed() -> bytes:
    """A .csv in GB 18030: wide digits and letters, spaces in names, days in every spelling."""
    rows: list[list[Any]] = [
        ["村民组", "儿童姓名", "性别", "出生日期", "身份证号", "家长姓名", "监护人姓名", "与儿童关系", "联系电话", "类型"],
        ["竹林组", "石　惊 蛰", "男", "２０１４年３月５日", wide(id_number(date(2014, 3, 5), 21)), "石大哥甲、江大姐乙",
         "石大叔丙", "爷爷", wide(phone(11)), "双方外出"],
        ["竹林组", "江春分", "女", "2015/6/7", "", "江大哥甲、林大姐乙", "江大婶丙", "外婆", phone(12), "父母均外出"],
        ["竹 林", "丘清明", "女", "二〇一六年十二月初五", "", "丘大哥甲、乔大姐乙", "丘大婶丙", "奶奶", phone(13), "父外出"],
        ["４组", "林谷雨", "男", "2013-01-02 00:00:00", "", "林大哥甲、卫大姐乙", "林大姑丙", "姑姑", phone(14), "母外出"],
        ["竹林组", "田芒种", "男", "农历2014年八月十五", "", "田大哥甲、宁大姐乙", "田大叔丙", "大伯", phone(15), "双方"],
        ["竹林组", "乔夏至", "女", "2012.11", "", "乔大哥甲、温大姐乙", "乔大婶丙", "邻居", phone(16), "孤儿"],
    ]  # fmt: skip
    return by_csv(rows, "gb18030")


def aged() -> bytes:
    """A .csv in UTF-8 with a mark: ages instead of births, one head for several lines, 同上."""
    rows = [
        ["学堂组留守儿童摸底表", *[""] * 8],
        [AS_OF, *[""] * 8],
        ["序号", "户主", "姓名", "性别", "年龄", "监护人", "与儿童关系", "手机", "住址"],
        ["1", "卫大叔甲", "卫小暑", "男", "8", "卫大叔甲", "爷爷", phone(21), "学堂组1号"],
        ["2", "同上", "卫大暑", "女", "5周岁", "同上", "同上", "同上", "同上"],
        ["3", "温大婶乙", "温立秋", "女", "虚岁12", "温大婶乙", "奶奶", "", "学堂组2号"],
        ["4", "宁大叔丙", "宁处暑", "男", "10个月", "宁大叔丙", "外公", phone(23), "学堂组3号"],
        ["合计", "", "4人", "", "", "", "", "", ""],
    ]
    return by_csv(rows, "utf-8-sig")


def sheeted() -> bytes:
    """One sheet a grid, named as the grid, no column for it; a hidden sheet of choices."""
    head = [
        "姓名",
        "性别",
        "出生日期",
        "父亲",
        "联系电话",
        "务工地点",
        "母亲",
        "联系电话",
        "务工地点",
        "照护人",
        "关系",
    ]
    sheets: dict[str, Rows] = {}
    for place, grid in enumerate(GRIDS[:3]):
        rows: list[list[Any]] = [[f"{grid}留守儿童名单"], head]
        for number in range(place * 4, place * 4 + 4):
            surname = child_name(number)[0]
            rows.append(
                [child_name(number + 24), "男", birth(number), f"{surname}大哥{GRIDS[place][0]}",
                 phone(100 + number), "深圳", f"方大姐{surname}", phone(200 + number), "深圳",
                 f"{surname}大叔{GRIDS[place][0]}", "爷爷"]
            )  # fmt: skip
        sheets[grid] = rows
    sheets["选项"] = [["男", "女"], ["是", "否"]]
    return by_xlsxwriter(sheets, hidden=["选项"])


def doubtful() -> bytes:
    """Numbers with wrong ends, birth and sex against the number, one child twice, formulas."""
    good = id_number(date(2014, 3, 12), 17)
    head = ["村民组", "户主", "姓名", "性别", "出生日期", "身份证号", "监护人", "关系", "电话"]
    rows: list[list[Any]] = [
        head,
        ["新桥组", "方大叔甲", "方白露", "男", "2014-03-12", wrong(good), "方大叔甲", "爷爷",
         f"{phone(31)}、{phone(32)}"],
        ["新桥组", "方大叔乙", "方秋分", "女", "2014-03-13", id_number(date(2014, 3, 12), 19), "方大叔乙", "爷爷",
         f"{phone(33)} {phone(34)}"],
        ["新桥组", "方大叔丙", "方寒露", None, None, id_number(date(2015, 4, 6), 22), "方大叔丙", "爷爷",
         f"爷爷{phone(35)}；姑姑{phone(36)}"],
        ["新桥组", "方大叔丙", "方寒露", "女", "2015-04-06", None, "方大叔丙", "爷爷", phone(37)],
        ["新桥组", "方大叔丁", "=\"方\"&\"霜降\"", "男", "2016-01-01", None, "方大叔丁", "爷爷", phone(38)],
        ["新桥组", "方大叔戊", "方立冬", "男", "=DATE(2016,1,2)", None, "方大叔戊", "爷爷", "138000"],
        ["新桥组", "方大叔己", "方小雪", "男", "2013-05-06", 990000201305060000, "方大叔己", "爷爷", None],
    ]  # fmt: skip
    return by_openpyxl({"新桥组": rows})


def schooled() -> bytes:
    """A school's list: classes in words, 家长 and phones together, no household, ticks."""
    rows: list[list[Any]] = [
        ["禾溪镇中心学校留守儿童统计表"], [AS_OF],
        ["班级", "学生姓名", "性别", "出生年月", "家庭住址", "父母姓名", "家长电话", "父母务工地点", "是否寄宿",
         "父母双方外出", "班主任", "联系电话", "兴趣爱好", "家庭经济来源"],
        ["三(2)班", "温大雪", "女", 2016.5, "青禾村下坪组", "温大哥甲/林大姐乙", f"{phone(41)}/{phone(42)}",
         "父：广东；母：浙江杭州", "√", "√", "田老师", phone(49), "画画、阅读、滑板", "打工"],
        ["初二", "宁冬至", "男", 2012.8, "青禾村下坪组", "宁大哥甲、田大姐乙", phone(43), "广东", "否", "是", "田老师",
         phone(49), "球类", "打工、种养殖业"],
        ["大班", "谷小寒", "女", "2020年2月", "青禾村", "谷大哥甲", phone(44), "江苏", "", "", "江老师", "", "", ""],
        ["502班", "方大寒", "男", "2015.2", "青禾村新桥组", "方大哥甲 石大姐乙", phone(45), "", "", "√", "", "", "", ""],
    ]  # fmt: skip
    return by_openpyxl({"名单": rows}, ["A1:N1"])


def sectioned() -> bytes:
    """Groups as rows of their own, remarks in names, carers by kinship only, merged downwards."""
    head = ["序号", "姓名", "性别", "出生日期", "身份证号", "父亲姓名", "去向", "母亲姓名", "去向", "监护人", "与儿童关系",
            "联系电话", "健康状况"]  # fmt: skip
    rows: list[list[Any]] = [
        ["青禾村农村留守儿童信息表"], head,
        ["一、上坪组"],
        [1, "江立春", "女", date(2015, 2, 4), "未上户口", "江大哥甲", "广东", "卫大姐乙", "在家务农", "母亲", None,
         phone(51), "良好"],
        [2, "江雨水", "男", date(2013, 2, 19), None, "江大哥丙（服刑）", None, "卫大姐丁（离家出走）", None,
         "江大爷戊、江大娘己", "爷爷、奶奶", phone(52), "残疾"],
        ["二、下坪组"],
        [3, "丘惊蛰", "女", date(2016, 3, 6), None, "已故", None, "石大姐庚", "浙江", "丘大爷辛", "祖孙", phone(53), "健康"],
        [4, "丘春分", "男", date(2017, 3, 21), None, "丘大哥壬", "深圳", "石大姐癸", "深圳", "爷爷", None, phone(54), "健康"],
        [None, "合计", "4人"],
    ]  # fmt: skip
    return by_openpyxl({"信息表": rows}, ["A1:M1", "A3:M3", "A6:M6"])


def refused() -> bytes:
    """Rows that cannot be taken, one of each kind, beside one that can."""
    head = ["村民组", "户主", "姓名", "性别", "出生日期", "身份证号", "监护人", "关系"]
    shared = id_number(date(2014, 5, 5), 33)
    rows: list[list[Any]] = [
        ["退回示例"],
        head,
        ["上坪组", "林大叔甲", "林立春", "男", "2014-05-05", shared, "林大叔甲", "爷爷"],
        ["上坪组", "林大叔甲", "", "女", "2015-05-05", None, "林大叔甲", "爷爷"],
        ["上坪组", "林大叔甲", "林123", "女", "2015-05-05", None, "林大叔甲", "爷爷"],
        ["云上组", "林大叔乙", "林雨水", "女", "2015-05-06", None, "林大叔乙", "爷爷"],
        [None, "林大叔丙", "林惊蛰", "女", "2015-05-07", None, "林大叔丙", "爷爷"],
        ["上坪组", None, "林春分", "女", "2015-05-08", None, None, None],
        ["上坪组", "林大叔丁", "林清明", "女", "2015-02-30", None, "林大叔丁", "爷爷"],
        ["上坪组", "林大叔丁", "林谷雨", "女", "2999-02-03", None, "林大叔丁", "爷爷"],
        ["上坪组", "林大叔戊", "林立夏", "女", "1999-02-03", None, "林大叔戊", "爷爷"],
        ["上坪组", "林大叔己", "田小满", "男", "2014-05-05", shared, "林大叔己", "爷爷"],
        ["上坪组", "林大叔庚", "+林芒种", "男", "2014-05-06", None, "林大叔庚", "爷爷"],
    ]
    return by_xlsxwriter({"名册": rows})


ROSTERS: dict[str, Callable[[], bytes]] = {
    "01-clean-300.xlsx": clean,
    "02-merged-headings.xlsx": merged,
    "03-printed-pages.xls": paged,
    "04-typed-gb18030.csv": typed,
    "05-ages-utf8.csv": aged,
    "06-a-sheet-a-grid.xlsx": sheeted,
    "07-doubtful-numbers.xlsx": doubtful,
    "08-school-list.xlsx": schooled,
    "09-groups-as-rows.xlsx": sectioned,
    "10-refused-rows.xlsx": refused,
}


def write_all(folder: Path) -> None:
    """Writes every roster into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in ROSTERS.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
