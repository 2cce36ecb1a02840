"""表彰: the list of who was praised, and the certificates."""

from typing import Any

from server.office.prints.kinds import Asked, day_of
from server.programme import programme
from server.registry import Row


def listed(asked: Asked) -> dict[str, Any]:
    """Awards of the period. The list may hang on a wall only where those who care for the children agree."""
    rows = asked.events("award")
    return {
        "lines": [_line(it, asked) for it in rows],
        "has_children": any(it.fields.get("child_id") for it in rows),
        "fields": programme().types["award"].fields,
    }


def certificates(asked: Asked) -> dict[str, Any]:
    """奖状: one for each award of the period, or the chosen one of any time."""
    chosen = asked.register.rows.get(asked.chosen["award"])
    if chosen is None or chosen.type != "award":
        return {"lines": [_line(it, asked) for it in asked.events("award")]}
    return {"lines": [_line(chosen, asked)]}


def _line(row: Row, asked: Asked) -> dict[str, str]:
    return {
        "on": day_of(row),
        **{name: asked.said(row, name) for name in ("recipient", "kind", "level", "note")},
    }
