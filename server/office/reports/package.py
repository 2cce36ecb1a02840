"""The package of a report that was sent up: one workbook with a page to sign and seal, the table, and the text.

It opens in Excel and WPS and prints on A4. Everything in it is what was sent; the fingerprint on the signature page
ties the paper to the stored report."""

import io
from collections.abc import Sequence
from typing import Any

from server.filing import Report
from server.office.reports.snapshot import shown, words_of
from server.office.text import in_language
from server.workers.sheets import Styles, new_book

A4 = 9
SIGNATURES = ("填报人", "审核人", "单位负责人", "联系电话", "填报日期")


def package_of(
    report: Report, place: str, kind: str, about: Sequence[tuple[str, str]], language: str
) -> bytes:
    """The workbook. `about` are the lines of the signature page: what it is, from when, how decided."""
    _ = in_language(language)
    output = io.BytesIO()
    with new_book(output) as book:
        styles = Styles(book)
        _sign(book, styles, f"{place} {_(kind)}", about, language)
        _table(book, styles, report, language)
        if report.body["text"]:
            _text(book, styles, report.body["text"], language)
    return output.getvalue()


def _sign(
    book: Any, styles: Styles, title: str, about: Sequence[tuple[str, str]], language: str
) -> None:
    _ = in_language(language)
    page = book.add_worksheet(_("签字页"))
    page.set_paper(A4)
    page.fit_to_pages(1, 1)
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 64)
    line = book.add_format({"bottom": 1, "valign": "bottom"})
    seal = book.add_format(
        {"border": 4, "font_color": "#777777", "align": "right", "valign": "top"}
    )
    page.write_string(0, 0, title, styles.title)
    row = 2
    for name, said in about:
        page.write_string(row, 0, name)
        page.write_string(row, 1, said)
        row += 1
    row += 1
    for name in SIGNATURES:
        page.set_row(row, 32)
        page.write_string(row, 0, _(name))
        page.write_blank(row, 1, None, line)
        row += 1
    page.set_row(row + 1, 120)
    page.write_string(row + 1, 0, _("单位公章"))
    page.write_string(row + 1, 1, _("（盖章）"), seal)


def _table(book: Any, styles: Styles, report: Report, language: str) -> None:
    _ = in_language(language)
    page = book.add_worksheet(_("统计表"))
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_column(0, 1, 22)
    heads = [_("指标"), _("项"), _("合计"), _("分子"), _("分母"), *report.body["grids"]]
    for column, words in enumerate(heads):
        page.write_string(0, column, words, styles.head)
    for place, row in enumerate(report.body["rows"], start=1):
        total = row["total"]
        page.write_string(place, 0, words_of(row, language), styles.text)
        page.write_string(place, 1, _(row["words"]), styles.text)
        _cell(page, place, 2, row, total, styles)
        if total[1] is not None:
            page.write_number(place, 3, total[0], styles.number)
            page.write_number(place, 4, total[1], styles.number)
        for column, cell in enumerate(row["cells"], start=5):
            _cell(page, place, column, row, cell, styles)
    page.freeze_panes(1, 2)


def _cell(page: Any, row: int, column: int, of: Any, pair: Sequence[Any], styles: Any) -> None:
    """Counts as numbers, so that they can be added; everything else as it is printed."""
    if pair[0] is None:
        return
    if of["unit"] == "count" and pair[1] is None:
        page.write_number(row, column, pair[0], styles.number)
    else:
        page.write_string(row, column, shown(of, pair).text, styles.text)


def _text(book: Any, styles: Styles, blocks: Sequence[Any], language: str) -> None:
    page = book.add_worksheet(in_language(language)("正文"))
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 90)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    row = 0
    for block in blocks:
        lines = (
            ["  ".join(it) for it in block["rows"]] if "rows" in block else [block.get("text", "")]
        )
        for line in lines:
            style = styles.title if block.get("style") == "Title" else wrapped
            page.write_string(row, 0, line[:32_767], style)
            row += 1
