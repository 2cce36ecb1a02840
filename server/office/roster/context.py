"""What the reading of one row may ask and where it notes what it found odd."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from server.office.roster.cells import is_blank, is_injection, shown
from server.office.roster.choices import Choices
from server.office.roster.entry import Note
from server.office.roster.rows import Line
from server.office.roster.sheet import Value, address

IDENTITY = frozenset(["name", "former_name", "head_name", "id_number", "phones", "household_no"])
"""Fields that say who somebody is: a computed cell or a formula's first sign refuses the row."""


@dataclass(slots=True)
class Context:
    """One row being read: its cells, the sheet's day, the lists, and the notes made so far."""

    line: Line
    columns: Mapping[str, int]
    formulas: frozenset[tuple[int, int]]
    as_of: date
    choices: Choices
    styles: Mapping[str, str]
    refused: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    def cell(self, target: str) -> str:
        """The cell's name for people, such as C7; "" for a column that is not there."""
        column = self.columns.get(target)
        return "" if column is None else address(self.line.row, column)

    def value(self, target: str) -> Value:
        """The cell of a column, `None` when it is blank, or unsafe to take.

        A formula's last result is taken for what describes somebody (age, sex and birth are often
        computed from the identity number), never for who somebody is.
        """
        value = self.line.values.get(target)
        column = self.columns.get(target)
        if column is None:
            return None
        name = target.partition(".")[2]
        if (self.line.row, column) in self.formulas:
            if name in IDENTITY:
                self.refuse("formula", target)
                return None
            self.warn("computed" if value is not None else "not_computed", target)
        elif is_injection(value) and not (name == "phones" and _is_plus(value)):
            if name in IDENTITY:
                self.refuse("formula", target)
            else:
                self.warn("injection", target)
            return None
        return None if is_blank(value) else value

    def refuse(self, code: str, target: str = "", **details: str) -> None:
        note = Note(code, self.cell(target), details)
        if note not in self.refused:
            self.refused.append(note)

    def warn(self, code: str, target: str = "", **details: str) -> None:
        note = Note(code, self.cell(target), details)
        if note not in self.warnings:
            self.warnings.append(note)

    def not_known(self, target: str, value: Value) -> None:
        """Notes that a word is in none of the lists; the field stays empty."""
        self.warn("unknown_word", target, word=shown(value)[:40])


def _is_plus(value: Value) -> bool:
    return isinstance(value, str) and value[:1] in "+＋" and value[1:2].isdigit()
