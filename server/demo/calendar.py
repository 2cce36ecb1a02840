"""Days of the demo village: its as-of day, the school year, and where births may fall.

Everything in the village hangs on one day, `as_of`. The story was written for `AS_OF`; an
installation made later moves the whole story by whole weeks, so that weekdays stay what they
were, the due list is fresh on the day the village is first built, and every total is exact on
the installation's own as-of day. Births are not moved: they are worked out again from the stage
of school, so a third-year pupil is a third-year pupil in any month.

After that day the village grows old like a real one: visits fall due, children have birthdays.
`BIRTHDAY_MARGIN` keeps the age bands still for two months.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

AS_OF = date(2026, 11, 22)  # a Sunday
BIRTHDAY_MARGIN = timedelta(days=60)
SHANGHAI = timezone(timedelta(hours=8))  # one zone, no summer time: no need of tzdata


def as_of_for(today: date) -> date:
    """The as-of day of a village first built `today`: the last Sunday, `AS_OF` plus whole weeks."""
    return AS_OF + timedelta(weeks=(today - AS_OF).days // 7)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns the story's own days (August to November 2026) into those of an installation."""

    as_of: date

    def day(self, written: date) -> date:
        """The installation's day for a day of the story."""
        return written + (self.as_of - AS_OF)

    def at(self, written: date, hour: int, minute: int = 0) -> int:
        """Milliseconds since 1970 of a moment of the story, in the village's own time."""
        return moment(self.day(written), hour, minute)

    @property
    def school_year(self) -> int:
        """Year in which the running school year began, on 1 September."""
        return self.as_of.year if self.as_of.month >= 9 else self.as_of.year - 1


def moment(day: date, hour: int, minute: int = 0) -> int:
    """Milliseconds since 1970 of `hour:minute` on `day` in Shanghai."""
    local = datetime.combine(day, time(hour, minute), SHANGHAI)
    return round(local.astimezone(UTC).timestamp() * 1000)


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes 1 March where it must."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


# Cohorts: children who begin the first year of primary school are those who are six by 31 August
# (Compulsory Education Law, article 11). The number is the cohort's distance from that one.
_COHORTS = {
    "N1": -6, "N2": -5, "N3": -4, "K1": -3, "K2": -2, "K3": -1,
    "P1": 0, "P2": 1, "P3": 2, "P4": 3, "P5": 4, "P6": 5,
    "J1": 6, "J2": 7, "J3": 8,
}  # fmt: skip
_NAMES = list(_COHORTS)


def grade_of(cohort: str) -> str:
    """Code of the school grade of a cohort; empty before kindergarten."""
    return "" if cohort.startswith("N") else cohort


def grade_before(cohort: str) -> str:
    """Code of its grade in the year before; empty before kindergarten."""
    return grade_of(_NAMES[max(_NAMES.index(cohort) - 1, 0)])


@dataclass(frozen=True, slots=True)
class Birth:
    day: date
    cohort: str


def birth(calendar: Calendar, cohort: str, ages: tuple[int, int], spread: float) -> Birth:
    """A birthday inside a cohort and inside an age band on the as-of day.

    `ages` is inclusive, in full years; `spread` in [0, 1) places the day inside what is possible.
    Where a cohort has left the band (a third-year kindergarten child is six in July) the next
    younger or older cohort that still meets it is taken, and its name comes back with the day.
    """
    lowest, highest = ages
    at = _NAMES.index(cohort)
    for name in (cohort, *_NAMES[max(at - 1, 0) : at], *_NAMES[at + 1 : at + 2]):
        year = calendar.school_year - 6 - _COHORTS[name]
        first = max(
            date(year - 1, 9, 1),
            years_before(calendar.as_of, highest + 1) + BIRTHDAY_MARGIN + timedelta(days=1),
        )
        last = min(
            date(year, 8, 31),
            years_before(calendar.as_of, lowest),
            calendar.as_of - timedelta(days=150),  # nobody leaves a newborn behind
        )
        if first <= last:
            offset = int(spread * ((last - first).days + 1))
            return Birth(first + timedelta(days=offset), name)
    raise ValueError(f"no birthday for {cohort} within ages {ages} on {calendar.as_of}")
