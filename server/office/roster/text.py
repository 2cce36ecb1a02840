"""The sentences of a preview in both languages: why a row is refused, what was odd, what matched."""

from collections.abc import Mapping
from typing import Any

from server.office.roster.entry import Note
from server.office.roster.errors import fill

Pair = tuple[str, str]

REFUSED: dict[str, Pair] = {
    "no_name": ("没有儿童姓名", "no child's name"),
    "bad_name": ("“{word}”不像姓名", "“{word}” does not look like a name"),
    "formula": (
        "{cell} 是公式，姓名、证件号、电话和户主不能用公式，请改成文字",
        "{cell} holds a formula; names, numbers and phones must be plain text",
    ),
    "no_grid": (
        "没有写村民组，也没有选定网格（本村有：{known}）",
        "no grid in the row and none chosen (the village has: {known})",
    ),
    "unknown_grid": (
        "没有“{word}”这个村民组（本村有：{known}）",
        "there is no grid “{word}” (the village has: {known})",
    ),
    "no_household": (
        "没有户主、监护人和父母姓名，不知道是哪一户",
        "no head, carer or parent is named, so the household is not known",
    ),
    "impossible_date": (
        "{cell} 出生日期“{word}”不存在或在将来",
        "{cell}: the birth “{word}” does not exist or lies in the future",
    ),
    "not_minor": (
        "{birth} 出生，已满 18 周岁，不是儿童",
        "born {birth}, 18 or older, not a child",
    ),
    "id_shared": (
        "身份证号与第 {row} 行的{name}相同",
        "the same identity number as {name} in row {row}",
    ),
}
"""Reasons for which a row is refused."""

WARNINGS: dict[str, Pair] = {
    "id_wrong": (
        "身份证号 {number} 校验不对，照原样保留，不用来比对",
        "identity number {number} fails its check; kept as typed, not used to compare",
    ),
    "id_rounded": (
        "身份证号按数字存放，末尾几位已丢失（{number}），请核对后改正",
        "the identity number was stored as a number and lost its last digits ({number})",
    ),
    "id_birth": (
        "出生日期与身份证号里的 {birth} 不一致，按表中日期",
        "the birth differs from the identity number's {birth}; the sheet's is kept",
    ),
    "id_sex": ("性别与身份证号不一致，按表中性别", "the sex differs from the identity number's"),
    "birth_from_id": (
        "出生日期写错，改用身份证号里的日期",
        "the birth is impossible; taken from the identity number",
    ),
    "from_age": ("只有年龄，按 {year} 年出生记（约）", "only an age: born about {year}"),
    "age_differs": ("年龄与出生日期不一致", "the age does not fit the birth"),
    "month_unsure": (
        "{year} 年 1 月还是 10 月看不出来，只记年份",
        "January or October {year} cannot be told apart; only the year is kept",
    ),
    "not_a_day": ("日期“{word}”看不懂，没有记", "the date “{word}” is not understood; left out"),
    "phone_form": (
        "电话 {number} 不是手机号或座机号，照原样保留",
        "phone {number} is neither a mobile nor a landline number; kept as typed",
    ),
    "unknown_word": ("“{word}”看不懂，没有记", "“{word}” is not understood; left out"),
    "computed": ("公式，取其结果", "a formula; its result is taken"),
    "not_computed": ("公式没有存下结果，没有记", "a formula without a stored result; left out"),
    "injection": (
        "以公式符号开头，没有记",
        "begins like a formula; left out",
    ),
    "bad_adult_name": ("“{word}”不像姓名，没有记", "“{word}” does not look like a name; left out"),
    "parent_unclear": (
        "“{word}”分不清是父亲还是母亲，没有记父母关系",
        "“{word}”: father or mother cannot be told; no parent link made",
    ),
    "relation_unclear": (
        "“{word}”看不出是祖父还是祖母，请补充",
        "“{word}” does not tell grandfather from grandmother",
    ),
    "carer_unnamed": (
        "监护人只写了“{word}”，没有姓名，没有记",
        "the carer is only “{word}”, without a name; left out",
    ),
    "not_kept": (
        "备注“{word}”没有对应的栏目，没有记",
        "the remark “{word}” has no field; left out",
    ),
    "kin_not_kept": (
        "{word}不是照护人也不是户主，没有记；要记，写在监护人一栏",
        "{word} is neither carer nor head of the household; left out (write a carer in the carer’s column)",
    ),
    "row_differs": (
        "与同户前面的行说法不同，按前面的行：{fields}",
        "says otherwise than an earlier row of the household, which is kept: {fields}",
    ),
}
"""Remarks on rows that are imported all the same."""

