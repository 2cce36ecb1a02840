"""Why a roster is turned away as a whole: a code, the facts, and a sentence a clerk can act on.

A refused file has changed nothing. Reasons for single rows are in `text.py`; these here stop the
reading before a row is looked at (or, for the last group, before anything is written).
"""

from collections.abc import Mapping
from typing import Any

from server.errors import Problem, Sentence

MAX_BYTES = 10 * 1024 * 1024
"""Largest roster file. A village of 500 children in .xlsx is about 100 kB."""
MAX_ROWS = 20_000
"""Most rows holding a value, over all sheets of a file."""
MAX_COLUMNS = 256
"""Most columns holding a value: what an .xls sheet can have."""


CATALOGUE: dict[str, Sentence] = {
    "roster_empty_file": Sentence(
        400,
        "文件是空的。请确认选对了名册文件。",
        "The file is empty. Please check that you chose the roster.",
    ),
    "roster_too_large": Sentence(
        413,
        "文件太大（超过 {limit_mb} MB）。请只保留名册工作表、删去图片后再导入。",
        "The file is too large (over {limit_mb} MB). Keep only the roster sheet, remove pictures, "
        "and try again.",
    ),
    "roster_wrong_kind": Sentence(
        415,
        "这不是可以导入的表格（看起来是{found}）。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。",
        "This is not a sheet that can be imported (it looks like {found}). Open it in Excel or WPS, "
        "save it as .xlsx and try again.",
    ),
    "roster_macro": Sentence(
        415,
        "表格里带有宏（程序），不能导入。请另存为不含宏的 .xlsx 后再导入。",
        "The sheet contains macros (programs) and cannot be imported. Save it as .xlsx without "
        "macros and try again.",
    ),
    "roster_bomb": Sentence(
        413,
        "文件解压后异常地大，可能已损坏或有恶意，没有读取。请把名册复制到新的工作簿，另存为 .xlsx 后再导入。",
        "Unpacked, the file is abnormally large; it may be damaged or hostile and was not read. "
        "Copy the roster into a new workbook, save it as .xlsx and try again.",
    ),
    "roster_encrypted": Sentence(
        415,
        "表格有密码。请打开后去掉密码，另存为 .xlsx 再导入。",
        "The sheet is protected by a password. Open it, remove the password, save it as .xlsx and "
        "try again.",
    ),
    "roster_declared_rows": Sentence(
        400,
        "工作表“{sheet}”声明有 {declared} 行，与内容不符，没有读取。请把名册复制到新的工作簿后再导入。",
        "Sheet “{sheet}” declares {declared} rows, which its content does not bear out; it was not "
        "read. Copy the roster into a new workbook and try again.",
    ),
    "roster_too_many_rows": Sentence(
        413,
        "工作表“{sheet}”第 {row} 行还有内容，超过上限 {limit} 行。请删去名册以外的内容，或分几个文件导入。",
        "Sheet “{sheet}” still has content in row {row}; the limit is {limit} rows. Delete what is "
        "not the roster, or import it in several files.",
    ),
    "roster_too_many_columns": Sentence(
        413,
        "工作表“{sheet}”第 {column} 列还有内容，超过上限 {limit} 列。请删去名册以外的列后再导入。",
        "Sheet “{sheet}” still has content in column {column}; the limit is {limit} columns. Delete "
        "the columns that are not the roster and try again.",
    ),
    "roster_broken": Sentence(
        400,
        "表格已损坏，读不出来。请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再导入。",
        "The sheet is damaged and cannot be read. Open it in Excel or WPS, save it as a new .xlsx "
        "and try again.",
    ),
    "roster_encoding": Sentence(
        400,
        "看不懂这个 .csv 的文字编码。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。",
        "The text encoding of this .csv is not known. Open it in Excel or WPS, save it as .xlsx and "
        "try again.",
    ),
    "roster_no_header": Sentence(
        400,
        "没有找到表头：需要有一行写着“姓名”，另外至少还有两个认得的栏目（如性别、出生年月、监护人）。",
        "No heading row was found: one row must hold “姓名” (name) and at least two more known "
        "headings (such as sex, birth, carer).",
    ),
    "roster_unknown_grid": Sentence(
        404,
        "没有网格 {grid}。本村的网格：{known}。",
        "There is no grid {grid}. The grids of this village: {known}.",
    ),
    "roster_unknown_village": Sentence(
        404,
        "没有代码为 {village} 的村。",
        "There is no village with the code {village}.",
    ),
    "roster_preview_stale": Sentence(
        409,
        "预览之后，台账或选项有了变化，没有写入任何内容。请重新看一遍预览，再点导入。",
        "The register or the choices changed after the preview; nothing was written. Please look "
        "at the new preview, then import.",
    ),
}


class RosterRefused(Problem):
    """The file (or the batch) is refused as a whole; `code` is a key of this `CATALOGUE`."""

    @property
    def status(self) -> int:
        return CATALOGUE[self.code].status

    def message(self, language: str = "zh") -> str:
        sentence = CATALOGUE[self.code]
        return fill(sentence.en if language == "en" else sentence.zh, self.details)


def fill(sentence: str, details: Mapping[str, Any]) -> str:
    """A sentence with its details; one that is missing shows as `?` rather than failing."""
    return sentence.format_map(_Blanks(details))


class _Blanks(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"
