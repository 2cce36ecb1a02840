"""The messy rosters: what is made of each mess, one sentence a test."""

from datetime import date

import pytest

from server.office.roster import Preview, RosterRefused
from tests.server.office.roster import rosters
from tests.server.office.roster.cast import GRIDS, VILLAGE, id_number, phone, wrong
from tests.server.office.roster.rosters import ROSTERS, by_csv, by_openpyxl, by_xlsxwriter
from tests.server.office.roster.village import child, codes, fields_of, previewed

COUNTS = {
    "01-clean-300.xlsx": (300, 300, 0, 0),
    "02-merged-headings.xlsx": (3, 3, 0, 0),
    "03-printed-pages.xls": (8, 8, 0, 0),
    "04-typed-gb18030.csv": (6, 6, 0, 0),
    "05-ages-utf8.csv": (4, 4, 0, 0),
    "06-a-sheet-a-grid.xlsx": (12, 12, 0, 0),
    "07-doubtful-numbers.xlsx": (7, 5, 1, 1),
    "08-school-list.xlsx": (4, 3, 0, 1),
    "09-groups-as-rows.xlsx": (4, 4, 0, 0),
    "10-refused-rows.xlsx": (11, 1, 0, 10),
}
"""Rows, created, twice in the sheet, refused."""


def planned(number: str) -> Preview:
    name = next(name for name in ROSTERS if name.startswith(number))
    return previewed(ROSTERS[name](), name)


@pytest.mark.parametrize("name", ROSTERS)
def test_every_row_of_a_messy_roster_is_accounted_for(name: str) -> None:
    counts = previewed(ROSTERS[name](), name).counts()

    told = (counts["rows"], counts["created"], counts["twins"], counts["refused"])
    assert told == COUNTS[name]
    assert counts["rows"] == sum(counts[code] for code in counts if code != "rows")


def test_a_clean_roster_makes_no_remarks() -> None:
    clean = planned("01")

    assert clean.warnings == []
    assert clean.created() == {
        "household": 150, "child": 300, "person": 450, "parent_link": 600, "guardianship": 300,
    }  # fmt: skip


def test_titles_and_two_rows_of_merged_headings_are_understood() -> None:
    sheet = planned("02").sheets[0]

    assert (sheet.header_row, sheet.header_depth, sheet.unknown) == (2, 2, [])
    assert sheet.columns["father.work_address"] == 9
    assert sheet.columns["mother.phones"] == 11
    assert sheet.columns["carer.relation"] == 14


def test_merged_headings_survive_being_saved_as_csv() -> None:
    rows = [
        ["姓名", "父亲", "", "", "母亲", "", "监护人"],
        ["", "姓名", "电话", "务工地点", "姓名", "电话", ""],
        ["谷小满", "谷大哥甲", phone(1), "广东", "方大姐乙", phone(2), "谷大叔丙"],
    ]

    columns = previewed(by_csv(rows, "utf-8"), grid="01").sheets[0].columns

    assert columns["father.work_address"] == 3
    assert columns["mother.phones"] == 5
    assert columns["carer.name"] == 6


def test_a_head_merged_over_two_children_makes_one_household() -> None:
    house = planned("02").households[0]

    assert house.label == "谷大叔甲"
    assert house.rows == ["登记表!5", "登记表!6"]
    assert sum(change.type == "person" for change in house.changes) == 3


def test_spaces_inside_a_name_go() -> None:
    assert child(planned("02"), "谷小满")["sex"] == "2"


def test_a_month_is_refined_by_the_identity_number() -> None:
    found = child(planned("02"), "谷小满")

    assert (found["birth_date"], found["birth_approximate"]) == ("2014-03-12", "exact")


def test_a_cell_with_two_phones_gives_two() -> None:
    carer = next(one for one in fields_of(planned("02"), "person") if one["name"] == "谷大叔甲")
    numbers = {value["number"] for key, value in carer.items() if key.startswith("phones/")}

    assert numbers == {phone(3), phone(4)}


def test_a_dead_father_is_a_person_who_is_dead() -> None:
    merged = planned("02")
    father = next(one for one in fields_of(merged, "person") if one["name"] == "安大哥戊")

    assert father["alive"] == "N"
    assert child(merged, "安白露")["left_behind_fact"] == "D"


def test_a_word_for_grandparent_and_grandchild_is_flagged() -> None:
    assert "relation_unclear" in codes(planned("02"), "安白露")


def test_subtotals_blank_rows_repeated_titles_and_headings_are_left_out() -> None:
    skipped = planned("03").sheets[0].skipped

    assert skipped["total"] == 2
    assert skipped["header"] == 1
    assert skipped["title"] == 1
    assert skipped["foot"] == 2


def test_births_as_numbers_text_and_serials_stand_in_one_column() -> None:
    births = [one["birth_date"] for one in fields_of(planned("03"), "child")]

    assert births == [
        "2014-03-01", "2013-10-01", "2015-12-01", "2016-07-01", "2015-05-06", "2014-03-05",
        "2014-03-05", "2017-09-08",
    ]  # fmt: skip


