"""Which column of a filled sheet is which question. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.office import values
from server.office.roster.cells import fold, shown
from server.office.roster.sheet import Sheet
from server.office.tabular import WHY_BACK, heading_of
from server.office.text import LANGUAGES, translate
from server.programme import Field

SEARCHED_ROWS = 30


@dataclass(frozen=True)
class Columns:
    """`row` is the place of the headings; `fields` what column is which question; `unknown` the headings of the
    others, by column."""

    row: int
    fields: Mapping[int, Field]
    unknown: Mapping[int, str]
    headings: Mapping[int, str]


def columns_of(sheet: Sheet, fields: Sequence[Field], told: Mapping[str, str]) -> Columns | None:
    """The columns of a sheet, None when no row names two of the questions (one, when there is but one). `told`:
    what headings mean that somebody has explained, folded heading -> field, "" for none."""
    words = _words(fields)
    back = {fold(translate(language, WHY_BACK)) for language in LANGUAGES}
    by_name = {it.name: it for it in fields}
    best: Columns | None = None
    for place, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        known: dict[int, Field] = {}
        unknown: dict[int, str] = {}
        headings: dict[int, str] = {}
        for column, cell in enumerate(row):
            heading = headings[column] = shown(cell).strip().rstrip("*＊").strip()
            key = fold(heading)
            field = by_name.get(told[key]) if key in told else words.get(key)
            if field is not None and field not in known.values():
                known[column] = field
            elif heading and key not in back:
                unknown[column] = heading
        if len(known) >= min(2, len(fields)) and (best is None or len(known) > len(best.fields)):
            best = Columns(place, known, unknown, headings)
    return best


def _words(fields: Sequence[Field]) -> dict[str, Field]:
    """Folded heading -> field; the question's own label goes before what another is called in rosters."""
    found: dict[str, Field] = {}
    for said in (
        lambda it: [it.name, heading_of(it, "zh"), it.label.zh, values.label(it, "en")],
        lambda it: it.roster,
    ):
        for it in fields:
            for word in said(it):
                found.setdefault(fold(word), it)
    return found
