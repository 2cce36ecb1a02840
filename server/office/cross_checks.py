"""What does not fit together across records (decision 17): not conflicts of one field, so no merge sees them.

A helper with more children than agreed, two main carers at once, one household number twice, the same survey typed
in from paper after the phone brought it, two counts of one thing. Computed from the rows whenever it is asked, so
nothing has to be ticked off: a line goes when its cause has gone.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.office.conflict_view import whose_of
from server.office.pages import render, today
from server.office.register import ENTITIES, Register, load, text_of
from server.office.security import account_of, page, registry_of
from server.office.text import language_of
from server.programme.derive import most_children
from server.programme.joint import same_visit
from server.registry import Row

READ = (*ENTITIES, "survey", "visit", "stock", "inventory_item")


@dataclass(frozen=True)
class Check:
    """One finding: what it is about, and the records to compare. `words` is a message of text.py."""

    kind: str
    about: Row
    rows: Sequence[Row]
    number: int = 0


@dataclass(frozen=True)
class Kind:
    """A kind of finding with its words: what it is, and what to do about it. Both are messages of text.py."""

    name: str
    words: str
    advice: str
    is_wrong: bool = True
    """False where nothing has to be put right: it only explains a number."""


KINDS = (
    Kind("load", "帮扶人结对超过约定人数", "请在结对里换一位帮扶人，或在帮扶人档案里改“最多结对人数”。"),
    Kind("main_carers", "同时有两个主要照护人", "请打开照护关系，把不再照护的那一条写上结束日期。"),
    Kind("household_no", "两户用了同一个户号", "请打开其中一户改户号；如果是同一户，到“疑似重复”里合并。"),
    Kind("survey_twice", "同一户同一天有两份摸底调查", "一份可能是从纸上补录的。请核对，录错的写一份更正。"),
    Kind("count_twice", "同一天盘点了两次", "两次都算进库存了。请核对，重复的那次写一份更正。"),
    Kind("joint_visit", "同一天两个人都记了走访", "按一次走访计数，不用处理；两份记录都保留。", is_wrong=False),
)  # fmt: skip


@page("settle")
async def checks(request: Request) -> Response:
    """Every finding by kind, those to be put right first."""
    register = await load(registry_of(request), account_of(request).village, *READ)
    language = language_of(request)
    found: dict[str, list[Check]] = defaultdict(list)
    for check in cross_checks(register, today()):
        found[check.kind].append(check)
    sections = [(kind, found[kind.name]) for kind in KINDS if found[kind.name]]
    return render(
        request,
        "checks",
        {"sections": sections, "name_of": _namer(register, language), "total": _wrong(found)},
    )


def _wrong(found: dict[str, list[Check]]) -> int:
    return sum(len(found[kind.name]) for kind in KINDS if kind.is_wrong)


def _namer(register: Register, language: str) -> Callable[[Row], str]:
    return lambda row: whose_of(row.id, register, language)


def cross_checks(register: Register, on: str) -> Iterator[Check]:
    """All findings of a village. Pure."""
    yield from _load(register, on)
    for child in register.kind("child"):
        # Whose care ends on this day has made room for the next.
        held = register.guardianships(child.id, on)
        main = [
            it for it in held if it.fields.get("is_main") == "Y" and it.fields.get("valid_to") != on
        ]
        if len(main) > 1:
            yield Check("main_carers", child, main, len(main))
    for rows in _alike(register.kind("household"), lambda row: row.fields.get("household_no")):
        yield Check("household_no", rows[0], rows, len(rows))
    surveys = (row for row in _standing(register, "survey") if row.fields.get("result") == "V")
    for rows in _alike(surveys, lambda row: _on(row, "household_id")):
        yield Check("survey_twice", _household(register, rows[0]), rows, len(rows))
    counts = (row for row in _standing(register, "stock") if row.fields.get("reason") == "COUNT")
    for rows in _alike(counts, lambda row: _on(row, "item_id")):
        item = register.rows.get(text_of(rows[0].fields, "item_id"), rows[0])
        yield Check("count_twice", item, rows, len(rows))
    for rows in _alike(_standing(register, "visit"), lambda row: same_visit(row.fields)):
        if len({row.fields.get("recorded_by") for row in rows}) > 1:
            child = register.rows.get(text_of(rows[0].fields, "child_id"), rows[0])
            yield Check("joint_visit", child, rows, len(rows))


def _load(register: Register, on: str) -> Iterator[Check]:
    valid = register.adult_pairings(on)
    for helper in register.kind("helper"):
        pairings = [it for it in valid if it.fields.get("helper_id") == helper.id]
        if len(pairings) > most_children(helper.fields):
            yield Check("load", helper, pairings, len(pairings))


def _standing(register: Register, kind: str) -> Iterator[Row]:
    """Events that no later one corrects."""
    return (row for row in register.kind(kind) if row.id not in register.corrected)


def _on(row: Row, field: str) -> Hashable:
    """What an event is about, and its day."""
    about, on = row.fields.get(field), row.fields.get("occurred_on")
    return (about, on) if about and on else None


def _household(register: Register, row: Row) -> Row:
    return register.household_of(row) or row


def _alike(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[list[Row]]:
    """Rows that share a key, where more than one does; those without a key stand alone."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        if found := key(row):
            groups[found].append(row)
    return [group for group in groups.values() if len(group) > 1]
