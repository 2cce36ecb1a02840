"""Which rows under the headings are children, and what their cells hold.

Left out and counted: blank rows, subtotals, headings and titles repeated on later pages, notes at
the foot. A row that only names a group (一、上坪组) speaks for the rows below it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from server.office.roster.cells import BLANKS, fold, is_blank, is_name, name_of
from server.office.roster.header import Header
from server.office.roster.headings import Headings, heading
from server.office.roster.sheet import Sheet, Value

_TOTAL = re.compile(r"^(合计|小计|总计|共计|累计|本页|本组)|^总?计[:：]|^计$")
_COUNT = re.compile(r"^共\d*[人户名]|^\d+[人名户]$")
"""A total where nobody is named; beside a name it is how many live in the household."""
_FOOT = re.compile(
    r"^(注|说明|备注|填表说明|填表人|填报人|审核人|负责人|制表|复核人|经办人|村委会)[:：(]"
)
_TITLE = re.compile(
    r"花名册|登记表|统计表|名册|名单|台账|台帐|摸底表|信息表|情况表|填报单位|填报日期|第.{1,3}页"
)
_SECTION = re.compile(
    r"^(?:第?[一二三四五六七八九十\d]{1,3}[、.．])?(.{1,10}(?:组|网格|屋场|自然村))[:：]?(?:\(.*\))?$"
)
_DITTO = frozenset(map(fold, ["同上", "〃", "″", '"', "''", "“", "”", "上同"]))
_PAGE_ROWS = 3
"""So many cells of a row must be the sheet's headings for it to be a heading row again."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is somebody: its number from 0, its cells by target, the group heading above it."""

    row: int
    values: Mapping[str, Value]
    section: str


@dataclass(slots=True)
class Lines:
    """The rows of a sheet, in order; `skipped` counts what was left out while they are read."""

    sheet: Sheet
    header: Header
    headings: Headings
    skipped: Counter[str] = field(default_factory=Counter)
    _heads: list[dict[int, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Line]:
        section = ""
        before: dict[str, Value] = {}
        covered = self._covered()
        for row in range(self.header.first_row, len(self.sheet.rows)):
            values = self._values(row, covered)
            kind = self._kind(row, values)
            if kind.startswith("section:"):
                section = kind.removeprefix("section:")
                kind = "section"
            if kind:
                self.skipped[kind] += 1
                continue
            for target, value in values.items():
                if isinstance(value, str) and fold(value) in _DITTO and target in before:
                    values[target] = before[target]
            before = values
            yield Line(row, values, section)

    def _values(self, row: int, covered: Mapping[tuple[int, int], Value]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for target, column in self.header.columns.items():
            value = self.sheet.value(row, column)
            if value is None and not target.startswith("child."):
                value = covered.get((row, column))
            found[target] = value
        return found

    def _covered(self) -> dict[tuple[int, int], Value]:
        """Cells under a value merged downwards: one household's head beside its three children."""
        found: dict[tuple[int, int], Value] = {}
        for merge in self.sheet.merges:
            if merge.top >= self.header.first_row and merge.bottom > merge.top:
                value = self.sheet.value(merge.top, merge.left)
                for row in range(merge.top + 1, merge.bottom + 1):
                    found[row, merge.left] = value
        return found

    def _kind(self, row: int, values: Mapping[str, Value]) -> str:
        """Why a row is left out, "" for somebody's row."""
        cells = [value for value in self.sheet.rows[row] if not _is_empty(value)]
        computed = any(
            (row, column) in self.sheet.formulas
            for target, column in self.header.columns.items()
            if target != "row.number"
        )
        number = fold(values.get("row.number"))
        own = len(cells) - (1 if number.strip(".、").isdigit() else 0)
        if own <= 0 and not computed:
            return "blank"
        first = fold(cells[0]) if cells else ""
        said = [fold(cell) for cell in cells[:3] if isinstance(cell, str)]
        is_named = is_name(name_of(values.get("child.name"))[0])
        if any(_TOTAL.match(it) or (_COUNT.match(it) and not is_named) for it in said):
            return "total"
        if _FOOT.match(first):
            return "foot"
        if self._repeats_header(row):
            return "header"
        if own <= 2 and not computed:
            texts = [str(cell) for cell in cells if isinstance(cell, str)]
            named = values.get("child.name")
            section = _SECTION.match(fold(texts[0])) if texts else None
            if section and own == 1 and (_is_empty(named) or section[1] == fold(named)):
                return f"section:{section[1]}"
            if any(_TITLE.search(fold(text)) for text in texts):
                return "title"
        return ""

    def _repeats_header(self, row: int) -> bool:
        words = {place: cell for place, cell in enumerate(self.sheet.rows[row]) if cell is not None}
        texts = [cell for cell in words.values() if isinstance(cell, str)]
        if len(texts) < len(words) or len(texts) < 2:
            return False
        same = max(
            sum(
                1 for place, cell in words.items() if place in line and heading(cell) == line[place]
            )
            for line in self._head_lines()
        )
        if same >= min(_PAGE_ROWS, len(texts)):
            return True
        return len(texts) >= _PAGE_ROWS and all(self.headings.is_known(text) for text in texts)

    def _head_lines(self) -> list[dict[int, str]]:
        """The words of each heading row by column."""
        if not self._heads:
            for row in self.sheet.rows[self.header.top : self.header.first_row]:
                words = {place: heading(cell) for place, cell in enumerate(row)}
                self._heads.append({place: word for place, word in words.items() if word})
        return self._heads


def _is_empty(value: Value) -> bool:
    return value is None or (isinstance(value, str) and fold(value) in BLANKS) or is_blank(value)
