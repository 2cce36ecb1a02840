"""What the generator hands over: records, and the acts by which they came to be.

An act is what one person did on one device in one go: it becomes one op of the registry. The
story is the only truth; a record's fields are the sum of the acts about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    record: str
    type: str
    set: Fields


@dataclass(frozen=True, slots=True)
class Act:
    at: int  # milliseconds since 1970
    login: str  # account whose device and name it was; "" for the import of the paper register
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Record:
    id: str
    type: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Village:
    as_of: date
    acts: tuple[Act, ...]  # in order of time

    def records(self, *types: str) -> dict[str, Record]:
        """Every record as the acts leave it, in order of creation; of these types when given.

        Keys of sets (`hobby/阅读`) and entries of lists (`phones/<entry>`) stay as they are sent.
        """
        found: dict[str, Record] = {}
        for edit in self.edits():
            if types and edit.type not in types:
                continue
            record = found.setdefault(edit.record, Record(edit.record, edit.type))
            record.fields.update(edit.set)
        return found

    def edits(self) -> Iterator[Edit]:
        for act in self.acts:
            yield from act.edits


def record_id(at: int, label: str) -> str:
    """A UUIDv7 of 32 hex digits whose random part is the digest of `label`: same call, same id."""
    digest = int.from_bytes(sha256(label.encode()).digest()[:10])
    high = at << 16 | 0x7000 | digest & 0xFFF
    low = 0b10 << 62 | digest >> 18 & (1 << 62) - 1
    return f"{high << 64 | low:032x}"
