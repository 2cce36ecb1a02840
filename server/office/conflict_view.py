"""Conflicts in words: the list's lines and the settling page, from reviews, rows and histories. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.office import values
from server.office.record_file import said_by
from server.office.register import Register
from server.office.settling import Contest
from server.office.text import translate
from server.programme import programme
from server.registry import HistoryEdit, Review
from sync import PRESENT

POLICY_WORDS = {
    "hold": "两边都留着，没定之前标“待核实”。",
    "severe": "没定之前按更严重的显示。",
    "both": "两种说法并排保留。",
    "latest": "没定之前显示较晚的说法。",
    "union": "没定之前算有。",
    "max": "没定之前显示较大的。",
    "min": "没定之前显示较小的。",
    "immutable": "记录不改写，显示先到的。",
}
REASONS = (
    "打电话问过监护人",
    "上门核实过",
    "看过证件",
    "以村办公室登记为准",
    "后来的情况变了",
)


@dataclass(frozen=True)
class ReviewLine:
    """One open conflict in a list."""

    record: str
    key: str
    type: Any
    whose: str
    where: str
    what: str
    shown: str
    others: str
    opened_at: int
    required: bool
    rev: int
    """The record's rev as the list showed it: the base of what is settled from the list."""
    urgency: int
    """0 for what a child's safety hangs on, 1 for what nobody may see until it is settled, 2 for the rest."""
    sides: int
    """How many values stand side by side."""

    @property
    def alike(self) -> str:
        """What cases of the same kind have in common."""
        return f"{getattr(self.type, 'name', self.type)}.{self.key.partition('/')[0]}"


def urgency_of(type_name: str, key: str) -> int:
    """How soon a conflict wants a person: existence and what is merged to the graver side first, then what is held."""
    if key == PRESENT:
        return 0
    field = field_in(type_name, key)
    return {"severe": 0, "hold": 1}.get(field.policy if field else "", 2)


@dataclass(frozen=True)
class SideView:
    rev: str
    letter: str
    said: str
    author: str
    at: int
    received_at: int
    device_label: str
    is_shown: bool
    not_before: int
    """When it is not sure when this was written: the earliest instant it can be, ms; 0 when it is sure."""
    form: str
    """On which form, in words; '' when it was written into the file itself."""


def field_in(type_name: str, key: str) -> Any:
    """The programme's field a key belongs to; None for existence and fields it does not know."""
    known = programme().types.get(type_name)
    return known.fields.get(key.partition("/")[0]) if known else None


def what_of(type_name: str, key: str, language: str) -> str:
    """What a key is called: the field, and of a set the element."""
    if key == PRESENT:
        return translate(language, "在不在册")
    element = key.partition("/")[2]
    field = field_in(type_name, key)
    if field is None:
        return key
    words = values.label(field, language)
    if element and field.list:
        return f"{words} · {values.code_label(field.list, element, language)}"
    return words if not element else values.label(field, language)


def side_words(
    type_name: str, key: str, value: Any, register: Register, language: str, *, whole: bool = False
) -> str:
    """A side's value in words. `whole` shows secrets unmasked."""
    if key == PRESENT:
        return translate(language, "留着") if value else translate(language, "删去")
    if "/" in key and isinstance(value, bool):
        return translate(language, "有") if value else translate(language, "没有")
    return said_by(key, value, field_in(type_name, key), register, language, whole=whole)


def line_of(review: Review, register: Register, language: str) -> ReviewLine | None:
    """A review in words; None when its record is not there any more."""
    row = register.rows.get(review.record)
    if row is None:
        return None
    known = programme().types.get(row.type)
    field, _, element = review.key.partition("/")
    if review.key == PRESENT:
        shown: Any = True
    elif element and not isinstance(row.fields.get(field), dict):
        shown = element in row.fields.get(field, [])
    elif element:
        shown = row.fields.get(field, {}).get(element)
    else:
        shown = row.fields.get(field)

    def said(value: Any) -> str:
        return side_words(row.type, review.key, value, register, language)

    household = register.household_of(row)
    return ReviewLine(
        record=row.id,
        key=review.key,
        type=known or row.type,
        whose=whose_of(row.id, register, language),
        where=register.grid_names.get(register.grid_of(row), "") if household else "",
        what=what_of(row.type, review.key, language),
        shown=said(shown),
        others=translate(language, "；").join(
            said(value) for value in row.contested.get(review.key, [])
        ),
        opened_at=review.opened_at,
        required=review.required,
        rev=row.rev,
        urgency=urgency_of(row.type, review.key),
        sides=1 + len(row.contested.get(review.key, [])),
    )


SURE_MS = 10 * 60_000
"""A phone that was online within ten minutes leaves no doubt worth a sentence."""


def whose_of(record: str, register: Register, language: str) -> str:
    """Whose record this is: a name, or of a link or event the child's or the household's name."""
    row = register.rows[record]
    if name := register.name_of(row):
        return name
    for pointer in ("child_id", "household_id", "helper_id"):
        if name := register.name_of(register.rows.get(str(row.fields.get(pointer, "")))):
            return name
    return values.label(programme().types.get(row.type), language) or row.id


def sides_of(
    it: Contest, type_name: str, register: Register, language: str, *, whole: bool = False
) -> list[SideView]:
    """The sides of a contest as the settling page shows them."""
    return [
        SideView(
            rev=side.name,
            letter=side.letter,
            said=side_words(type_name, side.key, side.value, register, language, whole=whole),
            author=side.edit.author if side.edit else "",
            at=side.edit.at if side.edit else 0,
            received_at=side.edit.received_at if side.edit else 0,
            device_label=side.edit.device_label if side.edit else "",
            is_shown=it.kind != "rivals" and side.value == it.shown,
            not_before=_not_before(side.edit),
            form=values.type_words(side.edit.form, language)
            if side.edit and side.edit.form
            else "",
        )
        for side in it.sides
    ]


def _not_before(edit: HistoryEdit | None) -> int:
    """A phone that was away may have a wrong clock. What is sure: it was written after the phone last heard the
    server, and before it arrived."""
    if edit is None or edit.received_at - edit.contact < SURE_MS:
        return 0
    return edit.contact


def past_of(
    it: Contest,
    type_name: str,
    history: Sequence[HistoryEdit],
    register: Register,
    language: str,
    *,
    whole: bool = False,
) -> list[dict[str, Any]]:
    """What was said of the key before, newest first, without the sides themselves."""
    current = {(side.edit.key, side.edit.rev) for side in it.sides if side.edit}
    if it.base:
        current.add((it.base.key, it.base.rev))
    field = it.key.partition("/")[0]
    keys = {side.key for side in it.sides} | {it.key}
    return [
        {
            "said": side_words(type_name, edit.key, edit.value, register, language, whole=whole),
            "author": edit.author,
            "at": edit.at,
            "device_label": edit.device_label,
        }
        for edit in reversed(history)
        if (edit.key, edit.rev) not in current
        and (edit.key in keys or (it.kind == "rivals" and edit.key.startswith(f"{field}/")))
    ]
