"""An outline as a .docx: `#` the title, `##` headings, `- ` points, `| a | b |` tables, `---` a new page, every other
line a paragraph. Lines with `{%p … %}` alone stay as they are: the template engine takes them away."""

from __future__ import annotations

import io

from docx import Document as new_document
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

FONT, SIZE = "宋体", 12


def build(outline: str) -> bytes:
    made = new_document()
    _page(made)
    rows: list[list[str]] = []
    for line in [*outline.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
            continue
        if rows:
            _table(made, rows)
            rows = []
        if line == "---":
            made.add_page_break()  # type: ignore[no-untyped-call]
        elif line.startswith("# "):
            made.add_heading(line[2:], 0).alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif line.startswith("## "):
            made.add_heading(line[3:], 1)
        elif line.startswith("### "):
            made.add_heading(line[4:], 2)
        elif line.startswith("- "):
            made.add_paragraph(line[2:], style="List Bullet")
        elif line.strip():
            paragraph = made.add_paragraph(line)
            if not line.startswith("{%"):
                paragraph.paragraph_format.first_line_indent = Pt(2 * SIZE)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _page(made: Document) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(2.5))
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "List Bullet"):
        style = made.styles[name]
        style.font.name = FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    made.styles["Normal"].font.size = Pt(SIZE)


def _table(made: Document, rows: list[list[str]]) -> None:
    width = max(len(row) for row in rows)
    table = made.add_table(0, width, style="Table Grid")
    for row in rows:
        cells = table.add_row().cells
        for place, text in enumerate(row):
            cells[place].text = text