def test_sexes_as_numbers_are_read() -> None:
    assert [one["sex"] for one in fields_of(planned("03"), "child")[:2]] == ["1", "2"]


def test_full_width_text_in_gb18030_is_read() -> None:
    typed = planned("04")
    found = child(typed, "石惊蛰")

    assert found["birth_date"] == "2014-03-05"
    assert found["id_number"] == id_number(date(2014, 3, 5), 21)
    assert typed.households[0].grid_code == f"{VILLAGE}04"


def test_a_grid_is_known_by_its_number_as_well() -> None:
    assert {house.grid_code for house in planned("04").households} == {f"{VILLAGE}04"}


def test_left_behind_words_become_facts() -> None:
    facts = [one["left_behind_fact"] for one in fields_of(planned("04"), "child")]

    assert facts == ["B", "B", "F", "M", "B", "D"]


def test_a_lunar_birthday_is_kept_and_marked() -> None:
    assert child(planned("04"), "田芒种")["birth_lunar"] == "Y"


def test_ages_become_approximate_births_as_of_the_sheets_day() -> None:
    aged = planned("05")
    found = child(aged, "卫小暑")

    assert aged.sheets[0].as_of == "2025-08-31"
    assert (found["birth_date"], found["birth_approximate"]) == ("2017-03-01", "year")
    assert "from_age" in codes(aged, "卫小暑")


def test_the_same_as_above_is_understood() -> None:
    aged = planned("05")

    assert aged.households[0].rows == ["05-ages-utf8!4", "05-ages-utf8!5"]


def test_the_name_of_a_sheet_or_a_title_is_the_grid_of_its_rows() -> None:
    grids = [house.grid_code[-2:] for house in planned("06").households]

    assert grids == ["01"] * 4 + ["02"] * 4 + ["03"] * 4
    assert {house.grid_code for house in planned("05").households} == {f"{VILLAGE}05"}


def test_a_phone_beside_a_name_is_that_persons() -> None:
    people = fields_of(planned("06"), "person")
    father = next(one for one in people if one["sex"] == "1" and "大哥" in one["name"])

    assert [v["number"] for k, v in father.items() if k.startswith("phones/")] == [phone(100)]


def test_a_wrong_checksum_is_kept_as_typed_and_flagged() -> None:
    doubtful = planned("07")

    assert child(doubtful, "方白露")["id_number"] == wrong(id_number(date(2014, 3, 12), 17))
    assert codes(doubtful, "方白露") == {"id_wrong"}


def test_birth_and_sex_against_the_number_are_flagged_and_kept() -> None:
    doubtful = planned("07")
    found = child(doubtful, "方秋分")

    assert (found["birth_date"], found["sex"]) == ("2014-03-13", "2")
    assert codes(doubtful, "方秋分") == {"id_birth", "id_sex"}


def test_a_number_fills_in_birth_and_sex() -> None:
    found = child(planned("07"), "方寒露")

    assert (found["birth_date"], found["birth_approximate"], found["sex"]) == (
        "2015-04-06", "exact", "2",
    )  # fmt: skip


def test_the_same_child_twice_is_one_child() -> None:
    doubtful = planned("07")
    (twin,) = doubtful.twins

    assert (twin.row, twin.of_row, twin.reason) == (5, 4, "name_household")
    assert sum(one["name"] == "方寒露" for one in fields_of(doubtful, "child")) == 1


def test_a_formula_in_a_name_refuses_its_row_alone() -> None:
    doubtful = planned("07")

    assert [(one.row, one.note.code, one.note.cell) for one in doubtful.refused] == [
        (6, "formula", "C6")
    ]


def test_a_number_that_a_sheet_has_rounded_is_flagged() -> None:
    assert codes(planned("07"), "方小雪") == {"id_rounded"}


def test_a_schools_list_gives_stage_grade_and_class() -> None:
    found = child(planned("08"), "温大雪")

    assert (found["school_stage"], found["grade"], found["class_name"]) == ("2", "P3", "2班")
    assert child(planned("08"), "宁冬至")["grade"] == "J2"
    assert child(planned("08"), "方大寒")["class_name"] == "2班"


def test_ticks_are_yes() -> None:
    found = child(planned("08"), "温大雪")

    assert (found["boarding"], found["left_behind_fact"]) == ("2", "B")
    assert child(planned("08"), "宁冬至")["boarding"] == "1"


def test_both_parents_in_one_cell_are_two_people_with_their_own_phones_and_places() -> None:
    school = planned("08")
    people = {one["name"]: one for one in fields_of(school, "person")}
    places = [one.get("work_address") for one in fields_of(school, "parent_link")[:2]]

    numbers = [
        value["number"] for key, value in people["林大姐乙"].items() if key.startswith("phones/")
    ]
    assert numbers == [phone(42)]
    assert places == ["广东", "浙江杭州"]


