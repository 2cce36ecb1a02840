"""The preview of an import: what would be written, what was recognised, what is refused, and why.

Plain data that survives JSON, so that it can be kept, shown, and compared. `digest` names what would
be written: an import applies only what its preview showed.
"""

import hashlib
from collections import Counter
from typing import Any, Literal

import msgspec

from server.office.roster.entry import Note, SheetFacts

Decision = Literal["fill", "create", "leave"]
"""What to do with a row that looks like somebody: fill that record, create one, or leave it."""


class Options(msgspec.Struct, frozen=True):
    """The clerk's choices. Grids are codes (14 or 2 digits) or names; `decisions` is by place."""

    grid: str = ""
    grids: dict[str, str] = {}
    create_grids: bool = False
    as_of: str = ""
    overwrite: bool = False
    alike: Decision = "leave"
    decisions: dict[str, Decision] = {}


class Difference(msgspec.Struct, frozen=True):
    """A filled field of the register which the sheet says otherwise; kept unless `overwrite`."""

    type: str
    field: str
    register: Any
    sheet: Any


class Match(msgspec.Struct):
    """A row that looks like somebody already in the register.

    `reason`: id, name_birth, name_phone, name_household (sure), or name_near, pinyin,
    several (to be decided).
    """

    sheet: str
    row: int
    name: str
    record: str
    found: str
    reason: str
    action: Decision
    filled: list[str] = []
    differs: list[Difference] = []

    @property
    def place(self) -> str:
        return f"{self.sheet}!{self.row}"


class Twin(msgspec.Struct, frozen=True):
    """A row about a child that an earlier row of the file already names."""

    sheet: str
    row: int
    name: str
    of_row: int
    of_sheet: str
    reason: str
    differs: list[Difference] = []


class RowNote(msgspec.Struct, frozen=True):
    """One remark on one row."""

    sheet: str
    row: int
    name: str
    note: Note


class PlannedChange(msgspec.Struct):
    """One record to create or to fill. `set` holds wire keys; `base` 0 creates."""

    record: str
    type: str
    base: int
    set: dict[str, Any]


class PlannedHousehold(msgspec.Struct):
    """Everything one household gets: one op."""

    record: str
    label: str
    grid_code: str
    is_new: bool
    changes: list[PlannedChange] = []
    rows: list[str] = []


class Preview(msgspec.Struct):
    """All of it. `base` is the village's rev the register was read at."""

    village: str
    filename: str
    kind: str
    sha256: str
    base: int
    options: Options
    sheets: list[SheetFacts] = []
    grids: list[PlannedChange] = []
    households: list[PlannedHousehold] = []
    matches: list[Match] = []
    twins: list[Twin] = []
    refused: list[RowNote] = []
    warnings: list[RowNote] = []
    row_count: int = 0

    @property
    def digest(self) -> str:
        """Names what would be written; equal digests write the same."""
        written = msgspec.json.encode(
            [self.village, self.sha256, self.base, self.grids, self.households]
        )
        return hashlib.sha256(written).hexdigest()[:32]

    def changes(self) -> list[PlannedChange]:
        """Every change, grids first."""
        return [*self.grids, *(change for house in self.households for change in house.changes)]

    def created(self) -> dict[str, int]:
        """Records that would be made, by type."""
        return dict(Counter(change.type for change in self.changes() if change.base == 0))

    def refused_rows(self) -> dict[tuple[str, int], list[Note]]:
        """The refused rows with all their reasons, in the order of the file."""
        found: dict[tuple[str, int], list[Note]] = {}
        for refusal in self.refused:
            found.setdefault((refusal.sheet, refusal.row), []).append(refusal.note)
        return found

    def counts(self) -> dict[str, int]:
        """How the rows add up: `rows` = created + matched + left + twins + refused."""
        return {
            "rows": self.row_count,
            "created": self.created().get("child", 0),
            "matched": sum(1 for match in self.matches if match.action == "fill"),
            "left": sum(1 for match in self.matches if match.action == "leave"),
            "twins": len(self.twins),
            "refused": len(self.refused_rows()),
        }

    def encode(self) -> bytes:
        """As JSON."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Preview":
        """From `encode`."""
        return msgspec.json.decode(data, type=cls)
