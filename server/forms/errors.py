"""What is wrong with a form, by sheet, row and column, so that its author can find the cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.forms.label import Label


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that cannot stand. `row` counts as a spreadsheet does: the header is row 1;
    0 means the whole sheet. `column` is the header's name, "" for the whole row."""

    sheet: str
    row: int
    column: str
    code: str
    message: Label

    def __str__(self) -> str:
        return f"{self.sheet}:{self.row} [{self.column}] {self.code}: {self.message.en}"


class FormError(Exception):
    """The form is refused; `faults` says why, at least one. Nothing was compiled."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


class ExpressionError(ValueError):
    """A text is not an expression we can run. `code` and `message` become a Fault's."""

    def __init__(self, code: str, message: Label) -> None:
        self.code = code
        self.message = message
        super().__init__(message.en)


MESSAGES = {
    "unknown_function": Label(
        "不支持函数“{name}”。{instead}", "The function “{name}” is not supported. {instead}"
    ),
    "bad_expression": Label("公式写法有误：{detail}", "The expression cannot be read: {detail}"),
    "no_paths": Label(
        "公式中不能使用路径“{name}”，请写成 ${{字段名}}",
        "Paths such as “{name}” are not used here; write ${{field_name}}",
    ),
    "unknown_field": Label(
        "公式引用了不存在的字段“{name}”",
        "The expression names the field “{name}”, which is not there",
    ),
    "bad_regex": Label(
        "正则表达式“{name}”不能使用：{detail}", "The pattern “{name}” cannot be used: {detail}"
    ),
    "unknown_type": Label(
        "不支持题型“{name}”。可以用：text、integer、decimal、date、time、dateTime、select_one、select_multiple、range、image、audio、acknowledge、barcode、calculate、note、begin_group、begin_repeat",
        "The question type “{name}” is not supported. Use text, integer, decimal, date, time, dateTime, select_one, select_multiple, range, image, audio, acknowledge, barcode, calculate, note, begin_group or begin_repeat",
    ),
    "reserved_name": Label(
        "字段名“{name}”每张表单本来就有。请换一个，如 my_{name}",
        "Every form has a field “{name}” already. Choose another name, such as my_{name}",
    ),
    "bad_own_name": Label(
        "字段名“{name}”请用小写字母、数字和下划线，最多 {most} 个字符",
        "Write the name “{name}” in small letters, digits and underscores, {most} at most",
    ),
    "other_type": Label(
        "“{name}”在已发布的版本里是 {was}，现在是 {now}。题型变了请换一个字段名，旧数据才读得懂",
        "“{name}” was {was} in a published version and is {now} now. Give it a new name, so that old answers stay readable",
    ),
    "bad_form_id": Label(
        "form_id“{name}”请用小写字母、数字和下划线，以字母开头，最多 {most} 个字符，如 water_check",
        "Write the form_id “{name}” in small letters, digits and underscores, a letter first, {most} at most, such as water_check",
    ),
    "missing_form_id": Label(
        "settings 工作表里没有 form_id。请写一个，如 water_check；同一个 form_id 就是同一张表单的新版本",
        "The settings sheet has no form_id. Write one, such as water_check; the same form_id again is a new version of that form",
    ),
    "too_many_forms": Label(
        "村里已有 {most} 张表单。请在已有的表单上出新版本，用它的 form_id",
        "The village has {most} forms already. Make a new version of one of them, with its form_id",
    ),
    "bad_setting": Label(
        "“{name}”看不懂。请写：{known}", "“{name}” is not understood. Write one of: {known}"
    ),
    "fixed_setting": Label(
        "这张表单已按“{name}”发布，不能再改。要改请换一个 form_id，作为新表单上传",
        "This form was published with “{name}”, which cannot change. Upload it as a new form with another form_id",
    ),
    "missing_list": Label(
        "选项表“{name}”不存在。请在 choices 工作表的 list_name 列加上它的选项",
        "The choice list “{name}” is not there. Add its choices to the sheet choices, under list_name",
    ),
    "duplicate_name": Label(
        "字段名“{name}”重复，请换一个", "The name “{name}” is used twice; choose another"
    ),
    "bad_name": Label(
        "字段名“{name}”只能用字母、数字和下划线，并以字母开头",
        "The name “{name}” may hold letters, digits and underscores only, a letter first",
    ),
    "missing_name": Label("这一行没有字段名", "This row has no name"),
    "missing_sheet": Label("缺少“{name}”工作表", "The sheet “{name}” is missing"),
    "too_many": Label(
        "行数太多：最多 {name} 行，请拆成几张表单", "Too many rows: {name} at most. Split the form"
    ),
    "circular": Label("计算循环引用：{name}", "The calculations go in a circle: {name}"),
    "unmatched": Label(
        "“{name}”只有一头。begin_group 要有 end_group，begin_repeat 要有 end_repeat，先开的后关",
        "“{name}” has only one end. Close each begin_group with end_group and each begin_repeat with end_repeat, the last opened first",
    ),
    "not_xlsform": Label("不符合 XLSForm 格式：{detail}", "This is not sound XLSForm: {detail}"),
    "nested_repeat": Label(
        "重复组“{name}”放在另一个重复组里。请把它移到外面",
        "The repeat “{name}” stands inside another one; please move it outside",
    ),
    "unknown_record": Label(
        "没有“{name}”这类记录。可以用：{known}",
        "There are no records “{name}”. Use one of: {known}",
    ),
    "geopoint_off": Label(
        "定位题没有启用。请删除这一行，或请管理员启用",
        "Questions for a position are switched off. Delete the row, or ask an admin to allow them",
    ),
    "bad_range": Label(
        "range 题的 parameters 请写成 start=0 end=10 step=1，起点小于终点，步长大于 0",
        "Write a range's parameters as start=0 end=10 step=1, the start below the end, the step above 0",
    ),
    "bad_default": Label(
        "默认值“{name}”不是整数，请改成整数", "The default “{name}” is no whole number; write one"
    ),
    "formula": Label(
        "单元格里是公式。请复制后用“选择性粘贴 - 数值”贴回，再上传",
        "The cell holds a formula. Copy it, paste it back as values, and upload again",
    ),
    "broken_file": Label(
        "文件打不开。请用 Excel 或 WPS 另存为 .xlsx 后再上传",
        "The file cannot be read. Save it as .xlsx in Excel or WPS and upload it again",
    ),
    "too_large": Label(
        "文件太大，最多 {most} MB。请删去图片和多余的工作表",
        "The file is too large, at most {most} MB. Take out pictures and sheets that are not needed",
    ),
    "took_too_long": Label(
        "表单太复杂，没能在 {most} 秒内读完。请减少题目和公式",
        "The form is too complex to be read in {most} seconds. Use fewer questions and formulas",
    ),
}
