"""Rows beside a register that already knows some of the children."""

from datetime import date
from typing import Any

from server.office.roster import Preview, preview
from server.office.roster.preview import Options
from tests.server.office.roster import rosters
from tests.server.office.roster.cast import VILLAGE, id_number, phone, wrong
from tests.server.office.roster.rosters import ROSTERS, by_csv
from tests.server.office.roster.village import TODAY, Record, child, previewed, registered

NUMBER = id_number(date(2014, 3, 12), 17)
HEAD = ["村民组", "户主", "姓名", "性别", "出生日期", "身份证号", "监护人", "关系", "电话", "学校"]
ROW = ["上坪组", "谷大叔甲", "谷小满", "男", "2014-03-12", NUMBER, "谷大叔甲", "爷爷", phone(1), ""]


def sheet(**changes: Any) -> bytes:
    """One row like ROW with cells changed by heading."""
    row = [changes.get(heading, value) for heading, value in zip(HEAD, ROW, strict=True)]
    return by_csv([HEAD, row], "utf-8")


def village() -> list[Record]:
    return registered(previewed(sheet()))


def again(**changes: Any) -> Preview:
    return previewed(sheet(**changes), rows=village(), base=8)


def test_the_same_file_again_creates_and_changes_nothing() -> None:
    for name, make in ROSTERS.items():
        first = previewed(make(), name)

        second = previewed(make(), name, rows=registered(first), base=8)

        assert second.changes() == [], name
        assert second.counts()["matched"] == first.counts()["created"], name


def test_a_child_is_known_by_a_sound_number_under_another_name() -> None:
    (match,) = again(姓名="谷晓满").matches

    assert (match.reason, match.action, match.found) == ("id", "fill", "谷小满")
    assert [(one.field, one.register, one.sheet) for one in match.differs] == [
        ("name", "谷小满", "谷晓满")
    ]


def test_a_wrong_number_is_never_a_key() -> None:
    wrong_one = {
        "身份证号": wrong(NUMBER),
        "出生日期": "",
        "户主": "方大叔乙",
        "监护人": "方大叔乙",
        "电话": "",
    }
    known = registered(previewed(sheet(**wrong_one)))

    found = previewed(sheet(**wrong_one, 姓名="石惊蛰"), rows=known, base=8)

    assert found.matches == []
    assert found.counts()["created"] == 1


def test_a_child_is_known_by_name_and_birth() -> None:
    (match,) = again(身份证号="", 户主="方大叔乙", 监护人="方大叔乙", 电话="").matches

    assert match.reason == "name_birth"


def test_a_namesake_with_a_birth_from_an_age_is_not_taken_for_the_same_child() -> None:
    head = ["姓名", "性别", "年龄", "监护人"]
    rows = [head, ["谷小满", "女", "11", "方大叔乙"]]

    found = previewed(by_csv(rows, "utf-8"), rows=village(), base=8, grid="06")

    assert [(match.reason, match.action) for match in found.matches] == [("name_near", "leave")]
    assert found.changes() == []


def test_two_namesakes_of_one_age_in_two_households_of_a_sheet_are_two() -> None:
    head = ["村民组", "户主", "姓名", "性别", "年龄"]
    rows = [
        head,
        ["上坪组", "谷大叔甲", "谷小满", "男", "8"],
        ["下坪组", "方大叔乙", "谷小满", "女", "8"],
    ]

    assert previewed(by_csv(rows, "utf-8")).counts()["created"] == 2


def test_name_and_birth_with_another_sex_wait_for_a_decision() -> None:
    (match,) = again(身份证号="", 性别="女", 户主="方大叔乙", 监护人="方大叔乙", 电话="").matches

    assert (match.reason, match.action) == ("name_near", "leave")


def test_a_household_without_a_head_column_is_known_by_its_carer() -> None:
    head = ["村民组", "姓名", "性别", "年龄", "监护人", "关系"]
    data = by_csv([head, ["上坪组", "谷小满", "女", "8", "谷大叔甲", "爷爷"]], "utf-8")

    found = previewed(data, rows=registered(previewed(data)), base=8)

    assert [match.reason for match in found.matches] == ["name_household"]
    assert found.changes() == []


def test_another_sound_number_is_another_child() -> None:
    other = id_number(date(2014, 3, 12), 19)

    found = again(身份证号=other, 户主="方大叔乙", 监护人="方大叔乙", 电话=phone(2))

    assert [match.reason for match in found.matches] == ["pinyin"]
    assert found.counts()["left"] == 1


def test_a_child_is_known_by_name_in_its_household() -> None:
    (match,) = again(身份证号="", 出生日期="").matches

    assert match.reason == "name_household"


def test_a_child_is_known_by_name_and_a_carers_phone() -> None:
    (match,) = again(身份证号="", 出生日期="", 户主="方大叔乙", 监护人="方大叔乙").matches

    assert match.reason == "name_phone"


def test_a_name_that_sounds_alike_waits_for_a_decision() -> None:
    found = again(身份证号="", 姓名="谷晓满", 出生日期="2014-04-10")

    assert [(match.reason, match.action) for match in found.matches] == [("pinyin", "leave")]
    assert found.changes() == []


