"""Days of festivals by the solar and the lunar calendar, as data for phones and office.

Runs when the tables are compiled, so that neither a phone nor a running server has to know the lunar calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from lunar_python import Lunar, Solar

YEARS = range(2024, 2041)
"""Lunar years whose festivals are known. A later programme knows later ones."""


def days_of(
    rows: Iterable[Mapping[str, str]], season_rows: Iterable[Mapping[str, str]]
) -> dict[str, Any]:
    """The festivals of rules.md with their days, and the seasons about them."""
    by_name: dict[str, list[date]] = {}
    festivals: list[dict[str, Any]] = []
    seasons: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        days = [_day(row["calendar"], row["day"], year) for year in YEARS]
        by_name[row["festival"]] = days
        festivals.append(
            {
                "name": row["festival"],
                "label": {"zh": row["label::中文 (zh)"], "en": row["label::English (en)"]},
                "days": [day.isoformat() for day in days],
            }
        )
    for row in season_rows:
        first, last = timedelta(int(row["first"])), timedelta(int(row["last"]))
        times = [
            ((day + first).isoformat(), (day + last).isoformat()) for day in by_name[row["of"]]
        ]
        seasons.setdefault(row["season"], []).extend(times)
    return {
        "festivals": festivals,
        "seasons": {name: sorted(times) for name, times in seasons.items()},
    }


def _day(calendar: str, day: str, year: int) -> date:
    """A festival's day in a year: `MM-DD` solar or lunar, or the name of a solar term."""
    if calendar == "term":
        return _date(Lunar.fromYmd(year, 2, 1).getJieQiTable()[day])
    month, number = map(int, day.split("-"))
    if calendar == "lunar":
        return _date(Lunar.fromYmd(year, month, number).getSolar())
    return date(year, month, number)


def _date(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())
