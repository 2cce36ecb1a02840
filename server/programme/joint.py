"""Two people who go together may both write the visit down: it is kept twice and counted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def same_visit(fields: Mapping[str, Any]) -> tuple[str, str] | None:
    """What visits to one child on one day have in common; None for one without child or day."""
    child, on = fields.get("child_id"), fields.get("occurred_on")
    return (str(child), str(on)) if child and on else None


def counted(visits: Iterable[Mapping[str, Any]]) -> int:
    """How many visits were paid: those of one child on one day are one (information model, conflict 6)."""
    known = [same_visit(fields) for fields in visits]
    return len({it for it in known if it}) + known.count(None)