def test_the_clerk_decides_what_sounds_alike() -> None:
    data = sheet(身份证号="", 姓名="谷晓满", 出生日期="2014-04-10")
    place = "roster!2"

    created = previewed(data, rows=village(), base=8, decisions={place: "create"})
    filled = previewed(data, rows=village(), base=8, decisions={place: "fill"})

    assert created.counts()["created"] == 1
    assert filled.counts() == {
        "rows": 1, "created": 0, "matched": 1, "left": 0, "twins": 0, "refused": 0,
    }  # fmt: skip


def test_only_empty_fields_are_filled_and_differences_listed() -> None:
    found = again(学校="禾溪镇中心学校", 性别="女")
    (change,) = found.changes()

    assert (change.type, change.base, change.set) == ("child", 8, {"school_name": "禾溪镇中心学校"})
    assert [one.field for one in found.matches[0].differs] == ["sex"]
    assert found.matches[0].filled == ["child.school_name"]


def test_differences_are_written_only_when_told() -> None:
    found = previewed(sheet(性别="女", 电话=phone(2)), rows=village(), base=8, overwrite=True)

    written = {change.type: change.set for change in found.changes()}
    assert written["child"] == {"sex": "2"}
    assert [value["number"] for value in written["person"].values()] == [phone(2)]


def test_another_carer_does_not_replace_the_one_in_the_register() -> None:
    found = again(监护人="谷大婶乙", 关系="奶奶")

    assert found.changes() == []
    assert [(one.register, one.sheet) for one in found.matches[0].differs] == [
        ("谷大叔甲", "谷大婶乙")
    ]


def test_another_heads_address_does_not_fill_the_household() -> None:
    head = [*HEAD, "家庭住址"]
    row = [
        "上坪组",
        "方大叔乙",
        "谷小满",
        "男",
        "2014-03-12",
        NUMBER,
        "谷大叔甲",
        "爷爷",
        phone(1),
        "",
        "下坪组9号",
    ]

    found = previewed(by_csv([head, row], "utf-8"), rows=village(), base=8)

    assert found.changes() == []
    assert [one.field for one in found.matches[0].differs] == ["head_name"]


def test_a_new_sister_joins_her_brothers_household() -> None:
    found = again(姓名="谷立夏", 身份证号="", 出生日期="2016-05-05", 性别="女")
    house = village()[6]

    assert found.created() == {"child": 1, "guardianship": 1}
    assert child(found, "谷立夏")["household_id"] == house.id


def test_a_household_is_known_by_its_number() -> None:
    rows = village()
    house = next(row for row in rows if row.type == "household")
    house.fields["household_no"] = f"{VILLAGE}01001"
    head = [*HEAD, "户号"]
    row = [
        "上坪组",
        "谷大叔丁",
        "谷立夏",
        "女",
        "2016-05-05",
        "",
        "谷大叔丁",
        "爷爷",
        "",
        "",
        f"{VILLAGE}01001",
    ]

    found = previewed(by_csv([head, row], "utf-8"), rows=rows, base=8)

    assert child(found, "谷立夏")["household_id"] == house.id


def test_one_op_holds_all_of_a_household() -> None:
    found = previewed(rosters.clean())

    assert len(found.households) == len({house.record for house in found.households}) == 150


def test_the_same_head_at_two_addresses_is_two_households() -> None:
    head = ["村民组", "户主", "姓名", "性别", "家庭住址"]
    rows = [
        head,
        ["上坪组", "谷大叔甲", "谷小满", "男", "上坪组1号"],
        ["上坪组", "谷大叔甲", "谷立夏", "男", "上坪组9号"],
    ]

    assert previewed(by_csv(rows, "utf-8")).created()["household"] == 2


def test_the_same_parents_make_one_household_without_a_head() -> None:
    head = ["村民组", "姓名", "性别", "父亲姓名", "母亲姓名"]
    rows = [
        head,
        ["上坪组", "谷小满", "男", "谷大哥甲", "方大姐乙"],
        ["上坪组", "谷立夏", "女", "谷大哥甲", "方大姐乙"],
        ["上坪组", "石小暑", "女", "石大哥甲", "方大姐乙"],
    ]

    found = previewed(by_csv(rows, "utf-8"))

    assert [house.label for house in found.households] == ["谷大哥甲", "石大哥甲"]


def test_a_preview_is_the_same_for_the_same_file_base_and_register() -> None:
    one, two, later = (previewed(sheet()), previewed(sheet()), previewed(sheet(), base=8))

    assert one.digest == two.digest
    assert one.digest != later.digest


def test_a_preview_survives_json() -> None:
    found = again(学校="禾溪镇中心学校", 性别="女")

    assert Preview.decode(found.encode()).digest == found.digest
    assert Preview.decode(found.encode()) == found


def test_ids_of_new_records_are_32_hex_digits() -> None:
    for change in previewed(rosters.merged()).changes():
        assert len(change.record) == 32
        int(change.record, 16)


def test_a_preview_needs_no_rows_of_other_types() -> None:
    data = rosters.merged()

    found = preview(
        data, "x.xlsx", [], village=VILLAGE, base=0, today=TODAY, options=Options(create_grids=True)
    )

    assert [one.set["name"] for one in found.grids] == ["上坪组", "河湾组"]