MATCHED: dict[str, Pair] = {
    "id": ("身份证号相同", "same identity number"),
    "name_birth": ("姓名和出生日期相同", "same name and birth"),
    "name_phone": ("姓名和监护人电话相同", "same name and a carer's phone"),
    "name_household": ("同一户里姓名相同", "same name in the same household"),
    "name_near": ("姓名相同、出生年份相近", "same name, near birth"),
    "pinyin": ("姓名同音、出生年月相近、同一网格", "name sounds alike, near birth, same grid"),
    "several": ("像不止一个人", "more than one would fit"),
}
"""Why a row looks like somebody."""

SKIPPED: dict[str, Pair] = {
    "blank": ("空行", "blank rows"),
    "total": ("合计、小计行", "rows of totals"),
    "header": ("重复的表头", "repeated headings"),
    "title": ("标题行", "titles"),
    "foot": ("表下说明", "notes at the foot"),
    "section": ("分组行", "rows that name a group"),
}
"""Rows that are nobody."""

WORDS: dict[str, Pair] = {
    "preview": ("导入预览", "Import preview"),
    "file": ("文件", "File"),
    "sheet": ("工作表", "Sheet"),
    "header_at": ("表头在第 {row} 行", "headings in row {row}"),
    "as_of": ("年龄按 {day} 计算", "ages as of {day}"),
    "unknown": ("不认得的栏目", "headings not known"),
    "rows": ("名册行数", "rows"),
    "created": ("将新建", "will be created"),
    "matched": ("台账已有", "already there"),
    "left": ("像已有的人，待定", "looks like somebody, undecided"),
    "twins": ("表内重复", "twice in the sheet"),
    "refused": ("退回", "refused"),
    "warnings": ("提醒", "remarks"),
    "row": ("行", "Row"),
    "name": ("姓名", "Name"),
    "reason": ("原因", "Reason"),
    "found": ("台账里", "In the register"),
    "filled": ("补填", "Filled in"),
    "differs": ("不一致（保留台账）", "Differs (register kept)"),
    "overwritten": ("不一致（改为表中）", "Differs (sheet taken)"),
    "skipped": ("略过", "Left out"),
    "twin_of": ("同第 {row} 行", "as row {row}"),
    "nothing": ("没有要写入的内容。", "There is nothing to write."),
    "not_applied": (
        "以上只是预览，没有写入。确认后加 --apply 导入。",
        "This is a preview; nothing was written. Add --apply to import.",
    ),
    "applied": ("已导入。", "Imported."),
    "refused_file": ("退回的行已存到 {path}", "The refused rows were saved to {path}"),
    "decide": (
        "待定的行没有写入：用 --alike create 新建，或 --alike fill 并入台账。",
        "Undecided rows are not written: --alike create makes them, --alike fill merges them.",
    ),
    "new_grids": ("将新建网格", "Grids to be created"),
    "reason_column": ("退回原因", "Reason"),
}
"""Words of the preview's own."""

TYPES: dict[str, Pair] = {
    "grid": ("网格", "grids"),
    "household": ("户", "households"),
    "child": ("儿童", "children"),
    "person": ("成人", "adults"),
    "parent_link": ("父母关系", "parent links"),
    "guardianship": ("照护关系", "guardianships"),
}
"""Record types, for counting."""


def said(pair: Pair, lang: str, details: Mapping[str, Any] | None = None) -> str:
    """One sentence in a language, its details filled in."""
    return fill(pair[1] if lang == "en" else pair[0], details or {})


def word(code: str, lang: str, **details: Any) -> str:
    """A word of the preview."""
    return said(WORDS[code], lang, details)


def note(found: Note, lang: str) -> str:
    """A remark's sentence, with its cell in front where the sentence does not name it."""
    pair = REFUSED.get(found.code) or WARNINGS[found.code]
    sentence = said(pair, lang, {"cell": found.cell, **found.details})
    named = not found.cell or "{cell}" in pair[0]
    return sentence if named else f"{found.cell} {sentence}"
