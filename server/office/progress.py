"""进步: how a child grows and comes on, as charts with a table beside them: health checks, results, stages of plans. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from markupsafe import Markup

from server.office import values
from server.office.register import Register, text_of
from server.office.statistics.charts import Point, curve
from server.programme import Field, programme
from server.programme.due import is_day
from server.registry import Row

READ = ("plan_progress", "plan")
SERIES: Sequence[tuple[str, str, str]] = (
    ("health_check", "height_cm", ""),
    ("health_check", "weight_kg", ""),
    ("health_check", "vital_capacity_ml", ""),
    ("health_check", "vision_left", ""),
    ("health_check", "vision_right", ""),
    ("assessment", "score", "SCHOOL"),
    ("assessment", "score", "BODY"),
    ("plan_progress", "stage_result", ""),
)
"""Type, field, and of which kind of record alone."""
STAGES = {"MISS": 0, "PART": 1, "DONE": 2}
"""Results of a stage as steps. One that is still to come is none."""
STEPS = (Decimal(0), Decimal(2))
ENOUGH = 2
"""Points that make a curve."""


@dataclass(frozen=True)
class Course:
    """One measure over time. `rows` are (day, words, record), the earliest first."""

    label: str
    rows: Sequence[tuple[str, str, str]]
    chart: Markup | None

    def on(self, day: str) -> list[tuple[str, str]]:
        """What was found on a day: (words, record)."""
        return [(words, id) for at, words, id in self.rows if at == day]


def courses(child: Row, register: Register, language: str) -> list[Course]:
    """Every measure of which something is known, in the order of `SERIES`."""
    found = []
    for type_name, name, kind in SERIES:
        field = programme().types[type_name].fields[name]
        label = _label(type_name, field, kind, language)
        points = list(
            _points(register.pointing(type_name, "child_id", child.id), register, name, kind)
        )
        rows = [(on, _words(it, field, language), it.id) for on, _, it in points]
        drawn = [
            Point(on, value, words)
            for (on, value, _), (_, words, _) in zip(points, rows, strict=True)
        ]
        if rows:
            ends = STEPS if name == "stage_result" else None
            chart = curve(label, drawn, ends) if len(drawn) >= ENOUGH else None
            found.append(Course(label, rows, chart))
    return found


def days_of(found: Sequence[Course]) -> list[str]:
    """The days of all measures, the earliest first."""
    return sorted({on for it in found for on, _, _ in it.rows})


def _label(type_name: str, field: Field, kind: str, language: str) -> str:
    """What a measure is called: a stage's result by what it is of, a score with what was judged."""
    if type_name == "plan_progress":
        return values.label(programme().types[type_name], language)
    of_kind = values.code_label("assessment_kind", kind, language) if kind else ""
    return " · ".join(filter(None, [values.label(field, language), of_kind]))


def _points(
    events: Sequence[Row], register: Register, name: str, kind: str
) -> Iterator[tuple[str, Decimal, Row]]:
    """(day, value, record) by day; what cannot be read, or was corrected, is no point."""
    for it in sorted(events, key=lambda it: (text_of(it.fields, "occurred_on"), it.id)):
        said, on = text_of(it.fields, name), text_of(it.fields, "occurred_on")
        if not said or not is_day(on) or it.id in register.corrected:
            continue
        if kind and it.fields.get("kind") != kind:
            continue
        value = STAGES.get(said) if name == "stage_result" else said
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            continue
        if number.is_finite():
            yield on, number, it


def _words(row: Row, field: Field, language: str) -> str:
    said = values.shown(row.fields[field.name], field, language)
    stage = text_of(row.fields, "stage")
    return f"{stage} {said}" if stage else said
