"""Sheets for the wall: who is on duty, who leads, who is on the roll. Whoever passes by may read them."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from server.office import values
from server.office.month import WEEKDAYS
from server.office.pages import today
from server.office.prints.cards import carer_of
from server.office.prints.kinds import Asked, day_or
from server.office.register import text_of
from server.programme import programme
from server.programme.derive import in_force
from server.registry import Row


def codes(list_name: str) -> list[str]:
    """The codes of a list, in its order."""
    return [it.name for it in programme().lists[list_name]]


def duty_week(asked: Asked) -> dict[str, Any]:
    """The week of a day, Monday to Sunday, a table for each place. With no duty set it is a table to write on."""
    day = date.fromisoformat(day_or(asked.chosen["week"], today()))
    monday = day - timedelta(days=day.weekday())
    days = [(monday + timedelta(days=n)).isoformat() for n in range(7)]
    slots: dict[str, list[Row]] = defaultdict(list)
    for row in asked.register.kind("roster_slot"):
        if text_of(row.fields, "on_date") in days:
            slots[text_of(row.fields, "place_id")].append(row)
    for place in asked.register.kind("place"):
        slots.setdefault(place.id, [])
    return {
        "days": list(zip(days, WEEKDAYS, strict=True)),
        "tables": [
            {
                "place": asked.register.name_of(asked.register.rows.get(place)),
                "lines": _lines(rows, days, asked),
                "is_set": bool(rows),
            }
            for place, rows in (slots or {"": []}).items()
        ],
    }


def _lines(rows: list[Row], days: list[str], asked: Asked) -> list[dict[str, Any]]:
    """A line for each time of day with somebody on duty; all of them when nobody is."""
    used = {text_of(row.fields, "slot") for row in rows}
    roles = codes("duty_role")
    lines = []
    for slot in codes("slot"):
        if used and slot not in used:
            continue
        cells: list[list[tuple[str, str]]] = []
        for day in days:
            on = [
                it
                for it in rows
                if it.fields.get("slot") == slot and it.fields.get("on_date") == day
            ]
            on.sort(key=lambda it: (_place(roles, text_of(it.fields, "role")), it.id))
            cells.append(
                [
                    (asked.said(it, "role"), asked.register.name_of(asked.of(it, "helper_id")))
                    for it in on
                ]
            )
        lines.append({"slot": values.code_label("slot", slot, asked.language), "cells": cells})
    return lines


def leaders(asked: Asked) -> dict[str, Any]:
    """领导小组: who holds an office today, a table for each unit, the head first. No numbers: it hangs on a wall."""
    roles = codes("org_role")
    units: dict[str, list[Row]] = defaultdict(list)
    for row in asked.register.kind("org_role"):
        if in_force(row.fields, today()):
            units[text_of(row.fields, "unit")].append(row)
    return {
        "units": [
            (
                unit,
                [
                    {n: asked.said(it, n) for n in ("role", "name", "duty", "from_on")}
                    for it in sorted(
                        rows, key=lambda it: (_place(roles, text_of(it.fields, "role")), it.id)
                    )
                ],
            )
            for unit, rows in units.items()
        ],
        "fields": programme().types["org_role"].fields,
    }


def roll(asked: Asked) -> dict[str, Any]:
    """花名册 as it may hang on a wall: of names the first sign, of numbers the ends, of birthdays the year."""
    lines = []
    for child in asked.children:
        it = asked.line(child)
        _, carer = carer_of(child, asked)
        lines.append(
            {
                "it": it,
                "name": masked_name(it.name),
                "year": it.birth_date[:4],
                "carer": masked_name(asked.register.name_of(carer)),
                "phone": masked_phone(it.phone),
            }
        )
    return {"lines": lines}


def masked_name(name: str) -> str:
    """A name of which only the first sign is left: `石＊＊`."""
    return name[:1] + "＊" * (len(name) - 1)


def masked_phone(number: str) -> str:
    """A number without its middle: `100****0001`; of a short one only its length is said."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else "*" * len(number)


def _place(codes: list[str], code: str) -> int:
    return codes.index(code) if code in codes else len(codes)
