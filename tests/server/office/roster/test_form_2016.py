"""The national registration form of 2016: every column of it is recognised, and nothing is lost in silence."""

from typing import Any

from tests.server.office.roster.cast import GRIDS, phone
from tests.server.office.roster.rosters import by_openpyxl
from tests.server.office.roster.village import child, fields_of, previewed

FORM: list[tuple[str, list[str]]] = [
    ("姓名", []), ("性别", []), ("民族", []), ("出生日期", []), ("公民身份证号码", []), ("是否登记户口", []),
    ("户籍所在地", []), ("现居住地", []), ("身体情况", []), ("残疾类别及等级", []), ("患病类型", []),
    ("是否学校寄宿", []), ("就学情况", []),
    ("祖父", ["姓名", "出生日期"]), ("祖母", ["姓名", "出生日期"]),
    ("外祖父", ["姓名", "出生日期"]), ("外祖母", ["姓名", "出生日期"]),
    ("父亲", ["姓名", "出生日期", "当前务工地点", "联系电话", "身份证号"]),
    ("母亲", ["姓名", "出生日期", "当前务工地点", "联系电话", "身份证号"]),
    ("父母双方同时外出", []), ("一方外出另一方无监护能力", []), ("无监护能力", []), ("有无委托其他监护人", []),
    ("委托监护人", ["姓名", "电话", "身份证号", "与被监护人关系", "居住地"]),
    ("监护类型", []), ("家庭经济来源", []), ("救助帮扶", []), ("负责人", []), ("复核人", []), ("填表人", []),
]  # fmt: skip
FILLED = {
    "姓名": "谷小满", "性别": "女", "民族": "汉", "出生日期": "2016-05-06", "是否登记户口": "是",
    "现居住地": f"{GRIDS[0]}3号", "身体情况": "健康", "是否学校寄宿": "否", "就学情况": "小学",
    "祖父.姓名": "谷大爷甲", "祖父.出生日期": "1950-01-02", "祖母.姓名": "—", "外祖父.姓名": "石大爷乙",
    "父亲.姓名": "谷大哥甲", "父亲.当前务工地点": "广东东莞", "父亲.联系电话": phone(1),
    "母亲.姓名": "石大姐甲", "母亲.当前务工地点": "广东东莞", "父母双方同时外出": "是",
    "一方外出另一方无监护能力": "否", "有无委托其他监护人": "有", "委托监护人.姓名": "谷大爷甲",
    "委托监护人.电话": phone(2), "监护类型": "监护情况较好", "家庭经济来源": "打工", "救助帮扶": "低保",
    "负责人": "方村官甲", "填表人": "林文书甲",
}  # fmt: skip


def letters(column: int) -> str:
    return chr(64 + column) if column <= 26 else "A" + chr(64 + column - 26)


def form(**more: str) -> bytes:
    """The form as a table of one child, with its two rows of merged headings."""
    said = {**FILLED, **{name.replace("__", "."): value for name, value in more.items()}}
    top: list[Any] = []
    below: list[Any] = []
    filled: list[Any] = []
    merges = []
    for group, names in FORM:
        first = len(top) + 1
        for name in names or [""]:
            top.append(group if len(top) + 1 == first else None)
            below.append(name or None)
            filled.append(said.get(f"{group}.{name}" if name else group))
        last = letters(len(top))
        merges.append(f"{letters(first)}3:{last}3" if names else f"{last}3:{last}4")
    titles: list[list[Any]] = [
        ["农村留守儿童基本情况登记表"],
        ["填报单位：青禾村", None, "填报日期：2025-11-20"],
    ]
    return by_openpyxl({"登记表": [*titles, top, below, filled]}, merges)


def test_every_column_of_the_form_is_recognised() -> None:
    sheet = previewed(form()).sheets[0]

    assert sheet.unknown == []
    assert sheet.header_depth == 2


def test_a_grandparent_who_is_the_carer_gives_the_birth_and_the_relation() -> None:
    found = previewed(form())

    people = {it["name"]: it for it in fields_of(found, "person")}
    (care,) = fields_of(found, "guardianship")
    assert people["谷大爷甲"]["birth_date"] == "1950-01-02"
    assert people["谷大爷甲"]["sex"] == "1"
    assert care["relation"] == "61"


def test_a_grandparent_who_is_nobody_else_in_the_row_is_said_to_be_left_out() -> None:
    found = previewed(form())

    assert "石大爷乙" not in {it["name"] for it in fields_of(found, "person")}
    notes = [it.note for it in found.warnings if it.note.code == "kin_not_kept"]
    assert [it.details["word"] for it in notes] == ["外祖父石大爷乙"]


def test_kind_and_grade_of_a_disability_come_out_of_one_cell() -> None:
    made = child(previewed(form(身体情况="残疾", 残疾类别及等级="肢体二级")), "谷小满")

    assert (made["health"], made["disability_kind"], made["disability_grade"]) == ("6", "64", "2")


def test_which_parent_cannot_care_says_which_one_is_away() -> None:
    made = child(
        previewed(
            form(
                父母双方同时外出="否", 一方外出另一方无监护能力="是", 无监护能力="父",
                父亲__当前务工地点="", 母亲__当前务工地点="广东东莞",
            )
        ),
        "谷小满",
    )  # fmt: skip

    assert made["left_behind_fact"] == "M"
    assert made["home_parent_capacity"] == "N3"
