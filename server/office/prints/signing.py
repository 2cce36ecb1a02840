"""Sheets to sign: what was handed out, who came, and books with empty lines."""

from collections.abc import Mapping
from typing import Any

from server.amounts import in_figures, in_words
from server.office import values
from server.office.judging import no_photos
from server.office.prints.kinds import Asked, day_of
from server.office.register import text_of
from server.office.text import translate
from server.programme.derive import aid_total_fen
from server.registry import Row

SIGN_ROWS = 24
"""Lines of an empty sheet: what fits on one page."""


def aid(asked: Asked) -> dict[str, Any]:
    """What was given in the period, line by line, and the sum in words."""
    lines = []
    total = 0
    for row in asked.events("aid"):
        fen = aid_total_fen(row.fields)
        total += fen
        items = [
            values.code_label("aid_item", it, asked.language) for it in row.fields.get("items", [])
        ]
        other = text_of(row.fields, "items_other")
        lines.append(
            {
                "on": day_of(row),
                "name": asked.register.name_of(asked.of(row, "child_id")),
                "kind": values.code_label("aid_kind", row.fields.get("aid_kind"), asked.language),
                "goods": translate(asked.language, "、").join(filter(None, [*items, other])),
                "yuan": in_figures(fen),
                "receiver": text_of(row.fields, "receiver_name"),
            }
        )
    return {"lines": lines, "total": in_figures(total), "in_words": _words(total)}


def _words(fen: int) -> str:
    """A sum in words; "" for one that has none, so that its line is written on by hand."""
    try:
        return in_words(fen)
    except ValueError:
        return ""


TIMES = ("in_time", "out_time", "picked_up_by")
"""What a sign-in says beside who came."""


def sign_in(asked: Asked) -> dict[str, Any]:
    """Who may come, or who came to one activity: when, until when, and who fetched them."""
    register = asked.register
    activity = register.rows.get(asked.chosen["activity"])
    if activity is None or activity.type != "activity":
        return {
            "activity": None,
            "lines": [_signing(it, {}, asked) for it in asked.children],
            "empty": 4,
        }
    signed: dict[str, dict[str, str]] = {}
    for it in register.kind("attendance"):
        if it.fields.get("activity_id") == activity.id and it.id not in register.corrected:
            # Two phones may each have a part of what is known of one child.
            said = {name: text for name in TIMES if (text := asked.said(it, name))}
            signed.setdefault(text_of(it.fields, "person_id"), {}).update(said)
    lines = sorted(
        (_signing(register.rows.get(id), said, asked) for id, said in signed.items()),
        key=lambda line: str(line["name"]),
    )
    return {"activity": activity, "lines": lines, "empty": max(0, SIGN_ROWS - len(lines))}


def _signing(row: Row | None, said: Mapping[str, str], asked: Asked) -> dict[str, Any]:
    """A line of the list: the name, whether no photo may be taken, and what is known of coming and leaving."""
    name = asked.register.name_of(row)
    return {"name": name, "is_shut": no_photos(row), "times": [said.get(it, "") for it in TIMES]}


LOAN_HEADS = ("书名", "借的人", "借出日期", "借的人签字", "还书日期", "收的人签字")


def loans(asked: Asked) -> dict[str, Any]:
    """图书借阅登记簿, empty."""
    return {"heads": LOAN_HEADS, "empty": SIGN_ROWS, "remark": ""}


def lent(asked: Asked) -> dict[str, Any]:
    """图书借阅登记簿 with what was lent in the period, and room to sign."""
    grid, register = asked.chosen["grid"], asked.register
    found = [
        it
        for it in register.kind("loan")
        if asked.since <= text_of(it.fields, "lent_on") <= asked.until
        and grid in ("", register.grid_of(it))
    ]
    rows = [
        (
            text_of(it.fields, "book"), register.name_of(asked.of(it, "child_id")),
            text_of(it.fields, "lent_on"), "", text_of(it.fields, "returned_on"), "",
        )
        for it in sorted(found, key=lambda it: (text_of(it.fields, "lent_on"), it.id))
    ]  # fmt: skip
    empty = max(0, SIGN_ROWS - len(rows))
    return {"heads": LOAN_HEADS, "rows": rows, "empty": empty, "remark": ""}


def calls(asked: Asked) -> dict[str, Any]:
    """亲情电话登记簿, empty. It has no column for what was said: that is never written down."""
    heads = ("日期", "时间", "儿童", "和谁", "电话还是视频", "接通了吗", "几分钟", "值班人签字")
    return {"heads": heads, "empty": SIGN_ROWS, "remark": "只记打没打通，不记说了什么。"}
