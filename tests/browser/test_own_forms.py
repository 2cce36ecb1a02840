"""表单: a village's own forms, from an Excel file to phones with no network, and back into the office and Excel."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Phones
from tests.browser.office import OfficeScreen
from tests.browser.phone import PhoneScreen
from tests.browser.screen import faults, serious
from tests.forms.sheets import TEN, form_file, sheets_of, xlsx

NAME, GRID = "表单员甲", "上坪组"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def upload(office: OfficeScreen, name: str, content: bytes) -> None:
    await office.menu("表单")
    await office.page.get_by_label("选表").set_input_files(
        {"name": f"{name}.xlsx", "mimeType": SHEET, "buffer": content}
    )
    await office.page.get_by_role("button", name="上传，先看样子").click()


async def publish(office: OfficeScreen, name: str, content: bytes) -> None:
    """Uploads a form, looks at it, and publishes it to the whole village."""
    await upload(office, name, content)
    await expect(office.page.get_by_role("region", name="手机上的样子", exact=True)).to_be_visible()
    await office.page.get_by_role("button", name=re.compile("^发布第")).click()
    await expect(office.page.get_by_text("已发布。手机下次同步就能用。")).to_be_visible()


async def enrolled(office: OfficeScreen, phones: Phones, name: str) -> PhoneScreen:
    if not await office.knows(NAME):
        await office.add_person(NAME, "调查员", GRID)
    phone = await phones(name)
    await phone.enrol((await office.invite(NAME)).link, NAME)
    return phone


async def begin(phone: PhoneScreen, form: str) -> None:
    """From the page of a child, a household or the day to the first page of a form."""
    more = phone.page.locator("details.more-records")
    await phone.tap(more.locator("summary"))
    await phone.tap(more.get_by_role("button", name=form, exact=True))
    await expect(phone.page.locator("main.form h2")).to_be_visible()


async def save(phone: PhoneScreen) -> None:
    await phone.press("保存")
    await phone.see_saved()


def shown(phone: PhoneScreen, question: str) -> str:
    """What stands under a question that the form answers by itself."""
    return f"output[aria-labelledby='q-{question}-label']"


async def see(phone: PhoneScreen, question: str, words: str) -> None:
    await expect(phone.page.locator(shown(phone, question))).to_have_text(words)


# One way through each of the ten; what it leaves is looked for in the office.


async def water_check(phone: PhoneScreen) -> None:
    await phone.choose("主要水源", "自来水")
    await expect(phone.page.get_by_text("水烧开再喝")).to_have_count(0)
    await phone.choose("主要水源", "井水")
    await phone.choose("水烧开再喝", "否")
    await phone.press("下一页")
    await phone.choose("家里有人不舒服吗", "肚子痛")
    await expect(phone.page.get_by_text("说一说")).to_have_count(0)
    await phone.choose("家里有人不舒服吗", "皮肤痒")
    await phone.write("说一说", "下雨以后")
    await save(phone)


async def who_lives_here(phone: PhoneScreen) -> None:
    for at, (name, sex, age) in enumerate((("谷大叔乙", "男", "61"), ("谷小满", "女", "9"))):
        await phone.press("添加一项")
        entry = phone.page.get_by_role("region", name=f"第 {at + 1} 项")
        await entry.get_by_role("textbox", name="姓名").fill(name)
        await entry.get_by_role("radio", name=sex).check()
        await entry.get_by_role("textbox", name="几岁").fill(age)
        await phone.tap(entry.get_by_role("button", name="完成"))
    await phone.press("下一页")
    await see(phone, "people", "2")
    await see(phone, "eldest", "61")
    await save(phone)


async def way_to_school(phone: PhoneScreen) -> None:
    await phone.choose("学校在哪个镇", "东镇")
    await expect(phone.page.get_by_text("西镇小学")).to_have_count(0)
    await phone.choose("学校", "东镇中学")
    await expect(phone.page.get_by_text("渡船")).to_have_count(0)
    await phone.choose("怎么去", "校车")
    await phone.write("单程几公里", "3.5")
    await phone.page.get_by_label("几点出门").fill("07:10")
    await save(phone)


async def weighing(phone: PhoneScreen) -> None:
    await phone.write("身高（厘米）", "900")
    await expect(phone.page.get_by_text("身高在 40 到 220 厘米之间")).to_be_visible()
    await phone.write("身高（厘米）", "120")
    await expect(phone.page.get_by_text("身高在 40 到 220 厘米之间")).to_have_count(0)
    await phone.write("体重（公斤）", "24")
    await phone.write("体检卡号", "AB1234")
    await see(phone, "bmi", "16.7")
    await save(phone)


async def birthday(phone: PhoneScreen) -> None:
    await phone.write_day("出生日期", "2016", "5", "1")
    await see(phone, "stage", "学龄")
    await phone.write_day("哪天过生日", "2027", "5", "1")
    await save(phone)


async def paper_consent(phone: PhoneScreen) -> None:
    await expect(phone.page.get_by_text("这次只问村里办事满不满意，不记姓名")).to_be_visible()
    await phone.choose("已经念给对方听", "已告知")
    await phone.write("打几分", "8")
    await save(phone)


async def toys(phone: PhoneScreen) -> None:
    await phone.choose("喜欢玩什么", "风筝", "其他")
    await phone.write("请说明", "陀螺")
    await see(phone, "many", "2")
    await save(phone)


async def lending(phone: PhoneScreen) -> None:
    await phone.write("书名", "昆虫记")
    await phone.write("书号", "9787530150000")
    signers = phone.page.get_by_role("radiogroup", name="谁签的字").get_by_role("radio")
    await phone.tap(signers.first)
    await expect(phone.page.locator(shown(phone, "signer_name"))).not_to_have_text("—")
    await save(phone)


async def well_round(phone: PhoneScreen) -> None:
    await phone.write("哪口井", "村口老井")
    await expect(phone.answer("能用吗", "能用")).to_be_checked()
    await phone.choose("能用吗", "干了")
    await see(phone, "rounds", "1")
    await save(phone)


async def fridge(phone: PhoneScreen) -> None:
    await phone.write("有几件", "2")
    for at, (what, price) in enumerate((("冰箱", "1800"), ("其他", "260"))):
        entry = phone.page.get_by_role("region", name=f"第 {at + 1} 项")
        await phone.tap(entry.locator(".entry-head"))
        await entry.get_by_role("radio", name=what).check()
        if what == "其他":
            await entry.get_by_role("textbox", name="写清楚").fill("电扇")
        await entry.get_by_role("textbox", name="多少钱（元）").fill(price)
        await phone.tap(entry.get_by_role("button", name="完成"))
    await see(phone, "total", "2060")
    await save(phone)


Fill = Callable[[PhoneScreen], Awaitable[None]]
CHILD: dict[str, tuple[str, Fill, str]] = {
    "way_to_school": ("上学路线", way_to_school, "东镇中学"),
    "weighing": ("量身高体重", weighing, "16.7"),
    "birthday": ("生日登记", birthday, "学龄"),
    "toys": ("喜欢什么", toys, "陀螺"),
    "lending": ("借书登记", lending, "昆虫记"),
}
HOUSEHOLD: dict[str, tuple[str, Fill, str]] = {
    "water_check": ("饮水检查", water_check, "肚子痛、皮肤痒"),
    "who_lives_here": ("家庭成员表", who_lives_here, "谷大叔乙 · 男 · 61"),
    "paper_consent": ("告知与打分", paper_consent, "8"),
    "fridge": ("家电登记", fridge, "2060"),
}
VILLAGE: dict[str, tuple[str, Fill, str]] = {"well_round": ("公共水井", well_round, "村口老井")}


async def test_ten_forms_from_excel_are_filled_in_offline_and_come_out_as_excel(
    office: OfficeScreen, phones: Phones, tmp_path: Path
) -> None:
    assert {path.stem for path in TEN} == {*CHILD, *HOUSEHOLD, *VILLAGE}
    phone = await enrolled(office, phones, "ten")
    for path in TEN:
        await publish(office, path.stem, form_file(path))
    await office.shoot("10-form")
    assert await faults(office.page) == []
    assert await serious(office.page) == []

    await phone.sync()
    await phone.aeroplane_mode(True)
    await phone.find("")
    child = (await phone.children_listed())[0]
    await phone.open_found(child)
    here = phone.page.url
    for title, fill, _ in CHILD.values():
        await begin(phone, title)
        await fill(phone)
        assert phone.page.url == here
    await expect(phone.page.locator(".timeline")).to_contain_text("借书登记")
    await phone.shoot("10-child")
    await phone.tap(phone.page.locator("a.place").first)
    for title, fill, _ in HOUSEHOLD.values():
        await begin(phone, title)
        await fill(phone)
    await expect(phone.page.locator(".timeline")).to_contain_text("家电登记")
    await phone.shoot("10-household")
    await phone.go("今天")
    for title, fill, _ in VILLAGE.values():
        await begin(phone, title)
        await phone.shoot("10-filling")
        await fill(phone)
    assert await phone.unsent() == 10

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    receipt = await phone.receipt()
    assert receipt["已上传"] == 10
    for form, (title, _, said) in {**CHILD, **HOUSEHOLD, **VILLAGE}.items():
        await office.page.goto(f"{office.address}/office/forms/{form}/records")
        await expect(office.page.get_by_role("heading", level=1)).to_have_text(title)
        table = office.page.locator("#list table")
        await expect(table.get_by_role("cell", name=said, exact=False).first).to_be_visible()
        async with office.page.expect_download() as begun:
            await office.page.get_by_role("button", name="Excel（文字）").click()
        file = tmp_path / f"{form}.xlsx"
        await (await begun.value).save_as(file)
        cells = [
            str(cell.value)
            for sheet in openpyxl.load_workbook(file).worksheets
            for row in sheet.iter_rows()
            for cell in row
        ]
        assert any(said.split(" · ")[0] in cell for cell in cells), (form, cells)
    await office.shoot("10-records")
    assert await faults(office.page) == []
    assert await serious(office.page) == []
    await office.search_children(child)
    await office.page.locator("#list tbody a").first.click()
    await expect(office.page.locator(".timeline")).to_contain_text("昆虫记")


OLD = """
| settings |            |         |         |
|          | form_title | form_id | subject |
|          | 过冬准备   | winter  | child   |
| survey   |            |         |         |
|          | type       | name    | label   |
|          | text       | quilt   | 有几床被子 |
|          | text       | stove   | 用什么取暖 |
"""


async def test_a_draft_is_finished_in_the_version_it_was_begun_in(
    office: OfficeScreen, phones: Phones
) -> None:
    await publish(office, "winter", xlsx(sheets_of(OLD)))
    phone = await enrolled(office, phones, "draft")
    await phone.find("")
    [child, other, *_] = await phone.children_listed()
    await phone.open_found(child)
    await begin(phone, "过冬准备")
    before = await phone.drafts_on_disk()
    await phone.write("有几床被子", "两床")
    await phone.until_written(before)
    await phone.press("返回")

    new = OLD.replace("quilt   | 有几床被子", "coat    | 有棉衣吗")
    await publish(office, "winter", xlsx(sheets_of(new)))
    await phone.sync()
    await phone.open_found(other)
    await begin(phone, "过冬准备")
    await expect(phone.page.get_by_text("有几床被子")).to_have_count(0)
    await phone.write("有棉衣吗", "有")
    await save(phone)

    await phone.go("今天")
    await phone.tap(phone.page.locator("a[href='#/drafts']"))
    await phone.tap(phone.page.get_by_role("link", name="过冬准备"))
    await expect(phone.page.get_by_role("textbox", name="有几床被子")).to_have_value("两床")
    await expect(phone.page.get_by_text("有棉衣吗")).to_have_count(0)
    await save(phone)
    await phone.sync()
    await phone.until_agreed()
    await office.page.goto(f"{office.address}/office/forms/winter/records")
    for said in ("两床", "有"):
        cell = office.page.locator("#list").get_by_role("cell", name=said, exact=True)
        await expect(cell).to_be_visible()
    versions = office.page.locator("#list tbody td.number")
    assert sorted(await versions.all_inner_texts()) == ["1", "2"]


async def test_a_volunteer_meets_the_forms_for_volunteers_alone(
    office: OfficeScreen, phones: Phones
) -> None:
    for path in TEN:
        if path.stem in ("toys", "birthday"):
            await publish(office, path.stem, form_file(path))
    name, children = await office.volunteer()
    phone = await phones("volunteer")
    await phone.enrol((await office.invite(name)).link, name)
    await phone.aeroplane_mode(True)
    await phone.open_found(children[0])
    await phone.tap(phone.page.locator("details.more-records summary"))
    await expect(phone.button("喜欢什么")).to_be_visible()
    await expect(phone.button("生日登记")).to_have_count(0)
    await phone.press("喜欢什么")
    await toys(phone)

    await phone.aeroplane_mode(False)
    await phone.sync()
    await phone.until_agreed()
    await phone.open_found(children[0])
    await expect(phone.page.locator(".timeline")).to_contain_text("喜欢什么")
    await office.page.goto(f"{office.address}/office/forms/toys/records")
    await expect(office.page.locator("#list tr").filter(has_text=name)).to_contain_text("陀螺")


async def test_a_retired_form_is_gone_from_phones_and_its_records_are_not(
    office: OfficeScreen, phones: Phones
) -> None:
    summer = OLD.replace("winter", "summer").replace("过冬准备", "防暑准备")
    await publish(office, "summer", xlsx(sheets_of(summer)))
    phone = await enrolled(office, phones, "retired")
    await phone.find("")
    child = (await phone.children_listed())[0]
    await phone.open_found(child)
    await begin(phone, "防暑准备")
    await phone.write("有几床被子", "三床")
    await save(phone)
    await phone.sync()
    await office.menu("表单")
    await office.page.get_by_role("row").filter(has_text="summer").get_by_role("link").first.click()
    await office.page.get_by_role("button", name="停用这张表单").click()
    await expect(office.page.get_by_text("已停用", exact=True)).to_be_visible()

    await phone.sync()
    await phone.open_found(child)
    await expect(phone.page.locator(".timeline")).to_contain_text("三床")
    await expect(phone.page.locator(".timeline")).to_contain_text("防暑准备")
    more = phone.page.locator("details.more-records")
    await expect(more.get_by_text("防暑准备")).to_have_count(0)


@pytest.mark.parametrize("language", ["中文", "English"])
async def test_a_form_that_cannot_stand_is_refused_with_row_column_and_what_to_do(
    office: OfficeScreen, language: str
) -> None:
    if language == "English":
        await office.page.get_by_role("button", name="English").click()
    await office.page.goto(f"{office.address}/office/forms")
    bad = OLD.replace("text       | stove", "hologram   | stove").replace("winter", "spring")
    field = office.page.locator("input[type=file]")
    await field.set_input_files(
        {"name": "spring.xlsx", "mimeType": SHEET, "buffer": xlsx(sheets_of(bad))}
    )
    await office.page.locator("form.form button.primary").click()

    said = office.page.get_by_role("alert")
    await expect(said.get_by_role("row").nth(1)).to_contain_text("survey")
    cells = await said.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
    assert cells[1:3] == ["3", "type"]
    assert "hologram" in cells[3]
    assert ("Use text" if language == "English" else "可以用") in cells[3]
    await office.shoot(f"10-refused-{language}")
    assert await serious(office.page) == []
    await expect(office.page.get_by_text("spring", exact=True)).to_have_count(0)
