"""体检: how one child grows, and what was found of all."""

from collections import defaultdict
from typing import Any

from server.office.prints.kinds import Asked, day_of
from server.office.register import text_of
from server.programme import programme
from server.programme.derive import abnormal_items, age_on
from server.registry import Row

MEASURED = (
    "height_cm",
    "weight_kg",
    "chest_cm",
    "vital_capacity_ml",
    "vision_left",
    "vision_right",
)
EMPTY_CHECKS = 6
"""Lines for the checks to come."""


def growth(asked: Asked) -> dict[str, Any]:
    """A sheet for each child that was ever checked, or for the chosen one: its checks from the first on."""
    checks = _by_child(asked, asked.register.kind("health_check"))
    return {
        "sheets": [
            {
                "child": asked.line(child),
                "lines": [_line(it, child, asked) for it in checks[child.id]],
            }
            for child in asked.children
            if checks[child.id] or asked.chosen["child"]
        ],
        "fields": programme().types["health_check"].fields,
        "empty": EMPTY_CHECKS,
    }


def summary(asked: Asked) -> dict[str, Any]:
    """The last check of the period of each child, and who was not checked."""
    checks = _by_child(asked, asked.events("health_check"))
    lines = [
        {"child": asked.line(child), **_line(checks[child.id][-1], child, asked)}
        for child in asked.children
        if checks[child.id]
    ]
    return {
        "lines": lines,
        "all": len(asked.children),
        "abnormal": sum(it["is_abnormal"] for it in lines),
        "missed": [asked.register.name_of(it) for it in asked.children if not checks[it.id]],
        "fields": programme().types["health_check"].fields,
    }


def _by_child(asked: Asked, rows: Any) -> defaultdict[str, list[Row]]:
    """Checks that count, by child, by day."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda it: (day_of(it), it.id)):
        if row.id not in asked.register.corrected:
            found[text_of(row.fields, "child_id")].append(row)
    return found


def _line(row: Row, child: Row, asked: Asked) -> dict[str, Any]:
    sys, dia = asked.said(row, "bp_sys"), asked.said(row, "bp_dia")
    return {
        "on": day_of(row),
        "age": age_on(child.fields.get("birth_date"), day_of(row)),
        **{name: asked.said(row, name) for name in MEASURED},
        "pressure": f"{sys or '?'}/{dia or '?'}" if sys or dia else "",
        "ent": " ".join(filter(None, (asked.said(row, "ent"), asked.said(row, "ent_note")))),
        "teeth": asked.said(row, "teeth"),
        "found": asked.said(row, "abnormal_kinds"),
        "advice": asked.said(row, "advice"),
        "is_abnormal": bool(abnormal_items(row.fields)),
    }
