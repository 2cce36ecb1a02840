"""A register in memory for the pure parts, and previews of bytes against it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from server.office.roster import Options, Preview, preview
from server.office.roster.preview import PlannedChange
from server.programme import programme
from tests.server.office.roster.cast import GRIDS, VILLAGE

TODAY = date(2025, 12, 1)


@dataclass
class Record:
    """A row of the registry, as far as planning looks at it."""

    id: str
    type: str
    fields: dict[str, Any] = field(default_factory=dict)


def grids() -> list[Record]:
    """The six grids of the invented village."""
    return [
        Record(f"grid{number}", "grid", {"grid_code": f"{VILLAGE}{number:02d}", "name": name})
        for number, name in enumerate(GRIDS, start=1)
    ]


def previewed(
    data: bytes,
    filename: str = "roster.xlsx",
    rows: list[Record] | None = None,
    base: int = 7,
    **options: Any,
) -> Preview:
    """The preview of a file in the village, or beside the given rows."""
    return preview(
        data, filename, grids() if rows is None else rows, village=VILLAGE, base=base,
        today=TODAY, options=Options(**options),
    )  # fmt: skip


def registered(*previews: Preview) -> list[Record]:
    """The village after these previews were applied, one after the other."""
    rows = {row.id: row for row in grids()}
    for one in previews:
        for change in one.changes():
            row = rows.setdefault(change.record, Record(change.record, change.type))
            _take(row, change)
    return list(rows.values())


def _take(row: Record, change: PlannedChange) -> None:
    kinds = programme().types[change.type].fields
    for key, value in change.set.items():
        name, _, element = key.partition("/")
        if name == "present":
            continue
        if kinds[name].type == "list":
            row.fields.setdefault(name, {})[element] = value
        elif element:
            row.fields[name] = sorted({*row.fields.get(name, []), element})
        else:
            row.fields[name] = value


def fields_of(planned: Preview, type_name: str) -> list[dict[str, Any]]:
    """What would be set on each record of a type, in order."""
    return [change.set for change in planned.changes() if change.type == type_name]


def child(planned: Preview, name: str) -> dict[str, Any]:
    """What would be set on the child of this name."""
    return next(one for one in fields_of(planned, "child") if one.get("name") == name)


def codes(planned: Preview, name: str) -> set[str]:
    """The remarks on the rows of a child."""
    return {one.note.code for one in planned.warnings if one.name == name}
