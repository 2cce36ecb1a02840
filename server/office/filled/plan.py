"""What taking a filled sheet in would do, row by row. Pure: the same sheet and register give the same plan."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Literal

import msgspec

from server.forms import Label
from server.office import sheet_form
from server.office.filled.cells import Unreadable, answer
from server.office.filled.columns import Columns, columns_of
from server.office.filled.pointing import Pointing
from server.office.register import Register, text_of
from server.office.roster.sheet import Sheet, Workbook, address
from server.office.roster.understand import Tell, untold
from server.office.tabular import BY, collected
from server.programme import Field, RecordType, findings
from server.programme.derive import struck
from server.programme.own import VERSION
from server.registry import Row as Record

State = Literal["new", "there", "alike", "bad"]
NAMES = ("name", "title")
ABOUT = frozenset({"household_id", "child_id", "person_id"})
NOBODY = Label("没有写是谁的。", "It does not say whose it is.")


@dataclass(frozen=True)
class Said:
    """What is to be said about a cell, or of a row (no address)."""

    address: str
    label: Label


@dataclass(frozen=True)
class Row:
    """A row of the sheet. `like` is the record, or row, it may be the same as."""

    place: str
    number: int
    state: State
    about: str
    answers: Mapping[str, Any]
    said: Sequence[Said] = ()
    like: str = ""


@dataclass(frozen=True)
class Planned:
    """The sheet as understood; no `columns`, no sheet was."""

    sheet: str = ""
    columns: Columns | None = None
    rows: Sequence[Row] = ()
    offered: Sequence[Field] = ()
    counts: Mapping[State, int] = field(default_factory=dict)

    def taken(self, chosen: frozenset[str]) -> list[Row]:
        """The rows that will be written: new ones, and those like another that somebody has chosen."""
        return [
            it for it in self.rows
            if it.state == "new" or (it.state == "alike" and it.place in chosen)
        ]  # fmt: skip

    @property
    def digest(self) -> str:
        """A fingerprint of the plan, entries of repeats without their ids."""
        content = [[it.place, it.state, it.like, _plain(it.answers)] for it in self.rows]
        return sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:32]


def plan(
    workbook: Workbook,
    kind: RecordType,
    register: Register,
    today: str,
    *,
    told: Mapping[str, str],
    hidden: frozenset[str] = frozenset(),
    demo: bool = False,
    tell: Tell = untold,
) -> Planned:
    """The plan for the sheet that answers most questions of the form."""
    fields = collected(kind, hidden)
    found = [(it, columns) for it in workbook.sheets if (columns := columns_of(it, fields, told))]
    if not found:
        return Planned(offered=fields)
    sheet, columns = max(found, key=lambda it: len(it[1].fields))
    reader = _Reader(kind, fields, columns, register, today, demo)
    rows = []
    for number in range(columns.row + 1, len(sheet.rows)):
        tell(number, len(sheet.rows))
        row = reader.row(sheet, number)
        if row is not None:
            rows.append(row)
    states: tuple[State, ...] = ("new", "alike", "there", "bad")
    counts = {state: sum(it.state == state for it in rows) for state in states}
    return Planned(sheet.name, columns, rows, fields, counts)


class _Reader:
    """Reads the rows of one sheet, remembering those above."""

    def __init__(
        self,
        kind: RecordType,
        fields: Sequence[Field],
        columns: Columns,
        register: Register,
        today: str,
        demo: bool,
    ) -> None:
        self.kind, self.fields, self.columns = kind, fields, columns
        self.register, self.today, self.demo = register, today, demo
        self.pointing = Pointing(register)
        gone = struck(register.kind(kind.name)) if kind.kind == "event" else frozenset()
        self.known: dict[str, list[Record]] = defaultdict(list)
        """Records by what identifies them."""
        for record in register.kind(kind.name):
            if record.id not in gone:
                self.known[_identity(kind, record.fields)].append(record)
        self.above: dict[str, str] = {}
        """The same of the rows above."""
        self.asked = {it.name for it in fields}
        child = sheet_form.child_field(kind)
        self.pointer = (
            child.name if child else "household_id" if "household_id" in kind.fields else ""
        )

    def row(self, sheet: Sheet, number: int) -> Row | None:
        """A row that says anything at all."""
        answers: dict[str, Any] = {}
        said: list[Said] = []
        unread: set[str] = set()
        places: dict[str, str] = {}
        day = date.fromisoformat(self.today)
        count = iter(range(10**6))
        for column, it in sorted(
            self.columns.fields.items(), key=lambda pair: pair[1].type == "ref"
        ):
            places[it.name] = address(number, column)
            try:
                value = answer(it, sheet.value(number, column), day, lambda: f"e{next(count)}")
                if value is not None:
                    answers[it.name] = self._pointed(it, value, answers)
            except Unreadable as problem:
                said.append(Said(places[it.name], problem.label))
                unread.add(it.name)
        if not answers and not unread:
            return None
        by = answers.pop(BY, None)
        self._complete(answers)
        found = findings(self.kind.name, answers, self.today, demo=self.demo)
        for one in found:
            cell = places.get(one.field, "")
            if one.code == "required" and (one.field in ABOUT or one.field in unread):
                continue
            said.append(Said(cell, one.message))
        described = self.kind.fields.get(self.pointer)
        if described is not None and described.required is True and self.pointer not in answers:
            if not unread & ABOUT:
                said.append(Said("", NOBODY))
            unread.add(self.pointer)
        state: State = "bad"
        like = ""
        if not unread:
            state, like = self._state(answers, number)
        about = self.register.rows.get(str(answers.get(self.pointer, "")))
        words = self.register.name_of(about) or str(
            next((answers[n] for n in NAMES if n in answers), "")
        )
        whole = {**answers, **({BY: by} if by else {})}
        return Row(f"{sheet.name}!{number + 1}", number + 1, state, words, whole, said, like)

    def _pointed(self, it: Field, value: Any, answers: Mapping[str, Any]) -> Any:
        if it.ref:
            return self.pointing.find(it, str(value), str(answers.get("household_id", "")))
        if it.name == "grid_code" or "grid" in it.appearance.split():
            return self.pointing.grid(str(value))
        return value

    def _complete(self, answers: dict[str, Any]) -> None:
        """What follows: a child's household, the form's version, defaults of today are not made up."""
        child = self.register.rows.get(str(answers.get(self.pointer, "")))
        if child is not None and child.type == "child" and "household_id" in self.kind.fields:
            answers["household_id"] = text_of(child.fields, "household_id")
        if self.kind.own is not None:
            answers[VERSION] = self.kind.own.newest
        whole = sheet_form.completed(self.kind, answers, self.register, "zh", self.today)
        answers.clear()
        answers.update(whole)

    def _state(self, answers: Mapping[str, Any], number: int) -> tuple[State, str]:
        identity, plain = _identity(self.kind, answers), _plain(answers)
        known = self.known.get(identity, [])
        for record in known:
            if _plain({name: record.fields.get(name) for name in answers}) == plain:
                return "there", record.id
        if identity and known:
            return "alike", known[0].id
        # Of what nothing identifies, only the very same is a twin.
        key = identity or msgspec.json.encode(plain, order="sorted").decode()
        if key in self.above:
            return "alike", self.above[key]
        self.above[key] = f"#{number + 1}"
        return "new", ""


def _identity(kind: RecordType, answers: Mapping[str, Any]) -> str:
    """What two records of one thing have in common: whom and when, or its name; "" where nothing says."""
    named = [str(answers[name]) for name in NAMES if answers.get(name)]
    refs = [str(answers[it.name]) for it in kind.fields.values() if it.ref and answers.get(it.name)
            and it.name not in ("corrects_id", "joint_with", "followup_task_id", "pile_id")]  # fmt: skip
    day = [str(answers[name]) for name in ("occurred_on", "on_date", "due_on") if answers.get(name)]
    if kind.kind == "event":
        return "|".join([*named, *refs, *day]) if day and (named or refs) else ""
    return "|".join([*named, *refs[:2], *day]) if named or refs else ""


def _plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers to compare: entries without ids or order."""
    return {
        name: sorted(
            (msgspec.json.encode({k: v for k, v in it.items() if k != "replaces"}, order="sorted").decode()
             for it in value.values()),
        )
        if isinstance(value, Mapping)
        else value
        for name, value in answers.items()
        if value not in (None, "", [], {}) and name != BY
    }  # fmt: skip