def test_words_for_several_choices_are_codes_and_the_rest_is_kept_as_text() -> None:
    school = planned("08")
    found = child(school, "温大雪")

    assert found["hobby/01"] is True
    assert "滑板" in found["hobby_other"]
    assert fields_of(school, "household")[1]["income_source/2"] is True


def test_groups_as_rows_are_the_grid_of_the_rows_below() -> None:
    assert [house.grid_code[-2:] for house in planned("09").households] == ["01", "01", "02", "02"]


def test_a_carer_named_only_mother_is_the_mother_of_the_row() -> None:
    sections = planned("09")
    mother = next(one for one in fields_of(sections, "person") if one["name"] == "卫大姐乙")
    guardianship = fields_of(sections, "guardianship")[0]

    assert any(key.startswith("phones/") for key in mother)
    assert (guardianship["relation"], guardianship["carer_kind"]) == ("52", "MO")


def test_two_carers_in_one_cell_are_two_and_the_first_is_the_main_one() -> None:
    carers = fields_of(planned("09"), "guardianship")[1:3]

    assert [(one["relation"], one["is_main"]) for one in carers] == [("61", "Y"), ("62", "N")]


def test_a_carer_without_a_name_is_said_to_be_missing() -> None:
    assert "carer_unnamed" in codes(planned("09"), "丘春分")


def test_not_yet_registered_is_a_reason_and_no_number() -> None:
    found = child(planned("09"), "江立春")

    assert found["id_absent_reason"] == "NOREG"
    assert "id_number" not in found


def test_every_refused_row_says_why() -> None:
    refused = planned("10")

    assert [(one.row, one.note.code) for one in refused.refused] == [
        (4, "no_name"), (5, "bad_name"), (6, "unknown_grid"), (7, "no_grid"), (8, "no_household"),
        (9, "impossible_date"), (10, "impossible_date"), (11, "not_minor"), (12, "id_shared"),
        (13, "formula"),
    ]  # fmt: skip
    assert "上坪组" in refused.refused[2].note.details["known"]


def test_a_chosen_grid_takes_rows_without_one_and_with_an_unknown_one() -> None:
    chosen = previewed(rosters.refused(), grid="下坪组")

    homes = {house.label: house.grid_code for house in chosen.households}
    assert homes["林大叔乙"] == homes["林大叔丙"] == f"{VILLAGE}02"


def test_missing_grids_are_made_when_the_clerk_says_so() -> None:
    made = previewed(rosters.refused(), create_grids=True)

    assert [(one.set["name"], one.set["grid_code"]) for one in made.grids] == [
        ("云上组", f"{VILLAGE}07")
    ]


@pytest.mark.parametrize(("number", "made"), [("06", 3), ("09", 2)])
def test_grids_named_by_sheets_or_group_rows_can_be_made_too(number: str, made: int) -> None:
    name = next(name for name in ROSTERS if name.startswith(number))

    found = previewed(ROSTERS[name](), name, rows=[], create_grids=True)

    assert [one.set["name"] for one in found.grids] == list(GRIDS[:made])
    assert found.counts()["refused"] == 0


def test_a_grid_can_be_chosen_for_one_sheet() -> None:
    chosen = previewed(rosters.schooled(), grids={"名单": "01"})

    assert chosen.counts()["refused"] == 0
    assert {house.grid_code for house in chosen.households} == {f"{VILLAGE}01"}


def test_an_unknown_choice_of_grid_is_refused_as_a_whole() -> None:
    with pytest.raises(RosterRefused) as refusal:
        previewed(rosters.schooled(), grid="云上组")

    assert refusal.value.code == "roster_unknown_grid"
    assert all(grid in refusal.value.message("zh") for grid in GRIDS)


def test_a_file_without_a_heading_row_is_refused() -> None:
    with pytest.raises(RosterRefused) as refusal:
        previewed(by_xlsxwriter({"会议": [["会议记录"], ["时间", "地点"]]}))

    assert refusal.value.code == "roster_no_header"


def test_a_formulas_result_is_taken_for_what_is_not_identity() -> None:
    rows = [
        ["村民组", "姓名", "性别", "监护人", "家庭人口"],
        ["上坪组", "谷小满", "女", "谷大叔甲", "=2+3"],
    ]
    data = by_openpyxl({"名册": rows})

    found = previewed(data)

    assert "not_computed" in codes(found, "谷小满")
    assert found.counts()["created"] == 1


def test_text_that_begins_like_a_formula_is_left_out() -> None:
    rows = [
        ["村民组", "姓名", "性别", "监护人", "家庭住址"],
        ["上坪组", "谷小满", "女", "谷大叔甲", "=cmd|x"],
    ]

    found = previewed(by_csv(rows, "utf-8"))

    assert "injection" in codes(found, "谷小满")
    assert all("address" not in one for one in fields_of(found, "household"))
