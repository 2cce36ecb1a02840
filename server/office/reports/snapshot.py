"""What goes up: the table and the text of a report as they are at this moment, without names. Pure.

Everything is kept as printed, so that nothing of it can change with the register; numbers stand beside their text for
the roll-up, which adds up counts and divides again where a rate is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.office.statistics.book import Book
from server.office.statistics.indicators import COUNTED, value_words
from server.office.statistics.marks import Figure
from server.office.statistics.matrix import Matrix
from server.office.statistics.owed import as_counted
from server.programme import programme

NONE: list[int | None] = [None, None]
"""The cell of a place that does not have a row."""


def body_of(
    matrix: Matrix, book: Book, blocks: Sequence[Mapping[str, Any]], formula_day: str
) -> dict[str, Any]:
    """The body of a report, JSON through and through."""
    return {
        "grids": [value_words("", "grid", it, book.register, "zh") for it in matrix.grids],
        "rows": [
            {
                "indicator": row.indicator,
                "measure": row.measure.name,
                "unit": row.measure.unit,
                "label": programme().indicators[row.indicator].label.wire(),
                "words": row.measure.words,
                "formula": as_counted(
                    programme().indicators[row.indicator], book.register.rules
                ).formula.zh,
                "cells": [_pair(it) for it in row.cells],
                "total": _pair(row.total),
            }
            for row in matrix.rows
        ],
        "text": [dict(it) for it in blocks],
        "made_on": formula_day,
    }


def _pair(figure: Figure) -> list[int | None]:
    return [figure.n, figure.d]


def shown(row: Mapping[str, Any], pair: Sequence[int | None]) -> Figure:
    """A stored pair as a figure again."""
    return Figure(pair[0] or 0, pair[1], row["unit"])


def rolled_up(bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The sum over places, row by row, one cell a place: counts added, rates divided anew. A row some place does not
    have is added over those that do, and says how many they are (`villages`)."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for place, body in enumerate(bodies):
        for row in body["rows"]:
            key = (row["indicator"], row["measure"])
            if key not in found:
                found[key] = {
                    **row,
                    "total": [0, None],
                    "villages": 0,
                    "cells": [NONE] * len(bodies),
                }
            total, (n, d) = found[key]["total"], row["total"]
            added = None if d is None else (total[1] or 0) + d
            # The townships of a county count the villages they added.
            villages = found[key]["villages"] + row.get("villages", 1)
            found[key] |= {"total": [total[0] + n, added], "villages": villages}
            found[key]["cells"][place] = row["total"]
    order = {(name, it.name): None for name, counted in COUNTED.items() for it in counted.measures}
    return [found[key] for key in [*order, *(k for k in found if k not in order)] if key in found]


def crossed(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of a body whose cells do not add up to the total: there are none in a sound one."""
    return [
        row
        for row in body["rows"]
        if any(
            sum(cell[part] or 0 for cell in row["cells"]) != (row["total"][part] or 0)
            for part in (0, 1)
        )
    ]


def words_of(row: Mapping[str, Any], language: str) -> str:
    return str((row["label"].get("en") if language == "en" else "") or row["label"]["zh"])


__all__ = ["body_of", "crossed", "rolled_up", "shown", "words_of"]
