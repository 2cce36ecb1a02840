"""Columns a list can show beyond its own: every field of the record, as the Excel writes it.

Identity numbers are masked here as everywhere, unless the caller says that somebody asked for the whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from server.office import export, values
from server.office.listing import Column
from server.office.roster.columns import CHILD_COLUMNS, HOUSEHOLD_COLUMNS, Cell
from server.registry import Row

# What a list's own columns say already; those of carer and school stand together in one of them.
OWN = {
    "child": frozenset(
        {
            "child.file_no", "child.name", "child.sex", "child.age", "child.birth_date",
            "child.left_behind_fact", "child.risk_level", "household.grid_code",
            "household.head_name", "household.address",
        }
    ),
    "household": frozenset(
        {
            "household.household_no", "household.head_name", "household.grid_code",
            "household.population", "household.away_count", "household.left_behind",
            "household.children", "household.address", "household.hukou_type",
        }
    ),
}  # fmt: skip


def more_columns(type_name: str, language: str) -> list[Column]:
    """What a list of `child` or `household` can show besides its own columns. Headings are in words already."""
    return [
        Column(column.key, column.heading, is_default=False)
        for column in export.choosable(type_name, language)
        if column.key not in OWN[type_name]
    ]


def is_more(column: Column) -> bool:
    return "." in column.name


def sheet(
    type_name: str,
    rows: Iterable[Row],
    today: str,
    ids: Sequence[str],
    language: str,
    *,
    keys: Sequence[str] | None = None,
    about: str = "",
    whole: bool = False,
) -> export.Sheet:
    """The Excel of these records with these columns, or with the usual ones of a roster."""
    make = export.children_sheet if type_name == "child" else export.households_sheet
    usual = CHILD_COLUMNS if type_name == "child" else HOUSEHOLD_COLUMNS
    wanted = usual if keys is None else keys
    made = make(rows, today, ids=ids, keys=wanted, about=about, lang=language)
    secret = [column.key.endswith(".id_number") for column in made.columns]
    if whole or not any(secret):
        return made
    return replace(made, rows=(_masked(row, secret) for row in made.rows))


def cells(
    type_name: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    today: str,
    ids: Sequence[str],
    language: str,
) -> dict[str, dict[str, Cell]]:
    """id -> column -> what stands there, for the further columns among those chosen."""
    keys = [column.name for column in columns if is_more(column)]
    if not keys:
        return {}
    lines = sheet(type_name, rows, today, ids, language, keys=keys).rows
    return {id: dict(zip(keys, line, strict=True)) for id, line in zip(ids, lines, strict=True)}


def _masked(row: Sequence[Cell], secret: Sequence[bool]) -> list[Cell]:
    return [
        values.masked(str(cell)) if hidden and cell else cell
        for cell, hidden in zip(row, secret, strict=True)
    ]
